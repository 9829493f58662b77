//! `specwright diff`: prints what changed between two versions of a document, and whom it breaks.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueHint;
use conformance_engine::diff::{Change, Party, Promises, diff, markdown, text};
use openapi_document::{Api, contract, suite};

use crate::Failure;
use crate::openapi::read;
use crate::output::console::{data, json};

/// Show what changed between two versions of a document, and whom it breaks
///
/// Compares operations, constraints on requests and replies, documented examples and states. A caller is a program that
/// sends requests and was written for OLD; a server is a program that answers and was written for OLD.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  specwright diff v1.yaml v2.yaml
  specwright diff old.yaml new.yaml --fail-on caller --format markdown

Exit status:
  0    nothing that --fail-on names is broken
  1    something that --fail-on names is broken
  2    bad usage, or a document cannot be read
  3    could not write its output")]
pub struct Arguments {
    /// OpenAPI document of the old version; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    old: PathBuf,
    /// OpenAPI document of the new version; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    new: PathBuf,
    /// Form of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// Exit with 1 if a change breaks them
    #[arg(long, value_enum, default_value = "any", value_name = "PARTY")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// A line or more for each change
    Text,
    /// An array of changes
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    /// Callers or servers
    Any,
    /// Programs that send requests
    Caller,
    /// Programs that answer
    Server,
    /// Nobody: exit with 0 whatever changed
    None,
}

/// Prints the changes.
///
/// # Errors
/// A document cannot be read, or the output cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { old, new, format, fail_on } = arguments;
    if [old, new].iter().all(|path| *path == Path::new("-")) {
        return Err(Failure::usage("only one of both documents can come from standard input"));
    }
    let (old, new) = (read::document(old)?, read::document(new)?);
    let (old, new) = (Api::of(&old), Api::of(&new));
    let (old_contract, old_suite) = (contract(&old), suite(&old));
    let (new_contract, new_suite) = (contract(&new), suite(&new));
    let changes = diff(
        Promises { contract: &old_contract, suite: &old_suite },
        Promises { contract: &new_contract, suite: &new_suite },
    );
    match format {
        Format::Text => data(text(&changes))?,
        Format::Markdown => data(markdown(&changes))?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&changes);
            json(text.map_err(|error| Failure::cannot_start(format!("cannot write JSON: {error}")))?)?;
        }
    }
    let is_counted = |change: &Change| match fail_on {
        FailOn::Any => change.is_breaking(),
        FailOn::Caller => change.breaks.contains(&Party::Caller),
        FailOn::Server => change.breaks.contains(&Party::Server),
        FailOn::None => false,
    };
    Ok(if changes.iter().any(is_counted) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
