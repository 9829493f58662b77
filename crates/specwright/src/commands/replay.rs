//! `replay`: compares recorded traffic with the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::Failure;
use crate::output::console::{data, talk, text};
use crate::output::terminal;
use crate::program::{Documentation, Program, examples};
use crate::value::file::bytes;
use crate::value::level::Match;
use clap::ValueHint;
use conformance_engine::report::text::write_report;
use conformance_engine::report::{Origin, Report};
use conformance_engine::traffic::recording::Recording;

use crate::commands::coverage::CoverageArguments;
use crate::commands::report_files::ReportArguments;
use crate::commands::traffic::TrafficFlags;
use crate::exit_status;

/// Check recorded traffic, a HAR file or a VCR cassette, against the documentation; send nothing
///
/// Reads the reports of `conform --report har=…` and `vcr=…`, recordings of Schemathesis and exports of browsers.
/// Redacted values and omitted bodies are not checked.
#[derive(clap::Args)]
#[command(after_help = after_help::<P>(), allow_missing_positional = true)]
pub struct Arguments<P: Program> {
    #[command(flatten)]
    documentation: P::Documentation,
    /// Recording; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    traffic: TrafficFlags,
    /// How much a reply must have in common with the documented one, if the recording names its case
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    level: Match,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    coverage: CoverageArguments,
}

fn after_help<P: Program>() -> String {
    let examples =
        examples::<P>(&["{replay} traffic.har", "{replay} cassette.yaml --judge replies --report html=report.html"]);
    format!("{examples}\n{}", exit_status!(check))
}

/// Judges the recording and reports.
///
/// # Errors
/// The documentation or the recording cannot be read, or a report cannot be written.
pub fn run<P: Program>(arguments: &Arguments<P>) -> Result<ExitCode, Failure> {
    let against = arguments.documentation.read()?;
    let shown = arguments.file.display().to_string();
    let recording = Recording::read(&bytes(&arguments.file)?)
        .map_err(|error| Failure::usage(format!("{shown}: {error}\nhint: use a HAR file or a VCR cassette")))?;
    let reports = arguments.reports.open()?;
    let recorder = format!("{shown} ({}, {})", recording.format, recording.recorder);
    let count = recording.entries.len();
    talk(format_args!("checking {count} exchange{} of {recorder}", if count == 1 { "" } else { "s" }));

    let level = arguments.level.into();
    let mut watcher = arguments.traffic.watcher::<P>(&against, level);
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
