//! Names stay different when Rust spells them, and schemas are finite.

use std::collections::{HashMap, HashSet};

use crate::document::{Document, pascal_case, snake_case};
use crate::node::{Entry, Node};
use crate::source::{At, Diagnostics};

pub(super) fn check(document: &Document, found: &mut Diagnostics) {
    check_apart(document.components("schemas"), pascal_case, "schemas", found);
    for entry in document.components("schemas") {
        check_schema(&entry.value, found);
        if refers_to_itself(document, entry) {
            let message = format!("`{}` is composed of itself", entry.key);
            found.report("reference-cycle", entry.at, message, "refer to it from a property or a list instead");
        }
    }
}

/// The properties of a schema, and of the schemas inside of it.
fn check_schema(schema: &Node, found: &mut Diagnostics) {
    check_apart(schema.entries_of("properties"), snake_case, "properties", found);
    let values = schema.items_of("enum").iter().filter_map(|value| Some((value.as_text()?, value.at)));
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (value, at) in values.filter(|(value, _)| value.chars().any(char::is_alphanumeric)) {
        let name = pascal_case(value);
        match seen.insert(name.clone(), value) {
            Some(other) if other == value => {
                found.report("enum-values", at, format!("the enum lists {value:?} twice"), "remove one of the two");
            }
            Some(other) => {
                let message = format!("the values {other:?} and {value:?} both become `{name}` in Rust");
                found.report("enum-values", at, message, "describe the values in words instead of an enum");
            }
            None => {}
        }
    }
    let inside = schema.entries_of("properties").map(|entry| &entry.value);
    let parts = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| Some((key, schema.get(key)?)));
    for (key, list) in parts.clone() {
        if list.items().is_empty() {
            found.report(
                "composition",
                list.at,
                format!("`{key}` lists nothing"),
                "list at least one schema, or remove it",
            );
        }
    }
    let singles = ["items", "additionalProperties", "not"].into_iter().filter_map(|key| schema.get(key));
    inside.chain(parts.flat_map(|(_, list)| list.items())).chain(singles).for_each(|inner| check_schema(inner, found));
}

fn check_apart<'d>(
    entries: impl Iterator<Item = &'d Entry>,
    rust: fn(&str) -> String,
    what: &str,
    found: &mut Diagnostics,
) {
    let mut seen: HashMap<String, (&str, At)> = HashMap::new();
    for entry in entries {
        let name = rust(&entry.key);
        // Names without a letter get one made up, which stays apart.
        if name.is_empty() {
            continue;
        }
        if let Some((other, at)) = seen.insert(name.clone(), (&entry.key, entry.at)) {
            let message = format!("the {what} `{other}` and `{}` both become `{name}` in Rust", entry.key);
            let notes = vec![format!("first at line {}", at.line)];
            found.report_with(
                "rust-name",
                entry.at,
                message,
                notes,
                "make the names differ in more than case and punctuation",
            );
        }
    }
}

/// Whether a schema leads back to itself through composition alone, with no value in between.
fn refers_to_itself(document: &Document, entry: &Entry) -> bool {
    let mut open = vec![&entry.value];
    let mut seen = HashSet::new();
    while let Some(schema) = open.pop() {
        if !seen.insert(std::ptr::from_ref(schema)) {
            continue;
        }
        let composed = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| schema.items_of(key));
        for part in composed.chain(schema.get("not")) {
            let target = part.text("$ref").and_then(|reference| document.target(reference));
            if target.is_some_and(|target| std::ptr::eq(target, &entry.value)) {
                return true;
            }
            open.push(target.unwrap_or(part));
        }
    }
    false
}
