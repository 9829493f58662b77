//! A document of several files is read as one, with the places of each.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use openapi_document::{Api, Diagnostics, Document, Level, check};

const ROOT: &str = "openapi: 3.0.3
info: {title: Boats, version: '1'}
paths:
  /boats: {$ref: 'paths/boats.yaml'}
  /hulls:
    get: {$ref: 'paths/hulls.yaml#/get'}
components:
  schemas:
    Boat: {$ref: 'schemas/boat.yaml'}
";
const BOATS: &str = "get:
  operationId: list_boats
  responses:
    '200':
      description: d
      content: {application/json: {schema: {type: array, items: {$ref: '../schemas/boat.yaml'}}}}
    '404': {$ref: '../common.yaml#/components/responses/Missing'}
";
const HULLS: &str = "get:
  operationId: list_hulls
  responses: {'200': {description: d, content: {application/json: {schema: {$ref: '../openapi.yaml#/components/schemas/Boat'}}}}}
";
const BOAT: &str = "type: object
properties:
  hull: {$ref: '#/definitions/Hull'}
  next: {$ref: 'boat.yaml'}
definitions: {Hull: {type: string, exmple: 1}}
";
const COMMON: &str = "components:
  responses:
    Missing: {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}}
  schemas:
    Fault: {type: object, properties: {code: {type: integr}}}
";

fn read(root: &str, files: &[(&str, &str)]) -> (Document, Diagnostics) {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let mut load =
        |path: &str| files.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "there is none".to_owned());
    let document = Document::read_with("spec/openapi.yaml", root, &mut load).unwrap_or_else(|found| panic!("{found}"));
    let found = check(&Api::of(&document));
    (document, found)
}

fn places(found: &Diagnostics) -> Vec<String> {
    let mark = |level| if level == Level::Error { "!" } else { "" };
    let place = |it: &openapi_document::Diagnostic| {
        format!("{}:{}:{} {}{}", it.file, it.at.line, it.at.column, it.rule, mark(it.level))
    };
    found.0.iter().map(place).collect()
}

#[test]
fn what_other_files_hold_becomes_a_part_of_the_document() {
    let files = [
        ("paths/boats.yaml", BOATS),
        ("paths/hulls.yaml", HULLS),
        ("schemas/boat.yaml", BOAT),
        ("common.yaml", COMMON),
    ];
    let (document, found) = read(ROOT, &files);
    let mut expected = vec![
        "spec/common.yaml:5:53 unknown-value!",
        "spec/openapi.yaml:6:17 misplaced-reference",
        "spec/schemas/boat.yaml:5:1 unknown-key",
        "spec/schemas/boat.yaml:5:36 unknown-key",
    ];
    let mut actual = places(&found);
    actual.sort();
    expected.sort_unstable();
    assert_eq!(actual, expected, "\n{found}");

    let api = Api::of(&document);
    let ids: Vec<_> = api.operations().iter().map(|operation| operation.id).collect();
    assert_eq!(ids, ["list_boats", "list_hulls"]);
    let names: Vec<_> = document.components("schemas").map(|entry| entry.key.as_str()).collect();
    assert_eq!(names, ["Boat", "Hull", "Fault"]);
    assert_eq!(document.schemas()["Boat"]["properties"]["next"]["$ref"], "#/components/schemas/Boat");
    assert_eq!(document.schemas()["Boat"]["properties"]["hull"]["$ref"], "#/components/schemas/Hull");

    let broken: Vec<_> = api.concerning(found.errors()).iter().map(Vec::len).collect();
    assert_eq!(broken, [1, 0], "only the first operation reaches the fault");
}

#[test]
fn what_cannot_be_read_is_one_diagnostic_each() {
    let (_, found) = read(ROOT, &[("schemas/boat.yaml", "type: [a\n"), ("paths/boats.yaml", BOATS)]);
    let found = places(&found);
    let expected = [
        "spec/openapi.yaml:6:17 external-reference!",
        "spec/openapi.yaml:9:18 external-reference!",
        "spec/schemas/boat.yaml:2:1 yaml-syntax!",
        "spec/paths/boats.yaml:6:72 external-reference!",
        "spec/paths/boats.yaml:7:19 external-reference!",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    expected.iter().for_each(|one| assert!(found.iter().any(|it| it == one), "{one} is not in {found:#?}"));
}

#[test]
fn nothing_is_fetched() {
    let root = ROOT.replace("'paths/boats.yaml'", "'https://example.com/boats.yaml'");
    let mut asked = Vec::new();
    let mut load = |path: &str| {
        asked.push(path.to_owned());
        Err("no".to_owned())
    };
    let document = Document::read_with("openapi.yaml", &root, &mut load).unwrap_or_else(|found| panic!("{found}"));
    let found = check(&Api::of(&document)).to_string();
    assert!(
        found.contains("is on a network, and nothing is fetched") && found.contains("hint: save the file"),
        "{found}"
    );
    assert!(asked.iter().all(|path| !path.contains("example.com")), "{asked:?}");
}

#[test]
fn references_that_lead_to_each_other_end() {
    let root =
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a: {$ref: 'a.yaml'}\n  /b: {$ref: '#/paths/~1b'}\n";
    let files = [("a.yaml", "$ref: 'b.yaml'\n"), ("b.yaml", "$ref: 'a.yaml'\n")];
    let (_, found) = read(root, &files);
    assert!(found.errors().count() >= 2, "{found}");
}

#[test]
fn an_operation_that_is_a_reference_to_nothing_is_one_diagnostic() {
    let root = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get: {$ref: '#/nowhere'}\n";
    assert_eq!(places(&read(root, &[]).1), ["spec/openapi.yaml:5:17 misplaced-reference!"]);
}

#[test]
fn an_anchor_is_followed() {
    let root = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\ncomponents:\n  schemas:\n    Boat: {$ref: '#hull'}\n    Hull: {$anchor: hull, type: string}\n";
    let (document, found) = read(root, &[]);
    assert_eq!(places(&found), Vec::<String>::new());
    assert_eq!(document.schemas()["Boat"]["$ref"], "#/components/schemas/Hull");
}
