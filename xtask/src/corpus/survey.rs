//! Reads, generates and plans one document, in a process of its own: `cargo xtask corpus --one FILE`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use conformance_engine::suite::{Case, Kind};
use openapi_document::document::Operation;
use openapi_document::{Api, Document, suite};
use specwright::openapi;
use specwright_codegen::{Artefact, Generated};

use super::figures::Figures;
use crate::files;

/// The figures of the document at `path`. The client goes to `out`, if there is one.
pub(crate) fn survey(path: &Path, out: Option<&Path>) -> Result<Figures, String> {
    let document = match openapi::read(path).map_err(|failure| format!("error: {}", failure.message))? {
        Ok(document) => document,
        Err(found) => {
            let reason = found.0.first().map_or_else(String::new, |first| first.message.clone());
            return Ok(Figures { unread: reason, ..Figures::default() });
        }
    };
    let api = Api::of(&document);
    let suite = suite(&api);
    // An example that contradicts its schema is reported and never sent.
    let is_sent = |case: &&Case| !matches!(case.kind, Kind::Contradiction { .. });
    let planned: BTreeSet<&str> = suite.cases.iter().filter(is_sent).map(|case| case.operation.as_str()).collect();
    let with_example: Vec<String> =
        api.operations().iter().filter(|operation| has_example(operation)).map(Operation::label).collect();
    let version = document.root().text("openapi").unwrap_or_default().to_owned();
    let mut figures = Figures {
        version,
        operations: api.operations().len(),
        with_case: with_example.iter().filter(|label| planned.contains(label.as_str())).count(),
        with_example: with_example.len(),
        cases: suite.cases.iter().filter(|case| case.kind.is_documented()).count(),
        ..Figures::default()
    };
    generate(&document, out, &mut figures)?;
    Ok(figures)
}

/// Whether a response of the operation has an example beside its schema.
fn has_example(operation: &Operation<'_>) -> bool {
    let mut media = operation.responses.iter().flat_map(|response| response.node.entries_of("content"));
    media.any(|media| media.value.get("example").is_some() || media.value.entries_of("examples").next().is_some())
}

/// Writes the client to `out`, if there is one, and counts what it has.
pub(super) fn generate(document: &Document, out: Option<&Path>, figures: &mut Figures) -> Result<(), String> {
    let folder = out.unwrap_or(Path::new(""));
    let wanted = [(Artefact::Client { inner: None }, folder.join("client.rs"))];
    let count = |left_out: &mut BTreeMap<String, usize>, rules: BTreeSet<&str>| {
        rules.into_iter().for_each(|rule| *left_out.entry(rule.to_owned()).or_default() += 1);
    };
    match specwright_codegen::generate_document_lenient(document, &wanted) {
        Ok(Generated { files, report }) => {
            (figures.generated, figures.renames) = (report.generated, report.renames.len());
            figures.warnings = report.warnings.len();
            for operation in &report.left_out {
                count(&mut figures.left_out, operation.reasons.iter().map(|reason| reason.rule).collect());
            }
            for file in files.iter().filter(|_| out.is_some()) {
                files::write(&file.path, &file.text)?;
            }
        }
        Err(found) => count(&mut figures.left_out, found.0.iter().map(|problem| problem.rule).collect()),
    }
    Ok(())
}
