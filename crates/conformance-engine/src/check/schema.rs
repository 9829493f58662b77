//! Validates a JSON value against a Schema Object of OpenAPI 3.0.
//!
//! ```
//! use conformance_engine::schema::violations;
//! use serde_json::{Map, json};
//!
//! let schema = json!({"type": "object", "properties": {"stage": {"type": "integer", "minimum": 1}}});
//! let found = violations(&json!({"stage": 0}), &schema, &Map::new());
//! assert_eq!(found[0].to_string(), "/stage: expected at least 1, found 0 (minimum)");
//! ```
//!
//! OpenAPI 3.0 is not JSON Schema: `nullable` widens `type` and nothing else, `exclusiveMinimum` is a boolean, members
//! beside `$ref` are ignored, and a `required` member that is `readOnly` or `writeOnly` is required in one direction
//! only (see [`Direction`]). An unknown `format` and the words that only annotate (`title`, `example`, `discriminator`)
//! decide nothing.
//!
//! **Invariant:** neither value nor schema can make this panic, overflow the stack or work without end. What cannot
//! be judged is a violation itself; [`Violation::schema_is_broken`] says whether the schema is to blame for it.
//! A `pattern` that takes too long (`^(a+)+$` can take for ever) is given up after a second, once in a run.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Number, Value};

use crate::check::pattern::Pattern;
use crate::check::value::{
    canonical, compare_numbers, equal, found, kind, member, member_of, push_index, push_name, shown, whole,
};

/// No more than this many violations of one value are listed.
pub const MAX_VIOLATIONS: usize = 100;

/// Levels of schema inside schema, following the value. A strictly read body has at most 127 levels.
const MAX_DEPTH: usize = 300;

/// Schemas applied in one judgement. A large honest body takes some ten thousand; alternatives that multiply at
/// every level of a hostile one would take 2^100.
const MAX_STEPS: usize = 1_000_000;

/// Every way in which `value` does not fit `schema`; `components` is what `#/components/schemas/NAME` refers to.
///
/// Counts every `required` member, whatever its direction. To judge many values, keep a [`Schemas`].
pub fn violations(value: &Value, schema: &Value, components: &Map<String, Value>) -> Vec<Violation> {
    Schemas::new(components).violations(value, schema, Direction::Unknown)
}

/// One way in which a value does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A JSON pointer into the value; of a missing member, where it should be.
    pub pointer: String,
    /// The keyword that decided, for instance `minLength`.
    pub keyword: &'static str,
    /// `expected …, found …`, in words.
    pub message: String,
    /// The schema could not be applied: a reference to nothing, an invalid pattern. Says nothing about the value.
    pub schema_is_broken: bool,
}

/// Which way a value travels: it decides whether `readOnly` and `writeOnly` members are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server: `readOnly` members are not required.
    Request,
    /// From the server: `writeOnly` members are not required.
    Reply,
    /// Unknown: all are required.
    Unknown,
}

/// The component schemas of one document, with every pattern compiled at most once.
#[derive(Debug)]
pub struct Schemas<'a> {
    components: &'a Map<String, Value>,
    patterns: Mutex<HashMap<String, Arc<Result<Pattern, String>>>>,
}

impl<'a> Schemas<'a> {
    /// `components` is what `#/components/schemas/NAME` refers to.
    pub fn new(components: &'a Map<String, Value>) -> Self {
        Self { components, patterns: Mutex::default() }
    }

    /// Every way in which `value` does not fit `schema`, at most [`MAX_VIOLATIONS`].
    pub fn violations(&self, value: &Value, schema: &Value, direction: Direction) -> Vec<Violation> {
        self.violations_beside(value, schema, direction, &[])
    }

    /// The same, but `null` fits at each of these JSON pointers, and beside them in the same array.
    pub(crate) fn violations_beside(
        &self,
        value: &Value,
        schema: &Value,
        direction: Direction,
        may_be_null: &[&str],
    ) -> Vec<Violation> {
        let mut walk = Walk {
            schemas: self,
            direction,
            may_be_null,
            pointer: String::new(),
            found: Vec::new(),
            referring: Vec::new(),
            depth: 0,
            steps: 0,
        };
        walk.check(value, schema);
        walk.found
    }

    /// What `reference` points at, if it is there: a component, or what stands under the whole text of the reference.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let path = reference.strip_prefix("#/components/schemas/").unwrap_or(reference);
        if let Some(schema) = self.components.get(path) {
            return Some(schema);
        }
        let (name, rest) = match path.find('/') {
            Some(slash) => path.split_at(slash),
            None => (path, ""),
        };
        self.components.get(&name.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
    }

    fn pattern(&self, source: &str) -> Arc<Result<Pattern, String>> {
        let mut known = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known.get(source) {
            return pattern.clone();
        }
        let pattern = Arc::new(Pattern::compile(source));
        known.insert(source.to_owned(), pattern.clone());
        pattern
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "(whole value)" } else { &self.pointer };
        write!(f, "{pointer}: {} ({})", self.message, self.keyword)
    }
}

/// One judgement under way.
struct Walk<'w> {
    schemas: &'w Schemas<'w>,
    direction: Direction,
    may_be_null: &'w [&'w str],
    pointer: String,
    found: Vec<Violation>,
    /// References being followed, each with the value it is applied to: the same pair again would never end.
    referring: Vec<(*const Value, *const Value)>,
    depth: usize,
    steps: usize,
}

impl<'w> Walk<'w> {
    fn check(&mut self, value: &Value, schema: &'w Value) {
        if self.is_over() || value.is_null() && self.may_be_null.iter().any(|place| is_alike(place, &self.pointer)) {
            return;
        }
        self.steps += 1;
        if self.steps >= MAX_STEPS {
            self.violation("limit", || "gave up: judging this value takes too long".to_owned());
            return;
        }
        if self.depth >= MAX_DEPTH {
            self.violation("limit", || format!("gave up: more than {MAX_DEPTH} levels of schemas"));
            return;
        }
        self.depth += 1;
        let references = self.referring.len();
        if let Some(schema) = self.follow(value, schema) {
            self.check_keywords(value, schema);
        }
        self.referring.truncate(references);
        self.depth -= 1;
    }

    /// The schema that a chain of references ends at.
    fn follow(&mut self, value: &Value, mut schema: &'w Value) -> Option<&'w Map<String, Value>> {
        loop {
            let Value::Object(keywords) = schema else {
                self.broken("schema", || format!("a schema is an object, not {}", found(schema)));
                return None;
            };
            let Some(reference) = member(keywords, "$ref") else {
                return Some(keywords);
            };
            let step = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
            if self.referring.contains(&step) {
                self.broken("$ref", || format!("{} refers to itself without end", shown(reference)));
                return None;
            }
            self.referring.push(step);
            schema = match reference.as_str().and_then(|reference| self.schemas.resolve(reference)) {
                Some(schema) => schema,
                None => {
                    self.broken("$ref", || format!("{} refers to nothing", shown(reference)));
                    return None;
                }
            };
        }
    }

    fn check_keywords(&mut self, value: &Value, schema: &'w Map<String, Value>) {
        let has_type = self.check_type(value, schema);
        if has_type && schema.len() == 1 {
            // Most members of most documents.
            return;
        }
        self.check_enum(value, schema);
        match value {
            Value::Number(number) => self.check_number(number, schema),
            Value::String(text) => self.check_string(text, schema),
            Value::Array(elements) => self.check_array(elements, schema),
            Value::Object(members) => self.check_object(members, schema),
            Value::Null | Value::Bool(_) => {}
        }
        self.check_combinations(value, schema);
    }

    /// Whether there is a type to check.
    fn check_type(&mut self, value: &Value, schema: &Map<String, Value>) -> bool {
        let Some(wanted) = member(schema, "type") else {
            return false;
        };
        if value.is_null() && member(schema, "nullable") == Some(&Value::Bool(true)) {
            return true;
        }
        let (fits, expected) = match wanted.as_str() {
            Some("string") => (value.is_string(), "a string"),
            Some("number") => (value.is_number(), "a number"),
            Some("integer") => (value.as_number().is_some_and(is_whole), "an integer"),
            Some("boolean") => (value.is_boolean(), "a boolean"),
            Some("array") => (value.is_array(), "an array"),
            Some("object") => (value.is_object(), "an object"),
            _ => {
                self.broken("type", || format!("no type is called {}", shown(wanted)));
                return true;
            }
        };
        if !fits {
            self.violation("type", || format!("expected {expected}, found {}", found(value)));
        }
        true
    }

    fn check_enum(&mut self, value: &Value, schema: &Map<String, Value>) {
        let allowed = match member(schema, "enum") {
            None => return,
            Some(Value::Array(allowed)) => allowed,
            Some(other) => return self.broken("enum", || format!("expected an array, found {}", found(other))),
        };
        if allowed.iter().any(|allowed| equal(allowed, value)) {
            return;
        }
        self.violation("enum", || {
            let listed: Vec<_> = allowed.iter().take(20).map(shown).collect();
            let more = if allowed.len() > 20 { ", …" } else { "" };
            let one_of = if allowed.len() == 1 { "" } else { "one of " };
            format!("expected {one_of}{}{more}, found {}", listed.join(", "), shown(value))
        });
    }

    fn check_number(&mut self, number: &Number, schema: &Map<String, Value>) {
        let shown_number = || number.to_string();
        for (keyword, exclusive, refused, words) in [
            ("minimum", "exclusiveMinimum", Ordering::Less, ["at least", "more than"]),
            ("maximum", "exclusiveMaximum", Ordering::Greater, ["at most", "less than"]),
        ] {
            let exclusive = match member(schema, exclusive) {
                None => false,
                Some(Value::Bool(exclusive)) => *exclusive,
                Some(other) => {
                    self.broken(exclusive, || format!("expected a boolean, found {}", found(other)));
                    false
                }
            };
            let Some(limit) = self.number(schema, keyword) else { continue };
            let order = compare_numbers(number, limit);
            if order == refused || (exclusive && order == Ordering::Equal) {
                let words = words[usize::from(exclusive)];
                self.violation(keyword, || format!("expected {words} {limit}, found {}", shown_number()));
            }
        }
        if let Some(step) = self.number(schema, "multipleOf") {
            match is_multiple(number, step) {
                Some(true) => {}
                Some(false) => {
                    self.violation("multipleOf", || format!("expected a multiple of {step}, found {}", shown_number()))
                }
                None => self.broken("multipleOf", || format!("{step} is not more than 0")),
            }
        }
        self.check_number_format(number, schema);
    }

    fn check_number_format(&mut self, number: &Number, schema: &Map<String, Value>) {
        let (low, high, name) = match member(schema, "format").and_then(Value::as_str) {
            Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX), "int32"),
            Some("int64") => (i64::MIN, i64::MAX, "int64"),
            _ => return,
        };
        let fits = match whole(number) {
            Some(whole) => (i128::from(low)..=i128::from(high)).contains(&whole),
            // A fraction is the business of `type`; what is no fraction here is beyond every integer.
            None => !is_whole(number),
        };
        if !fits {
            self.violation("format", || format!("expected {low} to {high} ({name}), found {number}"));
        }
    }

    fn check_string(&mut self, text: &str, schema: &Map<String, Value>) {
        if member(schema, "minLength").is_some() || member(schema, "maxLength").is_some() {
            let length = text.chars().count();
            let shown = || format!("{length}: {}", shown(&Value::String(text.to_owned())));
            self.check_size(schema, ["minLength", "maxLength"], length, "characters", shown);
        }
        match member(schema, "pattern") {
            None => {}
            Some(Value::String(source)) => match self.schemas.pattern(source).as_ref() {
                Ok(pattern) => match pattern.matches(text) {
                    Some(true) => {}
                    Some(false) => self.violation("pattern", || {
                        let shown = shown(&Value::String(text.to_owned()));
                        format!("expected a match of {source}, found {shown}")
                    }),
                    None => self.broken("pattern", || format!("gave up: matching {source} takes too long")),
                },
                Err(error) => self.broken("pattern", || format!("{source} is not a pattern: {error}")),
            },
            Some(other) => self.broken("pattern", || format!("expected a string, found {}", found(other))),
        }
    }

    fn check_array(&mut self, elements: &[Value], schema: &'w Map<String, Value>) {
        let length = elements.len();
        self.check_size(schema, ["minItems", "maxItems"], length, "elements", || length.to_string());
        if member(schema, "uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen = HashSet::new();
            if let Some(twice) = elements.iter().find(|element| !seen.insert(canonical(element))) {
                self.violation("uniqueItems", || format!("expected different elements, found {} twice", shown(twice)));
            }
        }
        if let Some(items) = member(schema, "items") {
            for (index, element) in elements.iter().enumerate() {
                if self.is_over() {
                    return;
                }
                let length = self.pointer.len();
                push_index(&mut self.pointer, index);
                self.check(element, items);
                self.pointer.truncate(length);
            }
        }
    }

    fn check_object(&mut self, members: &Map<String, Value>, schema: &'w Map<String, Value>) {
        let count = members.len();
        self.check_size(schema, ["minProperties", "maxProperties"], count, "members", || count.to_string());

        let properties = match member(schema, "properties") {
            None => None,
            Some(Value::Object(properties)) => Some(properties),
            Some(other) => {
                self.broken("properties", || format!("expected an object, found {}", found(other)));
                None
            }
        };
        let property = |name: &str| properties.and_then(|properties| member(properties, name));
        self.check_required(members, property, schema);
        for (name, property) in properties.into_iter().flatten() {
            if let Some(member) = member(members, name) {
                self.check_member(name, member, property);
            }
        }

        let additional = members.iter().filter(|(name, _)| property(name).is_none());
        match member(schema, "additionalProperties") {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                for (name, member) in additional {
                    if self.is_over() {
                        return;
                    }
                    self.at(name, |walk| {
                        walk.violation("additionalProperties", || {
                            format!("expected no member of this name, found {}", found(member))
                        });
                    });
                }
            }
            Some(schema) => {
                for (name, member) in additional {
                    if self.is_over() {
                        return;
                    }
                    self.check_member(name, member, schema);
                }
            }
        }
    }

    fn check_required(
        &mut self,
        members: &Map<String, Value>,
        property: impl Fn(&str) -> Option<&'w Value>,
        schema: &Map<String, Value>,
    ) {
        let names = match member(schema, "required") {
            None => return,
            Some(Value::Array(names)) => names,
            Some(other) => {
                return self.broken("required", || format!("expected an array, found {}", found(other)));
            }
        };
        for name in names.iter().filter_map(Value::as_str) {
            if member(members, name).is_some() || self.travels_the_other_way(property(name)) {
                continue;
            }
            self.at(name, |walk| {
                walk.violation("required", || "expected this member, found none".to_owned());
            });
        }
    }

    /// `readOnly` members are required in replies only, `writeOnly` members in requests only.
    fn travels_the_other_way(&self, property: Option<&'w Value>) -> bool {
        let word = match self.direction {
            Direction::Request => "readOnly",
            Direction::Reply => "writeOnly",
            Direction::Unknown => return false,
        };
        let mut property = property;
        // As many references as any honest document chains; whether they end is judged where they are followed.
        for _ in 0..16 {
            match property.and_then(|property| member_of(property, "$ref")).and_then(Value::as_str) {
                Some(reference) => property = self.schemas.resolve(reference),
                None => break,
            }
        }
        property.and_then(|property| member_of(property, word)) == Some(&Value::Bool(true))
    }

    fn check_member(&mut self, name: &str, member: &Value, schema: &'w Value) {
        self.at(name, |walk| walk.check(member, schema));
    }

    fn check_combinations(&mut self, value: &Value, schema: &'w Map<String, Value>) {
        for all in self.alternatives(schema, "allOf") {
            self.check(value, all);
        }
        let any = self.alternatives(schema, "anyOf");
        if !any.is_empty() {
            self.check_any(value, any);
        }
        let one = self.alternatives(schema, "oneOf");
        if !one.is_empty() {
            self.check_one(value, one);
        }
        if let Some(not) = member(schema, "not")
            && let Some(found) = self.judge_apart(value, not)
            && found.is_empty()
        {
            self.violation("not", || format!("expected anything but what `not` describes, found {}", shown(value)));
        }
    }

    fn check_any(&mut self, value: &Value, alternatives: &'w [Value]) {
        let mut closest: Option<Vec<Violation>> = None;
        for alternative in alternatives {
            let Some(found) = self.judge_apart(value, alternative) else { return };
            if found.is_empty() {
                return;
            }
            if closest.as_ref().is_none_or(|closest| found.len() < closest.len()) {
                closest = Some(found);
            }
        }
        self.none_fits("anyOf", alternatives.len(), closest);
    }

    fn check_one(&mut self, value: &Value, alternatives: &'w [Value]) {
        let mut fitting = Vec::new();
        let mut closest: Option<Vec<Violation>> = None;
        for (index, alternative) in alternatives.iter().enumerate() {
            let Some(found) = self.judge_apart(value, alternative) else { return };
            if found.is_empty() {
                fitting.push(index + 1);
            } else if closest.as_ref().is_none_or(|closest| found.len() < closest.len()) {
                closest = Some(found);
            }
        }
        match fitting.as_slice() {
            [] => self.none_fits("oneOf", alternatives.len(), closest),
            [_] => {}
            several => self.violation("oneOf", || {
                let listed: Vec<_> = several.iter().map(ToString::to_string).collect();
                format!("expected exactly one alternative to fit, found that {} do", listed.join(" and "))
            }),
        }
    }

    fn none_fits(&mut self, keyword: &'static str, count: usize, closest: Option<Vec<Violation>>) {
        self.violation(keyword, || {
            let closest = closest.and_then(|found| found.into_iter().next());
            let why = closest.map_or_else(String::new, |first| format!("; the closest: {first}"));
            format!("expected one of {count} alternatives to fit, found that none does{why}")
        });
    }

    /// What `schema` alone has against `value`, or nothing if it cannot be judged (that is reported here).
    fn judge_apart(&mut self, value: &Value, schema: &'w Value) -> Option<Vec<Violation>> {
        let outer = std::mem::take(&mut self.found);
        self.check(value, schema);
        let inner = std::mem::replace(&mut self.found, outer);
        let unjudged = |violation: &Violation| violation.schema_is_broken || violation.keyword == "limit";
        match inner.iter().find(|violation| unjudged(violation)) {
            None => Some(inner),
            Some(violation) => {
                self.found.push(violation.clone());
                None
            }
        }
    }

    /// The schemas under `allOf`, `anyOf` or `oneOf`.
    fn alternatives(&mut self, schema: &'w Map<String, Value>, keyword: &'static str) -> &'w [Value] {
        match member(schema, keyword) {
            None => &[],
            Some(Value::Array(schemas)) => schemas,
            Some(other) => {
                self.broken(keyword, || format!("expected an array, found {}", found(other)));
                &[]
            }
        }
    }

    fn check_size(
        &mut self,
        schema: &Map<String, Value>,
        [least, most]: [&'static str; 2],
        size: usize,
        unit: &str,
        shown: impl Fn() -> String,
    ) {
        let size = Number::from(size);
        if let Some(limit) = self.number(schema, least)
            && compare_numbers(&size, limit) == Ordering::Less
        {
            self.violation(least, || format!("expected at least {limit} {unit}, found {}", shown()));
        }
        if let Some(limit) = self.number(schema, most)
            && compare_numbers(&size, limit) == Ordering::Greater
        {
            self.violation(most, || format!("expected at most {limit} {unit}, found {}", shown()));
        }
    }

    fn number<'s>(&mut self, schema: &'s Map<String, Value>, keyword: &'static str) -> Option<&'s Number> {
        match member(schema, keyword)? {
            Value::Number(number) => Some(number),
            other => {
                self.broken(keyword, || format!("expected a number, found {} ({})", shown(other), kind(other)));
                None
            }
        }
    }

    fn at(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        push_name(&mut self.pointer, name);
        inside(self);
        self.pointer.truncate(length);
    }

    fn is_over(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS || self.steps >= MAX_STEPS
    }

    fn violation(&mut self, keyword: &'static str, message: impl FnOnce() -> String) {
        self.report(keyword, message, false);
    }

    fn broken(&mut self, keyword: &'static str, message: impl FnOnce() -> String) {
        self.report(keyword, message, true);
    }

    fn report(&mut self, keyword: &'static str, message: impl FnOnce() -> String, schema_is_broken: bool) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation { pointer: self.pointer.clone(), keyword, message: message(), schema_is_broken });
        }
    }
}

/// The same place, or another element's in the same array.
fn is_alike(a: &str, b: &str) -> bool {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let (names, others) = (a.split('/'), b.split('/'));
    names.clone().count() == others.clone().count()
        && names.zip(others).all(|(name, other)| name == other || is_index(name) && is_index(other))
}

/// No fraction: `1.0` and `1e300` have none.
fn is_whole(number: &Number) -> bool {
    number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// Is `number` a multiple of `step`, as the decimals that people write? (`0.3` is a multiple of `0.1`, although no
/// binary fraction is.) Nothing if `step` is not more than 0.
fn is_multiple(number: &Number, step: &Number) -> Option<bool> {
    let (digits, exponent) = decimal(number)?;
    let (step_digits, step_exponent) = decimal(step)?;
    if step.as_f64()? <= 0.0 {
        return None;
    }
    if digits == 0 {
        return Some(true);
    }
    if exponent >= step_exponent {
        // digits * 10^k mod step_digits; every factor stays below 2^64.
        let mut rest = digits % step_digits;
        for _ in 0..exponent.abs_diff(step_exponent) {
            rest = rest * 10 % step_digits;
        }
        Some(rest == 0)
    } else {
        let scale = 10_u128.checked_pow(exponent.abs_diff(step_exponent));
        let step = scale.and_then(|scale| scale.checked_mul(step_digits));
        // A step that overflows is larger than any number of 20 digits, and so divides none but 0.
        Some(step.is_some_and(|step| digits % step == 0))
    }
}

/// Digits and exponent of the shortest decimal that means this number, without its sign.
fn decimal(number: &Number) -> Option<(u128, i32)> {
    if let Some(whole) = number.as_i64() {
        return Some((whole.unsigned_abs().into(), 0));
    }
    if let Some(whole) = number.as_u64() {
        return Some((whole.into(), 0));
    }
    let text = format!("{:e}", number.as_f64()?.abs());
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: u128 = format!("{before}{after}").parse().ok()?;
    Some((digits, exponent - i32::try_from(after.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `value` judged by `schema` with the components below gives exactly these lines.
    #[track_caller]
    fn check(schema: Value, value: Value, expected: &[&str]) {
        let components = json!({
            "Stage": {"type": "object", "required": ["engines"], "properties": {
                "engines": {"type": "integer", "minimum": 1},
                "next": {"$ref": "#/components/schemas/Stage"},
            }},
            "Loop": {"$ref": "#/components/schemas/Pool"},
            "Pool": {"$ref": "#/components/schemas/Loop"},
            "Knot": {"allOf": [{"$ref": "#/components/schemas/Knot"}]},
            "Tree": {"anyOf": [
                {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            ]},
            "a/b": {"properties": {"c": {"type": "string"}}},
        });
        let found: Vec<_> = violations(&value, &schema, components.as_object().unwrap())
            .into_iter()
            .map(|violation| {
                let blame = if violation.schema_is_broken { "schema: " } else { "" };
                format!("{blame}{violation}")
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn types_are_judged_by_value() {
        check(json!({}), json!(null), &[]);
        check(json!({"type": "integer"}), json!(1.0), &[]);
        check(json!({"type": "integer"}), json!(1e300), &[]);
        check(
            json!({"type": "integer"}),
            json!(1.5),
            &["(whole value): expected an integer, found a number: 1.5 (type)"],
        );
        check(json!({"type": "string"}), json!(null), &["(whole value): expected a string, found null (type)"]);
        check(
            json!({"type": "string"}),
            json!({"a": [1]}),
            &["(whole value): expected a string, found an object: {\"a\":[1]} (type)"],
        );
        check(json!({"type": "boolean"}), json!(true), &[]);
        check(json!({"type": "boolean"}), json!(1), &["(whole value): expected a boolean, found a number: 1 (type)"]);
        check(json!({"type": "rocket"}), json!(1), &["schema: (whole value): no type is called \"rocket\" (type)"]);
        check(
            json!({"type": ["string", "null"]}),
            json!(1),
            &["schema: (whole value): no type is called [\"string\",\"null\"] (type)"],
        );
    }

    #[test]
    fn nullable_widens_type_and_nothing_else() {
        check(json!({"type": "string", "nullable": true}), json!(null), &[]);
        check(
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!(null),
            &["(whole value): expected \"a\", found null (enum)"],
        );
        check(json!({"type": "string", "nullable": true, "enum": ["a", null]}), json!(null), &[]);
        check(
            json!({"nullable": true, "allOf": [{"type": "string"}]}),
            json!(null),
            &["(whole value): expected a string, found null (type)"],
        );
    }

    #[test]
    fn an_enum_lists_what_is_allowed() {
        check(json!({"enum": ["a", 1]}), json!(1.0), &[]);
        check(json!({"enum": ["a", 1]}), json!("b"), &["(whole value): expected one of \"a\", 1, found \"b\" (enum)"]);
        let listed = |count: i32| (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
        for (count, listed) in [(20, listed(20)), (21, listed(20) + ", …")] {
            let expected = format!("(whole value): expected one of {listed}, found 0 (enum)");
            check(json!({"enum": (1..=count).collect::<Vec<_>>()}), json!(0), &[&expected]);
        }
    }

    #[test]
    fn limits_of_numbers() {
        let schema = json!({"minimum": 1, "exclusiveMinimum": true, "maximum": 3});
        check(schema.clone(), json!(1), &["(whole value): expected more than 1, found 1 (minimum)"]);
        check(schema.clone(), json!(1.5), &[]);
        check(schema.clone(), json!(3), &[]);
        check(schema, json!(4), &["(whole value): expected at most 3, found 4 (maximum)"]);
        check(
            json!({"maximum": u64::MAX - 1}),
            json!(u64::MAX),
            &["(whole value): expected at most 18446744073709551614, found 18446744073709551615 (maximum)"],
        );
        check(
            json!({"minimum": 1, "exclusiveMinimum": 1}),
            json!(1),
            &["schema: (whole value): expected a boolean, found a number: 1 (minimum)"
                .replace("(minimum)", "(exclusiveMinimum)")
                .as_str()],
        );
    }

    #[test]
    fn multiples_are_counted_in_decimals() {
        for (number, step, expected) in [
            (json!(0.3), json!(0.1), Some(true)),
            (json!(19.99), json!(0.01), Some(true)),
            (json!(0.35), json!(0.1), Some(false)),
            (json!(1e300), json!(7), Some(false)),
            (json!(1e300), json!(0.1), Some(true)),
            (json!(1e-300), json!(1), Some(false)),
            (json!(1e3), json!(8), Some(true)),
            (json!(30), json!(1e1), Some(true)),
            (json!(0.3), json!(1), Some(false)),
            (json!(-9), json!(3), Some(true)),
            (json!(u64::MAX), json!(5), Some(true)),
            (json!(u64::MAX), json!(2), Some(false)),
            (json!(0), json!(1e300), Some(true)),
            (json!(1), json!(0), None),
            (json!(1), json!(-1), None),
        ] {
            let (Value::Number(n), Value::Number(s)) = (&number, &step) else { panic!() };
            assert_eq!(is_multiple(n, s), expected, "{number} {step}");
        }
    }

    #[test]
    fn integer_formats_have_a_range() {
        check(json!({"format": "int32"}), json!(2_147_483_647), &[]);
        check(
            json!({"format": "int32"}),
            json!(2_147_483_648_u32),
            &["(whole value): expected -2147483648 to 2147483647 (int32), found 2147483648 (format)"],
        );
        check(json!({"format": "int64"}), json!(i64::MIN), &[]);
        check(
            json!({"format": "int64"}),
            json!(u64::MAX),
            &[
                "(whole value): expected -9223372036854775808 to 9223372036854775807 (int64), found 18446744073709551615 (format)",
            ],
        );
        check(
            json!({"format": "int64"}),
            json!(1e300),
            &["(whole value): expected -9223372036854775808 to 9223372036854775807 (int64), found 1e+300 (format)"],
        );
        check(json!({"format": "int32"}), json!(0.5), &[]);
        check(json!({"format": "int32"}), json!("x"), &[]);
    }

    #[test]
    fn length_is_counted_in_characters() {
        check(json!({"maxLength": 2}), json!("äö"), &[]);
        check(
            json!({"minLength": 3.0}),
            json!("äö"),
            &["(whole value): expected at least 3.0 characters, found 2: \"äö\" (minLength)"],
        );
        check(
            json!({"maxLength": "2"}),
            json!("äö"),
            &["schema: (whole value): expected a number, found \"2\" (a string) (maxLength)"],
        );
    }

    #[test]
    fn patterns_are_ecma_262_and_not_anchored() {
        check(json!({"pattern": "b"}), json!("abc"), &[]);
        check(json!({"pattern": "^(?!x)\\w+$"}), json!("abc"), &[]);
        check(json!({"pattern": "^\\p{Lu}$"}), json!("Ä"), &[]);
        // Valid only without the flag `u`, and common in documents.
        check(json!({"pattern": "^a\\-b\\_$"}), json!("a-b_"), &[]);
        check(
            json!({"pattern": "^a$"}),
            json!("b"),
            &["(whole value): expected a match of ^a$, found \"b\" (pattern)"],
        );
    }

    #[test]
    fn an_invalid_pattern_is_the_schemas_fault() {
        let found = violations(&json!("a"), &json!({"pattern": "("}), &Map::new());
        assert!(found[0].schema_is_broken && found[0].message.starts_with("( is not a pattern: "), "{found:?}");
        let nested = "(".repeat(3_000) + &")".repeat(1_000_000);
        assert!(violations(&json!("a"), &json!({"pattern": nested}), &Map::new())[0].schema_is_broken);
    }

    #[test]
    fn arrays() {
        check(json!({"items": {"type": "integer"}}), Value::Array(vec![json!(1); MAX_DEPTH + 1]), &[]);
        let schema =
            json!({"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true, "items": {"type": "number"}});
        check(schema.clone(), json!([1, 2]), &[]);
        check(schema.clone(), json!([]), &["(whole value): expected at least 1 elements, found 0 (minItems)"]);
        check(
            schema,
            json!([1, "a", 1.0]),
            &[
                "(whole value): expected at most 2 elements, found 3 (maxItems)",
                "(whole value): expected different elements, found 1.0 twice (uniqueItems)",
                "/1: expected a number, found a string: \"a\" (type)",
            ],
        );
    }

    #[test]
    fn objects() {
        let schema = json!({
            "type": "object", "minProperties": 1, "maxProperties": 2, "required": ["a/b"],
            "properties": {"a/b": {"type": "string"}}, "additionalProperties": {"type": "integer"},
        });
        check(schema.clone(), json!({"a/b": "x", "c": 1}), &[]);
        check(
            schema.clone(),
            json!({}),
            &[
                "(whole value): expected at least 1 members, found 0 (minProperties)",
                "/a~1b: expected this member, found none (required)",
            ],
        );
        check(
            schema,
            json!({"a/b": 1, "c": "x"}),
            &[
                "/a~1b: expected a string, found a number: 1 (type)",
                "/c: expected an integer, found a string: \"x\" (type)",
            ],
        );
        check(
            json!({"additionalProperties": false}),
            json!({"c": 1}),
            &["/c: expected no member of this name, found a number: 1 (additionalProperties)"],
        );
    }

    #[test]
    fn a_required_member_may_be_required_in_one_direction_only() {
        let components = json!({"Secret": {"type": "string", "writeOnly": true}});
        let schemas = Schemas::new(components.as_object().unwrap());
        let schema = json!({"required": ["id", "code"], "properties": {
            "id": {"readOnly": true}, "code": {"$ref": "#/components/schemas/Secret"},
        }});
        let missing = |direction| -> Vec<String> {
            schemas.violations(&json!({}), &schema, direction).into_iter().map(|v| v.pointer).collect()
        };
        assert_eq!(missing(Direction::Request), ["/code"]);
        assert_eq!(missing(Direction::Reply), ["/id"]);
        assert_eq!(missing(Direction::Unknown), ["/id", "/code"]);
    }

    #[test]
    fn references_are_followed_and_their_siblings_ignored() {
        let stage = json!({"$ref": "#/components/schemas/Stage", "type": "string"});
        check(stage.clone(), json!({"engines": 9, "next": {"engines": 1}}), &[]);
        check(
            stage,
            json!({"engines": 9, "next": {"engines": 0, "next": {}}}),
            &[
                "/next/engines: expected at least 1, found 0 (minimum)",
                "/next/next/engines: expected this member, found none (required)",
            ],
        );
        check(
            json!({"$ref": "#/components/schemas/a~1b/properties/c"}),
            json!(1),
            &["(whole value): expected a string, found a number: 1 (type)"],
        );
    }

    #[test]
    fn a_reference_to_nothing_or_to_itself_is_the_schemas_fault() {
        check(
            json!({"$ref": "#/components/schemas/None"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/None\" refers to nothing ($ref)"],
        );
        check(
            json!({"$ref": "other.yaml#/X"}),
            json!(1),
            &["schema: (whole value): \"other.yaml#/X\" refers to nothing ($ref)"],
        );
        check(
            json!({"$ref": "#/components/schemas/Loop"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/Pool\" refers to itself without end ($ref)"],
        );
        check(
            json!({"$ref": "#/components/schemas/Knot"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/Knot\" refers to itself without end ($ref)"],
        );
        check(json!(true), json!(1), &["schema: (whole value): a schema is an object, not a boolean: true (schema)"]);
    }

    #[test]
    fn alternatives() {
        let any = json!({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]});
        check(any.clone(), json!("x"), &[]);
        check(
            any,
            json!({}),
            &["(whole value): expected one of 2 alternatives to fit, found that none does; \
             the closest: (whole value): expected a string, found an object: {} (type) (anyOf)"],
        );
        // The closest is the one that finds least, and of several the first.
        for keyword in ["anyOf", "oneOf"] {
            let alternatives = json!([{"required": ["a", "b"]}, {"required": ["c"]}, {"required": ["d"]}]);
            let expected = format!(
                "(whole value): expected one of 3 alternatives to fit, found that none does; \
                 the closest: /c: expected this member, found none (required) ({keyword})"
            );
            check(json!({keyword: alternatives}), json!({}), &[&expected]);
        }
        let one = json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]});
        check(one.clone(), json!(1), &[]);
        check(
            one,
            json!(3),
            &["(whole value): expected exactly one alternative to fit, found that 1 and 2 do (oneOf)"],
        );
        check(
            json!({"allOf": [{"type": "integer"}, {"minimum": 2}]}),
            json!(1),
            &["(whole value): expected at least 2, found 1 (minimum)"],
        );
        check(
            json!({"not": {"type": "integer"}}),
            json!(1),
            &["(whole value): expected anything but what `not` describes, found 1 (not)"],
        );
    }

    #[test]
    fn a_broken_schema_inside_alternatives_is_not_taken_for_a_misfit() {
        check(
            json!({"not": {"$ref": "#/components/schemas/None"}}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/None\" refers to nothing ($ref)"],
        );
        check(
            json!({"anyOf": [{"pattern": "a"}, {"type": "nonsense"}]}),
            json!("b"),
            &["schema: (whole value): no type is called \"nonsense\" (type)"],
        );
    }

    #[test]
    fn a_deep_value_is_judged_or_given_up_but_never_overflows() {
        let nest = |levels| {
            (0..levels).fold(json!(1), |inner, _| {
                Value::Object(Map::from_iter([("engines".to_owned(), json!(1)), ("next".to_owned(), inner)]))
            })
        };
        let stage = json!({"$ref": "#/components/schemas/Stage"});
        let deepest = format!("{}: expected an object, found a number: 1 (type)", "/next".repeat(120));
        check(stage.clone(), nest(120), &[&deepest]);
        let components = json!({"Link": {"properties": {"next": {"$ref": "#/components/schemas/Link"}}}});
        let link = json!({"$ref": "#/components/schemas/Link"});
        let found = violations(&nest(2_000), &link, components.as_object().unwrap());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].keyword, found[0].pointer.as_str()), ("limit", "/next".repeat(300).as_str()));
    }

    #[test]
    fn alternatives_that_multiply_are_given_up_once() {
        let value = (0..100).fold(json!(1), |inner, _| json!([inner]));
        let tree = json!({"$ref": "#/components/schemas/Tree"});
        let found = violations(
            &json!([value, value]),
            &json!({"items": tree}),
            json!({
                "Tree": {"anyOf": [
                    {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                ]},
            })
            .as_object()
            .unwrap(),
        );
        assert_eq!(found.iter().map(|violation| violation.keyword).collect::<Vec<_>>(), ["limit"]);
    }

    #[test]
    fn only_so_many_violations_are_listed() {
        let value = Value::Array(vec![json!(1); 1_000]);
        let found = violations(&value, &json!({"items": {"type": "string"}}), &Map::new());
        assert_eq!(found.len(), MAX_VIOLATIONS);
        let names: Vec<String> = (0..1_000).map(|name| name.to_string()).collect();
        let found = violations(&json!({}), &json!({"required": names}), &Map::new());
        assert_eq!(found.len(), MAX_VIOLATIONS);
    }

    #[test]
    fn null_may_stand_at_its_place_and_at_that_of_another_element() {
        let (nothing, schema) = (
            Map::new(),
            json!({"additionalProperties": {"additionalProperties": {
                "type": "array", "items": {"properties": {"x": {"type": "string"}}},
            }}}),
        );
        let places = |value: Value| -> Vec<String> {
            let found = Schemas::new(&nothing).violations_beside(&value, &schema, Direction::Reply, &["/a/0/1/x"]);
            found.into_iter().map(|violation| violation.pointer).collect()
        };
        let nulls = || json!([{"x": null}, {"x": null}]);
        assert_eq!(places(json!({"a": {"0": nulls(), "7": nulls()}})), Vec::<String>::new());
        assert_eq!(places(json!({"b": {"0": nulls()}})), ["/b/0/0/x", "/b/0/1/x"]);
        assert_eq!(places(json!({"a": {"b": nulls(), "": nulls()}})), ["/a/b/0/x", "/a/b/1/x", "/a//0/x", "/a//1/x"]);
    }
}
