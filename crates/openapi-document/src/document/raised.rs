//! Schemas as JSON Schema 2020-12, whichever version of OpenAPI they are written in.
//!
//! Sources: OpenAPI 3.0.3, Schema Object; OpenAPI 3.1.1, Schema Object; JSON Schema 2020-12, core and validation.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::reference::{references_elsewhere, schema_name};
use super::resolve::Document;
use crate::node::{Data, Entry, Node};
use crate::structure::Version;

/// Keywords whose values are schemas.
const SCHEMAS: [&str; 11] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose values are lists of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose values are mappings of names to schemas.
const NAMED: [&str; 4] = ["$defs", "dependentSchemas", "patternProperties", "properties"];
/// Keywords that OpenAPI 3.0 does not have: there they mean nothing, and JSON Schema 2020-12 would read a meaning.
const LATER: [&str; 17] = [
    "$defs",
    "$dynamicRef",
    "const",
    "contains",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

impl Document {
    /// `components.schemas` for judging values ([`raised`](super::raised())), and the schemas that references find
    /// elsewhere, each under its [`schema_name`].
    pub fn schemas(&self) -> Map<String, Value> {
        let mut schemas: Map<_, _> =
            self.components("schemas").map(|entry| (entry.key.clone(), raised(self, &entry.value))).collect();
        let mut elsewhere = BTreeSet::new();
        references_elsewhere(self.root(), &mut elsewhere);
        for reference in elsewhere {
            if let (Some(name), Some(node)) = (schema_name(reference), self.target(reference)) {
                schemas.insert(name.to_owned(), raised(self, node));
            }
        }
        schemas
    }
}

/// The schema `schema` of `document` as values are judged by it: in JSON Schema 2020-12.
///
/// `nullable` becomes a `type` list, a `null` in the `enum`, or `anyOf` with `null`; so it also widens what is composed
/// by `allOf`, as authors mean it. Boolean limits become numbers. Both are OpenAPI 3.0, and are read so in a later
/// document, too. In an OpenAPI 3.0 document, what stands beside a `$ref` is dropped, and so are the keywords that came
/// later. In all of them, a keyword that is `null` and a `pattern` that nothing can read are dropped. Each of these has a
/// rule that says so. Numbers that a [`Value`] does not hold as they are written are in `x-written` beside them.
pub fn raised(document: &Document, schema: &Node) -> Value {
    let is_3_0 = document.version() == Version::V3_0;
    match &schema.data {
        Data::Flag(flag) => return Value::Bool(*flag),
        // `property:` with nothing behind it: any value.
        Data::Null => return json!({}),
        Data::Map(_) => {}
        _ => return schema.to_json(),
    }
    if let Some(reference) = schema.text("$ref").filter(|_| is_3_0) {
        return json!({ "$ref": reference });
    }
    let mut keywords = Map::new();
    for entry in schema.entries().filter(|entry| !is_3_0 || !LATER.contains(&entry.key.as_str())) {
        let (limit, flag) = match entry.key.as_str() {
            "nullable" => continue,
            "minimum" | "exclusiveMinimum" => ("minimum", "exclusiveMinimum"),
            "maximum" | "exclusiveMaximum" => ("maximum", "exclusiveMaximum"),
            _ => {
                keywords.extend(keyword(document, entry));
                continue;
            }
        };
        let is_limit = entry.key == limit;
        match schema.flag(flag) {
            Some(true) if is_limit => keywords.insert(flag.to_owned(), entry.value.to_json()),
            Some(_) if !is_limit => None,
            _ => keywords.insert(entry.key.clone(), entry.value.to_json()),
        };
    }
    let written = written_numbers(schema);
    if !written.is_empty() {
        keywords.insert("x-written".to_owned(), written.into());
    }
    if schema.flag("nullable") == Some(true) { with_null(keywords) } else { keywords.into() }
}

/// The numbers in the keywords of a schema that a [`Value`] does not hold as they are written: JSON pointer -> text.
fn written_numbers(schema: &Node) -> Map<String, Value> {
    const SILENT: [&str; 3] = ["default", "example", "examples"];
    let is_schema = |key: &str| SCHEMAS.contains(&key) || LISTS.contains(&key) || NAMED.contains(&key);
    let mut written = Map::new();
    for entry in schema.entries().filter(|entry| !is_schema(&entry.key) && !SILENT.contains(&entry.key.as_str())) {
        // A Boolean beside a limit of OpenAPI 3.0 makes it another keyword.
        let key = match entry.key.as_str() {
            "minimum" if schema.flag("exclusiveMinimum") == Some(true) => "exclusiveMinimum",
            "maximum" if schema.flag("exclusiveMaximum") == Some(true) => "exclusiveMaximum",
            key => key,
        };
        let numbers = if entry.value.has_inexact_number() { entry.value.to_reading().written } else { continue };
        written.extend(numbers.into_iter().map(|(at, text)| (format!("/{key}{at}"), text.into())));
    }
    written
}

/// The same, and null.
fn with_null(mut keywords: Map<String, Value>) -> Value {
    if ["$ref", "allOf", "anyOf", "oneOf", "not", "const"].iter().any(|key| keywords.contains_key(*key)) {
        return json!({ "anyOf": [keywords, { "type": "null" }] });
    }
    match keywords.get_mut("type") {
        Some(Value::Array(names)) if !names.contains(&json!("null")) => names.push(json!("null")),
        Some(name @ Value::String(_)) => *name = json!([name.take(), "null"]),
        _ => {}
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    keywords.into()
}

fn keyword(document: &Document, entry: &Entry) -> Option<(String, Value)> {
    let (name, value) = (entry.key.as_str(), &entry.value);
    let raised = match (name, &value.data) {
        ("const" | "default" | "example", _) => value.to_json(),
        (_, Data::Null) => return None,
        ("pattern", Data::Text(pattern)) if !document.can_read_pattern(pattern) => return None,
        // `required: true`, as in drafts before JSON Schema 4.
        ("required", data) if !matches!(data, Data::List(_)) => return None,
        (_, Data::Map(_) | Data::Flag(_)) if SCHEMAS.contains(&name) => raised(document, value),
        (_, Data::List(items)) if LISTS.contains(&name) => items.iter().map(|item| raised(document, item)).collect(),
        (_, Data::Map(map)) if NAMED.contains(&name) => {
            map.iter().map(|entry| (entry.key.clone(), raised(document, &entry.value))).collect::<Map<_, _>>().into()
        }
        _ => value.to_json(),
    };
    Some((name.to_owned(), raised))
}
