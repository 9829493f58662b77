//! `--report KIND=FILE`: checks where reports go before anything is sent, and writes them.
//!
//! A report file is written completely or not at all: it is written beside its path and then moved there. A pipe or a device
//! (`/dev/stderr`) is written directly.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::Failure;
use crate::output::console::data;
use crate::value::file;
use conformance_engine::report::{Format, Report, annotations, summary};

/// `--report`.
#[derive(clap::Args, Debug)]
pub struct ReportArguments {
    /// Also write a report; FILE may be - for standard output (repeatable). KIND is one of json (everything), html (a page),
    /// markdown (for a pull request), junit (for build servers), har and vcr (recordings that `replay` reads), and github:
    /// annotations for GitHub Actions, on standard output if no FILE is given, and the summary of the job
    #[arg(long = "report", help_heading = "Reports", value_name = "KIND=FILE")]
    wanted: Vec<ReportFile>,
}

/// One `--report`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ReportFile {
    format: Format,
    /// `None` is standard output.
    path: Option<PathBuf>,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = Format::ALL.map(Format::name).join(", ");
        let (kind, file) = match text {
            // A runner reads annotations from what a step prints.
            "github" => (text, "-"),
            _ => text.split_once('=').ok_or_else(|| format!("expected KIND=FILE, where KIND is one of {kinds}"))?,
        };
        let format = Format::ALL.into_iter().find(|format| format.name() == kind);
        let format = format.ok_or_else(|| format!("unknown report `{kind}`: expected one of {kinds}"))?;
        match file {
            "" => Err(format!("expected a file after `{kind}=`")),
            "-" => Ok(Self { format, path: None }),
            file => Ok(Self { format, path: Some(PathBuf::from(file)) }),
        }
    }
}

/// Reports whose files can be written, as far as that can be checked in advance.
pub(crate) struct Reports(Vec<ReportFile>);

impl ReportArguments {
    /// Checks that every report has its own file, which can be written and is none of the inputs: they are read before.
    pub(crate) fn open(&self) -> Result<Reports, Failure> {
        for (index, wanted) in self.wanted.iter().enumerate() {
            let place = |wanted: &ReportFile| wanted.path.as_deref().map(absolute);
            if self.wanted[..index].iter().any(|earlier| place(earlier) == place(wanted)) {
                let shown =
                    wanted.path.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
                return Err(Failure::usage(format!("two reports cannot both go to {shown}")));
            }
            if let Some(path) = &wanted.path {
                check(path)?;
            }
        }
        Ok(Reports(self.wanted.clone()))
    }
}

impl Reports {
    /// Whether a report goes to standard output, so that nothing else may.
    pub(crate) fn take_stdout(&self) -> bool {
        self.0.iter().any(|wanted| wanted.path.is_none())
    }

    /// Whether there are no reports.
    pub(crate) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes all reports, also after an error; returns the first error.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        let mut first = Ok(());
        for wanted in &self.0 {
            let text = match wanted.format {
                Format::Github => summarise(report).map(|()| annotations(report, in_repository)),
                format => report.write(format).map_err(Failure::cannot_start),
            };
            let written = text.and_then(|text| match &wanted.path {
                None => data(text),
                Some(path) => place(path, &text).map_err(|error| cannot_finish(path, &error)),
            });
            first = first.and(written);
        }
        first
    }
}

/// Adds a summary to the file that the runner of GitHub Actions names, if there is one.
fn summarise(report: &Report) -> Result<(), Failure> {
    /// How long the summary of a step may be, in bytes. Source: `AttachmentSizeLimit` in `FileCommandManager.cs` of
    /// actions/runner.
    const MOST: u64 = 1 << 20;
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let written = fs::metadata(&path).map_or(0, |file| file.len());
    let text = summary(report, usize::try_from(MOST.saturating_sub(written)).unwrap_or(0));
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| cannot_finish(&path, &error))
}

/// What GitHub calls a file: its path in the repository, where the runner says which folder that is. A document from
/// standard input is no file.
fn in_repository(file: &str) -> String {
    let workspace = std::env::var_os("GITHUB_WORKSPACE").and_then(|folder| PathBuf::from(folder).canonicalize().ok());
    let inside = Path::new(file).canonicalize().ok().and_then(|file| {
        let inside = file.strip_prefix(workspace?).ok()?;
        Some(inside.display().to_string())
    });
    inside.unwrap_or_else(|| if file == "standard input" { String::new() } else { file.to_owned() })
}

/// Checks that a file can be written, and is not one that this process reads.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    if file::is_input(path) {
        return Err(Failure::usage(format!(
            "{} is an input, and is not overwritten\nhint: name another file",
            path.display()
        )));
    }
    try_out(path).map_err(|error| cannot(path, &error))
}

pub(crate) fn cannot_finish(path: &Path, error: &std::io::Error) -> Failure {
    Failure::cannot_start(format!("cannot write {}: {error}", path.display()))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let hint =
        folder.map_or_else(String::new, |folder| format!("\nhint: the folder {} does not exist", folder.display()));
    Failure::usage(format!("cannot write {}: {error}{hint}", path.display()))
}

/// Checks that a report can be written, without a trace.
fn try_out(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        OpenOptions::new().append(true).open(path)?;
    }
    if is_replaceable(path) {
        let beside = beside(&target(path));
        OpenOptions::new().write(true).create_new(true).open(&beside)?;
        fs::remove_file(&beside)?;
    }
    Ok(())
}

pub(crate) fn place(path: &Path, text: &str) -> std::io::Result<()> {
    if !is_replaceable(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    }
    let target = target(path);
    let beside = beside(&target);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // A partial report is useless.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The path of a file that may not exist yet, without links.
fn absolute(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(beside).unwrap_or_else(|| path.to_owned())
}

/// Whether the path is a file or does not exist yet, so that a file can be moved there.
fn is_replaceable(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |found| found.is_file())
}

/// The target of a link, because a link itself is not replaced.
fn target(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(|| "report".into(), |name| name.to_string_lossy());
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
