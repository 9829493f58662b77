//! Right servers that states made by calls could accuse: values that only one request of an operation has, a job that
//! fails, and a removal that takes its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance_engine::Address;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::Report;
use conformance_engine::run::{Options, Outcome, run};
use openapi_document::{Api, Document, suite};
use serde_json::{Value, json};
use test_support::Server;
use test_support::message::Request;
use test_support::server::{Then, json_reply, reply, write};

use crate::block_on;

fn ran(document: &str, answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Report {
    let server = Server::start(move |request, stream| {
        write(stream, answer(request));
        Then::KeepOpen
    });
    let document = Document::read("document.yaml", document).map_err(|found| found.to_string()).unwrap();
    let suite = suite(&Api::of(&document));
    let kinds = ["documented", "described", "journey"].map(str::to_owned).into();
    let selection = Selection { kinds, ..Selection::default() };
    let environment = Environment::default();
    let plan = Plan::new(&suite, &environment, &selection).unwrap();
    let options = Options { patience: Duration::from_secs(5), ..Options::new(Address::endpoint(&server.url).unwrap()) };
    block_on(run(&plan, &options, |_| {})).unwrap()
}

#[track_caller]
fn check(report: &Report, passed: &str) {
    let shown = |it: &conformance_engine::report::Entry| {
        let found = it.findings.first().map(|it| it.shown());
        format!("{} {} {found:?} {:?}", it.outcome.name(), it.id, it.reason)
    };
    let all: Vec<String> = report.entries.iter().map(shown).collect();
    let failed = report.entries.iter().any(|it| matches!(it.outcome, Outcome::Fail | Outcome::Broken));
    assert!(!failed, "{}", all.join("\n"));
    assert!(
        report.entries.iter().any(|it| it.outcome == Outcome::Pass && it.id.starts_with(passed)),
        "{}",
        all.join("\n")
    );
}

const POSTS: &str = r#"
openapi: 3.1.0
info: {title: Posts, version: '1'}
paths:
  /users:
    post:
      operationId: create_user
      responses: {'201': {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}}
  /posts:
    post:
      operationId: create_post
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}, user_id: {type: integer}}}, examples: {anon: {value: {text: a}}, by: {value: {text: b, user_id: 1}}}}}}
      responses:
        '201':
          description: made
          content:
            application/json:
              schema: {type: object, properties: {text: {type: string}}}
              examples: {anon: {x-given: {exchange: create_user}, value: {text: a}}, by: {x-given: {exchange: create_user}, value: {text: b}}}
"#;

#[test]
fn each_request_takes_what_it_has_itself() {
    let report = ran(POSTS, |request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match request.path() {
            "/users" => json_reply("201 C", r#"{"id": 77}"#),
            _ if body.get("user_id").is_some_and(|id| *id != 77) => reply("422 U", "", ""),
            _ => json_reply("201 C", &json!({"text": body["text"]}).to_string()),
        }
    });
    check(&report, "create_post/by");
}

const JOBS: &str = r#"
openapi: 3.1.0
info: {title: Jobs, version: '1'}
x-lifecycle:
  resource: mill
  identifier: mill_id
  states: {still: {}, turning: {}}
  operations: {start_mill: {from: still, to: turning}, stop_mill: {from: turning, to: still}}
  givens: {a still mill: {state: still}, a turning mill: {state: turning}}
  job: {paths: ['/jobs/{job_id}'], identifier: job_id, answered: [job_id], status: /status, succeeded: [done], failed: [failed]}
x-givens:
  a still mill: {exchange: build_mill}
  a turning mill: [build_mill, start_mill/started]
paths:
  /mills:
    post:
      operationId: build_mill
      responses: {'201': {description: built, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}}
  /mills/{mill_id}/start:
    parameters: [{name: mill_id, in: path, required: true, schema: {type: integer}, example: 1}]
    post:
      operationId: start_mill
      responses:
        '200': {description: begun, content: {application/json: {schema: {type: object}, examples: {started: {x-given: a still mill, value: {job_id: j}}}}}}
        '409': {description: it turns, x-given: a turning mill}
  /mills/{mill_id}/stop:
    parameters: [{name: mill_id, in: path, required: true, schema: {type: integer}, example: 1}]
    post:
      operationId: stop_mill
      responses:
        '200': {description: begun, content: {application/json: {schema: {type: object}, examples: {stopped: {x-given: a turning mill, value: {job_id: j}}}}}}
  /jobs/{job_id}:
    parameters: [{name: job_id, in: path, required: true, schema: {type: string}, example: j}]
    get:
      operationId: show_job
      responses: {'200': {description: it, content: {application/json: {schema: {type: object}}}}}
"#;

#[test]
fn a_job_that_fails_makes_no_state() {
    let report = ran(JOBS, |request| match request.path().rsplit('/').next() {
        Some("mills") => json_reply("201 C", r#"{"id": 1077}"#),
        Some("start") => json_reply("200 O", r#"{"job_id": "j"}"#),
        Some("stop") => reply("409 C", "", ""),
        _ => json_reply("200 O", r#"{"status": "failed"}"#),
    });
    let stop = report.entries.iter().find(|entry| entry.id == "stop_mill/stopped").unwrap();
    assert_eq!(stop.outcome, Outcome::Unreachable);
    let reason = "its state could not be made: the job of start_mill ended with status `failed`";
    assert_eq!(stop.reason.as_deref(), Some(reason));
}

const ORDERS: &str = r#"
openapi: 3.1.0
info: {title: Orders, version: '1'}
x-lifecycle:
  resource: order
  identifier: order_id
  states: {open: {}}
  operations: {delete_order: {from: [open], to: null}}
  givens: {an open order: {state: open}, no order: {state: null}}
x-givens:
  an open order: {exchange: create_order}
paths:
  /orders:
    post:
      operationId: create_order
      responses: {'201': {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}}
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}, example: 17}]
    get:
      operationId: show_order
      responses:
        '200': {description: it, x-given: an open order, content: {application/json: {schema: {type: object}}}}
        '404': {description: none, content: {application/json: {schema: {type: object}, examples: {none: {x-given: no order, value: {}}}}}}
    delete:
      operationId: delete_order
      responses: {'202': {description: accepted}}
"#;

/// A shop in which a removed order is gone after a while.
fn late(after: Duration) -> Report {
    let orders: Arc<Mutex<BTreeMap<String, Option<Instant>>>> = Arc::default();
    ran(ORDERS, move |request| {
        let mut orders = orders.lock().unwrap();
        orders.retain(|_, removed| removed.is_none_or(|removed| removed.elapsed() < after));
        let id = request.path().trim_start_matches("/orders").trim_start_matches('/').to_owned();
        match request.method() {
            "POST" => {
                let id = 1001 + orders.len();
                orders.insert(id.to_string(), None);
                json_reply("201 C", &json!({"id": id}).to_string())
            }
            "GET" if orders.contains_key(&id) => json_reply("200 O", "{}"),
            "DELETE" if orders.contains_key(&id) => {
                orders.insert(id, Some(Instant::now()));
                reply("202 A", "", "")
            }
            _ => json_reply("404 N", "{}"),
        }
    })
}

#[test]
fn what_is_removed_may_be_gone_late() {
    check(&late(Duration::from_millis(300)), "delete_order/journey");
}
