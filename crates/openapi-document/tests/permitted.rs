//! The cases that follow from what a document permits.
#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Case, Kind, Suite};
use openapi_document::{Api, Document};
use serde_json::json;

/// Kites, with every kind of thing that may be left out, chosen or written otherwise.
const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Kites, version: '1'}
security: [{Key: []}]
paths:
  /kites:
    get:
      operationId: list_kites
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: sort, in: query, schema: {type: string, enum: [name, age]}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}, examples: {all: {value: 2}}}
        - {name: team_id, in: query, schema: {type: string, maxLength: 3}, examples: {all: {value: t-1}}}
        - {name: x-trace, in: header, required: true, schema: {type: string, minLength: 2, maxLength: 4}, examples: {all: {value: abc}}}
      responses:
        '200':
          description: Kites.
          content: {application/json: {schema: {type: array, items: {type: object}}, examples: {all: {value: []}}}}
    post:
      operationId: create_kite
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 2, maxLength: 6}
                colour: {type: string, enum: [red, green, blue]}
                size: {type: integer, minimum: 0, exclusiveMinimum: true, maximum: 10, multipleOf: 2}
                weight: {type: number, minimum: 0.5}
                tags: {type: array, items: {type: string}, minItems: 1, maxItems: 3}
                note: {type: string, nullable: true}
                visible: {type: boolean, default: true}
                email: {type: string, format: email, maxLength: 40}
                owner_id: {type: string, maxLength: 40}
                made: {type: string, readOnly: true, enum: [by hand]}
                line:
                  type: object
                  required: [length]
                  properties: {length: {type: integer, maximum: 50}, kind: {type: string, enum: [thin, thick]}}
            examples:
              ok:
                value:
                  name: Ada
                  colour: red
                  size: 4
                  weight: 1.5
                  tags: [a, b]
                  note: hm
                  email: a@example.com
                  owner_id: o-1
                  line: {length: 20, kind: thin}
              too_blue: {value: {name: Ada, colour: blue}}
      responses:
        '201':
          description: Made.
          content:
            application/json:
              schema: {type: object, properties: {id: {type: string, x-match: id}, colour: {type: string}}}
              examples: {ok: {value: {id: k-1, colour: red}}}
        '202': {description: Later.}
        '409':
          description: No.
          content: {application/json: {schema: {type: object}, examples: {too_blue: {value: {}}}}}
  /kites/{kite_id}:
    patch:
      operationId: change_kite
      parameters: [{name: kite_id, in: path, required: true, schema: {type: string, maxLength: 9}, example: k-1}]
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {colour: {type: string}}}
            examples: {ok: {value: {colour: red}}}
      responses:
        '204': {description: Changed.}
components:
  securitySchemes: {Key: {type: apiKey, in: header, name: x-key}}
"##;

fn suite(text: &str) -> Suite {
    let document = Document::read("kites.yaml", text).unwrap_or_else(|found| panic!("{found}"));
    openapi_document::suite(&Api::of(&document))
}

fn case<'s>(suite: &'s Suite, id: &str) -> &'s Case {
    suite.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"))
}

/// Of each permitted case of the operation that changes a value: what is changed, and what is sent.
fn changes(suite: &Suite, operation: &str) -> Vec<String> {
    let start = format!("{operation}/permitted/");
    let of = |case: &Case| {
        assert!(matches!(case.kind, Kind::Permitted { .. }));
        let query = case.request.parameters.iter().map(|it| format!("{}={}", it.name, it.value)).collect::<Vec<_>>();
        let body = case.request.body.as_ref().map(|body| body.value.to_string());
        format!("{} {}", &case.id[start.len()..], body.unwrap_or(query.join("&")))
    };
    let cases = suite.cases.iter().filter(|case| case.id.starts_with(&start) && case.request.wire.is_none());
    cases.map(of).collect()
}

#[test]
fn what_is_optional_is_left_out_and_what_may_be_chosen_is_chosen() {
    let suite = suite(DOCUMENT);
    let found = changes(&suite, "create_kite");
    let names: Vec<&str> = found.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "body.name.shortest",
            "body.name.longest",
            "body.colour.absent",
            "body.colour.value.green",
            "body.size.absent",
            "body.size.least",
            "body.size.greatest",
            "body.size.multiple",
            "body.weight.absent",
            "body.weight.least",
            "body.tags.absent",
            "body.tags.fewest_items",
            "body.tags.most_items",
            "body.note.absent",
            "body.note.null",
            "body.visible.default",
            "body.visible.value.false",
            "body.email.absent",
            "body.owner_id.absent",
            "body.line.absent",
            "body.line.length.greatest",
            "body.line.kind.absent",
            "body.line.kind.value.thick",
        ]
    );
    let sent = |name: &str| case(&suite, &format!("create_kite/permitted/{name}")).request.body.clone().unwrap();
    let member = |name: &str, member: &str| sent(name).value[member].clone();
    assert_eq!(member("body.name.longest", "name"), "AdaAda");
    assert_eq!(member("body.name.shortest", "name"), "Ad");
    assert_eq!([member("body.size.least", "size"), member("body.size.greatest", "size")], [2, 10]);
    assert_eq!(member("body.size.multiple", "size"), 6);
    assert_eq!(member("body.weight.least", "weight"), 0.5);
    assert_eq!(member("body.tags.most_items", "tags"), json!(["a", "b", "a2"]));
    assert_eq!(member("body.line.kind.value.thick", "line"), json!({"length": 20, "kind": "thick"}));
    assert_eq!(sent("body.line.kind.value.thick").fixed, ["line"], "what a state supplies must not undo it");
}

#[test]
fn what_the_document_shows_with_another_outcome_is_said_and_not_tried() {
    let suite = suite(DOCUMENT);
    let left_out: Vec<String> = suite
        .untried
        .iter()
        .filter(|it| it.reason.starts_with("permitted/"))
        .map(|it| format!("{} {}", it.operation, it.reason))
        .collect();
    assert_eq!(
        left_out,
        [
            "create_kite permitted/body.colour.value.blue: create_kite/too_blue has the value \"blue\", and is refused with 409",
            "create_kite permitted/body.email.length: no text of the format `email` and of the length of the limit is known",
        ]
    );
}

#[test]
fn parameters_are_left_out_added_and_chosen_but_for_what_names_something() {
    let suite = suite(DOCUMENT);
    assert_eq!(
        changes(&suite, "list_kites"),
        [
            "query.limit.default page=2&team_id=t-1&x-trace=abc&limit=20",
            "query.limit.least page=2&team_id=t-1&x-trace=abc&limit=1",
            "query.limit.greatest page=2&team_id=t-1&x-trace=abc&limit=100",
            "query.sort.value.name page=2&team_id=t-1&x-trace=abc&sort=name",
            "query.sort.value.age page=2&team_id=t-1&x-trace=abc&sort=age",
            "query.page.absent team_id=t-1&x-trace=abc",
            "query.page.least page=1&team_id=t-1&x-trace=abc",
            "query.team_id.absent page=2&x-trace=abc",
            "header.x-trace.shortest page=2&team_id=t-1&x-trace=ab",
            "header.x-trace.longest page=2&team_id=t-1&x-trace=abca",
        ]
    );
    assert_eq!(changes(&suite, "change_kite"), ["body.absent kite_id=k-1", "body.empty {}"]);
}

/// A changed value may change the reply, so of that only a documented success is expected.
#[test]
fn a_changed_value_may_be_answered_otherwise_and_a_text_that_means_the_same_may_not() {
    let suite = suite(DOCUMENT);
    let changed = &case(&suite, "create_kite/permitted/body.colour.absent").expected;
    assert_eq!((changed.status, changed.or.as_slice()), (201, &[202][..]));
    // It may have been created before, which its unchanged request tells.
    assert_eq!(changed.ambiguous.as_ref().unwrap().unchanged, "create_kite/ok");
    assert_eq!(changed.body.as_ref().unwrap().example, Some(json!({"id": "k-1"})), "its identifier, not its colour");
    let same = case(&suite, "create_kite/permitted/wire.member_order");
    let documented = &case(&suite, "create_kite/ok").expected;
    assert_eq!((same.expected.status, &same.expected.body), (documented.status, &documented.body));
}

#[test]
fn a_request_is_written_in_every_way_that_it_can_be() {
    let suite = suite(DOCUMENT);
    let ways = |operation: &str| {
        let cases = suite.cases.iter().filter(|case| case.operation == operation);
        cases.filter_map(|case| case.request.wire).map(|wire| wire.name()).collect::<Vec<_>>().join(" ")
    };
    // The document spells its headers in lower case.
    assert_eq!(
        ways("create_kite"),
        "member_order spaces lines escapes charset media_type_case lower_case_names canonical_names no_accept any_accept \
         no_user_agent chunked expect_continue close absolute_form"
    );
    assert_eq!(
        ways("list_kites"),
        "lower_case_names canonical_names no_accept any_accept no_user_agent percent_query percent_lower_case query_order \
         close absolute_form"
    );
    assert_eq!(
        ways("change_kite"),
        "spaces lines escapes charset media_type_case lower_case_names canonical_names no_user_agent percent_path \
         percent_lower_case chunked expect_continue close absolute_form"
    );
}

fn many(count: usize) -> String {
    let paths = (0..count).map(|number| {
        format!(
            "  /kites/k{number}: {{get: {{operationId: kite_{number}, responses: {{'200': {{description: d, \
             content: {{application/json: {{schema: {{type: object}}, examples: {{ok: {{value: {{}}}}}}}}}}}}}}}}}}\n"
        )
    });
    format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n{}", paths.collect::<String>())
}

/// The ids of all permitted cases.
fn ids(text: &str) -> Vec<String> {
    let cases = suite(text).cases.into_iter().filter(|case| matches!(case.kind, Kind::Permitted { .. }));
    let mut ids: Vec<String> = cases.map(|case| case.id).collect();
    ids.sort();
    ids
}

#[test]
fn in_a_large_document_the_ways_of_writing_are_spread_and_stay_where_they_are() {
    let (few, all) = (ids(&many(12)), ids(&many(100)));
    assert_eq!((few.len(), all.len()), (12 * 6, 12 * 6), "each of six ways by twelve operations");
    let operations = |ids: &[String]| {
        let mut all: Vec<_> = ids.iter().filter_map(|id| id.split('/').next().map(str::to_owned)).collect();
        all.dedup();
        all.len()
    };
    assert!(operations(&all) > 30, "{}", operations(&all));
    let mut reversed: Vec<String> = many(100).lines().map(str::to_owned).collect();
    reversed[3..].reverse();
    assert_eq!(ids(&reversed.join("\n")), all, "the order of the document is of no meaning");
}

#[test]
fn a_refusal_of_a_way_of_writing_counts_where_it_is_documented() {
    let documented = DOCUMENT.replace("        '409':", "        '411': {description: Say how long.}\n        '409':");
    for (text, or) in [(DOCUMENT, &[][..]), (documented.as_str(), &[411])] {
        assert_eq!(case(&suite(text), "create_kite/permitted/wire.chunked").expected.or, or);
        assert!(case(&suite(text), "create_kite/permitted/wire.close").expected.or.is_empty());
    }
}
