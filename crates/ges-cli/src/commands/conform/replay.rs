//! `ges conform replay`: compares recorded traffic with the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance_engine::report::lines;
use conformance_engine::report::{Origin, Report};
use conformance_engine::traffic::recording::Recording;

use crate::Failure;
use crate::commands::conform::level::Match;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::traffic::AgainstArguments;
use crate::output::console::{self, data, talk, text};
use crate::value::file::bytes;

/// Judge recorded traffic, a HAR file or a VCR cassette, against the documentation; nothing is sent
///
/// Reads what `ges conform --report har=…` and `vcr=…` wrote, what Schemathesis records, and what browsers export.
/// Values that a recorder blanked out, and bodies that it left out, are not judged.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges conform replay traffic.har
  ges conform replay cassette.yaml --judge replies --report html=report.html

Exit status: as for `ges conform`; 4 if no exchange could be judged")]
pub(crate) struct Arguments {
    /// The recording; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    against: AgainstArguments,
    /// How closely an exchange that names its case is compared with it
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    level: Match,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let against = arguments.against.read()?;
    let shown = arguments.file.display().to_string();
    let recording = Recording::read(&bytes(&arguments.file)?)
        .map_err(|error| Failure::usage(format!("{shown}: {error}\nhint: a HAR file or a VCR cassette is needed")))?;
    let recorder = format!("{shown} ({}, {})", recording.format, recording.recorder);
    let count = recording.entries.len();
    talk(format_args!("judging {count} exchange{} of {recorder}", if count == 1 { "" } else { "s" }));

    let level = arguments.level.into();
    let mut watcher = arguments.against.watcher(&against, level);
    let entries = watcher.replay(recording);
    let report = Report::new(Origin::Replay, watcher.document(), shown, level.to_string(), entries);
    if !reports.take_stdout() {
        let style = console::style();
        data(text(|out| lines::write_report(&report, style, out)))?;
    }
    reports.write(&report)?;
    Ok(ExitCode::from(report.verdict.exit_code()))
}
