//! `cargo xtask bench`: measures what we publish beside its alternatives.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Subcommand;

use super::measure::Ours;
use super::{builds, client, client_build, codegen, conform, document, emulator, gate, scale};
use crate::tools;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Code generation: instructions, time, memory and growth, compared with progenitor alone
    Codegen,
    /// Compiling a generated client: CPU time per operation, compared with other generators
    ClientBuild(client_build::Arguments),
    /// What users compile, from nothing: ges-client beside reqwest, the binaries, the first `cargo xtask conform`
    Builds,
    /// One call by ges-client, reqwest, hyper and the official Python SDK: instructions and time
    Client,
    /// A thousand documented examples, and GES's ten: time and memory, compared with other runners
    Conform(Ours),
    /// The emulator: requests per second, first answer, memory, flushes and growth, compared with other servers
    Emulator(Ours),
    /// A document of your own: reading, checking, planning and generating: time and memory, beside openapi-to-rust
    Document(document::Arguments),
    /// Suites of up to a hundred thousand cases: time, memory and growth of each step
    Scale,
    /// Fail if a hot path takes more instructions than accepted; the other benchmarks only measure
    Gate(gate::Arguments),
}

pub(crate) fn run(what: Option<Bench>) -> Result<ExitCode, String> {
    tools::end_children_on_signal()?;
    match what {
        None => all(),
        Some(Bench::Codegen) => codegen::run(),
        Some(Bench::ClientBuild(arguments)) => client_build::run(&arguments),
        Some(Bench::Builds) => builds::run(),
        Some(Bench::Client) => client::run(),
        Some(Bench::Conform(ours)) => conform::run(&ours),
        Some(Bench::Emulator(ours)) => emulator::run(&ours),
        Some(Bench::Document(arguments)) => document::run(&arguments),
        Some(Bench::Scale) => scale::run(),
        Some(Bench::Gate(arguments)) => gate::run(&arguments),
    }
}

/// After so long no further benchmark begins. What has begun takes its time: `builds` alone may take longer than the rest of an
/// hour on a slow machine.
const LAST_START: Duration = Duration::from_secs(45 * 60);

/// Runs all benchmarks, each under its heading. If one fails, the others still run.
fn all() -> Result<ExitCode, String> {
    type Part = (&'static str, fn() -> Result<ExitCode, String>);
    let parts: [Part; 7] = [
        ("Codegen", codegen::run),
        ("Emulator", || emulator::run(&Default::default())),
        ("Conform", || conform::run(&Default::default())),
        ("Client", client::run),
        ("Compiling a generated client", || client_build::run(&Default::default())),
        ("Scale", scale::run),
        ("Building from nothing", builds::run),
    ];
    let mut failed = Vec::new();
    let begin = Instant::now();
    for (name, run) in parts {
        println!("## {name}\n");
        if begin.elapsed() > LAST_START {
            println!(
                "not measured: the benchmarks before it took {:.0} minutes\n",
                begin.elapsed().as_secs_f64() / 60.0
            );
            failed.push(name);
            continue;
        }
        let start = Instant::now();
        match run() {
            Ok(ExitCode::SUCCESS) => {}
            Ok(_) => failed.push(name),
            Err(message) => {
                eprintln!("{message}");
                failed.push(name);
            }
        }
        println!();
        eprintln!("{name}: {:.0} s", start.elapsed().as_secs_f64());
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!("error: these benchmarks failed: {}", failed.join(", ")))
}
