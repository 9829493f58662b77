//! `ges conform merge`: combines the reports of shards, and of runs, replays and observations.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance_engine::report::{Report, merge, text::write_report};
use specwright::Failure;
use specwright::output::console::{data, talk, text};
use specwright::output::terminal;
use specwright::value::file::read;

use crate::call::exit_status;
use crate::commands::conform::coverage::CoverageArguments;
use crate::commands::conform::report_files::ReportArguments;

/// Combine JSON reports: all shards of one run, or runs, replays and observations of one document
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges conform --shard 1/2 --report json=1.json
  ges conform --shard 2/2 --report json=2.json
  ges conform merge 1.json 2.json --report html=report.html
  ges conform merge run.json traffic.json --coverage-min 80

", exit_status!(check)))]
pub(crate) struct Arguments {
    /// Reports written with `--report json=FILE`; of `ges conform --shard I/N` one for each I
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    coverage: CoverageArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let shards = arguments.files.iter().map(|path| {
        let shown = path.display().to_string();
        let report = Report::from_json(&read(path)?);
        report.map(|report| (shown.clone(), report)).map_err(|error| Failure::usage(format!("{shown}: {error}")))
    });
    let reports_read = shards.collect::<Result<Vec<_>, _>>()?;
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
