//! `cargo xtask bench document FILE`: measures what a large document costs: reading, checking and planning it, and making its
//! client, beside another generator.
//!
//! The commands take turns. CPU time is user and system time.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::generators;
use super::measure::{self, Cost, cost, with_range};
use crate::files;
use crate::tools::tool;

const ROUNDS: usize = 5;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// OpenAPI document, YAML or JSON
    #[arg(value_name = "FILE")]
    document: PathBuf,
    #[command(flatten)]
    ours: measure::Ours,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    measure::supported()?;
    let shown = arguments.document.display();
    let document = arguments.document.canonicalize().map_err(|error| format!("error: {shown}: {error}"))?;
    let folder = files::scratch("bench-document")?;
    let mut plan = tool(files::root().join("target/dist/specwright"));
    // A plan sends nothing.
    plan.arg("conform").arg(&document).args(["--endpoint", "http://127.0.0.1:9", "--plan"]);
    let ours = generators::specwright()?;
    let mut steps = vec![
        Step::of("`specwright conform --plan`: read, checked, planned", plan),
        Step::of("`specwright generate`", ours.command(&document, &folder.join(ours.name))),
    ];
    println!("{}\n", measure::machine());
    if !arguments.ours.only {
        match generators::openapi_to_rust(crate::tools::Build::Optimised) {
            Ok(peer) => steps.push(Step::of("openapi-to-rust", peer.command(&document, &folder.join(peer.name)))),
            Err(why) => println!("openapi-to-rust was not measured: {}\n", why.lines().next().unwrap_or_default()),
        }
    }
    let stderr = folder.join("stderr.txt");
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        for step in &mut steps {
            // What it said is read again only if it failed.
            let said =
                std::fs::File::create(&stderr).map_err(|error| format!("error: {}: {error}", stderr.display()))?;
            step.command.stderr(said);
            let cost = cost(&mut step.command);
            step.costs.push(cost.map_err(|ended| format!("{ended}\n{}", files::read(&stderr).unwrap_or_default()))?);
        }
    }
    println!("{}, {:.1} MB, {ROUNDS} rounds in turn\n", name(&document), measure::size(&document) as f64 / 1e6);
    println!("| step | CPU, s [min–max] | wall, s [min–max] | peak, MiB |");
    println!("|---|---|---|---|");
    for Step { name, costs, .. } in &steps {
        let of = |value: fn(&Cost) -> f64| costs.iter().map(value).collect::<Vec<_>>();
        let [cpu, wall] = [of(|it| it.cpu.as_secs_f64()), of(|it| it.wall.as_secs_f64())];
        let peak = costs.iter().map(|it| it.peak_kib).max().unwrap_or_default() / 1024;
        println!("| {name} | {} | {} | {peak} |", with_range(&cpu, 2), with_range(&wall, 2));
    }
    Ok(ExitCode::SUCCESS)
}

struct Step {
    name: &'static str,
    command: Command,
    costs: Vec<Cost>,
}

impl Step {
    fn of(name: &'static str, command: Command) -> Step {
        Step { name, command, costs: Vec::new() }
    }
}

fn name(document: &Path) -> String {
    document.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
