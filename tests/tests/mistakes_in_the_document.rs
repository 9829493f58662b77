//! A small mistake in `spec/ges.yaml` is reported with its place, a reason and a hint; nothing is written.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use openapi_document::Diagnostics;
use specwright_codegen::Artefact;

const DOCUMENT: &str = include_str!("../../spec/ges.yaml");

fn derive(text: &str) -> Result<Vec<specwright_codegen::GeneratedFile>, Diagnostics> {
    let wanted = [
        Artefact::Client { inner: None },
        Artefact::Enums,
        Artefact::Mock { fixture: Some("crate::fixture") },
        Artefact::Cases,
        Artefact::Contract,
        Artefact::Merged,
        Artefact::Stubs,
        Artefact::Cassette,
        Artefact::Har,
    ];
    specwright_codegen::generate("ges.yaml", text, &wanted.map(|artefact| (artefact, PathBuf::new())))
}

/// The `nth` (from 0) `from` becomes `to`; the first line of `to` that differs is where `rule` is reported.
#[track_caller]
fn check(nth: usize, from: &str, to: &str, rule: &str, message: &str) {
    let at = DOCUMENT.match_indices(from).nth(nth).unwrap_or_else(|| panic!("{from:?} is not in the document")).0;
    let text = format!("{}{to}{}", &DOCUMENT[..at], &DOCUMENT[at + from.len()..]);
    let found = derive(&text).expect_err("the mistake was not found");
    let hit = found.0.iter().find(|diagnostic| diagnostic.rule == rule).unwrap_or_else(|| panic!("{found}"));
    let lines = at..at + to.len();
    let (first, last) = (text[..lines.start].lines().count(), text[..lines.end].lines().count());
    assert!((first..=last).contains(&(hit.at.line as usize)), "lines {first} to {last}:\n{found}");
    assert!(hit.message.contains(message) && !hit.hint.is_empty(), "{hit}");
    assert!(found.to_string().contains(&format!("ges.yaml:{}:{}: ", hit.at.line, hit.at.column)));
}

#[test]
fn twelve_small_mistakes() {
    check(0, "schemas/StartGraphRequest'", "schemas/StartGrafRequest'", "dangling-reference", "refers to nothing");
    check(0, "parameters/GraphId'", "parameters/GraphIdd'", "dangling-reference", "refers to nothing");
    check(0, "{graph_id}/stop'", "{graph_idd}/stop'", "path-variable", "{graph_idd}");
    check(
        0,
        "type: string\n            enum: [restart]",
        "type: strin\n            enum: [restart]",
        "unknown-value",
        "strin",
    );
    check(
        0,
        "'400':\n          description: Request error.\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/ErrorV1'",
        "'400':\n          description: Request error.\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/ErrorV2'",
        "error-types",
        "different bodies",
    );
    check(
        0,
        "      operationId: stop_graph\n",
        "      operationId: stop_graph\n      operationId: stop_graph\n",
        "duplicate-key",
        "twice",
    );
    check(0, "default: false", "default: 'no'", "default-mismatch", "expected a boolean");
    check(0, "operationId: stop_graph", "operationId: start_graph", "operation-id", "used twice");
    check(
        0,
        "'200':\n          description: Request sent.\n          content:",
        "'200':\n          content:",
        "missing-key",
        "no `description`",
    );
    check(0, "      operationId: stop_graph", "\t operationId: stop_graph", "yaml-syntax", "tab");
    check(0, "required: true", "requird: true", "unknown-key", "requird");
    check(0, "version: 0.1.0", "version: 1.0", "wrong-type", "must be a string");
}

#[test]
fn no_line_that_is_lost_or_doubled_makes_the_generator_panic() {
    let lines: Vec<&str> = DOCUMENT.lines().collect();
    // Every seventh line, and so every kind of line; all of them would take a minute.
    for line in (0..lines.len()).step_by(7) {
        let _ = derive(&[&lines[..line], &lines[line + 1..]].concat().join("\n"));
        let _ = derive(&[&lines[..=line], &lines[line..]].concat().join("\n"));
        let _ = derive(&lines[..line].join("\n"));
    }
}
