//! A backup with progress, on an emulator whose jobs end after some polls.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use examples::backup_with_progress::backup_with_progress;
use ges_client::Client;
use ges_emulator::{Config, Emulator, ProviderState, Transitions, serve};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_status_is_shown_until_the_backup_exists() {
    // Ten polls find the job unfinished.
    let emulator = Emulator::new(Config { transitions: Transitions::Manual(10), ..Config::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, emulator.clone(), std::future::pending()));
    let given = emulator.set_up(ProviderState::RunningGraph);

    let ges = Client::new(&endpoint, given.project_id, "any token").unwrap();
    let mut shown = Vec::new();
    let show = |status: &str| shown.push(status.to_owned());
    let backup_id = backup_with_progress(&ges, &given.graph_id, Duration::from_millis(20), show).await.unwrap();

    assert_eq!(shown.first().map(String::as_str), Some("running"));
    let backups = ges.list_graph_backups(&given.graph_id).send().await.unwrap().into_inner().backup_list;
    assert!(backups.iter().any(|backup| backup.id.as_deref() == Some(&*backup_id)));
}
