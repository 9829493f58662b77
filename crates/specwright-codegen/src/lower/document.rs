//! The document as progenitor takes it: constants in the address, one path key for each operation, and nothing that no
//! client needs.

use std::collections::BTreeMap;

use openapi_document::Document;
use openapi_document::document::{Operation, references};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::operations::Site;
use super::plain::{object, plain, with_references};

/// What a query keeps as it is; everything else in a constant is percent-encoded.
pub(crate) const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The document as progenitor takes it, as text.
pub(crate) fn lowered(document: &Document, operations: &[Operation<'_>]) -> String {
    // Alternate form: indented.
    format!("{:#}\n", lower(document, operations))
}

/// The document as progenitor takes it: constants in the address and no longer arguments, one path key for each
/// operation, and nothing that no client needs.
pub(crate) fn lower<'o, 'd: 'o>(document: &Document, operations: impl IntoIterator<Item = &'o Operation<'d>>) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let mut lowered = plain(operation.node);
        if let Value::Object(members) = &mut lowered {
            let parameters = operation.parameters.iter().filter(|parameter| !parameter.constant);
            members.insert("parameters".to_owned(), parameters.map(|parameter| plain(parameter.listed)).collect());
        }
        insert(&mut paths, operation, lowered);
    }
    let components = components(document, &paths);
    let info = document.root().get("info").map_or_else(|| json!({}), plain);
    object([("openapi", "3.0.3".into()), ("info", info), ("paths", paths.into()), ("components", components)])
}

/// The operations with everything that they refer to in its place, schemas excepted; and where each one is. Schemas are
/// as in the document, and the component schemas are still to be added.
pub(super) fn operations_in_full<'d>(document: &Document, operations: &[Operation<'d>]) -> (Value, Vec<Site>) {
    let mut paths = Map::new();
    let mut sites = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut lowered = with_references(operation.node);
        if let Value::Object(members) = &mut lowered {
            let parameters = operation.parameters.iter().filter(|parameter| !parameter.constant);
            members
                .insert("parameters".to_owned(), parameters.map(|parameter| with_references(parameter.node)).collect());
            members.shift_remove("requestBody");
            members.extend(operation.body.map(|body| ("requestBody".to_owned(), with_references(body))));
            let responses = operation.responses.iter().map(|response| {
                let mut reply = with_references(response.node);
                for header in reply.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
                    let listed = response.node.get("headers").and_then(|headers| headers.get(header.0));
                    *header.1 = listed.and_then(|listed| document.resolve(listed)).map_or(Value::Null, with_references);
                }
                (response.status.to_owned(), reply)
            });
            members.insert("responses".to_owned(), Value::Object(responses.collect()));
        }
        sites.push(insert(&mut paths, operation, lowered));
    }
    let info = document.root().get("info").map_or_else(|| json!({}), with_references);
    let version = document.root().text("openapi").unwrap_or("3.0.3").into();
    (object([("openapi", version), ("info", info), ("paths", paths.into()), ("components", json!({}))]), sites)
}

/// Adds an operation under a path key of its own, with its constants in the address.
fn insert(paths: &mut Map<String, Value>, operation: &Operation<'_>, lowered: Value) -> Site {
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
    while paths.get(&key).is_some_and(|item| item.get(operation.method).is_some()) {
        key.insert(0, '/');
    }
    let item = paths.entry(key.clone()).or_insert_with(|| json!({}));
    item[operation.method] = lowered;
    Site { path: key, method: operation.method.to_owned() }
}

/// The components that the lowered paths use, and those that these use.
pub(crate) fn components(document: &Document, paths: &Map<String, Value>) -> Value {
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
