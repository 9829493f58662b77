//! Runs other programs, and names the command that failed.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::files;

/// A program, started at the root of the repository.
pub(crate) fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(files::root()).stdin(Stdio::null());
    command
}

/// The checks that could not be made, each with the reason.
static SKIPPED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Says that a check could not be made, which is not a pass.
pub(crate) fn skip(check: &str, reason: &str) {
    println!("SKIPPED: {check}: {reason}");
    SKIPPED.lock().unwrap_or_else(PoisonError::into_inner).push(check.to_owned());
}

/// The checks that could not be made so far.
pub(crate) fn skipped() -> Vec<String> {
    SKIPPED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Runs a command; anything but success is an error that shows the command.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("error: cannot start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("error: {command:?} ended with {status}")) }
}

/// Runs a command and returns its stdout; an error shows both outputs.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("error: cannot start {command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("error: {command:?} ended with {}\n{text}{errors}", output.status))
}

/// Whether `CI` is set: then a check that cannot run is a failure.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Whether a program can be started.
pub(crate) fn is_installed(program: &str) -> bool {
    tool(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
