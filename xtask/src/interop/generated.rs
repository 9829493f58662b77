//! Generates a client of our document with openapi-generator, and drives the emulator with it.

use std::path::{Path, PathBuf};

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator, pinned};

const DOCUMENT: &str = "spec/generated/ges.merged.yaml";
const TOKEN: &str = "a-token-of-this-check";

pub(crate) fn run(report: &mut Report) {
    let generator = Tool::new("openapi-generator", install);
    let name = "a Python client by openapi-generator does all five operations, against the emulator";
    report.check(name, [&generator], |[python]| check(python));
}

fn install() -> Result<PathBuf, String> {
    if !tools::is_installed("java") {
        return Err(
            "error: openapi-generator needs Java, which is not installed\nhint: `apt-get install default-jre-headless`"
                .to_owned(),
        );
    }
    tools::from_pypi(&pinned::OPENAPI_GENERATOR)
}

fn check(python: &Path) -> Result<(), String> {
    let folder = files::scratch("generated/client")?;
    let mut generate = tools::tool(python.with_file_name("openapi-generator-cli"));
    generate.args(["generate", "-g", "python", "-i", DOCUMENT, "--package-name", "generated_ges", "-o"]).arg(&folder);
    // Its validator requires the body of a link to be a string; OpenAPI 3.0 allows "Any | {expression}".
    tools::output(generate.arg("--skip-validate-spec"))?;

    let emulator = Emulator::start(&["--token", TOKEN])?;
    let graph = emulator.set_up("a running graph")?;
    let missing = emulator.set_up("no such graph")?;
    let mut client = tools::tool(python);
    client.env("PYTHONPATH", &folder).arg("tests/interop/generated_client.py");
    client.args([emulator.url(), TOKEN.to_owned()]);
    for value in [&graph["project_id"], &graph["graph_id"], &missing["graph_id"]] {
        client.arg(value.as_str().unwrap_or_default());
    }
    tools::output(&mut client).map(drop)
}
