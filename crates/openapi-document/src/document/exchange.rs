//! Which example requests and example responses belong together, and what keeps the others from being sent.
//!
//! The convention is the one of Microcks and Specmatic: a request example and a response example of the same name are
//! one exchange. Documents that were not written for it get the two readings that cannot be wrong: an operation
//! without a body needs no request example, and two examples that are the only ones belong together.

use std::collections::HashMap;

use conformance_engine::suite::{Origin, Parameter, Place};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::operation::{Operation, Response, scalar};
use super::read::Document;
use crate::node::Node;
use crate::source::At;

/// One documented exchange.
pub struct Exchange<'d> {
    /// The name of the examples.
    pub name: &'d str,
    /// The name under more than one status: an id has to say which.
    pub is_repeated: bool,
    /// Request and response example have the same name, or no request example is needed.
    pub is_paired_by_name: bool,
    /// Where the response example stands.
    pub at: At,
    /// What the request carries outside its body.
    pub parameters: Vec<Parameter>,
    /// Media type and value.
    pub body: Option<(&'d str, &'d Node)>,
    /// The status of the reply.
    pub status: u16,
    /// None where the reply has no body.
    pub reply: Option<ReplyExample<'d>>,
    /// The Example Object, with its extensions; none for a lone `example`.
    pub object: Option<&'d Node>,
    /// Whether the status is an error.
    pub is_failure: bool,
}

/// The body of a documented reply.
pub struct ReplyExample<'d> {
    /// Its media type, as in the document.
    pub media_type: &'d str,
    /// The Media Type Object.
    pub media: &'d Node,
    /// The documented value.
    pub value: &'d Node,
}

/// An example that belongs to no exchange.
pub struct Gap {
    /// The name of the example.
    pub example: String,
    /// Where it stands.
    pub at: At,
    /// The rule that it violates.
    pub rule: &'static str,
    /// Why no exchange can be made of it.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

const NO_VALUE: &str = "add an `example` to the parameter or its schema";

pub(super) fn of<'d>(document: &'d Document, operation: &Operation<'d>) -> (Vec<Exchange<'d>>, Vec<Gap>) {
    let requests = operation.body.and_then(|body| media_with_examples(document, body));
    let request_examples = requests.as_ref().map_or(&[][..], |(_, _, examples)| examples);
    let mut responses = Vec::new();
    let mut gaps = Vec::new();
    for response in &operation.responses {
        let Some((media_type, media, examples)) = media_with_examples(document, response.node) else { continue };
        for example in examples {
            responses.push((response, media_type, media, example));
        }
    }
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (.., example) in &responses {
        *uses.entry(example.name).or_default() += 1;
    }
    let without_body = success_without_body(operation);
    let mut exchanges = Vec::new();
    for request in request_examples.iter().filter(|request| !uses.contains_key(request.name)) {
        if let Some(status) = without_body {
            match parameters(document, operation, request.name) {
                Ok(parameters) => exchanges.push(Exchange {
                    name: request.name,
                    is_repeated: false,
                    is_paired_by_name: true,
                    at: request.at,
                    parameters,
                    body: requests.as_ref().and_then(|(media_type, ..)| Some((*media_type, request.value?))),
                    status,
                    reply: None,
                    object: request.object,
                    is_failure: false,
                }),
                Err(reason) => gaps.push(Gap {
                    example: request.name.to_owned(),
                    at: request.at,
                    rule: "parameter-value",
                    reason,
                    hint: NO_VALUE,
                }),
            }
        } else if request_examples.len() > 1 || only_success(&responses).is_none() {
            // Paired all the same if it is the only one: see `request_for`.
            gaps.push(Gap {
                example: request.name.to_owned(),
                at: request.at,
                rule: "example-unpaired",
                reason: format!("no response example is called `{}`, as this request example is", request.name),
                hint: "add a response example of the same name, or remove this one",
            });
        }
    }

    let only_success = only_success(&responses);
    for (response, media_type, media, example) in responses {
        let gap = |rule, reason, hint| Gap { example: example.name.to_owned(), at: example.at, rule, reason, hint };
        let Some(status) = response.code().filter(|code| (100..=599).contains(code)) else {
            let reason = format!("`{}` names no single status that a reply could be compared with", response.status);
            gaps.push(gap("example-status", reason, "move the example to an exact status"));
            continue;
        };
        let Some(value) = example.value else {
            gaps.push(gap(
                "example-value",
                "the example has no `value`".to_owned(),
                "write the value into the document",
            ));
            continue;
        };
        let is_only = only_success == Some(example.at);
        let body = match request_for(operation, request_examples, example.name, is_only) {
            Ok(found) => found,
            Err(reason) => {
                gaps.push(gap("example-unpaired", reason, "add a request example of the same name"));
                continue;
            }
        };
        if let Some((media_type, ..)) = &requests
            && let Some(value) = body.and_then(|request| request.value)
            && !can_be_sent(media_type, value)
        {
            let reason = format!("the example of a `{media_type}` body is a value and not the text to send");
            gaps.push(gap("example-value", reason, "write the example as the text that is sent"));
            continue;
        }
        let given = example.object.and_then(|object| object.text("x-given"));
        let has_own_request = body.is_some_and(|request| request.name == example.name)
            || operation
                .parameters
                .iter()
                .any(|p| p.node.get("examples").is_some_and(|all| all.get(example.name).is_some()));
        if response.is_failure() && given.is_none() && !has_own_request {
            let reason = "nothing says how this failure is provoked".to_owned();
            gaps.push(gap("example-unpaired", reason, "add `x-given`, or a request example of the same name"));
            continue;
        }
        let parameters = match parameters(document, operation, example.name) {
            Ok(parameters) => parameters,
            Err(reason) => {
                gaps.push(gap("parameter-value", reason, NO_VALUE));
                continue;
            }
        };
        let request_type = requests.as_ref().map_or("", |(media_type, ..)| media_type);
        exchanges.push(Exchange {
            name: example.name,
            is_repeated: uses.get(example.name).is_some_and(|count| *count > 1),
            is_paired_by_name: body.is_none_or(|request| request.name == example.name),
            at: example.at,
            parameters,
            body: body.and_then(|request| Some((request_type, request.value?))),
            status,
            reply: Some(ReplyExample { media_type, media, value }),
            object: example.object,
            is_failure: response.is_failure(),
        });
    }
    exchanges.sort_by_key(|exchange| exchange.at);
    (exchanges, gaps)
}

/// JSON and forms are written from values; of every other media type, only a text says what is sent.
fn can_be_sent(media_type: &str, value: &Node) -> bool {
    is_json(media_type) || value.as_text().is_some() || form(media_type, &value.to_json()).is_some()
}

/// The text of a form, if that is the media type and the value one that a form can have: scalars, and lists of them.
///
/// Source: OpenAPI 3.0.3, Encoding Object (`style: form`, `explode: true` are the defaults).
pub(crate) fn form(media_type: &str, value: &Value) -> Option<String> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let mut pairs = Vec::new();
    for (name, member) in value.as_object()? {
        let values = match member {
            Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>()?,
            member => vec![scalar(member)?],
        };
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string().replace("%20", "+");
        pairs.extend(values.iter().map(|value| format!("{}={}", encoded(name), encoded(value))));
    }
    Some(pairs.join("&"))
}

#[derive(Clone, Copy)]
struct Example<'d> {
    name: &'d str,
    at: At,
    object: Option<&'d Node>,
    value: Option<&'d Node>,
}

/// The media type whose examples count: JSON if it has any, else the first that has.
fn media_with_examples<'d>(document: &'d Document, holder: &'d Node) -> Option<(&'d str, &'d Node, Vec<Example<'d>>)> {
    let candidates = holder.entries_of("content").map(|media| (media, examples(document, &media.value)));
    let best = candidates.filter(|(_, examples)| !examples.is_empty()).min_by_key(|(media, _)| !is_json(&media.key));
    best.map(|(media, examples)| (media.key.as_str(), &media.value, examples))
}

fn examples<'d>(document: &'d Document, media: &'d Node) -> Vec<Example<'d>> {
    let named = media.entries_of("examples").map(|entry| {
        let object = document.resolve(&entry.value);
        Example { name: &entry.key, at: entry.at, object, value: object.and_then(|object| object.get("value")) }
    });
    let lone =
        media.get("example").map(|value| Example { name: "example", at: value.at, object: None, value: Some(value) });
    named.chain(lone).collect()
}

/// The status of the only success, if its reply has no body: then a request example says all there is to say.
fn success_without_body(operation: &Operation<'_>) -> Option<u16> {
    let mut successes = operation.responses.iter().filter(|response| response.is_success());
    let (only, None) = (successes.next()?, successes.next()) else { return None };
    only.node.entries_of("content").next().is_none().then(|| only.code()).flatten()
}

type Candidate<'r, 'd> = (&'r Response<'d>, &'d str, &'d Node, Example<'d>);

/// The place of the only success example, if there is just one.
fn only_success(responses: &[Candidate<'_, '_>]) -> Option<At> {
    let mut successes = responses.iter().filter(|(response, ..)| response.is_success());
    match (successes.next(), successes.next()) {
        (Some((.., example)), None) => Some(example.at),
        _ => None,
    }
}

fn request_for<'e, 'd>(
    operation: &Operation<'d>,
    requests: &'e [Example<'d>],
    name: &str,
    is_only_success: bool,
) -> Result<Option<&'e Example<'d>>, String> {
    if let Some(request) = requests.iter().find(|request| request.name == name) {
        return Ok(Some(request));
    }
    match (requests, operation.body) {
        (_, None) => Ok(None),
        ([only], _) if is_only_success => Ok(Some(only)),
        ([], Some(body)) if body.flag("required") != Some(true) => Ok(None),
        ([], _) => Err(format!("the request body is required, and no request example is called `{name}`")),
        _ => Err(format!("no request example is called `{name}`, as this response example is")),
    }
}

/// The documented values that the request of the exchange `name` carries outside its body.
fn parameters(document: &Document, operation: &Operation<'_>, name: &str) -> Result<Vec<Parameter>, String> {
    let mut sent = Vec::new();
    for constant in &operation.constants {
        let (name, value) = (constant.name.to_owned(), constant.value.clone());
        sent.push(Parameter { name, place: Place::Query, value, constant: true, origin: Origin::Documented });
    }
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.constant) {
        let place = match parameter.place {
            "path" => Place::Path,
            "query" => Place::Query,
            "cookie" => Place::Cookie,
            // Source: OpenAPI 3.0.3, Parameter Object: header parameters of these names are ignored.
            _ if ["accept", "content-type", "authorization"].contains(&parameter.name.to_lowercase().as_str()) => {
                continue;
            }
            _ => Place::Header,
        };
        let named = parameter.node.get("examples").and_then(|all| document.resolve(all.get(name)?)?.get("value"));
        let Some(value) = named
            .map(Node::to_json)
            .or_else(|| parameter.required.then(|| documented(document, parameter.node)).flatten())
        else {
            if parameter.required {
                return Err(format!("no value is documented for the required parameter `{}`", parameter.name));
            }
            continue;
        };
        let cannot = |what: &str| format!("the value of the parameter `{}` is {what}", parameter.name);
        let style = parameter.node.text("style").unwrap_or(if place == Place::Query { "form" } else { "simple" });
        if matches!(style, "matrix" | "label" | "deepObject") {
            return Err(cannot(&format!("written in the style `{style}`, which is not supported")));
        }
        // Elsewhere than in a query, several values are always one text.
        let explode = place == Place::Query && parameter.node.flag("explode").unwrap_or(style == "form");
        let between = match style {
            "spaceDelimited" => " ",
            "pipeDelimited" => "|",
            _ => ",",
        };
        for value in serialised(&value, explode, between)
            .ok_or_else(|| cannot("an object, and objects are sent in bodies only"))?
        {
            sent.push(Parameter { name: parameter.name.to_owned(), place, value, constant: false, origin: Origin::Documented });
        }
    }
    Ok(sent)
}

/// The value that a document gives for a parameter, in the order of how explicit it is.
fn documented(document: &Document, parameter: &Node) -> Option<Value> {
    let schema = parameter.get("schema").and_then(|schema| document.resolve(schema));
    let first = parameter.entries_of("examples").next().and_then(|entry| document.resolve(&entry.value)?.get("value"));
    let found = parameter.get("example").or(first).or_else(|| {
        let schema = schema?;
        schema.get("example").or_else(|| schema.get("default")).or_else(|| schema.items_of("enum").first())
    });
    found.map(Node::to_json)
}

/// Each value by itself, or all in one text.
fn serialised(value: &Value, explode: bool, between: &str) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect::<Option<_>>()?;
            Some(if explode { items } else { vec![items.join(between)] })
        }
        Value::Object(_) => None,
        Value::Null => Some(vec![String::new()]),
        _ => scalar(value).map(|text| vec![text]),
    }
}

/// Whether a media type is JSON, or based on it (`+json`).
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let suffix = essence.len().checked_sub("+json".len()).and_then(|at| essence.get(at..));
    essence.eq_ignore_ascii_case("application/json") || suffix.is_some_and(|it| it.eq_ignore_ascii_case("+json"))
}
