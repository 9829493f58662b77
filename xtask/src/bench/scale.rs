//! `cargo xtask bench scale`: measures a suite of up to a hundred thousand cases: reading, checking, deriving, planning,
//! running and writing the report.
//!
//! The documents are generated: operations that are alike, each with a schema of its own. About fifty cases follow from
//! each. The server is a process of its own, and right. Memory is the peak so far, so it never falls from step to step.

use std::process::ExitCode;

use super::measure;
use crate::tools::{self, tool};

/// Of a thousand cases, ten thousand, a hundred thousand.
const OPERATIONS: [usize; 3] = [20, 200, 2000];

pub(crate) fn run() -> Result<ExitCode, String> {
    measure::supported()?;
    measure::build_yardsticks()?;
    println!("{}\n", measure::machine());
    println!("| operations | cases | step | s | CPU, s | peak memory, MB |");
    println!("|---|---|---|---|---|---|");
    let mut runs = Vec::new();
    for operations in OPERATIONS {
        eprintln!("{operations} operations");
        let text = tools::output(tool(measure::yardstick("scale")).arg(operations.to_string()))?;
        let run = Run::read(&text).ok_or_else(|| format!("error: the yardstick printed\n{text}"))?;
        for (index, step) in run.steps.iter().enumerate() {
            let (operations, cases) =
                if index == 0 { (operations.to_string(), run.cases.to_string()) } else { Default::default() };
            let Step { name, wall, cpu, peak_kib } = step;
            println!("| {operations} | {cases} | {name} | {wall:.3} | {cpu:.2} | {:.1} |", *peak_kib * 1024.0 / 1e6);
        }
        runs.push(run);
    }
    let [_, middle, last] = &runs[..] else { return Ok(ExitCode::SUCCESS) };
    let growth = |less: f64, more: f64| (more / less).ln() / (last.cases / middle.cases).ln();
    println!("\nGrowth from {} to {} cases, as N^x:\n", middle.cases, last.cases);
    println!("| step | time | peak memory |");
    println!("|---|---|---|");
    for (less, more) in middle.steps.iter().zip(&last.steps) {
        let [time, memory] = [growth(less.wall, more.wall), growth(less.peak_kib, more.peak_kib)];
        println!("| {} | {time:.2} | {memory:.2} |", more.name);
    }
    Ok(ExitCode::SUCCESS)
}

/// What the yardstick prints.
struct Run {
    cases: f64,
    steps: Vec<Step>,
}

struct Step {
    name: String,
    wall: f64,
    cpu: f64,
    peak_kib: f64,
}

impl Run {
    fn read(text: &str) -> Option<Run> {
        let mut run = Run { cases: 0.0, steps: Vec::new() };
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["cases", cases] => run.cases = cases.parse().ok()?,
                ["report", _] => {}
                [name, wall, cpu, peak_kib] => run.steps.push(Step {
                    name: name.to_owned(),
                    wall: wall.parse().ok()?,
                    cpu: cpu.parse().ok()?,
                    peak_kib: peak_kib.parse().ok()?,
                }),
                _ => return None,
            }
        }
        (run.cases > 0.0 && !run.steps.is_empty()).then_some(run)
    }
}
