//! Parts of the document as JSON, reduced to what generated code is made from.

use openapi_document::document::unescaped;
use openapi_document::node::{Data, Entry, Node};
use serde_json::Value;

use crate::text::markdown;

/// A node without what no client is made from: examples, links, extensions.
pub(crate) fn plain(node: &Node) -> Value {
    reduced(node, Keep { words: true, escapes: false })
}

/// The same, with references as the document writes them.
pub(super) fn with_references(node: &Node) -> Value {
    reduced(node, Keep { words: true, escapes: true })
}

/// A schema, or what holds one, reduced to what judges a value.
pub(crate) fn schema_json(node: &Node) -> Value {
    reduced(node, Keep { words: false, escapes: false })
}

#[derive(Clone, Copy)]
struct Keep {
    /// Descriptions.
    words: bool,
    /// The escapes of references; the generator takes their last step as it stands.
    escapes: bool,
}

fn reduced(node: &Node, keep: Keep) -> Value {
    let Data::Map(map) = &node.data else {
        let Data::List(items) = &node.data else { return node.to_json() };
        return items.iter().map(|item| reduced(item, keep)).collect();
    };
    let is_words = |entry: &Entry| !keep.words && entry.key == "description" && entry.value.as_text().is_some();
    let kept = map.iter().filter(|entry| !is_dropped(&entry.key) && !is_words(entry));
    let kept = kept.map(|Entry { key, value, .. }| {
        let value = match (key.as_str(), &value.data) {
            // Names of properties are the author's: one may well be called `example`.
            (key, Data::Map(map)) if holds_schemas_by_name(key) => {
                map.iter().map(|entry| (entry.key.clone(), reduced(&entry.value, keep))).collect()
            }
            ("default" | "enum" | "const" | "mapping", _) => value.to_json(),
            // All of these become documentation; without words they judge a value.
            ("title" | "summary" | "description" | "termsOfService", Data::Text(text)) if keep.words => {
                Value::String(markdown::documentation(text))
            }
            ("$ref", Data::Text(text)) if !keep.escapes => Value::String(unescaped(text).into_owned()),
            _ => reduced(value, keep),
        };
        (key.clone(), value)
    });
    kept.collect()
}

/// Whether a schema's member of this name is a mapping from names to schemas.
pub(super) fn holds_schemas_by_name(key: &str) -> bool {
    matches!(key, "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions")
}

/// An object of these members, which `json!` would copy.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn is_dropped(key: &str) -> bool {
    matches!(key, "example" | "examples" | "links" | "callbacks" | "servers" | "externalDocs" | "security" | "tags")
        || key.starts_with("x-")
}
