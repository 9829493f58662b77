//! `--report github`: annotations on standard output, and the summary of the step.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fs;
use std::process::Output;

use test_support::files::empty_folder;
use test_support::process::command;

#[test]
fn annotations_are_printed_and_the_summary_is_added_to() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "github");
    let summary = folder.join("summary.md");
    fs::write(&summary, "what another command said\n").unwrap();
    let mut conform = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_", "GITHUB_"]);
    conform.args(["conform", "--match", "exact", "--only", "stop_graph/accepted", "--report", "github"]);
    let Output { status, stdout, stderr } = conform.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert!(stdout.starts_with("::error title=fail%3A stop_graph/accepted::stop_graph/accepted: "), "{stdout}");
    assert!(stdout.lines().all(|line| line.starts_with("::")), "{stdout}");
    assert!(stderr.contains("FAIL stop_graph/accepted"), "{stderr}");
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("what another command said\n### The contract is broken"), "{text}");
    assert!(text.contains("\n| stop\\_graph | 1 | "), "{text}");

    // A summary that is as long as it may be is left as it is; without a runner there is none.
    fs::write(&summary, "x".repeat(1 << 20)).unwrap();
    let file = format!("github={}", folder.join("commands").display());
    let mut conform = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_", "GITHUB_"]);
    conform.args(["conform", "--only", "stop_graph/accepted", "--report", &file]).env("GITHUB_STEP_SUMMARY", &summary);
    let output = conform.output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"PASS "), "{output:?}");
    assert_eq!(fs::metadata(&summary).unwrap().len(), 1 << 20);
    assert!(fs::read_to_string(folder.join("commands")).unwrap().starts_with("::notice title="));
}
