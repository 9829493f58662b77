//! Values that break a schema in one way each.

use serde_json::{Value, json};

use super::keywords::{Break, Keywords, Wire};
use super::text::{self, other_case};

/// Longer lists would test the limits of servers and not those of the document.
const MOST_ITEMS: u64 = 100;

/// Whether a description says that the case of letters means nothing.
pub(super) fn has_no_case(description: &str) -> bool {
    let text = description.to_lowercase().replace('-', " ");
    ["case insensitive", "not case sensitive", "ignoring case", "regardless of case", "upper or lower case"]
        .iter()
        .any(|words| text.contains(words))
}

/// Values that are likely to break the schema of these keywords; which of them do is for a judge to say. `sample` is a
/// value that does not.
pub(super) fn breaks(keywords: &Keywords<'_>, sample: &Value, wire: Wire) -> Vec<Break> {
    let mut breaks = Vec::new();
    types(keywords, sample, wire, &mut breaks);
    if let Some(text) = sample.as_str() {
        text::lengths(keywords, text, &mut breaks);
        text::patterns(keywords, text, &mut breaks);
        text::formats(keywords, &mut breaks);
    }
    values(keywords, sample, &mut breaks);
    numbers(keywords, sample, &mut breaks);
    if wire == Wire::Json {
        lists(keywords, sample, &mut breaks);
    }
    breaks
}

fn types(keywords: &Keywords<'_>, sample: &Value, wire: Wire, breaks: &mut Vec<Break>) {
    let types = keywords.types();
    let mut add = |what: &str, value: Value, how: &str| breaks.push(Break::new(what, value, how));
    // Everything on the wire is a text outside of bodies, so none breaks the type of a string there.
    match (types.first().copied(), wire) {
        (Some("string"), Wire::Json) => add("type", json!(7), "is a number in place of a string: 7"),
        (Some("integer" | "number"), _) => add("type", json!("seven"), "is no number: `seven`"),
        (Some("boolean"), _) => add("type", json!("yes"), "is neither true nor false: `yes`"),
        (Some("array"), Wire::Json) => add("type", json!("one"), "is a string in place of a list: `one`"),
        (Some("object"), Wire::Json) => add("type", json!("one"), "is a string in place of an object: `one`"),
        _ => {}
    }
    if types.contains(&"integer") {
        add("fraction", json!(1.5), "is no whole number: 1.5");
    }
    if wire == Wire::Text {
        return;
    }
    match sample {
        Value::Number(_) | Value::Bool(_) => {
            add("as_text", json!(sample.to_string()), &format!("is a string: \"{sample}\""));
        }
        _ => {}
    }
    if sample.is_boolean() {
        add("as_number", json!(u8::from(*sample == json!(true))), "is a number in place of true or false");
    }
    // What may be left blank may be null to a reader.
    if !types.is_empty() && !keywords.says(&["blank", "null"]) {
        add("null", Value::Null, "is null");
    }
    if !types.contains(&"array") && !types.is_empty() {
        add("list", json!([sample]), "is a list of one");
    }
}

/// Values beside those that are listed.
fn values(keywords: &Keywords<'_>, sample: &Value, breaks: &mut Vec<Break>) {
    if keywords.get("enum").is_none_or(|values| values.items().is_empty()) && keywords.get("const").is_none() {
        return;
    }
    let mut add = |what: &str, value: Value| {
        let how = format!("is none of the documented values: `{}`", value.as_str().unwrap_or(&value.to_string()));
        breaks.push(Break::new(what, value, how));
    };
    match sample {
        Value::Number(number) => {
            add("unknown", json!("no-such-value"));
            if let Some(number) = number.as_i64() {
                add("next", json!(number.saturating_add(1)));
                add("previous", json!(number.saturating_sub(1)));
            }
        }
        Value::String(text) => {
            add("unknown", json!("no-such-value"));
            if !has_no_case(keywords.text("description").unwrap_or_default()) {
                add("other_case", json!(other_case(text)));
            }
            for (what, value) in around(text) {
                add(what, json!(value));
            }
            add("empty", json!(""));
        }
        _ => add("unknown", json!("no-such-value")),
    }
}

/// A listed text with something before or behind it, and without its end.
pub(super) fn around(text: &str) -> Vec<(&'static str, String)> {
    let mut shorter = text.to_owned();
    shorter.pop();
    let mut found = vec![("before", format!("x{text}")), ("behind", format!("{text}x"))];
    found.extend((!shorter.is_empty()).then_some(("shorter", shorter)));
    found
}

fn numbers(keywords: &Keywords<'_>, sample: &Value, breaks: &mut Vec<Break>) {
    let types = keywords.types();
    let is_whole = types.contains(&"integer");
    if !is_whole && !types.contains(&"number") {
        return;
    }
    let step = if is_whole { 1.0 } else { 0.5 };
    for (bound, exclusive, what, sign) in
        [("minimum", "exclusiveMinimum", "too_small", -1.0), ("maximum", "exclusiveMaximum", "too_large", 1.0)]
    {
        // Either a limit beside a flag (OpenAPI 3.0), or a limit of its own (3.1).
        let inclusive =
            keywords.number(bound).map(|limit| if keywords.is(exclusive) { limit } else { limit + sign * step });
        let found = inclusive.into_iter().chain(keywords.number(exclusive));
        for value in found.take(1).filter_map(|value| numeral(value, is_whole)) {
            breaks.push(Break::new(what, value.clone(), format!("is {}: {value}", what.replace('_', " "))));
        }
    }
    if let (Some(step), Some(value)) = (keywords.number("multipleOf"), sample.as_f64())
        && let Some(value) = numeral(value + step / 2.0, false).filter(|_| step > 0.0)
    {
        let value =
            if is_whole { numeral((value.as_f64().unwrap_or_default()).floor(), true).unwrap_or(value) } else { value };
        breaks.push(Break::new("multiple", value.clone(), format!("is no multiple of {step}: {value}")));
    }
    match keywords.text("format") {
        Some("int32") => {
            let value = json!(i64::from(i32::MAX) + 1);
            breaks.push(Break::new("format", value.clone(), format!("is beyond 32 bits: {value}")));
        }
        Some("int64") => {
            let value = json!(i64::MAX.unsigned_abs() + 1);
            breaks.push(Break::new("format", value.clone(), format!("is beyond 64 bits: {value}")));
        }
        _ => {}
    }
}

/// A number as people write it; nothing if it cannot be written exactly.
fn numeral(value: f64, is_whole: bool) -> Option<Value> {
    // Beyond, not every whole number is one of these.
    let is_exact = value.abs() < 9e15;
    if is_exact && value.fract() == 0.0 {
        return Some(json!(value as i64));
    }
    (is_exact && !is_whole).then(|| json!(value))
}

fn lists(keywords: &Keywords<'_>, sample: &Value, breaks: &mut Vec<Break>) {
    let Some(items) = sample.as_array() else { return };
    if let Some(least) = keywords.count("minItems").filter(|least| *least > 0)
        && let Some(fewer) = usize::try_from(least - 1).ok().and_then(|count| items.get(..count))
    {
        breaks.push(Break::new("too_few", json!(fewer), format!("has {} elements, {least} are needed", least - 1)));
    }
    if let Some(most) = keywords.count("maxItems").filter(|most| *most < MOST_ITEMS)
        && !items.is_empty()
    {
        let more: Vec<&Value> = items.iter().cycle().take(usize::try_from(most).unwrap_or_default() + 1).collect();
        breaks.push(Break::new("too_many", json!(more), format!("has {} elements, {most} are allowed", most + 1)));
    }
    if let Some(first) = items.first().filter(|_| keywords.is("uniqueItems")) {
        let mut twice = items.clone();
        twice.push(first.clone());
        breaks.push(Break::new("twice", json!(twice), "has an element twice"));
    }
}
