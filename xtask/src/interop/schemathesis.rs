//! Runs Schemathesis with our documents against the emulator.
//!
//! All phases (examples, coverage, fuzzing, stateful), against a new emulator each time. A stateful phase that follows
//! no link is a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator};

/// With every check, and the configuration that users have.
const DOCUMENTS: [&str; 4] = [
    "spec/ges.yaml",
    "spec/ges-support.yaml",
    "spec/generated/ges.merged.yaml",
    "crates/ges-emulator/control-api.yaml",
];

/// Requests per operation and phase.
const EXAMPLES: &str = "100";

/// The same requests in every run, so that a new finding is due to a change of ours.
const SEED: &str = "1";

const TOKEN: &str = "a-token-of-this-check";

/// The graph of the documents' examples.
const GRAPH: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";

/// `python` has Schemathesis.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let name = "Schemathesis, both documents as one, every check but positive_data_acceptance, against the emulator";
    report.check(name, [python], |[python]| without_configuration(python, &both_documents(python)?));
    for document in DOCUMENTS {
        let name = format!("Schemathesis, {document}, every check, against the emulator");
        report.check(&name, [python], |[python]| with_configuration(python, &files::root().join(document)));
    }
}

fn with_configuration(python: &Path, document: &Path) -> Result<(), String> {
    let (emulator, project) = emulator()?;
    let mut schemathesis = schemathesis(python)?;
    schemathesis.arg("--config-file").arg(files::root().join("spec/schemathesis.toml"));
    schemathesis.envs([("GES_TOKEN", TOKEN), ("GES_PROJECT_ID", &project), ("GES_GRAPH_ID", GRAPH)]);
    check(schemathesis.arg("run").arg(document).args(["--url", &emulator.url()]))
}

/// Without the one check that cannot know states.
fn without_configuration(python: &Path, document: &Path) -> Result<(), String> {
    let (emulator, _) = emulator()?;
    let mut schemathesis = schemathesis(python)?;
    schemathesis.arg("run").arg(document).args(["--url", &emulator.url()]);
    schemathesis.args(["--header", &format!("X-Auth-Token: {TOKEN}")]);
    check(schemathesis.args(["--exclude-checks", "positive_data_acceptance"]))
}

/// An emulator with the graph of the examples, and the project that owns it.
fn emulator() -> Result<(Emulator, String), String> {
    let emulator = Emulator::start(&["--token", TOKEN])?;
    let given = emulator.control("graphs", &json!({ "graph_id": GRAPH }))?;
    Ok((emulator, given["project_id"].as_str().unwrap_or_default().to_owned()))
}

/// In an empty folder: Schemathesis keeps its findings in the current one, and sends them again in the next run.
fn schemathesis(python: &Path) -> Result<Command, String> {
    let folder = files::scratch("schemathesis/run")?;
    let cannot = |error: std::io::Error| format!("error: cannot empty {}: {error}", folder.display());
    std::fs::remove_dir_all(&folder).map_err(cannot)?;
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    let mut schemathesis = tools::tool(python.with_file_name("schemathesis"));
    schemathesis.current_dir(folder);
    Ok(schemathesis)
}

fn check(schemathesis: &mut Command) -> Result<(), String> {
    schemathesis.args(["--max-examples", EXAMPLES, "--seed", SEED, "--generation-database", "none", "--no-color"]);
    let report = tools::output(schemathesis)?;
    match links_followed(&report) {
        Some(1..) => Ok(()),
        _ => Err(format!("the stateful phase followed no link\n{report}")),
    }
}

fn both_documents(python: &Path) -> Result<PathBuf, String> {
    let mut join = tools::tool(python);
    join.args(["tests/interop/one_document.py", "spec/ges.yaml", "spec/ges-support.yaml"]);
    let path = files::scratch("schemathesis")?.join("both.yaml");
    files::write(&path, &tools::output(&mut join)?)?;
    Ok(path)
}

/// From the line `API Links:    5 covered / 6 selected / 6 total`.
fn links_followed(report: &str) -> Option<u32> {
    let line = report.lines().find_map(|line| line.trim().strip_prefix("API Links:"))?;
    line.split_whitespace().next()?.parse().ok()
}
