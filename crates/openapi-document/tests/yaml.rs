//! YAML as it is found in documents: of either version, with marks and signs that readers disagree about.

#![allow(clippy::unwrap_used)]

use openapi_document::{Api, Document, Level, check};

const ROCKET: &str = "openapi: 3.0.3
info: {title: Rockets, version: '1'}
paths:
  /rockets:
    get:
      operationId: list_rockets
      responses:
        '200':
          description: d
          content: {application/json: {schema: {$ref: '#/components/schemas/Rocket'}}}
components:
  schemas:
    Rocket:
      type: object
      properties: {stages: {type: integer}}
";

/// `line:column rule` of each violation, with `!` behind errors.
fn found_in(text: &str) -> Vec<String> {
    let found = match Document::read("rockets.yaml", text) {
        Ok(document) => check(&Api::of(&document)),
        Err(found) => found,
    };
    let mark = |level| if level == Level::Error { "!" } else { "" };
    found.0.iter().map(|it| format!("{}:{} {}{}", it.at.line, it.at.column, it.rule, mark(it.level))).collect()
}

#[track_caller]
fn check_edit(from: &str, to: &str, expected: &[&str]) {
    assert!(ROCKET.contains(from), "{from:?}");
    assert_eq!(found_in(&ROCKET.replacen(from, to, 1)), expected, "{to}");
}

#[test]
fn marks_and_line_ends_change_nothing() {
    assert_eq!(found_in(ROCKET), Vec::<String>::new());
    assert_eq!(found_in(&format!("\u{feff}{ROCKET}")), Vec::<String>::new());
    assert_eq!(found_in(&ROCKET.replace('\n', "\r\n")), Vec::<String>::new());
    let json =
        "{\n\t\"openapi\": \"3.0.3\",\n\t\"info\": {\"title\": \"t\", \"version\": \"1\"},\n\t\"paths\": {}\n}\n";
    assert_eq!(found_in(json), Vec::<String>::new());
}

#[test]
fn a_closing_bracket_may_be_less_deep_than_yaml_asks() {
    let example = "          example: {\n                \"a\": \"b\"\n          }\n";
    let text = ROCKET.replacen("          content: {application/json: {schema: {$ref: '#/components/schemas/Rocket'}}}\n", &format!(
        "          content:\n            application/json:\n              schema: {{}}\n    {example}        '404': {{description: d}}\n"
    ).replace("          }", "              }"), 1);
    assert_eq!(found_in(&text), ["15:1 yaml-syntax"], "{text}");
}

#[test]
fn what_yaml_1_1_reads_otherwise_is_said() {
    check_edit("stages: {type: integer}", "stages: {type: integer, maximum: 0755}", &["15:53 yaml-number"]);
    check_edit("stages: {type: integer}", "stages: {type: integer, readOnly: yes}", &["15:54 wrong-type!"]);
    check_edit("stages: {type: integer}", "stages: {type: string, enum: [yes, no, on]}", &[]);
    check_edit("stages: {type: integer}", "stages: {type: string, enum: [1.0, v1]}", &["15:50 enum-type"]);
    check_edit("stages: {type: integer}", "2020-01-01: {type: integer}", &[]);
    check_edit("version: '1'", "version: 1.0", &["2:33 wrong-type"]);
}

#[test]
fn a_merge_key_merges_as_in_yaml_1_1() {
    let text = ROCKET.replacen(
        "      type: object\n      properties: {stages: {type: integer}}\n",
        "      properties: &all {stages: {type: integer, default: x}}\n    Other:\n      properties: {<<: *all, stages: {type: string}}\n",
        1,
    );
    let document = Document::read("rockets.yaml", &text).unwrap_or_else(|found| panic!("{found}"));
    let schemas = document.schemas();
    assert_eq!(schemas["Other"]["properties"]["stages"]["type"], "string");
    let merged = text.replace(", stages: {type: string}}", "}");
    let document = Document::read("rockets.yaml", &merged).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(document.schemas()["Other"], document.schemas()["Rocket"]);
    assert!(found_in(&merged).iter().any(|it| it == "16:20 yaml-merge"), "{:?}", found_in(&merged));
}

#[test]
fn a_mistake_in_json_is_called_one_of_json() {
    let said = |text: &str| {
        let found = Document::read("rockets.json", text).err().unwrap();
        let first = found.0.first().unwrap();
        format!("{}:{}: {}", first.at.line, first.at.column, first.message)
    };
    let ends = "not JSON: the text ends before everything is closed";
    assert_eq!(said("{\"openapi\": \"3.0.3\",\n \"paths\": {\"/a\": {\n"), format!("3:1: {ends}"));
    assert!(said("{ \"openapi\": \"3.0.3\", \"paths\": {\"/a").ends_with(ends));
    assert!(said("{\"openapi\": \"3.0.3\" \"paths\": {}}").contains("not JSON: expected `,` or `}`"));
    assert!(said("{openapi: 3.0.3, paths: {").contains("not YAML: "));
}
