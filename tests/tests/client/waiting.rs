//! How waiting for a job ends.

use std::time::Duration;

use ges_client::{Client, Error, Job, Wait};
use ges_emulator::{Config, ProviderState, Transitions};

use crate::service::{Service, TOKEN};
use crate::wire::Wire;
use test_support::{Server, Then, json_reply, reply};

fn quick(wait: Wait<'_>) -> Wait<'_> {
    wait.pauses(Duration::from_millis(1), Duration::from_millis(5))
}

async fn wait(client: &Client) -> Result<(), Error> {
    quick(client.wait_for(&Job::new("g-1", "j-1"))).await
}

async fn wait_shortly(client: &Client) -> Result<(), Error> {
    quick(client.wait_for(&Job::new("g-1", "j-1"))).deadline(Duration::from_millis(300)).await
}

fn status(status: &str) -> String {
    json_reply("200 OK", &format!(r#"{{"job_id":"j-1","status":"{status}"}}"#))
}

#[tokio::test]
async fn it_works_with_what_each_operation_answers() {
    let config = Config { tokens: vec![TOKEN.to_owned()], transitions: Transitions::Manual(2), ..Config::default() };
    let service = Service::start(config);
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let ges = service.client();
    let backup = ges.create_backup(&graph).send().await.unwrap();
    quick(ges.wait_for(&backup)).await.unwrap();
    let upgrade = ges.upgrade_graph(&graph).body_map(|body| body.upgrade_version("9.9.9")).send().await.unwrap();
    quick(ges.wait_for(&upgrade)).await.unwrap();
    let restart = ges.restart_graph(&graph).send().await.unwrap();
    quick(ges.wait_for(&restart)).await.unwrap();
    let restart = ges.restart_graph_v2(&graph).send().await.unwrap();
    quick(ges.wait_for(&restart)).await.unwrap();
    assert_eq!(ges.show_graph(&graph).send().await.unwrap().into_inner().graph.unwrap().id.as_deref(), Some(&*graph));
    let stop = ges.stop_graph(&graph).send().await.unwrap();
    // By its names alone, as another process would.
    let Job { graph_id, job_id } = stop.job().unwrap();
    quick(ges.wait_for(&Job::new(graph_id, job_id))).await.unwrap();
    let start = ges.start_graph(&graph).send().await.unwrap();
    quick(ges.wait_for(&start)).await.unwrap();
    ges.stop_graph(&graph).send().await.unwrap();
}

#[tokio::test]
async fn the_reason_of_a_job_that_failed_is_the_error() {
    let failed = json_reply("200 OK", r#"{"job_id":"j-1","status":"failed","fail_reason":"disk full"}"#);
    let wire = Wire::replying([status("pending"), status("running"), failed]);
    let error = wait(&wire.client()).await.unwrap_err();
    assert!(error.is_job_failed() && error.may_have_taken_effect() && !error.is_job_unfinished());
    assert_eq!(error.message(), Some("disk full"));
    assert_eq!(
        error.to_string(),
        "the job failed: disk full\nhint: check the graph g-1 before you continue; the job was j-1"
    );
    assert!(wire.requests()[0].starts_with("GET /v2/p/graphs/g-1/jobs/j-1/status HTTP/1.1\r\n"));

    let wire = Wire::replying([status("partiallyFailed")]);
    assert!(wait(&wire.client()).await.unwrap_err().is_job_failed());
}

#[tokio::test]
async fn a_deadline_ends_the_wait_and_not_the_job() {
    for endless in [status("running"), status("something new"), reply("503 Service Unavailable", "", ""), "".to_owned()]
    {
        let wire = Wire::replying([&*endless]);
        let error = wait_shortly(&wire.client()).await.unwrap_err();
        assert!(error.is_job_unfinished() && !error.is_job_failed(), "{error}");
        assert_eq!(error.to_string().contains("its status was `something new`"), endless.contains("something new"));
        assert!(wire.requests().len() > 2, "{endless}");
    }
}

#[tokio::test]
async fn a_look_that_hangs_does_not_outlive_the_deadline() {
    let server = Server::start(|_, _| Then::Hang);
    let client = Client::new(&server.url, "p", "t").unwrap();
    let start = std::time::Instant::now();
    assert!(wait_shortly(&client).await.unwrap_err().is_job_unfinished());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn trouble_on_the_way_is_no_end() {
    let trouble = [reply("502 Bad Gateway", "", ""), "".to_owned(), reply("429 Too Many Requests", "", "")];
    let wire = Wire::replying(trouble.into_iter().chain([status("running"), status("success")]));
    wait(&wire.client()).await.unwrap();
    assert_eq!(wire.requests().len(), 5);
}

#[tokio::test]
async fn what_waiting_cannot_mend_ends_it_at_once() {
    let unknown = r#"{"errorCode":"GES.8301","errorMessage":"can not find job, jobId is j-1"}"#;
    for (answer, is_not_found) in [
        (json_reply("400 Bad Request", unknown), true),
        (json_reply("401 Unauthorized", "{}"), false),
        (json_reply("200 OK", "<html>"), false),
        (json_reply("200 OK", "{}"), false),
    ] {
        let wire = Wire::replying([&*answer]);
        let error = wait(&wire.client()).await.unwrap_err();
        assert_eq!(error.is_not_found(), is_not_found, "{error}");
        assert!(!error.is_job_unfinished() && !error.may_have_taken_effect());
        assert_eq!(wire.requests().len(), 1);
    }
}

#[tokio::test]
async fn dropping_it_ends_it() {
    let wire = Wire::replying([status("running")]);
    let client = wire.client();
    let job = Job::new("g-1", "j-1");
    let _ = tokio::time::timeout(Duration::from_millis(50), quick(client.wait_for(&job)).into_future()).await;
    // One look may be on its way.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let looks = wire.requests().len();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(wire.requests().len(), looks);
}
