//! The typed client: the document lowered to what progenitor takes, and what progenitor makes of it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Once;
use std::{panic, thread};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::{Map, Value, json};

use crate::diagnostic::Diagnostics;
use crate::document::{Document, references, unescaped};
use crate::gate::gate;
use crate::generate::{Gates, Part};
use crate::node::{Data, Entry, Node};
use crate::operations::Operation;
use crate::tree::{Tree, trees};
use crate::{calls, docs, open_enums, print};

/// What a query keeps as it is; everything else in a constant is percent-encoded.
pub(crate) const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The client's source, without a header.
pub(crate) fn client(
    document: &Document,
    operations: &[Operation<'_>],
    gates: &Gates<'_>,
    inner: Option<&str>,
) -> Result<String, String> {
    let all = lower(document, operations);
    let plan = match gates.feature {
        None => Plan { all, gated: None },
        Some(feature) => {
            let base = lower(document, operations.iter().filter(|operation| gates.feature_of(operation).is_none()));
            Plan { all, gated: Some((base, feature)) }
        }
    };
    generate(plan, inner)
}

/// What to generate: a client, and perhaps what of it is there without a Cargo feature.
struct Plan<'a> {
    all: Value,
    gated: Option<(Value, &'a str)>,
}

/// The document as progenitor takes it, as text.
pub(crate) fn lowered(document: &Document, operations: &[Operation<'_>]) -> String {
    // Alternate form: indented.
    format!("{:#}\n", lower(document, operations))
}

/// The name of the threads that the generator runs in; what panics there is a diagnostic.
const THREAD: &str = "client generator";
/// The generator recurses along schemas: this is room for chains that no real document has.
const STACK: usize = 256 << 20;

/// Every construct known to make progenitor panic is a rule of its own; the thread is for those not known yet.
fn generate(plan: Plan<'_>, inner: Option<&str>) -> Result<String, String> {
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
        let running =
            generator.spawn_scoped(scope, || generate_here(plan, inner)).map_err(|error| error.to_string())?;
        running.join().map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            // Some panics print the whole structure that they did not expect.
            text.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
        })?
    })
}

fn generate_here(plan: Plan<'_>, inner: Option<&str>) -> Result<String, String> {
    let mut all = generated(plan.all, inner)?;
    // The same ones with a feature and without it, whichever answers there are.
    let answered = open_enums::in_answers(&all);
    let finish = |client: &mut Vec<Tree>| {
        open_enums::open(client, &answered)?;
        docs::complete(client);
        if inner.is_some() { calls::through_inner(client) } else { Ok(()) }
    };
    finish(&mut all)?;
    if let Some((base, feature)) = plan.gated {
        let mut base = generated(base, inner)?;
        finish(&mut base)?;
        all = gate(&base, &all, feature)?;
    }
    Ok(print::print(&all))
}

/// The client as progenitor makes it.
fn generated(lowered: Value, inner: Option<&str>) -> Result<Vec<Tree>, String> {
    let api: openapiv3::OpenAPI = serde_json::from_value(lowered).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    settings.with_derive("PartialEq");
    if let Some(inner) = inner {
        settings.with_inner_type(inner.parse().map_err(|error| format!("`{inner}` is not a type: {error}"))?);
        settings.with_hooks(HooksMode::Expected);
    }
    let tokens = Generator::new(&settings).generate_tokens(&api).map_err(|error| error.to_string())?;
    Ok(trees(tokens))
}

const HINT: &str = "the client generator has no form for this; describe it by plainer schemas";

/// What the generator refuses to do for `parts`, although it keeps every rule; `reason` is all that it says itself.
pub(crate) fn refused(parts: &[Part<'_>], reason: &str) -> Diagnostics {
    let mut found: Vec<_> = parts.iter().flat_map(|part| culprits(part.document).0).collect();
    if let ([], [first, ..]) = (&found[..], parts) {
        let document = first.document;
        let mut whole = Diagnostics::default();
        let message = format!("no client can be generated: {reason}");
        whole.report("generator", document.root().key_at("components"), message, HINT);
        found = document.finish_own(whole).0;
    }
    Diagnostics(found)
}

/// Finds what the generator refuses, by giving it the schemas and then the operations one at a time.
fn culprits(document: &Document) -> Diagnostics {
    let operations = &document.operations();
    let mut found = Diagnostics::default();
    let alone = |key: &str, value: Value| {
        let mut doc = json!({ "openapi": "3.0.3", "info": { "title": "", "version": "" }, "paths": {} });
        doc[key] = value;
        doc
    };
    let mut culprits = HashSet::new();
    for entry in document.components("schemas") {
        let start =
            Map::from_iter([("start".to_owned(), json!({ "$ref": format!("#/components/schemas/{}", entry.key) }))]);
        let components = components(document, &start);
        let others =
            components["schemas"].as_object().into_iter().flat_map(Map::keys).filter(|name| **name != entry.key);
        if others.into_iter().any(|name| culprits.contains(name)) {
            continue; // what it refers to is to blame
        }
        if let Err(reason) = generate(Plan { all: alone("components", components), gated: None }, None) {
            culprits.insert(entry.key.clone());
            let message = format!("no Rust type can be generated for `{}`: {reason}", entry.key);
            found.report("generator", entry.at, message, HINT);
        }
    }
    for operation in operations.iter().filter(|_| culprits.is_empty()) {
        if let Err(reason) = generate(Plan { all: lower(document, [operation]), gated: None }, None) {
            let message = format!("no client can be generated for `{}`: {reason}", operation.label());
            found.report("generator", operation.at, message, HINT);
        }
    }
    document.finish_own(found)
}

/// The document as progenitor takes it: constants in the address and no longer arguments, one path key for each
/// operation, and nothing that no client needs.
fn lower<'o, 'd: 'o>(document: &Document, operations: impl IntoIterator<Item = &'o Operation<'d>>) -> Value {
    let mut paths = Map::new();
    let mut taken: HashSet<(String, &str)> = HashSet::new();
    for operation in operations {
        let query: Vec<String> = operation
            .constants
            .iter()
            .map(|c| format!("{}={}", utf8_percent_encode(c.name, IN_QUERY), utf8_percent_encode(&c.value, IN_QUERY)))
            .collect();
        let mut key = operation.path.to_owned();
        if !query.is_empty() {
            key = format!("{key}?{}", query.join("&"));
        }
        // Operations told apart by their bodies have one address; progenitor folds repeated slashes into one.
        while !taken.insert((key.clone(), operation.method)) {
            key.insert(0, '/');
        }
        let mut lowered = plain(operation.node);
        if let Value::Object(members) = &mut lowered {
            let parameters = operation.parameters.iter().filter(|parameter| !parameter.constant);
            members.insert("parameters".to_owned(), parameters.map(|parameter| plain(parameter.listed)).collect());
        }
        let item = paths.entry(key).or_insert_with(|| json!({}));
        item[operation.method] = lowered;
    }
    let components = components(document, &paths);
    let info = document.root().get("info").map_or_else(|| json!({}), plain);
    object([("openapi", "3.0.3".into()), ("info", info), ("paths", paths.into()), ("components", components)])
}

/// The components that the lowered paths use, and those that these use.
fn components(document: &Document, paths: &Map<String, Value>) -> Value {
    let mut sections: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    let mut open = Vec::new();
    paths.values().for_each(|item| references(item, &mut open));
    while let Some(reference) = open.pop() {
        let entry = reference.strip_prefix("#/components/").and_then(|pointer| {
            let (section, name) = pointer.split_once('/')?;
            let sections = document.root().get("components")?.as_map()?;
            let section = sections.entry(section)?;
            Some((section.key.as_str(), section.value.as_map()?.entry(name)?))
        });
        let Some((section, entry)) = entry else { continue };
        let known = sections.entry(section).or_default();
        if !known.contains_key(entry.key.as_str()) {
            let lowered = plain(&entry.value);
            references(&lowered, &mut open);
            known.insert(&entry.key, lowered);
        }
    }
    let sections = sections.into_iter().map(|(section, members)| {
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        (section.to_owned(), Value::Object(members.collect()))
    });
    Value::Object(sections.collect())
}

/// A node without what no client is made from: examples, links, extensions.
fn plain(node: &Node) -> Value {
    reduced(node, false)
}

/// A schema, or what holds one, reduced to what judges a value.
pub(crate) fn schema_json(node: &Node) -> Value {
    reduced(node, true)
}

fn reduced(node: &Node, is_mute: bool) -> Value {
    let Data::Map(map) = &node.data else {
        let Data::List(items) = &node.data else { return node.to_json() };
        return items.iter().map(|item| reduced(item, is_mute)).collect();
    };
    let is_words = |entry: &Entry| is_mute && entry.key == "description" && entry.value.as_text().is_some();
    let kept = map.iter().filter(|entry| !is_dropped(&entry.key) && !is_words(entry));
    let kept = kept.map(|Entry { key, value, .. }| {
        let value = match (key.as_str(), &value.data) {
            // Names of properties are the author's: one may well be called `example`.
            ("properties", Data::Map(map)) => {
                map.iter().map(|entry| (entry.key.clone(), reduced(&entry.value, is_mute))).collect()
            }
            ("default" | "enum", _) => value.to_json(),
            // The generator takes the last step of a reference as it stands.
            ("$ref", Data::Text(text)) => Value::String(unescaped(text).into_owned()),
            _ => reduced(value, is_mute),
        };
        (key.clone(), value)
    });
    kept.collect()
}

/// An object of these members, which `json!` would copy.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn is_dropped(key: &str) -> bool {
    matches!(key, "example" | "examples" | "links" | "callbacks" | "servers" | "externalDocs" | "security" | "tags")
        || key.starts_with("x-")
}
