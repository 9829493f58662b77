//! `cargo xtask conform`: generated code is current, then the suite runs, through the same `ges conform` that users have.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use codegen::Document;

use crate::files;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Replay the examples of this OpenAPI 3.0 document instead of those of GES (needs --endpoint)
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Everything else goes to `ges conform`; see `cargo xtask conform -- --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut ges = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    ges.args(["run", "--quiet", "--package", "ges-cli", "--bin", "ges", "--", "conform"]);
    match &arguments.spec {
        Some(spec) => {
            let derived = derive(spec, &files::root().join("target/xtask"))?;
            // Of another document, `replay` needs the contract and `export` the cases; a run, the cases.
            let (command, rest) = match arguments.rest.split_first() {
                Some((command, rest)) if ["replay", "export"].contains(&command.as_str()) => (Some(command), rest),
                _ => (None, &arguments.rest[..]),
            };
            ges.args(command);
            if command.is_some_and(|command| command == "replay") {
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
    let status = ges.status().map_err(|error| format!("error: cannot start cargo: {error}"))?;
    // A signal has no code; it is not a success either.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Writes the cases of a document nobody here has seen, and says what in it could not be read as intended.
pub(crate) fn derive(spec: &Path, folder: &Path) -> Result<Derived, String> {
    let document =
        Document::read(&spec.display().to_string(), &files::read(spec)?).map_err(|found| found.to_string())?;
    let suite = document.suite();
    // Nobody reads it but the next program.
    let text = serde_json::to_string(&suite).map_err(|error| format!("error: {}: {error}", spec.display()))?;
    let (cases, contract) = (folder.join("cases.json"), folder.join("contract.json"));
    files::write(&cases, &text)?;
    files::write(&contract, &codegen::contract_text(document.contract(), &spec.display().to_string()))?;
    Ok(Derived { cases, contract })
}

/// Where the files are.
pub(crate) struct Derived {
    pub(crate) cases: PathBuf,
    pub(crate) contract: PathBuf,
}
