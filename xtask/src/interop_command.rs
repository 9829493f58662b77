//! What do tools that others wrote say about the documents that we publish, and about the emulator?
//!
//! Installed at pinned versions below `target/`. A tool that cannot be installed is a failure where `CI` is set, and a
//! loud skip on a laptop.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::interop_emulator::Emulator;
use crate::{
    files, interop_browser, interop_exports, interop_fixtures, interop_generated, interop_prism, interop_reports,
    interop_schemathesis, interop_secrets, interruption, tools,
};

const NPM: [&str; 2] = ["@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3"];
const PIP: [&str; 4] = [
    "openapi-spec-validator==0.9.0",
    "huaweicloudsdkges==3.1.219",
    "schemathesis==4.32.5",
    // Of what reads our reports, what Schemathesis does not bring along.
    "junitparser==5.0.3",
];
const DOCUMENTS: [&str; 3] = ["spec/ges.yaml", "spec/ges-support.yaml", "spec/generated/ges.merged.yaml"];

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Only the checks with one of these words in their name, such as sdk, httpmock or spectral
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    interruption::ends_everything()?;
    let words = arguments.words.iter().map(|word| word.to_lowercase()).collect();
    let mut report = Report { words, checked: 0, failed: 0, skipped: 0 };
    let npm = Tool::new("Redocly, Spectral", install_npm);
    let python = Tool::new("openapi-spec-validator, official SDK, Schemathesis", install_pip);
    for document in DOCUMENTS {
        let path = files::root().join(document);
        report.check(&format!("Redocly recommended, {document}"), [&npm], |[npm]| redocly(npm, &path));
        report.check(&format!("Spectral spectral:oas, {document}"), [&npm], |[npm]| spectral(npm, &path));
        report.check(&format!("openapi-spec-validator, {document}"), [&python], |[python]| validator(python, &path));
    }
    report.check("the official Python SDK, against the emulator", [&python], |[python]| official_sdk(python));
    for run in interop_schemathesis::RUNS {
        report.check(&format!("Schemathesis, {run}, against the emulator"), [&python], |[python]| run.check(python));
    }
    interop_fixtures::run(&mut report, &python);
    interop_prism::run(&mut report);
    interop_generated::run(&mut report);
    interop_reports::run(&mut report, &python);
    interop_exports::run(&mut report);
    interop_browser::run(&mut report);
    interop_secrets::run(&mut report);
    println!("interop: {} checked, {} failed, {} skipped", report.checked, report.failed, report.skipped);
    if report.checked + report.skipped + report.failed == 0 {
        return Err(
            "error: no check has such a word in its name\nhint: leave the words out to see all names".to_owned()
        );
    }
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Somebody else's program, installed when a check first needs it.
pub(crate) struct Tool {
    name: &'static str,
    install: fn() -> Result<PathBuf, String>,
    installed: OnceCell<Option<PathBuf>>,
}

impl Tool {
    pub(crate) fn new(name: &'static str, install: fn() -> Result<PathBuf, String>) -> Tool {
        Tool { name, install, installed: OnceCell::new() }
    }
}

pub(crate) struct Report {
    /// Of which each check that is made has one in its name, unless there are none.
    words: Vec<String>,
    checked: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    /// Makes a check, if it is wanted and its tools are there.
    pub(crate) fn check<const N: usize>(
        &mut self,
        name: &str,
        tools: [&Tool; N],
        check: impl FnOnce([&Path; N]) -> Result<(), String>,
    ) {
        let lower = name.to_lowercase();
        if !self.words.is_empty() && !self.words.iter().any(|word| lower.contains(word)) {
            return;
        }
        let mut paths = [Path::new(""); N];
        for (path, tool) in paths.iter_mut().zip(tools) {
            let Some(installed) = self.installed(tool) else { return };
            *path = installed;
        }
        self.checked += 1;
        match check(paths) {
            Ok(()) => println!("PASS {name}"),
            Err(message) => {
                self.failed += 1;
                println!("FAIL {name}\n{message}");
            }
        }
    }

    fn installed<'a>(&mut self, tool: &'a Tool) -> Option<&'a Path> {
        let install = || match (tool.install)() {
            Ok(path) => Some(path),
            Err(message) if tools::is_ci() => {
                self.failed += 1;
                println!("FAIL {} cannot be installed\n{message}", tool.name);
                None
            }
            Err(message) => {
                self.skipped += 1;
                println!("SKIP {} cannot be installed\n{message}", tool.name);
                None
            }
        };
        tool.installed.get_or_init(install).as_deref()
    }
}

fn install_npm() -> Result<PathBuf, String> {
    tools::npm("npm", &NPM)
}

pub(crate) fn install_pip() -> Result<PathBuf, String> {
    tools::python("python", &PIP)
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
