//! The typed client: the document lowered to what progenitor takes, and what progenitor makes of it.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::{Map, Value, json};

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::node::{Data, Node};
use crate::operations::Operation;
use crate::print;

/// What a query keeps as it is; everything else in a constant is percent-encoded.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The client's source, without a header.
pub(crate) fn client(
    document: &Document,
    operations: &[Operation<'_>],
    inner: Option<&str>,
) -> Result<String, Diagnostics> {
    let lowered = lower(document, operations);
    let tokens = generate(lowered, inner).map_err(|reason| refused(document, operations, &reason))?;
    Ok(print::print(tokens))
}

fn generate(lowered: Value, inner: Option<&str>) -> Result<proc_macro2::TokenStream, String> {
    let api: openapiv3::OpenAPI = serde_json::from_value(lowered).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    settings.with_derive("PartialEq");
    if let Some(inner) = inner {
        settings.with_inner_type(inner.parse().map_err(|error| format!("`{inner}` is not a type: {error}"))?);
        settings.with_hooks(HooksMode::Expected);
    }
    // Every construct known to make progenitor panic is a rule of its own; this is for those not known yet.
    catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&api)))
        .map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        })?
        .map_err(|error| error.to_string())
}

/// Finds the operation that the generator refuses, by giving it one at a time.
fn refused(document: &Document, operations: &[Operation<'_>], reason: &str) -> Diagnostics {
    const HINT: &str = "the client generator (progenitor) has no form for this; describe it more plainly";
    let culprit = operations.iter().find_map(|operation| {
        let alone = lower(document, std::slice::from_ref(operation));
        generate(alone, None).err().map(|reason| (operation, reason))
    });
    match culprit {
        Some((operation, reason)) => {
            let message = format!("no client can be generated for `{}`: {reason}", operation.label());
            document.fail("generator", operation.at, message, HINT)
        }
        None => {
            let message = format!("no client can be generated: {reason}");
            document.fail("generator", document.root().key_at("components"), message, HINT)
        }
    }
}

/// The document as progenitor takes it: constants in the address and no longer arguments, one path key for each
/// operation, and nothing that no client needs.
fn lower(document: &Document, operations: &[Operation<'_>]) -> Value {
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
    json!({ "openapi": "3.0.3", "info": info, "paths": paths, "components": components })
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
    json!(sections)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// A node without what no client is made from: examples, links, extensions.
fn plain(node: &Node) -> Value {
    match &node.data {
        Data::Map(map) => {
            let kept = map.iter().filter(|entry| !is_dropped(&entry.key));
            Value::Object(kept.map(|entry| (entry.key.clone(), plain_member(&entry.key, &entry.value))).collect())
        }
        Data::List(items) => Value::Array(items.iter().map(plain).collect()),
        _ => node.to_json(),
    }
}

fn plain_member(key: &str, value: &Node) -> Value {
    match (key, &value.data) {
        // Names of properties are the author's: one may well be called `example`.
        ("properties", Data::Map(map)) => {
            Value::Object(map.iter().map(|entry| (entry.key.clone(), plain(&entry.value))).collect())
        }
        ("default" | "enum", _) => value.to_json(),
        _ => plain(value),
    }
}

fn is_dropped(key: &str) -> bool {
    matches!(key, "example" | "examples" | "links" | "callbacks" | "servers" | "externalDocs" | "security" | "tags")
        || key.starts_with("x-")
}
