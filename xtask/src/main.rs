//! The project's own commands. Each is thin: what it does lives in a crate, or in a tool that it calls.

mod bench_client;
mod bench_codegen;
mod bench_command;
mod bench_conform;
mod bench_emulator;
mod bench_gate;
mod ci_command;
mod codegen_command;
mod conform_command;
mod coverage_command;
mod docs_command;
mod files;
mod interop_browser;
mod interop_command;
mod interop_emulator;
mod interop_exports;
mod interop_fixtures;
mod interop_generated;
mod interop_prism;
mod interop_reports;
mod interop_schemathesis;
mod interop_secrets;
mod interruption;
mod layout;
mod measure;
mod package_command;
mod supply_chain;
mod tidy_command;
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
    Codegen(codegen_command::Arguments),
    /// Check that generated code is current, then replay every documented example
    Conform(conform_command::Arguments),
    /// Check that crates depend on what they may, and that the documents speak of what exists
    Tidy,
    /// Let tools that others wrote judge what we publish (installs them below target/)
    Interop(interop_command::Arguments),
    /// Write everything there is to read to target/site
    Docs,
    /// Check licences, sources, doubles and known weaknesses of what we build upon, and that all of it is used
    SupplyChain,
    /// Measure all of it, or one part, with the alternatives beside ours; or judge instructions alone (`gate`)
    Bench {
        #[command(subcommand)]
        what: Option<bench_command::Bench>,
    },
    /// Count the lines that tests reach, and show those that none does
    Coverage(coverage_command::Arguments),
    /// Pack each crate that is published, and build what was packed
    Package,
    /// Run everything that CI runs
    Ci,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Codegen(arguments) => codegen_command::run(&arguments),
        Command::Conform(arguments) => conform_command::run(&arguments),
        Command::Tidy => tidy_command::run(),
        Command::Interop(arguments) => interop_command::run(&arguments),
        Command::Docs => docs_command::run(),
        Command::SupplyChain => supply_chain::run(),
        Command::Coverage(arguments) => coverage_command::run(&arguments),
        Command::Bench { what } => bench_command::run(what),
        Command::Package => package_command::run(),
        Command::Ci => ci_command::run(),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
