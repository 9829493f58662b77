//! Can somebody else's generator make a client of our document, and does that client work?

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::interop_command::{Report, Tool};
use crate::interop_emulator::Emulator;
use crate::tools;

/// The generator itself is in the package, as a jar; the rest is what its clients need.
const PIP: [&str; 4] =
    ["openapi-generator-cli==7.26.0", "pydantic==2.14.3", "python-dateutil==4.0.0", "urllib3==2.8.0"];
const DOCUMENT: &str = "spec/generated/ges.merged.yaml";
const TOKEN: &str = "a-token-of-this-check";

pub(crate) fn run(report: &mut Report) {
    let generator = Tool::new("openapi-generator", install);
    let name = "a Python client by openapi-generator does all five operations, against the emulator";
    report.check(name, [&generator], |[python]| check(python));
}

fn install() -> Result<PathBuf, String> {
    if !tools::is_installed("java") {
        return Err("error: it needs Java\nhint: `apt-get install default-jre-headless`".to_owned());
    }
    tools::python("generated", &PIP)
}

fn check(python: &Path) -> Result<(), String> {
    let folder = tools::scratch("generated/client")?;
    let mut generate = tools::tool(python.with_file_name("openapi-generator-cli"));
    generate.args(["generate", "-g", "python", "-i", DOCUMENT, "--package-name", "generated_ges", "-o"]).arg(&folder);
    // It wants the body of a link to be a string, where OpenAPI 3.0 says "Any | {expression}".
    tools::output(generate.arg("--skip-validate-spec"))?;

    let emulator = Emulator::start(&["--token", TOKEN])?;
    let graph = emulator.set_up("a running graph")?;
    let nowhere = emulator.set_up("no such graph")?;
    let id = |given: &Value, name: &str| given[name].as_str().unwrap_or_default().to_owned();
    let mut client = tools::tool(python);
    client.env("PYTHONPATH", &folder).arg("tests/interop/generated_client.py");
    client.args([emulator.url(), TOKEN.to_owned()]);
    client.args([id(&graph, "project_id"), id(&graph, "graph_id"), id(&nowhere, "graph_id")]);
    tools::output(&mut client).map(drop)
}
