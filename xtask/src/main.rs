//! The project's own commands. Each is thin: what it does lives in a crate, or in a tool that it calls.

mod codegen_command;
mod conform_command;
mod files;
mod layout;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Commands for people who work on this repository", version = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Derive the client, the cases and the merged document from spec/ges.yaml
    Codegen(codegen_command::Arguments),
    /// Check that generated code is current, then replay every documented example
    Conform(conform_command::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Codegen(arguments) => codegen_command::run(&arguments),
        Command::Conform(arguments) => conform_command::run(&arguments),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
