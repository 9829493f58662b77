//! Checks our documents with the linters and validators of others.

use std::path::Path;

use serde_json::Value;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, pinned};

const DOCUMENTS: [&str; 3] = ["spec/ges.yaml", "spec/ges-support.yaml", "spec/generated/ges.merged.yaml"];

/// `python` has openapi-spec-validator.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let linters = Tool::new("Redocly, Spectral", || tools::from_npm(&pinned::LINTERS));
    for document in DOCUMENTS {
        let path = files::root().join(document);
        report.check(&format!("Redocly recommended, {document}"), [&linters], |[npm]| redocly(npm, &path));
        report.check(&format!("Spectral spectral:oas, {document}"), [&linters], |[npm]| spectral(npm, &path));
        report.check(&format!("openapi-spec-validator, {document}"), [python], |[python]| {
            tools::output(tools::tool(python).args(["-m", "openapi_spec_validator"]).arg(&path)).map(drop)
        });
    }
}

fn redocly(npm: &Path, document: &Path) -> Result<(), String> {
    let mut redocly = tools::tool(npm.join("node_modules/.bin/redocly"));
    redocly.current_dir(npm).env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("REDOCLY_TELEMETRY", "off");
    let report = tools::output(redocly.args(["lint", "--extends=recommended", "--format=json"]).arg(document))?;
    // Redocly's exit status ignores warnings; here they are failures.
    let totals: Value = serde_json::from_str(&report).map_err(|error| format!("{error}\n{report}"))?;
    if totals["totals"]["errors"] == 0 && totals["totals"]["warnings"] == 0 { Ok(()) } else { Err(report) }
}

fn spectral(npm: &Path, document: &Path) -> Result<(), String> {
    let rules = npm.join("spectral.json");
    files::write(&rules, "{\"extends\": \"spectral:oas\"}\n")?;
    let mut spectral = tools::tool(npm.join("node_modules/.bin/spectral"));
    spectral.args(["lint", "--fail-severity=hint", "--ruleset"]).arg(&rules).arg(document);
    tools::output(&mut spectral).map(drop)
}
