//! Each documented exchange: the client sends the documented request and reads the documented reply.
//!
//! Asked twice. The fixtures of `ges-mock` answer nothing but the documented request, byte for byte in its values; the
//! emulator has read the pages itself, and has identifiers of its own.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use conformance_engine::suite::{Case, Kind, Rule, Suite};
use ges_client::{Client, Error, Operation, Response, types};
use ges_emulator::ProviderState;
use ges_mock::fixture::{Described, Documented, Fixture};
use ges_mock::httpmock::When;
use ges_mock::{Server, TOKEN};
use openapi_document::{Api, Document, suite_text};
use serde::Serialize;
use serde_json::{Value, json};
use test_support::emulator::RunningEmulator;

/// What one call came to: the whole object, or status, code and message.
type Outcome = Result<Value, (Option<u16>, Option<String>, Option<String>)>;

fn outcome<T: Serialize>(answer: Result<Response<T>, Error>) -> Outcome {
    answer
        .map(|answer| as_decimals(serde_json::to_value(answer.into_inner()).unwrap()))
        .map_err(|error| (error.status(), error.code().map(str::to_owned), error.message().map(str::to_owned)))
}

/// JSON has one kind of number: 0 is 0.0.
fn as_decimals(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(as_decimals).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, as_decimals(member))).collect(),
        other => other,
    }
}

/// Makes the call that `case` documents. `value` supplies what its parameters carry.
async fn call(ges: &Client, case: &Case, value: impl Fn(&str) -> String) -> Outcome {
    let body = case.request.body.as_ref().map(|body| body.value.clone()).unwrap_or(json!({}));
    let graph = || value("graph_id");
    match case.operation.as_str() {
        "start_graph" => {
            let mut body: types::StartGraphRequest = serde_json::from_value(body).unwrap();
            // Only the service can know it: a link says that it is the backup of another answer.
            body.graph_backup_id = body.graph_backup_id.map(|_| value("graph_backup_id"));
            outcome(ges.start_graph(graph()).body(body).send().await)
        }
        "restart_graph" => outcome(ges.restart_graph(graph()).send().await),
        "upgrade_graph" => {
            let body: types::UpgradeGraphRequest = serde_json::from_value(body).unwrap();
            outcome(ges.upgrade_graph(graph()).body(body).send().await)
        }
        "stop_graph" => outcome(ges.stop_graph(graph()).send().await),
        "create_backup" => outcome(ges.create_backup(graph()).send().await),
        "restart_graph_v2" => outcome(ges.restart_graph_v2(graph()).send().await),
        "show_job_v1" => outcome(ges.show_job_v1(graph(), value("job_id")).send().await),
        other => panic!("`{other}` has a documented exchange by now: say here how the client makes it"),
    }
}

/// The examples of `spec/ges-support.yaml`, which no suite publishes.
fn support() -> Suite {
    let name = "spec/ges-support.yaml";
    let document = Document::read(name, include_str!("../../spec/ges-support.yaml"));
    let document = document.unwrap_or_else(|found| panic!("{found}"));
    Suite::from_json(&suite_text(openapi_document::suite(&Api::of(&document)), name)).unwrap()
}

#[test]
fn every_operation_of_the_support_document_has_an_exchange_or_is_named_as_one_that_has_none() {
    let (five, support) = (ges_conformance::Operation::ALL, support());
    let operations = Operation::ALL.iter().filter(|operation| five.iter().all(|known| known.id() != operation.id()));
    assert_eq!(operations.clone().count(), 19);
    for operation in operations {
        let has_case = support.cases.iter().any(|case| case.operation == operation.id());
        let is_left_out = support.left_out.iter().any(|left| left.operation == operation.id());
        assert!(has_case != is_left_out, "{}", operation.id());
    }
}

fn cases() -> Vec<Case> {
    let (five, support) = (ges_conformance::suite().unwrap(), support());
    five.cases.into_iter().chain(support.cases).filter(|case| case.kind == Kind::Documented).collect()
}

/// The documented value of a parameter, or of a member of the body.
fn documented(case: &Case, name: &str) -> String {
    let parameter = case.request.parameters.iter().find(|parameter| parameter.name == name);
    let in_body = || case.request.body.as_ref()?.value.get(name)?.as_str().map(str::to_owned);
    parameter.map(|parameter| parameter.value.clone()).or_else(in_body).unwrap()
}

async fn check_fixtures<O: Described>(
    seen: &mut BTreeSet<String>,
    fixture: fn(&Server) -> Fixture<'_, O>,
    examples: &[O::Example],
) {
    for &example in examples {
        let exchange = example.exchange();
        let id = format!("{}/{}", O::OPERATION.id, exchange.name);
        let cases = cases();
        let case = cases.iter().find(|case| case.id == id).unwrap();
        let server = Server::start_async().await;
        let accepts = |when: When| when.header_missing("api-version");
        let mock = fixture(&server).when(accepts).exactly(example);

        let ges = Client::new(&server.base_url(), documented(case, "project_id"), TOKEN).unwrap();
        let found = call(&ges, case, |name| documented(case, name)).await;

        assert_eq!(mock.calls(), 1, "{id}: the client sent something else than is documented: {found:?}");
        let reply = case.expected.body.as_ref().unwrap().example.clone().unwrap();
        let text = |names: [&str; 2]| names.iter().find_map(|name| reply[*name].as_str()).map(str::to_owned);
        let expected = if case.expected.status < 300 {
            Ok(as_decimals(reply))
        } else {
            let message = text(["errorMessage", "error_msg"]);
            Err((Some(case.expected.status), text(["errorCode", "error_code"]), message))
        };
        assert_eq!(found, expected, "{id}");
        seen.insert(id);
    }
}

#[tokio::test]
async fn the_client_sends_each_documented_request_and_reads_each_documented_answer() {
    use ges_mock as mock;
    let mut seen = BTreeSet::new();
    check_fixtures(&mut seen, Server::start_graph, &mock::start_graph::Example::ALL).await;
    check_fixtures(&mut seen, Server::restart_graph, &mock::restart_graph::Example::ALL).await;
    check_fixtures(&mut seen, Server::upgrade_graph, &mock::upgrade_graph::Example::ALL).await;
    check_fixtures(&mut seen, Server::stop_graph, &mock::stop_graph::Example::ALL).await;
    check_fixtures(&mut seen, Server::create_backup, &mock::create_backup::Example::ALL).await;
    check_fixtures(&mut seen, Server::restart_graph_v2, &mock::restart_graph_v2::Example::ALL).await;
    check_fixtures(&mut seen, Server::show_job_v1, &mock::show_job_v1::Example::ALL).await;
    let all: BTreeSet<String> = cases().into_iter().map(|case| case.id).collect();
    assert_eq!(seen, all, "every documented exchange of both documents");
}

#[tokio::test]
async fn the_client_and_the_emulator_have_each_documented_exchange_with_each_other() {
    let service = RunningEmulator::with_token();
    for case in cases() {
        let given = case.given.as_deref().unwrap();
        let Ok(state) = given.parse::<ProviderState>() else {
            assert!(given.ends_with("job"), "{}: the emulator has no state `{given}`", case.id);
            continue;
        };
        let values = serde_json::to_value(service.emulator.set_up(state)).unwrap();
        let value = |name: &str| {
            let answered = case.request.aliases.iter().find(|(_, taken)| *taken == name).map(|(answered, _)| answered);
            let known = values.get(name).or_else(|| values.get(answered?)).and_then(Value::as_str);
            // An importing graph needs no backup to refuse a start from one.
            known.map_or_else(|| documented(&case, name), str::to_owned)
        };
        let ges = Client::new(&service.endpoint, value("project_id"), test_support::emulator::TOKEN).unwrap();
        let found = call(&ges, &case, value).await;
        match (&found, &case.expected.body) {
            (Ok(reply), Some(body)) if case.expected.status < 300 => {
                for pointer in body.rules.iter().filter(|(_, rule)| **rule == Rule::Id).map(|(pointer, _)| pointer) {
                    let id = reply.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                    assert!(!id.is_empty(), "{}: {pointer} of {reply}", case.id);
                }
            }
            (Err((status, code, message)), Some(body)) => {
                let example = body.example.as_ref().unwrap();
                let documented = ["errorCode", "error_code"].iter().find_map(|name| example[*name].as_str());
                assert_eq!((*status, code.as_deref()), (Some(case.expected.status), documented), "{}", case.id);
                assert!(message.is_some(), "{}", case.id);
            }
            _ => panic!("{}: {found:?}", case.id),
        }
    }
}
