//! The reports that `ges` writes, and that it reads them again.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use test_support::client::send;
use test_support::files::empty_folder;
use test_support::process::Listening;

fn command(arguments: &[&str]) -> Command {
    let mut command = test_support::process::command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    command.args(arguments);
    command
}

fn ges(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn folder(name: &str) -> PathBuf {
    empty_folder(env!("CARGO_TARGET_TMPDIR"), name)
}

#[track_caller]
fn check(arguments: &[&str], status: i32, in_stdout: &str, in_stderr: &str) {
    let (found, stdout, stderr) = ges(arguments);
    assert_eq!(found, status, "{stdout}\n{stderr}");
    assert!(stdout.contains(in_stdout), "{stdout}");
    assert!(stderr.contains(in_stderr), "{stderr}");
}

const ONLY: [&str; 3] = ["conform", "--only", "stop_graph/not_running"];

#[test]
fn every_report_is_written_and_recordings_can_be_replayed() {
    let folder = folder("beside");
    let path = |kind: &str| folder.join(kind).display().to_string();
    let reports: Vec<String> =
        ["json", "junit", "har", "vcr", "html", "markdown"].map(|kind| format!("{kind}={}", path(kind))).into();
    let mut arguments = vec!["conform", "--token", "a-token-of-16-chars"];
    reports.iter().for_each(|report| arguments.extend(["--report", report]));
    let (status, _, stderr) = ges(&arguments);
    assert_eq!(status, 0, "{stderr}");
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["har", "html", "json", "junit", "markdown", "vcr"]);
    for kind in names {
        assert!(!fs::read_to_string(path(&kind)).unwrap().contains("a-token-of-16-chars"), "{kind}");
    }
    for kind in ["har", "vcr"] {
        check(&["conform", "replay", &path(kind)], 0, "PASS stop_graph/not_running", "");
    }
}

#[test]
fn a_report_on_standard_output_is_the_only_output_there() {
    let (status, stdout, stderr) = ges(&[&ONLY[..], &["--report", "json=-"]].concat());
    assert_eq!(status, 0);
    assert!(stdout.starts_with('{') && stdout.ends_with("}\n"), "{stdout}");
    assert!(stderr.contains("PASS stop_graph/not_running"), "{stderr}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_anything_is_sent() {
    let folder = folder("unwritable");
    for (report, expected) in [
        ("json=/no/such/folder/r.json".to_owned(), "hint: the folder /no/such/folder does not exist"),
        (format!("json={}", folder.display()), "cannot write "),
        ("yaml=x".to_owned(), "unknown report `yaml`"),
        ("json=".to_owned(), "expected a file after `json=`"),
        ("x".to_owned(), "expected KIND=FILE"),
    ] {
        check(&[&ONLY[..], &["--report", &report]].concat(), 2, "", expected);
    }
    check(&[&ONLY[..], &["--report", "json=-", "--report", "har=-"]].concat(), 2, "", "standard output");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn merged_shards_equal_the_whole_run() {
    let folder = folder("shards");
    let path = |name: &str| folder.join(name).display().to_string();
    for index in 1..=3 {
        let report = format!("json={}", path(&index.to_string()));
        check(&["conform", "--shard", &format!("{index}/3"), "--report", &report], 0, " 0 failed", "");
    }
    let whole = format!("json={}", path("whole"));
    check(&["conform", "--report", &whole], 0, "", "");
    let merged = format!("json={}", path("merged"));
    check(
        &["conform", "merge", &path("3"), &path("1"), &path("2"), "--report", &merged],
        0,
        ", 0 failed, 0 unreachable",
        "",
    );
    let ids = |name: &str| {
        let report = fs::read_to_string(path(name)).unwrap();
        let ids = report.lines().filter(|line| line.starts_with("      \"id\": ")).map(ToOwned::to_owned);
        ids.collect::<Vec<_>>()
    };
    assert!(ids("whole").len() > 10 && ids("merged") == ids("whole"), "{:?}", ids("merged"));
    check(&["conform", "merge", &path("1"), &path("3")], 2, "", "missing: shard 2/3");
    check(&["conform", "merge", &path("whole")], 2, "", "is not the report of a shard");
    check(&["conform", "--shard", "4/3"], 2, "", "expected I/N");
}

#[test]
fn a_deviation_must_exist_and_must_not_be_expired() {
    let folder = folder("deviations");
    let write = |text: &str| {
        let path = folder.join("list.yaml");
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    // No emulator answers with the documented ids.
    let exact = ["conform", "--match", "exact", "--only", "stop_graph/accepted", "--deviations"];
    let list = write("- {id: stop_graph/accepted, reason: ids differ}");
    check(&[&exact[..], &[&list]].concat(), 0, "DEVIATES stop_graph/accepted", "");
    let list = write("- {id: stop_graph/accepted, reason: ids differ, until: 2020-01-31}");
    check(&[&exact[..], &[&list]].concat(), 1, "the deviation was accepted until 2020-01-31 (ids differ)", "");
    let list = write("- {id: stop_graph/not_running, reason: gone}");
    check(&[&ONLY[..], &["--deviations", &list]].concat(), 1, "remove its known deviation from", "");
    let list = write("- {id: stop_graph/not_runing, reason: x}");
    check(&[&ONLY[..], &["--deviations", &list]].concat(), 2, "", "did you mean `stop_graph/not_running`?");
}

#[test]
fn failures_become_a_list_of_deviations_that_asks_for_reasons() {
    let folder = folder("baseline");
    let path = folder.join("list.yaml").display().to_string();
    // No emulator answers with the documented ids.
    let exact = ["conform", "--match", "exact", "--only", "*/accepted", "--only", "stop_graph/not_running"];
    let (status, stdout, stderr) = ges(&[&exact[..], &["--write-deviations", &path]].concat());
    assert_eq!(status, 1, "{stdout}");
    assert!(stderr.contains(&format!("wrote {path}: fill in the reasons of ")), "{stderr}");
    check(&[&exact[..], &["--deviations", &path]].concat(), 2, "", "list.yaml: entry 1 (");
    check(&[&exact[..], &["--deviations", &path]].concat(), 2, "", "`reason` is empty");
    let filled = fs::read_to_string(&path).unwrap().replace("reason: \"\"", "reason: other ids");
    fs::write(&path, &filled).unwrap();
    check(&[&exact[..], &["--deviations", &path]].concat(), 0, "DEVIATES stop_graph/accepted", "");
    // What is known keeps its reason in the next baseline.
    check(
        &[&exact[..], &["--deviations", &path, "--write-deviations", &path]].concat(),
        0,
        " 0 failed",
        "of 0 deviations",
    );
    assert!(fs::read_to_string(&path).unwrap().contains("- id: stop_graph/accepted\n  reason: \"other ids\"\n"));
    fs::write(&path, "- {id: 'stop_graph/*', reason: other ids}\n- {id: '*/accepted', reason: the same}").unwrap();
    check(&[&exact[..], &["--deviations", &path]].concat(), 0, "DEVIATES create_backup/accepted", "");
    let passing = ["conform", "--only", "stop_graph/accepted", "--deviations"];
    fs::write(&path, "- {id: 'stop_graph/acc*', reason: gone}").unwrap();
    let (status, stdout, _) = ges(&[&passing[..], &[&path]].concat());
    assert_eq!(status, 1, "{stdout}");
    assert!(stdout.contains("the case passes: remove its known deviation from the list"), "{stdout}");
    assert!(!stdout.contains("received") && !stdout.contains("\n  diff "), "{stdout}");
}

#[test]
fn failures_come_by_cause_in_lines_that_fit_and_can_be_run_again() {
    let mut exact = command(&["conform", "--match", "exact"]);
    let output = exact.env("COLUMNS", "80").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    let (_, details) = stdout.split_once("\n\n").unwrap();
    let heading = details.lines().next().unwrap();
    let numbers: Vec<usize> = heading.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(numbers.len() == 2 && numbers[1] < numbers[0], "{heading}");
    assert_eq!(details.matches("\nFAIL ").count(), numbers[1], "{details}");
    assert!(details.matches("\n  diff ").count() <= numbers[1], "{details}");
    let again = "failed cases, as arguments of another run:\n";
    let (blocks, rest) = details.split_once(again).unwrap();
    for line in blocks.lines().filter(|line| line.chars().count() > 80) {
        // A word that a shell reads stays whole.
        assert!(!line.trim().trim_end_matches(" \\").contains(' '), "{line}");
    }
    let arguments: Vec<&str> =
        rest.lines().take(numbers[0]).flat_map(|line| line.trim_end_matches('\\').split_whitespace()).collect();
    let (status, stdout, _) = ges(&[&["conform", "--match", "exact"], &arguments[..]].concat());
    assert_eq!(status, 1);
    assert!(stdout.contains(&format!(" 0 passed, {} failed", numbers[0])), "{stdout}");
}

#[test]
fn the_schema_and_the_exports_are_printed() {
    check(&["conform", "schema"], 0, "\"$schema\"", "");
    check(&["conform", "export", "--format", "hurl"], 0, "jsonpath \"$.error_code\" == \"GES.7001\"", "");
    check(&["conform", "export", "--format", "http"], 0, "### stop_graph/not_running", "");
    check(&["conform", "export", "--format", "http", "--states", "provider"], 2, "", "hint");
}

#[test]
fn replay_names_its_input_in_errors() {
    check(&["conform", "replay", "/no/such.har"], 2, "", "cannot read /no/such.har");
    let folder = folder("replay");
    let path = folder.join("empty.har").display().to_string();
    fs::write(&path, r#"{"log": {"version": "1.2", "entries": []}}"#).unwrap();
    check(&["conform", "replay", &path], 4, "no exchange was judged", "");
    fs::write(&path, "[]").unwrap();
    check(&["conform", "replay", &path], 2, "", "neither a HAR file");
}

#[cfg(unix)]
#[test]
fn observed_traffic_is_checked_and_reported_at_the_end() {
    let folder = folder("observe");
    let report = folder.join("har").display().to_string();
    let emulator = Listening::start(&mut command(&["emulate", "--token", "t-1"]), 1);
    let recorded = format!("har={report}");
    let mut observe = command(&["observe", "--upstream", emulator.url(), "--report", &recorded]);
    let watch = Listening::start(&mut observe, 1);
    for (id, expected) in [("no-such-graph", 400), ("other", 400)] {
        let request = format!("POST /v1.0/p/graphs/{id}/action?action_id=upgrade");
        let headers = ["X-Auth-Token: t-1", "Content-Type: application/json"];
        let answer = send(watch.address(), &request, &headers, r#"{"upgradeVersion": 7}"#);
        assert_eq!(answer.status, expected, "{}", answer.body);
    }
    assert_eq!(watch.terminate(), Some(1), "the requests were wrong");
    check(&["conform", "replay", &report], 1, "2 exchanges: 0 passed, 2 failed", "");
    check(&["conform", "replay", &report, "--judge", "replies"], 0, "2 passed", "");
    check(&["observe", "--upstream", "http://127.0.0.1:1/path"], 2, "", "must not have a path");
}
