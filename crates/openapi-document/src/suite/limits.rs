//! The values that a schema permits beside the documented one: each of an enum, both of a Boolean, the default, null, and
//! both ends of each limit.

use conformance_engine::schema::violations;
use serde_json::{Map, Number, Value, json};

use crate::document::{Document, parts, raised, scalar};
use crate::node::Node;

/// Of a longer enum only so many values are tried.
const MOST_VALUES: usize = 20;

/// Longer texts and lists would test the limits of servers and not those of the document.
const MOST_CHARACTERS: usize = 4096;
const MOST_ITEMS: usize = 100;

/// Another value that is permitted.
pub(crate) struct Change {
    /// The end of an id: `value.cat`, `longest`.
    pub(crate) what: String,
    pub(crate) value: Value,
    /// In words that fit after what is changed.
    pub(crate) how: String,
}

/// What a schema says of one value, with what it is composed of.
pub(crate) struct Constraints {
    /// As JSON Schema, each without what the others say.
    parts: Vec<Value>,
}

impl Constraints {
    pub(crate) fn of(document: &Document, schema: &Node) -> Self {
        Self { parts: parts(document, schema).into_iter().map(|part| raised(document, part)).collect() }
    }

    /// The values that are permitted beside `documented`, or in addition to the documented request if that has none;
    /// and what is permitted and not tried, each with the reason.
    pub(crate) fn changes(&self, documented: Option<&Value>) -> (Vec<Change>, Vec<(&'static str, String)>) {
        let mut all = Changes { documented, changes: Vec::new(), untried: Vec::new() };
        if let Some(default) = self.get("default") {
            all.push("default".to_owned(), default.clone(), format!("is its default, written out: {default}"));
        }
        let (values, is_enum) = match self.get("enum") {
            Some(Value::Array(values)) => (values.clone(), true),
            _ if self.is("boolean") => (vec![json!(true), json!(false)], false),
            _ => (Vec::new(), false),
        };
        for value in values.iter().filter(|value| !value.is_null()).take(MOST_VALUES) {
            let Some(text) = scalar(value) else { continue };
            let how = if is_enum { format!("is another documented value: {value}") } else { format!("is {value}") };
            all.push(format!("value.{}", name(&text)), value.clone(), how);
        }
        if values.len() > MOST_VALUES {
            let reason = format!("of its {} values the first {MOST_VALUES} are tried", values.len());
            all.untried.push(("value", reason));
        }
        if documented.is_some_and(|value| !value.is_null()) && self.is("null") {
            all.push("null".to_owned(), Value::Null, "is null, as its schema allows".to_owned());
        }
        if is_enum || self.get("const").is_some() {
            return (all.changes, all.untried);
        }
        match documented {
            Some(Value::Number(number)) => self.numbers(Some(number), &mut all),
            Some(Value::String(text)) => self.texts(text, &mut all),
            Some(Value::Array(items)) => self.lists(items, &mut all),
            None if self.is("integer") || self.is("number") => self.numbers(None, &mut all),
            _ => {}
        }
        (all.changes, all.untried)
    }

    /// The ends of a number's limits, also where the documented request does not have it.
    fn numbers(&self, documented: Option<&Number>, all: &mut Changes<'_>) {
        let is_integer = self.is("integer") && !self.is("number");
        let step = self.limit("multipleOf", f64::min).filter(|step| *step > 0.0);
        let next = step.or(is_integer.then_some(1.0));
        let least = self.end("minimum", "exclusiveMinimum", f64::max, next, 1.0);
        let most = self.end("maximum", "exclusiveMaximum", f64::min, next, -1.0);
        for (what, end) in [("least", least), ("greatest", most)] {
            if let Some(value) = end.and_then(number) {
                let how = format!("has the {what} value that is allowed: {value}");
                all.push(what.to_owned(), value, how);
            }
        }
        if let (Some(step), Some(value)) = (step, documented.and_then(Number::as_f64))
            && let Some(value) = number(value + step)
        {
            all.push("multiple".to_owned(), value.clone(), format!("is another multiple of {step}: {value}"));
        }
    }

    /// The number at the end of a limit that is allowed and nearest to it, if there is such a number.
    fn end(
        &self,
        inclusive: &str,
        exclusive: &str,
        stricter: fn(f64, f64) -> f64,
        step: Option<f64>,
        inwards: f64,
    ) -> Option<f64> {
        let allowed = self.limit(inclusive, stricter).map(|limit| match step {
            Some(step) if inwards > 0.0 => (limit / step).ceil() * step,
            Some(step) => (limit / step).floor() * step,
            None => limit,
        });
        let beyond = match (self.limit(exclusive, stricter), step) {
            (None, _) => None,
            (Some(limit), Some(step)) if inwards > 0.0 => Some(((limit / step).floor() + 1.0) * step),
            (Some(limit), Some(step)) => Some(((limit / step).ceil() - 1.0) * step),
            // Between any number and a limit that is not allowed itself there is another one.
            (Some(_), None) => return None,
        };
        [allowed, beyond].into_iter().flatten().reduce(stricter)
    }

    fn texts(&self, documented: &str, all: &mut Changes<'_>) {
        let length = documented.chars().count();
        let (least, most) = (self.count("minLength", usize::max), self.count("maxLength", usize::min));
        if least.is_none() && most.is_none() {
            return;
        }
        if let Some(format) = self.get("format").and_then(Value::as_str).filter(|format| *format != "password") {
            let reason = format!("no text of the format `{format}` and of the length of the limit is known");
            return all.untried.push(("length", reason));
        }
        let shortest = least.map(|least| ("shortest", least));
        let longest = most.filter(|most| *most <= MOST_CHARACTERS).map(|most| ("longest", most));
        for (what, count) in [shortest, longest].into_iter().flatten().filter(|(_, count)| *count != length) {
            let pad = if documented.is_empty() { "a" } else { documented };
            let texts = [
                documented.chars().chain(pad.chars().cycle()).take(count).collect::<String>(),
                "a".repeat(count),
                "1".repeat(count),
            ];
            match texts.into_iter().find(|text| self.fits(&json!(text))) {
                Some(text) => {
                    let how = format!("has {count} characters, the {what} that is allowed");
                    all.push(what.to_owned(), json!(text), how.replace("shortest", "least").replace("longest", "most"));
                }
                None => {
                    let reason = format!("no text of {count} characters was found that its schema accepts");
                    all.untried.push((what, reason));
                }
            }
        }
    }

    fn lists(&self, documented: &[Value], all: &mut Changes<'_>) {
        let (least, most) = (self.count("minItems", usize::max), self.count("maxItems", usize::min));
        let shortest = least.map(|least| ("fewest", least));
        let longest = most.filter(|most| *most <= MOST_ITEMS).map(|most| ("most", most));
        for (what, count) in [shortest, longest].into_iter().flatten().filter(|(_, count)| *count != documented.len()) {
            let mut items: Vec<Value> = documented.iter().take(count).cloned().collect();
            let mut number = 0;
            while items.len() < count && number <= 2 * MOST_ITEMS {
                number += 1;
                if let Some(item) = another(documented, number).filter(|item| !items.contains(item)) {
                    items.push(item);
                }
            }
            let list = Value::Array(items);
            let is_made = list.as_array().is_some_and(|items| items.len() == count);
            if is_made && self.fits(&list) {
                let words = if what == "most" { "the most that are allowed" } else { "the fewest that are allowed" };
                all.push(format!("{what}_items"), list, format!("has {count} items, {words}"));
            } else {
                all.untried.push((what, format!("no list of {count} different items was found")));
            }
        }
    }

    /// The value that the text of a parameter is.
    pub(crate) fn read(&self, text: &str) -> Value {
        let is_scalar = ["integer", "number", "boolean"].iter().any(|name| self.is(name));
        let value = serde_json::from_str::<Value>(text).ok().filter(|value| is_scalar && !value.is_string());
        match value {
            Some(value) => value,
            // The items of a list that is one text are not known.
            None if self.is("array") || self.is("object") => Value::Null,
            None => Value::String(text.to_owned()),
        }
    }

    fn fits(&self, value: &Value) -> bool {
        self.parts.iter().all(|part| {
            let found = violations(value, part, &Map::new());
            // What a reference leads to is judged with the whole value.
            found.iter().all(|violation| violation.schema_is_broken)
        })
    }

    fn get(&self, keyword: &str) -> Option<&Value> {
        self.parts.iter().find_map(|part| part.get(keyword))
    }

    /// Whether the type is named, alone or in a list.
    fn is(&self, name: &str) -> bool {
        self.parts.iter().filter_map(|part| part.get("type")).any(|kind| match kind {
            Value::Array(names) => names.iter().any(|known| known == name),
            kind => kind == name,
        })
    }

    fn limit(&self, keyword: &str, stricter: fn(f64, f64) -> f64) -> Option<f64> {
        self.parts.iter().filter_map(|part| part.get(keyword)?.as_f64()).reduce(stricter)
    }

    fn count(&self, keyword: &str, stricter: fn(usize, usize) -> usize) -> Option<usize> {
        let counts = self.parts.iter().filter_map(|part| part.get(keyword)?.as_u64());
        counts.map(|count| usize::try_from(count).unwrap_or(usize::MAX)).reduce(stricter)
    }
}

struct Changes<'v> {
    documented: Option<&'v Value>,
    changes: Vec<Change>,
    untried: Vec<(&'static str, String)>,
}

impl Changes<'_> {
    fn push(&mut self, what: String, value: Value, how: String) {
        let is_known = self.documented == Some(&value) || self.changes.iter().any(|change| change.value == value);
        let mut unique = what.clone();
        let mut count = 1;
        // Two values may differ only in characters that an id does not have.
        while self.changes.iter().any(|change| change.what == unique) {
            count += 1;
            unique = format!("{what}_{count}");
        }
        if !is_known {
            self.changes.push(Change { what: unique, value, how });
        }
    }
}

/// Another item like the documented ones: only of texts and numbers is it known how they may differ.
fn another(documented: &[Value], number: usize) -> Option<Value> {
    match documented.first()? {
        Value::String(text) => Some(json!(format!("{text}{}", number + 1))),
        Value::Number(first) if first.is_i64() => {
            Some(json!(first.as_i64()?.checked_add(i64::try_from(number).ok()?)?))
        }
        _ => None,
    }
}

/// A number that is exact in JSON and in every reader.
fn number(value: f64) -> Option<Value> {
    if value.abs() > 9_007_199_254_740_991.0 {
        return None;
    }
    if value.fract() == 0.0 { Some(json!(value as i64)) } else { Number::from_f64(value).map(Value::Number) }
}

/// A value as the end of an id.
fn name(value: &str) -> String {
    let short: String = value.chars().take(40).collect();
    short.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
