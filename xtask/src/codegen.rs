//! `cargo xtask codegen`: generates files from the documents, or checks that they are current.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use openapi_document::{Api, Diagnostics};
use specwright_codegen::{Artefact, LeftOut, Report};

use crate::document::Output;
use crate::{document, files, layout};

#[derive(clap::Args)]
#[command(after_help = "\
With --spec, what cannot be generated is left out, with a warning or an error for each reason, and the rest is \
generated. So errors are printed and the exit status is 0: the files are complete without what report.txt lists as \
left out. With --strict, everything is generated or nothing.

Exit status:
  0    the files are written, or nothing is stale
  1    nothing is generated, or a file is stale (--check)
  2    bad usage")]
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
    let mut report = None;
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
                if generated.report.operations == 0 {
                    return Err(format!("error: nothing is generated from {}: it has no operations", spec.display()));
                }
                report = Some((generated.report, out.join("report.txt")));
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
    if let Some((report, path)) = &report {
        if !arguments.check && files::write(path, &report.to_string())? {
            arguments.output.say(&format!("wrote {}", files::shown(path).display()));
        }
        summarize(report, &files::shown(path).display().to_string(), &arguments.output);
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

/// So many operations that are left out are named; the report names all.
const NAMED: usize = 10;

/// Says what the report in the file `shown` comes to.
fn summarize(report: &Report, shown: &str, output: &Output) {
    let Report { operations, generated, left_out, warnings, renames, .. } = report;
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    output.say(&format!(
        "{generated} of {operations} operations generated; {} left out, {}, {} (see {shown})",
        left_out.len(),
        counted(warnings.len(), "warning"),
        counted(renames.len(), "rename")
    ));
    for LeftOut { operation, reasons } in left_out.iter().take(NAMED) {
        let reason = reasons.first().map_or("", |reason| &reason.message);
        let more = if reasons.len() > 1 { format!(" (and {} more)", reasons.len() - 1) } else { String::new() };
        output.say(&format!("  left out: {operation}: {reason}{more}"));
    }
    if left_out.len() > NAMED {
        output.say(&format!("  and {} more", left_out.len() - NAMED));
    }
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    warnings.iter().for_each(|warning| *rules.entry(warning.rule).or_default() += 1);
    for (rule, count) in rules {
        output.say(&format!("  {}: {rule}", counted(count, "warning")));
    }
}

fn artefacts(path: impl Fn(&str) -> PathBuf) -> Vec<(Artefact, PathBuf)> {
    vec![
        (Artefact::Client { inner: None }, path("client.rs")),
        (Artefact::Enums, path("enums.rs")),
        (Artefact::Mock { fixture: None }, path("mock.rs")),
        (Artefact::Cases, path("cases.json")),
        (Artefact::Contract, path("contract.json")),
        (Artefact::Merged, path("merged.yaml")),
        (Artefact::Stubs, path("httpmock/stubs.yaml")),
        (Artefact::Cassette, path("cassette.vcr.yaml")),
        (Artefact::Har, path("exchanges.har")),
    ]
}
