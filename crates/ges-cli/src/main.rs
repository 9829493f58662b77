#![doc = include_str!("../README.md")]

mod call;
mod commands;
mod connection;
mod embedded;
mod error;
mod ges;
#[cfg(test)]
mod help;
mod hint;
mod output;
mod signing;
mod value;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use specwright::Failure;
use specwright::commands::{completions, man, observe};
use specwright::output::console::{parsed, report};

use crate::commands::{backup, conform, delete, emulate, list, restart, show, start, stop, upgrade};
use crate::ges::Ges;

/// Call a Graph Engine Service (GES), check one against its documentation, or run one on localhost
///
/// Data goes to standard output, messages to standard error. The --help of each command lists its exit statuses.
#[derive(Parser)]
#[command(name = "ges", version, max_term_width = 80, subcommand_required = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Start(start::Start),
    Stop(stop::Stop),
    Restart(restart::Restart),
    Upgrade(upgrade::Upgrade),
    Backup(backup::Backup),
    #[command(subcommand)]
    Show(show::Show),
    #[command(subcommand)]
    List(list::List),
    #[command(subcommand)]
    Delete(delete::Delete),
    Conform(Box<conform::Conform>),
    Observe(observe::Arguments<Ges>),
    Emulate(emulate::Arguments),
    Completions(completions::Completions<Ges>),
    Man(man::Man<Ges>),
}

fn main() -> ExitCode {
    let command = match Arguments::try_parse() {
        Ok(arguments) => arguments.command,
        Err(said) => return parsed(&said),
    };
    // One thread is enough: a run waits for the network, and the emulator answers in microseconds.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::cannot_start(format!("the runtime cannot start: {error}"))),
    };
    let outcome = match command {
        Command::Start(arguments) => runtime.block_on(start::run(&arguments)),
        Command::Stop(arguments) => runtime.block_on(stop::run(&arguments)),
        Command::Restart(arguments) => runtime.block_on(restart::run(&arguments)),
        Command::Upgrade(arguments) => runtime.block_on(upgrade::run(&arguments)),
        Command::Backup(arguments) => runtime.block_on(backup::run(&arguments)),
        Command::Show(show) => runtime.block_on(show::run(&show)),
        Command::List(list) => runtime.block_on(list::run(&list)),
        Command::Delete(delete) => runtime.block_on(delete::run(&delete)),
        Command::Conform(arguments) => runtime.block_on(conform::run(&arguments)),
        Command::Observe(arguments) => runtime.block_on(observe::run(arguments)),
        Command::Emulate(arguments) => runtime.block_on(emulate::run(&arguments)),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
    };
    outcome.unwrap_or_else(|failure| report(&failure))
}
