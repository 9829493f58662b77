//! Can programs that others wrote read our reports, and can we judge a recording that others made?
//!
//! The reports are those of a run with failures in it, for it is failures that people look for in them.

use std::path::{Path, PathBuf};

use crate::interop_command::{Report, Tool};
use crate::interop_emulator::{Emulator, ges};
use crate::{files, tools};

const HAR_VALIDATOR: &str = "har-validator@5.1.5";
const TOKEN: &str = "a-token-of-this-check";
/// The graph of the document's own examples.
const GRAPH: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";

/// `python` has Schemathesis, and with it jsonschema and PyYAML; and junitparser.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let har = Tool::new("har-validator", install);
    report.check(
        "junitparser, jsonschema, PyYAML and har-validator read our reports",
        [python, &har],
        |[python, har]| {
            write_reports()?;
            read_reports(python)?;
            validate_har(har)
        },
    );
    let name = "a cassette of Schemathesis is judged, and found wrong where it was made so";
    report.check(name, [python], |[python]| replay(python));
}

/// Some of the answers are replaced by an error.
fn write_reports() -> Result<(), String> {
    let folder = tools::scratch("reports")?;
    let emulator = Emulator::start(&["--token", TOKEN, "--seed", "1", "--fault", "503:0.3:before"])?;
    let mut conform = ges()?;
    conform.args(["conform", "--token", TOKEN, "--endpoint", &emulator.url(), "--provider-states"]);
    conform.arg(emulator.provider_states());
    for format in ["json", "junit", "har", "vcr"] {
        conform.arg("--report").arg(format!("{format}={}", folder.join(format).display()));
    }
    let output = conform.output().map_err(|error| format!("error: cannot start {conform:?}: {error}"))?;
    // 1 is what it has to say of a broken contract.
    if output.status.code() != Some(1) {
        return Err(format!("{} of a run with failures\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    files::write(&folder.join("schema"), &tools::output(ges()?.args(["conform", "schema"]))?).map(drop)
}

fn read_reports(python: &Path) -> Result<(), String> {
    let folder = tools::scratch("reports")?;
    tools::output(tools::tool(python).arg("tests/interop/read_reports.py").arg(folder)).map(drop)
}

fn install() -> Result<PathBuf, String> {
    tools::npm("har", &[HAR_VALIDATOR])
}

fn validate_har(folder: &Path) -> Result<(), String> {
    const SCRIPT: &str = "const har = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));\
        require('har-validator').har(har).catch(error => { console.error(error.errors || error); process.exit(1); });";
    let mut node = tools::tool("node");
    node.current_dir(folder).args(["-e", SCRIPT]).arg(tools::scratch("reports")?.join("har"));
    tools::output(&mut node).map(drop)
}

/// What Schemathesis records of the emulator keeps the contract as far as the emulator is concerned, and no longer does
/// once somebody has changed the recorded media types.
fn replay(python: &Path) -> Result<(), String> {
    let folder = tools::scratch("reports")?;
    let cassette = folder.join("schemathesis.yaml");
    // It is written anew, or the check is of an old one.
    let _ = std::fs::remove_file(&cassette);
    let emulator = Emulator::start(&["--token", TOKEN])?;
    emulator.control("graphs", &serde_json::json!({ "graph_id": GRAPH }))?;
    let mut schemathesis = tools::tool(python.with_file_name("schemathesis"));
    schemathesis.current_dir(&folder).arg("run").arg(files::root().join("spec/ges.yaml"));
    schemathesis.args(["--url", &emulator.url(), "--header", &format!("X-Auth-Token: {TOKEN}")]);
    schemathesis.args(["--phases", "examples,coverage", "--seed", "1", "--generation-database", "none", "--no-color"]);
    schemathesis.arg("--report-vcr-path").arg(&cassette);
    // What it thinks of the emulator without our configuration is asked elsewhere.
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
    Err(format!("{} of a cassette with other media types\n{judged}", output.status))
}
