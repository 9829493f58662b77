//! `ges conform merge`: combines the reports of the shards of one run.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance_engine::report::{Report, merge, text::write_report};

use crate::Failure;
use crate::call::exit_status;
use crate::commands::conform::report_files::ReportArguments;
use crate::output::console::{self, data, text};
use crate::value::file::read;

/// Combine the JSON reports of all shards of one run
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges conform --shard 1/2 --report json=1.json
  ges conform --shard 2/2 --report json=2.json
  ges conform merge 1.json 2.json --report html=report.html

", exit_status!(check)))]
pub(crate) struct Arguments {
    /// Reports of `ges conform --shard I/N --report json=FILE`, one for each I
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let shards = arguments.files.iter().map(|path| {
        let shown = path.display().to_string();
        let report = Report::from_json(&read(path)?);
        report.map(|report| (shown.clone(), report)).map_err(|error| Failure::usage(format!("{shown}: {error}")))
    });
    let merged = merge(shards.collect::<Result<_, _>>()?).map_err(Failure::usage)?;
    if !reports.take_stdout() {
        data(text(|out| write_report(&merged, console::style(), out)))?;
    }
    reports.write(&merged)?;
    Ok(ExitCode::from(merged.verdict.exit_code()))
}
