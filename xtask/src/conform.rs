//! `cargo xtask conform`: checks that generated code is current, then runs `ges conform`.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use openapi_document::{Api, Diagnostic, Diagnostics, check, contract, contract_text, suite};

use crate::document::{self, Output};
use crate::files;
use crate::tools::cargo;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Replay the examples of this OpenAPI document instead of those of GES (requires --endpoint)
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
    /// Arguments for `ges conform`; see `cargo xtask conform -- --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut ges = cargo();
    ges.stdin(Stdio::inherit()).args(["run", "--package", "ges-cli", "--bin", "ges", "--", "conform"]);
    match &arguments.spec {
        Some(spec) => {
            let derived = derive(spec, &files::root().join("target/xtask"), &arguments.output)?;
            // For another document, a run and `replay` take its contract and its cases; `export` takes its cases.
            let (command, rest) = match arguments.rest.split_first() {
                Some((command, rest)) if ["replay", "export"].contains(&command.as_str()) => (Some(command), rest),
                _ => (None, &arguments.rest[..]),
            };
            ges.args(command);
            if command.is_none_or(|command| command == "replay") {
                ges.arg("--contract").arg(derived.contract);
            }
            ges.arg("--cases").arg(derived.cases).args(rest);
        }
        None => {
            let current = crate::codegen::check()?;
            if current != ExitCode::SUCCESS {
                return Ok(current);
            }
            eprintln!("generated code is current");
            ges.args(&arguments.rest);
        }
    }
    if !files::root().join("target/debug/ges").exists() {
        eprintln!("building `ges`; the first time this takes some minutes");
    }
    let status = ges.status().map_err(|error| format!("error: cannot start cargo: {error}"))?;
    // A signal gives no exit status; it is a failure.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Rules of which the plan of a run says more.
const PLAN: [&str; 5] = ["example-name", "example-status", "example-unpaired", "example-value", "parameter-value"];

/// Writes the cases and the contract of a document into `folder`.
pub(crate) fn derive(spec: &Path, folder: &Path, output: &Output) -> Result<Derived, String> {
    let document = document::read(spec)?.map_err(|found| {
        output.print(&found);
        format!("error: nothing can be replayed from {}", spec.display())
    })?;
    let api = Api::of(&document);
    // What no client can be generated for can be replayed; what an example lacks for that, the plan says.
    let found = check(&api).0.into_iter();
    let is_said = |problem: &Diagnostic| !problem.is_limit() && !PLAN.contains(&problem.rule);
    output.print(&Diagnostics(found.filter(is_said).collect()));
    let shown = document.name().to_owned();
    let suite = suite(&api);
    if suite.cases.is_empty() && suite.left_out.is_empty() {
        return Err(format!("error: nothing can be replayed from {}: it has no operations", spec.display()));
    }
    let text = serde_json::to_string(&suite).map_err(|error| format!("error: {shown}: {error}"))?;
    let derived = Derived { cases: folder.join("cases.json"), contract: folder.join("contract.json") };
    files::write(&derived.cases, &text)?;
    files::write(&derived.contract, &contract_text(contract(&api), &shown))?;
    Ok(derived)
}

/// The files that [`derive`] wrote.
pub(crate) struct Derived {
    pub(crate) cases: PathBuf,
    pub(crate) contract: PathBuf,
}
