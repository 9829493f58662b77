//! States that exchanges make: what is wrong with them, and which values requests take.

#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Setup, Suite};
use openapi_document::{Api, Document, check, suite};

/// A shop of boats; `BODY` is what the test writes.
fn document(extra: &str, show: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Boats, version: '1'}}
{extra}
paths:
  /docks:
    post:
      operationId: build_dock
      responses: {{'201': {{description: d, headers: {{Location: {{schema: {{type: string}}}}}}}}}}
  /docks/{{dock}}:
    parameters: [{{name: dock, in: path, required: true, schema: {{type: string}}}}]
    delete: {{operationId: raze_dock, responses: {{'204': {{description: d}}}}}}
  /docks/{{dock}}/boats:
    parameters: [{{name: dock, in: path, required: true, schema: {{type: string}}}}]
    post:
      operationId: build_boat
      responses:
        '201': {{description: d, x-given: {{exchange: build_dock}}, content: {{application/json: {{schema: {{type: object, properties: {{boat_no: {{type: string}}}}}}}}}}}}
        '409': {{description: full, content: {{application/json: {{schema: {{type: object}}, examples: {{full: {{x-given: a full dock, value: {{}}}}}}}}}}}}
  /docks/{{home}}/boats/{{boat}}:
    parameters: [{{name: home, in: path, required: true, schema: {{type: string}}}}, {{name: boat, in: path, required: true, schema: {{type: string}}}}]
    get:
      operationId: show_boat
      responses: {{'200': {{description: d, {show} content: {{application/json: {{schema: {{type: object}}}}}}}}}}
"
    )
}

fn problems(text: &str) -> Vec<String> {
    let document = Document::read("boats.yaml", text).map_err(|found| found.to_string()).unwrap();
    let found = check(&Api::of(&document));
    let of_givens =
        found.0.iter().filter(|it| ["given", "cleanup", "lifecycle"].iter().any(|rule| it.rule.starts_with(rule)));
    of_givens.map(|it| format!("{}:{} {}", it.at.line, it.rule, it.message)).collect()
}

fn suite_of(text: &str) -> Suite {
    let document = Document::read("boats.yaml", text).map_err(|found| found.to_string()).unwrap();
    suite(&Api::of(&document))
}

#[track_caller]
fn check_show(show: &str, expected: &str) {
    let givens = "x-givens: {a full dock: {exchange: build_boat}}";
    let found = problems(&document(givens, show));
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), [expected], "{show}");
}

#[test]
fn what_an_exchange_names_must_exist_and_succeed() {
    check_show("x-given: {exchange: build_baot},", "23:given-exchange there is no exchange `build_baot`");
    check_show("x-given: [build_boat/full],", "23:given-exchange the exchange `build_boat/full` is a failure");
    check_show("x-given: {exchagne: build_boat},", "23:given-exchange no `exchange` is named");
    check_show("x-given: 7,", "23:given-exchange a state must be a string or name exchanges, found the number 7");
    check_show("x-given: {exchange: build_boat, value: {}},", "23:given-exchange `value` says nothing here");
    check_show(
        "x-given: {exchange: build_boat, values: {boat: $respnse.body#/id}},",
        "23:given-value `boat` must be a runtime expression, found `$respnse.body#/id`",
    );
    check_show("x-given: {exchange: show_boat},", "23:given-cycle the state `after show_boat` needs itself");
    let sixteen = vec!["build_dock"; 17].join(", ");
    check_show(
        &format!("x-given: [{sixteen}],"),
        &format!("23:given-exchange the state `after {sixteen}` takes 17 calls, and at most 16 are made"),
    );
}

#[test]
fn what_is_right_has_no_diagnostics() {
    let givens = "x-givens: {a full dock: {exchange: build_boat}}";
    for show in ["", "x-given: {exchange: build_boat},", "x-given: [build_dock, build_boat],", "x-given: a full dock,"]
    {
        assert_eq!(problems(&document(givens, show)), Vec::<String>::new(), "{show}");
    }
    let values = "x-given: {exchange: build_boat, values: {boat: 'b-{$response.body#/boat_no}', query.x: constant}},";
    assert_eq!(problems(&document(givens, values)), Vec::<String>::new());
}

#[test]
fn x_cleanup_names_an_exchange() {
    let with = |cleanup: &str| {
        let text = document("x-givens: {a full dock: {exchange: build_boat}}", "");
        text.replace("operationId: build_dock", &format!("operationId: build_dock\n      x-cleanup: {cleanup}"))
    };
    for right in ["raze_dock", "raze_dock/described", "false"] {
        assert_eq!(problems(&with(right)), Vec::<String>::new(), "{right}");
    }
    assert_eq!(problems(&with("raze")), ["8:cleanup-exchange there is no exchange `raze`"]);
    assert_eq!(
        problems(&with("true")),
        ["8:cleanup-exchange `x-cleanup` must name an exchange or be false, found the boolean true"]
    );
}

/// What the request takes, as lines.
fn takes(setup: &Setup, operation: &str) -> Vec<String> {
    let (_, uses) = setup.uses.iter().find(|(case, _)| case.starts_with(operation)).unwrap();
    uses.iter().map(|(key, taken)| format!("{key} = {} of {}", taken.value, taken.step)).collect()
}

#[test]
fn values_follow_from_paths_and_replies() {
    let suite = suite_of(&document("", "x-given: {exchange: build_boat},"));
    let setup = &suite.setups["after build_boat"];
    let cases: Vec<&str> = setup.steps.iter().map(|step| step.case.as_str()).collect();
    assert_eq!(cases, ["build_dock/described", "build_boat/described"]);
    assert_eq!(
        takes(setup, "show_boat"),
        ["path.boat = $response.body#/boat_no of 1", "path.home = $request.path.dock of 1"]
    );
    let taken = setup.steps[1].takes.iter().map(|(key, taken)| format!("{key} = {}", taken.value));
    assert_eq!(taken.collect::<Vec<_>>(), ["path.dock = $response.header.Location"]);
    let undo = setup.steps[0].undo.as_ref().unwrap();
    assert_eq!(
        (undo.case.as_str(), undo.takes["path.dock"].value.as_str()),
        ("raze_dock/described", "$response.header.Location")
    );
    // The boat is in the dock that is razed.
    assert!(!setup.steps[1].stays && setup.steps[1].undo.is_none());
}

#[test]
fn named_values_beat_those_that_follow() {
    let show = "x-given: {exchange: build_boat, values: {boat: $request.path.dock, home: constant}},";
    let suite = suite_of(&document("", show));
    let setup = suite.setups.values().find(|setup| setup.uses.contains_key("show_boat/described")).unwrap();
    assert_eq!(takes(setup, "show_boat"), ["path.boat = $request.path.dock of 1", "path.home = constant of 1"]);
}

#[test]
fn a_state_that_needs_itself_has_a_problem_and_ends() {
    let suite = suite_of(&document("", "x-given: {exchange: show_boat},"));
    let problem = suite.setups["after show_boat"].problem.as_deref();
    assert_eq!(problem, Some("the exchanges need each other"));
}

#[test]
fn states_that_need_each_other_many_times_are_found_at_once() {
    let mut givens = String::from("x-givens: {s0: [build_dock, build_boat]");
    for at in 1..12 {
        let repeated = vec![format!("step_{}", at - 1); 14].join(", ");
        givens += &format!(", s{at}: [{repeated}]");
    }
    givens += "}";
    let mut text = document(&givens, "");
    for at in 0..12 {
        text += &format!(
            "  /steps/{at}:\n    post: {{operationId: step_{at}, responses: {{'204': {{description: d, x-given: s{at}}}}}}}\n"
        );
    }
    let found = problems(&text);
    assert!(found.iter().any(|it| it.ends_with("and at most 16 are made")), "{found:?}");
    let suite = suite_of(&text);
    assert_eq!(suite.setups["s11"].problem.as_deref(), Some("it takes more than 16 calls"));
    assert_eq!(suite.setups["s0"].problem, None);
}

#[test]
fn without_states_links_and_replies_that_name_what_was_added_there_are_no_setups() {
    let text = document("", "").replace("x-given: {exchange: build_dock}, ", "").replace("x-given: a full dock, ", "");
    let text = text.replace("post:", "put:");
    let suite = suite_of(&text);
    assert!(suite.setups.is_empty() && suite.unique.is_empty());
    assert!(!serde_json::to_string(&suite).unwrap().contains("setups"));
}

#[test]
fn only_operations_that_change_states_have_to_be_listed() {
    let lifecycle = |operations: &str, job: &str| {
        format!(
            "x-lifecycle: {{resource: boat, identifier: boat, states: {{new: {{}}, old: {{}}}}, operations: {operations}, \
             givens: {{a full dock: {{state: new}}}}{job}}}"
        )
    };
    assert_eq!(problems(&document(&lifecycle("{}", ""), "")), Vec::<String>::new());
    let unclear = "{show_boat: {from: [new, old]}}";
    let found = problems(&document(&lifecycle(unclear, ""), ""));
    assert_eq!(
        found,
        ["3:lifecycle-operation x-lifecycle does not say in which state `show_boat` leaves the resource"]
    );
    for right in ["{show_boat: {from: [new]}}", "{show_boat: {from: [new, old], to: null}}"] {
        assert_eq!(
            problems(&document(&lifecycle(right, ""), "x-given: a full dock,")),
            Vec::<String>::new(),
            "{right}"
        );
    }
    let job = ", job: {paths: [/jobs], status: /s, answered: [boat_no]}";
    let found = problems(&document(&lifecycle("{}", job), ""));
    assert_eq!(found, ["14:lifecycle-operation x-lifecycle does not say from which states `build_boat` may be called"]);
    let removal = document(&lifecycle("{}", ""), "")
        .replace("    get:\n      operationId: show_boat", "    delete:\n      operationId: show_boat");
    let found = problems(&removal);
    assert_eq!(found, ["21:lifecycle-operation x-lifecycle does not say from which states `show_boat` may be called"]);
}
