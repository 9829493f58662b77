//! The nightly job over two nights, on an emulator.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use examples::nightly::{Evening, Morning, Nightly};
use ges_client::Client;
use ges_emulator::{Config, Emulator, ProviderState, Transitions, serve};
use tokio::net::TcpListener;

#[tokio::test]
async fn two_nights() {
    let config = Config { transitions: Transitions::Manual(3), tokens: vec!["t-1".to_owned()], ..Config::default() };
    let emulator = Emulator::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, emulator.clone(), std::future::pending()));
    let given = emulator.set_up(ProviderState::RunningGraph);

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("two_nights");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let nightly = Nightly {
        ges: Client::new(&endpoint, given.project_id, "t-1").unwrap(),
        graph_id: given.graph_id,
        loaded: folder.join("loaded.csv"),
        night: folder.join("night.json"),
        deadline: Duration::from_secs(10),
        pauses: [Duration::from_millis(1), Duration::from_millis(5)],
    };

    fs::write(&nightly.loaded, "a,b\n").unwrap();
    let Evening::Stopped { backup_id: first } = nightly.evening().await.unwrap() else { panic!("it ran") };
    assert_eq!(nightly.evening().await.unwrap(), Evening::DidNotRun);
    assert_eq!(nightly.morning().await.unwrap(), Morning::WentOn);
    assert_eq!(nightly.morning().await.unwrap(), Morning::RanAlready);

    let Evening::Stopped { backup_id: second } = nightly.evening().await.unwrap() else { panic!("it ran") };
    assert_ne!(first, second);
    fs::write(&nightly.loaded, "a,b\nc,").unwrap();
    assert_eq!(nightly.morning().await.unwrap(), Morning::StartedFrom { backup_id: second });
    assert!(nightly.morning().await.unwrap_err().to_string().contains("has changed"));
}
