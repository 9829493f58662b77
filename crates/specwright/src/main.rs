//! The command `specwright`: the commands of this crate for any OpenAPI document.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use specwright::Failure;
#[cfg(feature = "generate")]
use specwright::commands::generate;
use specwright::commands::{check, diff, init};
use specwright::config::{ConfigFlags, configured};
use specwright::output::console::report;

/// Turn an OpenAPI document into a client, a conformance suite and a judge of traffic
///
/// Data goes to standard output, messages to standard error. The --help of each command lists its exit statuses.
#[derive(Parser)]
#[command(name = "specwright", version, max_term_width = 80, subcommand_required = true)]
struct Arguments {
    #[command(flatten)]
    _config: ConfigFlags,
    #[command(subcommand)]
    command: Command,
}

// In the order of the help: what a user does first comes first.
#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    #[cfg(feature = "generate")]
    Generate(generate::Arguments),
    Diff(diff::Arguments),
    Init(init::Arguments),
}

fn main() -> ExitCode {
    let outcome = parse().and_then(|command| match command {
        Command::Check(arguments) => check::run(&arguments),
        #[cfg(feature = "generate")]
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
    });
    outcome.unwrap_or_else(|failure| report(&failure))
}

/// The command of the command line; what it does not say is as specwright.toml says.
fn parse() -> Result<Command, Failure> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let command = configured(Arguments::command(), &arguments)?;
    let parsed = Arguments::from_arg_matches(&command.get_matches_from(arguments));
    Ok(parsed.unwrap_or_else(|error| error.exit()).command)
}
