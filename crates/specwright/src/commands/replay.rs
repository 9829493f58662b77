//! `replay`: compares recorded traffic with the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::Failure;
use crate::output::console::{data, talk, text};
use crate::output::terminal;
use crate::program::{Documentation, Program, examples};
use crate::value::file::is_read;
use crate::value::level::Match;
use crate::value::quantity::Size;
use clap::ValueHint;
use conformance_engine::recorded::Recorded;
use conformance_engine::report::text::write_report;
use conformance_engine::report::{Origin, Outcome, Report};
use conformance_engine::traffic::recording::{Contents, RecordingError, RecordingFile};

use crate::commands::coverage::CoverageArguments;
use crate::commands::report_files::ReportArguments;
use crate::commands::traffic::TrafficFlags;
use crate::commands::traffic::kept::Kept;
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
    /// Maximum size of the exchanges to keep for the reports; later ones are checked and counted but not listed
    #[arg(long, value_name = "SIZE", default_value = "64MiB", allow_negative_numbers = true)]
    keep: Size,
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
    let file = RecordingFile::open(&arguments.file)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", arguments.file.display())))?;
    let unreadable =
        |error: RecordingError| Failure::usage(format!("{shown}: {error}\nhint: use a HAR file or a VCR cassette"));
    is_read(&arguments.file);
    let reports = arguments.reports.open()?;
    let level = arguments.level.into();
    let mut watcher = arguments.traffic.watcher(&against, level);
    // Once for the secrets, so that what one exchange shows is kept out of all, and once more to judge.
    let recording = file.survey(|recorded| watcher.learn(recorded)).map_err(unreadable)?;
    let Contents { recorder, format, count } = &recording.contents;
    let (recorder, count) = (format!("{shown} ({format}, {recorder})"), *count);
    talk(format_args!("checking {count} exchange{} of {recorder}", if count == 1 { "" } else { "s" }));

    let mut kept = Kept::new(arguments.keep.0, true);
    let keeps_bodies = !reports.are_none();
    recording
        .read(|entry| {
            let size = entry.as_ref().map_or(0, Recorded::size);
            let mut entry = watcher.judge(entry);
            // Without a report, an exchange that passed is a line.
            let is_line = !keeps_bodies && entry.outcome == Outcome::Pass;
            if is_line {
                entry.exchanges.clear();
                entry.curl = None;
            }
            kept.add(entry, if is_line { 0 } else { size });
        })
        .map_err(unreadable)?;
    let mut report = Report::new(Origin::Replay, watcher.document(), shown.clone(), level.to_string(), kept.entries);
    report.omit(kept.omitted);
    report.coverage = Some(watcher.coverage());
    if !reports.take_stdout() {
        let style = terminal::style();
        data(text(|out| write_report(&report, style, out)))?;
    }
    if report.omitted > 0 {
        talk(format_args!("{} of them are counted and not listed (see --keep)", report.omitted));
    }
    reports.write(&report)?;
    arguments.coverage.conclude(&report)
}
