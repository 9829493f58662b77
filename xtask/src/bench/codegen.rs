//! `cargo xtask bench codegen`: measures code generation beside progenitor alone.
//!
//! "Ours" is everything that is generated (client, enums, cases, merged document), checked and formatted. "Progenitor
//! alone" is its client, from the lowered document, formatted by prettyplease.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use specwright_codegen::Artefact;

use super::measure::{self, Cost, cost, instructions, median};
use crate::tools::{self, cargo, tool};
use crate::{files, layout};

const ROUNDS: usize = 5;
/// What `specwright generate` writes of a document.
const EVERYTHING: &str = "client,enums,mock,cases,contract,merged,stubs,cassette,har";
const SIZES: [usize; 4] = [100, 300, 1000, 3000];

pub(crate) fn run() -> Result<ExitCode, String> {
    measure::supported()?;
    measure::build_yardsticks()?;
    tools::run(cargo().args(["build", "--profile=dist", "--package=specwright"]))?;
    let folder = files::scratch("bench")?;
    let bench = Bench { folder, target: files::root().join("target/dist") };

    println!("{}\n", measure::machine());
    println!("| document | tool | instructions, M | CPU, s | wall, s [min–max] | peak, MiB |");
    println!("|---|---|---|---|---|---|");
    let ges = files::root().join(layout::DOCUMENT);
    bench.row("five GES operations", &ges, true)?;
    let mut ours = Vec::new();
    for size in SIZES {
        let document = bench.folder.join(format!("s{size}.yaml"));
        files::write(&document, &synthetic(size))?;
        let costs = bench.row(
            &format!("{size} operations, {} kB", measure::size(&document) / 1000),
            &document,
            size == SIZES[0],
        )?;
        ours.push((size, costs));
    }
    println!(
        "\ngrowth of CPU time from {} to {} operations: N^{:.2}",
        SIZES[0],
        SIZES[SIZES.len() - 1],
        exponent(&ours)
    );
    check()?;
    Ok(ExitCode::SUCCESS)
}

struct Bench {
    folder: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// Measures both in turn, prints a row for each and their ratio, and returns ours.
    fn row(&self, name: &str, document: &Path, with_instructions: bool) -> Result<Cost, String> {
        let out = self.folder.join("out");
        let mut ours = tool(self.target.join("specwright"));
        ours.arg("generate").arg(document).arg("--out").arg(&out).args(["--only", EVERYTHING]);
        files::write(&out.join("lowered.json"), &lowered(document)?)?;
        let mut alone = tool(measure::yardstick("progenitor_alone"));
        alone.arg(out.join("lowered.json")).arg(self.folder.join("client.rs"));

        let mut costs = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            costs.0.push(cost(&mut ours)?);
            costs.1.push(cost(&mut alone)?);
        }
        let count = |command: &Command| with_instructions.then(|| instructions(command)).flatten();
        let counted = (count(&ours), count(&alone));
        let ours = print_row(name, "ours, everything", counted.0, &costs.0);
        let alone = print_row("", "progenitor alone", counted.1, &costs.1);
        let instructions =
            counted.0.zip(counted.1).map_or_else(String::new, |(a, b)| format!("{:.2}×", a as f64 / b as f64));
        let ratio = |a: f64, b: f64| if b > 0.0 { format!("{:.2}×", a / b) } else { String::new() };
        println!(
            "| | ratio | {instructions} | {} | {} | {} |",
            ratio(ours.cpu.as_secs_f64(), alone.cpu.as_secs_f64()),
            ratio(ours.wall.as_secs_f64(), alone.wall.as_secs_f64()),
            ratio(ours.peak_kib as f64, alone.peak_kib as f64),
        );
        Ok(ours)
    }
}

/// The input of progenitor alone.
fn lowered(document: &Path) -> Result<String, String> {
    let name = document.display().to_string();
    let wanted = [(Artefact::Lowered, PathBuf::new())];
    let generated = specwright_codegen::generate_lenient(&name, &files::read(document)?, &wanted);
    let generated = generated.map_err(|found| found.to_string())?;
    Ok(generated.files.into_iter().map(|file| file.text).collect())
}

fn print_row(name: &str, tool: &str, instructions: Option<u64>, costs: &[Cost]) -> Cost {
    let middle = |value: fn(&Cost) -> Duration| median(costs.iter().map(value).collect()).unwrap_or_default();
    let cost = Cost {
        wall: middle(|cost| cost.wall),
        cpu: middle(|cost| cost.cpu),
        peak_kib: median(costs.iter().map(|cost| cost.peak_kib).collect()).unwrap_or_default(),
    };
    let walls = || costs.iter().map(|cost| cost.wall.as_secs_f64());
    println!(
        "| {name} | {tool} | {} | {:.2} | {:.3} [{:.3}–{:.3}] | {} |",
        instructions.map_or_else(|| "–".to_owned(), |count| format!("{:.1}", count as f64 / 1e6)),
        cost.cpu.as_secs_f64(),
        cost.wall.as_secs_f64(),
        walls().fold(f64::INFINITY, f64::min),
        walls().fold(0.0, f64::max),
        cost.peak_kib / 1024,
    );
    cost
}

/// The slope of log(CPU) over log(size), by least squares.
fn exponent(costs: &[(usize, Cost)]) -> f64 {
    let points: Vec<(f64, f64)> =
        costs.iter().map(|(size, cost)| ((*size as f64).ln(), cost.cpu.as_secs_f64().max(0.005).ln())).collect();
    let count = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let variance: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    covariance / variance
}

/// The wall time of an up-to-date `cargo xtask codegen --check`, cargo included.
fn check() -> Result<(), String> {
    let generated = layout::derived(files::root(), files::read)?;
    let stamps = || {
        generated.iter().map(|file| std::fs::metadata(&file.path).and_then(|m| m.modified()).ok()).collect::<Vec<_>>()
    };
    let before = stamps();
    let mut walls = Vec::new();
    for _ in 0..20 {
        walls.push(cost(cargo().args(["xtask", "codegen", "--check"]))?.wall.as_secs_f64() * 1000.0);
    }
    let written = if before == stamps() { "nothing was written" } else { "FILES WERE WRITTEN" };
    let least = walls.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "up-to-date `cargo xtask codegen --check`: {:.0} ms, at least {least:.0} ms; {written}",
        median(walls).unwrap_or_default()
    );
    Ok(())
}

/// A document of `count` operations: each a POST with two path parameters, a body, two schemas of its own, seven
/// statuses, and a documented exchange.
pub(super) fn synthetic(count: usize) -> String {
    let mut paths = String::from("openapi: 3.0.3\ninfo:\n  title: Synthetic\n  version: '1'\npaths:\n");
    let mut schemas = String::from(
        "components:\n  schemas:\n    Failure:\n      type: object\n      properties:\n        code:\n          type: string\n          description: What went wrong, as a code.\n        message:\n          type: string\n          description: What went wrong, in words.\n",
    );
    for n in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            paths,
            "  /projects/{{project_id}}/things/{{thing_id}}/operation{n}:\n    post:\n      operationId: operation_{n}\n      summary: Carry out operation {n}\n      description: This operation does what operations do, and says so in a sentence of some length.\n      parameters:\n        - name: project_id\n          in: path\n          required: true\n          description: The project.\n          schema:\n            type: string\n          example: p-1\n        - name: thing_id\n          in: path\n          required: true\n          description: The thing.\n          schema:\n            type: string\n          example: t-1\n      requestBody:\n        required: true\n        content:\n          application/json:\n            schema:\n              $ref: '#/components/schemas/Request{n}'\n            examples:\n              done:\n                value:\n                  name: thing {n}\n                  count: {n}\n      responses:\n        '200':\n          description: It is done.\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/Reply{n}'\n              examples:\n                done:\n                  value:\n                    job_id: job-{n}\n"
        );
        for status in [400, 401, 403, 404, 500, 503] {
            let _ = write!(
                paths,
                "        '{status}':\n          description: It is not done.\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/Failure'\n"
            );
        }
        let _ = write!(
            schemas,
            "    Request{n}:\n      type: object\n      required: [name]\n      properties:\n        name:\n          type: string\n          description: The name of the thing.\n        count:\n          type: integer\n          description: How many of them.\n        force:\n          type: boolean\n          default: false\n    Reply{n}:\n      type: object\n      properties:\n        job_id:\n          type: string\n          description: The job that does it.\n        state:\n          type: string\n"
        );
    }
    paths + &schemas
}
