//! The command `specwright`: the commands of this crate for any OpenAPI document.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use specwright::Failure;
#[cfg(feature = "generate")]
use specwright::commands::generate;
use specwright::commands::{check, completions, conform, diff, export, init, man, merge, observe, replay, schema};
use specwright::config::{ConfigFlags, configured};
use specwright::openapi::Specwright;
use specwright::output::console::{parsed, report};
use specwright::program::Program;

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
    Conform(Box<conform::Arguments<Specwright>>),
    Replay(replay::Arguments<Specwright>),
    Observe(observe::Arguments<Specwright>),
    Diff(diff::Arguments),
    Merge(merge::Arguments<Specwright>),
    Export(export::Arguments<Specwright>),
    Init(init::Arguments),
    Schema(schema::Schema),
    Completions(completions::Completions<Specwright>),
    Man(man::Man<Specwright>),
}

fn main() -> ExitCode {
    match parse() {
        Ok(Ok(command)) => run(command).unwrap_or_else(|failure| report(&failure)),
        Ok(Err(said)) => parsed(&said),
        Err(failure) => report(&failure),
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        #[cfg(feature = "generate")]
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Conform(arguments) => runtime()?.block_on(conform::run(&arguments)),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Observe(arguments) => runtime()?.block_on(observe::run(arguments)),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
    }
}

/// One thread is enough: a run waits for the network.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::cannot_start(format!("the runtime cannot start: {error}")))
}

/// The command of the command line, or what its parser says; what it does not say is as specwright.toml says.
fn parse() -> Result<Result<Command, clap::Error>, Failure> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let command = configured(Arguments::command(), &arguments, &Specwright::VARIABLES)?;
    let matches = command.try_get_matches_from(arguments);
    Ok(matches.and_then(|matches| Arguments::from_arg_matches(&matches)).map(|arguments| arguments.command))
}
