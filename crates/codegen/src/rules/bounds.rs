//! Can any value keep both limits of a schema?

use crate::diagnostic::Diagnostics;
use crate::node::{Data, Node};
use crate::shape::Survey;

/// The lower limit, the upper one, and the flags that make each exclusive.
const LIMITS: [(&str, &str, Option<(&str, &str)>); 4] = [
    ("minimum", "maximum", Some(("exclusiveMinimum", "exclusiveMaximum"))),
    ("minLength", "maxLength", None),
    ("minItems", "maxItems", None),
    ("minProperties", "maxProperties", None),
];

pub(super) fn check(survey: &Survey<'_>, found: &mut Diagnostics) {
    for schema in &survey.limited {
        for (lower, upper, exclusive) in LIMITS {
            let (Some(least), Some(most)) = (number(schema, lower), number(schema, upper)) else { continue };
            let is_exclusive = exclusive
                .is_some_and(|(lower, upper)| schema.flag(lower) == Some(true) || schema.flag(upper) == Some(true));
            if least > most || (is_exclusive && least == most) {
                let message = format!("no value keeps both {lower} {least} and {upper} {most}");
                let hint = format!("is one of the two meant to be the other? {lower} is the smaller one");
                found.report("bounds", schema.key_at(lower), message, hint);
            }
        }
    }
}

fn number(schema: &Node, key: &str) -> Option<f64> {
    match &schema.get(key)?.data {
        Data::Number(number) => number.as_f64(),
        _ => None,
    }
}
