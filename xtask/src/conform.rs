//! `cargo xtask conform`: checks that generated code is current, then runs `ges conform`; or runs `specwright`.

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use crate::files;
use crate::tools::cargo;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run `specwright conform FILE` instead of `ges conform`; or another command of `specwright` that comes first
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Arguments for the command; see `cargo xtask conform -- --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

/// The commands of `specwright` that take a document and what follows it here.
const COMMANDS: [&str; 4] = ["conform", "export", "observe", "replay"];

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut command = cargo();
    command.stdin(Stdio::inherit());
    let program = match &arguments.spec {
        Some(spec) => {
            let (name, rest) = match arguments.rest.split_first() {
                Some((name, rest)) if COMMANDS.contains(&name.as_str()) => (name.as_str(), rest),
                _ => ("conform", &arguments.rest[..]),
            };
            command.args(["run", "--quiet", "--package", "specwright", "--", name]).arg(spec).args(rest);
            "specwright"
        }
        None => {
            let current = crate::codegen::check()?;
            if current != ExitCode::SUCCESS {
                return Ok(current);
            }
            eprintln!("generated code is current");
            command.args(["run", "--package", "ges-cli", "--bin", "ges", "--", "conform"]).args(&arguments.rest);
            "ges"
        }
    };
    if !files::root().join("target/debug").join(program).exists() {
        eprintln!("building `{program}`; the first time this takes some minutes");
    }
    let status = command.status().map_err(|error| format!("error: cannot start cargo: {error}"))?;
    // A signal gives no exit status; it is a failure.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
