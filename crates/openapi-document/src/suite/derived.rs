//! Requests that break one documented constraint each, and so must be refused.
//!
//! Each is made from the first documented request that succeeds, and differs from it in one place: a server that
//! ignores the constraint answers with a success, and is caught. Only what the document says is expected: the status
//! must be documented for the operation, and of a body only what is documented for that status. Where a server may
//! honestly look at something else first (is there such a thing at all? may this caller see it?), the other documented
//! statuses that say so are accepted as well ([`Expected::or`]).

use std::collections::{BTreeMap, BTreeSet};

use conformance_engine::schema::{Direction, Schemas};
use conformance_engine::suite::{Body, Case, Expected, ExpectedBody, Kind, Place, Request, Rule, Source};
use serde_json::{Map, Value, json};

use super::member_rules::OneKind;
use crate::document::{Document, Operation, Response, is_json, parts, raised, scalar};
use crate::node::Node;

/// The derived cases of one operation; `documented` are its documented ones.
pub(crate) fn derived(
    document: &Document,
    operation: &Operation<'_>,
    documented: &[Case],
    kinds: &OneKind<'_>,
    components: &Map<String, Value>,
) -> Vec<Case> {
    let is_documented = |case: &&Case| {
        (200..300).contains(&case.expected.status)
            && case.kind.is_documented()
            && case.request.body.as_ref().is_none_or(|body| !body.composed)
    };
    let Some(base) = documented.iter().find(is_documented) else { return Vec::new() };
    let schemas = Schemas::new(components);
    let mut deriving = Deriving { document, operation, documented, base, kinds, schemas, cases: Vec::new() };
    deriving.credential();
    deriving.parameters();
    deriving.body();
    deriving.cases
}

/// The request without the members of its body that may be left out and come from another answer, if it has such.
pub(crate) fn plain(document: &Document, operation: &Operation<'_>, request: &Request) -> Option<Request> {
    let mut plain = request.clone();
    let body = plain.body.as_mut()?;
    let media = operation.body?.entries_of("content").find(|media| media.key == body.media_type)?;
    let required = required(document, media.value.get("schema")?);
    let members = body.value.as_object_mut()?;
    let before = members.len();
    members.retain(|name, _| required.contains(name.as_str()) || !request.aliases.values().any(|taken| taken == name));
    (members.len() < before).then_some(plain)
}

struct Deriving<'d, 'c> {
    document: &'d Document,
    operation: &'c Operation<'d>,
    documented: &'c [Case],
    /// The documented request that succeeds.
    base: &'c Case,
    kinds: &'c OneKind<'d>,
    schemas: Schemas<'c>,
    cases: Vec<Case>,
}

/// A credential that no server knows; well formed also where it has to be a name and a password in Base64.
const NOBODY: &str = "bm9ib2R5OndpdGhvdXQtcmlnaHRz";

impl<'d> Deriving<'d, '_> {
    /// The operation requires a credential: without one, and with a wrong one, it is refused.
    fn credential(&mut self) {
        let Some(credential) = &self.base.request.credential else { return };
        let name = credential.name.clone();
        let Some(status) = [401, 403].into_iter().find(|status| self.is_documented(*status)) else { return };
        let mut absent = self.base.request.clone();
        absent.credential = None;
        absent.parameters.retain(|parameter| !parameter.name.eq_ignore_ascii_case(&name));
        self.push("credential.missing", format!("the credential `{name}` is left out"), absent, status, &[]);
        let mut wrong = self.base.request.clone();
        if let Some(credential) = &mut wrong.credential {
            credential.instead = Some(NOBODY.to_owned());
        }
        self.push("credential.wrong", format!("the credential `{name}` is nobody's"), wrong, status, &[]);
    }

    fn parameters(&mut self) {
        for index in 0..self.base.request.parameters.len() {
            let parameter = &self.base.request.parameters[index];
            let declared =
                self.operation.parameters.iter().find(|declared| {
                    declared.name == parameter.name && place_of(declared.place) == Some(parameter.place)
                });
            let (place, noun, or): (_, _, &[u16]) = match parameter.place {
                // Whose project, and is there such a thing: both may be asked before the form of a name.
                Place::Path => ("path", "path variable", &[403, 404]),
                // What tells operations apart may be part of the address to a server.
                Place::Query if parameter.constant => ("query", "query parameter", &[404]),
                Place::Query => ("query", "query parameter", &[]),
                Place::Header => ("header", "header", &[]),
                Place::Cookie => continue,
            };
            let (name, value, constant) = (parameter.name.clone(), parameter.value.clone(), parameter.constant);
            // The same name twice is a list; breaking one of its items breaks something else.
            if self.base.request.parameters.iter().filter(|other| other.name == name).count() > 1 {
                continue;
            }
            let required = constant || declared.is_some_and(|declared| declared.required);
            if required && place != "path" {
                let mut request = self.base.request.clone();
                request.parameters.remove(index);
                self.push(
                    &format!("{place}.{name}.missing"),
                    format!("the required {noun} `{name}` is left out"),
                    request,
                    400,
                    or,
                );
            }
            let breaks = if constant {
                vec![Break::new(
                    "unknown",
                    json!(format!("no-such-{value}")),
                    format!("is none of those that the document has: `no-such-{value}`"),
                )]
            } else {
                let schema = declared.and_then(|declared| declared.node.get("schema"));
                schema.map(|schema| self.breaks(schema, &Value::String(value.clone()), true)).unwrap_or_default()
            };
            for broken in breaks {
                let Some(text) = scalar(&broken.value) else { continue };
                if place == "path" && matches!(text.as_str(), "" | "." | "..") {
                    continue;
                }
                let mut request = self.base.request.clone();
                request.parameters[index].value = text;
                // What a state brings along must not repair it.
                request.parameters[index].constant = true;
                let (what, how) = (broken.what, broken.how);
                self.push(&format!("{place}.{name}.{what}"), format!("the {noun} `{name}` {how}"), request, 400, or);
            }
        }
    }

    fn body(&mut self) {
        let Some(described) = self.operation.body else { return };
        let Some(body) = self.base.request.body.clone().filter(|body| is_json(&body.media_type)) else { return };
        let media = described.entries_of("content").find(|media| media.key == body.media_type);
        let Some(schema) = media.and_then(|media| media.value.get("schema")) else { return };
        let members = members(self.document, schema);
        let is_required = described.flag("required") == Some(true);
        // A body of which nothing is described may be ignored, whatever it is.
        if members.is_empty() && !is_required {
            return;
        }
        if is_required {
            let request = Request { body: None, ..self.base.request.clone() };
            self.push("body.missing", "the required body is left out".to_owned(), request, 400, &[]);
        }
        let text = body.value.to_string();
        // Cut off in the middle, as it happens.
        let cut: String = text.chars().take((text.chars().count() / 2).max(1)).collect();
        let raw = Body { value: Value::String(cut), raw: true, ..body.clone() };
        let request = Request { body: Some(raw), ..self.base.request.clone() };
        self.push("body.not_json", "the body is not JSON: it ends in the middle".to_owned(), request, 400, &[]);

        let Some(documented) = body.value.as_object() else { return };
        let required = required(self.document, schema);
        for (name, member) in members {
            if required.contains(name) && documented.contains_key(name) {
                let request = self.with_members(&body, name, |members| _ = members.shift_remove(name));
                let breaks = format!("the required member `{name}` is left out");
                self.push(&format!("body.{name}.missing"), breaks, request, 400, &[]);
            }
            let value = documented.get(name).cloned().unwrap_or(Value::Null);
            // What another answer names may be looked up before its form is.
            let or: &[u16] = if self.base.request.aliases.values().any(|taken| taken == name) { &[404] } else { &[] };
            for broken in self.breaks(member, &value, false) {
                let request =
                    self.with_members(&body, name, |members| _ = members.insert(name.to_owned(), broken.value));
                let breaks = format!("the member `{name}` {}", broken.how);
                self.push(&format!("body.{name}.{}", broken.what), breaks, request, 400, or);
            }
        }
    }

    /// The base's request with the member `name` changed, which what a state brings along must not repair.
    fn with_members(&self, body: &Body, name: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Request {
        let mut body = body.clone();
        if let Value::Object(members) = &mut body.value {
            change(members);
        }
        body.fixed.push(name.to_owned());
        Request { body: Some(body), ..self.base.request.clone() }
    }

    /// Values that break `schema` in one way each. Nothing that was not found to break it.
    fn breaks(&self, schema: &Node, documented: &Value, is_text: bool) -> Vec<Break> {
        let Some(resolved) = self.document.resolve(schema) else { return Vec::new() };
        let schema = raised(self.document, schema);
        let fits = |value: &Value| self.schemas.violations(value, &schema, Direction::Request).is_empty();
        let mut breaks = Vec::new();
        // Everything on the wire is a text outside of bodies, so none breaks the type of a string there.
        let other_type = match resolved.text("type") {
            Some("string") if !is_text => Some((json!(7), "a number in place of a string: 7")),
            Some("integer" | "number") => Some((json!("seven"), "no number: `seven`")),
            Some("boolean") => Some((json!("yes"), "neither true nor false: `yes`")),
            Some("array") if !is_text => Some((json!("one"), "a string in place of a list: `one`")),
            Some("object") if !is_text => Some((json!("one"), "a string in place of an object: `one`")),
            _ => None,
        };
        if let Some((value, how)) = other_type {
            breaks.push(Break::new("type", value, format!("is {how}")));
        }
        if let Some(text) = documented.as_str() {
            breaks.extend(text_breaks(resolved, text));
        }
        for (bound, what, step) in [("minimum", "too_small", -1), ("maximum", "too_large", 1)] {
            let bound = resolved.get(bound).map(Node::to_json);
            if let Some(value) = bound.as_ref().and_then(Value::as_i64).map(|bound| bound.saturating_add(step)) {
                breaks.push(Break::new(what, json!(value), format!("is {}: {value}", what.replace('_', " "))));
            }
        }
        breaks.retain(|broken| !fits(&broken.value));
        breaks
    }

    fn is_documented(&self, status: u16) -> bool {
        self.response(status).is_some()
    }

    fn response(&self, status: u16) -> Option<&Response<'d>> {
        self.operation.responses.iter().find(|response| response.code() == Some(status))
    }

    fn push(&mut self, name: &str, breaks: String, request: Request, status: u16, or: &[u16]) {
        let Some(response) = self.response(status) else { return };
        let source = self.base.source.as_ref().map(|source| Source {
            document: source.document.clone(),
            section: match response.node.text("description") {
                Some(description) => format!("status code {status}: {description}"),
                None => format!("status code {status}"),
            },
        });
        let body = self.refusal(status, response);
        let or = or.iter().copied().filter(|status| self.is_documented(*status)).collect();
        self.cases.push(Case {
            id: format!("{}/derived/{name}", self.base.operation),
            operation: self.base.operation.clone(),
            kind: Kind::Derived { breaks },
            given: self.base.given.clone(),
            source,
            request,
            expected: Expected { status, class: false, or, body },
        });
    }

    /// What is documented of the body of a refusal: by its own status, never by another one.
    fn refusal(&self, status: u16, response: &Response<'d>) -> Option<ExpectedBody> {
        let described = response.node.text("x-body") != Some("undocumented");
        let media = response.node.entries_of("content").filter(|_| described).find(|media| is_json(&media.key));
        let mut rules = BTreeMap::new();
        let Some(media) = media else {
            // Even if the body is anybody's guess, a refusal has no value that only a success has.
            self.kinds.failure_rules(None, &mut rules);
            let media_type = "application/json".to_owned();
            let undocumented = !described || response.node.entries_of("content").next().is_none();
            return (undocumented && !rules.is_empty()).then_some(ExpectedBody {
                media_type,
                undocumented: true,
                schema: None,
                example: None,
                rules,
            });
        };
        let node = media.value.get("schema");
        self.kinds.failure_rules(node.and_then(|schema| self.document.resolve(schema)), &mut rules);
        let schema = node.map(|schema| raised(self.document, schema));
        // The documented failures of this status show which members there are; their values are their own.
        let alike = self.documented.iter().filter(|case| case.expected.status == status && !case.expected.class);
        let alike = alike.filter_map(|case| case.expected.body.as_ref()).find(|body| body.schema == schema);
        let ids = alike.iter().flat_map(|body| &body.rules).filter(|(_, rule)| **rule == Rule::Id);
        rules.extend(ids.map(|(at, rule)| (at.clone(), *rule)));
        let named = media.value.entries_of("examples");
        let named = named.filter_map(|example| self.document.resolve(&example.value)?.get("value"));
        let examples = named.chain(media.value.get("example")).map(Node::to_json);
        let examples = examples.filter(|example| {
            let violations = |schema| self.schemas.violations(example, schema, Direction::Reply);
            schema.as_ref().is_none_or(|schema| violations(schema).is_empty())
        });
        let mut example = examples.reduce(common);
        if let (Some(node), Some(example)) = (node, &mut example) {
            drop_optional(self.document, node, example);
        }
        Some(ExpectedBody {
            media_type: media.key.split(';').next().unwrap_or_default().trim().to_owned(),
            undocumented: false,
            schema,
            example,
            rules,
        })
    }
}

/// What two examples of one status have in common: which of them a refusal is like is not known.
fn common(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(mut other)) => {
            let both = one.into_iter().filter_map(|(name, value)| {
                let other = other.shift_remove(&name)?;
                Some((name, common(value, other)))
            });
            Value::Object(both.collect())
        }
        // An element of a reply is like one of these.
        (Value::Array(one), Value::Array(other)) => Value::Array(one.into_iter().chain(other).collect()),
        (one, other) if std::mem::discriminant(&one) == std::mem::discriminant(&other) => one,
        // It is there, and nothing is known of its type.
        _ => Value::Null,
    }
}

/// Removes what another refusal of the same status may lack: members beside those that the schema requires, and what
/// is one of several alternatives.
fn drop_optional(document: &Document, schema: &Node, example: &mut Value) {
    let has_alternatives = |part: &Node| ["oneOf", "anyOf"].iter().any(|name| part.get(name).is_some());
    if parts(document, schema).into_iter().any(has_alternatives) {
        *example = Value::Null;
    }
    let Value::Object(values) = example else { return };
    let required = required(document, schema);
    values.retain(|name, _| required.is_empty() || required.contains(name.as_str()));
    for (name, member) in members(document, schema) {
        if let Some(value) = values.get_mut(name) {
            drop_optional(document, member, value);
        }
    }
}

/// The members that a schema describes, those of its parts included.
fn members<'d>(document: &'d Document, schema: &'d Node) -> Vec<(&'d str, &'d Node)> {
    let parts = parts(document, schema).into_iter();
    parts.flat_map(|part| part.entries_of("properties")).map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

fn required<'d>(document: &'d Document, schema: &'d Node) -> BTreeSet<&'d str> {
    let parts = parts(document, schema).into_iter();
    parts.flat_map(|part| part.items_of("required")).filter_map(Node::as_text).collect()
}

/// A value that breaks a constraint.
struct Break {
    /// One word for the end of an id.
    what: &'static str,
    value: Value,
    /// In words that fit after what is broken.
    how: String,
}

impl Break {
    fn new(what: &'static str, value: Value, how: String) -> Self {
        Self { what, value, how }
    }
}

fn text_breaks(schema: &Node, documented: &str) -> Vec<Break> {
    let limit = |name| {
        schema
            .get(name)
            .map(Node::to_json)
            .and_then(|limit| limit.as_u64())
            .and_then(|limit| usize::try_from(limit).ok())
    };
    let mut breaks = Vec::new();
    // Longer ones would test the limits of servers and not those of the document.
    if let Some(most) = limit("maxLength").filter(|most| *most < 4096) {
        let pad = if documented.is_empty() { "a" } else { documented };
        let long: String = documented.chars().chain(pad.chars().cycle()).take(most + 1).collect();
        breaks.push(Break::new("too_long", json!(long), format!("has {} characters, {most} are allowed", most + 1)));
    }
    if let Some(least) = limit("minLength").filter(|least| *least > 0 && documented.chars().count() >= *least) {
        let short: String = documented.chars().take(least - 1).collect();
        breaks.push(Break::new("too_short", json!(short), format!("has {} characters, {least} are needed", least - 1)));
    }
    if let Some(pattern) = schema.text("pattern") {
        breaks.extend(against(pattern, documented));
    }
    if !schema.items_of("enum").is_empty() {
        breaks.push(Break::new(
            "unknown",
            json!("no-such-value"),
            "is none of the documented values: `no-such-value`".to_owned(),
        ));
    }
    breaks
}

/// The documented value with one character that the pattern does not allow, of the same length: nothing else is wrong
/// with it.
fn against(pattern: &str, documented: &str) -> Option<Break> {
    let schema = json!({"pattern": pattern});
    let middle = documented.chars().count() / 2;
    ["-", "_", "!", " ", "é", "0", "a", "A"].into_iter().find_map(|odd| {
        let mut text: Vec<char> = documented.chars().collect();
        text.splice(middle..text.len().min(middle + 1), odd.chars());
        let text: String = text.into_iter().collect();
        let found = conformance_engine::schema::violations(&json!(text), &schema, &Map::new());
        let breaks = found.iter().any(|violation| violation.keyword == "pattern" && !violation.schema_is_broken);
        breaks.then(|| Break::new("pattern", json!(text), format!("does not match `{pattern}`: `{text}`")))
    })
}

fn place_of(place: &str) -> Option<Place> {
    match place {
        "path" => Some(Place::Path),
        "query" => Some(Place::Query),
        "header" => Some(Place::Header),
        "cookie" => Some(Place::Cookie),
        _ => None,
    }
}
