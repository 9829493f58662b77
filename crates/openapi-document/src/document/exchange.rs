//! Which example requests and example responses belong together, and what keeps the others from being sent.
//!
//! The convention is the one of Microcks and Specmatic: a request example and a response example of the same name are
//! one exchange. Documents that were not written for it get the two readings that cannot be wrong: an operation
//! without a body needs no request example, and two examples that are the only ones belong together.

use std::collections::HashMap;

use conformance_engine::suite::Parameter;

use super::body::{is_json, unsendable, written};
use super::operation::{Operation, Response};
use super::parameters::{Optional, carried, documented};
use super::resolve::Document;
use crate::node::{Entry, Node};
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
    /// The Example Object; none for a lone `example`.
    pub object: Option<&'d Node>,
    /// The object as listed, possibly a reference.
    pub listed: Option<&'d Node>,
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

/// An example, and what it belongs to.
pub(crate) struct Pair<'d> {
    /// The name of the example.
    pub(crate) name: &'d str,
    /// Where it stands: the response example, or the request example that no response example belongs to.
    pub(crate) at: At,
    /// The Example Object; none for a lone `example`.
    pub(crate) object: Option<&'d Node>,
    /// The object as listed, possibly a reference.
    pub(crate) listed: Option<&'d Node>,
    /// Media type and example of the request body; or why there is none although a body is required.
    pub(crate) request: Result<Option<(&'d Entry, Example<'d>)>, String>,
    /// Whether a request is called as the response example is: its body, or one of its parameters.
    pub(crate) has_own_request: bool,
    /// The response example, if it is one.
    pub(crate) response: Option<Documented<'d>>,
    /// The name under more than one status.
    pub(crate) is_repeated: bool,
}

/// An extension of an object, or of the reference to it: what stands beside the reference is said of this use of it.
pub(crate) fn extension<'d>(listed: Option<&'d Node>, resolved: Option<&'d Node>, name: &str) -> Option<&'d Node> {
    [listed, resolved].into_iter().flatten().find_map(|node| node.get(name))
}

impl<'d> Exchange<'d> {
    /// An extension of the Example Object, or beside the reference to it.
    pub fn extension(&self, name: &str) -> Option<&'d Node> {
        extension(self.listed, self.object, name)
    }
}

impl<'d> Pair<'d> {
    /// An extension of the Example Object, or beside the reference to it.
    pub(crate) fn extension(&self, name: &str) -> Option<&'d Node> {
        extension(self.listed, self.object, name)
    }

    /// What the case of the example is called among those of its operation.
    pub(crate) fn case_name(&self) -> String {
        match self.response {
            Some(response) if self.is_repeated => format!("{}.{}", self.name, response.status),
            _ => self.name.to_owned(),
        }
    }
}

/// A response example.
#[derive(Clone, Copy)]
pub(crate) struct Documented<'d> {
    /// `200`, `4XX` or `default`.
    pub(crate) status: &'d str,
    pub(crate) is_failure: bool,
    pub(crate) media_type: &'d str,
    pub(crate) media: &'d Node,
    pub(crate) value: Option<&'d Node>,
}

const NO_VALUE: &str = "add an `example` to the parameter or its schema";

/// Every example of the operation with what it belongs to: first the requests that no response belongs to.
pub(crate) fn pairs<'d>(document: &'d Document, operation: &Operation<'d>) -> Vec<Pair<'d>> {
    let requests = operation.body.and_then(|body| media_with_examples(document, body).into_iter().next());
    let (request_type, requests) = requests.map_or((None, Vec::new()), |(media, examples)| (Some(media), examples));
    let responses = responses(document, operation);
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (.., example) in &responses {
        *uses.entry(example.name).or_default() += 1;
    }
    let only_success = only_success(&responses);
    let mut pairs = Vec::new();
    // A request example that is the only one belongs to the only success: see `request_for`.
    let is_paired = requests.len() == 1 && only_success.is_some();
    let has_no_reply = success_without_body(operation).is_some();
    for request in requests.iter().filter(|request| !uses.contains_key(request.name)) {
        if has_no_reply || !is_paired {
            pairs.push(Pair {
                name: request.name,
                at: request.at,
                object: request.object,
                listed: request.listed,
                request: Ok(request_type.map(|media| (media, *request))),
                has_own_request: true,
                response: None,
                is_repeated: false,
            });
        }
    }
    let is_of_success =
        |name: &str| responses.iter().any(|(response, .., it)| response.is_success() && it.name == name);
    for (response, media, example) in &responses {
        let request = request_for(operation, &requests, example.name, only_success == Some(example.at));
        // A lone `example` has no name, and a request that a success belongs to provokes no failure.
        let is_named = example.object.is_some() && !(response.is_failure() && is_of_success(example.name));
        let has_own_request = is_named
            && (request.as_ref().is_ok_and(|request| request.is_some_and(|request| request.name == example.name))
                || operation
                    .parameters
                    .iter()
                    .any(|p| p.node.get("examples").is_some_and(|all| all.get(example.name).is_some())));
        pairs.push(Pair {
            name: example.name,
            at: example.at,
            object: example.object,
            listed: example.listed,
            request: request.map(|request| request_type.zip(request.copied())),
            has_own_request,
            response: Some(Documented::of(response, media, example)),
            is_repeated: uses.get(example.name).is_some_and(|count| *count > 1),
        });
    }
    pairs
}

/// The request examples under further media types, each with a response example of its name if there is one.
pub(crate) fn pairs_of_other_media<'d>(document: &'d Document, operation: &Operation<'d>) -> Vec<Pair<'d>> {
    let media = operation.body.map(|body| media_with_examples(document, body)).unwrap_or_default();
    let responses = responses(document, operation);
    let mut pairs = Vec::new();
    for (media, request) in
        media.into_iter().skip(1).flat_map(|(media, examples)| examples.into_iter().map(move |it| (media, it)))
    {
        let named = responses.iter().filter(|(.., it)| it.name == request.name && it.object.is_some());
        let response = named.clone().find(|(response, ..)| response.is_success()).or_else(|| named.clone().next());
        pairs.push(Pair {
            name: request.name,
            at: request.at,
            object: request.object,
            listed: request.listed,
            request: Ok(Some((media, request))),
            has_own_request: true,
            response: response.map(|(response, media, example)| Documented::of(response, media, example)),
            is_repeated: false,
        });
    }
    pairs
}

/// The response examples under further media types: name and media type, and the media type that replies are asked for.
pub(crate) fn spare_examples<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
) -> impl Iterator<Item = (&'d str, &'d str, &'d str)> {
    let responses = operation.responses.iter().map(|response| response.node);
    responses.flat_map(|response| {
        let media = media_with_examples(document, response);
        let first = media.first().map_or("", |(media, _)| media.key.as_str());
        let others = media.into_iter().skip(1);
        others.flat_map(move |(media, all)| all.into_iter().map(move |it| (it.name, media.key.as_str(), first)))
    })
}

impl<'d> Documented<'d> {
    fn of(response: &Response<'d>, media: &'d Entry, example: &Example<'d>) -> Documented<'d> {
        Documented {
            status: response.status,
            is_failure: response.is_failure(),
            media_type: &media.key,
            media: &media.value,
            value: example.value,
        }
    }
}

/// The response examples, each with its response and its media type.
fn responses<'r, 'd>(document: &'d Document, operation: &'r Operation<'d>) -> Vec<Candidate<'r, 'd>> {
    let mut responses = Vec::new();
    for response in &operation.responses {
        let Some((media, examples)) = media_with_examples(document, response.node).into_iter().next() else { continue };
        responses.extend(examples.into_iter().map(|example| (response, media, example)));
    }
    responses
}

pub(super) fn of<'d>(document: &'d Document, operation: &Operation<'d>) -> (Vec<Exchange<'d>>, Vec<Gap>) {
    let (mut exchanges, mut gaps) = (Vec::new(), Vec::new());
    for pair in pairs(document, operation) {
        let (example, at) = (pair.name.to_owned(), pair.at);
        match exchange(document, operation, pair) {
            Ok(exchange) => exchanges.push(exchange),
            Err((rule, reason, hint)) => gaps.push(Gap { example, at, rule, reason, hint }),
        }
    }
    exchanges.sort_by_key(|exchange| exchange.at);
    (exchanges, gaps)
}

/// The exchange that a pair is, if the document has all of it; or the rule that this breaks, why, and what to do.
fn exchange<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    pair: Pair<'d>,
) -> Result<Exchange<'d>, (&'static str, String, &'static str)> {
    let status = match &pair.response {
        None => success_without_body(operation).ok_or_else(|| {
            let reason = format!("no response example is called `{}`, as this request example is", pair.name);
            ("example-unpaired", reason, "add a response example of the same name, or remove this one")
        })?,
        Some(response) => response.status.parse().ok().filter(|code| (100..=599).contains(code)).ok_or_else(|| {
            let reason = format!("`{}` names no single status that a reply could be compared with", response.status);
            ("example-status", reason, "move the example to an exact status")
        })?,
    };
    if pair.response.is_some_and(|response| response.value.is_none()) {
        return Err(("example-value", "the example has no `value`".to_owned(), "write the value into the document"));
    }
    let of_response = || operation.response_to(status)?.extension("x-given");
    let given = pair.extension("x-given").or_else(of_response);
    let request =
        pair.request.map_err(|reason| ("example-unpaired", reason, "add a request example of the same name"))?;
    let body = request.and_then(|(media, request)| Some((media, request.value?)));
    if let Some((media, value)) = body {
        // A boundary is not the document's, so no fixture can expect it.
        let is_whole = written(document, media, value).map(|written| written.media_type == media.key);
        if let Err(reason) = is_whole.and_then(|is_whole| is_whole.then_some(()).ok_or_else(|| unsendable(&media.key)))
        {
            return Err(("example-value", reason, "write the example as the text that is sent"));
        }
    }
    let body = body.map(|(media, value)| (media.key.as_str(), value));
    let is_failure = pair.response.is_some_and(|response| response.is_failure);
    if is_failure && given.is_none() && !pair.has_own_request {
        let hint = "add `x-given`, or a request example of the same name";
        return Err(("example-unpaired", UNPROVOKED.to_owned(), hint));
    }
    let parameters =
        carried(document, operation, pair.name, &|_, parameter| documented(document, parameter), Optional::LeftOut);
    let parameters = parameters.map_err(|reason| ("parameter-value", reason, NO_VALUE))?.sent;
    Ok(Exchange {
        name: pair.name,
        is_repeated: pair.is_repeated,
        is_paired_by_name: request.is_none_or(|(_, request)| request.name == pair.name),
        at: pair.at,
        parameters,
        body,
        status,
        reply: pair.response.and_then(|Documented { media_type, media, value, .. }| {
            Some(ReplyExample { media_type, media, value: value? })
        }),
        object: pair.object,
        listed: pair.listed,
        is_failure,
    })
}

/// Why a failure is no case.
pub(crate) const UNPROVOKED: &str = "nothing says how this failure is provoked";

#[derive(Clone, Copy)]
pub(crate) struct Example<'d> {
    pub(crate) name: &'d str,
    pub(crate) at: At,
    pub(crate) object: Option<&'d Node>,
    pub(crate) listed: Option<&'d Node>,
    pub(crate) value: Option<&'d Node>,
}

/// The media types that have examples; that of the first counts, which is JSON if JSON has any.
fn media_with_examples<'d>(document: &'d Document, holder: &'d Node) -> Vec<(&'d Entry, Vec<Example<'d>>)> {
    let all = holder.entries_of("content").map(|media| (media, examples(document, &media.value)));
    let mut all: Vec<_> = all.filter(|(_, examples)| !examples.is_empty()).collect();
    all.sort_by_key(|(media, _)| !is_json(&media.key));
    all
}

fn examples<'d>(document: &'d Document, media: &'d Node) -> Vec<Example<'d>> {
    let named = media.entries_of("examples").map(|entry| {
        let object = document.resolve(&entry.value);
        let value = object.and_then(|object| object.get("value"));
        Example { name: &entry.key, at: entry.at, object, listed: Some(&entry.value), value }
    });
    let lone = media.get("example").map(|value| Example {
        name: "example",
        at: value.at,
        object: None,
        listed: None,
        value: Some(value),
    });
    named.chain(lone).collect()
}

/// The status of the only success, if its reply has no body: then a request example says all there is to say.
pub(crate) fn success_without_body(operation: &Operation<'_>) -> Option<u16> {
    let mut successes = operation.responses.iter().filter(|response| response.is_success());
    let (only, None) = (successes.next()?, successes.next()) else { return None };
    only.node.entries_of("content").next().is_none().then(|| only.code()).flatten()
}

type Candidate<'r, 'd> = (&'r Response<'d>, &'d Entry, Example<'d>);

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
