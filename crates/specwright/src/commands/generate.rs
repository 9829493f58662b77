//! `specwright generate`: writes the client of a document as a crate, or files that follow from a document.

mod disk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueHint;
use conformance_engine::report::text::counted;
use conformance_engine::shell;
use conformance_engine::visible::escaped;
use openapi_document::{Api, Diagnostics, Document, check, generated_mark};
use specwright_codegen::{
    Artefact, Generated, GeneratedFile, LeftOut, Report, check_crate_name, crate_name, generate_document,
    generate_document_lenient, package,
};

use crate::Failure;
use crate::openapi::DocumentFlags;
use crate::output;
use crate::output::console::{shown, talk};
use crate::output::diagnostics;
use crate::value::file::is_input;
use crate::value::most::Most;

/// Generate a client as a crate that builds, or single files (--only)
///
/// What cannot be generated is left out, with a warning or an error for each reason, and the rest is generated; report.txt
/// lists all of it. With --strict, everything is generated or nothing. A file that specwright did not write is never
/// overwritten: then nothing is written.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  specwright generate openapi.yaml --out client
  specwright generate openapi.yaml --out client --check
  specwright generate openapi.yaml --out tests/api --only cases,contract

Exit status:
  0    the files are written, or nothing is stale
  1    nothing is generated, a file of somebody else is in
       the way, or a file is stale (--check)
  2    bad usage, or the document cannot be read
  3    could not write the files")]
pub struct Arguments {
    #[command(flatten)]
    document: DocumentFlags,
    /// Folder of the files; created if it does not exist
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Name of the crate [default: the title of the document with hyphens, and -client]
    #[arg(long, value_name = "NAME", conflicts_with = "only")]
    crate_name: Option<String>,
    /// Write these files instead of a crate
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    only: Vec<Only>,
    /// Write nothing; name each stale file and exit with 1 if there is one
    #[arg(long)]
    check: bool,
    /// Require the document to keep every rule, and generate all of it or nothing
    #[arg(long)]
    strict: bool,
    /// Most mistakes of the document that are printed, errors first; all are counted
    #[arg(long, value_name = "N|all", default_value = "50")]
    max: Most,
}

/// What can be written alone.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Only {
    /// client.rs: the typed client
    Client,
    /// enums.rs: the operations and the states as enums
    Enums,
    /// mock.rs: fixtures for unit tests, of the crate specwright-mock
    Mock,
    /// cases.json: the suite, for a program without the document
    Cases,
    /// contract.json: what traffic is judged by
    Contract,
    /// merged.yaml: the document with one operation for each path and method
    Merged,
    /// httpmock/stubs.yaml: the examples, for the standalone server of httpmock
    Stubs,
    /// cassette.vcr.yaml: the examples as a VCR cassette
    Cassette,
    /// exchanges.har: the examples as a HAR file
    Har,
}

impl Only {
    fn wanted(self) -> (Artefact, PathBuf) {
        let (artefact, path) = match self {
            Only::Client => (Artefact::Client { inner: None }, "client.rs"),
            Only::Enums => (Artefact::Enums, "enums.rs"),
            Only::Mock => (Artefact::Mock { fixture: None }, "mock.rs"),
            Only::Cases => (Artefact::Cases, "cases.json"),
            Only::Contract => (Artefact::Contract, "contract.json"),
            Only::Merged => (Artefact::Merged, "merged.yaml"),
            // In a folder of its own: httpmock reads every file of the folder it is given.
            Only::Stubs => (Artefact::Stubs, "httpmock/stubs.yaml"),
            Only::Cassette => (Artefact::Cassette, "cassette.vcr.yaml"),
            Only::Har => (Artefact::Har, "exchanges.har"),
        };
        (artefact, PathBuf::from(path))
    }
}

/// Writes the files, or checks that they are current.
///
/// # Errors
/// The document cannot be read, nothing can be generated from it, or a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let name = shown(&arguments.document.document.to_string_lossy());
    let document = match arguments.document.read()? {
        Ok(document) => document,
        Err(found) => {
            diagnostics::print(&found, arguments.max.0);
            return Err(Failure::new(1, format!("nothing is generated from {name}")));
        }
    };
    let mut wrong = (0, 0);
    if !arguments.strict {
        // What only the strict generator cannot do, this one does or reports itself.
        let found = check(&Api::of(&document));
        let found = Diagnostics(found.0.into_iter().filter(|problem| !problem.is_limit()).collect());
        diagnostics::print(&found, arguments.max.0);
        wrong = (found.errors().count(), found.warnings().count());
    }
    // What is generated is the same wherever the command runs.
    let path = document.name().to_owned();
    let document = match Path::new(&path).file_name() {
        Some(file) => document.named(&file.to_string_lossy()),
        None => document,
    };
    let file = document.name().to_owned();
    let Generated { mut files, report } = generate(document, arguments)?.map_err(|mut found| {
        found.0.iter_mut().filter(|problem| problem.file == file).for_each(|problem| problem.file.clone_from(&path));
        diagnostics::print(&found, arguments.max.0);
        Failure::new(1, format!("nothing is generated from {name}"))
    })?;
    if report.operations == 0 {
        return Err(Failure::new(1, format!("nothing is generated from {name}: it has no operations")));
    }
    files.push(GeneratedFile {
        path: PathBuf::from("report.txt"),
        text: format!("@generated {}\n\n{report}", generated_mark(&file)),
    });
    for file in &mut files {
        file.path = arguments.out.join(&file.path);
    }
    let is_current = if arguments.check { is_current(&files)? } else { write(&arguments.out, &files)? };
    summarize(&report, wrong, &arguments.out.join("report.txt"));
    if arguments.check && !is_current {
        talk("hint: run the same command without --check, and commit the result");
        return Ok(ExitCode::FAILURE);
    }
    if !arguments.check && arguments.only.is_empty() {
        let manifest = shell::word(&arguments.out.join("Cargo.toml").to_string_lossy());
        manifest.iter().for_each(|manifest| talk(format_args!("next: cargo test --manifest-path {manifest}")));
    }
    Ok(ExitCode::SUCCESS)
}

/// The files that the arguments ask for.
fn generate(document: Document, arguments: &Arguments) -> Result<Result<Generated, Diagnostics>, Failure> {
    if arguments.only.is_empty() {
        let name = name_of(&document, arguments)?;
        return Ok(package(document, &name, arguments.strict));
    }
    let mut wanted: Vec<(Artefact, PathBuf)> = Vec::new();
    for only in arguments.only.iter().map(|only| only.wanted()) {
        if !wanted.contains(&only) {
            wanted.push(only);
        }
    }
    if !arguments.strict {
        return Ok(generate_document_lenient(&document, &wanted));
    }
    let operations = Api::of(&document).operations().len();
    let report = Report { operations, generated: operations, ..Report::default() };
    Ok(generate_document(&document, &wanted).map(|files| Generated { files, report }))
}

fn name_of(document: &Document, arguments: &Arguments) -> Result<String, Failure> {
    if let Some(name) = &arguments.crate_name {
        check_crate_name(name)
            .map_err(|wrong| Failure::usage(format!("--crate-name: {name:?} is no name of a crate: {wrong}")))?;
        return Ok(name.clone());
    }
    let title = document.root().get("info").and_then(|info| info.text("title")).unwrap_or_default();
    crate_name(title).ok_or_else(|| {
        Failure::usage(format!(
            "the title of the document, {title:?}, has no ASCII letter or digit to name a crate by\nhint: add --crate-name NAME"
        ))
    })
}

/// Names each file that differs from what would be written.
fn is_current(files: &[GeneratedFile]) -> Result<bool, Failure> {
    let mut is_current = true;
    for file in files {
        if let Some(difference) = output::file::difference(&file.path, &file.text) {
            is_current = false;
            talk(format_args!("error: {} is stale\n{}", file.path.display(), difference.trim_end()));
        }
    }
    Ok(is_current)
}

/// Writes the files, unless one is in the way that somebody else wrote, or a link that may lead out of the folder.
fn write(out: &Path, files: &[GeneratedFile]) -> Result<bool, Failure> {
    if let Some(link) = files.iter().find_map(|file| disk::link(out, &file.path)) {
        return Err(Failure::new(
            1,
            format!(
                "{} is a symbolic link, so nothing is written\nhint: remove the link, or choose another --out",
                link.display()
            ),
        ));
    }
    if let Some(file) = files.iter().find(|file| is_input(&file.path)) {
        return Err(Failure::usage(format!(
            "{} is an input, so nothing is written\nhint: choose another --out",
            file.path.display()
        )));
    }
    let foreign: Vec<String> =
        files.iter().filter(|file| disk::is_foreign(&file.path)).map(|file| file.path.display().to_string()).collect();
    if !foreign.is_empty() {
        return Err(Failure::new(
            1,
            format!(
                "specwright did not write {}, so nothing is written\n\
                 hint: choose another --out, move what is in the way, or write single files with --only",
                foreign.join(", ")
            ),
        ));
    }
    for file in files {
        if output::file::write(&file.path, &file.text)? {
            talk(format_args!("wrote {}", file.path.display()));
        }
    }
    Ok(true)
}

/// So many operations that are left out are named; the report names all.
const NAMED: usize = 10;

/// Says what the report in a file comes to, and how many errors and warnings about the document itself were printed.
fn summarize(report: &Report, (errors, more): (usize, usize), path: &Path) {
    let Report { operations, generated, left_out, warnings, renames, .. } = report;
    let wrong = match (errors, more) {
        (0, 0) => String::new(),
        (0, more) => format!("{} of the document, ", counted(more, "warning")),
        (errors, 0) => format!("{} of the document, ", counted(errors, "error")),
        (errors, more) => format!("{} and {} of the document, ", counted(errors, "error"), counted(more, "warning")),
    };
    talk(format_args!(
        "{generated} of {} generated; {wrong}{} left out, {}, {} (see {})",
        counted(*operations, "operation"),
        left_out.len(),
        counted(warnings.len(), "warning"),
        counted(renames.len(), "rename"),
        path.display()
    ));
    for LeftOut { operation, reasons } in left_out.iter().take(NAMED) {
        let reason = reasons.first().map_or("", |reason| &reason.message);
        let more = if reasons.len() > 1 { format!(" (and {} more)", reasons.len() - 1) } else { String::new() };
        talk(format_args!("  left out: {}{more}", escaped(&format!("{operation}: {reason}"))));
    }
    if left_out.len() > NAMED {
        talk(format_args!("  and {} more", left_out.len() - NAMED));
    }
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    warnings.iter().for_each(|warning| *rules.entry(warning.rule).or_default() += 1);
    for (rule, count) in rules {
        talk(format_args!("  {}: {rule}", counted(count, "warning")));
    }
}
