//! `cargo xtask codegen`: generates files from the documents, or checks that they are current.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use openapi_document::{Api, Diagnostics};
use specwright_codegen::{Artefact, Report};

use crate::document::Output;
use crate::{document, files, layout};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; name each stale file and exit with 1 if there is one
    #[arg(long)]
    check: bool,
    /// Generate from another document (requires --out)
    #[arg(long, value_name = "FILE", requires = "out")]
    spec: Option<PathBuf>,
    /// Folder for the files generated from --spec
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// Require the document to keep every rule, and generate all of it or nothing
    #[arg(long, requires = "spec")]
    strict: bool,
    /// Also write the input of the client generator, as lowered.json
    #[arg(long, requires = "out")]
    lowered: bool,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let generated = match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(out)) => {
            let mut wanted = artefacts(|name| out.join(name));
            wanted.extend(arguments.lowered.then(|| (Artefact::Lowered, out.join("lowered.json"))));
            let output = &arguments.output;
            let failed = |found: Diagnostics| {
                output.print(&found);
                format!("error: nothing is generated from {}", spec.display())
            };
            let document = document::read(spec)?.map_err(failed)?;
            if arguments.strict {
                specwright_codegen::generate_document(&document, &wanted).map_err(failed)?
            } else {
                let found = openapi_document::check(&Api::of(&document));
                // What the strict generator cannot do, this one does or reports itself.
                output.print(&Diagnostics(found.0.into_iter().filter(|problem| !problem.is_limit()).collect()));
                let generated = specwright_codegen::generate_document_lenient(&document, &wanted).map_err(failed)?;
                summarize(&generated.report, &out.join("report.txt"), output)?;
                generated.files
            }
        }
        _ => layout::derived(files::root(), files::read)?,
    };

    let mut stale = 0;
    for file in &generated {
        let path = files::shown(&file.path);
        if arguments.check {
            if let Some(difference) = files::difference(&file.path, &file.text) {
                stale += 1;
                eprint!("error: {} is stale\n{difference}", path.display());
            }
        } else if files::write(&file.path, &file.text)? {
            arguments.output.say(&format!("wrote {}", path.display()));
        }
    }
    if stale > 0 {
        eprintln!("hint: run `cargo xtask codegen` and commit the result");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether everything generated in this repository is current.
pub(crate) fn check() -> Result<ExitCode, String> {
    run(&Arguments { check: true, spec: None, out: None, strict: true, lowered: false, output: Output::default() })
}

/// Writes the whole report, and says what it comes to.
fn summarize(report: &Report, path: &Path, output: &Output) -> Result<(), String> {
    files::write(path, &report.to_string())?;
    let shown = files::shown(path).display().to_string();
    let Report { operations, generated, left_out, warnings, renames, .. } = report;
    let mut summary = format!("{generated} of {operations} operations");
    if left_out.is_empty() {
        summary += " generated";
    } else {
        summary += &format!("; {} left out", left_out.len());
    }
    if !left_out.is_empty() || !warnings.is_empty() || !renames.is_empty() {
        summary += &format!(", see {shown}");
    }
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    output.say(&format!("{summary} ({}, {})", counted(warnings.len(), "warning"), counted(renames.len(), "rename")));
    Ok(())
}

fn artefacts(path: impl Fn(&str) -> PathBuf) -> Vec<(Artefact, PathBuf)> {
    vec![
        (Artefact::Client { inner: None }, path("client.rs")),
        (Artefact::Enums, path("enums.rs")),
        (Artefact::Mock { fixture: "crate::fixture" }, path("mock.rs")),
        (Artefact::Cases, path("cases.json")),
        (Artefact::Contract, path("contract.json")),
        (Artefact::Merged, path("merged.yaml")),
        (Artefact::Stubs, path("httpmock/stubs.yaml")),
        (Artefact::Cassette, path("cassette.vcr.yaml")),
        (Artefact::Har, path("exchanges.har")),
    ]
}
