//! OpenAPI 3.0, 3.1 and 3.2 are read by one table each, and their schemas are judged as one dialect.

#![allow(clippy::unwrap_used)]

use openapi_document::document::raised;
use openapi_document::{Api, Diagnostics, Document, Level, Version, check, suite};
use serde_json::{Value, json};

fn document(text: &str) -> Document {
    Document::read("boats.yaml", text).unwrap_or_else(|found| panic!("{found}"))
}

fn found_in(text: &str) -> Diagnostics {
    check(&Api::of(&document(text)))
}

fn with_schema(version: &str, schema: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: Boats, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    \
         Hull: {{type: string}}\n    Boat: {schema}\n"
    )
}

#[track_caller]
fn raises(version: &str, schema: &str, expected: &Value) {
    let document = document(&with_schema(version, schema));
    let boat = document.components("schemas").find(|entry| entry.key == "Boat").unwrap();
    assert_eq!(&raised(&document, &boat.value), expected, "{version} {schema}");
}

/// `line:column rule` of each, with `!` behind errors.
#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let found = found_in(text);
    let mark = |level| if level == Level::Error { "!" } else { "" };
    let places: Vec<_> =
        found.0.iter().map(|it| format!("{}:{} {}{}", it.at.line, it.at.column, it.rule, mark(it.level))).collect();
    assert_eq!(places, expected, "\n{found}");
}

#[test]
fn a_schema_of_3_0_is_raised() {
    raises("3.0.3", "{type: string, nullable: true}", &json!({"type": ["string", "null"]}));
    raises(
        "3.0.3",
        "{type: string, nullable: true, enum: [a]}",
        &json!({"type": ["string", "null"], "enum": ["a", null]}),
    );
    raises(
        "3.0.3",
        "{type: string, nullable: true, enum: [a, null]}",
        &json!({"type": ["string", "null"], "enum": ["a", null]}),
    );
    let hull = json!({"$ref": "#/components/schemas/Hull"});
    let composed = json!({"anyOf": [{"allOf": [hull]}, {"type": "null"}]});
    raises("3.0.3", "{nullable: true, allOf: [{$ref: '#/components/schemas/Hull'}]}", &composed);
    raises("3.0.3", "{minimum: 1, exclusiveMinimum: true, maximum: 5}", &json!({"exclusiveMinimum": 1, "maximum": 5}));
    raises("3.0.3", "{minimum: 1, exclusiveMinimum: false}", &json!({"minimum": 1}));
    raises("3.0.3", "{$ref: '#/components/schemas/Hull', description: d, nullable: true}", &hull);
    raises(
        "3.0.3",
        "{type: object, properties: {const: {type: string, const: 1, nullable: false}}}",
        &json!({"type": "object", "properties": {"const": {"type": "string"}}}),
    );
    raises("3.0.3", "{type: string, pattern: '(?i)a', maxLength: null}", &json!({"type": "string"}));
}

#[test]
fn a_schema_of_3_1_is_what_it_is() {
    let schema = "{$ref: '#/components/schemas/Hull', maxLength: 4, const: a, prefixItems: [true], if: {type: 'null'}}";
    let expected = json!({"$ref": "#/components/schemas/Hull", "maxLength": 4, "const": "a", "prefixItems": [true],
        "if": {"type": "null"}});
    raises("3.1.0", schema, &expected);
    // Words of 3.0 that authors go on writing.
    raises(
        "3.1.0",
        "{type: integer, minimum: 1, exclusiveMinimum: true}",
        &json!({"type": "integer", "exclusiveMinimum": 1}),
    );
    raises("3.1.0", "{type: [string], nullable: true}", &json!({"type": ["string", "null"]}));
}

#[test]
fn null_fits_beside_a_composition_that_is_nullable() {
    let schema = "{type: object, properties: {hull: {nullable: true, allOf: [{$ref: '#/components/schemas/Hull'}]}}, example: {hull: null}}";
    finds(&with_schema("3.0.3", schema), &[]);
}

#[test]
fn each_version_knows_its_words() {
    finds(&with_schema("3.1.0", "{type: [string, 'null'], const: a, examples: [a]}"), &[]);
    finds(&with_schema("3.0.3", "{type: string, const: a}"), &["7:26 unknown-key"]);
    finds(&with_schema("3.0.3", "{type: [string, 'null']}"), &["7:18 wrong-type"]);
    finds(&with_schema("3.1.0", "{type: string, nullable: true}"), &["7:26 unknown-key"]);
    finds(&with_schema("3.1.0", "{type: [string, nul]}"), &["7:27 unknown-value!"]);
    finds(&with_schema("3.1.0", "{type: integer, exclusiveMinimum: 3, exclusiveMaximum: 3}"), &["7:27 bounds"]);
    finds(&with_schema("3.1.0", "{type: integer, examples: [1, two]}"), &["7:41 example-mismatch"]);
    finds(&with_schema("3.1.0", "true"), &[]);
    finds(&with_schema("3.0.3", "true"), &["7:11 wrong-type!"]);
    finds(&with_schema("3.1.0", "{$schema: 'http://json-schema.org/draft-07/schema#'}"), &["7:21 schema-dialect"]);
    finds("openapi: 3.1.0\ninfo: {title: t, version: '1', summary: s, license: {name: n, identifier: MIT}}\n", &[]);
    finds("openapi: 3.0.0\ninfo: {title: t, version: '1'}\n", &["1:1 missing-key"]);
    finds("openapi: 3.2.0\n$self: a\ninfo: {title: t, version: '1'}\n", &["2:8 unsupported"]);
    finds("openapi: 3.7.0\ninfo: {title: t, version: '1'}\n", &["1:10 openapi-version"]);
    assert_eq!(document("openapi: 3.2.0").version(), Version::V3_2);
}

#[test]
fn webhooks_are_checked_and_said_to_be_left_out() {
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks:\n  sunk: {post: {responses: {'200': {}}}}\n";
    finds(text, &["3:1 unsupported", "4:36 missing-key"]);
}

#[test]
fn an_unquoted_version_is_read() {
    let text = "openapi: 3.1\ninfo: {title: t, version: 2}\npaths: {}\n";
    finds(text, &["1:10 wrong-type", "2:27 wrong-type"]);
    assert_eq!(document(text).version(), Version::V3_1);
}

#[test]
fn swagger_2_is_one_clear_error() {
    let found = Document::read("boats.yaml", "swagger: '2.0'\npaths: {}\n").err().unwrap();
    assert_eq!(found.0.len(), 1);
    assert!(found.to_string().starts_with("error[openapi-version]: boats.yaml:1:1: this is a Swagger 2.0 document"));
}

#[test]
fn a_constant_of_3_1_tells_operations_apart() {
    let operation = |id: &str| {
        format!(
            "get: {{operationId: {id}, parameters: [{{name: act, in: query, required: true, schema: {{const: {id}}}}}], \
             responses: {{'200': {{description: d, content: {{application/json: {{example: 1, schema: true}}}}}}}}}}"
        )
    };
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /a#x: {{{}}}\n  /a#y: {{{}}}\n",
        operation("sail"),
        operation("sink")
    );
    let document = document(&text);
    let api = Api::of(&document);
    assert_eq!(api.operations()[1].constants[0].value, "sink");
    let suite = suite(&api);
    assert_eq!(suite.cases.iter().filter(|case| case.kind.is_documented()).count(), 2);
    assert!(!check(&api).0.iter().any(|it| it.rule == "same-address"));
}
