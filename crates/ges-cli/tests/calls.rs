//! What `ges start`, `stop`, `show` and the others print, where, and with which exit status.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use ges_emulator::{Config, ConnectionFault, Fault, Key, ProviderState, StateValues, Transitions, When};
use serde_json::Value;
use test_support::emulator::RunningEmulator;
use test_support::process::{command, signal};

const TOKEN: &str = "token-never-printed";
const ACCESS: &str = "ACCESSKEY1";
const SECRET: &str = "secret-never-printed";
const PASSWORD: &str = "password-never-printed";

/// An emulator in this process, and commands that call it.
struct Stage(RunningEmulator);

impl std::ops::Deref for Stage {
    type Target = RunningEmulator;

    fn deref(&self) -> &RunningEmulator {
        &self.0
    }
}

impl Stage {
    fn new() -> Stage {
        Stage::with(Transitions::Manual(1))
    }

    fn with(transitions: Transitions) -> Stage {
        let config = Config {
            tokens: vec![TOKEN.to_owned()],
            keys: vec![Key::new(ACCESS, SECRET)],
            users: vec![format!("ann:{PASSWORD}@acme").parse().unwrap()],
            transitions,
            ..Config::default()
        };
        Stage(RunningEmulator::start(config))
    }

    fn given(&self, state: ProviderState) -> StateValues {
        self.emulator.set_up(state)
    }

    /// `line` as a shell would split it, with `G` and `B` for the identifiers.
    fn ges(&self, given: &StateValues, line: &str) -> Command {
        let backup_id = given.backup_id.as_deref().unwrap_or("no-backup");
        let words = line.split(' ').map(|word| match word {
            "G" => given.graph_id.as_str(),
            "B" => backup_id,
            word => word,
        });
        let mut command = without_environment();
        command
            .args(words)
            .env("GES_ENDPOINT", &self.endpoint)
            .env("GES_TOKEN", TOKEN)
            .env("HUAWEICLOUD_SDK_PROJECT_ID", &given.project_id);
        command
    }
}

fn without_environment() -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// What a command printed, and its exit status. No secret is ever in it.
struct Printed {
    stdout: String,
    stderr: String,
    status: Option<i32>,
}

fn printed(output: Output) -> Printed {
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    for secret in [TOKEN, SECRET, PASSWORD] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{stdout}\n{stderr}");
    }
    Printed { stdout, stderr, status: output.status.code() }
}

#[track_caller]
fn check(mut command: Command, status: i32, in_stdout: &str, in_stderr: &str) -> Printed {
    let printed = printed(command.output().unwrap());
    let Printed { stdout, stderr, .. } = &printed;
    assert_eq!(printed.status, Some(status), "{command:?}\n{stdout}\n{stderr}");
    assert!(stdout.contains(in_stdout), "{stdout}");
    assert!(stderr.contains(in_stderr), "{stderr}");
    // Data is on standard output, messages on standard error; neither has anything that is not expected.
    assert_eq!(stdout.is_empty(), in_stdout.is_empty(), "{stdout}");
    assert_eq!(stderr.is_empty(), in_stderr.is_empty(), "{stderr}");
    printed
}

/// What a program reads.
#[track_caller]
fn json(command: Command, status: i32) -> Value {
    let printed = check(command, status, "{", "");
    serde_json::from_str(&printed.stdout).unwrap()
}

#[test]
fn a_call_is_accepted_and_with_wait_finished() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let backup = json(stage.ges(given, "backup --graph-id G --wait --output json"), 0);
    assert_eq!([&backup["operation"], &backup["status"]], ["create_backup", "success"]);
    check(stage.ges(given, "upgrade --graph-id G --to-version 9.9.9 --force --yes --wait"), 0, "status  success\n", "");
    let stop = json(stage.ges(given, "stop --graph-id G -y --wait --output json"), 0);
    assert_eq!(stop["graph_id"], given.graph_id.as_str());
    let given = &StateValues { backup_id: backup["backup_id"].as_str().map(str::to_owned), ..given.clone() };
    check(stage.ges(given, "start --graph-id G --backup-id B --yes --wait"), 0, "status  success\n", "");
    check(stage.ges(given, "stop --graph-id G --yes --wait"), 0, "status  success\n", "");
    // Nothing is overwritten, so there is no question.
    check(stage.ges(given, "start --graph-id G --wait"), 0, "status  success\n", "");
    check(stage.ges(given, "restart --graph-id G --yes"), 0, "status  accepted\n", "");
}

#[test]
fn a_refusal_is_1_and_has_a_hint() {
    let stage = Stage::new();
    let stopped = &stage.given(ProviderState::StoppedGraph);
    let running = &stage.given(ProviderState::RunningGraph);
    let absent = &stage.given(ProviderState::NoSuchGraph);
    let show = format!("ges show graph --graph-id {}", stopped.graph_id);
    check(stage.ges(stopped, "stop --graph-id G --yes --wait"), 1, "", &show);
    check(stage.ges(stopped, "restart --graph-id G --yes"), 1, "", "GES.7016");
    check(stage.ges(running, "start --graph-id G"), 1, "", "GES.7015");
    check(stage.ges(running, "upgrade --graph-id G --to-version 0.1 --yes"), 1, "", "GES.7036");
    check(stage.ges(absent, "backup --graph-id G"), 1, "", "ges list graphs");
    check(stage.ges(absent, "show graph --graph-id G"), 1, "", "ges list graphs");
    check(stage.ges(running, "show job --graph-id G --job-id J"), 1, "", "ges list jobs");
}

#[test]
fn bad_usage_is_2_and_sends_nothing() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    for line in [
        "stop --graph-id G",
        "restart --graph-id G",
        "upgrade --graph-id G --to-version 2.0",
        "start --graph-id G --backup-id B",
    ] {
        check(stage.ges(given, line), 2, "", "hint: add --yes");
    }
    for (line, says) in [
        ("stop --yes", "--graph-id"),
        ("stop --yes --graph-id ..", "expected an ID such as"),
        ("start --yes --graph-id G --backup-id ..", "expected an ID such as"),
        ("upgrade --yes --graph-id G", "--to-version"),
        ("stop --yes --graph-id G --token a --ak b", "cannot be used with"),
        ("stop --yes --graph-id G --endpoint http://a --region b", "cannot be used with"),
        ("stop --yes --graph-id G --endpoint ftp://a", "https://"),
        ("stop --yes --graph-id G --endpoint ges", "hint: it looks like https://"),
        ("stop --yes --graph-id G --region a.b", "region"),
        ("stop --yes --graph-id G --project-id a-b", "letters and digits"),
        ("stop --yes --graph-id G --timeout soon", "such as 30s, 5m or 1h30m"),
        ("stop --yes --graph-id G --wait --job-timeout 0", "more than 0 seconds"),
        ("stop --yes --graph-id G --job-timeout 5m", "--wait"),
        ("stop --yes --graph-id G --token-file /no/such/file", "/no/such/file"),
        ("stop --yes --graph-id G --token-file -", "standard input is empty"),
        ("stop --yes --graph-id G --ca-file /no/such/file", "/no/such/file"),
        ("stop --yes --graph-id G --ak a", "--sk-file"),
        ("list jobs --since yesterday", "--since"),
    ] {
        check(stage.ges(given, line), 2, "", says);
    }
    let mut nowhere = stage.ges(given, "stop --graph-id G --yes");
    nowhere.env_remove("GES_ENDPOINT");
    check(nowhere, 2, "", "--region");
    let mut no_project = stage.ges(given, "stop --graph-id G --yes");
    no_project.env_remove("HUAWEICLOUD_SDK_PROJECT_ID");
    check(no_project, 2, "", "hint: add --project-id");
    let mut empty = stage.ges(given, "stop --graph-id G --yes");
    empty.env("GES_ENDPOINT", "");
    check(empty, 2, "", "the endpoint is empty");
    check(stage.ges(given, "show graph --graph-id G"), 0, "running (200)", "");
}

#[test]
fn no_connection_and_no_valid_credentials_are_3() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    check(stage.ges(given, "stop --yes --graph-id G --endpoint http://127.0.0.1:1"), 3, "", "--endpoint");
    check(stage.ges(given, "stop --yes --graph-id G --token wrong"), 3, "", "APIGW.0301");
    check(stage.ges(given, "list graphs --profile /no/such/file"), 3, "", "/no/such/file");
    let mut without_token = stage.ges(given, "stop --yes --graph-id G");
    without_token.env_remove("GES_TOKEN");
    check(without_token, 3, "", "--token-file");
}

/// Errors of the client are reported with flags and variables, not with methods.
#[test]
fn hints_name_flags_and_variables() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let check = |line: &str, variables: &[(&str, &str)], status, says: &str| {
        let mut command = stage.ges(given, line);
        command.env_remove("GES_TOKEN").envs(variables.iter().copied());
        let stderr = check(command, status, "", says).stderr;
        for word in ["Builder", "::", "`connect`", "`build`", "_graph`", "credentials("] {
            assert!(!stderr.contains(word), "`{line}` names {word}: {stderr}");
        }
    };
    let token = ("GES_TOKEN", TOKEN);
    let no_project = ("HUAWEICLOUD_SDK_PROJECT_ID", "");
    let user = [("GES_USER", "ann"), ("GES_PASSWORD", PASSWORD), ("GES_DOMAIN", "acme")];
    let iam = format!("list graphs --iam-endpoint {}", stage.endpoint);
    let profile = file("half-a-profile", "[basic]\nak = a\n");

    check("list graphs", &[], 3, "hint: add --token-file");
    check("list graphs", &user[..2], 3, "GES_USER and GES_PASSWORD but no GES_DOMAIN");
    check("list graphs", &[("HUAWEICLOUD_SDK_AK", "a")], 3, "HUAWEICLOUD_SDK_AK but no HUAWEICLOUD_SDK_SK");
    check("list graphs", &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &profile)], 3, "has `ak` but no `sk`");
    check(&format!("list graphs --profile {profile}"), &[], 3, "has `ak` but no `sk`");
    check("list graphs", &[("GES_TOKEN", "a\nb")], 3, "a line break");
    check("list graphs", &user, 3, "hint: add --iam-endpoint");
    check("list graphs --user ann --domain acme", &user, 2, "hint: add --iam-endpoint");
    check("list graphs --user ann --iam-endpoint http://127.0.0.1:1", &[], 2, "hint: add --domain, or set GES_DOMAIN");
    check("list graphs --iam-endpoint http://127.0.0.1:1", &user, 3, "hint: check --iam-endpoint");
    check(&iam, &[user[0], ("GES_PASSWORD", "not-the-one"), user[2]], 3, "hint: check the user");
    check("list graphs", &[token, no_project], 2, "hint: add --project-id, or set HUAWEICLOUD_SDK_PROJECT_ID");
    check("list graphs", &[token, ("GES_ENDPOINT", "ges")], 2, "hint: it looks like https://");
    check("list graphs", &[token, ("GES_ENDPOINT", "http://127.0.0.1:1")], 3, "hint: check --endpoint");
    check("list graphs", &[("GES_TOKEN", "another")], 3, "hint: a token is valid for 24 hours");
    check("backup --wait --graph-id none", &[token], 1, "hint: `ges list graphs`");
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    // The name does not resolve, so only a proxy gets there: the emulator, which ignores the host.
    let line = "show graph --graph-id G --endpoint http://ges.invalid";
    check(stage.ges(given, line), 3, "", "no connection");
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        let mut command = stage.ges(given, line);
        command.env(name, &stage.endpoint);
        check(command, 0, "running (200)", "");
    }
}

#[test]
fn a_failed_job_is_4_and_its_identifiers_are_printed() {
    let stage = Stage::with(Transitions::Time(Duration::from_millis(1500)));
    let given = &stage.given(ProviderState::RunningGraph);
    let backup =
        stage.ges(given, "backup --graph-id G --wait").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A restart fails running jobs. It waits until the backup is one of them.
    let has_begun = || {
        let jobs = json(stage.ges(given, "list jobs --output json"), 0);
        jobs["job_count"] == 1
    };
    while !has_begun() {}
    check(stage.ges(given, "restart --graph-id G --yes"), 0, "job", "");
    let printed = printed(backup.wait_with_output().unwrap());
    assert_eq!(printed.status, Some(4), "{}{}", printed.stdout, printed.stderr);
    assert!(printed.stdout.contains("status  failed") && printed.stdout.contains("backup"), "{}", printed.stdout);
    assert!(printed.stderr.contains("the job failed"), "{}", printed.stderr);
}

#[test]
fn an_unknown_outcome_is_5() {
    let stage = Stage::with(Transitions::Manual(1000));
    let given = &stage.given(ProviderState::RunningGraph);
    let printed = check(
        stage.ges(given, "backup --graph-id G --wait --job-timeout 200ms"),
        5,
        "status  unknown\n",
        "wait for it with",
    );
    assert!(printed.stderr.contains("ges show job --graph-id"), "{}", printed.stderr);

    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let reset =
        Fault { connection: Some(ConnectionFault::Reset), when: When::After, times: Some(1), ..Fault::default() };
    stage.emulator.add_fault(reset).unwrap();
    check(stage.ges(given, "stop --graph-id G --yes --wait"), 5, "", "ges show graph");
    let fault = Fault { status: Some(502), body: Some("<html>".to_owned()), times: Some(1), ..Fault::default() };
    stage.emulator.add_fault(fault).unwrap();
    check(stage.ges(given, "start --graph-id G"), 5, "", "may have taken effect");
}

#[test]
fn a_restart_waits_for_its_job() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let start = Instant::now();
    let restart = json(stage.ges(given, "restart --graph-id G --yes --wait --output json"), 0);
    assert_eq!(restart["status"], "success");
    assert!(restart["job_id"].is_string());
    assert!(start.elapsed() < Duration::from_secs(9), "it waited for the graph instead");
    let stopped = &stage.given(ProviderState::StoppedGraph);
    check(stage.ges(stopped, "restart --graph-id G --yes --wait"), 1, "", "GES.7016");
    let absent = &stage.given(ProviderState::NoSuchGraph);
    check(stage.ges(absent, "restart --graph-id G --yes --wait"), 1, "", "GES.7000");
}

#[test]
fn a_restart_without_a_job_waits_for_the_graph() {
    let stage = Stage::with(Transitions::Immediate);
    let given = &stage.given(ProviderState::RunningGraph);
    // A service that has only version 1.0 of the API and responds as its page documents.
    let no_such_api = r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#.to_owned();
    let unknown = Fault { status: Some(404), body: Some(no_such_api), times: Some(1), ..Fault::default() };
    stage.emulator.add_fault(unknown).unwrap();
    let documented =
        Fault { status: Some(200), body: Some("{}".to_owned()), when: When::After, times: Some(1), ..Fault::default() };
    stage.emulator.add_fault(documented).unwrap();
    let restart = json(stage.ges(given, "restart --graph-id G --yes --wait --output json"), 0);
    assert_eq!(restart["status"], "success");
    assert_eq!(restart.get("job_id"), None);
}

#[test]
fn a_restart_without_a_job_can_fail_or_stay_unknown() {
    #[track_caller]
    fn check_look(look: Fault, limit: &str, (exit, printed): (i32, &str), said: &str) {
        let stage = Stage::with(Transitions::Immediate);
        let given = &stage.given(ProviderState::RunningGraph);
        let answer = |status: u16, body: &str| Fault {
            status: Some(status),
            body: Some(body.to_owned()),
            when: if status == 200 { When::After } else { When::Before },
            times: Some(1),
            ..Fault::default()
        };
        // Version 2 of the API is missing, the response of version 1.0 is the documented one; then the graph is requested.
        let no_such_api = answer(404, r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#);
        for fault in [no_such_api, answer(200, "{}"), look] {
            stage.emulator.add_fault(fault).unwrap();
        }
        check(
            stage.ges(given, &format!("restart --graph-id G --yes --wait --job-timeout {limit}")),
            exit,
            printed,
            said,
        );
    }
    let look =
        |status: u16, body: &str| Fault { status: Some(status), body: Some(body.to_owned()), ..Fault::default() };
    check_look(
        look(200, r#"{"graph":{"status":"303"}}"#),
        "60",
        (4, "status  failed"),
        "is creation failed (303) after the restart",
    );
    check_look(
        look(200, r#"{"graph":{"status":"202"}}"#),
        "0.2",
        (5, "status  unknown"),
        "was not running again within",
    );
    check_look(
        look(403, "{}"),
        "60",
        (5, "status  unknown"),
        "the restart was accepted; check the graph with `ges show graph",
    );
}

#[test]
fn a_dry_run_prints_the_curl_command_and_sends_nothing() {
    let stage = Stage::with(Transitions::Immediate);
    let given = &stage.given(ProviderState::RunningGraph);
    let mut dry = stage.ges(given, "stop --graph-id G --dry-run");
    // Not even credentials are needed.
    dry.env_remove("GES_TOKEN");
    let line = check(dry, 0, "curl ", "").stdout;
    assert!(line.contains(r#""X-Auth-Token: $GES_TOKEN""#), "{line}");
    assert!(line.contains(&format!("/graphs/{}/stop", given.graph_id)), "{line}");
    check(stage.ges(given, "show graph --graph-id G"), 0, "running (200)", "");

    let upgrade = check(stage.ges(given, "upgrade --graph-id G --to-version 2.3.4 --dry-run"), 0, "curl ", "").stdout;
    assert!(upgrade.contains(r#""upgradeVersion":"2.3.4"}'"#), "{upgrade}");
    assert!(upgrade.contains("action_id=upgrade"), "{upgrade}");
    check(stage.ges(given, "list jobs --status waiting --dry-run"), 0, "status=waiting", "");
    let mut nowhere = stage.ges(given, "list graphs --dry-run");
    nowhere.env_remove("HUAWEICLOUD_SDK_PROJECT_ID");
    check(nowhere, 2, "", "--project-id");
}

#[test]
fn lists_have_all_pages_and_are_json() {
    let stage = Stage::with(Transitions::Immediate);
    let given = &stage.given(ProviderState::StoppedGraphWithBackup);
    for _ in 0..230 {
        stage.given(ProviderState::RunningGraph);
    }
    let graphs = json(stage.ges(given, "list graphs --output json"), 0);
    assert_eq!(graphs["graph_count"], 231);
    assert_eq!(graphs["graphs"].as_array().unwrap().len(), 231);
    let backups = json(stage.ges(given, "list backups --graph-id G --output json"), 0);
    assert_eq!(backups["backup_list"][0]["id"], given.backup_id.as_deref().unwrap());
    check(stage.ges(given, "list backups"), 0, "success", "");
    check(stage.ges(given, "list jobs --status failed"), 0, "no jobs\n", "");
    let graph = json(stage.ges(given, "show graph --graph-id G --output json"), 0);
    assert_eq!(graph["status"], "900");
}

#[test]
fn show_job_waits_for_a_job_that_was_started_earlier() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let stop = json(stage.ges(given, "stop --graph-id G --yes --output json"), 0);
    let line = format!("show job --graph-id G --job-id {}", stop["job_id"].as_str().unwrap());
    check(stage.ges(given, &line), 0, "pending", "");
    check(stage.ges(given, &format!("{line} --wait")), 0, "status  success\n", "");
}

#[test]
fn an_undocumented_status_is_shown_unchanged() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let body = r#"{"job_id":"j-1","status":"in review"}"#.to_owned();
    let job = Fault { status: Some(200), body: Some(body), ..Fault::default() };
    stage.emulator.add_fault(job).unwrap();
    check(stage.ges(given, "show job --graph-id G --job-id j-1"), 0, "status  in review\n", "");
    let shown = json(stage.ges(given, "show job --graph-id G --job-id j-1 --output json"), 0);
    assert_eq!(shown["status"], "in review");
    let waits = stage.ges(given, "show job --graph-id G --job-id j-1 --wait --job-timeout 0.2");
    check(waits, 5, "in review", "its status was `in review`");
}

#[test]
fn a_backup_is_deleted_only_after_confirmation() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::StoppedGraphWithBackup);
    check(stage.ges(given, "delete backup --graph-id G --backup-id B"), 2, "", "hint: add --yes");
    let line = check(stage.ges(given, "delete backup --graph-id G --backup-id B --dry-run"), 0, "curl ", "").stdout;
    assert!(line.contains("DELETE") && line.contains(given.backup_id.as_deref().unwrap()), "{line}");
    check(stage.ges(given, "delete backup --graph-id G --backup-id .. --yes"), 2, "", "expected an ID such as");
    let reset = Fault { connection: Some(ConnectionFault::Reset), times: Some(1), ..Fault::default() };
    stage.emulator.add_fault(reset).unwrap();
    check(stage.ges(given, "delete backup --graph-id G --backup-id B --yes"), 5, "", "ges list backups --graph-id");
    let deleted = json(stage.ges(given, "delete backup --graph-id G --backup-id B --yes --output json"), 0);
    assert_eq!([&deleted["operation"], &deleted["status"]], ["delete_backup", "deleted"]);
    check(stage.ges(given, "list backups --graph-id G"), 0, "no backups\n", "");
    check(stage.ges(given, "delete backup --graph-id G --backup-id B --yes"), 1, "", "ges list backups");
}

#[test]
fn a_user_signs_in_with_a_password_from_a_file_or_the_environment() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let user = |flags: &str| {
        let mut command = stage.ges(given, format!("list graphs {flags}").trim_end());
        command.env("HUAWEICLOUD_SDK_IAM_ENDPOINT", &stage.endpoint);
        command
    };
    let password = file("password", &format!("{PASSWORD}\n"));
    check(user(&format!("--user ann --domain acme --password-file {password}")), 0, "running", "");
    let mut command = user("--user ann");
    check(
        {
            command.env("GES_PASSWORD", PASSWORD).env("GES_DOMAIN", "acme");
            command
        },
        0,
        "running",
        "",
    );
    let mut command = user("");
    command.env_remove("GES_TOKEN");
    command.env("GES_USER", "ann").env("GES_PASSWORD", PASSWORD).env("GES_DOMAIN", "acme");
    check(command, 0, "running", "");

    check(user("--user ann --domain acme"), 2, "", "--password-file");
    check(user(&format!("--user ann --password-file {password}")), 2, "", "--domain");
    let mut command = user(&format!("--user ann --domain acme --password-file {password}"));
    command.env_remove("HUAWEICLOUD_SDK_IAM_ENDPOINT");
    check(command, 2, "", "--iam-endpoint");
    let mut command = user("");
    command.env_remove("GES_TOKEN").env("GES_USER", "ann");
    check(command, 3, "", "GES_USER but no GES_PASSWORD and GES_DOMAIN");
    let wrong = file("wrong-password", "wrong\n");
    check(user(&format!("--user ann --domain acme --password-file {wrong}")), 3, "", "check the user");
}

/// A file of this test alone.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn secrets_come_from_files_standard_input_or_the_environment() {
    let stage = Stage::new();
    let given = &stage.given(ProviderState::RunningGraph);
    let bare = |line: &str| {
        let mut command = stage.ges(given, line);
        command.env_remove("GES_TOKEN");
        command
    };
    let token = file("token", &format!("{TOKEN}\n"));
    let secret = file("secret", &format!("{SECRET}\r\n"));
    let profile =
        file("profile", &format!("[basic]\nak = {ACCESS}\nsk = {SECRET}\nproject_id = {}\n", given.project_id));
    check(bare(&format!("list graphs --token-file {token}")), 0, "running", "");
    check(bare(&format!("list graphs --ak {ACCESS} --sk-file {secret}")), 0, "running", "");
    let mut command = bare(&format!("list graphs --profile {profile}"));
    command.env_remove("HUAWEICLOUD_SDK_PROJECT_ID");
    check(command, 0, "running", "");
    let mut command = bare("list graphs");
    command.env("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &profile);
    check(command, 0, "running", "");
    let mut command = bare(&format!("list graphs --ak {ACCESS}"));
    command.env("HUAWEICLOUD_SDK_SK", SECRET);
    check(command, 0, "running", "");
    let mut command = bare("list graphs");
    command.env("HUAWEICLOUD_SDK_AK", ACCESS).env("HUAWEICLOUD_SDK_SK", SECRET);
    check(command, 0, "running", "");

    // A flag precedes variables of all kinds.
    let mut command = stage.ges(given, &format!("list graphs --ak {ACCESS} --sk-file {secret}"));
    command.env("GES_TOKEN", "exported-long-ago");
    check(command, 0, "running", "");
    let mut command = stage.ges(given, &format!("list graphs --profile {profile}"));
    command.env("GES_TOKEN", "exported-long-ago").env("HUAWEICLOUD_SDK_PROJECT_ID", "another");
    check(command, 0, "running", "");

    let mut child = bare("list graphs --token-file -")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(TOKEN.as_bytes()).unwrap();
    assert_eq!(printed(child.wait_with_output().unwrap()).status, Some(0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_a_wait_says_that_the_job_continues() {
    let stage = Stage::with(Transitions::Manual(1_000_000));
    let given = &stage.given(ProviderState::RunningGraph);
    let child = stage
        .ges(given, "stop --graph-id G --yes --wait --output json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    // The job was queried, so the command is waiting.
    while !stage.emulator.snapshot().contains("\"seen\":2") && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    signal(&child, "-INT");
    let printed = printed(child.wait_with_output().unwrap());
    assert_eq!(printed.status, Some(130), "{}", printed.stderr);
    assert!(printed.stderr.contains("the job continues"), "{}", printed.stderr);
    assert!(printed.stderr.contains("hint: wait for it with `ges show job"), "{}", printed.stderr);
    let outcome: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(outcome["status"], "unknown");
    assert!(printed.stderr.contains(outcome["job_id"].as_str().unwrap()), "{}", printed.stderr);
}

#[test]
fn every_command_has_help_with_an_example() {
    for line in [
        "start",
        "stop",
        "restart",
        "upgrade",
        "backup",
        "show graph",
        "show job",
        "list graphs",
        "list jobs",
        "list backups",
        "delete backup",
        "conform",
        "emulate",
        "completions",
        "man",
    ] {
        let mut command = without_environment();
        command.args(line.split(' ')).arg("--help");
        let help = check(command, 0, "Usage:", "").stdout;
        assert!(help.contains(&format!("  ges {line}")), "{help}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let mut command = without_environment();
        command.args(["completions", shell]);
        let script = check(command, 0, "upgrade", "").stdout;
        assert!(script.contains("dry-run") && script.contains("emulate"), "{shell}");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("man");
    let mut command = without_environment();
    command.arg("man").arg("--out").arg(&folder);
    let talk = printed(command.output().unwrap());
    assert_eq!((talk.status, talk.stdout.as_str()), (Some(0), ""));
    for page in ["ges.1", "ges-stop.1", "ges-show-graph.1"] {
        let text = fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    let mut command = without_environment();
    command.arg("man");
    check(command, 0, ".TH ges 1", "");
}

/// A service that returns one page for ever: that is said, and nothing is printed as if it were the list.
#[test]
fn a_list_that_does_not_end_is_told() {
    let page = r#"{"graph_count":1000000,"graphs":[{"id":"g-1","name":"one"}]}"#;
    let server = test_support::Server::replying([test_support::json_reply("200 OK", page)]);
    let mut command = test_support::process::command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    command.args(["list", "graphs", "--token", "t", "--project-id", "p", "--endpoint", &server.url]);
    let printed = check(command, 3, "", "the list does not end: one page of 1 entries came 4 times in a row");
    assert!(printed.stdout.is_empty() && printed.stderr.contains("hint: narrow the list"), "{}", printed.stderr);
    assert_eq!(server.requests().len(), 4);
}
