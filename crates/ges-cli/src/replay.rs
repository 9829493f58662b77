//! `ges conform replay`: does recorded traffic keep what the documentation says?

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::report::lines;
use conformance_engine::report::{Origin, Report};
use conformance_engine::suite::Suite;
use conformance_engine::traffic::recording::Recording;
use conformance_engine::traffic::watcher::{Blame, Watcher};

use crate::Failure;
use crate::conform::{Match, text};
use crate::console::{self, data, talk};
use crate::reports::ReportArguments;

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

/// What traffic is held against, and how.
#[derive(clap::Args)]
pub(crate) struct AgainstArguments {
    /// Whose mistakes count; the others are noted
    #[arg(long, value_name = "SIDE", value_enum, default_value_t = Side::Both)]
    judge: Side,
    /// A path below which the API is, such as /ges (repeatable)
    #[arg(long, value_name = "PATH")]
    base_path: Vec<String>,
    /// Another API than GES, as `cargo xtask codegen --spec` derives it from a document
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// The cases of that API, for recordings that name them
    #[arg(long, value_name = "FILE", requires = "contract")]
    cases: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Side {
    /// Of who asks and of who answers
    Both,
    /// Of who asks
    Requests,
    /// Of who answers
    Replies,
}

/// A document, as far as traffic needs it.
pub(crate) struct Against {
    contract: Contract,
    suite: Option<Suite>,
}

impl AgainstArguments {
    pub(crate) fn read(&self) -> Result<Against, Failure> {
        let Some(path) = &self.contract else {
            let contract = ges_conformance::contract().map_err(Failure::cannot_start)?;
            let suite = ges_conformance::suite().map_err(Failure::cannot_start)?;
            return Ok(Against { contract, suite: Some(suite) });
        };
        let contract = Contract::from_json(&read(path)?)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        let suite = self.cases.as_deref().map(|path| {
            Suite::from_json(&read(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        });
        Ok(Against { contract, suite: suite.transpose()? })
    }

    pub(crate) fn watcher<'a>(&self, against: &'a Against, level: Level) -> Watcher<'a> {
        let blame = match self.judge {
            Side::Both => Blame::Both,
            Side::Requests => Blame::Requests,
            Side::Replies => Blame::Replies,
        };
        let watcher = Watcher::new(&against.contract, against.suite.as_ref(), level, blame);
        self.base_path.iter().fold(watcher, |watcher, path| watcher.below(path))
    }
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

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(cannot)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(cannot)
}
