//! The recipes of `specwright init` install and call the command as those in `examples/ci` do, which are tried.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use test_support::files::empty_folder;

/// What is between two texts.
#[track_caller]
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end:?} in {text}")).0
}

#[track_caller]
fn check(service: &str, written: &str, tried: &str, start: &str, end: &str) {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), &format!("recipes-{service}"));
    fs::write(folder.join("openapi.yaml"), "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
    let output = command.args(["init", "--ci", service]).current_dir(&folder).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let written = fs::read_to_string(folder.join(written)).unwrap();
    let tried = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ci").join(tried);
    assert_eq!(between(&written, start, end), between(&fs::read_to_string(tried).unwrap(), start, end));
}

#[test]
fn github() {
    check("github", ".github/workflows/specwright.yml", "github.yml", "\nname: API\n", "          document:");
}

#[test]
fn gitlab() {
    check("gitlab", ".gitlab-ci.yml", "gitlab-ci.yml", "\nvariables:\n", "\ndocument:\n");
}
