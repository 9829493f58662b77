//! Which file is derived from which document. A test asks the same question, so this stands alone.

use std::path::{Path, PathBuf};

use codegen::Artefact;

/// The document, as seen from the root of the repository.
pub(crate) const DOCUMENT: &str = "spec/ges.yaml";

/// The files that are derived from it and committed.
pub(crate) fn derived(root: &Path) -> Vec<(Artefact, PathBuf)> {
    vec![
        (Artefact::Client { inner: Some("crate::hooks::Inner") }, root.join("crates/ges-client/src/generated.rs")),
        (Artefact::Enums, root.join("crates/ges-conformance/src/generated.rs")),
        (Artefact::Cases, root.join("crates/ges-conformance/src/cases.json")),
        (Artefact::Merged, root.join("spec/generated/ges.merged.yaml")),
    ]
}
