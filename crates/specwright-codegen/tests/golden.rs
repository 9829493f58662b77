//! Everything generated from a second document equals the reviewed files.
//!
//! `UPDATE_GOLDEN=1 cargo test -p specwright-codegen --test golden` writes what is derived now; look at the difference.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use specwright_codegen::Artefact;
use test_support::files::check_golden;

const ARTEFACTS: [(Artefact, &str); 9] = [
    (Artefact::Client { inner: None }, "generated.rs"),
    (Artefact::Enums, "enums.rs"),
    (Artefact::Mock { fixture: Some("crate::fixture") }, "mock.rs"),
    (Artefact::Cases, "cases.json"),
    (Artefact::Contract, "contract.json"),
    (Artefact::Merged, "merged.yaml"),
    (Artefact::Stubs, "stubs.yaml"),
    (Artefact::Cassette, "cassette.vcr.yaml"),
    (Artefact::Har, "exchanges.har"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn the_second_document_derives_what_was_reviewed() {
    let text = fs::read_to_string(folder().join("compute.yaml")).unwrap();
    let wanted = ARTEFACTS.map(|(artefact, name)| (artefact, folder().join(name)));
    let files = specwright_codegen::generate("compute.yaml", &text, &wanted).unwrap_or_else(|found| panic!("{found}"));
    for file in files {
        check_golden(&file.path, &file.text);
    }
}

#[test]
fn line_endings_and_a_byte_order_mark_change_nothing() {
    let text = fs::read_to_string(folder().join("compute.yaml")).unwrap();
    let wanted = ARTEFACTS.map(|(artefact, name)| (artefact, PathBuf::from(name)));
    let derive = |text: &str| {
        specwright_codegen::generate("compute.yaml", text, &wanted).unwrap_or_else(|found| panic!("{found}"))
    };
    assert_eq!(derive(&text), derive(&text.replace('\n', "\r\n")));
    assert_eq!(derive(&text), derive(&format!("\u{feff}{text}")));
}

#[test]
fn every_form_of_a_call_derives_what_was_reviewed() {
    for (document, client) in [("calls.yaml", "calls.rs"), ("orders.yaml", "orders.rs")] {
        let text = fs::read_to_string(folder().join(document)).unwrap();
        let wanted = [(Artefact::Client { inner: None }, folder().join(client))];
        let generated = specwright_codegen::generate_lenient(document, &text, &wanted);
        for file in generated.unwrap_or_else(|found| panic!("{found}")).files {
            check_golden(&file.path, &file.text);
        }
    }
}

#[test]
fn the_fixtures_of_a_document_stand_alone() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specwright-mock/tests/lamps");
    let text = fs::read_to_string(own.join("lamps.yaml")).unwrap();
    let wanted = [(Artefact::Mock { fixture: None }, own.join("mod.rs"))];
    let files = specwright_codegen::generate("lamps.yaml", &text, &wanted).unwrap_or_else(|found| panic!("{found}"));
    for file in files {
        check_golden(&file.path, &file.text);
    }
}
