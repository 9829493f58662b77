//! What became of a document that was generated from as far as possible.

use std::fmt;

use conformance_engine::visible::escaped;
use openapi_document::{At, Diagnostic};

use crate::artefact::GeneratedFile;

/// Files, and what they leave out.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The files.
    pub files: Vec<GeneratedFile>,
    /// What the client has, and what it has not.
    pub report: Report,
}

/// What of a document the client has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many operations the document has.
    pub operations: usize,
    /// How many of them the client has.
    pub generated: usize,
    /// The others, in the order of the document.
    pub left_out: Vec<LeftOut>,
    /// Names that the client spells otherwise than the document.
    pub renames: Vec<Rename>,
    /// What the client leaves out or does otherwise, although it has the operation.
    pub warnings: Vec<Diagnostic>,
}

/// An operation that the client does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id, or method and path.
    pub operation: String,
    /// Why; never empty.
    pub reasons: Vec<Diagnostic>,
}

/// A name that the client spells otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// What has the name: an operation, a parameter, a property, a value or a type.
    pub what: &'static str,
    /// As in the document.
    pub from: String,
    /// As in Rust.
    pub to: String,
    /// The file in which it stands.
    pub file: String,
    /// Where it stands there.
    pub at: At,
}

impl Report {
    /// Whether the client has every operation.
    pub fn is_complete(&self) -> bool {
        self.left_out.is_empty()
    }
}

/// Everything, operation by operation: for a file beside the client.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} operations generated, {} left out",
            self.generated,
            self.operations,
            self.left_out.len()
        )?;
        for LeftOut { operation, reasons } in &self.left_out {
            writeln!(f, "\nleft out: {}", escaped(operation))?;
            for reason in reasons {
                writeln!(f, "{reason}")?;
            }
        }
        for warning in &self.warnings {
            writeln!(f, "\n{warning}")?;
        }
        if !self.renames.is_empty() {
            writeln!(f, "\n{} names are spelled otherwise in Rust:", self.renames.len())?;
        }
        for Rename { what, from, to, file, at } in &self.renames {
            let from = escaped(from);
            writeln!(f, "{}:{}:{}: {what} \"{from}\" is `{to}`", escaped(file), at.line, at.column)?;
        }
        Ok(())
    }
}
