//! The project's own commands. Each is thin: what it does lives in a crate, or in a tool that it calls.

mod bench;
mod ci;
mod codegen;
mod conform;
mod coverage;
mod docs;
mod files;
mod interop;
mod layout;
mod package;
mod supply_chain;
mod tidy;
mod tools;

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
    /// Derive from the documents in spec/ all that is generated, or check that it is current
    Codegen(codegen::Arguments),
    /// Check that generated code is current, then replay every documented example
    Conform(conform::Arguments),
    /// Check that crates depend on what they may, and that the documents speak of what exists
    Tidy,
    /// Let tools that others wrote judge what we publish (installs them below target/)
    Interop(interop::Arguments),
    /// Write everything there is to read to target/site
    Docs,
    /// Check licences, sources, doubles and known weaknesses of what we build upon, and that all of it is used
    SupplyChain,
    /// Measure all of it, or one part, with the alternatives beside ours; or judge instructions alone (`gate`)
    Bench {
        #[command(subcommand)]
        what: Option<bench::Bench>,
    },
    /// Count the lines that tests reach, and show those that none does
    Coverage(coverage::Arguments),
    /// Pack each crate that is published, and build what was packed
    Package,
    /// Run everything that CI runs
    Ci,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Codegen(arguments) => codegen::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Tidy => tidy::run(),
        Command::Interop(arguments) => interop::run(&arguments),
        Command::Docs => docs::run(),
        Command::SupplyChain => supply_chain::run(),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Bench { what } => bench::run(what),
        Command::Package => package::run(),
        Command::Ci => ci::run(),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
