//! What does the exit status of `ges` mean?

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

fn ges(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ges"));
    for name in ["GES_ENDPOINT", "GES_TOKEN", "HUAWEICLOUD_SDK_PROJECT_ID"] {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

#[track_caller]
fn check(arguments: &[&str], status: i32, in_stdout: &str, in_stderr: &str) {
    let output = ges(arguments);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{stdout}\n{stderr}");
    assert!(stdout.contains(in_stdout), "{stdout}");
    assert!(stderr.contains(in_stderr), "{stderr}");
}

/// An address at which nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn every_case_passed_is_0() {
    check(&["conform"], 0, " passed, 0 failed, 0 unreachable", "");
    check(&["conform", "--only", "stop_graph/*"], 0, "PASS stop_graph/not_running", "");
    check(&["conform", "--plan"], 0, "cases run, in this order", "");
}

#[test]
fn a_broken_contract_is_1() {
    // No emulator answers with the documented ids.
    check(&["conform", "--match", "exact", "--only", "stop_graph/accepted"], 1, "FAIL stop_graph/accepted", "");
}

#[test]
fn bad_usage_is_2() {
    check(&["conform", "--no-such-flag"], 2, "", "--no-such-flag");
    check(&["conform", "--endpoint", "ftp://127.0.0.1"], 2, "", "ftp");
    check(&["conform", "--set", "upgradeVersoin=2"], 2, "", "upgradeVersion");
    check(&["conform", "--endpoint", ""], 2, "", "the endpoint is empty");
    check(&["conform", "--region", "nowhere.example"], 2, "", "not a region");
    check(&["conform", "--token", "a\nb"], 2, "", "line break");
    check(&["conform", "--timeout", "-1"], 2, "", "more than zero seconds");
    check(&["conform", "--timeout", "soon"], 2, "", "number of seconds");
    check(&["conform", "--cases", "/no/such/file", "--endpoint", "http://127.0.0.1:1"], 2, "", "/no/such/file");
    check(&["emulate", "--transitions", "sometimes"], 2, "", "sometimes");
}

#[test]
fn nobody_there_is_3() {
    check(&["conform", "--endpoint", &nowhere(), "--provider-states", &nowhere()], 3, "", "hint");
}

#[test]
fn nothing_ran_is_4() {
    check(&["conform", "--only", "nothing/*"], 4, "", "no case matches");
    check(
        &["conform", "--endpoint", "http://192.0.2.1", "--provider-states", "http://192.0.2.1/states"],
        4,
        "stop_graph/accepted",
        "--allow-disruptive",
    );
}

#[test]
fn the_emulator_says_where_it_listens_and_ends_well_when_asked_to() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ges"))
        .args(["emulate", "--listen", "127.0.0.1:0", "--token", "t-1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let endpoint = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let states = format!("{endpoint}/_emulator/provider-states");
    check(
        &["conform", "--endpoint", &endpoint, "--provider-states", &states, "--token", "t-1"],
        0,
        " 0 failed, 0 unreachable",
        "",
    );
    check(&["conform", "--endpoint", &endpoint, "--provider-states", &states, "--token", "t-2"], 3, "", "");
    #[cfg(unix)]
    {
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    #[cfg(not(unix))]
    child.kill().unwrap();
}
