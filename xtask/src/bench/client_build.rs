//! `cargo xtask bench client-build`: measures what compiling a generated client costs, beside other generators' clients.
//!
//! Each generator makes a crate of the same document, as its command does by default. The crates are checked in turn, each
//! time from nothing but the built dependencies, which are not counted.

use std::path::PathBuf;
use std::process::ExitCode;

use super::codegen::synthetic;
use super::compile::Compiled;
use super::generators::{self, Generator, Made};
use super::measure::{self, median, with_range};
use crate::files;
use crate::tools::Build;

const ROUNDS: usize = 5;
const OPERATIONS: usize = 100;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// OpenAPI document to measure instead of a generated one
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    measure::supported()?;
    let folder = files::scratch("bench-client-build")?;
    let document = match &arguments.document {
        Some(document) => document.canonicalize().map_err(|error| format!("error: {}: {error}", document.display()))?,
        None => {
            let document = folder.join("document.yaml");
            files::write(&document, &synthetic(OPERATIONS))?;
            document
        }
    };
    let read = openapi_document::Document::read("document", &files::read(&document)?);
    let read = read.map_err(|found| format!("error: {found}"))?;
    let operations = openapi_document::Api::of(&read).operations().len().max(1);

    println!("{}\n", measure::machine());
    let mut clients = Vec::new();
    let known: [(&str, Install); 3] = [
        ("progenitor", generators::progenitor),
        ("openapi-to-rust", || generators::openapi_to_rust(Build::Fast)),
        ("specwright", generators::specwright),
    ];
    for (name, install) in known {
        let made = install().and_then(|generator| generator.generate(&document, &folder.join(name)));
        match made {
            Ok(made) => clients.push(Client { name, made, checks: Vec::new() }),
            Err(why) => println!("{name} was not measured: {}\n", why.lines().next().unwrap_or_default()),
        }
    }
    for round in 0..=ROUNDS {
        for client in &mut clients {
            let compiled = client.made.compile()?;
            // The first round builds the dependencies.
            if round > 0 {
                client.checks.push(compiled);
            }
        }
    }
    println!("{operations} operations; `cargo check` of the client alone, {ROUNDS} rounds in turn\n");
    println!(
        "| generator | lines | generated in, s | CPU of the check, s [min–max] | ms per operation | × progenitor, same round \
         [min–max] | peak, MiB | errors |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let seconds = |client: &Client| client.checks.iter().map(|it| it.cpu.as_secs_f64()).collect::<Vec<_>>();
    let first = clients.iter().find(|client| client.name == "progenitor").map(&seconds);
    for client in &clients {
        let times = seconds(client);
        let per_operation = median(times.clone()).unwrap_or_default() * 1000.0 / operations as f64;
        let ratios = first.as_ref().map(|first| times.iter().zip(first).map(|(a, b)| a / b).collect::<Vec<_>>());
        let ratios = ratios.map_or_else(|| "–".to_owned(), |ratios| with_range(&ratios, 2));
        let most = |of: fn(&Compiled) -> u64| client.checks.iter().map(of).max().unwrap_or_default();
        println!(
            "| {} | {} | {:.2} | {} | {per_operation:.1} | {ratios} | {} | {} |",
            client.name,
            client.made.lines(),
            client.made.cost.cpu.as_secs_f64(),
            with_range(&times, 2),
            most(|it| it.peak_mib),
            most(|it| it.errors as u64),
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds a generator.
type Install = fn() -> Result<Generator, String>;

struct Client {
    name: &'static str,
    made: Made,
    checks: Vec<Compiled>,
}
