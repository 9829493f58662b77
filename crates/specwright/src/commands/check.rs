//! `specwright check`: every mistake of a document, and every limit that it meets.

mod github;
mod gitlab;

use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;

use conformance_engine::report::text::counted;
use conformance_engine::suite::{Case, Kind, LeftOut};
use openapi_document::{Api, At, Diagnostic, Diagnostics, Document, Level, check, contract, suite};
use serde_json::{Value, json};

use crate::Failure;
use crate::openapi::DocumentFlags;
use crate::output::console::{self, data, on_terminal, talk};
use crate::value::most::Most;

/// Find every mistake in a document, and what can be neither generated nor checked
///
/// Each line names the place, the rule and what to do. A warning is a mistake that generating and checking go on without,
/// or a limit of specwright; --strict counts each as an error.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  specwright check openapi.yaml
  specwright check openapi.yaml --strict --format github
  specwright check openapi.yaml --format codeclimate > code-quality.json

Exit status:
  0    no error
  1    at least one error; with --strict, at least one
       error or warning
  2    bad usage, or the document cannot be read
  3    could not write its output")]
pub struct Arguments {
    #[command(flatten)]
    document: DocumentFlags,
    /// Count each warning as an error, also the limits of the strict generator
    #[arg(long)]
    strict: bool,
    /// Form of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// Most that are printed as text or for GitHub, errors first; all are counted
    #[arg(long, value_name = "N|all", default_value = "50")]
    max: Most,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// An object with all of them, and how many operations are generated, judged and tried
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// The code quality report of GitLab, a part of the Code Climate format
    Codeclimate,
}

/// Prints what is wrong with the document.
///
/// # Errors
/// The document cannot be read, or the output cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (found, operations) = match arguments.document.read()? {
        Ok(document) => of_document(&document, arguments.strict),
        Err(found) => (found, Operations::default()),
    };
    let max = arguments.max.0;
    match arguments.format {
        Format::Text => data(on_terminal(format!("{}{operations}\n", found.summary(max))))?,
        Format::Json => {
            let list: Vec<Value> = found.0.iter().map(Diagnostic::to_json).collect();
            console::json(format_args!("{:#}", json!({ "diagnostics": list, "operations": operations.to_json() })))?;
        }
        Format::Github => {
            let shown = found.errors().chain(found.warnings()).take(max);
            data(shown.map(github::annotation).collect::<String>())?;
        }
        Format::Codeclimate => console::json(format_args!("{:#}", gitlab::report(&found)))?,
    }
    if !matches!(arguments.format, Format::Text) {
        let (errors, warnings) = (found.errors().count(), found.warnings().count());
        talk(format_args!("{}, {}; {operations}", counted(errors, "error"), counted(warnings, "warning")));
    }
    Ok(if found.errors().next().is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// How many operations a document has, and what becomes of them.
#[derive(Clone, Debug, Default)]
struct Operations {
    all: usize,
    /// `None` where this program cannot generate.
    generated: Option<usize>,
    judged: usize,
    tried: usize,
}

impl Operations {
    fn to_json(&self) -> Value {
        json!({ "all": self.all, "generated": self.generated, "judged": self.judged, "with_cases": self.tried })
    }
}

impl std::fmt::Display for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Operations { all, generated, judged, tried } = self;
        write!(f, "{}: ", counted(*all, "operation"))?;
        if let Some(generated) = generated {
            write!(f, "{generated} can be generated, ")?;
        }
        write!(f, "replies of {judged} can be judged, {tried} {} cases", if *tried == 1 { "gets" } else { "get" })
    }
}

fn of_document(document: &Document, is_strict: bool) -> (Diagnostics, Operations) {
    let api = Api::of(document);
    let suite = suite(&api);
    let mut found = check(&api);
    let mut operations = Operations { all: api.operations().len(), ..Operations::default() };
    operations.judged = contract(&api).operations.iter().filter(|operation| !operation.responses.is_empty()).count();
    // An example that contradicts its schema is reported and never sent.
    let is_sent = |case: &&Case| !matches!(case.kind, Kind::Contradiction { .. });
    let tried: BTreeSet<&str> = suite.cases.iter().filter(is_sent).map(|case| case.operation.as_str()).collect();
    operations.tried = tried.len();

    // What an example lacks for a fixture, the suite may do without: by the schema of the reply, or a state that calls make.
    let ids: BTreeSet<&str> = suite.cases.iter().filter(is_sent).map(|case| case.id.as_str()).collect();
    let sent: BTreeSet<(At, &str)> = api
        .exchanges()
        .flat_map(|(operation, _, gaps)| {
            gaps.iter().map(move |gap| (format!("{}/{}", operation.label(), gap.example), gap))
        })
        .filter(|(id, _)| {
            // `op/name.optional` is made of the example `name`, too.
            let dotted = format!("{id}.");
            ids.contains(id.as_str())
                || ids.range(dotted.as_str()..).next().is_some_and(|next| next.starts_with(&dotted))
        })
        .map(|(_, gap)| (gap.at, gap.rule))
        .collect();
    found.0.retain(|problem| !sent.contains(&(problem.at, problem.rule)));
    let places: HashMap<String, At> =
        api.operations().iter().rev().map(|operation| (operation.label(), operation.at)).collect();
    found.0.extend(suite.left_out.iter().map(|left_out| untried(&api, &places, left_out)));
    #[cfg(feature = "generate")]
    if let Some(generated) = generated(document, &mut found, is_strict) {
        operations.generated = Some(generated);
    }
    if is_strict {
        found = found.strict();
    }
    found.0.sort_by(|a, b| (a.at, a.rule, &a.message).cmp(&(b.at, b.rule, &b.message)));
    found.0.dedup_by(|b, a| a.rule == b.rule && a.at == b.at && a.file == b.file && a.message == b.message);
    (found, operations)
}

/// What could not become a case.
fn untried(api: &Api<'_>, places: &HashMap<String, At>, left_out: &LeftOut) -> Diagnostic {
    let example = left_out.example.as_ref().map_or(String::new(), |example| format!("the example `{example}`: "));
    Diagnostic {
        rule: "no-case",
        level: Level::Warning,
        file: api.document().name().to_owned(),
        at: places.get(&left_out.operation).copied().unwrap_or(At::START),
        operation: Some(left_out.operation.clone()),
        message: format!("{example}{}", left_out.reason),
        notes: Vec::new(),
        hint: "the suite goes on without; an example of request and reply would make it a case".to_owned(),
    }
}

/// Adds what generating a client finds; returns how many operations the client has.
#[cfg(feature = "generate")]
fn generated(document: &Document, found: &mut Diagnostics, is_strict: bool) -> Option<usize> {
    use specwright_codegen::{Artefact, Generated, generate_document_lenient};
    let wanted = [(Artefact::Client { inner: None }, std::path::PathBuf::new())];
    match generate_document_lenient(document, &wanted) {
        Ok(Generated { report, .. }) => {
            if !is_strict {
                // What only the strict generator cannot do, this one does or reports itself.
                found.0.retain(|problem| !problem.is_limit());
            }
            for problem in found.0.iter_mut().filter(|problem| problem.is_limit()) {
                problem
                    .notes
                    .push("a limit of `--strict`: without it, a client that does this is generated".to_owned());
            }
            found.0.extend(report.left_out.into_iter().flat_map(|left_out| left_out.reasons));
            found.0.extend(report.warnings);
            Some(report.generated)
        }
        Err(refused) => {
            found.0.extend(refused.0);
            Some(0)
        }
    }
}
