//! `merge`: combines the reports of shards, and of runs, replays and observations.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::Failure;
use crate::output::console::{data, talk, text};
use crate::output::terminal;
use crate::program::{Program, examples};
use crate::value::file::json;
use conformance_engine::report::{Report, merge, text::write_report};

use crate::commands::coverage::CoverageArguments;
use crate::commands::report_files::ReportArguments;
use crate::exit_status;

/// Combine JSON reports: all shards of one run, or runs, replays and observations of one document
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Arguments<P: Program> {
    /// Reports written with `--report json=FILE`; of `conform --shard I/N` one for each I
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    coverage: CoverageArguments,
    #[arg(skip)]
    program: PhantomData<P>,
}

fn after_help<P: Program>() -> String {
    let examples = examples::<P>(&[
        "{conform} --shard 1/2 --report json=1.json",
        "{conform} --shard 2/2 --report json=2.json",
        "{merge} 1.json 2.json --report html=report.html",
        "{merge} run.json traffic.json --coverage-min 80",
    ]);
    format!("{examples}\n{}", exit_status!(check))
}

/// Merges the reports, prints the result and writes it.
///
/// # Errors
/// A report cannot be read or written, or they do not belong together.
pub fn run<P: Program>(arguments: &Arguments<P>) -> Result<ExitCode, Failure> {
    let shards = arguments.files.iter().map(|path| {
        let shown = path.display().to_string();
        let report = Report::from_json(&json(path)?);
        report.map(|report| (shown.clone(), report)).map_err(|error| Failure::usage(format!("{shown}: {error}")))
    });
    let reports_read = shards.collect::<Result<Vec<_>, _>>()?;
    let reports = arguments.reports.open()?;
    let covering = reports_read.iter().filter(|(_, report)| report.coverage.is_some()).count();
    let merged = merge(reports_read).map_err(Failure::usage)?;
    if merged.coverage.is_none() && covering > 0 {
        talk("note: not every report says what it covers, so the coverage is not merged");
    }
    if !reports.take_stdout() {
        data(text(|out| write_report(&merged, terminal::style(), out)))?;
    }
    reports.write(&merged)?;
    arguments.coverage.conclude(&merged)
}
