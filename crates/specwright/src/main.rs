//! The command `specwright`: the commands of this crate for any OpenAPI document.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use specwright::commands::diff;
use specwright::output::console::report;

/// Turn an OpenAPI document into a client, a conformance suite and a judge of traffic
///
/// Data goes to standard output, messages to standard error. The --help of each command lists its exit statuses.
#[derive(Parser)]
#[command(name = "specwright", version, max_term_width = 80, subcommand_required = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// In the order of the help: what a user does first comes first.
#[derive(Subcommand)]
enum Command {
    Diff(diff::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Diff(arguments) => diff::run(&arguments),
    };
    outcome.unwrap_or_else(|failure| report(&failure))
}
