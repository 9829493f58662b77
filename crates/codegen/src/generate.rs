//! From the text of a document to the files that are derived from it. Values in, values out: nothing here touches a disk.

use std::collections::HashSet;
use std::path::PathBuf;

use conformance_engine::contract::Contract;
use conformance_engine::suite::Suite;

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::operations::Operation;
use crate::united::united;
use crate::{client, diagram, enums, merged, mock, recordings, stubs};

/// What can be derived from a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Artefact {
    /// Rust: `enum Operation`, and a typed client (needs `progenitor-client`, `reqwest`, `serde`; `regress` for patterns).
    ///
    /// With `inner`, the client has a field of that type and makes its calls through it: a client without its
    /// credentials does not compile, and `progenitor-client` is not needed. The module around the generated one needs
    /// `Error` (`From<reqwest::Error>`, and a function `invalid_argument` from the name of one and what is wrong with it,
    /// a `String`, which is empty if it was not given), `Response<T>` and
    /// `encode_path`, from a reference to any path parameter to something that can be displayed; the type needs
    /// `address(&self, path: fmt::Arguments) -> Result<reqwest::Url, Error>` and
    /// `call<T>(&self, &reqwest::Client, operation: &'static str, is_success: fn(u16) -> bool, reqwest::Request)`,
    /// a future of `Result<Response<T>, Error>`.
    Client {
        /// A Rust type, as written in the generated module.
        inner: Option<&'static str>,
    },
    /// Rust: `enum Operation` and `enum Given`.
    Enums,
    /// Rust: for each operation a typed fixture for the crate `httpmock`, with every documented exchange by name.
    Mock {
        /// The path of the module, written by hand, that says what fixtures do.
        fixture: &'static str,
    },
    /// JSON: a [`Suite`](conformance_engine::suite::Suite) of the documented exchanges.
    Cases,
    /// JSON: a [`Contract`](conformance_engine::contract::Contract), for judging any traffic.
    Contract,
    /// YAML: the document with one operation per path and method.
    Merged,
    /// YAML: the documented exchanges as stubs for the standalone server of the crate `httpmock`.
    Stubs,
    /// YAML: the documented exchanges as a VCR cassette, laid out like those that Schemathesis writes.
    Cassette,
    /// JSON: the documented exchanges as a HAR 1.2 file.
    Har,
    /// JSON: the document as the client generator, progenitor, takes it. For a look, and for comparing generators.
    Lowered,
    /// JSON: the document as it is; several become one. For readers that show documents to people.
    Json,
    /// SVG: what leads from one state of `x-lifecycle` to another.
    Diagram,
}

/// A file as it should be on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// As the caller gave it.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

/// A document that keeps every rule ([`Document::check`]), perhaps one of several that are one API.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The document.
    pub document: &'a Document,
    /// Set where its operations are not always there.
    pub optional: Option<Optional<'a>>,
}

/// What a Cargo feature has to do with the operations of a document.
#[derive(Clone, Copy, Debug)]
pub struct Optional<'a> {
    /// The feature that its operations are there with.
    pub feature: &'a str,
    /// The ids of operations that are there in any case.
    pub always: &'a [&'a str],
}

/// Derives `wanted` artefacts, each for the path it is wanted at, from the document `text` that diagnostics call `name`.
///
/// # Errors
/// Every rule that the document violates, at once; then nothing is generated.
pub fn generate(name: &str, text: &str, wanted: &[(Artefact, PathBuf)]) -> Result<Vec<GeneratedFile>, Diagnostics> {
    let document = Document::read(name, text)?;
    let found = document.check();
    if !found.0.is_empty() {
        return Err(found);
    }
    derive(&[Part { document: &document, optional: None }], wanted)
}

/// Derives `wanted` artefacts from documents that have been checked. Several are one API: what they share (a schema of
/// one name) is the same in all of them, and becomes one Rust type.
///
/// # Errors
/// What keeps the documents from being one API, and what the client generator refuses.
pub fn derive(parts: &[Part<'_>], wanted: &[(Artefact, PathBuf)]) -> Result<Vec<GeneratedFile>, Diagnostics> {
    let all;
    let document = match parts {
        [only] => only.document,
        _ => {
            all = united(parts)?;
            &all
        }
    };
    let gates = Gates::of(parts)?;
    let operations = document.operations();
    let name = document.name();
    let file = |(artefact, path): &(Artefact, PathBuf)| {
        let text = match artefact {
            Artefact::Client { inner } => {
                let client = client::client(document, &operations, &gates, *inner);
                let client = client.map_err(|reason| client::refused(parts, &reason))?;
                format!("{}\n{}\n{client}", mark("//", name), enums::operations(&operations, &gates))
            }
            Artefact::Enums => {
                let operations = enums::operations(&operations, &gates);
                format!("{}\n{operations}\n{}", mark("//", name), enums::givens(document))
            }
            Artefact::Mock { fixture } => {
                format!("{}\n{}", mark("//", name), mock::mock(document, &operations, fixture))
            }
            Artefact::Stubs => format!("{}\n{}", mark("#", name), stubs::stubs(document, &operations)),
            Artefact::Cassette => format!("{}\n{}", mark("#", name), recordings::cassette(document, &operations)),
            Artefact::Har => recordings::har(document, &operations, &format!("generated {}", generated(name))),
            Artefact::Cases => suite_text(document.suite_of(&operations), name),
            Artefact::Contract => contract_text(document.contract_of(&operations), name),
            Artefact::Json => format!("{:#}\n", document.root().to_json()),
            Artefact::Diagram => diagram::diagram(document),
            Artefact::Lowered => client::lowered(document, &operations),
            Artefact::Merged => format!("{}\n{}", mark("#", name), merged::merged(document, &operations)),
        };
        Ok(GeneratedFile { path: path.clone(), text })
    };
    wanted.iter().map(file).collect()
}

/// Which operations are only there with a Cargo feature.
#[derive(Default)]
pub(crate) struct Gates<'a> {
    pub(crate) feature: Option<&'a str>,
    gated: HashSet<&'a str>,
}

impl<'a> Gates<'a> {
    fn of(parts: &[Part<'a>]) -> Result<Gates<'a>, Diagnostics> {
        let mut gates = Gates::default();
        for Part { document, optional } in parts {
            let Some(Optional { feature, always }) = *optional else { continue };
            let mut found = Diagnostics::default();
            let mut report = |message| {
                let hint = "correct what the generator was asked for; nothing is wrong with the document";
                found.report("generator", document.root().at, message, hint);
            };
            if gates.feature.is_some_and(|known| known != feature) {
                report(format!("one feature can be asked for, and `{feature}` is the second"));
            }
            let ids: HashSet<&str> = document.operations().iter().map(|operation| operation.id).collect();
            for id in always.iter().filter(|id| !ids.contains(*id)) {
                report(format!("`{id}` is to be there in any case, and no operation has this id"));
            }
            if !found.0.is_empty() {
                return Err(document.finish_own(found));
            }
            gates.feature = Some(feature);
            gates.gated.extend(ids.into_iter().filter(|id| !always.contains(id)));
        }
        Ok(gates)
    }

    pub(crate) fn feature_of(&self, operation: &Operation<'_>) -> Option<&'a str> {
        self.feature.filter(|_| self.gated.contains(operation.id))
    }
}

/// The lines that tell a reader where to change what they see.
fn mark(comment: &str, name: &str) -> String {
    format!(
        "{comment} @generated by `cargo xtask codegen` from {name}. Do not edit.\n\
         {comment} Change the document or crates/codegen, then run the command again.\n"
    )
}

/// The same in a format that has no comments.
fn generated(name: &str) -> String {
    format!("by `cargo xtask codegen` from {name}. Do not edit.")
}

/// A suite as the text of a file, for a reader that has no document: [`conformance_engine::suite`].
pub fn suite_text(suite: Suite, name: &str) -> String {
    json_text(&Suite { generated: generated(name), ..suite })
}

/// A contract as the text of a file, for a reader that has no document: [`conformance_engine::contract`].
pub fn contract_text(contract: Contract, name: &str) -> String {
    json_text(&Contract { generated: generated(name), ..contract })
}

fn json_text(value: &impl serde::Serialize) -> String {
    // Maps, lists and strings: writing them to memory cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
