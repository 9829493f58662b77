//! `cargo xtask`: the commands of this repository. Each is thin; the work is done by a crate or an installed tool.

mod bench;
mod build_time;
mod ci;
mod codegen;
mod conform;
mod corpus;
mod coverage;
mod docs;
mod files;
mod interop;
mod layout;
mod licences;
mod package;
mod release_files;
mod soak;
mod supply_chain;
mod tidy;
mod tools;
mod walk;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Commands for people who work on this repository", version = None, max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate files from the documents in spec/, or check that they are current
    Codegen(codegen::Arguments),
    /// Check that generated code is current, then run the conformance suite against the emulator
    Conform(conform::Arguments),
    /// Check the order of crates and folders, import cycles, and that paths in the documentation exist
    Tidy,
    /// Run the interoperability checks with third-party tools (installed below target/)
    Interop(interop::Arguments),
    /// Write the documentation to target/site
    Docs,
    /// Check dependencies: licences, sources, duplicates, known vulnerabilities, that all are used, and that
    /// what runs while building was read
    SupplyChain,
    /// Run all benchmarks or one of them, or compare instruction counts with the accepted ones (`gate`)
    Bench {
        #[command(subcommand)]
        what: Option<bench::Bench>,
    },
    /// Run a folder of real documents through the generator and the planner
    Corpus(corpus::Arguments),
    /// Show which lines no test reaches
    Coverage(coverage::Arguments),
    /// Package each published crate, and build it from its package
    Package,
    /// Write completions, manual pages and licences for an archive of a release, below target/release-files
    ReleaseFiles(release_files::Arguments),
    /// Run emulator, clients, suite and observer together for long, with faults and kills, and check that nothing is lost
    /// and nothing grows
    Soak(soak::Arguments),
    /// Add an operation to a copy of the repository as spec/README.md describes it, and test the result
    Walk(walk::Arguments),
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
        Command::Corpus(arguments) => corpus::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Bench { what } => bench::run(what),
        Command::Package => package::run(),
        Command::ReleaseFiles(arguments) => release_files::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Walk(arguments) => walk::run(&arguments),
        Command::Ci => ci::run(),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
