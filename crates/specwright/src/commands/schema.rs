//! `schema`: prints the JSON schema of reports.

use std::process::ExitCode;

use conformance_engine::report;

use crate::Failure;
use crate::exit_status;
use crate::output::console::data;

/// Print the JSON schema of `--report json`
#[derive(clap::Args, Debug)]
#[command(after_help = exit_status!(local))]
pub struct Schema;

/// Prints it.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(_: &Schema) -> Result<ExitCode, Failure> {
    data(report::SCHEMA).map(|()| ExitCode::SUCCESS)
}
