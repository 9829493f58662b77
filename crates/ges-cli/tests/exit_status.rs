//! What the exit status of `ges` means.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use test_support::process::Listening;
use test_support::unused_address;

fn command(arguments: &[&str]) -> Command {
    let mut command = test_support::process::command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    command.args(arguments);
    command
}

#[track_caller]
fn check(arguments: &[&str], status: i32, in_stdout: &str, in_stderr: &str) {
    let output = command(arguments).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{stdout}\n{stderr}");
    assert!(stdout.contains(in_stdout), "{stdout}");
    assert!(stderr.contains(in_stderr), "{stderr}");
}

/// An endpoint without a listener.
fn nowhere() -> String {
    format!("http://{}", unused_address())
}

#[test]
fn every_case_passed_is_0() {
    check(&["conform"], 0, ", 0 failed, 0 unreachable", "");
    check(&["conform", "--only", "stop_graph/*"], 0, "PASS stop_graph/not_running", "");
    check(&["conform", "--plan"], 0, "cases run, in this order", "");
}

#[test]
fn a_plan_needs_no_endpoint_and_says_what_each_choice_costs() {
    let graph = ["conform", "--endpoint", "https://ges.example.net", "--graph-id", "G", "--plan"];
    check(&graph, 0, "not run, because they take operations of their own", "");
    check(&graph, 0, "\n--thorough ", "");
    check(&[&graph[..], &["--thorough"]].concat(), 0, "permitted cases  each disruptive", "");
    check(&["conform", "--thorough", "--kinds", "permitted"], 2, "", "cannot be used with");
}

#[test]
fn a_broken_contract_is_1() {
    // No emulator answers with the documented ids.
    check(&["conform", "--match", "exact", "--only", "stop_graph/accepted"], 1, "FAIL stop_graph/accepted", "");
}

#[test]
fn bad_usage_is_2() {
    check(&["conform", "--no-such-flag"], 2, "", "--no-such-flag");
    check(&["conform", "--endpoint", "ftp://127.0.0.1"], 2, "", "must begin with https:// or http://");
    check(&["conform", "--set", "upgradeVersoin=2"], 2, "", "upgradeVersion");
    check(&["conform", "--endpoint", ""], 2, "", "the endpoint is empty");
    check(&["conform", "--region", "nowhere.example"], 2, "", "not a region");
    check(&["conform", "--token", "a\nb"], 2, "", "line break");
    check(&["conform", "--timeout", "-1"], 2, "", "more than 0 seconds");
    check(&["conform", "--timeout", "soon"], 2, "", "expected a duration such as 30s, 5m or 1h30m");
    let nothing = "/no/such/file";
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    check(&["conform", "replay", readme], 2, "", "hint: use a HAR file or a VCR cassette");
    for (bad, said) in [(nothing, "cannot read /no/such/file"), (readme, "README.md: ")] {
        check(&["conform", "replay", bad], 2, "", said);
        check(&["conform", "merge", bad], 2, "", said);
        check(&["conform", "--deviations", bad], 2, "", said);
    }
    check(&["emulate", "--transitions", "sometimes"], 2, "", "sometimes");
    check(&["emulate", "--tls-cert", "cert.pem"], 2, "", "--tls-key");
    check(&["emulate", "--tls-self-signed", "--tls-name", "not a name\u{e9}"], 2, "", "certificate");
    check(&["emulate", "--max-body", "1.5MiB"], 2, "", "expected a size such as 512KiB or 1MiB");
    check(&["observe", "--upstream", "http://127.0.0.1:1", "--keep", "64M"], 2, "", "expected a size such as");
    check(&["observe", "--upstream", "http://127.0.0.1:1", "--body-limit", "-1"], 2, "", "expected a size such as");
    check(&["emulate", "--idle-timeout", "0"], 2, "", "more than 0 seconds");
    check(&["emulate", "--shutdown-grace", "-1"], 2, "", "more than 0 seconds");
}

#[test]
fn an_error_about_a_user_does_not_repeat_the_password() {
    for user in ["ann:hunter2@", ":hunter2", "hunter2"] {
        let output = command(&["emulate", "--iam-user", user]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("--iam-user: expected a user as"), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn a_flag_precedes_the_environment() {
    let region = ["conform", "--region", "cn-north-4", "--plan"];
    let output = command(&region).env("GES_ENDPOINT", "not an address").output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    check(&["conform", "--endpoint", "http://127.0.0.1:1", "--region", "cn-north-4"], 2, "", "cannot be used with");
}

#[test]
fn requests_are_signed_with_keys_from_flags_variables_and_profiles() {
    let emulator = emulate(&["--ak", "AKOFTHISTEST", "--sk", "SKOFTHISTEST"], 1);
    let url = emulator.url();
    let profile = std::env::temp_dir().join(format!("ges-conform-{}", std::process::id()));
    std::fs::write(&profile, "[basic]\nak = AKOFTHISTEST\nsk = SKOFTHISTEST\n").unwrap();
    let path = profile.to_str().unwrap();
    let (access, secret) = (("HUAWEICLOUD_SDK_AK", "AKOFTHISTEST"), ("HUAWEICLOUD_SDK_SK", "SKOFTHISTEST"));
    let states = format!("{url}/_emulator/provider-states");
    for (flags, variables, status) in [
        (&["--ak", "AKOFTHISTEST"][..], &[secret][..], 0),
        (&["--profile", path], &[("GES_TOKEN", "of-another-user")], 0),
        (&[], &[access, secret], 0),
        (&[], &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path)], 0),
        // Refused, which says nothing about the contract.
        (&[], &[access, ("HUAWEICLOUD_SDK_SK", "SKOFANOTHERUSER")], 3),
        (&[], &[access], 3),
        (&["--profile", "/no/such/file"], &[], 3),
    ] {
        let mut conform = command(&["conform", "--endpoint", url, "--provider-states", &states]);
        conform.args(flags);
        let output = conform.envs(variables.iter().copied()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(output.status.code(), Some(status), "{flags:?} {variables:?}\n{text}");
        assert!(!text.contains("SKOF") && !text.contains("Signature="), "{text}");
    }
    std::fs::remove_file(profile).unwrap();
}

#[test]
fn no_connection_is_3() {
    check(&["conform", "--endpoint", &nowhere(), "--ca-file", "/no/such/file"], 3, "", "/no/such/file");
    check(&["conform", "--endpoint", &nowhere(), "--provider-states", &nowhere()], 3, "", "hint");
}

#[test]
fn what_an_endpoint_lacks_is_said_once_and_before_anything_is_sent() {
    let endpoint = nowhere();
    let output = command(&["conform", "--endpoint", &endpoint]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{stdout}\n{stderr}");
    for flag in ["--provider-states URL", "--graph-id ID", "--given 'a running graph=ID'", "--token-file FILE"] {
        assert_eq!(stderr.matches(flag).count(), 1, "{flag}: {stderr}");
    }
    assert!(stdout.lines().count() + stderr.lines().count() < 14, "{stdout}\n{stderr}");
    let given = ["conform", "--endpoint", &endpoint, "--given", "a running graph=g-1"];
    check(&given, 3, "", "need X-Auth-Token; nothing was sent");
    // With a token, the endpoint is asked.
    check(&[&given[..], &["--token", "t-1"]].concat(), 3, "", "cannot connect");
    // A request without a credential needs none.
    check(&[&given[..], &["--only", "*/credential.missing"]].concat(), 3, "", "cannot connect");
}

#[test]
fn help_shows_no_values_of_the_environment() {
    let mut help = command(&["emulate", "--help"]);
    help.envs(
        ["GES_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"]
            .map(|name| (name, "s3cret")),
    );
    let stdout = String::from_utf8(help.output().unwrap().stdout).unwrap();
    assert!(stdout.contains("HUAWEICLOUD_SDK_AK") && !stdout.contains("s3cret"), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    check(&["conform", "observe", "--upstream", "http://127.0.0.1:1"], 2, "", "hint: use `ges observe");
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
fn too_little_coverage_is_5() {
    check(&["conform", "--coverage-min", "operations=100"], 0, "coverage: operations 5/5", "");
    let all = ["conform", "--coverage-min", "statuses=100,operations=100"];
    check(&all, 5, "not covered", "not enough is covered: statuses");
    // What failed comes first.
    let failing = ["conform", "--match", "exact", "--only", "stop_graph/accepted", "--coverage-min", "100"];
    check(&failing, 1, "FAIL stop_graph/accepted", "not enough is covered: operations 1/5");
    check(&["conform", "--coverage-min", "most"], 2, "", "expected a percentage from 0 to 100");
    check(&["conform", "--coverage-min", "paths=1"], 2, "", "expected one of operations, statuses");
}

/// An emulator that has printed this number of lines.
fn emulate(arguments: &[&str], lines: usize) -> Listening {
    Listening::start(command(&["emulate"]).args(arguments), lines)
}

#[test]
fn the_emulator_prints_its_address_and_stops_with_status_0() {
    let emulator = emulate(&["--token", "t-1"], 1);
    let endpoint = emulator.url();
    let states = format!("{endpoint}/_emulator/provider-states");
    check(
        &["conform", "--endpoint", endpoint, "--provider-states", &states, "--token", "t-1"],
        0,
        " 0 failed, 0 unreachable",
        "",
    );
    check(&["conform", "--endpoint", endpoint, "--provider-states", &states, "--token", "t-2"], 3, "", "");
    let status = emulator.terminate();
    #[cfg(unix)]
    assert_eq!(status, Some(0));
}

#[cfg(unix)]
#[test]
fn the_emulator_finishes_running_requests_before_it_stops() {
    let emulator = emulate(&["--shutdown-grace", "2s"], 1);
    let address = emulator.address().to_owned();
    let send = |text: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let post = |path: &str, body: &str| {
        send(&format!(
            "POST {path} HTTP/1.1\r\nHost: g\r\nX-Auth-Token: t\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let mut fault = post("/_emulator/faults", r#"{"latency_ms": 1000}"#);
    // The connection stays open, idle.
    assert_ne!(fault.read(&mut [0]).unwrap(), 0);
    let (half_a_head, half_a_body) = (send("POST /v2"), send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"));
    let mut running = post("/v2/p/graphs/g/stop", "{}");
    thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    let (status, took) = (emulator.terminate(), began.elapsed());
    let mut answer = String::new();
    running.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with('}'), "{answer}");
    assert_eq!(status, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop((half_a_head, half_a_body));
}

#[test]
fn the_emulator_serves_https_with_a_self_signed_certificate() {
    let file = std::env::temp_dir().join(format!("ges-{}.pem", std::process::id()));
    let file = file.to_str().unwrap();
    let emulator = emulate(&["--token", "t-1", "--tls-self-signed", "--tls-cert-out", file], 2);
    assert!(emulator.lines[1].starts_with("certificate SHA-256 "), "{:?}", emulator.lines);
    let endpoint = emulator.url();
    assert!(endpoint.starts_with("https://127.0.0.1:"), "{endpoint}");
    let states = format!("{endpoint}/_emulator/provider-states");
    let conform = ["conform", "--endpoint", endpoint, "--provider-states", &states, "--token", "t-1"];
    check(&[conform.as_slice(), &["--ca-file", file]].concat(), 0, " 0 failed, 0 unreachable", "");
    check(&conform, 3, "", "certificate");
    let graphs = ["list", "graphs", "--dry-run", "--project-id", "p", "--endpoint", endpoint, "--ca-file", file];
    check(&graphs, 0, &format!("curl --cacert {file} -i "), "");
    drop(emulator);
    // What it wrote is no key.
    for given in [&["--token", ""][..], &["--token="], &["--token", "t-1", "--token", ""]] {
        check(&[&["emulate"], given].concat(), 2, "", "--token is empty");
    }
    check(&["emulate", "--tls-cert", file, "--tls-key", file], 3, "", "no private key found");
    check(&["emulate", "--tls-cert", "/no/such/file", "--tls-key", file], 3, "", "/no/such/file");
    std::fs::remove_file(file).unwrap();
}
