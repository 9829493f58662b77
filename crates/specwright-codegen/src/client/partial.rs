//! A client of as many operations as possible, and what it leaves out.

use std::collections::HashSet;

use openapi_document::document::Operation;
use openapi_document::node::{Data, Node};
use openapi_document::{Api, At, Diagnostic, Diagnostics, Level};
use serde_json::Value;

use super::culprits;
use super::progenitor::{Plan, generate};
use crate::input::Input;
use crate::lower::{DOCUMENT, Findings, Note, Site, lower_leniently};
use crate::report::{LeftOut, Rename, Report};
use crate::rust::tree::Tree;

/// A client, and what became of each operation.
pub(crate) struct Partial<T> {
    /// The client's source, without a header.
    pub(crate) text: String,
    /// What was seen in its tokens.
    pub(crate) looked: T,
    /// For each operation of the document whether the client has it.
    pub(crate) has: Vec<bool>,
    pub(crate) report: Report,
}

/// The client of all operations that have one, and what `look` sees in its tokens.
///
/// # Errors
/// When there is none of any operation.
pub(crate) fn partial<T: Send>(
    api: &Api<'_>,
    mut findings: Findings,
    inner: Option<&str>,
    look: impl Fn(&[Tree]) -> T + Sync,
) -> Result<Partial<T>, Diagnostics> {
    let operations = api.operations();
    let before = findings.clone();
    let mut lowered = lower_leniently(api.document(), operations, &mut findings);
    let plan = |all: Value, findings: &Findings| Plan {
        marks: findings.marks.clone(),
        closed: findings.closed.clone(),
        ..Plan::of(all)
    };
    let mut client = generate(plan(lowered.document.take(), &findings), inner, &look);
    if client.is_err() {
        // Lowered again: a copy of every document, for the few that need it, would take much memory.
        findings = before;
        lowered = lower_leniently(api.document(), operations, &mut findings);
        culprits::remove(&mut lowered.document, &mut findings);
        client = generate(plan(lowered.document.take(), &findings), inner, &look);
    }
    let (text, looked) = client.map_err(|reason| super::refused(&[Input { api, feature: None }], &reason))?;

    let places = Places { api, sites: &lowered.sites };
    let mut report = Report { operations: operations.len(), ..Report::default() };
    let mut has = Vec::with_capacity(operations.len());
    for (operation, site) in operations.iter().zip(&lowered.sites) {
        let reasons = findings.refused.iter().filter(|(refused, _)| refused == site);
        let reasons: Vec<Diagnostic> = reasons.flat_map(|(_, note)| places.diagnostic(note)).collect();
        has.push(reasons.is_empty());
        if !reasons.is_empty() {
            report.left_out.push(LeftOut { operation: operation.label(), reasons });
        }
    }
    report.generated = operations.len() - report.left_out.len();
    let mut seen = HashSet::new();
    let warnings = findings.warnings.iter().flat_map(|note| places.diagnostic(note));
    report.warnings = warnings.filter(|it| seen.insert((it.rule, it.at, it.message.clone()))).collect();
    report.warnings.iter_mut().for_each(|warning| warning.level = Level::Warning);
    let renames = findings.renames.into_iter();
    let renames = renames.map(|name| {
        let at = places.at(&name.place).0;
        Rename { what: name.what, from: name.from, to: name.to, file: places.file(at), at }
    });
    report.renames = renames.collect();
    Ok(Partial { text, looked, has, report })
}

/// Finds the places of notes in the document.
struct Places<'a, 'd> {
    api: &'a Api<'d>,
    sites: &'a [Site],
}

impl Places<'_, '_> {
    fn diagnostic(&self, note: &Note) -> Option<Diagnostic> {
        let (at, operation) = self.at(&note.place);
        let mut found = Diagnostics::default();
        found.report(note.rule, at, note.message.as_str(), note.hint);
        let mut diagnostic = found.0.pop()?;
        diagnostic.file = self.file(at);
        diagnostic.operation = operation.map(Operation::label);
        Some(diagnostic)
    }

    /// What diagnostics call the file of a place.
    fn file(&self, at: At) -> String {
        self.api.document().files().get(at.file as usize).cloned().unwrap_or_default()
    }

    /// Where a JSON pointer into the lowered document leads in the original, as far as it goes there; and the operation
    /// that this is in.
    fn at(&self, pointer: &str) -> (At, Option<&Operation<'_>>) {
        let steps: Vec<String> =
            pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let root = self.api.document().root();
        if let [first, rest @ ..] = &steps[..]
            && first == DOCUMENT
        {
            let is_it =
                |it: &&Operation<'_>| matches!(rest, [_, key, method, ..] if it.key == key && it.method == method);
            return (deepest(root, root.at, rest), self.api.operations().iter().find(is_it));
        }
        let [section, path, method, rest @ ..] = &steps[..] else { return (deepest(root, root.at, &steps), None) };
        let site = self.sites.iter().position(|site| site.path == *path && site.method == *method);
        let Some(operation) = site.filter(|_| section == "paths").map(|index| &self.api.operations()[index]) else {
            return (deepest(root, root.at, &steps), None);
        };
        let at = match rest {
            [part, index, rest @ ..] if part == "parameters" => {
                let mut listed = operation.parameters.iter().filter(|parameter| !parameter.constant);
                let parameter = index.parse().ok().and_then(|index| listed.nth(index));
                parameter.map_or(operation.at, |parameter| deepest(parameter.node, parameter.at, rest))
            }
            [part, status, rest @ ..] if part == "responses" => {
                let mut responses = operation.responses.iter();
                let response = responses.find(|response| response.status == status);
                response.map_or(operation.at, |response| deepest(response.node, response.at, rest))
            }
            [part, rest @ ..] if part == "requestBody" => {
                operation.body.map_or(operation.at, |body| deepest(body, operation.node.key_at("requestBody"), rest))
            }
            rest => deepest(operation.node, operation.at, rest),
        };
        (at, Some(operation))
    }
}

/// The place of the last step that is there.
fn deepest(node: &Node, at: At, steps: &[String]) -> At {
    let Some((step, rest)) = steps.split_first() else { return at };
    match &node.data {
        Data::Map(map) => map.entry(step).map_or(at, |entry| deepest(&entry.value, entry.at, rest)),
        Data::List(items) => {
            let item = step.parse::<usize>().ok().and_then(|index| items.get(index));
            item.map_or(at, |item| deepest(item, item.at, rest))
        }
        _ => at,
    }
}
