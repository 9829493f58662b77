//! Is what is committed what `spec/ges.yaml` derives? The same question as `cargo xtask codegen --check`.

#![allow(clippy::unwrap_used)]

use std::path::Path;

#[path = "../../xtask/src/layout.rs"]
mod layout;

#[test]
fn generated_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join(layout::DOCUMENT)).unwrap();
    let files =
        codegen::generate(layout::DOCUMENT, &text, &layout::derived(root)).unwrap_or_else(|found| panic!("{found}"));
    for file in files {
        let committed = std::fs::read_to_string(&file.path).unwrap();
        assert!(committed == file.text, "{} is stale; run `cargo xtask codegen`", file.path.display());
    }
}
