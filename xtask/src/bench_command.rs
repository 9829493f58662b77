//! `cargo xtask bench`: what does it cost, beside what else there is?

use std::process::ExitCode;
use std::time::Instant;

use clap::Subcommand;

use crate::{bench_client, bench_codegen, bench_conform, bench_emulator, bench_gate, interruption};

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Instructions, time, memory and growth of generating, beside progenitor alone
    Codegen,
    /// Instructions and time of one call of ges-client, reqwest, hyper and the official Python SDK
    Client,
    /// Time and memory of a thousand documented examples, and of GES's ten, beside other runners
    Conform(bench_conform::Arguments),
    /// Requests a second, first answer, memory, flushes, and growth of the emulator, beside other servers
    Emulator(bench_emulator::Arguments),
    /// Judge whether what runs often takes more instructions than was accepted; the others only measure
    Gate(bench_gate::Arguments),
}

pub(crate) fn run(what: Option<Bench>) -> Result<ExitCode, String> {
    interruption::ends_everything()?;
    match what {
        None => all(),
        Some(Bench::Codegen) => bench_codegen::run(),
        Some(Bench::Client) => bench_client::run(),
        Some(Bench::Conform(arguments)) => bench_conform::run(&arguments),
        Some(Bench::Emulator(arguments)) => bench_emulator::run(&arguments),
        Some(Bench::Gate(arguments)) => bench_gate::run(&arguments),
    }
}

/// What measures, one after the other, each under its heading. One that fails does not keep the others from it.
fn all() -> Result<ExitCode, String> {
    type Part = (&'static str, fn() -> Result<ExitCode, String>);
    let parts: [Part; 4] = [
        ("Codegen", bench_codegen::run),
        ("Emulator", || bench_emulator::run(&Default::default())),
        ("Conform", || bench_conform::run(&Default::default())),
        ("Client", bench_client::run),
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
