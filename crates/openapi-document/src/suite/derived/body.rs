//! Requests whose body is missing, is not what its media type says, or breaks its schema, at any depth.

use std::collections::VecDeque;

use conformance_engine::suite::{Body, Request};
use serde_json::{Map, Value, json};

use super::breaks::breaks;
use super::deriving::{Answers, Deriving, members, required};
use super::keywords::{Break, Keywords, Wire};
use super::refusal::{WRONG, WRONG_MEDIA_TYPE};
use crate::document::{compose, is_json, parts, raised};
use crate::node::Node;

/// Members deeper than this are left as they are.
const DEEPEST: usize = 4;

/// A value within a body, and the schema that describes it.
struct Place<'d> {
    /// The members that lead to it.
    steps: Vec<String>,
    schema: &'d Node,
    value: Value,
}

/// A value within a body in the place of another one, or none.
struct Change {
    /// As in the id: `valve.missing`.
    name: String,
    breaks: String,
    steps: Vec<String>,
    /// Nothing takes the member away.
    value: Option<Value>,
}

impl<'d> Deriving<'d, '_> {
    pub(super) fn body(&mut self) {
        let Some(described) = self.operation.body else { return };
        let is_required = described.flag("required") == Some(true);
        let Some(body) = self.sent_body(described) else {
            if described.entries_of("content").next().is_some() {
                let reason = "the constraints of the body are not tried: only a body of JSON is changed";
                self.derived.untried.push(reason.to_owned());
            }
            return;
        };
        let media = described.entries_of("content").find(|media| media.key == body.media_type);
        let Some(schema) = media.and_then(|media| media.value.get("schema")) else { return };
        // A body of which nothing is described may be ignored, whatever it is.
        let is_described = !members(self.document, schema).is_empty() || !body.value.is_object();
        if !is_described && !is_required {
            return;
        }
        let constraint = self.answers_to_wrong(WRONG, &[]);
        if is_required {
            let request = Request { body: None, ..self.base.request.clone() };
            let mut answers = constraint.clone();
            // Without a body there is neither a length nor a media type (RFC 9110, sections 15.5.12 and 15.5.16).
            if let Some(answers) = &mut answers {
                answers.or.extend([411, 415].into_iter().filter(|status| self.exact(*status).is_some()));
                // Many servers choose what reads a body by its media type, before they see that there is none.
                answers.fitting.extend([415].into_iter().filter(|status| self.exact(*status).is_none()));
            } else if let Some(status) = [415, 411].into_iter().find(|status| self.exact(*status).is_some()) {
                answers = Some(Answers { any: true, ..Answers::of(status) });
            }
            self.push("body.missing", "the required body is left out".to_owned(), request, answers);
        }
        let text = match &body.value {
            Value::String(text) if body.raw => text.clone(),
            value => value.to_string(),
        };
        // Cut off in the middle, as it happens.
        let cut: String = text.chars().take((text.chars().count() / 2).max(1)).collect();
        if serde_json::from_str::<serde::de::IgnoredAny>(&cut).is_err() {
            let raw = Body { value: Value::String(cut), raw: true, ..body.clone() };
            let request = Request { body: Some(raw), ..self.base.request.clone() };
            let breaks = "the body is not JSON: it ends in the middle".to_owned();
            let mut answers = constraint;
            // Source: RFC 9110, sections 15.5.1 and 15.5.21: 422 is about what is well formed.
            if let Some(answers) = answers.as_mut().filter(|_| self.exact(400).is_none()) {
                answers.fitting.push(400);
            }
            self.push("body.not_json", breaks, request, answers);
        }
        let answers = self.answers_to_wrong(WRONG_MEDIA_TYPE, &[400]);
        // Where no status says that a media type is wrong, a server may read JSON whatever it is called.
        if let Some(answers) = answers.filter(|_| self.exact(415).is_some()) {
            let request = Request {
                body: Some(Body { media_type: "text/plain".to_owned(), ..body.clone() }),
                ..self.base.request.clone()
            };
            let breaks = format!("the body is said to be `text/plain`, and `{}` is documented", body.media_type);
            self.push("body.media_type", breaks, request, Some(answers));
        }
        let whole = raised(self.document, schema);
        if body.raw || !self.fits(&body.value, &whole) {
            return;
        }
        self.members(&body, schema, &whole);
    }

    /// The body of the base, or one that is composed where it has none and may have one; JSON.
    fn sent_body(&self, described: &'d Node) -> Option<Body> {
        if let Some(body) = &self.base.request.body {
            return Some(body.clone()).filter(|body| is_json(&body.media_type));
        }
        let media = described.entries_of("content").find(|media| is_json(&media.key))?;
        let value = self.sample(media.value.get("schema")?)?;
        let media_type = media.key.clone();
        Some(Body { media_type, value, raw: false, fixed: Vec::new(), composed: true, made: Default::default() })
    }

    /// A value that fits the schema.
    pub(super) fn sample(&self, schema: &'d Node) -> Option<Value> {
        let fits = |value: &Node, schema: &Node| self.fits(&value.to_json(), &raised(self.document, schema));
        compose(self.document, schema, &fits).ok().map(|composed| composed.value.to_json())
    }

    fn members(&mut self, body: &Body, schema: &'d Node, whole: &Value) {
        let mut open = VecDeque::from([Place { steps: Vec::new(), schema, value: body.value.clone() }]);
        while let Some(place) = open.pop_front() {
            let mut known: Vec<Value> = Vec::new();
            for mut change in self.changes(&place) {
                let mut value = body.value.clone();
                let is_changed = replace(&mut value, &change.steps, change.value.take());
                if !is_changed || known.contains(&value) || !self.is_broken(&value, whole) {
                    continue;
                }
                known.push(value.clone());
                // What a state brings along must not repair it.
                let fixed = body.fixed.iter().chain(change.steps.first()).cloned().collect();
                let body = Body { value, fixed, ..body.clone() };
                let request = Request { body: Some(body), ..self.base.request.clone() };
                let answers = self.answers_for(&change);
                self.push(&format!("body.{}", change.name), change.breaks, request, answers);
            }
            if place.steps.len() < DEEPEST {
                open.extend(self.below(&place));
            }
        }
    }

    fn answers_for(&self, change: &Change) -> Option<Answers> {
        // What another answer names may be looked up before its form is.
        let is_taken = |name: &String| self.base.request.aliases.values().any(|taken| taken == name);
        let first: &[u16] = if change.steps.first().is_some_and(is_taken) { &[404] } else { &[] };
        let mut answers = self.answers_to_wrong(WRONG, first)?;
        if change.name.ends_with(".too_long") || change.name.ends_with(".too_many") {
            answers.or.extend([413].into_iter().filter(|status| self.response(*status).is_some()));
        }
        Some(answers)
    }

    /// The ways to break what is at `place`, itself and the presence of its members.
    fn changes(&self, place: &Place<'d>) -> Vec<Change> {
        let at = place.steps.join(".");
        let what = if at.is_empty() { "the body".to_owned() } else { format!("the member `{at}`") };
        let change = |name: String, breaks: String, steps: Vec<String>, value: Option<Value>| Change {
            name,
            breaks,
            steps,
            value,
        };
        let below = |end: &str| if at.is_empty() { end.to_owned() } else { format!("{at}.{end}") };
        let mut changes = Vec::new();
        if let Value::Object(members) = &place.value {
            let alternatives = self.schemas_at(place);
            let mut known = Vec::new();
            for name in alternatives.iter().flat_map(|schema| required(self.document, schema)) {
                if members.contains_key(name) && !known.contains(&name) {
                    known.push(name);
                    let steps = with(&place.steps, name);
                    let breaks = format!("the required member `{}` is left out", steps.join("."));
                    changes.push(change(below(&format!("{name}.missing")), breaks, steps, None));
                }
            }
            let mut more = members.clone();
            more.insert("noSuchMember".to_owned(), json!("string"));
            let breaks = format!("{what} has a member that the document does not allow: `noSuchMember`");
            changes.push(change(below("additional"), breaks, place.steps.clone(), Some(Value::Object(more))));
        }
        let keywords = Keywords::of(self.document, place.schema);
        let found = breaks(&keywords, &place.value, Wire::Json);
        changes.extend(found.into_iter().map(|Break { what: end, value, how }| {
            change(below(&end), format!("{what} {how}"), place.steps.clone(), Some(value))
        }));
        changes
    }

    /// The schema of a place, and of its alternatives those that its value fits.
    fn schemas_at(&self, place: &Place<'d>) -> Vec<&'d Node> {
        let mut schemas = vec![place.schema];
        let parts = parts(self.document, place.schema);
        let alternatives = parts.iter().flat_map(|part| part.items_of("oneOf").iter().chain(part.items_of("anyOf")));
        schemas.extend(alternatives.filter(|schema| self.fits(&place.value, &raised(self.document, schema))));
        schemas
    }

    /// The members and elements of what is at `place`.
    fn below(&self, place: &Place<'d>) -> Vec<Place<'d>> {
        let mut found: Vec<Place<'d>> = Vec::new();
        for schema in self.schemas_at(place) {
            match &place.value {
                Value::Object(values) => {
                    for (name, schema) in members(self.document, schema) {
                        if found.iter().any(|known| known.steps.last().is_some_and(|last| last == name)) {
                            continue;
                        }
                        found.extend(self.member(place, name, schema, values));
                    }
                }
                Value::Array(items) => {
                    let schema = Keywords::of(self.document, schema).get("items");
                    if let (Some(schema), Some(value), true) = (schema, items.first(), found.is_empty()) {
                        found.push(Place { steps: with(&place.steps, "0"), schema, value: value.clone() });
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// A member that a request has or could have. What only a reply has may be ignored in a request.
    fn member(
        &self,
        place: &Place<'d>,
        name: &str,
        schema: &'d Node,
        values: &Map<String, Value>,
    ) -> Option<Place<'d>> {
        let resolved = self.document.resolve(schema)?;
        if resolved.flag("readOnly") == Some(true) {
            return None;
        }
        let value = match values.get(name) {
            Some(value) => value.clone(),
            // Deeper ones are many, and need what is around them.
            None if place.steps.is_empty() => self.sample(schema).unwrap_or_default(),
            None => return None,
        };
        Some(Place { steps: with(&place.steps, name), schema, value })
    }
}

fn with(steps: &[String], last: &str) -> Vec<String> {
    steps.iter().cloned().chain([last.to_owned()]).collect()
}

/// Puts a value into a place, or takes it away; whether there is such a place.
fn replace(whole: &mut Value, steps: &[String], value: Option<Value>) -> bool {
    let Some((last, before)) = steps.split_last() else {
        *whole = value.unwrap_or_default();
        return true;
    };
    let mut at = whole;
    for step in before {
        let below = match at {
            Value::Object(members) => members.get_mut(step),
            Value::Array(items) => step.parse().ok().and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        let Some(below) = below else { return false };
        at = below;
    }
    match (at, value) {
        (Value::Object(members), Some(value)) => _ = members.insert(last.clone(), value),
        (Value::Object(members), None) => return members.shift_remove(last).is_some(),
        (Value::Array(items), Some(value)) => {
            let Some(item) = last.parse().ok().and_then(|index: usize| items.get_mut(index)) else { return false };
            *item = value;
        }
        _ => return false,
    }
    true
}
