//! Lists which file is generated from which documents.
//!
//! `tests/tests/generated_code_is_current.rs` includes this file, so it imports nothing of this program.

use std::path::{Path, PathBuf};

use openapi_document::{Api, Document, check};
use specwright_codegen::{Artefact, Feature, GeneratedFile, Input, Methods};

/// The five operations; a path from the root of the repository.
pub(crate) const DOCUMENT: &str = "spec/ges.yaml";

/// The operations that a user of the five also needs.
pub(crate) const SUPPORT: &str = "spec/ges-support.yaml";

/// The client has the operations of [`SUPPORT`] under a Cargo feature, except those that waiting for a job needs.
const FEATURE: Feature<'_> =
    Feature { name: "support", always: &["show_job", "show_job_v1", "show_graph", "show_graph_v1"] };

/// The client of one project.
const METHODS: Methods = Methods {
    of: "super::Client",
    client: "self.0.generated",
    known: &[("project_id", "self.0.project_id.clone()")],
    builder: "crate::generated::builder",
};

/// The generated files that are committed, with the text they must have. `read` returns the text of a document.
pub(crate) fn derived(
    root: &Path,
    read: impl Fn(&Path) -> Result<String, String>,
) -> Result<Vec<GeneratedFile>, String> {
    let document = |name: &str| Document::read(name, &read(&root.join(name))?).map_err(|found| found.to_string());
    let (five, support) = (document(DOCUMENT)?, document(SUPPORT)?);
    let (five, support) = (Api::of(&five), Api::of(&support));
    for api in [&five, &support] {
        let found = check(api);
        if !found.0.is_empty() {
            return Err(found.strict().to_string());
        }
    }
    let five = Input { api: &five, feature: None };
    let support = Input { api: &support, feature: Some(FEATURE) };
    let from_five = [
        (Artefact::Enums, "crates/ges-conformance/src/generated.rs"),
        (Artefact::Cases, "crates/ges-conformance/src/cases.json"),
        (Artefact::Merged, "spec/generated/ges.merged.yaml"),
    ];
    let from_both = [
        (Artefact::Client { inner: Some("crate::call::Inner") }, "crates/ges-client/src/generated.rs"),
        (Artefact::Methods(METHODS), "crates/ges-client/src/client/generated.rs"),
        (Artefact::Mock { fixture: Some("crate::fixture") }, "crates/ges-mock/src/generated.rs"),
        // In a folder of its own: httpmock reads every file of the folder it is given.
        (Artefact::Stubs, "spec/generated/httpmock/ges.yaml"),
        (Artefact::Cassette, "spec/generated/ges.vcr.yaml"),
        (Artefact::Har, "spec/generated/ges.har"),
        // Shown by `ges emulate` at /docs.
        (Artefact::Json, "crates/ges-cli/src/reference/document.json"),
        (Artefact::Diagram, "crates/ges-cli/src/reference/lifecycle.svg"),
        // Traffic is checked against all documented operations.
        (Artefact::Contract, "crates/ges-conformance/src/contract.json"),
    ];
    let derive = |inputs: &[Input<'_>], wanted: &[(Artefact, &str)]| {
        let wanted: Vec<(Artefact, PathBuf)> = wanted.iter().map(|(what, path)| (*what, root.join(path))).collect();
        specwright_codegen::derive(inputs, &wanted).map_err(|found| found.to_string())
    };
    let mut files = derive(&[five], &from_five)?;
    files.extend(derive(&[five, support], &from_both)?);
    Ok(files)
}
