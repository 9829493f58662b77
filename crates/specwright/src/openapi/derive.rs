//! Derives the suite and the contract of a document.

use std::collections::BTreeMap;
use std::path::Path;

use conformance_engine::plan::Naming;
use conformance_engine::report::text::counted;
use conformance_engine::shell;
use openapi_document::{Api, Diagnostic, Diagnostics, Document, check, contract, suite};

use crate::Failure;
use crate::output::console::talk;
use crate::output::diagnostics;
use crate::program::{Documentation, Documented};

use super::DocumentFlags;

/// Rules of which the plan of a run says more.
const PLAN: [&str; 5] = ["example-name", "example-status", "example-unpaired", "example-value", "parameter-value"];

/// So many errors of a document are printed before a run.
const ERRORS: usize = 5;

impl Documentation for DocumentFlags {
    fn read(&self) -> Result<Documented, Failure> {
        let document = self.document()?;
        let (documented, found) = derive(&document)?;
        let shown = if self.document == Path::new("-") { "FILE".into() } else { self.document.display().to_string() };
        summarise(&found, &shown);
        Ok(documented)
    }
}

/// What a document promises, and what is wrong with it as far as requests and judgements are concerned.
///
/// # Errors
/// The document has no operations.
pub fn derive(document: &Document) -> Result<(Documented, Diagnostics), Failure> {
    let api = Api::of(document);
    // What no client can be generated for can be replayed; what an example lacks for that, the plan says.
    let found = check(&api).0.into_iter();
    let is_said = |problem: &Diagnostic| !problem.is_limit() && !PLAN.contains(&problem.rule);
    let found = Diagnostics(found.filter(is_said).collect());
    let suite = suite(&api);
    if suite.cases.is_empty() && suite.left_out.is_empty() {
        return Err(Failure::usage(format!("{} has no operations, so there is nothing to check", document.name())));
    }
    let documented = Documented { contract: contract(&api), suite, needed: BTreeMap::new(), naming: Naming::Plain };
    Ok((documented, found))
}

/// Says in a few lines what is wrong with a document; `check` says all of it.
fn summarise(found: &Diagnostics, shown: &str) {
    let (errors, warnings) = (found.errors().count(), found.warnings().count());
    if errors + warnings == 0 {
        return;
    }
    diagnostics::print_first_errors(found, ERRORS);
    let counts = match (errors, warnings) {
        (_, 0) => counted(errors, "error"),
        (0, _) => counted(warnings, "warning"),
        _ => format!("{} and {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    match shell::word(shown) {
        Some(shown) => talk(format_args!("the document has {counts}; `specwright check {shown}` prints them")),
        None => talk(format_args!("the document has {counts}; `specwright check` prints them")),
    }
}
