//! The client's and the emulator's readings of the same pages, which share no code, agree.

use std::time::Duration;

use ges_client::{Client, Error};
use ges_emulator::{ProviderState, Transitions};

use crate::service::{Service, TOKEN};

#[tokio::test]
async fn a_graph_goes_through_its_life() {
    let service = Service::with_token();
    let (emulator, ges) = (&service.emulator, service.client());
    let graph = emulator.set_up(ProviderState::RunningGraph).graph_id;

    let backup = ges.create_backup(&graph).send().await.unwrap().into_inner();
    let backup_id = backup.backup_id.unwrap();
    let mut jobs = vec![backup.job_id];
    jobs.push(
        ges.upgrade_graph(&graph).body_map(|body| body.upgrade_version("9.9.9")).send().await.unwrap().job_id.clone(),
    );
    jobs.push(ges.restart_graph(&graph).send().await.unwrap().job_id.clone());
    jobs.push(ges.stop_graph(&graph).send().await.unwrap().job_id.clone());
    jobs.push(
        ges.start_graph(&graph).body_map(|body| body.graph_backup_id(backup_id)).send().await.unwrap().job_id.clone(),
    );

    assert!(jobs.iter().flatten().all(|job| !job.is_empty()), "{jobs:?}");
    jobs.sort();
    jobs.dedup();
    assert_eq!(jobs.len(), 5, "every job has an id of its own");
}

#[tokio::test]
async fn a_graph_goes_through_its_life_in_the_other_generation_as_well() {
    let service = Service::with_token();
    let (emulator, ges) = (&service.emulator, service.client());
    let graph = emulator.set_up(ProviderState::RunningGraph).graph_id;

    let backup = ges.create_backup_v1(&graph).send().await.unwrap().into_inner();
    let backup = backup.backup_id.unwrap();
    ges.upgrade_graph_v2(&graph).body_map(|body| body.upgrade_version("9.9.9")).send().await.unwrap();
    ges.restart_graph_v2(&graph).send().await.unwrap();
    let stop = ges.stop_graph_v1(&graph).send().await.unwrap().into_inner().job_id.unwrap();
    let shown = ges.show_graph_v1(&graph).send().await.unwrap().into_inner().graph.unwrap();
    assert_eq!(shown.status, ges.show_graph(&graph).send().await.unwrap().into_inner().graph.unwrap().status);
    ges.start_graph_v2(&graph).body_map(|body| body.graph_backup_id(backup.clone())).send().await.unwrap();
    assert!(ges.show_job_v1(&graph, &stop).send().await.unwrap().into_inner().status.is_some());

    assert_eq!(ges.list_graphs().send().await.unwrap().graph_count, Some(1));
    assert_eq!(ges.list_graphs_v1().send().await.unwrap().graph_count, Some(1));
    let jobs = ges.list_jobs().send().await.unwrap().job_count;
    assert_eq!((jobs, ges.list_jobs_v1().send().await.unwrap().job_count), (Some(5), Some(5)));
    for deleted in [0, 1] {
        let left = Some(1 - deleted);
        assert_eq!(ges.list_backups().send().await.unwrap().backup_count, left);
        assert_eq!(ges.list_backups_v1().send().await.unwrap().backup_count, left);
        assert_eq!(ges.list_graph_backups(&graph).send().await.unwrap().backup_count, left);
        assert_eq!(ges.list_graph_backups_v1(&graph).send().await.unwrap().backup_count, left);
        if deleted == 0 {
            ges.delete_backup_v1(&graph, &backup).send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn refusals_of_both_api_versions_are_one_error() {
    let service = Service::with_token();
    let (emulator, ges) = (&service.emulator, service.client());
    let stopped = emulator.set_up(ProviderState::StoppedGraph).graph_id;
    let nowhere = emulator.set_up(ProviderState::NoSuchGraph).graph_id;

    let v2 = ges.stop_graph(&stopped).send().await.unwrap_err();
    assert_eq!(
        (v2.status(), v2.code(), v2.message()),
        (Some(400), Some("GES.7001"), Some("The graph is not running."))
    );
    let v1 = ges.restart_graph(&stopped).send().await.unwrap_err();
    assert_eq!((v1.status(), v1.code(), v1.message()), (Some(400), Some("GES.7016"), Some("The request is invalid.")));
    let gone = ges.create_backup(&nowhere).send().await.unwrap_err();
    assert_eq!((gone.status(), gone.code()), (Some(404), Some("GES.0047")));
    assert!(![v2, v1, gone].iter().any(Error::may_have_taken_effect));
}

#[tokio::test]
async fn a_refused_token_is_the_gateways_answer_in_both_versions_and_is_not_printed() {
    let service = Service::with_token();
    let emulator = &service.emulator;
    let graph = emulator.set_up(ProviderState::RunningGraph).graph_id;
    let ges = Client::new(&service.endpoint, emulator.config().project_id.clone(), "a-wrong-token").unwrap();
    let v1 = ges.restart_graph(&graph).send().await.unwrap_err();
    let v2 = ges.stop_graph(&graph).send().await.unwrap_err();
    for error in [v1, v2] {
        assert_eq!((error.status(), error.code()), (Some(401), Some("APIGW.0301")));
        assert!(!format!("{ges:?} {error:?} {error}").contains("a-wrong-token"));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_says_that_nothing_happened() {
    let ges = Client::new(&format!("http://{}", test_support::unused_address()), "p", TOKEN).unwrap();
    let error = ges.stop_graph("g").send().await.unwrap_err();
    assert_eq!((error.status(), error.may_have_taken_effect()), (None, false));
}

#[test]
fn the_emulator_takes_its_time_when_asked_to() {
    assert_eq!("time:1500ms".parse::<Transitions>().ok(), Some(Transitions::Time(Duration::from_millis(1500))));
}
