//! Reads an arbitrary OpenAPI document and generates from it.

use std::path::PathBuf;

use conformance_engine::suite::Suite;
use openapi_document::Document;
use proc_macro2::TokenStream;
use specwright_codegen::{Artefact, GeneratedFile, generate};

/// Either there are diagnostics that help, or every file is one that its readers can read.
pub fn document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let wanted = [Artefact::Client { inner: None }, Artefact::Enums, Artefact::Cases, Artefact::Merged];
    match generate("document.yaml", text, &wanted.map(|artefact| (artefact, PathBuf::new()))) {
        Err(found) => {
            assert!(!found.0.is_empty(), "refused without a reason");
            let lines = 1 + text.matches(['\n', '\r']).count();
            for diagnostic in &found.0 {
                let line = diagnostic.at.line as usize;
                assert!(line <= lines, "line {line} of {lines}: {diagnostic}");
                assert!(!diagnostic.message.is_empty() && !diagnostic.hint.is_empty(), "{diagnostic:?}");
            }
        }
        Ok(files) => {
            let [client, enums, cases, merged] = &files[..] else { panic!("{} files", files.len()) };
            for rust in [client, enums] {
                rust.text.parse::<TokenStream>().unwrap_or_else(|error| panic!("no Rust: {error}\n{}", rust.text));
            }
            cases_are_read_as_they_were_written(cases);
            merged_is_a_document(merged);
        }
    }
}

fn cases_are_read_as_they_were_written(cases: &GeneratedFile) {
    let suite = Suite::from_json(&cases.text).unwrap_or_else(|error| panic!("no suite: {error}\n{}", cases.text));
    let again = openapi_document::suite_text(suite, "document.yaml");
    assert_eq!(again, cases.text, "a suite changes when it is read and written");
}

/// The merged document says the same when it is merged again: nothing in it is left to merge, and nothing gets lost.
fn merged_is_a_document(merged: &GeneratedFile) {
    let document = Document::read("merged.yaml", &merged.text);
    document.unwrap_or_else(|found| panic!("the merged document cannot be read: {found}\n{}", merged.text));
}
