//! The suite says where each example and each operation stands, without a change to its file.

#![allow(clippy::unwrap_used)]

use conformance_engine::suite::Suite;
use openapi_document::{Api, Document, suite, suite_text};

const ROOT: &str = "openapi: 3.1.0
info: {title: Boats, version: '1'}
paths:
  /boats/{hull}:
    get:
      operationId: show_boat
      parameters:
        - {name: hull, in: path, required: true, schema: {type: integer}, example: 5}
        - {name: colour, in: query, schema: {enum: [red, blue]}, example: red}
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object}
              examples:
                afloat:
                  value: {hull: 5}
                ashore:
                  value: {hull: 5}
  /fleets: {$ref: 'paths/fleets.yaml'}
";
const FLEETS: &str = "get:
  operationId: list_fleets
  responses:
    '200':
      description: d
      content:
        application/json:
          example: [1]
post:
  operationId: add_fleet
  responses: {'201': {description: d}}
";

#[test]
fn examples_and_operations_have_their_places() {
    let mut load = |path: &str| (path == "paths/fleets.yaml").then(|| FLEETS.to_owned()).ok_or_else(String::new);
    let document = Document::read_with("api/openapi.yaml", ROOT, &mut load).unwrap();
    let suite = suite(&Api::of(&document));
    let place = |case: &str| {
        let case = suite.case(case).unwrap_or_else(|| panic!("no case `{case}`"));
        suite.place(&case.id, Some(&case.operation)).unwrap().to_string()
    };
    assert_eq!(place("show_boat/afloat"), "api/openapi.yaml:17:17");
    assert_eq!(place("show_boat/afloat.optional"), "api/openapi.yaml:17:17");
    assert_eq!(place("show_boat/ashore"), "api/openapi.yaml:19:17");
    assert_eq!(place("list_fleets/example"), "api/paths/fleets.yaml:8:20");
    // What shows no example of its own stands at its operation.
    assert_eq!(place("add_fleet/described"), "api/paths/fleets.yaml:9:1");
    let derived = suite.cases.iter().filter(|case| case.kind.name() == "derived" && case.operation == "show_boat");
    let derived: Vec<String> = derived.map(|case| place(&case.id)).collect();
    assert!(!derived.is_empty() && derived.iter().all(|place| place == "api/openapi.yaml:5:5"), "{derived:?}");

    let read = Suite::from_json(&suite_text(suite.clone(), "test")).unwrap();
    let places = Default::default();
    assert_eq!(read, Suite { places, generated: read.generated.clone(), ..suite });
}
