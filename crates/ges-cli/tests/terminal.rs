//! What a hostile service or argument makes `ges` print controls no terminal.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_support::process::command;
use test_support::server::{Server, Then, reply, write};
use test_support::terminal::{HOSTILE, check};

/// Every call of the program; `G` and `B` are identifiers.
const CALLS: [&str; 16] = [
    "start --graph-id G --backup-id B --yes",
    "start --graph-id G --yes --wait --job-timeout 1s",
    "stop --graph-id G --yes",
    "stop --graph-id G --yes --wait --job-timeout 1s",
    "restart --graph-id G --yes",
    "upgrade --graph-id G --to-version 2.3.4 --yes",
    "upgrade --graph-id G --to-version 2.3.4 --yes --wait --job-timeout 1s",
    "backup --graph-id G",
    "backup --graph-id G --wait --job-timeout 1s",
    "show graph --graph-id G",
    "show job --graph-id G --job-id J",
    "list graphs",
    "list jobs",
    "list backups",
    "list backups --graph-id G",
    "delete backup --graph-id G --backup-id B --yes",
];

/// A service that says the same of everything.
fn server(status: &'static str, body: String) -> Server {
    Server::start(move |_, stream| {
        write(stream, reply(status, "Content-Type: application/json\r\n", &body));
        Then::Close
    })
}

fn ges(server: &Server, call: &str, more: &[&str]) -> (String, String) {
    let mut ges = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    ges.args(call.split(' ')).args(more).args(["--endpoint", &server.url, "--project-id", "p1"]);
    check(call, &ges.env("GES_TOKEN", "a-token-of-the-test").output().unwrap())
}

#[test]
fn nothing_that_a_service_says_controls_a_terminal() {
    let refusal = |code: &str, message: &str| json!({ code: HOSTILE, message: HOSTILE, "title": HOSTILE }).to_string();
    let of_one = json!({"id": HOSTILE, "name": HOSTILE, "status": HOSTILE, "graph_name": HOSTILE, "job_id": HOSTILE,
        "job_name": HOSTILE, "related_graph": HOSTILE, "begin_time": HOSTILE, "end_time": HOSTILE, "fail_reason": HOSTILE,
        "created": HOSTILE, "private_ip": HOSTILE, "data_store_version": HOSTILE, "start_time": HOSTILE});
    let mut success = of_one.clone();
    let lists =
        ["graph", "graphs", "graph_list", "job_list", "jobList", "backup_list", "backupList", "jobs", "backups"];
    for name in lists {
        success[name] = if name == "graph" { of_one.clone() } else { json!([of_one]) };
    }
    for (name, value) in [
        ("jobId", json!(HOSTILE)),
        ("backupId", json!(HOSTILE)),
        ("backup_id", json!(HOSTILE)),
        ("status", json!("failed")),
        ("failReason", json!(HOSTILE)),
        ("graph_count", json!(1)),
        ("job_count", json!(1)),
        ("backup_count", json!(1)),
    ] {
        success[name] = value;
    }
    let services = [
        server("400 Bad Request", refusal("error_code", "error_msg")),
        server("409 Conflict", refusal("errorCode", "errorMessage")),
        server("403 Forbidden", HOSTILE.to_owned()),
        server("200 OK", success.to_string()),
        server("200 OK", json!({"graph": HOSTILE, "job_id": [HOSTILE]}).to_string()),
    ];
    let mut shown = BTreeSet::new();
    for (number, service) in services.iter().enumerate() {
        for call in CALLS {
            let (stdout, stderr) = ges(service, call, &[]);
            if stdout.contains(r"\u{1b}[2J") || stderr.contains(r"\u{1b}[2J") {
                shown.insert((number, call));
            }
        }
    }
    // The texts arrive: of the refusals in each call.
    assert!(CALLS.iter().all(|call| shown.contains(&(0, *call)) && shown.contains(&(2, *call))), "{shown:?}");
    assert!(shown.iter().filter(|(number, _)| *number == 3).count() > 8, "{shown:?}");

    // As JSON, the value is what the service said.
    for call in CALLS {
        let (stdout, _) = ges(&services[3], call, &["--output", "json"]);
        if !stdout.is_empty() {
            let value: Value = serde_json::from_str(&stdout).unwrap();
            let is_hostile = |value: &Value| value.to_string().contains(&json!(HOSTILE).to_string());
            assert!(
                call.starts_with("restart") || call.starts_with("delete") || is_hostile(&value),
                "{call}: {stdout}"
            );
        }
    }
}

#[test]
fn a_job_of_a_service_is_one_word_of_the_next_command() {
    let job = "x; touch canary\u{1b}\n";
    let body = json!({"jobId": job, "job_id": job, "status": "running"}).to_string();
    let (_, stderr) = ges(&server("200 OK", body), "stop --graph-id G --yes --wait --job-timeout 1s", &[]);
    assert!(stderr.contains("`ges show job` with --graph-id and --job-id"), "{stderr}");
    let body = json!({"jobId": "x; touch canary", "job_id": "x; touch canary", "status": "running"}).to_string();
    let (_, stderr) = ges(&server("200 OK", body), "stop --graph-id G --yes --wait --job-timeout 1s", &[]);
    assert!(stderr.contains("`ges show job --graph-id G --job-id 'x; touch canary' --wait`"), "{stderr}");
}

#[test]
fn no_argument_controls_a_terminal() {
    // A line break of one's own is one's own.
    let hostile = HOSTILE.replace('\n', " ");
    let hostile = hostile.as_str();
    let calls: [&[&str]; 14] = [
        &["show", "graph", "--graph-id", hostile],
        &[
            "show",
            "graph",
            "--graph-id",
            hostile,
            "--dry-run",
            "--project-id",
            "p1",
            "--endpoint",
            "http://127.0.0.1:9",
        ],
        &["stop", "--graph-id", "G", hostile],
        &[hostile],
        &["list", hostile],
        &["list", "jobs", "--status", hostile],
        &["list", "jobs", "--since", hostile],
        &["list", "graphs", "--endpoint", hostile],
        &["list", "graphs", "--token-file", hostile],
        &["conform", "--only", hostile, "--plan"],
        &["observe", "--upstream", hostile],
        &["completions", hostile],
        &["emulate", "--listen", hostile],
        &["emulate", "--fault", hostile],
    ];
    for call in calls {
        check(&call.join(" "), &command(env!("CARGO_BIN_EXE_ges"), &["GES_"]).args(call).output().unwrap());
    }
}

#[test]
fn no_report_of_a_hostile_endpoint_controls_a_terminal() {
    let endpoint =
        server("400 Bad Request", json!({"errorCode": HOSTILE, "error_msg": HOSTILE, HOSTILE: 1}).to_string());
    let folder = test_support::files::empty_folder(env!("CARGO_TARGET_TMPDIR"), "terminal");
    let json_file = folder.join("report.json");
    let kept = format!("json={}", json_file.display());
    for kind in ["", "json", "html", "markdown", "junit", "har", "vcr", "github"] {
        let mut ges = command(env!("CARGO_BIN_EXE_ges"), &["GES_"]);
        ges.args(["conform", "--only", "stop_graph/*", "--given", "a running graph=G", "--endpoint", &endpoint.url]);
        ges.args(["--set", "project_id=p1", "--token", "a-token-of-the-test"]);
        if kind.is_empty() {
            ges.args(["--report", &kept]);
        } else {
            ges.args(["--report", &format!("{kind}=-")]);
        }
        let (stdout, stderr) = check(kind, &ges.output().unwrap());
        let is_shown = stdout.contains(r"u{1b}[2J") || stdout.contains(r"\u001b[2J") || stdout.contains(r"\x1B[2J");
        assert!(is_shown || stdout.contains("{1b}"), "{kind}: {stdout}\n{stderr}");
    }
}
