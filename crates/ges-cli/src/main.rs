#![doc = include_str!("../README.md")]

mod calls;
mod completions;
mod confirm;
mod conform;
mod connection;
mod console;
mod delete;
mod dry_run;
mod embedded;
mod emulate;
mod emulate_limits;
mod emulate_tls;
mod export;
mod failure;
mod graph_status;
mod list;
mod merge;
mod observe;
mod output;
mod quantity;
mod replay;
mod reports;
mod show;
mod signing;
mod waiting;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub(crate) use failure::Failure;

/// Call a Graph Engine Service (GES), check one against its documentation, or run one on localhost
///
/// Data goes to standard output, talk to standard error, and the exit status says how it went; each command's --help
/// lists what it can be.
#[derive(Parser)]
#[command(name = "ges", version, max_term_width = 100, subcommand_required = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Start(calls::Start),
    Stop(calls::Stop),
    Restart(calls::Restart),
    Upgrade(calls::Upgrade),
    Backup(calls::Backup),
    #[command(subcommand)]
    Show(show::Show),
    #[command(subcommand)]
    List(list::List),
    #[command(subcommand)]
    Delete(delete::Delete),
    Conform(Box<conform::Arguments>),
    Observe(observe::Arguments),
    Emulate(emulate::Arguments),
    Completions(completions::Completions),
    Man(completions::Man),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    // One thread is enough: a run waits for the network, and the emulator answers in microseconds.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::cannot_start(format!("the runtime cannot start: {error}")).report(),
    };
    let outcome = match command {
        Command::Start(arguments) => runtime.block_on(calls::start(&arguments)),
        Command::Stop(arguments) => runtime.block_on(calls::stop(&arguments)),
        Command::Restart(arguments) => runtime.block_on(calls::restart(&arguments)),
        Command::Upgrade(arguments) => runtime.block_on(calls::upgrade(&arguments)),
        Command::Backup(arguments) => runtime.block_on(calls::backup(&arguments)),
        Command::Show(show) => runtime.block_on(show::run(&show)),
        Command::List(list) => runtime.block_on(list::run(&list)),
        Command::Delete(delete) => runtime.block_on(delete::run(&delete)),
        Command::Conform(arguments) => runtime.block_on(conform::run(&arguments)),
        Command::Observe(arguments) => runtime.block_on(observe::run(arguments)),
        Command::Emulate(arguments) => runtime.block_on(emulate::run(&arguments)),
        Command::Completions(arguments) => completions::completions(&arguments, Arguments::command()),
        Command::Man(arguments) => completions::man(&arguments, Arguments::command()),
    };
    outcome.unwrap_or_else(|failure| failure.report())
}

/// For `--graph-id`.
fn graph_id(text: &str) -> Result<String, String> {
    segment(text, "it looks like e85d5ad4-9a6b-4d57-9a1e-4d6a4e1c1d0a")
}

/// For `--job-id`.
fn job_id(text: &str) -> Result<String, String> {
    segment(text, "the call that began the job has printed it")
}

/// For `--backup-id`.
fn backup_id(text: &str) -> Result<String, String> {
    segment(text, "`ges show backups` lists them")
}

/// A part of an address that does not change what the address is of.
fn segment(text: &str, hint: &str) -> Result<String, String> {
    match text.trim() {
        "" | "." | ".." => Err(format!("not an identifier; {hint}")),
        text => Ok(text.to_owned()),
    }
}
