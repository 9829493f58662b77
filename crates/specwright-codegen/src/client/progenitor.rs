//! Makes the client with progenitor, from the lowered document.

use std::collections::HashSet;
use std::sync::Once;
use std::{panic, thread};

use openapi_document::Document;
use openapi_document::document::Operation;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::Value;

use super::calls::Calls;
use super::front::Front;
use super::{builders, docs, features, imports, marks, open_enums, send};
use crate::input::Features;
use crate::lower::{Findings, Marks, SCHEMA_SIZE, lower, lower_leniently};
use crate::rust::tree::{Tree, parse, trees};
use crate::rust::{duplicates, print};

/// The client's source, without a header.
pub(crate) fn client(
    document: &Document,
    operations: &[Operation<'_>],
    features: &Features<'_>,
    inner: Option<&str>,
) -> Result<String, String> {
    let without = || operations.iter().filter(|operation| features.feature_of(operation).is_none());
    let plan = match inner {
        // The transport around it has one error for all, so that the document can be taken as it is.
        Some(_) => {
            let gated =
                features.name.map(|feature| Gated { feature, base: lower(document, without()), marks: Marks::new() });
            Plan { gated, ..Plan::of(lower(document, operations)) }
        }
        None => {
            let (all, findings) = in_full(document, operations)?;
            let gated = match features.name {
                None => None,
                Some(feature) => {
                    let without: Vec<Operation<'_>> = without().cloned().collect();
                    let (base, Findings { marks, .. }) = in_full(document, &without)?;
                    Some(Gated { feature, base, marks })
                }
            };
            Plan { gated, marks: findings.marks, closed: findings.closed, ..Plan::of(all) }
        }
    };
    generate(plan, inner, |_| ()).map(|(text, ())| text)
}

/// The lowered document, which has all operations.
fn in_full(document: &Document, operations: &[Operation<'_>]) -> Result<(Value, Findings), String> {
    let mut findings = Findings::default();
    let lowered = lower_leniently(document, operations, &mut findings);
    let too_wide = findings.warnings.iter().find(|note| note.rule == SCHEMA_SIZE);
    match findings.refused.first().map(|(_, note)| note).or(too_wide) {
        Some(note) => Err(note.message.clone()),
        None => Ok((lowered.document, findings)),
    }
}

/// What to generate: a client, and perhaps what of it is there without a Cargo feature.
pub(super) struct Plan<'a> {
    pub(super) all: Value,
    pub(super) gated: Option<Gated<'a>>,
    /// What the marked names of the document stand for.
    pub(super) marks: Marks,
    /// Enums that get no variant for undocumented values.
    pub(super) closed: HashSet<String>,
}

/// What of a client is there without a Cargo feature.
pub(super) struct Gated<'a> {
    feature: &'a str,
    base: Value,
    marks: Marks,
}

impl Plan<'_> {
    pub(super) fn of(all: Value) -> Self {
        Plan { all, gated: None, marks: Marks::new(), closed: HashSet::new() }
    }
}

/// The name of the threads that the generator runs in; what panics there is a diagnostic.
const THREAD: &str = "client generator";
/// The generator recurses along schemas: this is room for chains that no real document has.
const STACK: usize = 256 << 20;

/// The source of a client, and what `look` sees in its tokens.
///
/// Every construct known to make progenitor panic is a rule of its own; the thread is for those not known yet.
pub(super) fn generate<T: Send>(
    plan: Plan<'_>,
    inner: Option<&str>,
    look: impl Fn(&[Tree]) -> T + Sync,
) -> Result<(String, T), String> {
    guarded(|| {
        let client = generate_here(plan, inner)?;
        Ok((print::print(&client), look(&client)))
    })
}

/// Whether progenitor makes a client of the document, and one in which no name is there twice.
pub(super) fn try_out(lowered: Value, marks: &Marks) -> Result<(), String> {
    guarded(|| generated(lowered, None, marks).map(drop))
}

/// Runs the generator where a panic is an error, and where there is room for recursion.
fn guarded<T: Send>(run: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                loud(info);
            }
        }));
    });
    thread::scope(|scope| {
        let generator = thread::Builder::new().name(THREAD.to_owned()).stack_size(STACK);
        let running = generator.spawn_scoped(scope, run).map_err(|error| error.to_string())?;
        running.join().map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            // Some panics print the whole structure that they did not expect.
            text.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
        })?
    })
}

fn generate_here(plan: Plan<'_>, inner: Option<&str>) -> Result<Vec<Tree>, String> {
    let front = Front::of(&plan.all);
    let mut all = generated(plan.all, inner, &plan.marks)?;
    // The same ones with a feature and without it, whichever answers there are.
    let mut answered = open_enums::in_answers(&all);
    answered.retain(|name| !plan.closed.contains(name));
    let finish = |client: &mut Vec<Tree>, known: &Marks| {
        open_enums::open(client, &answered)?;
        match inner {
            Some(_) => send::through_inner(client)?,
            None => front.apply(client)?,
        }
        docs::complete(client);
        marks::restore(client, known);
        Ok::<(), String>(())
    };
    finish(&mut all, &plan.marks)?;
    if let Some(Gated { feature, base, marks }) = plan.gated {
        let mut base = generated(base, inner, &marks)?;
        finish(&mut base, &marks)?;
        all = features::mark(&base, &all, feature)?;
    }
    imports::tidy(&mut all);
    Ok(all)
}

/// The client as progenitor makes it, with calls as the document describes them.
fn generated(lowered: Value, inner: Option<&str>, marks: &Marks) -> Result<Vec<Tree>, String> {
    let calls = Calls::of(&lowered);
    let api: openapiv3::OpenAPI = serde_json::from_value(lowered).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    settings.with_derive("PartialEq");
    if let Some(inner) = inner {
        settings.with_inner_type(inner.parse().map_err(|error| format!("`{inner}` is not a type: {error}"))?);
        settings.with_hooks(HooksMode::Expected);
    }
    let tokens = Generator::new(&settings).generate_tokens(&api).map_err(|error| error.to_string())?;
    drop(api);
    let mut client = trees(tokens);
    spell_methods(&mut client)?;
    calls.apply(&mut client, inner.is_some(), marks)?;
    builders::prune(&mut client);
    match duplicates::first(&client) {
        Some(twice) => Err(twice),
        None => Ok(client),
    }
}

/// `client.client.options(url)` as `client.client.request(reqwest::Method::OPTIONS, url)`: reqwest has no such function,
/// and none for TRACE.
fn spell_methods(trees: &mut [Tree]) -> Result<(), String> {
    for at in 0..trees.len() {
        let method = ["options", "trace"].into_iter().find(|method| trees[at].is_word(method));
        let is_call = at >= 2 && trees[at - 1].is_punct('.') && trees[at - 2].is_word("client");
        if let Some(method) = method.filter(|_| is_call)
            && let [name, Tree::Group(arguments), ..] = &mut trees[at..]
            && matches!(&arguments.trees[..], [Tree::Word(url)] if url.to_string().trim_start_matches('_') == "url")
        {
            if let Some(request) = parse("request")?.pop() {
                *name = request;
            }
            let mut all = parse(&format!("reqwest::Method::{},", method.to_uppercase()))?;
            all.append(&mut arguments.trees);
            arguments.trees = all;
        } else if let Tree::Group(group) = &mut trees[at] {
            spell_methods(&mut group.trees)?;
        }
    }
    Ok(())
}
