#![doc = include_str!("../README.md")]

mod conform;
mod console;
mod embedded;
mod emulate;
mod emulate_limits;
mod emulate_tls;
mod quantity;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Check a Graph Engine Service (GES) against its documentation, or run one on localhost.
#[derive(Parser)]
#[command(name = "ges", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Conform(conform::Arguments),
    Emulate(emulate::Arguments),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    // One thread is enough: a run waits for the network, and the emulator answers in microseconds.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::cannot_start(format!("the runtime cannot start: {error}")).report(),
    };
    let outcome = match command {
        Command::Conform(arguments) => runtime.block_on(conform::run(&arguments)),
        Command::Emulate(arguments) => runtime.block_on(emulate::run(&arguments)),
    };
    outcome.unwrap_or_else(|failure| failure.report())
}

/// Why a command ended without having done its work.
struct Failure {
    message: String,
    exit: u8,
}

impl Failure {
    /// What was asked for makes no sense: exit status 2, as for an unknown flag.
    fn usage(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 2 }
    }

    /// What was asked for makes sense, but something in the way of it does not allow it: exit status 3.
    fn cannot_start(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 3 }
    }

    fn report(&self) -> ExitCode {
        console::talk(format_args!("error: {}", self.message));
        ExitCode::from(self.exit)
    }
}
