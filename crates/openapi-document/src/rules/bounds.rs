//! Some value keeps both limits of a schema.

use crate::node::{Data, Node};
use crate::source::Diagnostics;
use crate::structure::Survey;

const LIMITS: [[&str; 2]; 4] =
    [["minimum", "maximum"], ["minLength", "maxLength"], ["minItems", "maxItems"], ["minProperties", "maxProperties"]];

pub(super) fn check(survey: &Survey<'_>, found: &mut Diagnostics) {
    for schema in &survey.limited {
        for [lower, upper] in LIMITS {
            let (Some(least), Some(most)) = (number(schema, lower), number(schema, upper)) else { continue };
            let is_exclusive = lower == "minimum"
                && ["exclusiveMinimum", "exclusiveMaximum"].iter().any(|flag| schema.flag(flag) == Some(true));
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
