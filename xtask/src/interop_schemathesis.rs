//! Does Schemathesis find anything wrong with the emulator, or with the documents?
//!
//! All its phases (examples, coverage, fuzzing, stateful), against a fresh emulator each time. A stateful phase that
//! follows no link has shown nothing, and is a failure as well.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::interop_emulator::Emulator;
use crate::{files, tools};

/// What is held against the emulator.
pub(crate) struct Run {
    subject: Subject,
    /// With every check and the configuration that users have; otherwise with none, and without the one check that
    /// cannot know of states.
    configured: bool,
}

enum Subject {
    Document(&'static str),
    /// Both hand-written documents as one.
    Both,
}

pub(crate) const RUNS: [Run; 5] = [
    Run { subject: Subject::Both, configured: false },
    Run { subject: Subject::Document("spec/ges.yaml"), configured: true },
    Run { subject: Subject::Document("spec/ges-support.yaml"), configured: true },
    Run { subject: Subject::Document("spec/generated/ges.merged.yaml"), configured: true },
    Run { subject: Subject::Document("crates/ges-emulator/control-api.yaml"), configured: true },
];

/// How many requests are made up per operation and phase.
const EXAMPLES: &str = "100";

/// The same requests every time: a finding is a change of ours, not luck.
const SEED: &str = "1";

const TOKEN: &str = "a-token-of-this-check";

/// The graph of the documents' own examples.
const GRAPH: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";

impl Run {
    /// `python` is that of the environment with Schemathesis.
    pub(crate) fn check(&self, python: &Path) -> Result<(), String> {
        let document = self.document(python)?;
        let emulator = Emulator::start(&["--token", TOKEN])?;
        let given = emulator.control("graphs", &json!({ "graph_id": GRAPH }))?;
        let mut schemathesis = tools::tool(python.with_file_name("schemathesis"));
        schemathesis.current_dir(forgetful()?);
        if self.configured {
            let project = given["project_id"].as_str().unwrap_or_default();
            schemathesis.arg("--config-file").arg(files::root().join("spec/schemathesis.toml"));
            schemathesis.envs([("GES_TOKEN", TOKEN), ("GES_PROJECT_ID", project), ("GES_GRAPH_ID", GRAPH)]);
        }
        schemathesis.arg("run").arg(document).args(["--url", &format!("http://{}", emulator.address)]);
        if !self.configured {
            schemathesis.args(["--header", &format!("X-Auth-Token: {TOKEN}")]);
            schemathesis.args(["--exclude-checks", "positive_data_acceptance"]);
        }
        schemathesis.args(["--max-examples", EXAMPLES, "--seed", SEED, "--generation-database", "none", "--no-color"]);
        let report = tools::output(&mut schemathesis)?;
        match links_followed(&report) {
            Some(1..) => Ok(()),
            _ => Err(format!("the stateful phase followed no link\n{report}")),
        }
    }

    fn document(&self, python: &Path) -> Result<PathBuf, String> {
        match self.subject {
            Subject::Document(path) => Ok(files::root().join(path)),
            Subject::Both => {
                let mut join = tools::tool(python);
                join.args(["tests/interop/one_document.py", "spec/ges.yaml", "spec/ges-support.yaml"]);
                let path = tools::scratch("schemathesis")?.join("both.yaml");
                files::write(&path, &tools::output(&mut join)?)?;
                Ok(path)
            }
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = if self.configured { "every check" } else { "every check but positive_data_acceptance" };
        match self.subject {
            Subject::Document(path) => write!(f, "{path}, {checks}"),
            Subject::Both => write!(f, "both documents as one, {checks}"),
        }
    }
}

/// An empty folder to start it in: there it would keep what it found, and send that again the next time.
fn forgetful() -> Result<PathBuf, String> {
    let folder = tools::scratch("schemathesis/run")?;
    let cannot = |error: std::io::Error| format!("error: cannot empty {}: {error}", folder.display());
    std::fs::remove_dir_all(&folder).map_err(cannot)?;
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    Ok(folder)
}

/// From the line `API Links:    5 covered / 6 selected / 6 total`.
fn links_followed(report: &str) -> Option<u32> {
    let line = report.lines().find_map(|line| line.trim().strip_prefix("API Links:"))?;
    line.split_whitespace().next()?.parse().ok()
}
