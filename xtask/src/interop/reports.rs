//! Reads our reports with programs of others, and replays a recording that Schemathesis made.
//!
//! The reports are those of a run with failures.

use std::path::Path;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator, ges, pinned};

const TOKEN: &str = "a-token-of-this-check";
/// The graph of the document's examples.
const GRAPH: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";

/// `python` has Schemathesis, and with it jsonschema and PyYAML; and junitparser.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let har = Tool::new("har-validator", || tools::from_npm(&pinned::HAR_VALIDATOR));
    report.check(
        "junitparser, jsonschema, PyYAML and har-validator read our reports",
        [python, &har],
        |[python, har]| {
            write_reports()?;
            read_reports(python)?;
            validate_har(har)
        },
    );
    let name = "a cassette of Schemathesis passes, and fails once its media types are changed";
    report.check(name, [python], |[python]| replay(python));
}

/// Writes each report of a run in which the emulator fails part of the calls.
fn write_reports() -> Result<(), String> {
    let folder = files::scratch("reports")?;
    let emulator = Emulator::start(&["--token", TOKEN, "--seed", "1", "--fault", "503:0.3:before"])?;
    let mut conform = ges()?;
    conform.args(["conform", "--token", TOKEN, "--endpoint", &emulator.url(), "--provider-states"]);
    conform.arg(emulator.provider_states());
    for format in ["json", "junit", "har", "vcr"] {
        conform.arg("--report").arg(format!("{format}={}", folder.join(format).display()));
    }
    let output = conform.output().map_err(|error| format!("error: cannot start {conform:?}: {error}"))?;
    // 1 means that cases failed.
    if output.status.code() != Some(1) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("a run with failures: expected exit status 1, found {}\n{stderr}", output.status));
    }
    files::write(&folder.join("schema"), &tools::output(ges()?.args(["conform", "schema"]))?).map(drop)
}

fn read_reports(python: &Path) -> Result<(), String> {
    let folder = files::scratch("reports")?;
    tools::output(tools::tool(python).arg("tests/interop/read_reports.py").arg(folder)).map(drop)
}

fn validate_har(folder: &Path) -> Result<(), String> {
    const SCRIPT: &str = "const har = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));\
        require('har-validator').har(har).catch(error => { console.error(error.errors || error); process.exit(1); });";
    let mut node = tools::tool("node");
    node.current_dir(folder).args(["-e", SCRIPT]).arg(files::scratch("reports")?.join("har"));
    tools::output(&mut node).map(drop)
}

/// The emulator's replies in a recording by Schemathesis keep the contract, and break it once the recorded media types
/// are changed.
fn replay(python: &Path) -> Result<(), String> {
    let folder = files::scratch("reports")?;
    let cassette = folder.join("schemathesis.yaml");
    // Otherwise the check could read an earlier one.
    let _ = std::fs::remove_file(&cassette);
    let emulator = Emulator::start(&["--token", TOKEN])?;
    emulator.control("graphs", &serde_json::json!({ "graph_id": GRAPH }))?;
    let mut schemathesis = tools::tool(python.with_file_name("schemathesis"));
    schemathesis.current_dir(&folder).arg("run").arg(files::root().join("spec/ges.yaml"));
    schemathesis.args(["--url", &emulator.url(), "--header", &format!("X-Auth-Token: {TOKEN}")]);
    schemathesis.args(["--phases", "examples,coverage", "--seed", "1", "--generation-database", "none", "--no-color"]);
    schemathesis.arg("--report-vcr-path").arg(&cassette);
    // Only the recording counts here; `schemathesis.rs` checks the outcome.
    let _ = schemathesis.output().map_err(|error| format!("error: cannot start {schemathesis:?}: {error}"))?;

    let judged = tools::output(ges()?.args(["conform", "replay", "--judge", "replies"]).arg(&cassette))?;
    let changed = folder.join("changed.yaml");
    files::write(&changed, &files::read(&cassette)?.replace("application/json", "text/plain"))?;
    let mut replay = ges()?;
    replay.args(["conform", "replay", "--judge", "replies"]).arg(&changed);
    let output = replay.output().map_err(|error| format!("error: cannot start {replay:?}: {error}"))?;
    if output.status.code() == Some(1) && judged.contains("PASS exchange/") {
        return Ok(());
    }
    Err(format!(
        "a cassette with other media types: expected exit status 1, found {}; the original:\n{judged}",
        output.status
    ))
}
