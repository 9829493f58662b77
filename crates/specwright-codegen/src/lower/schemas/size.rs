//! Bounds the schemas of which types are made: what progenitor and typify do with one grows with the square of its width.

use serde_json::{Map, Value, json};

use crate::lower::findings::Findings;
use crate::lower::operations::pointer;

/// The most properties, values or alternatives of a schema. The widest of real documents have a few hundred.
const MOST: [(&str, usize, &str); 5] = [
    ("properties", MOST_MEMBERS, "properties"),
    ("enum", 5_000, "values"),
    ("oneOf", MOST_ALTERNATIVES, "alternatives"),
    ("anyOf", MOST_ALTERNATIVES, "alternatives"),
    ("allOf", 1_000, "parts"),
];

/// The most members of a type, also of one that is composed of several schemas.
pub(in crate::lower) const MOST_MEMBERS: usize = 5_000;
/// The most schemas that a value may be of, also those that a discriminator leads to.
pub(in crate::lower) const MOST_ALTERNATIVES: usize = 1_000;

/// The rule of what is found here.
pub(crate) const RULE: &str = "schema-size";
/// What to do about it.
pub(in crate::lower) const HINT: &str = "divide the schema, or describe it by `additionalProperties` or a `pattern`";

/// Replaces schemas that are too wide by any JSON.
pub(in crate::lower) fn pass(document: &mut Value, findings: &mut Findings) {
    bound(document, &mut Vec::new(), findings);
}

fn bound(value: &mut Value, steps: &mut Vec<String>, findings: &mut Findings) {
    let too_wide = value.as_object().and_then(too_wide);
    if let Some(message) = too_wide {
        let place = pointer(steps.iter().map(String::as_str));
        findings.warn(RULE, place, message, HINT);
        *value = json!({});
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                steps.push(name.clone());
                bound(member, steps, findings);
                steps.pop();
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate().filter(|(_, element)| !element.is_string()) {
                steps.push(index.to_string());
                bound(element, steps, findings);
                steps.pop();
            }
        }
        _ => {}
    }
}

fn too_wide(schema: &Map<String, Value>) -> Option<String> {
    MOST.into_iter().find_map(|(keyword, most, what)| {
        let count = match schema.get(keyword)? {
            Value::Object(members) => members.len(),
            Value::Array(elements) => elements.len(),
            _ => 0,
        };
        (count > most).then(|| {
            format!("this schema has {count} {what}, and types are made of up to {most}, so any JSON is taken")
        })
    })
}

/// The message on a composition with too many members.
pub(in crate::lower) fn composed() -> String {
    let up_to = format!("types are made of up to {MOST_MEMBERS}");
    format!(
        "this schema has more than {MOST_MEMBERS} properties with those that it is composed of, and {up_to}, so any JSON is taken"
    )
}

/// The message on a discriminator with too many subtypes.
pub(in crate::lower) fn subtypes() -> String {
    let up_to = format!("types are made of up to {MOST_ALTERNATIVES}");
    format!("the discriminator leads to more than {MOST_ALTERNATIVES} schemas, and {up_to}, so any JSON is taken")
}
