//! Finds the schemas that may describe a member, whichever alternative applies.

use serde_json::Value;

use crate::check::schema::Schemas;
use crate::check::value::member_of;

/// The schema objects that say something about a value: references resolved, `allOf`, `anyOf` and `oneOf` flattened.
pub(crate) fn describing<'j>(schemas: &Schemas<'j>, start: &[&'j Value]) -> Vec<&'j Value> {
    /// Enough for any honest document; a schema that refers to itself stops earlier.
    const ENOUGH: usize = 200;
    let mut known: Vec<&Value> = Vec::new();
    let mut waiting: Vec<&Value> = start.iter().rev().copied().collect();
    while let Some(schema) = waiting.pop() {
        if known.len() >= ENOUGH || known.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        known.push(schema);
        if let Some(reference) = member_of(schema, "$ref").and_then(Value::as_str) {
            waiting.extend(schemas.resolve(reference));
            continue;
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            waiting.extend(member_of(schema, keyword).and_then(Value::as_array).into_iter().flatten().rev());
        }
    }
    known.retain(|schema| member_of(schema, "$ref").is_none());
    known
}

/// What one schema object says about a member.
pub(crate) fn property<'j>(schema: &&'j Value, name: &str) -> Option<&'j Value> {
    let named = member_of(schema, "properties").and_then(|properties| member_of(properties, name));
    named.or_else(|| member_of(schema, "additionalProperties").filter(|schema| schema.is_object()))
}
