//! Drives the emulator with the official Python SDK.

use std::path::Path;

use super::check::{Report, Tool};
use crate::tools::{self, Emulator};

/// `python` has the SDK.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    report.check("the official Python SDK, against the emulator", [python], |[python]| check(python));
}

/// The five operations, in each API version and with each kind of credentials. Each job is waited for, and each refusal
/// must become the SDK's error.
fn check(python: &Path) -> Result<(), String> {
    const CREDENTIALS: [&str; 3] = ["AKOFTHISCHECK", "SKOFTHISCHECK", "a-token-of-this-check"];
    let [ak, sk, token] = CREDENTIALS;
    let emulator = Emulator::start(&["--ak", ak, "--sk", sk, "--token", token, "--transitions", "manual:2"])?;
    let graph = emulator.set_up("a running graph")?;
    let missing = emulator.set_up("no such graph")?;
    let mut sdk = tools::tool(python);
    sdk.arg("tests/interop/official_sdk.py").arg(emulator.url()).args(CREDENTIALS);
    for value in [&graph["project_id"], &graph["graph_id"], &missing["graph_id"]] {
        sdk.arg(value.as_str().unwrap_or_default());
    }
    tools::output(&mut sdk).map(drop)
}
