//! A service that checks credentials accepts each kind that the client has.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ges_client::credentials::{Authorizing, Context, Credentials, Keys, Password, Token};
use ges_client::{Client, Error, Job, Missing};
use ges_emulator::{Config, Key, ProviderState, Transitions};
use tokio::task::JoinSet;

use crate::service::Service;
use crate::wire::Wire;
use test_support::{json_reply, reply};

fn with_users() -> Service {
    Service::start(Config { users: vec!["ann:s3cret@acme".parse().unwrap()], ..Config::default() })
}

fn ann() -> Password {
    Password::new("ann", "s3cret", "acme")
}

/// All five operations, in an order that works.
async fn live(service: &Service, ges: &Client) {
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let backup = ges.create_backup(&graph).send().await.unwrap();
    ges.wait_for(&backup).await.unwrap();
    let upgrade = ges.upgrade_graph(&graph).body_map(|body| body.upgrade_version("9.9.9")).send().await.unwrap();
    ges.wait_for(&upgrade).await.unwrap();
    ges.restart_graph(&graph).send().await.unwrap();
    ges.stop_graph(&graph).send().await.unwrap();
    let backup_id = backup.backup_id.clone().unwrap();
    ges.start_graph(&graph).body_map(|body| body.graph_backup_id(backup_id)).send().await.unwrap();
}

fn with_keys(key: Key) -> Service {
    Service::start(Config { keys: vec![key], transitions: Transitions::Immediate, ..Config::default() })
}

#[tokio::test]
async fn signatures_are_accepted() {
    let service = with_keys(Key::new("AK", "an SK"));
    live(&service, &service.builder().credentials(Keys::new("AK", "an SK")).build().unwrap()).await;
}

#[tokio::test]
async fn signatures_cover_queries_of_any_text() {
    let service = with_keys(Key::new("AK", "an SK"));
    let ges = service.builder().credentials(Keys::new("AK", "an SK")).build().unwrap();
    for name in ["plain", "my graph~é", "a+b&c=d%2F/?#'\"*(),", ""] {
        let jobs = ges.list_jobs().graph_name(name).limit(5).offset(0).send().await.unwrap();
        assert_eq!(jobs.job_count, Some(0), "{name}");
    }
    let journal = service.control("GET", "requests?limit=1000", "");
    assert!(journal.contains("graph_name=my%20graph~%C3%A9&limit=5&offset=0"), "{journal}");
}

#[tokio::test]
async fn signatures_of_temporary_keys_are_accepted() {
    let service = with_keys(Key { security_token: Some("sts".to_owned()), ..Key::new("AK", "an SK") });
    let keys = || Keys::new("AK", "an SK");
    live(&service, &service.builder().credentials(keys().security_token("sts").unwrap()).build().unwrap()).await;
    let without = service.builder().credentials(keys()).build().unwrap();
    assert!(without.stop_graph("g").send().await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn a_wrong_key_is_tried_once() {
    let service = with_keys(Key::new("AK", "an SK"));
    let ges = service.builder().credentials(Keys::new("AK", "another SK")).build().unwrap();
    let error = ges.stop_graph("g").send().await.unwrap_err();
    assert!(error.is_unauthorized() && !error.may_have_taken_effect());
    let journal = service.control("GET", "requests?status=401", "");
    assert_eq!(journal.matches("\"method\"").count(), 1, "five in a row would lock it: {journal}");
}

#[tokio::test]
async fn a_password_becomes_a_token() {
    let service = with_users();
    live(&service, &service.builder().credentials(ann()).build().unwrap()).await;
    assert_eq!(sign_ins(&service), 1);
}

fn sign_ins(service: &Service) -> usize {
    service.control("GET", "requests?limit=10000", "").matches("/v3/auth/tokens").count()
}

#[tokio::test]
async fn the_project_of_a_region_is_found() {
    let users = with_users();
    let keys = with_keys(Key::new("AK", "an SK"));
    let of_region = |service: &Service| {
        Client::builder().endpoint(&*service.endpoint).iam_endpoint(&*service.endpoint).region("cn-north-4")
    };
    let by_password = of_region(&users).credentials(ann()).connect().await.unwrap();
    let by_keys = of_region(&keys).credentials(Keys::new("AK", "an SK")).connect().await.unwrap();
    for (service, ges) in [(&users, by_password), (&keys, by_keys)] {
        assert_eq!(ges.project_id(), service.emulator.config().project_id);
        live(service, &ges).await;
    }
    assert_eq!(sign_ins(&users), 1, "the token for the region is the one for its project");
}

#[tokio::test]
async fn none_or_several_projects_are_an_error() {
    for projects in ["[]", r#"[{"id":"p1"},{"id":"p2"}]"#] {
        let wire = Wire::replying([json_reply("200 OK", &format!(r#"{{"projects":{projects}}}"#))]);
        let client = Client::builder().endpoint(&*wire.endpoint).iam_endpoint(&*wire.endpoint).region("cn-north-4");
        let error = client.credentials(Token::new("t").unwrap()).connect().await.unwrap_err();
        assert_eq!(error.missing(), Some(Missing::Project), "{error}");
    }
    let client = Client::builder().region("cn-north-4").credentials(Token::new("t").unwrap());
    let error = client.build().unwrap_err();
    assert_eq!(error.missing(), Some(Missing::Project));
    assert!(error.to_string().contains("connect"), "{error}");
}

#[tokio::test]
async fn a_token_that_ended_is_replaced_and_the_call_made_again() {
    let service = with_users();
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let ges = service.builder().credentials(ann()).build().unwrap();
    ges.create_backup(&graph).send().await.unwrap();
    service.control("POST", "clock", r#"{"advance":"PT25H"}"#);
    ges.stop_graph(&graph).send().await.unwrap();
    assert_eq!(sign_ins(&service), 2);
}

#[tokio::test]
async fn many_calls_share_one_sign_in_also_after_a_401() {
    let limits = ges_emulator::Limits { journal: 10_000, ..ges_emulator::Limits::default() };
    let users = vec!["ann:s3cret@acme".parse().unwrap()];
    let service = Service::start(Config { users, limits, ..Config::default() });
    let ges = service.builder().credentials(ann()).build().unwrap();
    for expected in 1..=3 {
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let (ges, graph) = (ges.clone(), service.emulator.set_up(ProviderState::RunningGraph).graph_id);
            calls.spawn(async move { ges.stop_graph(graph).send().await.map(drop) });
        }
        let outcomes = calls.join_all().await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(sign_ins(&service), expected);
        service.control("POST", "clock", r#"{"advance":"PT25H"}"#);
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_for_all_who_wait() {
    let refusal = r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
    let wire = Wire::replying([json_reply("401 Unauthorized", refusal)]);
    let ges = wire.builder().credentials(Password::new("ann", "hunter2", "acme")).build().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let ges = ges.clone();
        calls.spawn(async move { ges.stop_graph("g").send().await.map(drop) });
    }
    for outcome in calls.join_all().await {
        let error = outcome.unwrap_err();
        assert!(error.is_unauthorized() && !error.may_have_taken_effect());
        assert_eq!(error.message(), Some("The username or password is wrong."));
    }
    assert_eq!(wire.requests().len(), 1);
}

/// What IAM and GES in one reply, with tokens that count up.
fn replies_of_iam(tokens: usize, lifetime: &str) -> Vec<String> {
    let token = |number: usize| {
        let headers = format!("x-subject-token: token-{number}\r\n");
        let body = format!(
            r#"{{"token":{{"issued_at":"2026-01-01T00:00:00.000000Z","expires_at":"{lifetime}","project":{{"id":"p"}}}}}}"#
        );
        reply("201 Created", &headers, &body)
    };
    let call = || json_reply("200 OK", r#"{"job_id":"j","status":"success"}"#);
    (1..=tokens).flat_map(|number| [token(number), call()]).collect()
}

/// The network is real, so the clock is stopped for the jump only.
async fn later(after: Duration) {
    tokio::time::pause();
    tokio::time::advance(after).await;
    tokio::time::resume();
}

fn tokens_of_calls(wire: &Wire) -> Vec<String> {
    let calls = wire.requests().into_iter().filter(|request| !request.contains("/v3/auth"));
    calls.map(|call| call.split("x-auth-token: ").nth(1).unwrap().lines().next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let wire = Wire::replying(replies_of_iam(3, "2026-01-02T00:00:00.000000Z"));
    let ges = wire.builder().credentials(ann()).build().unwrap();
    let job = Job::new("g", "j");
    ges.wait_for(&job).await.unwrap();
    // An hour before its end, and again for the next one.
    for _ in 0..2 {
        later(Duration::from_secs(23 * 60 * 60 + 1)).await;
        ges.wait_for(&job).await.unwrap();
    }
    assert_eq!(tokens_of_calls(&wire), ["token-1", "token-2", "token-3"]);
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_to_its_end() {
    let first = replies_of_iam(1, "2026-01-02T00:00:00.000000Z");
    let trouble = reply("503 Service Unavailable", "", "");
    let call = json_reply("200 OK", r#"{"job_id":"j","status":"success"}"#);
    let wire = Wire::replying(first.into_iter().chain([trouble, call]));
    let ges = wire.builder().credentials(ann()).build().unwrap();
    let job = Job::new("g", "j");
    ges.wait_for(&job).await.unwrap();
    later(Duration::from_secs(23 * 60 * 60 + 1)).await;
    ges.wait_for(&job).await.unwrap();
    assert_eq!(tokens_of_calls(&wire), ["token-1", "token-1"]);
    // Then it is over, and the server has nothing but the answer to a call.
    later(Duration::from_secs(60 * 60)).await;
    assert!(ges.wait_for(&job).await.unwrap_err().to_string().contains("no credentials"));
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_is_the_end() {
    let token = reply("201 Created", "x-subject-token: t\r\n", "{}");
    let refusal = reply("401 Unauthorized", "", "");
    let wire = Wire::replying([token.clone(), refusal.clone(), token, refusal]);
    let ges = wire.builder().credentials(ann()).build().unwrap();
    assert!(ges.stop_graph("g").send().await.unwrap_err().is_unauthorized());
    assert_eq!(wire.requests().len(), 4);
}

#[tokio::test]
async fn what_is_missing_for_a_sign_in_is_said() {
    let client = Client::builder().endpoint("http://127.0.0.1:1").project_id("p").credentials(ann()).build().unwrap();
    let error = client.stop_graph("g").send().await.unwrap_err();
    assert!(
        error.to_string().ends_with("hint: set `ClientBuilder::region` or `ClientBuilder::iam_endpoint`"),
        "{error}"
    );
    assert_eq!(error.missing(), Some(Missing::IamEndpoint));
    assert!(!error.may_have_taken_effect());
}

/// Somebody's own.
#[derive(Debug)]
struct Counting(AtomicU64);

impl Credentials for Counting {
    fn authorize<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
        _: &'a reqwest::Client,
        context: &'a Context,
    ) -> Authorizing<'a> {
        Box::pin(async move {
            let number = self.0.load(Ordering::Relaxed);
            let text = format!("{}-{number}", context.project_id().unwrap_or_default());
            request.headers_mut().insert("x-auth-token", text.parse().unwrap());
            Ok::<_, Error>(number)
        })
    }

    fn refused(&self, number: u64) -> bool {
        self.0.compare_exchange(number, number + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[tokio::test]
async fn credentials_of_ones_own_are_asked_each_time_and_told_of_a_refusal() {
    let wire = Wire::replying([reply("401 Unauthorized", "", ""), json_reply("200 OK", r#"{"job_id":"j"}"#)]);
    let ges = wire.builder().credentials(Counting(AtomicU64::new(7))).build().unwrap();
    ges.stop_graph("g").send().await.unwrap();
    ges.stop_graph("g").send().await.unwrap();
    assert_eq!(tokens_of_calls(&wire), ["p-7", "p-8", "p-8"]);
}
