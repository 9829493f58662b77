//! The cases that follow from the lifecycle of a document: each operation in each state, and what it leaves behind.
#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Case, Kind, Sending, Suite};
use openapi_document::{Api, Document};

/// A kiln that is heated, cooled, glazed once and photographed; a photograph can be hung when the kiln is cold.
const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Kilns, version: '1'}
paths:
  /kilns/{kiln}/heat:
    post:
      operationId: heat
      parameters: [{$ref: '#/components/parameters/kiln'}]
      responses:
        '200': {description: Heating., content: {application/json: {schema: {$ref: '#/components/schemas/Job'},
          examples: {ok: {x-given: a cold kiln, value: {job: j-1}}}}}}
        '404': {description: No kiln.}
        '409': {description: Another state., content: {application/json: {schema: {$ref: '#/components/schemas/Bad'}}}}
        '503': {description: Later.}
  /kilns/{kiln}/cool:
    post:
      operationId: cool
      parameters: [{$ref: '#/components/parameters/kiln'}]
      responses:
        '200': {description: Cooling., content: {application/json: {schema: {$ref: '#/components/schemas/Job'},
          examples: {ok: {x-given: a hot kiln, value: {job: j-2}}}}}}
  /kilns/{kiln}/glaze:
    post:
      operationId: glaze
      parameters: [{$ref: '#/components/parameters/kiln'}]
      responses:
        '200': {description: Glazing., content: {application/json: {schema: {$ref: '#/components/schemas/Job'},
          examples: {ok: {x-given: a cold kiln, value: {job: j-3}}}}}}
        '4XX': {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Bad'}}}}
  /kilns/{kiln}/photograph:
    post:
      operationId: photograph
      parameters: [{$ref: '#/components/parameters/kiln'}]
      responses:
        '200':
          description: Taken.
          content: {application/json: {schema: {$ref: '#/components/schemas/Photograph'},
            examples: {ok: {x-given: a hot kiln, value: {photograph: f-0}}}}}
          links: {hang: {operationId: hang, requestBody: {picture: '$response.body#/photograph'}}}
        '422': {description: Another state.}
  /kilns/{kiln}/hang:
    post:
      operationId: hang
      parameters: [{$ref: '#/components/parameters/kiln'}]
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [picture], properties: {picture: {type: string}}},
          examples: {ok: {value: {picture: f-0}}}}}
      responses:
        '200': {description: Hung., content: {application/json: {schema: {$ref: '#/components/schemas/Job'},
          examples: {ok: {x-given: a cold kiln with a photograph, value: {job: j-4}}}}}}
        '400': {description: Bad request.}
        '404': {description: No kiln, no picture.}
components:
  parameters:
    kiln: {name: kiln, in: path, required: true, schema: {type: string}, example: k-1}
  schemas:
    Job: {type: object, properties: {job: {type: string, x-match: id, x-present-on: success}}}
    Photograph: {type: object, properties: {photograph: {type: string, x-match: id}}}
    Bad: {type: object, properties: {code: {type: string, x-match: equal}}}
x-lifecycle:
  resource: kiln
  identifier: kiln
  states: {hot: {status: H}, cold: {status: C}, warm: {status: W}}
  operations:
    heat: {from: [cold], through: [warm], to: hot}
    cool: {from: [hot, warm], to: cold}
    glaze: {from: [cold], to: cold, once: true}
    photograph: {from: [hot], to: hot, adds: [photograph]}
    hang: {from: [cold], to: cold}
  givens:
    a hot kiln: {state: hot}
    a cold kiln: {state: cold}
    a cold kiln with a photograph: {state: cold, with: [photograph]}
    a warm kiln: {state: warm}
    no kiln: {state: null}
  look: {paths: ['/kilns/{kiln}'], status: /status}
  job: {paths: ['/kilns/{kiln}/jobs/{job}'], identifier: job, answered: [job], status: /status, succeeded: [ok], failed: [no]}
"##;

fn suite() -> Suite {
    let document = Document::read("kilns.yaml", DOCUMENT).unwrap_or_else(|found| panic!("{found}"));
    openapi_document::suite(&Api::of(&document))
}

fn case<'s>(suite: &'s Suite, id: &str) -> &'s Case {
    suite
        .case(id)
        .unwrap_or_else(|| panic!("no {id} in {:#?}", suite.cases.iter().map(|case| &case.id).collect::<Vec<_>>()))
}

/// Id, given, accepted statuses, and where it ends.
fn shown(case: &Case) -> String {
    let expected = &case.expected;
    let statuses: String =
        std::iter::once(expected.status).chain(expected.or.clone()).map(|it| format!(" {it}")).collect();
    let class = if expected.class { "XX" } else { "" };
    let ends = case.kind.ends().map_or_else(String::new, |ends| format!(" -> {ends}"));
    format!("{}: {}:{statuses}{class}{ends}", case.id, case.given.as_deref().unwrap())
}

#[test]
fn each_operation_is_tried_in_each_state_that_no_example_shows() {
    let suite = suite();
    let alone = |case: &&Case| case.kind.steps().is_empty() && case.kind.sending() == Sending::Once;
    let states = suite.cases.iter().filter(|case| matches!(case.kind, Kind::Journey { unique: false, .. }));
    assert_eq!(
        states.filter(alone).map(shown).collect::<Vec<_>>(),
        [
            "heat/state/hot: a hot kiln: 409 404 -> hot",
            "heat/state/warm: a warm kiln: 409 404 -> warm",
            "heat/state/unknown: no kiln: 404 409",
            "cool/state/warm: a warm kiln: 200 -> cold",
            "glaze/state/hot: a hot kiln: 400XX -> hot",
            "glaze/state/warm: a warm kiln: 400XX -> warm",
            "glaze/state/unknown: no kiln: 400XX",
            "photograph/state/cold: a cold kiln: 422 -> cold",
            "photograph/state/warm: a warm kiln: 422 -> warm",
            "photograph/state/unknown: no kiln: 422",
            "hang/state/hot: a hot kiln: 400 404 -> hot",
            "hang/state/warm: a warm kiln: 400 404 -> warm",
            "hang/state/unknown: no kiln: 404 400",
            "hang/state/unknown_photograph: a cold kiln: 404 400 -> cold",
        ]
    );
}

#[test]
fn what_no_documented_status_can_refuse_is_said() {
    let suite = suite();
    let left_out: Vec<_> = suite.left_out.iter().map(|it| format!("{}: {}", it.operation, it.reason)).collect();
    assert_eq!(left_out, ["cool: no status is documented with which a kiln that is cold could refuse it"]);
    assert!(suite.case("cool/state/unknown").is_none());
    assert!(suite.case("cool/state/twice_at_once").is_none(), "nor can the second of two at the same time");
}

#[test]
fn after_each_operation_every_other_is_tried() {
    let suite = suite();
    let after = |id: &str| case(&suite, id).kind.steps().to_vec();
    assert_eq!(
        shown(case(&suite, "heat/journey/ok_then_photograph_ok")),
        "heat/journey/ok_then_photograph_ok: a cold kiln: 200 -> hot"
    );
    assert_eq!(
        shown(case(&suite, "heat/journey/ok_then_glaze_hot")),
        "heat/journey/ok_then_glaze_hot: a cold kiln: 400XX -> hot"
    );
    assert_eq!(after("cool/journey/ok_then_photograph_cold"), ["cool/ok"]);
    let once = case(&suite, "glaze/state/once");
    assert_eq!(shown(once), "glaze/state/once: a cold kiln: 400XX");
    assert_eq!(once.kind.steps(), ["glaze/ok"]);
    assert_eq!(after("glaze/journey/hot_then_cool_ok_then_glaze_ok"), ["glaze/state/hot", "cool/ok"]);
}

#[test]
fn what_is_added_can_be_used_after_every_operation_and_the_older_too() {
    let suite = suite();
    let uses = suite.cases.iter().filter(|case| {
        case.operation == "hang" && case.id.starts_with("photograph/journey/ok") && case.id.contains("_then_hang_ok")
    });
    let uses: Vec<_> = uses.map(|case| (case.kind.steps().join(" "), case.kind.is_older())).collect();
    let expected = [
        ("photograph/ok cool/ok", false),
        ("photograph/ok cool/ok heat/ok cool/ok", false),
        ("photograph/ok cool/ok glaze/ok", false),
        ("photograph/ok photograph/ok cool/ok", false),
        ("photograph/ok photograph/ok cool/ok", true),
        ("photograph/ok cool/ok hang/ok", false),
    ];
    assert_eq!(uses, expected.map(|(steps, older)| (steps.to_owned(), older)));
}

#[test]
fn what_happens_at_the_same_time_and_to_another_thing_has_a_case() {
    let suite = suite();
    let twice = case(&suite, "heat/state/twice_at_once");
    assert_eq!((twice.kind.sending(), twice.expected.or.as_slice()), (Sending::Twice, &[404, 409][..]));
    assert_eq!(case(&suite, "heat/state/two_at_once").kind.sending(), Sending::Both);
    let another = case(&suite, "heat/state/another_untouched");
    assert_eq!((another.operation.as_str(), another.kind.sending()), ("heat", Sending::Second));
    // Where the operation leaves the state as it is, one that tells it from others is asked of the second.
    assert_eq!(case(&suite, "photograph/state/another_untouched").operation, "cool");
}

#[test]
fn what_does_not_exist_is_looked_up() {
    let suite = suite();
    let (kiln, job) = (case(&suite, "look/unknown_kiln"), case(&suite, "look/unknown_job"));
    assert_eq!((kiln.kind.sending(), kiln.request.path.as_str()), (Sending::Resource, "/kilns/{kiln}"));
    assert_eq!((job.kind.sending(), job.request.path.as_str()), (Sending::Job, "/kilns/{kiln}/jobs/{job}"));
    assert_eq!(job.kind.steps(), ["hang/ok"]);
    assert!(kiln.expected.class && kiln.expected.status == 404);
}
