//! What do tools that others wrote say about the documents that we publish, and about the emulator?
//!
//! Installed at pinned versions below `target/`. A tool that cannot be installed is a failure where `CI` is set, and a
//! loud skip on a laptop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::interop_emulator::Emulator;
use crate::{files, interop_schemathesis, tools};

const NPM: [&str; 2] = ["@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3"];
const PIP: [&str; 3] = ["openapi-spec-validator==0.9.0", "huaweicloudsdkges==3.1.219", "schemathesis==4.32.5"];
const DOCUMENTS: [&str; 3] = ["spec/ges.yaml", "spec/ges-support.yaml", "spec/generated/ges.merged.yaml"];

pub(crate) fn run() -> Result<ExitCode, String> {
    let mut report = Report { failed: 0, skipped: 0 };
    let npm = report.installed("Redocly, Spectral", install_npm());
    let python = report.installed("openapi-spec-validator, official SDK, Schemathesis", install_pip());
    for document in DOCUMENTS {
        let path = files::root().join(document);
        if let Some(npm) = &npm {
            report.check(&format!("Redocly recommended, {document}"), redocly(npm, &path));
            report.check(&format!("Spectral spectral:oas, {document}"), spectral(npm, &path));
        }
        if let Some(python) = &python {
            report.check(&format!("openapi-spec-validator, {document}"), validator(python, &path));
        }
    }
    if let Some(python) = &python {
        report.check("the official Python SDK, against the emulator", official_sdk(python));
        for run in interop_schemathesis::RUNS {
            report.check(&format!("Schemathesis, {run}, against the emulator"), run.check(python));
        }
    }
    crate::interop_fixtures::run(&mut report, python.as_deref());
    println!("interop: {} failed, {} skipped", report.failed, report.skipped);
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) struct Report {
    failed: usize,
    skipped: usize,
}

impl Report {
    pub(crate) fn check(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => println!("PASS {name}"),
            Err(message) => {
                self.failed += 1;
                println!("FAIL {name}\n{message}");
            }
        }
    }

    pub(crate) fn installed(&mut self, name: &str, outcome: Result<PathBuf, String>) -> Option<PathBuf> {
        match outcome {
            Ok(path) => Some(path),
            Err(message) if std::env::var_os("CI").is_some() => {
                self.failed += 1;
                println!("FAIL {name} cannot be installed\n{message}");
                None
            }
            Err(message) => {
                self.skipped += 1;
                println!("SKIP {name} cannot be installed\n{message}");
                None
            }
        }
    }
}

/// The folder that npm installed into.
fn install_npm() -> Result<PathBuf, String> {
    let folder = tools::scratch("npm")?;
    if !folder.join("node_modules/.bin/spectral").exists() {
        let mut npm = tools::tool("npm");
        npm.current_dir(&folder).args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "."]).args(NPM);
        tools::output(&mut npm)?;
    }
    Ok(folder)
}

/// The Python of the environment that pip installed into.
pub(crate) fn install_pip() -> Result<PathBuf, String> {
    let folder = tools::scratch("python")?;
    let python = folder.join("bin/python");
    if !python.exists() {
        tools::output(tools::tool("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    // Says what is there already, and goes on from there.
    tools::output(tools::tool(&python).args(["-m", "pip", "install", "--quiet"]).args(PIP))?;
    Ok(python)
}

/// Five operations by each API version and each kind of credentials, each job waited for, and what the SDK makes of
/// refusals.
fn official_sdk(python: &Path) -> Result<(), String> {
    const CREDENTIALS: [&str; 3] = ["AKOFTHISCHECK", "SKOFTHISCHECK", "a-token-of-this-check"];
    let [ak, sk, token] = CREDENTIALS;
    let emulator = Emulator::start(&["--ak", ak, "--sk", sk, "--token", token, "--transitions", "manual:2"])?;
    let graph = emulator.set_up("a running graph")?;
    let nowhere = emulator.set_up("no such graph")?;
    let id = |given: &Value, name: &str| given[name].as_str().unwrap_or_default().to_owned();
    let mut sdk = tools::tool(python);
    sdk.arg("tests/interop/official_sdk.py").arg(format!("http://{}", emulator.address)).args(CREDENTIALS);
    sdk.args([id(&graph, "project_id"), id(&graph, "graph_id"), id(&nowhere, "graph_id")]);
    tools::output(&mut sdk).map(drop)
}

fn redocly(npm: &Path, document: &Path) -> Result<(), String> {
    let mut redocly = tools::tool(npm.join("node_modules/.bin/redocly"));
    redocly.current_dir(npm).env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("REDOCLY_TELEMETRY", "off");
    let report = tools::output(redocly.args(["lint", "--extends=recommended", "--format=json"]).arg(document))?;
    // Warnings do not fail it; there must be none.
    let totals: serde_json::Value = serde_json::from_str(&report).map_err(|error| format!("{error}\n{report}"))?;
    if totals["totals"]["errors"] == 0 && totals["totals"]["warnings"] == 0 { Ok(()) } else { Err(report) }
}

fn spectral(npm: &Path, document: &Path) -> Result<(), String> {
    let rules = npm.join("spectral.json");
    files::write(&rules, "{\"extends\": \"spectral:oas\"}\n")?;
    let mut spectral = tools::tool(npm.join("node_modules/.bin/spectral"));
    spectral.args(["lint", "--fail-severity=hint", "--ruleset"]).arg(&rules).arg(document);
    tools::output(&mut spectral).map(drop)
}

fn validator(python: &Path, document: &Path) -> Result<(), String> {
    tools::output(tools::tool(python).args(["-m", "openapi_spec_validator"]).arg(document)).map(drop)
}
