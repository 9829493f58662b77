//! A suite that is divided over processes says what the whole one says, case for case.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use test_support::files::empty_folder;
use test_support::process::{Listening, command};

const SHARDS: usize = 8;

fn ges() -> Command {
    command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"])
}

/// `ges conform` of the emulator at `address`.
fn conform(address: &str, more: &[&str], report: &Path) -> Command {
    let mut conform = ges();
    conform.args(["conform", "--endpoint", address, "--token", "t", "--provider-states"]);
    conform.arg(format!("{address}/_emulator/provider-states")).args(more);
    conform.arg("--report").arg(format!("json={}", report.display())).stdout(Stdio::null()).stderr(Stdio::null());
    conform
}

/// What a report says, without what differs between two runs that say the same: when and for how long it ran, and which
/// identifiers the endpoint made up.
fn said(path: &Path) -> Value {
    let mut report: Value = serde_json::from_str(&without_ids(&fs::read_to_string(path).unwrap())).unwrap();
    for name in ["started", "seconds"] {
        report.as_object_mut().unwrap().remove(name);
    }
    for entry in report["entries"].as_array_mut().unwrap() {
        let entry = entry.as_object_mut().unwrap();
        entry.remove("seconds");
        for exchange in entry.get_mut("exchanges").and_then(Value::as_array_mut).into_iter().flatten() {
            let exchange = exchange.as_object_mut().unwrap();
            exchange.remove("started");
            exchange.remove("seconds");
            let headers = exchange["reply"]["headers"].as_array_mut();
            headers.unwrap().retain(|header| !header["name"].as_str().unwrap().eq_ignore_ascii_case("date"));
        }
    }
    report
}

/// The text with `ID` for each word of more than 18 letters, digits and `-%:` that has a digit: identifiers and times.
fn without_ids(text: &str) -> String {
    // A case writes identifiers in percent-encoding.
    let is_inside = |character: char| character.is_ascii_alphanumeric() || "-%:".contains(character);
    let mut all = String::with_capacity(text.len());
    for word in text.split_inclusive(|character| !is_inside(character)) {
        let end = word.trim_end_matches(|character| !is_inside(character)).len();
        let is_id = end > 18 && word.bytes().any(|byte| byte.is_ascii_digit());
        all += if is_id { "ID" } else { &word[..end] };
        all += &word[end..];
    }
    all
}

/// The whole suite, then eight parts of it at the same time, all against one emulator.
#[track_caller]
fn check(more: &[&str], expected: i32) {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), &format!("shards{}", more.len()));
    let mut emulate = ges();
    emulate.args(["emulate", "--token", "t"]);
    let emulator = Listening::start(&mut emulate, 1);
    let whole = folder.join("whole.json");
    let status = conform(emulator.url(), more, &whole).status().unwrap();
    assert_eq!(status.code(), Some(expected));

    let parts: Vec<_> = (1..=SHARDS).map(|index| folder.join(format!("{index}.json"))).collect();
    let shards = parts.iter().enumerate().map(|(index, part)| {
        let mut shard = conform(emulator.url(), more, part);
        shard.args(["--shard", &format!("{}/{SHARDS}", index + 1)]).spawn().unwrap()
    });
    // All are started before the first is waited for.
    for mut shard in shards.collect::<Vec<_>>() {
        let status = shard.wait().unwrap().code();
        assert!(status == Some(0) || status == Some(expected), "{status:?}");
    }
    let merged = folder.join("merged.json");
    let mut merge = ges();
    merge.args(["conform", "merge"]).args(parts.iter().rev());
    merge.arg("--report").arg(format!("json={}", merged.display())).stdout(Stdio::null());
    assert_eq!(merge.status().unwrap().code(), Some(expected));

    let (whole, merged) = (said(&whole), said(&merged));
    let (entries, others) = (whole["entries"].as_array().unwrap(), merged["entries"].as_array().unwrap());
    assert!(entries.len() > 100, "{}", entries.len());
    for (entry, other) in entries.iter().zip(others) {
        assert_eq!(entry, other);
    }
    assert_eq!(whole, merged);
}

#[test]
fn eight_processes_together_say_what_one_says() {
    check(&[], 0);
}

#[test]
fn eight_processes_together_find_the_failures_that_one_finds() {
    // No emulator answers with the documented identifiers.
    check(&["--match", "exact"], 1);
}
