//! `ges conform replay`: compares recorded traffic with the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance_engine::report::text::write_report;
use conformance_engine::report::{Origin, Report};
use conformance_engine::traffic::recording::Recording;
use specwright::Failure;
use specwright::output::console::{data, talk, text};
use specwright::output::terminal;
use specwright::value::file::bytes;
use specwright::value::level::Match;

use crate::call::exit_status;
use crate::commands::conform::coverage::CoverageArguments;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::traffic::ContractFlags;

/// Check recorded traffic, a HAR file or a VCR cassette, against the documentation; send nothing
///
/// Reads the reports of `ges conform --report har=…` and `vcr=…`, recordings of Schemathesis and exports of browsers.
/// Redacted values and omitted bodies are not checked.
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges conform replay traffic.har
  ges conform replay cassette.yaml --judge replies --report html=report.html

", exit_status!(check)))]
pub(crate) struct Arguments {
    /// Recording; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    against: ContractFlags,
    /// How much a reply must have in common with the documented one, if the recording names its case
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    level: Match,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    coverage: CoverageArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let against = arguments.against.read()?;
    let shown = arguments.file.display().to_string();
    let recording = Recording::read(&bytes(&arguments.file)?)
        .map_err(|error| Failure::usage(format!("{shown}: {error}\nhint: use a HAR file or a VCR cassette")))?;
    let recorder = format!("{shown} ({}, {})", recording.format, recording.recorder);
    let count = recording.entries.len();
    talk(format_args!("checking {count} exchange{} of {recorder}", if count == 1 { "" } else { "s" }));

    let level = arguments.level.into();
    let mut watcher = arguments.against.watcher(&against, level);
    let entries = watcher.replay(recording);
    let mut report = Report::new(Origin::Replay, watcher.document(), shown, level.to_string(), entries);
    report.coverage = Some(watcher.coverage());
    if !reports.take_stdout() {
        let style = terminal::style();
        data(text(|out| write_report(&report, style, out)))?;
    }
    reports.write(&report)?;
    arguments.coverage.conclude(&report)
}
