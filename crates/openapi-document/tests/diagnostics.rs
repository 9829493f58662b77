//! Diagnostics have a level, name their operation, and say which operations they concern.

#![allow(clippy::unwrap_used)]

use openapi_document::{Api, Diagnostics, Document, Level, Version, check};

/// Two operations on one line; the second has an id that no method can have.
const ONE_LINE: &str = r##"{"openapi": "3.0.3", "info": {"title": "Kites", "version": "1"}, "paths": {"/kites": {"get": {"operationId": "list_kites", "responses": {"200": {"description": "d"}}}, "post": {"operationId": "add/kite", "responses": {"200": {"description": "d"}}}}, "/winds": {"parameters": [{"name": "when", "in": "query", "schema": {"type": "string"}, "exmple": 1}], "get": {"operationId": "list_winds", "responses": {"200": {"description": "d"}}}}}}"##;

/// Three operations, of which two lead to the broken schema.
const SHARED: &str = "
openapi: 3.0.3
info: {title: Kites, version: '1'}
security: [{Key: []}]
paths:
  /kites:
    get:
      operationId: list_kites
      responses: {'200': {$ref: '#/components/responses/Kites'}}
  /winds:
    get:
      operationId: list_winds
      security: []
      responses: {'200': {description: d, content: {application/json: {schema: {type: string}}}}}
  /tails:
    get:
      operationId: list_tails
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Any'}}}}}
components:
  securitySchemes:
    Key: {type: apikey, in: header, name: X-Key}
  responses:
    Kites: {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Kite'}}}}
  schemas:
    Kite: {type: object, properties: {tail: {$ref: '#/components/schemas/Tail'}, next: {$ref: '#/components/schemas/Kite'}}}
    Tail: {type: object, properties: {length: {type: numbr}}}
    Any: {type: object, discriminator: {propertyName: kind, mapping: {tail: Tail}}}
    Unused: {type: nothing}
";

fn found_in(text: &str) -> (Document, Diagnostics) {
    let document = Document::read("kites.yaml", text).unwrap_or_else(|found| panic!("{found}"));
    let found = check(&Api::of(&document));
    (document, found)
}

#[test]
fn in_a_document_on_one_line_each_diagnostic_names_its_operation() {
    let (_, found) = found_in(ONE_LINE);
    let found: Vec<_> = found.0.iter().map(|it| (it.rule, it.operation.as_deref())).collect();
    assert_eq!(found, [("operation-id", Some("add/kite")), ("unknown-key", None)]);
}

#[test]
fn what_a_path_item_says_concerns_its_operations() {
    let (document, found) = found_in(ONE_LINE);
    let concerned: Vec<Vec<_>> =
        Api::of(&document).concerning(&found.0).iter().map(|it| it.iter().map(|it| it.rule).collect()).collect();
    assert_eq!(concerned, [vec![], vec!["operation-id"], vec!["unknown-key"]]);
}

#[test]
fn what_a_component_breaks_concerns_whatever_reaches_it() {
    let (document, found) = found_in(SHARED);
    let api = Api::of(&document);
    let lines = |problems: &[&openapi_document::Diagnostic]| problems.iter().map(|it| it.at.line).collect::<Vec<_>>();
    let concerned: Vec<_> = api.concerning(found.errors()).iter().map(|it| lines(it)).collect();
    let line = |what: &str| SHARED.lines().position(|line| line.contains(what)).unwrap() as u32 + 1;
    let both = vec![line("apikey"), line("numbr")];
    assert_eq!(concerned, [both.clone(), vec![], both], "\n{found}");
    assert!(
        found.0.iter().any(|it| it.at.line == line("type: nothing")),
        "an unused component is checked all the same"
    );
}

#[test]
fn a_rule_has_a_level_and_strict_makes_each_an_error() {
    let text = SHARED.replace("type: numbr", "type: number, default: long, exmple: 1");
    let (_, found) = found_in(&text);
    let rules: Vec<_> = found.by_rule().iter().map(|it| (it.rule, it.level, it.count)).collect();
    let expected = [
        ("unknown-value", Level::Error, 2),
        ("default-mismatch", Level::Warning, 1),
        ("unknown-key", Level::Warning, 1),
    ];
    assert_eq!(rules, expected);
    assert_eq!((found.errors().count(), found.warnings().count()), (2, 2));
    let text = found.to_string();
    assert!(text.contains("warning[default-mismatch]: kites.yaml:26:"), "{text}");
    assert!(text.ends_with("\n\n2 errors, 2 warnings"), "{text}");
    let summary = found.summary(1);
    assert!(
        summary.contains("3 more are not printed") && summary.contains("     2 error[unknown-value], first at"),
        "{summary}"
    );
    assert_eq!(found.0[0].to_json()["level"], "error");
    let text = found.strict().to_string();
    assert!(!text.contains("warning") && text.ends_with("\n\n4 errors"), "{text}");
}

#[test]
fn a_document_knows_its_version() {
    assert_eq!(found_in(SHARED).0.version(), Version::V3_0);
}

#[test]
fn a_document_that_lists_no_states_may_name_any() {
    let text = |lists: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{title: Kites, version: '1'}}\n{lists}paths:\n  /kites:\n    get:\n      operationId: \
             list_kites\n      responses:\n        '200': {{description: d, content: {{application/json: {{examples: {{ok: \
             {{x-given: a kite, value: 1}}}}}}}}}}\n"
        )
    };
    let unknown = |lists: &str| found_in(&text(lists)).1.0.iter().filter(|it| it.rule == "given-unknown").count();
    assert_eq!(unknown(""), 0);
    let lifecycle = "x-lifecycle: {resource: kite, parameter: kite, states: {up: {}}, operations: {}, givens: {}}\n";
    assert_eq!(unknown(lifecycle), 1);
}
