//! The document as progenitor takes it: constants in the address, one path key for each operation, and nothing that no
//! client needs.

use std::collections::{BTreeMap, HashSet};

use openapi_document::Document;
use openapi_document::document::{Operation, references};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::schema::{object, plain};

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
