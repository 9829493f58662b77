//! Which examples of an unprepared document can be replayed, and what is reported about the others.

#![allow(clippy::unwrap_used)]

use conformance_engine::schema::{Direction, Schemas};
use conformance_engine::suite::{Case, LeftOut, Place};
use openapi_document::{Api, Document, suite};
use serde_json::{Value, json};

/// The cases, and below them what is left out and why, a line for each.
#[track_caller]
fn check(paths: &str, expected: &[&str]) {
    let text = format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{paths}");
    let suite = suite(&Api::of(&Document::read("t.yaml", &text).unwrap()));
    let cases = suite.cases.iter().filter(|case| case.kind.is_documented()).map(sent);
    let left_out = suite.left_out.iter().map(|LeftOut { operation, reason, .. }| format!("no {operation}: {reason}"));
    assert_eq!(cases.chain(left_out).collect::<Vec<_>>(), expected);
    // Whoever reads it is strict.
    conformance_engine::suite::Suite::from_json(&serde_json::to_string(&suite).unwrap()).unwrap();
}

fn sent(case: &Case) -> String {
    let request = &case.request;
    let parameter = |place| request.parameters.iter().filter(move |it| it.place == place);
    let pairs: Vec<_> = [Place::Path, Place::Query, Place::Header]
        .into_iter()
        .flat_map(parameter)
        .map(|it| format!(" {}={}", it.name, it.value))
        .collect();
    let body = request.body.as_ref().map_or_else(String::new, |body| format!(" {}", body.value));
    format!("{}{}{body}", case.id, pairs.concat())
}

const OK: &str = "responses: {'200': {description: ok, content: {application/json: {example: {a: 1}}}}}";

#[test]
fn a_body_is_sent_where_its_text_is_known() {
    let body = |name: &str, media_type: &str, example: &str| {
        let body = format!("requestBody: {{content: {{{media_type}: {{example: {example}}}}}}}");
        format!("  /{name}: {{post: {{operationId: {name}, {body}, {OK}}}}}\n")
    };
    let paths = [
        body("text", "application/xml", "<a/>"),
        body("value", "application/xml", "{a: 1}"),
        body("form", "application/x-www-form-urlencoded", "{a: 'x y&', b: [1, true]}"),
        body("nested", "application/x-www-form-urlencoded", "{a: {b: 1}}"),
        body("parts", "multipart/form-data", "{file: abc}"),
    ];
    check(
        &paths.concat(),
        &[
            "text/example \"<a/>\"",
            "form/example \"a=x+y%26&b=1&b=true\"",
            "nested/example \"a=%7B%22b%22%3A1%7D\"",
            "parts/example \"--part-0\\r\\nContent-Disposition: form-data; name=\\\"file\\\"\\r\\n\\r\\nabc\\r\\n--part-0--\\r\\n\"",
            "no value: the example of a `application/xml` body is a value and not the text to send",
        ],
    );
}

#[test]
fn several_values_are_written_as_their_style_says() {
    let parameter = |name: &str, place: &str, more: &str| {
        let parameter = format!("{{name: p, in: {place}, required: true, schema: {{}}, example: [1, 2]{more}}}");
        let path = if place == "path" { format!("/{name}/{{p}}") } else { format!("/{name}") };
        format!("  {path}: {{get: {{operationId: {name}, parameters: [{parameter}], {OK}}}}}\n")
    };
    let paths = [
        parameter("path", "path", ", explode: true"),
        parameter("matrix", "path", ", style: matrix"),
        parameter("query", "query", ""),
        parameter("commas", "query", ", explode: false"),
        parameter("pipes", "query", ", style: pipeDelimited"),
        parameter("deep", "query", ", style: deepObject"),
        parameter("header", "header", ", explode: true"),
    ];
    check(
        &paths.concat(),
        &[
            "path/example p=1,2",
            "matrix/example p=1,2",
            "query/example p=1 p=2",
            "commas/example p=1,2",
            "pipes/example p=1%7C2",
            "header/example p=1,2",
            "no deep: the value of the parameter `p` is a list, and the style `deepObject` writes objects only",
        ],
    );
}

#[test]
fn what_is_elsewhere_or_twice_is_named_and_the_rest_goes_on() {
    let paths = format!(
        "  /elsewhere: {{$ref: 'other.yaml#/paths/~1a'}}
  /file: {{get: {{operationId: file, responses: {{'200': {{$ref: './r.yaml#/R'}}}}}}}}
  /whole: {{get: {{$ref: './whole.yaml'}}}}
  /nothing: {{get: {{operationId: nothing, responses: {{'200': {{$ref: '#/components/responses/R'}}}}}}}}
  /twice: {{get: {{operationId: twice, {OK}}}, put: {{operationId: twice, {OK}}}}}
  /status:
    get:
      operationId: status
      responses: {{'99': {{description: x, content: {{application/json: {{example: 1}}}}}}}}
"
    );
    check(
        &paths,
        &[
            "twice/example",
            "no /elsewhere: its operations are behind the reference `other.yaml#/paths/~1a`, which is not followed",
            "no file: `./r.yaml#/R` is in another file, and one file is read",
            "no GET /whole: `./whole.yaml` is in another file, and one file is read",
            "no nothing: the reference `#/components/responses/R` leads to nothing",
            "no twice: another operation is called `twice` as well",
            "no status: `99` names no single status that a reply could be compared with",
        ],
    );
}

#[test]
fn a_schema_that_stands_elsewhere_in_the_document_is_known_by_its_reference() {
    let there = "#/paths/~1first~1%7Bid%7D/get/responses/200/content/application~1json/schema";
    let second = format!("{there}/properties/name");
    let json = |schema: &str, example: &str| {
        format!(
            "responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}, example: {example}}}}}}}}}"
        )
    };
    let first = "{type: object, required: [name], properties: {name: {type: string}, next: {$ref: '#/components/schemas/A/properties/b'}}}";
    let text = format!(
        "openapi: 3.0.3
info: {{title: T, version: '1'}}
servers: [{{url: /}}]
paths:
  /first/{{id}}:
    get:
      operationId: first
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}, example: x}}]
      {}
  /second: {{get: {{operationId: second, {}}}}}
  /third: {{get: {{operationId: third, {}}}}}
components: {{schemas: {{A: {{type: object, properties: {{b: {{type: integer}}}}}}}}}}
",
        json(first, "{name: n, next: 1}"),
        json(&format!("{{$ref: '{there}'}}"), "{name: n}"),
        json(&format!("{{$ref: '{second}'}}"), "n"),
    );
    let suite = suite(&Api::of(&Document::read("t.yaml", &text).unwrap()));
    let schemas = Schemas::new(&suite.schemas);
    let check = |id: &str, value: Value, expected: &[&str]| {
        let schema = suite.case(id).unwrap().expected.body.as_ref().unwrap().schema.as_ref().unwrap();
        let found = schemas.violations(&value, schema, Direction::Reply);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    };
    check("second/example", json!({"name": "n", "next": 1}), &[]);
    check(
        "second/example",
        json!({"next": "1"}),
        &[
            "/name: expected this member, found none (required)",
            "/next: expected an integer, found a string: \"1\" (type)",
        ],
    );
    check("third/example", json!(3), &["(whole value): expected a string, found a number: 3 (type)"]);
}
