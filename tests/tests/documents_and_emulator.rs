//! The emulator answers what both documents show, each example in the state that it names.
//!
//! The emulator was written from the pages without a look at the documents: that the two agree is evidence for both.

#![allow(clippy::unwrap_used)]

use conformance_engine::exchange::Purpose;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::run::{Entry, Options, Outcome, Verdict, run};
use conformance_engine::suite::{Case, Suite};
use conformance_engine::{Address, Secret};
use ges_emulator::{Config, ProviderState, Transitions};
use openapi_document::{Api, Document, suite_text};
use test_support::emulator::{RunningEmulator, TOKEN};

/// The examples of a document, with the states they are taken in.
fn suite(name: &str, text: &str) -> Suite {
    let document = Document::read(name, text).unwrap_or_else(|found| panic!("{found}"));
    Suite::from_json(&suite_text(openapi_document::suite(&Api::of(&document)), name)).unwrap()
}

/// Every example of a document has to come true, whatever the time that jobs take.
#[track_caller]
fn check(name: &str, text: &str, transitions: &str, expected: &[&str]) {
    let transitions: Transitions = transitions.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (passed, others, verdict) = runtime.block_on(async {
        let config = Config { tokens: vec![TOKEN.to_owned()], transitions, ..Config::default() };
        let RunningEmulator { endpoint, .. } = &RunningEmulator::start(config);
        let suite = suite(name, text);
        let reach = Environment { provider_states: true, ..Environment::default() };
        let selection = Selection { kinds: vec!["documented".to_owned()], ..Selection::default() };
        let plan = Plan::new(&suite, &reach, &selection).unwrap();
        let options = Options {
            provider_states: Some(Address::url(&format!("{endpoint}/_emulator/provider-states")).unwrap()),
            token: Some(Secret::new(TOKEN)),
            ..Options::new(Address::endpoint(endpoint).unwrap())
        };
        let run = run(&plan, &options, |_| {}).await.unwrap();
        let asked_for = run.entries.iter().filter(|entry| entry.outcome != Outcome::Skipped);
        let (passed, others): (Vec<_>, Vec<_>) = asked_for.partition(|entry| entry.outcome == Outcome::Pass);
        passed.iter().for_each(|entry| check_state(entry, suite.case(&entry.id).unwrap()));
        let ids = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.id.clone()).collect();
        let (passed, others): (Vec<String>, Vec<String>) = (ids(passed), ids(others));
        (passed, others, run.verdict)
    });
    assert_eq!(others, Vec::<String>::new(), "{name}, {transitions}");
    assert_eq!(verdict, Verdict::Passed);
    assert_eq!(passed, expected, "{name}, {transitions}");
}

/// The state of a case supplies every value that its request carries.
#[track_caller]
fn check_state(entry: &Entry, case: &Case) {
    let asked = entry.exchanges.iter().find(|sent| matches!(sent.purpose, Purpose::ProviderState(_)));
    let reply = asked.and_then(|asked| asked.reply.as_ref()).unwrap_or_else(|| panic!("{}", case.id));
    let supplied: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    for parameter in case.request.parameters.iter().filter(|parameter| !parameter.constant) {
        assert!(supplied.get(&parameter.name).is_some(), "{}: {}", case.id, parameter.name);
    }
}

const FIVE: &str = include_str!("../../spec/ges.yaml");
const SUPPORT: &str = include_str!("../../spec/ges-support.yaml");

#[test]
fn the_examples_of_the_five_operations_come_true() {
    for transitions in ["immediate", "manual:2", "time:60s"] {
        check(
            "spec/ges.yaml",
            FIVE,
            transitions,
            &[
                "start_graph/from_backup",
                "start_graph/importing",
                "restart_graph/accepted",
                "restart_graph/invalid_request",
                "upgrade_graph/accepted",
                "upgrade_graph/no_such_graph",
                "stop_graph/accepted",
                "stop_graph/not_running",
                "create_backup/accepted",
                "create_backup/no_such_graph",
            ],
        );
    }
}

#[test]
fn the_examples_of_what_a_lifecycle_needs_besides_come_true() {
    for transitions in ["immediate", "manual:2", "time:60s"] {
        let expected = ["restart_graph_v2/accepted", "show_job_v1/finished", "show_job_v1/no_such_job"];
        check("spec/ges-support.yaml", SUPPORT, transitions, &expected);
    }
}

#[test]
fn every_state_that_a_document_names_can_be_asked_for() {
    for (document, least) in [(FIVE, 5), (SUPPORT, 3)] {
        // The block `givens` of x-lifecycle, which has one state a line and nothing else.
        let givens = document.lines().skip_while(|line| line.trim() != "givens:").skip(1);
        let givens = givens.take_while(|line| line.starts_with("    "));
        let names: Vec<_> = givens.filter_map(|line| line.trim().split_once(':')).map(|(name, _)| name).collect();
        assert!(names.len() >= least, "{names:?}");
        for name in names {
            assert!(name.parse::<ProviderState>().is_ok(), "{name}");
        }
    }
}
