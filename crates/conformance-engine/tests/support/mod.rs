//! Suites to try on servers, and what becomes of their cases.
#![allow(dead_code, reason = "each test file uses its part")]

use std::time::{Duration, SystemTime};

use conformance_engine::Address;
use conformance_engine::exchange::{Exchange, Purpose, Sent};
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::{Entry, Outcome, Report};
use conformance_engine::run::{Options, StartError, run};
use conformance_engine::suite::Suite;
use test_support::Server;

/// Options for a run against a server.
pub(crate) fn options(server: &Server) -> Options {
    let mut options = Options::new(Address::endpoint(&server.url).unwrap());
    options.timeout = Duration::from_secs(5);
    options
}

/// A reply with status 200.
pub(crate) fn json_answer(body: &str) -> String {
    test_support::json_reply("200 OK", body)
}

pub(crate) fn suite_of(cases: serde_json::Value) -> Suite {
    let suite = serde_json::json!({"title": "Rockets", "version": "1", "cases": cases});
    Suite::from_json(&suite.to_string()).unwrap()
}

/// Carries out everything there is in the suite.
pub(crate) fn carry_out(suite: &Suite, reach: &Environment, options: &Options) -> Result<Report, StartError> {
    let plan = Plan::new(suite, reach, &Selection::default()).unwrap();
    block_on(run(&plan, options, |_| ()))
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The outcome of one case on one line.
pub(crate) fn line(entry: &Entry) -> String {
    let mismatches = entry.findings.iter();
    let mismatches = mismatches.map(|it| format!("{} {}", it.pointer.as_deref().unwrap_or("-"), it.message));
    match (entry.outcome, &entry.reason) {
        (Outcome::Fail, _) => format!("fail: {}", mismatches.collect::<Vec<_>>().join("; ")),
        (outcome, None) => outcome.name().to_owned(),
        (outcome, Some(reason)) => format!("{}: {reason}", outcome.name()),
    }
}

/// A request that nobody answered yet.
pub(crate) fn exchange(method: &str, url: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Exchange {
    Exchange {
        purpose: Purpose::Case,
        sent: Sent {
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body: (!body.is_empty()).then_some(body),
            wire: None,
        },
        reply: None,
        trouble: None,
        started: SystemTime::now(),
        took: Duration::from_millis(5),
    }
}
