//! Media types, and schemas of bodies that are no JSON.

use openapi_document::document::essence;
use serde_json::{Map, Value, json};

/// The media type of JSON in a `content`: the plain one, or one with parameters or a suffix.
pub(super) fn json_of(content: &Map<String, Value>) -> Option<&String> {
    let plain = content.keys().find(|key| *key == "application/json");
    let with_parameters = || content.keys().find(|key| essence(key) == "application/json");
    let other = || content.keys().find(|key| essence(key).ends_with("+json") || essence(key) == "text/json");
    plain.or_else(with_parameters).or_else(other)
}

/// Whether a schema, 3.0 or 3.1, has this type, alone or beside others.
pub(super) fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        _ => false,
    }
}

/// Whether a schema is bytes: `format: binary` of 3.0, `contentMediaType` without an encoding of 3.1.
pub(super) fn is_binary(schema: &Value) -> bool {
    let is_text = has_type(schema, "string") || schema.get("type").is_none();
    let is_raw = schema.get("contentMediaType").and_then(Value::as_str).is_some_and(|media| !media.contains("json"))
        && schema.get("contentEncoding").is_none();
    is_text && (schema.get("format").is_some_and(|format| format == "binary") || is_raw)
}

/// The schema from which `Vec<u8>` is made.
pub(super) fn bytes() -> Value {
    json!({ "type": "array", "items": { "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 } })
}
