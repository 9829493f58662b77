//! Is what is committed what the documents derive? The same question as `cargo xtask codegen --check`.

#![allow(clippy::unwrap_used)]

use std::path::Path;

#[path = "../../xtask/src/layout.rs"]
mod layout;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn generated_code_is_current() {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| error.to_string());
    for file in layout::derived(root(), read).unwrap_or_else(|found| panic!("{found}")) {
        let committed = std::fs::read_to_string(&file.path).unwrap();
        assert!(committed == file.text, "{} is stale; run `cargo xtask codegen`", file.path.display());
    }
}

#[test]
fn every_document_keeps_every_rule() {
    for name in [layout::DOCUMENT, layout::SUPPORT] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        let document = openapi_document::Document::read(name, &text).unwrap_or_else(|found| panic!("{found}"));
        let api = openapi_document::Api::of(&document);
        let found = openapi_document::check(&api);
        assert!(found.0.is_empty(), "{found}");
        assert!(!openapi_document::suite(&api).cases.is_empty());
    }
}
