//! A reopened emulator continues where the closed one was.

use crate::folder::Folder;
use crate::load::{Luck, ask, graph_path, reopen, state};
use ges_emulator::{Config, Emulator, ProviderState, Transitions};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn open(path: &Path) -> Emulator {
    reopen(Config::default(), path).expect("a data file")
}

/// A call to one of the graphs, whether it is accepted or not.
fn call_something(emulator: &Emulator, graphs: &[String], luck: &mut Luck) {
    let graph = &graphs[luck.below(graphs.len() as u64) as usize];
    let backups = || ask(emulator, &format!("GET {graph}/backups"), "").1;
    match luck.below(9) {
        0 => ask(emulator, &format!("POST {graph}/stop"), ""),
        1 => ask(emulator, &format!("POST {graph}/start"), ""),
        2 => ask(emulator, &format!("POST {graph}/restart"), ""),
        3 => ask(
            emulator,
            &format!("POST {graph}/upgrade"),
            &json!({ "upgrade_version": format!("2.{}", luck.below(50)), "force_upgrade": luck.below(2) == 0 })
                .to_string(),
        ),
        4 | 5 => ask(emulator, &format!("POST {graph}/backups"), ""),
        6 => {
            let backups = backups();
            let backup = backups["backup_list"][0]["id"].as_str().unwrap_or("none");
            ask(emulator, &format!("DELETE {graph}/backups/{backup}"), "")
        }
        7 => ask(emulator, "POST /_emulator/clock", r#"{"advance": "PT1S"}"#),
        _ => ask(emulator, &format!("GET {graph}"), ""),
    };
}

#[test]
fn reopening_restores_the_state() {
    for (transitions, seed) in [
        (Transitions::Immediate, 1),
        (Transitions::Manual(3), 2),
        (Transitions::Time(Duration::from_secs(3)), 3),
        (Transitions::Time(Duration::from_secs(5)), 4),
    ] {
        let folder = Folder::new();
        let config = Config { transitions, seed, ..Config::default() };
        let mut luck = Luck(seed);
        let mut emulator = reopen(config.clone(), folder.path("data")).expect("a data file");
        let graphs: Vec<_> = ProviderState::ALL.iter().map(|&state| graph_path(&emulator.set_up(state))).collect();
        for _ in 0..8 {
            for _ in 0..10 {
                call_something(&emulator, &graphs, &mut luck);
            }
            let before = state(&emulator);
            drop(emulator);
            emulator = reopen(config.clone(), folder.path("data")).expect("the same file");
            assert_eq!(state(&emulator), before, "{transitions}");
        }
        assert_eq!(folder.names(), ["data"]);
    }
}

#[test]
fn the_clock_continues() {
    let folder = Folder::new();
    let emulator = open(&folder.path("data"));
    let given = emulator.set_up(ProviderState::StoppedGraph);
    emulator.advance_clock(Duration::from_secs(8 * 24 * 60 * 60));
    drop(emulator);
    let emulator = open(&folder.path("data"));
    // It started by itself after seven days.
    assert_eq!(ask(&emulator, &format!("GET {}", graph_path(&given)), "").1["graph"]["status"], json!("200"));
}

#[test]
fn identifiers_continue_and_never_repeat() {
    let folder = Folder::new();
    let twice = [(); 2].map(|()| open(&folder.path("data")).set_up(ProviderState::NoSuchGraph).graph_id);
    assert_ne!(twice[0], twice[1]);
}

#[test]
fn requests_of_another_run_have_other_identifiers() {
    let folder = Folder::new();
    let path = folder.path("data");
    let twice = [(); 2].map(|()| {
        let emulator = open(&path);
        ask(&emulator, "GET /nowhere", "").1["request_id"].clone()
    });
    assert_ne!(twice[0], twice[1]);
}

#[test]
fn the_seed_of_a_file_never_changes() {
    let folder = Folder::new();
    let config = |seed| Config { seed, ..Config::default() };
    let emulator = reopen(config(7), folder.path("data")).expect("a new file");
    let first = emulator.set_up(ProviderState::RunningGraph);
    drop(emulator);
    let emulator = reopen(config(9), folder.path("data")).expect("the same file");
    assert_eq!(emulator.config().seed, 7);
    emulator.reset();
    assert_eq!(emulator.set_up(ProviderState::RunningGraph), first);
}

#[test]
fn a_reset_is_written() {
    let folder = Folder::new();
    let emulator = open(&folder.path("data"));
    let new = state(&emulator);
    emulator.set_up(ProviderState::StoppedGraphWithBackup);
    assert_eq!(ask(&emulator, "POST /_emulator/reset", "").0, 200);
    drop(emulator);
    assert_eq!(state(&open(&folder.path("data"))), new);
}

#[test]
fn a_snapshot_restores_the_state_in_another_emulator() {
    let folder = Folder::new();
    let emulator = Emulator::new(Config::default());
    let given = emulator.set_up(ProviderState::StoppedGraphWithBackup);
    emulator.advance_clock(Duration::from_secs(6 * 24 * 60 * 60));
    let (status, snapshot) = ask(&emulator, "POST /_emulator/snapshot", "");
    assert_eq!(status, 200);

    let other = open(&folder.path("data"));
    other.set_up(ProviderState::RunningGraph);
    assert_eq!(ask(&other, "POST /_emulator/restore", &snapshot.to_string()), (200, json!({})));
    assert_eq!(state(&other), state(&emulator));
    drop(other);
    let other = open(&folder.path("data"));
    assert_eq!(state(&other), state(&emulator));
    // The clock is where it was: one more day is too much, half a day is not.
    for (advance, status) in [("PT12H", "900"), ("PT12H", "920")] {
        let advanced = ask(&other, "POST /_emulator/clock", &json!({ "advance": advance }).to_string());
        assert_eq!(advanced.0, 200);
        let found = ask(&other, &format!("GET {}", graph_path(&given)), "").1["graph"]["status"].clone();
        // Without a duration, the state `starting` is never visible.
        let status = if status == "920" { "200" } else { status };
        assert_eq!(found, json!(status));
    }
}

#[test]
fn an_invalid_snapshot_changes_nothing() {
    let emulator = Emulator::new(Config::default());
    emulator.set_up(ProviderState::StoppedGraphWithBackup);
    let before = state(&emulator);
    let mut snapshot: Value = serde_json::from_str(&emulator.snapshot()).expect("JSON");
    snapshot["backups"][0]["graph_id"] = json!("0000b54f-2f1d-47a5-94bc-04f0d8a2e2db");
    let (status, answer) = ask(&emulator, "POST /_emulator/restore", &snapshot.to_string());
    assert_eq!(status, 400);
    assert!(answer["problems"][0].as_str().is_some_and(|text| text.contains("which does not exist")), "{answer}");
    assert!(emulator.restore("").is_err());
    assert_eq!(state(&emulator), before);
}

#[test]
fn a_file_can_be_open_only_once() {
    let folder = Folder::new();
    let path = folder.path("data");
    let first = open(&path);
    let second = Emulator::open(Config::default(), &path).expect_err("a file in use");
    assert!(second.is_in_use());
    assert!(second.to_string().contains("the file is in use\nhint: stop the other emulator"), "{second}");
    drop(first);
    open(&path);
}

#[test]
fn a_missing_folder_is_not_created() {
    let folder = Folder::new();
    let error = Emulator::open(Config::default(), folder.path("no/such/data")).expect_err("no folder");
    let missing = folder.path("no/such").display().to_string();
    let expected = format!("the folder {missing} does not exist\nhint: mkdir -p {missing}");
    assert!(error.to_string().ends_with(&expected), "{error}");
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_read_only_file_is_refused() {
    let folder = Folder::new();
    let path = folder.path("data");
    drop(open(&path));
    let mut permissions = fs::metadata(&path).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("one's own file");
    // An administrator may write to it all the same.
    if let Err(error) = reopen(Config::default(), &path) {
        assert!(error.to_string().contains("ermission denied"), "{error}");
    }
}
