//! References as text: what they name, and where they are found.

use std::collections::BTreeSet;

use crate::node::Node;

/// What the target of a reference is called among the schemas of a suite: a component by its name, everything else in
/// the document by the reference itself. Bundlers leave a schema where it stood first, and refer to that place
/// (`#/paths/~1a/get/responses/200/content/application~1json/schema`).
pub fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/").or(Some(reference).filter(|it| it.starts_with("#/")))
}

/// The references that may lead to a schema that is no component.
pub(super) fn references_elsewhere<'d>(node: &'d Node, found: &mut BTreeSet<&'d str>) {
    node.items().iter().for_each(|item| references_elsewhere(item, found));
    node.entries().for_each(|entry| references_elsewhere(&entry.value, found));
    if let Some(reference) = node.text("$ref") {
        // `#/components/SECTION/NAME` is a component.
        let is_component = reference.starts_with("#/components/") && reference.matches('/').count() == 3;
        if !is_component {
            found.insert(reference);
        }
    }
}

/// The text of every `$ref` within.
pub fn references(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            found.extend(members.get("$ref").and_then(serde_json::Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
