//! Parts of the document as JSON, reduced to what generated code is made from.

use openapi_document::document::unescaped;
use openapi_document::node::{Data, Entry, Node};
use serde_json::Value;

/// A node without what no client is made from: examples, links, extensions.
pub(crate) fn plain(node: &Node) -> Value {
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
