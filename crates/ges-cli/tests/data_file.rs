//! `ges emulate --data` on a disk that is full, at the start and later on.
//!
//! The limit of file sizes of the shell (`ulimit -f`) stands for the disk.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread};

use serde_json::Value;
use test_support::process::{Listening, command};

/// The emulator with a data file, in a shell in which no file may be longer than `kilobytes`.
fn emulator(data: &Path, kilobytes: Option<u32>) -> Command {
    let limit = kilobytes.map(|limit| format!("ulimit -f {limit}; ")).unwrap_or_default();
    let mut shell = command("bash", &["GES_", "HUAWEICLOUD_"]);
    shell.args(["-c", &format!("{limit}exec \"$0\" emulate --data \"$1\"")]).arg(env!("CARGO_BIN_EXE_ges")).arg(data);
    shell
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("data-file-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_full_disk_is_told_at_the_start() {
    let folder = folder("start");
    for kilobytes in [0, 1, 8, 32] {
        let data = folder.join("data");
        let output = emulator(&data, Some(kilobytes)).stdout(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{kilobytes} KB: {stderr}");
        assert!(output.stdout.is_empty());
        let begins = format!("error: cannot use the data file {}: File too large", data.display());
        assert!(stderr.starts_with(&begins) && stderr.contains("\nhint: make room for the file"), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left behind");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// Status and body.
fn ask(address: &str, line: &str, body: &str) -> (u16, Value) {
    let answer =
        test_support::client::send(address, line, &["Content-Type: application/json", "X-Auth-Token: t"], body);
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[test]
fn a_disk_that_fills_up_later_loses_nothing_that_was_confirmed() {
    let folder = folder("later");
    let data = folder.join("data");
    let full = Listening::start(&mut emulator(&data, Some(400)), 1);
    let mut confirmed = Vec::new();
    let graph = format!(r#"{{"name": "{}"}}"#, "n".repeat(2000));
    let refused = loop {
        let (status, body) = ask(full.address(), "POST /_emulator/graphs", &graph);
        match status {
            200 => confirmed.push(body["graph_id"].as_str().unwrap().to_owned()),
            _ => break (status, body),
        }
        assert!(confirmed.len() < 10_000, "the disk is never full");
    };
    let reason = refused.1["error_msg"].as_str().unwrap().to_owned();
    assert_eq!(refused.0, 500, "{reason}");
    assert!(reason.contains(&format!("cannot write {}: ", data.display())) && reason.contains("too large"), "{reason}");
    assert!(!confirmed.is_empty());
    // Whoever asks again is told again, from several connections as well.
    let address = full.address();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || assert_eq!(ask(address, "GET /v1.0/p/graphs", "").0, 500));
        }
    });
    assert_eq!(full.terminate(), Some(0));

    let again = Listening::start(&mut emulator(&data, None), 1);
    let project = ask(again.address(), "GET /_emulator/health", "").1["project_id"].as_str().unwrap().to_owned();
    for graph_id in &confirmed {
        assert_eq!(ask(again.address(), &format!("GET /v2/{project}/graphs/{graph_id}"), "").0, 200, "{graph_id}");
    }
    drop(again);
    fs::remove_dir_all(folder).unwrap();
}
