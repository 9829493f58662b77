//! `cargo xtask corpus DIR --round-trip`: a generated client makes every documented call, against a server of examples.
//!
//! What the client sends is compared with the request of the case, and what it read with the example of the reply.

mod comparison;
mod program;
mod server;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::path::Path;

use conformance_engine::check::{Level, compare};
use conformance_engine::exchange::Reply;
use conformance_engine::schema::Schemas;
use conformance_engine::suite::{Case, ExpectedBody, Kind};
use openapi_document::{Api, contract, suite};
use serde_json::Value;
use specwright::openapi;

use super::survey::generate;
use crate::bench::compile::manifest;
use crate::files;
use crate::tools::{self, cargo};

/// What became of the documented cases of a document.
#[derive(Default)]
pub(crate) struct RoundTrip {
    cases: usize,
    /// Sent as documented, and read whole.
    whole: usize,
    /// Members of examples that no schema has, which a type cannot read.
    undocumented: usize,
    /// What was read has no form as JSON: a stream, bytes.
    other: usize,
    /// Case and what differs.
    differing: Vec<(String, String)>,
    /// Reason, and how many cases were not called.
    left_out: BTreeMap<String, usize>,
}

impl RoundTrip {
    pub(crate) fn differs(&self) -> bool {
        !self.differing.is_empty()
    }

    /// One line of a table in Markdown.
    pub(crate) fn line(&self, name: &str) -> String {
        let left_out: Vec<String> = self.left_out.iter().map(|(reason, count)| format!("{count}: {reason}")).collect();
        let (cases, whole, other, differing) = (self.cases, self.whole, self.other, self.differing.len());
        let undocumented = self.undocumented;
        format!("| {name} | {cases} | {whole} | {other} | {undocumented} | {differing} | {} |", left_out.join("; "))
    }

    /// Each difference, a line for each.
    pub(crate) fn differences(&self) -> String {
        self.differing.iter().fold(String::new(), |mut text, (case, difference)| {
            let _ = writeln!(text, "  {case}: {difference}");
            text
        })
    }
}

pub(crate) const HEAD: &str = "| document | documented cases | sent and read as documented | streams and bytes | undocumented members of examples | differing | not called |\n\
                               |---|---|---|---|---|---|---|";

/// The line of a document whose client could not be called.
pub(crate) fn failed(name: &str, reason: &str) -> String {
    let reason = reason.lines().next().unwrap_or_default().replace('|', "\\|");
    format!("| {name} | – | – | – | – | – | {reason} |")
}

/// Calls everything that is documented in the document at `path`, with a client in `folder`.
pub(crate) fn run(path: &Path, folder: &Path, name: &str) -> Result<RoundTrip, String> {
    let document = openapi::read(path).map_err(|failure| format!("error: {}", failure.message))?;
    let document = document.map_err(|found| format!("error: {name} cannot be read: {found}"))?;
    generate(&document, Some(folder), &mut Default::default())?;
    let api = Api::of(&document);
    let (suite, contract) = (suite(&api), contract(&api));
    let schemas = Schemas::new(&suite.schemas);
    let sent_schemas = Schemas::new(&contract.schemas);
    let mut result = RoundTrip::default();
    let mut called = Vec::new();
    for (index, case) in suite.cases.iter().enumerate().filter(|(_, case)| matches!(case.kind, Kind::Documented)) {
        result.cases += 1;
        match reason_against(case) {
            Some(reason) => *result.left_out.entry(reason.to_owned()).or_default() += 1,
            None => called.push((index, case)),
        }
    }
    let client = program::Client::of(&files::read(&folder.join("client.rs"))?);
    let (program, left_out) = client.program(&called);
    for (index, reason) in left_out {
        called.retain(|(called, _)| *called != index);
        *result.left_out.entry(reason).or_default() += 1;
    }
    files::write(&folder.join("main.rs"), &program)?;
    files::write(&folder.join("Cargo.toml"), &manifest(name, "bin", "main.rs"))?;
    let (address, requests) = server::start(called.iter().map(|(index, case)| (*index, reply(case))).collect())?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    command.env("CARGO_TARGET_DIR", files::root().join("target/xtask/corpus-target"));
    let printed = tools::output(command.args(["--", &format!("http://{address}")]))?;

    let (mut lines, mut examples, mut bodies) = (HashMap::new(), HashMap::new(), HashMap::new());
    for line in printed.lines() {
        let Some((index, rest)) = line.split_once(' ') else { continue };
        let index: usize = index.parse().map_err(|_| format!("error: {name} printed {line}"))?;
        match rest.split_once(' ') {
            Some(("example", example)) => examples.insert(index, example),
            Some(("body", body)) => bodies.insert(index, body),
            _ => lines.insert(index, rest),
        };
    }
    let requests = requests.lock().map_err(|_| "error: the server of examples failed")?;
    for (index, case) in called {
        let line = lines.get(&index).copied().unwrap_or("nothing printed");
        let compared = requests.get(&index).map(|received| {
            let media = case
                .request
                .body
                .as_ref()
                .and_then(|body| contract.operation(&case.operation)?.body.as_ref()?.content.get(&body.media_type));
            let undocumented = undocumented_sent(case, media.and_then(|media| media.schema.clone()), &sent_schemas);
            comparison::request(case, bodies.get(&index).copied(), received, &undocumented)
        });
        let (mut found, left) = compared.unwrap_or_default();
        result.undocumented += left;
        let (outcome, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (status, value) = rest.split_once(' ').unwrap_or((rest, ""));
        match outcome {
            "read" | "other" if status != case.expected.status.to_string() => found.push(format!("status {status}")),
            "other" => {}
            "read" => {
                let read = serde_json::from_str(value).unwrap_or(Value::Null);
                let example = examples.get(&index).and_then(|example| serde_json::from_str(example).ok());
                let lost = example.map_or_else(Vec::new, |example| comparison::missing(&example, &read, String::new()));
                let undocumented = undocumented(case, &schemas);
                let (left, lost): (Vec<_>, Vec<_>) = lost.into_iter().partition(|lost| undocumented.contains(lost));
                result.undocumented += left.len();
                found.extend(lost.into_iter().map(|lost| format!("reply: {lost}")));
            }
            _ => found.push(line.to_owned()),
        }
        result.other += usize::from(outcome == "other" && found.is_empty());
        result.whole += usize::from(outcome == "read" && found.is_empty());
        result.differing.extend((!found.is_empty()).then(|| (case.id.clone(), found.join("; "))));
    }
    Ok(result)
}

/// What [`comparison::missing`] says of the members of an example that no schema describes.
fn undocumented(case: &Case, schemas: &Schemas<'_>) -> BTreeSet<String> {
    let mut case = case.clone();
    let Some(body) = &mut case.expected.body else { return BTreeSet::new() };
    let Some(example) = body.example.take() else { return BTreeSet::new() };
    beyond_the_schema(&case, &example, schemas)
}

/// The same of the members of a documented request, by the schema of its body. The fields of a form are members, too.
fn undocumented_sent(case: &Case, schema: Option<Value>, schemas: &Schemas<'_>) -> BTreeSet<String> {
    let (Some(schema), Some(body)) = (schema, &case.request.body) else { return BTreeSet::new() };
    let value = match &body.value {
        Value::String(text) if body.media_type == "application/x-www-form-urlencoded" => {
            let fields: Vec<String> = text.split('&').map(program::form_decoded).collect();
            fields.iter().map(|field| (comparison::field_name(field).to_owned(), Value::from(""))).collect()
        }
        value => value.clone(),
    };
    let mut case = case.clone();
    case.expected.body = Some(ExpectedBody {
        media_type: "application/json".to_owned(),
        undocumented: false,
        schema: Some(schema),
        example: None,
        rules: BTreeMap::new(),
    });
    beyond_the_schema(&case, &value, schemas)
}

/// What [`comparison::missing`] says of the members of a value that the schema of the expected body does not describe.
fn beyond_the_schema(case: &Case, value: &Value, schemas: &Schemas<'_>) -> BTreeSet<String> {
    let media_type = case.expected.body.as_ref().map(|body| body.media_type.clone()).unwrap_or_default();
    let reply = Reply {
        status: case.expected.status,
        headers: vec![("content-type".to_owned(), media_type)],
        body: value.to_string().into_bytes().into(),
        ..Reply::default()
    };
    let found = compare(case, schemas, &reply, Level::Documented);
    found.notes.iter().map(|note| format!("{} is lost", note.pointer)).collect()
}

/// Why a case is not called, if it is not.
fn reason_against(case: &Case) -> Option<&'static str> {
    if (300..400).contains(&case.expected.status) {
        return Some("a redirect is followed");
    }
    if case.request.method == "HEAD" || case.expected.status < 200 {
        return Some("a reply without a body of its own");
    }
    None
}

/// The documented reply, as it goes on the wire.
fn reply(case: &Case) -> Vec<u8> {
    let body = case.expected.body.as_ref();
    let text = match body.and_then(|body| body.example.as_ref().map(|example| (body, example))) {
        Some((body, Value::String(text))) if !body.media_type.ends_with("json") => text.clone(),
        Some((_, example)) => example.to_string(),
        None => String::new(),
    };
    let media = body.map_or_else(String::new, |body| format!("content-type: {}\r\n", body.media_type));
    let length =
        if case.expected.status == 204 { String::new() } else { format!("content-length: {}\r\n", text.len()) };
    format!("HTTP/1.1 {} Example\r\n{media}{length}\r\n{text}", case.expected.status).into_bytes()
}
