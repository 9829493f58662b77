//! `--report KIND=FILE`: checks where reports go before anything is sent, and writes them.
//!
//! A report appears whole or not at all: it is written beside its place and then moved there. What is no file (a pipe,
//! `/dev/stderr`) is written as it is.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use conformance_engine::report::{Format, Report};

use crate::Failure;
use crate::output::console::data;

#[derive(clap::Args)]
pub(crate) struct ReportArguments {
    /// Also write a report: KIND is json, junit, har, vcr or html, and FILE may be - for standard output (repeatable)
    #[arg(long = "report", value_name = "KIND=FILE")]
    wanted: Vec<Wanted>,
}

/// One report that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    format: Format,
    /// Nothing is standard output.
    path: Option<PathBuf>,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = Format::ALL.map(Format::name).join(", ");
        let (kind, file) =
            text.split_once('=').ok_or_else(|| format!("expected KIND=FILE, where KIND is one of {kinds}"))?;
        let format = Format::ALL.into_iter().find(|format| format.name() == kind);
        let format = format.ok_or_else(|| format!("no report is called `{kind}`: expected one of {kinds}"))?;
        match file {
            "" => Err(format!("there is no file after `{kind}=`")),
            "-" => Ok(Self { format, path: None }),
            file => Ok(Self { format, path: Some(PathBuf::from(file)) }),
        }
    }
}

/// Reports that can be written, as far as anybody can know beforehand.
pub(crate) struct Reports(Vec<Wanted>);

impl ReportArguments {
    /// Makes sure that every report has a place of its own that can be written to.
    pub(crate) fn open(&self) -> Result<Reports, Failure> {
        for (index, wanted) in self.wanted.iter().enumerate() {
            if self.wanted[..index].iter().any(|earlier| earlier.path == wanted.path) {
                let shown =
                    wanted.path.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
                return Err(Failure::usage(format!("two reports cannot both go to {shown}")));
            }
            if let Some(path) = &wanted.path {
                try_out(path).map_err(|error| cannot(path, &error))?;
            }
        }
        Ok(Reports(self.wanted.clone()))
    }
}

impl Reports {
    /// Standard output belongs to a report, so nothing else may be written there.
    pub(crate) fn take_stdout(&self) -> bool {
        self.0.iter().any(|wanted| wanted.path.is_none())
    }

    /// Nobody wants any.
    pub(crate) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes all of them. One that cannot be written does not keep the others from it.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        let mut first = Ok(());
        for wanted in &self.0 {
            let text = report.write(wanted.format).map_err(Failure::cannot_start);
            let written = text.and_then(|text| match &wanted.path {
                None => data(text),
                Some(path) => place(path, &text).map_err(|error| {
                    Failure::cannot_start(format!("the report {} cannot be written: {error}", path.display()))
                }),
            });
            first = first.and(written);
        }
        first
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let hint = folder.map_or_else(String::new, |folder| format!("\nhint: there is no folder {}", folder.display()));
    Failure::usage(format!("the report {} cannot be written: {error}{hint}", path.display()))
}

/// Leaves nothing behind.
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

fn place(path: &Path, text: &str) -> std::io::Result<()> {
    if !is_replaceable(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    }
    let target = target(path);
    let beside = beside(&target);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // What could be written of it is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A file, or nothing yet: something that another file can take the place of.
fn is_replaceable(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |found| found.is_file())
}

/// Where a link leads; a link itself is not replaced.
fn target(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(|| "report".into(), |name| name.to_string_lossy());
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
