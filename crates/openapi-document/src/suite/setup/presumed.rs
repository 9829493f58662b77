//! What a request that should succeed presumes, and neither a call of the run nor a documented state gives: a server that
//! refuses it for want of that is right.
//!
//! The value that a document shows for an identifier is a sample: no server has to have such a thing. And where a status
//! like 409 is documented, there are states in which the request is refused; which one the endpoint is in, only `x-given`, a
//! link or a lifecycle says.

use std::collections::BTreeMap;

use conformance_engine::suite::{Case, Kind, Origin, Place, Presumed, Rule};
use serde_json::Value;

use super::samples::{is_sampled, samples};
use crate::document::{Document, Operation, escaped, is_identifier, parts};
use crate::node::Node;
use crate::suite::replies::plain_media_type;

/// What says that the thing does not exist.
const NONE: [u16; 2] = [404, 410];

/// What may say so as well where the document has it: who may not see a thing does not learn that there is none, and
/// identifiers may have a form that the document does not tell.
const INSTEAD: [u16; 8] = [400, 402, 403, 409, 412, 422, 423, 428];

/// What says that the thing is in another state. Source: RFC 9110, sections 15.5.10 and 15.5.13; RFC 4918; RFC 6585.
const CONFLICTS: [u16; 5] = [402, 409, 412, 423, 428];

/// Headers that name a version of the thing.
const VERSIONS: [&str; 3] = ["if-match", "if-unmodified-since", "if-range"];

/// What the request of a case presumes, if it is one that should succeed.
pub(crate) fn presumed(document: &Document, operation: &Operation<'_>, case: &Case) -> Option<Presumed> {
    // Where the unchanged request tells more, it is sent.
    let is_sent = matches!(case.kind, Kind::Documented | Kind::Described | Kind::Permitted { .. });
    if case.expected.status >= 400 || !is_sent || case.expected.ambiguous.is_some() {
        return None;
    }
    let documents = |status: &u16| operation.responses.iter().any(|response| response.code() == Some(*status));
    let of_path = samples(document, operation, case);
    let of_path: Vec<String> = of_path.into_iter().map(|name| format!("{}.{name}", Place::Path.word())).collect();
    let others = names(document, operation, case);
    let has_body = case.request.body.is_some() || case.request.parameters.iter().any(|it| it.place == Place::Query);
    // A request that says nothing can only be refused because of a state.
    let of_nothing = [400, 422].into_iter().filter(|_| !has_body && operation.method != "get");
    let conflicts: Vec<u16> = CONFLICTS.into_iter().chain(of_nothing).filter(documents).collect();
    let mut refusals: Vec<u16> = INSTEAD.into_iter().filter(documents).collect();
    if of_path.is_empty() {
        refusals.extend(NONE.into_iter().filter(documents));
    } else {
        refusals.extend(NONE);
    }
    let names: Vec<String> = of_path.into_iter().chain(others).collect();
    if names.is_empty() {
        refusals.clear();
    }
    let is_empty = names.is_empty() && conflicts.is_empty();
    (!is_empty).then_some(Presumed { names, refusals, conflicts })
}

/// The values outside the path that name something, or that only the server can know: identifiers, versions, and texts of a
/// query of which the document says nothing but that they are texts.
fn names(document: &Document, operation: &Operation<'_>, case: &Case) -> Vec<String> {
    let is_free = |name: &str, place: Place| {
        let mut declared = operation.parameters.iter().filter(|it| it.place == place.word() && it.name == name);
        let schema = declared.next().and_then(|it| it.node.get("schema"));
        let parts = schema.map(|schema| parts(document, schema)).unwrap_or_default();
        let says = |word: &str| parts.iter().any(|part| part.get(word).is_some());
        let is_text = |part: &&Node| {
            let types = part.items_of("type").iter().filter_map(Node::as_text);
            part.text("type").into_iter().chain(types).any(|one| one == "string")
        };
        parts.iter().any(is_text) && !["enum", "const", "format", "pattern", "default"].into_iter().any(says)
    };
    let parameters = case.request.parameters.iter().filter(|it| !it.constant && it.origin == Origin::Documented);
    let parameters = parameters.filter(|it| match it.place {
        Place::Path => false,
        Place::Query => is_identifier(&it.name) || is_free(&it.name, it.place),
        Place::Header | Place::Cookie => {
            is_identifier(&it.name) || VERSIONS.iter().any(|name| it.name.eq_ignore_ascii_case(name))
        }
    });
    let mut found: Vec<String> = parameters.map(|it| format!("{}.{}", it.place.word(), it.name)).collect();
    let body = case.request.body.as_ref().map(|body| &body.value);
    members(body.unwrap_or(&Value::Null), "", &mut found);
    found
}

/// The members of a body that name something.
fn members(value: &Value, pointer: &str, found: &mut Vec<String>) {
    if let Value::Array(elements) = value {
        let elements = elements.iter().enumerate();
        return elements.for_each(|(at, element)| self::members(element, &format!("{pointer}/{at}"), found));
    }
    let Value::Object(members) = value else { return };
    for (name, value) in members {
        let pointer = format!("{pointer}/{}", escaped(name));
        if is_identifier(name) && !matches!(value, Value::Null | Value::Bool(_)) {
            found.push(format!("body#{pointer}"));
        }
        self::members(value, &pointer, found);
    }
}

/// The example of a reply to a request for what a call of the run made shows another thing: members that the schema does not
/// require may be missing, and where it has alternatives, it may be another one.
pub(crate) fn loosen(document: &Document, operation: &Operation<'_>, case: &mut Case) {
    // Where nothing is shown for the item, all that is shown is of any item.
    let is_open = case.request.parameters.iter().any(|it| it.place == Place::Path && it.origin == Origin::Open);
    if case.expected.status >= 400 || is_open || !is_sampled(document, operation, case) {
        return;
    }
    let Some(response) = operation.response_to(case.expected.status) else { return };
    let Some(body) = case.expected.body.as_mut() else { return };
    let media = response.node.entries_of("content").find(|media| plain_media_type(&media.key) == body.media_type);
    let Some(schema) = media.and_then(|media| media.value.get("schema")) else { return };
    if let Some(example) = &body.example {
        optional(document, schema, example, "", &mut body.rules);
    }
}

fn optional(document: &Document, schema: &Node, example: &Value, pointer: &str, rules: &mut BTreeMap<String, Rule>) {
    let all = parts(document, schema);
    if all.iter().any(|part| ["oneOf", "anyOf"].iter().any(|name| part.get(name).is_some())) {
        rules.entry(pointer.to_owned()).or_insert(Rule::Optional);
        return;
    }
    match example {
        Value::Object(members) => {
            let described = |name: &str| -> Vec<&Node> {
                all.iter().filter_map(|part| part.get("properties")?.get(name)).collect()
            };
            let is_required = |name: &str| {
                all.iter().any(|part| part.items_of("required").iter().any(|it| it.as_text() == Some(name)))
            };
            for (name, value) in members {
                let (pointer, described) = (format!("{pointer}/{}", escaped(name)), described(name));
                if !described.is_empty() && !is_required(name) {
                    rules.entry(pointer).or_insert(Rule::Optional);
                    continue;
                }
                described.into_iter().for_each(|inner| optional(document, inner, value, &pointer, rules));
            }
        }
        Value::Array(elements) => {
            let Some(items) = all.iter().find_map(|part| part.get("items")) else { return };
            for (index, element) in elements.iter().enumerate() {
                optional(document, items, element, &format!("{pointer}/{index}"), rules);
            }
        }
        _ => {}
    }
}
