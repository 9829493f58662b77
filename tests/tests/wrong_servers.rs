//! Does the suite notice a server that breaks the contract in one place, and only there?
//!
//! Each wrong server is the emulator with one answer changed on its way out.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use conformance_engine::plan::{Plan, Reach, Selection};
use conformance_engine::run::{Options, Outcome, Verdict, run};
use conformance_engine::{Address, Secret};
use ges_emulator::{Config, Emulator};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const TOKEN: &str = "a-token-of-this-test";

/// Changes one answer; `None` is no answer at all.
type Change = fn(Response<Bytes>) -> Option<Response<Bytes>>;

async fn serve(listener: TcpListener, path_end: &'static str, status: u16, change: Change) {
    let emulator = Emulator::new(Config { tokens: vec![TOKEN.to_owned()], ..Config::default() });
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let emulator = emulator.clone();
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let emulator = emulator.clone();
            async move {
                let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
                let (head, body) = request.into_parts();
                let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                let answer = emulator.answer(Request::from_parts(head, body));
                let is_concerned = target.ends_with(path_end) && answer.status() == status;
                let answer = if is_concerned { change(answer) } else { Some(answer) };
                match answer {
                    Some(answer) => Ok::<_, Infallible>(answer.map(Full::new)),
                    None => std::future::pending().await,
                }
            }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The cases that fail when answers of `status` to addresses that end in `path_end` are changed.
async fn failing(path_end: &'static str, status: u16, change: Change) -> (Vec<String>, Verdict) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, path_end, status, change));

    let suite = ges_conformance::suite().unwrap();
    let reach = Reach { provider_states: true, ..Reach::default() };
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let options = Options {
        provider_states: Some(Address::url(&format!("http://{address}/_emulator/provider-states")).unwrap()),
        token: Some(Secret::new(TOKEN)),
        timeout: Duration::from_secs(1),
        ..Options::new(Address::endpoint(&format!("http://{address}")).unwrap())
    };
    let run = run(&plan, &options, |_| {}).await.unwrap();
    let failed = run.results.iter().filter(|result| !matches!(result.outcome, Outcome::Pass));
    (failed.map(|result| result.case.id.clone()).collect(), run.verdict())
}

#[track_caller]
fn check(path_end: &'static str, status: u16, change: Change, expected: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (failed, verdict) = runtime.block_on(failing(path_end, status, change));
    assert_eq!(failed, expected);
    assert_eq!(verdict, if expected.is_empty() { Verdict::Passed } else { Verdict::ContractBroken });
}

fn with_body(mut answer: Response<Bytes>, body: &'static str) -> Option<Response<Bytes>> {
    answer.headers_mut().remove(CONTENT_LENGTH);
    *answer.body_mut() = Bytes::from_static(body.as_bytes());
    Some(answer)
}

fn with_status(mut answer: Response<Bytes>, status: StatusCode) -> Option<Response<Bytes>> {
    *answer.status_mut() = status;
    Some(answer)
}

#[test]
fn the_plain_server_is_never_accused() {
    check("/stop", 200, Some, &[]);
}

#[test]
fn bodies_that_are_not_the_documented_ones() {
    check("/stop", 200, |answer| with_body(answer, r#"{"jobId":"j"}"#), &["stop_graph/accepted"]);
    check("/stop", 200, |answer| with_body(answer, r#"{"job_id":7}"#), &["stop_graph/accepted"]);
    check("/stop", 200, |answer| with_body(answer, r#"{"job_id":""}"#), &["stop_graph/accepted"]);
    check("/stop", 200, |answer| with_body(answer, r#"{"job_id":"j"}{}"#), &["stop_graph/accepted"]);
    check("/backups", 200, |answer| with_body(answer, r#"{"job_id":"j"}"#), &["create_backup/accepted"]);
    check("=start", 200, |answer| with_body(answer, "{}"), &["start_graph/from_backup"]);
    check("=restart", 200, |answer| with_body(answer, r#"{"errorCode":"GES.7016"}"#), &["restart_graph/accepted"]);
    check(
        "/stop",
        400,
        |answer| with_body(answer, r#"{"error_code":"GES.7002","error_msg":"m"}"#),
        &["stop_graph/not_running"],
    );
    check(
        "/stop",
        400,
        |answer| with_body(answer, r#"{"errorCode":"GES.7001","errorMessage":"m"}"#),
        &["stop_graph/not_running"],
    );
    check(
        "/stop",
        400,
        |answer| with_body(answer, r#"{"error_code":"GES.7001","error_msg":"m","job_id":"j"}"#),
        &["stop_graph/not_running"],
    );
    check("=upgrade", 400, |answer| with_body(answer, "<html>"), &["upgrade_graph/no_such_graph"]);
}

#[test]
fn statuses_and_headers_that_are_not_the_documented_ones() {
    check("/stop", 200, |answer| with_status(answer, StatusCode::ACCEPTED), &["stop_graph/accepted"]);
    check("/backups", 404, |answer| with_status(answer, StatusCode::BAD_REQUEST), &["create_backup/no_such_graph"]);
    let as_text: Change = |mut answer| {
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        Some(answer)
    };
    check("=upgrade", 200, as_text, &["upgrade_graph/accepted"]);
    let elsewhere: Change = |mut answer| {
        answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/v2/elsewhere"));
        with_status(answer, StatusCode::TEMPORARY_REDIRECT)
    };
    check("=restart", 200, elsewhere, &["restart_graph/accepted"]);
}

#[test]
fn no_answer_costs_one_case_and_its_deadline() {
    check("=start", 400, |_| None, &["start_graph/importing"]);
}
