//! Lowers responses to one type of success and one of error.
//!
//! progenitor has one type for all successes of an operation, one for all errors, and reads `default` as both. Errors always,
//! and successes where there is more than one, become members of one schema, a struct that the client then turns into an enum
//! (or an `Option`); [`RESPONSES`] says how each status is read.

use std::collections::HashSet;

use conformance_engine::suite::folded;
use openapi_document::document::snake_case;
use serde_json::{Map, Value, json};

use super::findings::Findings;
use super::media;
use super::operations::{Site, each_operation, resolved};

/// The member of a lowered operation that says how its replies are read.
pub(crate) const RESPONSES: &str = "x-replies";

/// Lowers responses to one type of success and one of error.
pub(super) fn pass(document: &mut Value, findings: &mut Findings) {
    let mut taken = Names::default();
    each_operation(document, |site, operation, schemas| {
        taken.learn(schemas);
        lower(site, operation, schemas, &mut taken, findings);
    });
}

/// Names of schemas, as Rust compares them.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    pub(super) fn learn(&mut self, schemas: &Map<String, Value>) {
        if self.0.is_empty() {
            self.0.extend(schemas.keys().map(|name| folded(name)));
        }
    }

    /// `wanted`, or that with a number behind it. In lower case, so that there is one way to make a Rust name of it.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let wanted = snake_case(wanted);
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let free = std::iter::once(wanted.clone()).chain(numbered).find(|name| self.0.insert(folded(name)));
        free.unwrap_or(wanted) // there is always a number
    }
}

/// What a reply has as its body.
#[derive(Clone, PartialEq)]
enum Body {
    Json(Value),
    Text,
    Bytes,
    Nothing,
}

struct Reply {
    /// `404`, `4XX`, `default`.
    status: String,
    body: Body,
    /// What it is asked for as.
    media: Option<String>,
}

impl Reply {
    fn is_class(&self, digits: &[u8]) -> bool {
        self.status != "default" && self.status.bytes().next().is_some_and(|first| digits.contains(&first))
    }

    fn of(site: &Site, status: &str, response: &Value, schemas: &Map<String, Value>, findings: &mut Findings) -> Reply {
        let empty = Map::new();
        let content = response.get("content").and_then(Value::as_object).unwrap_or(&empty);
        let schema_of = |key: &str| content.get(key).and_then(|media| media.get("schema")).unwrap_or(&Value::Null);
        let is_structured = |key: &&String| {
            let schema = resolved(schemas, schema_of(key));
            ["properties", "items", "allOf", "oneOf", "anyOf"].iter().any(|member| schema.get(member).is_some())
                || media::has_type(schema, "object")
                || media::has_type(schema, "array")
        };
        let is_binary = |key: &String| media::is_binary(resolved(schemas, schema_of(key)));
        let json = media::json_of(content).filter(|key| !is_binary(key));
        // What may be anything is what its schema says.
        let json = json.or_else(|| content.keys().find(|key| key.contains('*')).filter(is_structured));
        let text = || content.keys().find(|key| key.starts_with("text/") && !key.starts_with("text/event-stream"));
        // Whatever is documented, there is no body (RFC 9110, 6.4.1).
        let is_empty = site.method == "head" || matches!(status, "204" | "205" | "304");
        let (body, chosen) = match json {
            _ if is_empty => (Body::Nothing, None),
            Some(key) => {
                let schema = schema_of(key);
                (Body::Json(if schema.is_null() { json!({}) } else { schema.clone() }), Some(key))
            }
            None => match (text(), content.keys().next()) {
                (Some(key), _) => (Body::Text, Some(key)),
                (None, Some(key)) => (Body::Bytes, Some(key)),
                (None, None) => (Body::Nothing, None),
            },
        };
        if let Some(chosen) = chosen.filter(|_| content.len() > 1) {
            let others: Vec<&str> = content.keys().filter(|key| *key != chosen).map(String::as_str).collect();
            let message = format!("a reply {status} is asked for as {chosen}, and never as {}", others.join(", "));
            let place = site.place(&["responses", status, "content"]);
            findings.warn("reply-media-types", place, message, "nothing to do, unless another type is wanted");
        }
        let media = chosen.filter(|key| !key.contains('*')).cloned();
        let status = if status == "default" { status.to_owned() } else { status.to_uppercase() };
        Reply { status, body, media }
    }
}

/// Whether a key of `responses` is a status code or a range of them (OpenAPI 3.1.1, Responses Object).
fn is_status(key: &str) -> bool {
    let is_rest = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit) || rest.eq_ignore_ascii_case(b"XX");
    matches!(key.as_bytes(), [b'1'..=b'5', rest @ ..] if rest.len() == 2 && is_rest(rest))
}

/// How many bodies a class of replies has.
enum Shape {
    One(Body),
    /// The same, or nothing.
    Optional(Body),
    Several,
}

impl Shape {
    fn of(replies: &[&Reply]) -> Shape {
        let mut bodies: Vec<&Body> = Vec::new();
        for reply in replies {
            if !bodies.contains(&&reply.body) {
                bodies.push(&reply.body);
            }
        }
        match bodies[..] {
            [] => Shape::One(Body::Bytes),
            [one] => Shape::One(one.clone()),
            [Body::Nothing, other] | [other, Body::Nothing] => Shape::Optional(other.clone()),
            _ => Shape::Several,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Shape::One(_) => "one",
            Shape::Optional(_) => "optional",
            Shape::Several => "several",
        }
    }
}

fn lower(
    site: &Site,
    operation: &mut Map<String, Value>,
    schemas: &mut Map<String, Value>,
    taken: &mut Names,
    findings: &mut Findings,
) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.retain(|status, _| {
            let place = site.place(&["responses", status]);
            let (message, hint) = match status.as_bytes() {
                b"default" | [b'2' | b'4' | b'5', b'0'..=b'9', b'0'..=b'9'] | [b'2' | b'4' | b'5', b'X' | b'x', b'X' | b'x'] => {
                    return true;
                }
                b"101" => return true,
                [b'1' | b'3', ..] if is_status(status) => (
                    format!("the client has no type for a reply {status}: it is an unexpected response, or a redirect that is followed"),
                    "nothing to do, unless callers need it",
                ),
                _ => (
                    format!("the reply `{status}` is left out: that is not a status"),
                    "use a code such as 404, a range such as 4XX, or `default`",
                ),
            };
            findings.warn("reply-status", place, message, hint);
            is_status(status)
        });
    }
    let replies: Vec<Reply> =
        operation.get("responses").and_then(Value::as_object).map_or_else(Vec::new, |responses| {
            responses.iter().map(|(status, reply)| Reply::of(site, status, reply, schemas, findings)).collect()
        });
    let default = replies.iter().find(|reply| reply.status == "default");
    let listed = replies.iter().filter(|reply| reply.is_class(b"2"));
    let has_success = listed.clone().next().is_some();
    let successes: Vec<&Reply> = listed.chain(default.filter(|_| !has_success)).collect();
    let errors: Vec<&Reply> = replies.iter().filter(|reply| reply.is_class(b"45")).chain(default).collect();
    // An upgrade has a stream of its own, and nothing beside it.
    let is_upgrade = successes.is_empty() && replies.iter().any(|reply| reply.status == "101");
    let success = Shape::of(&successes);
    let error = if errors.is_empty() { Shape::One(Body::Nothing) } else { Shape::Several };

    let lowered_success = lowered(&success, &successes, &format!("{id}_response"), schemas, taken);
    let lowered_error = lowered(&error, &errors, &format!("{id}_error"), schemas, taken);
    let mut responses = Map::new();
    let mut add = |status: &str, content: &Option<Value>| {
        let mut reply = json!({ "description": "" });
        if let Some(content) = content {
            reply["content"] = content.clone();
        }
        responses.insert(status.to_owned(), reply);
    };
    if is_upgrade {
        add("101", &None);
    }
    for reply in &successes {
        add(if reply.status == "default" { "2XX" } else { &reply.status }, &lowered_success);
    }
    for reply in &errors {
        if reply.status == "default" {
            add("4XX", &lowered_error);
            add("5XX", &lowered_error);
        } else {
            add(&reply.status, &lowered_error);
        }
    }
    operation.insert("responses".to_owned(), responses.into());

    let mut accepted: Vec<&str> = Vec::new();
    for media in successes.iter().filter_map(|reply| reply.media.as_deref()) {
        if !accepted.contains(&media) {
            accepted.push(media);
        }
    }
    let arms = replies.iter().map(|reply| {
        let class = match reply.status.as_str() {
            "default" => "default",
            _ if reply.is_class(b"2") => "success",
            _ if reply.is_class(b"45") => "error",
            "101" if is_upgrade => "upgrade",
            _ => "other",
        };
        let read = match reply.body {
            Body::Json(_) => "json",
            Body::Text => "text",
            Body::Bytes => "bytes",
            Body::Nothing => "nothing",
        };
        json!({ "status": reply.status, "class": class, "read": read, "member": member(&reply.status) })
    });
    let says = json!({
        "accept": accepted.join(", "),
        "success": if is_upgrade { "upgrade" } else { success.name() },
        "error": if errors.is_empty() { "none" } else { error.name() },
        "arms": arms.collect::<Vec<_>>(),
    });
    operation.insert(RESPONSES.to_owned(), says);
}

/// The name of a reply among those of its class.
fn member(status: &str) -> String {
    if status == "default" { status.to_owned() } else { format!("status_{}", status.to_lowercase()) }
}

/// What progenitor makes the type of the class from; nothing for no body.
fn lowered(
    shape: &Shape,
    replies: &[&Reply],
    name: &str,
    schemas: &mut Map<String, Value>,
    taken: &mut Names,
) -> Option<Value> {
    let json_content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let mut component = |schema: Value| {
        let name = taken.free(name);
        schemas.insert(name.clone(), schema);
        json_content(json!({ "$ref": format!("#/components/schemas/{name}") }))
    };
    match shape {
        Shape::One(Body::Nothing) => None,
        Shape::One(Body::Bytes) => Some(json!({ "application/octet-stream": {} })),
        Shape::One(Body::Text) => Some(json_content(json!({ "type": "string" }))),
        Shape::One(Body::Json(schema)) => Some(json_content(schema.clone())),
        Shape::Optional(body) => {
            let value = schema_of(body)?;
            Some(component(json!({ "type": "object", "required": ["value"], "properties": { "value": value } })))
        }
        Shape::Several => {
            let members = replies.iter().filter_map(|reply| Some((member(&reply.status), schema_of(&reply.body)?)));
            let mut members: Map<String, Value> = members.collect();
            if members.is_empty() {
                // A struct is wanted, and not a map.
                members.insert("nothing".to_owned(), json!({ "type": "boolean" }));
            }
            let required: Vec<&String> = members.keys().collect();
            let required = json!(required);
            Some(component(json!({ "type": "object", "required": required, "properties": members })))
        }
    }
}

/// The schema whose Rust type holds a body.
fn schema_of(body: &Body) -> Option<Value> {
    match body {
        Body::Nothing => None,
        Body::Text => Some(json!({ "type": "string" })),
        Body::Bytes => Some(media::bytes()),
        Body::Json(schema) => {
            let mut schema = schema.clone();
            // A type is wanted, and not a value.
            if let Some(members) = schema.as_object_mut() {
                members.shift_remove("default");
            }
            Some(schema)
        }
    }
}
