//! What changed between two versions of a document, whom it breaks, and how it is told.

#![allow(clippy::unwrap_used)]

use conformance_engine::diff::{Change, Party, Promises, diff, markdown, text};
use openapi_document::{Api, Document, contract, suite};

const OLD: &str = r"
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    post:
      operationId: create
      parameters:
        - {name: dry, in: query, schema: {type: boolean}}
        - {name: X-Trace, in: header, schema: {type: string, maxLength: 20}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
            examples: {plain: {value: {item: pen, count: 2}}}
      responses:
        '201':
          description: made
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Made'}
              examples: {plain: {value: {id: o1, state: open}}}
        '400': {description: wrong}
  /orders/{id}:
    get:
      operationId: show
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: it
          content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}
    delete:
      operationId: remove
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: gone}}
components:
  schemas:
    Order:
      type: object
      required: [item]
      properties: {item: {type: string}, count: {type: integer, maximum: 100}}
    Made:
      type: object
      required: [id, state]
      properties: {id: {type: string}, state: {enum: [open, paid]}}
";

fn changes(old: &str, new: &str) -> Vec<Change> {
    let read = |text: &str| Document::read("orders.yaml", text).map_err(|found| found.to_string()).unwrap();
    let (old, new) = (read(old), read(new));
    let (old, new) = (Api::of(&old), Api::of(&new));
    let (contracts, suites) = ((contract(&old), contract(&new)), (suite(&old), suite(&new)));
    diff(Promises { contract: &contracts.0, suite: &suites.0 }, Promises { contract: &contracts.1, suite: &suites.1 })
}

/// Makes one replacement in the document, and expects these changes: `id kind parties`.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(OLD.contains(from), "{from}");
    let new = OLD.replace(from, to);
    let found: Vec<String> = changes(OLD, &new)
        .iter()
        .map(|change| {
            let parties: Vec<_> = change.breaks.iter().map(|party| format!("{party:?}").to_lowercase()).collect();
            format!("{} {} {}", change.id, change.kind, parties.join("+")).trim_end().to_owned()
        })
        .collect();
    assert_eq!(found, expected, "{from} -> {to}");
}

#[test]
fn the_same_document_has_no_changes() {
    check("title: Orders", "title: Order service", &[]);
    check("description: made", "description: The order.", &[]);
    let renamed = OLD.replace("/orders/{id}:", "/orders/{order}:").replace("name: id,", "name: order,");
    assert_eq!(changes(OLD, &renamed), []);
}

#[test]
fn operations_and_addresses() {
    check("operationId: remove", "operationId: cancel", &["remove/id changed caller"]);
    check(
        "/orders/{id}:",
        "/order/{id}:",
        &["show/address changed caller+server", "remove/address changed caller+server"],
    );
    let without =
        OLD.split("    delete:").next().unwrap().to_owned() + "components:" + OLD.split("components:").nth(1).unwrap();
    let removed = changes(OLD, &without);
    assert_eq!((removed.len(), &removed[0].breaks), (1, &vec![Party::Caller]));
    let added = changes(&without, OLD);
    assert_eq!((added.len(), &added[0].breaks), (1, &vec![Party::Server]));
}

#[test]
fn requests() {
    check(
        "in: query, schema",
        "in: query, required: true, schema",
        &["create/request.query.dry.required tightened caller"],
    );
    check("maxLength: 20", "maxLength: 10", &["create/request.header.X-Trace.maxLength tightened caller"]);
    check("name: X-Trace", "name: x-trace", &[]);
    check(
        "name: dry",
        "name: wet",
        &["create/request.query.dry removed caller", "create/request.query.wet added server"],
    );
    check("maximum: 100", "maximum: 1000", &["create/request.body.count.maximum loosened server"]);
    check("required: [item]", "required: [item, count]", &["create/request.body.count.required tightened caller"]);
    check("        required: true\n", "", &["create/request.body.required loosened server"]);
}

#[test]
fn replies() {
    check(
        "enum: [open, paid]",
        "enum: [open, paid, lost]",
        &["create/response.201.state.enum loosened caller", "show/response.200.state.enum loosened caller"],
    );
    check(
        "required: [id, state]",
        "required: [id]",
        &["create/response.201.state.required loosened caller", "show/response.200.state.required loosened caller"],
    );
    check(
        "'400': {description: wrong}",
        "'422': {description: wrong}",
        &["create/response.400 removed server", "create/response.422 added"],
    );
    check(
        "'204': {description: gone}",
        "'204': {description: gone}, '202': {description: later}",
        &["remove/response.202 added caller"],
    );
}

#[test]
fn examples_are_promises() {
    check(
        "value: {item: pen, count: 2}",
        "value: {item: pen, count: 3}",
        &["create/plain.request changed caller+server"],
    );
    // Another value of a member is none, another member is one.
    check("value: {id: o1, state: open}", "value: {id: o2, state: paid}", &["create/plain.body changed"]);
    check(
        "value: {id: o1, state: open}",
        "value: {id: o1, state: open, more: 1}",
        &["create/plain.body changed server"],
    );
}

#[test]
fn a_change_of_a_shared_schema_is_told_once() {
    let new = OLD.replace("enum: [open, paid]", "enum: [open]").replace("maximum: 100", "maximum: 10");
    let found = changes(OLD, &new);
    // The status is another one, so that the two replies are two promises.
    let expected = "\
breaks callers:
  create/request.body.count.maximum: tightened: the request body, /count: maximum
    100 → 10

breaks servers:
  create/response.201.state.enum: tightened: the reply 201, /state: enum
    [\"paid\"] → none
  show/response.200.state.enum: tightened: the reply 200, /state: enum
    [\"paid\"] → none

3 changes: 1 break callers, 2 break servers, 0 break nobody
";
    assert_eq!(text(&found), expected);
    assert!(
        markdown(&found).contains(
            "| create/request.body.count.maximum | tightened: the request body, /count: maximum | 100 → 10 |"
        )
    );
}
