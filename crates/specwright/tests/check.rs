//! `specwright check` finds every mistake, in each format, and its exit status says whether there is an error.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Two operations, one of them without a response, and a key that OpenAPI does not know.
const WARNED: &str = "\
openapi: 3.0.3
info: {title: Lamps, version: '1', colour: red}
paths:
  /lamps:
    get: {operationId: list_lamps, responses: {'200': {description: ok, content: {application/json: {schema: {}, example: [1]}}}}}
    put: {operationId: put_lamps, responses: {}}
";

/// The exit status, and what is written to standard output and standard error.
fn check(document: &str, flags: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
    command.args(["check", "-"]).args(flags).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Bad usage ends it before it reads.
    _ = child.stdin.take().unwrap().write_all(document.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn warnings_are_no_errors_unless_they_are_counted_as_such() {
    let (status, found, _) = check(WARNED, &[]);
    assert_eq!(status, 0, "{found}");
    assert!(found.contains("warning[unknown-key]: standard input:2:36: "), "{found}");
    assert!(found.contains("1 warning[no-response], standard input:6:"), "{found}");
    assert!(
        found.ends_with("\n2 operations: 2 can be generated, replies of 1 can be judged, 1 gets cases\n"),
        "{found}"
    );
    let (status, found, _) = check(WARNED, &["--strict"]);
    assert_eq!(status, 1, "{found}");
    assert!(found.contains("error[unknown-key]"), "{found}");
}

#[test]
fn a_document_without_a_mistake_has_none() {
    let document =
        WARNED.replace(", colour: red", "").replace("responses: {}", "responses: {'204': {description: ok}}");
    let (status, found, _) = check(&document, &["--strict", "--format", "json"]);
    assert_eq!(status, 0, "{found}");
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["diagnostics"], Value::Array(Vec::new()));
    assert_eq!(found["operations"], serde_json::json!({"all": 2, "generated": 2, "judged": 2, "with_cases": 2}));
}

#[test]
fn what_cannot_be_read_is_an_error_in_every_format() {
    let broken = "openapi: 3.0.3\ninfo: {title: a\npaths: {}";
    for format in ["text", "json", "github", "codeclimate"] {
        let (status, found, _) = check(broken, &["--format", format]);
        assert_eq!(status, 1, "{format}: {found}");
        assert!(found.contains("yaml-syntax"), "{format}: {found}");
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_specwright")).args(["check", "no-such.yaml"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn as_many_are_printed_as_wanted_and_all_are_counted() {
    let (_, found, _) = check(WARNED, &["--max", "1"]);
    assert_eq!(found.matches("\nhint: ").count(), 1, "{found}");
    assert!(found.contains("2 more are not printed"), "{found}");
    assert!(found.contains("1 warning[no-case]"), "{found}");
    let (_, found, said) = check(WARNED, &["--max", "1", "--format", "github"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.starts_with("::warning file=standard input,line=2,col=36,title=unknown-key::"), "{found}");
    assert!(said.starts_with("0 errors, 3 warnings; 2 operations: "), "{said}");
    let (_, found, _) = check(WARNED, &["--max", "all", "--format", "github"]);
    assert_eq!(found.lines().count(), 3, "{found}");
    let (status, _, said) = check(WARNED, &["--max", "-1"]);
    assert_eq!(status, 2, "{said}");
}

#[test]
fn the_report_for_gitlab_has_all() {
    let (_, found, _) = check(WARNED, &["--format", "codeclimate", "--max", "0"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    let names: Vec<_> = found.as_array().unwrap().iter().map(|entry| entry["check_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["unknown-key", "no-case", "no-response"]);
    let moved: Value = serde_json::from_str(&check(&format!("\n\n{WARNED}"), &["--format", "codeclimate"]).1).unwrap();
    for (before, after) in found.as_array().unwrap().iter().zip(moved.as_array().unwrap()) {
        assert_eq!(before["fingerprint"], after["fingerprint"]);
        assert_ne!(before["location"], after["location"]);
    }
}

#[test]
fn an_overlay_changes_the_document_before_it_is_checked() {
    let folder = test_support::files::empty_folder(env!("CARGO_TARGET_TMPDIR"), "check-overlay");
    let overlay = folder.join("overlay.yaml");
    let actions = "[{target: $.info.colour, remove: true}]";
    std::fs::write(&overlay, format!("overlay: 1.0.0\ninfo: {{title: a, version: '1'}}\nactions: {actions}\n"))
        .unwrap();
    let (status, found, _) = check(WARNED, &["--overlay", overlay.to_str().unwrap()]);
    assert_eq!(status, 0, "{found}");
    assert!(!found.contains("unknown-key"), "{found}");
    let (status, _, said) = check(WARNED, &["--overlay", "no-such.yaml"]);
    assert!(status == 2 && said.contains("no-such.yaml"), "{said}");
}

#[test]
fn what_the_suite_sends_is_not_called_impossible() {
    // The reply has no example, and the path's value comes from a call: both are cases.
    let document = "\
openapi: 3.1.0
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    post:
      operationId: add
      requestBody: {required: true, content: {application/json: {schema: {type: object, minProperties: 1, properties: {name: {type: string}}}, example: {name: a}}}}
      responses: {'201': {description: d, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}}}
  /lamps/{id}:
    get:
      operationId: show
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: x}}]
      responses: {'200': {description: d, content: {application/json: {schema: {type: object}, examples: {one: {x-given: {exchange: add}, value: {id: '1'}}}}}}}
";
    let (status, out, said) = check(document, &["--strict"]);
    assert!(!out.contains("cannot be replayed") && !out.contains("no-case"), "{out}{said}");
    assert_eq!(status, 0, "{out}{said}");
}
