//! Some value keeps all limits of a schema, and an array says what it is one of.

use std::collections::HashSet;

use crate::node::{Data, Node};
use crate::source::Diagnostics;
use crate::structure::{Survey, Version};

const LIMITS: [[&str; 2]; 4] =
    [["minimum", "maximum"], ["minLength", "maxLength"], ["minItems", "maxItems"], ["minProperties", "maxProperties"]];

pub(super) fn check(survey: &Survey<'_>, version: Version, found: &mut Diagnostics) {
    for schema in &survey.limited {
        check_enum(schema, found);
        // Later, as in JSON Schema, an array without `items` is one of anything.
        if version == Version::V3_0 && schema.text("type") == Some("array") && schema.get("items").is_none() {
            let hint = "add `items`; `items: {}` is an array of anything";
            found.report("array-items", schema.at, "a schema of the type array has no `items`", hint);
        }
        for [lower, upper] in LIMITS {
            let (least, most) = (limit(schema, lower), limit(schema, upper));
            let (Some((lower, least, above)), Some((upper, most, below))) = (least, most) else { continue };
            if least > most || (above || below) && least == most {
                let message = format!("no value keeps both {lower} {least} and {upper} {most}");
                let hint = format!("is one of the two meant to be the other? {lower} is the smaller one");
                found.report("bounds", schema.key_at(lower), message, hint);
            }
        }
    }
}

/// The keyword that limits, the limit, and whether the limit itself is excluded.
fn limit<'k>(schema: &Node, key: &'k str) -> Option<(&'k str, f64, bool)> {
    let exclusive = match key {
        "minimum" => "exclusiveMinimum",
        "maximum" => "exclusiveMaximum",
        _ => "",
    };
    // Since OpenAPI 3.1, an exclusive limit is a number by itself.
    match (number(schema, key), number(schema, exclusive)) {
        (None, Some(excluded)) => Some((exclusive, excluded, true)),
        (limit, _) => Some((key, limit?, schema.flag(exclusive) == Some(true))),
    }
}

/// Every value of an enum stands there once, and is of the type beside it; `null` is if it is said to be.
fn check_enum(schema: &Node, found: &mut Diagnostics) {
    let mut seen = HashSet::new();
    for value in schema.items_of("enum").iter().filter(|value| !seen.insert(value.to_json_text())) {
        let message = format!("the enum lists {} twice", value.describe());
        found.report("enum-twice", value.at, message, "remove one of the two");
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Node { data: Data::List(items), .. }) => items.iter().filter_map(Node::as_text).collect(),
        Some(one) => one.as_text().into_iter().collect(),
        None => return,
    };
    for value in schema.items_of("enum") {
        let fits = |name: &&str| match (&value.data, *name) {
            (Data::Text(_), "string") | (Data::Flag(_), "boolean") | (Data::Number(_), "number") => true,
            (Data::Map(_), "object") | (Data::List(_), "array") | (Data::Null, "null") => true,
            (Data::Number(number), "integer") => number.as_f64().is_some_and(|number| number.fract() == 0.0),
            (Data::Null, _) => schema.flag("nullable") == Some(true),
            _ => false,
        };
        if !types.iter().any(fits) {
            let message =
                format!("{} is a value of the enum, and not of the type {}", value.describe(), types.join(" or "));
            let hint = if types == ["string"] { "quote it" } else { "correct the value, or the type" };
            found.report("enum-type", value.at, message, hint);
        }
    }
}

fn number(schema: &Node, key: &str) -> Option<f64> {
    match &schema.get(key)?.data {
        Data::Number(number) => number.as_f64(),
        _ => None,
    }
}
