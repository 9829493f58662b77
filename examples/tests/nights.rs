//! The nightly job on a mock server: what it does when a call succeeds, and when one fails.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use examples::nightly::{Evening, Morning, Nightly};
use ges_client::Client;
use ges_mock::{Server, TOKEN, create_backup, start_graph, stop_graph};
use serde_json::{Value, json};

/// Any will do.
const GRAPH: &str = "e85d5ad4-9a6b-4d57-9a1e-4d6a4e1c1d0a";
const BACKUP: &str = "backup-1";

/// A program with a folder of its own, and the service it calls.
struct Stage {
    server: Server,
    nightly: Nightly,
}

impl Stage {
    async fn new(name: &str) -> Stage {
        let server = Server::start_async().await;
        let ges = Client::new(&server.base_url(), "0123456789abcdef0123456789abcdef", TOKEN).unwrap();
        Stage { server, nightly: nightly(name, ges, GRAPH) }
    }

    /// As after an evening on which the graph was loaded from `loaded`.
    async fn after_an_evening_with(name: &str, loaded: &str) -> Stage {
        let stage = Stage::new(name).await;
        fs::write(&stage.nightly.loaded, loaded).unwrap();
        stage.lets_backup_end_as("success");
        stage.server.stop_graph().example(stop_graph::Example::Accepted);
        stage.nightly.evening().await.unwrap();
        stage
    }

    /// A backup is accepted, its job succeeds, and the list says `status` of it.
    fn lets_backup_end_as(&self, status: &str) {
        self.server.create_backup().graph_id(GRAPH).status_200(json!({"job_id": "job-1", "backup_id": BACKUP}));
        self.server.show_job().status_200(json!({"status": "success"}));
        let other = json!({"id": "backup-0", "status": "failed"});
        self.server
            .list_graph_backups()
            .graph_id(GRAPH)
            .status_200(json!({"backup_count": 2, "backup_list": [other, {"id": BACKUP, "status": status}]}));
    }
}

fn nightly(name: &str, ges: Client, graph_id: &str) -> Nightly {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let loaded = folder.join("loaded.csv");
    fs::write(&loaded, "a,b\n").unwrap();
    Nightly {
        ges,
        graph_id: graph_id.to_owned(),
        loaded,
        night: folder.join("night.json"),
        deadline: Duration::from_secs(10),
        pauses: [Duration::from_millis(1), Duration::from_millis(5)],
    }
}

#[tokio::test]
async fn a_good_evening_ends_with_a_stopped_graph_and_a_note() {
    let Stage { server, nightly } = &Stage::new("good_evening").await;
    let backup = server.create_backup().example(create_backup::Example::Accepted);
    let looks = server.show_job().times(2).status_200(json!({"status": "running"}));
    server.show_job().status_200(json!({"status": "success"}));
    // The backup that the documented answer names.
    let documented = "0000b54f-2f1d-47a5-94bc-04f0d8a2e2db";
    server.list_graph_backups().status_200(json!({"backup_list": [{"id": documented, "status": "success"}]}));
    let stop = server.stop_graph().graph_id(GRAPH).example(stop_graph::Example::Accepted);

    let evening = nightly.evening().await.unwrap();
    backup.assert();
    assert_eq!(looks.calls(), 2);
    stop.assert();
    let note: Value = serde_json::from_str(&fs::read_to_string(&nightly.night).unwrap()).unwrap();
    assert_eq!(evening, Evening::Stopped { backup_id: note["backup_id"].as_str().unwrap().to_owned() });
}

#[tokio::test]
async fn a_graph_is_not_stopped_if_its_backup_is_not_good() {
    for (name, status) in [("failed_backup", "failed"), ("unfinished_backup", "backing_up")] {
        let stage = Stage::new(name).await;
        stage.lets_backup_end_as(status);
        let stop = stage.server.stop_graph().example(stop_graph::Example::Accepted);
        let problem = stage.nightly.evening().await.unwrap_err().to_string();
        assert!(problem.contains(status), "{problem}");
        assert_eq!(stop.calls(), 0);
        assert!(!stage.nightly.night.exists());
    }
}

#[tokio::test]
async fn a_failed_job_is_told_with_its_reason() {
    let Stage { server, nightly } = &Stage::new("failed_job").await;
    server.create_backup().status_200(json!({"job_id": "job-1", "backup_id": BACKUP}));
    server.show_job().status_200(json!({"status": "failed", "fail_reason": "no space left"}));
    let stop = server.stop_graph().example(stop_graph::Example::Accepted);
    let problem = nightly.evening().await.unwrap_err().to_string();
    assert!(problem.contains("no space left"), "{problem}");
    assert_eq!(stop.calls(), 0);
}

#[tokio::test]
async fn a_graph_that_does_not_run_is_left_alone() {
    let Stage { server, nightly } = &Stage::new("did_not_run").await;
    server.create_backup().status_400(json!({"error_code": "GES.7001", "error_msg": "The graph is not running."}));
    assert_eq!(nightly.evening().await.unwrap(), Evening::DidNotRun);
}

#[tokio::test]
async fn a_graph_that_was_stopped_meanwhile_counts_as_stopped() {
    let stage = Stage::new("stopped_meanwhile").await;
    stage.lets_backup_end_as("success");
    stage.server.stop_graph().example(stop_graph::Example::NotRunning);
    assert_eq!(stage.nightly.evening().await.unwrap(), Evening::Stopped { backup_id: BACKUP.to_owned() });
}

#[tokio::test]
async fn a_stop_that_may_have_taken_effect_is_not_repeated_but_looked_for() {
    for (name, status, is_stopped) in [("lost_answer", "900", true), ("lost_request", "200", false)] {
        let stage = Stage::new(name).await;
        stage.lets_backup_end_as("success");
        let stop = stage.server.stop_graph().reply(502, "text/html", "<html>bad gateway</html>");
        stage.server.show_graph().graph_id(GRAPH).status_200(json!({"graph": {"status": status}}));
        let evening = stage.nightly.evening().await;
        assert_eq!(evening.is_ok(), is_stopped, "{evening:?}");
        assert_eq!(stop.calls(), 1);
    }
}

#[tokio::test]
async fn in_the_morning_the_graph_goes_on_if_nothing_has_changed() {
    let Stage { server, nightly } = &Stage::after_an_evening_with("goes_on", "a,b\n").await;
    let start = server.start_graph().graph_id(GRAPH).body(json!({})).example(start_graph::Example::FromBackup);
    assert_eq!(nightly.morning().await.unwrap(), Morning::WentOn);
    start.assert();
}

#[tokio::test]
async fn in_the_morning_the_graph_starts_from_the_backup_if_the_checksum_differs() {
    let Stage { server, nightly } = &Stage::after_an_evening_with("from_backup", "a,b\n").await;
    fs::write(&nightly.loaded, "a,b\nc,").unwrap();
    let start = server.start_graph().body(json!({"graph_backup_id": BACKUP})).example(start_graph::Example::FromBackup);
    assert_eq!(nightly.morning().await.unwrap(), Morning::StartedFrom { backup_id: BACKUP.to_owned() });
    start.assert();
}

#[tokio::test]
async fn a_graph_that_runs_already_is_fine_unless_it_has_the_wrong_data() {
    for (name, loaded, is_fine) in [("ran_already", "a,b\n", true), ("ran_with_other_data", "c,d\n", false)] {
        let Stage { server, nightly } = &Stage::after_an_evening_with(name, "a,b\n").await;
        fs::write(&nightly.loaded, loaded).unwrap();
        server.start_graph().example(start_graph::Example::Importing);
        server.show_graph().status_200(json!({"graph": {"status": "200"}}));
        match nightly.morning().await {
            Ok(morning) => assert!(is_fine && morning == Morning::RanAlready, "{morning:?}"),
            Err(problem) => assert!(!is_fine && problem.to_string().contains(BACKUP), "{problem}"),
        }
    }
}

#[tokio::test]
async fn a_morning_without_an_evening_says_so() {
    let Stage { nightly, .. } = &Stage::new("no_evening").await;
    let problem = nightly.morning().await.unwrap_err().to_string();
    assert!(problem.contains("night.json"), "{problem}");
}
