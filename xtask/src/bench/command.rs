//! `cargo xtask bench`: measures what we publish beside its alternatives.

use std::process::ExitCode;
use std::time::Instant;

use clap::Subcommand;

use super::{client, codegen, conform, emulator, gate};
use crate::tools;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Instructions, time, memory and growth of generating, beside progenitor alone
    Codegen,
    /// Instructions and time of one call of ges-client, reqwest, hyper and the official Python SDK
    Client,
    /// Time and memory of a thousand documented examples, and of GES's ten, beside other runners
    Conform(conform::Arguments),
    /// Requests a second, first answer, memory, flushes, and growth of the emulator, beside other servers
    Emulator(emulator::Arguments),
    /// Judge whether what runs often takes more instructions than was accepted; the others only measure
    Gate(gate::Arguments),
}

pub(crate) fn run(what: Option<Bench>) -> Result<ExitCode, String> {
    tools::end_children_on_signal()?;
    match what {
        None => all(),
        Some(Bench::Codegen) => codegen::run(),
        Some(Bench::Client) => client::run(),
        Some(Bench::Conform(arguments)) => conform::run(&arguments),
        Some(Bench::Emulator(arguments)) => emulator::run(&arguments),
        Some(Bench::Gate(arguments)) => gate::run(&arguments),
    }
}

/// What measures, one after the other, each under its heading. One that fails does not keep the others from it.
fn all() -> Result<ExitCode, String> {
    type Part = (&'static str, fn() -> Result<ExitCode, String>);
    let parts: [Part; 4] = [
        ("Codegen", codegen::run),
        ("Emulator", || emulator::run(&Default::default())),
        ("Conform", || conform::run(&Default::default())),
        ("Client", client::run),
    ];
    let mut failed = Vec::new();
    for (name, run) in parts {
        println!("## {name}\n");
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
    Err(format!("error: not measured to the end: {}", failed.join(", ")))
}
