//! `cargo xtask diff`: prints what changed between two versions of a document, and whom it breaks.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance_engine::diff::{Change, Party, Promises, diff, markdown, text};
use openapi_document::{Api, contract, suite};

use crate::{document, files};

#[derive(clap::Args)]
#[command(after_help = "\
Compares operations, constraints on requests and replies, documented examples and states. A caller is a program that
sends requests and was written for OLD; a server is a program that answers and was written for OLD.

Exit status: 0 nothing that --fail-on names is broken, 1 something is or a document cannot be read, 2 wrong arguments")]
pub(crate) struct Arguments {
    /// OpenAPI document of the old version
    old: PathBuf,
    /// OpenAPI document of the new version
    new: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 1 if a change breaks them
    #[arg(long, value_enum, default_value = "any", value_name = "PARTY")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FailOn {
    /// Callers or servers
    Any,
    Caller,
    Server,
    /// Nobody: exit with 0 whatever changed
    None,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let (old, new) = (Api::of(&old), Api::of(&new));
    let (old_contract, old_suite) = (contract(&old), suite(&old));
    let (new_contract, new_suite) = (contract(&new), suite(&new));
    let changes = diff(
        Promises { contract: &old_contract, suite: &old_suite },
        Promises { contract: &new_contract, suite: &new_suite },
    );
    let output = match arguments.format {
        Format::Text => text(&changes),
        Format::Markdown => markdown(&changes),
        Format::Json => {
            serde_json::to_string_pretty(&changes).map_err(|error| format!("error: cannot write JSON: {error}"))? + "\n"
        }
    };
    // A closed pipe must not change the exit status.
    let _ = std::io::stdout().write_all(output.as_bytes());
    let is_counted = |change: &Change| match arguments.fail_on {
        FailOn::Any => change.is_breaking(),
        FailOn::Caller => change.breaks.contains(&Party::Caller),
        FailOn::Server => change.breaks.contains(&Party::Server),
        FailOn::None => false,
    };
    Ok(if changes.iter().any(is_counted) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(path: &Path) -> Result<openapi_document::Document, String> {
    document::read(path)?.map_err(|found| {
        document::Output::default().print(&found);
        format!("error: {} cannot be compared", files::shown(path).display())
    })
}
