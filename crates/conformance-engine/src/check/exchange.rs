//! Checks a recorded exchange against the contract: the request, and the reply to it.
//! Values in, findings out: nothing here opens a socket or a file.
//!
//! The exchange was not planned, so only the document is known: of a reply, its status, its media type, its
//! schema and the members that must be blank. What is decided here and documented nowhere else:
//!
//! - **Of several operations, the one that finds least fault** with the exchange, and of those the one that asks for
//!   more in query and headers: they are told apart by a header, a body, a parameter that only one of them has. Where
//!   that leaves several, a note names them.
//! - **What is not there is not judged.** A value that a recorder blanked out, or a body that it left out, is neither
//!   right nor wrong. An exchange with nothing against it but a body that is missing is *unjudged*, and no pass.
//! - **A missing credential is a note.** Browsers leave it out of what they export, and there are ways to sign in that
//!   a document does not mention. A success to such a request is for who knows the whole traffic to judge.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use serde_json::{Number, Value};

use crate::check::media_type::{essence, fits, is_json};
use crate::check::mismatch::Mismatch;
use crate::check::response::{Level, compare_body};
use crate::check::routing::{Operations, SHOWN, Target, listed};
use crate::check::schema::{Direction, Schemas};
use crate::check::value::is_blank;
use crate::check::value::shown;
use crate::model::contract::{Contract, Media, Operation, Parameter, Response, Style};
use crate::model::exchange::Reply;
use crate::model::json;
use crate::model::note::Note;
use crate::model::recorded::Recorded;
use crate::model::recorded::is_redacted;
use crate::model::suite::{Credential, ExpectedBody, Place, Rule};
use crate::model::text::excerpt;

/// Compares exchanges with one contract. Patterns are compiled once, so keep it.
pub struct Judge<'c> {
    operations: Operations<'c>,
    schemas: Schemas<'c>,
}

/// What there is to say about one exchange.
#[derive(Clone, Debug, Default)]
pub struct Judgement<'c> {
    /// The operation; none if the exchange matches nothing.
    pub operation: Option<&'c Operation>,
    /// Why it matches nothing.
    pub unmatched: Option<String>,
    /// What is wrong with the request.
    pub request: Vec<Fault>,
    /// What is wrong with the reply.
    pub reply: Vec<Mismatch>,
    /// Why something could not be judged: a body that is not there, no reply, a schema that cannot be applied.
    pub unjudged: Vec<String>,
    /// What no contract forbids.
    pub notes: Vec<Note>,
    /// The parameters that the request has: their place in the contract, and their values as they were written.
    pub(crate) parameters: Vec<(usize, Vec<String>)>,
    /// The credential that is required and not there, in words.
    pub(crate) no_credential: Option<String>,
    /// How many values outside path and body the operation asks for, and the request has.
    asked_for: usize,
}

/// One way in which a request is not what the document asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is about: `parameter`, `body`, `media type`, `json` or `schema`.
    pub kind: &'static str,
    /// The JSON pointer into the body, if it is about a member of it.
    pub pointer: Option<String>,
    /// In words.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_deref() {
            None | Some("") => f.write_str(&self.message),
            Some(pointer) => write!(f, "{pointer}: {}", self.message),
        }
    }
}

impl Judgement<'_> {
    fn weight(&self) -> usize {
        self.request.len() + self.reply.len()
    }
}

impl<'c> Judge<'c> {
    /// The API begins at the root, or where the document's servers say.
    pub fn new(contract: &'c Contract) -> Self {
        Self { operations: Operations::new(contract), schemas: Schemas::new(&contract.schemas) }
    }

    /// The API may also begin below this path.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.operations.below(path);
        self
    }

    /// Finds the operation and judges both sides.
    pub fn judge(&self, recorded: &Recorded) -> Judgement<'c> {
        self.judge_as(recorded, None)
    }

    /// The same, where the operation is known: of those that the request may be addressed to, this one if it is there.
    pub(crate) fn judge_as(&self, recorded: &Recorded, id: Option<&str>) -> Judgement<'c> {
        let target = Target::of(&recorded.exchange.sent.url);
        match self.operations.of(&recorded.exchange.sent.method, &target) {
            Ok(mut candidates) => {
                if candidates.iter().any(|(operation, _)| Some(operation.id.as_str()) == id) {
                    candidates.retain(|(operation, _)| Some(operation.id.as_str()) == id);
                }
                let judged = candidates.into_iter().map(|(operation, values)| {
                    ExchangeJudge { schemas: &self.schemas, judgement: Judgement::default() }
                        .judge(operation, &values, &target, recorded)
                });
                let mut judged: Vec<Judgement<'c>> = judged.collect();
                let rank = |judgement: &Judgement<'_>| (judgement.weight(), Reverse(judgement.asked_for));
                judged.sort_by_key(rank);
                let mut judged = judged.into_iter();
                let mut best = judged.next().unwrap_or_default();
                let same = judged.take_while(|other| rank(other) == rank(&best));
                let same: Vec<&str> = same.filter_map(|it| Some(it.operation?.id.as_str())).collect();
                if !same.is_empty() {
                    let text = format!("nothing tells which operation this is: it may as well be {}", listed(same));
                    best.notes.push(Note { pointer: String::new(), text });
                }
                // Source: OpenAPI 3.0.3, Paths Object: a path without variables is matched before one with them. So a
                // server may refuse here what it takes under other values of the variables.
                let refusal = recorded.exchange.reply.as_ref().map(|reply| reply.status);
                if matches!(refusal, Some(404 | 405 | 501))
                    && best.reply.iter().any(|mismatch| matches!(mismatch, Mismatch::Undocumented { .. }))
                    && let Some(operation) = best.operation
                    && let Some(unmatched) = self.operations.is_hidden(&operation.path, &target)
                {
                    return Judgement { unmatched: Some(unmatched), ..Judgement::default() };
                }
                best
            }
            Err(unmatched) => Judgement { unmatched: Some(unmatched), ..Judgement::default() },
        }
    }

    /// Where the credential of the operation goes that this exchange may be.
    pub(crate) fn credential(&self, recorded: &Recorded) -> Option<&'c Credential> {
        let sent = &recorded.exchange.sent;
        let found = self.operations.of(&sent.method, &Target::of(&sent.url)).ok()?;
        found.first().and_then(|(operation, _)| operation.credential.as_ref())
    }
}

/// The judgement of one exchange as one operation.
struct ExchangeJudge<'j, 'c> {
    schemas: &'j Schemas<'c>,
    judgement: Judgement<'c>,
}

impl<'c> ExchangeJudge<'_, 'c> {
    fn judge(
        mut self,
        operation: &'c Operation,
        values: &[(&str, String)],
        target: &Target<'_>,
        recorded: &Recorded,
    ) -> Judgement<'c> {
        self.judgement.operation = Some(operation);
        self.judge_parameters(operation, values, target, recorded);
        self.judge_credential(operation, target, recorded);
        self.judge_request_body(operation, recorded);
        match &recorded.exchange.reply {
            Some(reply) => self.judge_reply(operation, reply, recorded),
            None => {
                let trouble = recorded.exchange.trouble.as_deref().unwrap_or("none was recorded");
                self.judgement.unjudged.push(format!("no reply: {trouble}"));
            }
        }
        self.judgement
    }

    fn judge_parameters(
        &mut self,
        operation: &Operation,
        path: &[(&str, String)],
        target: &Target<'_>,
        recorded: &Recorded,
    ) {
        let headers = &recorded.exchange.sent.headers;
        let cookies = cookies(headers);
        for (index, parameter) in operation.parameters.iter().enumerate() {
            let name = parameter.name.as_str();
            let found: Vec<&str> = match parameter.place {
                Place::Path => path.iter().filter(|(known, _)| *known == name).map(|(_, value)| &**value).collect(),
                Place::Query => {
                    target.query.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect()
                }
                Place::Header => {
                    let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                    named.map(|(_, value)| &**value).collect()
                }
                Place::Cookie => cookies.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect(),
            };
            let place = place_name(parameter.place);
            if found.is_empty() {
                let may_be_written_otherwise = parameter.style == Style::Other;
                // A recorder may leave cookies and headers out.
                let is_certain = matches!(parameter.place, Place::Path | Place::Query) || recorded.has_all_headers;
                if parameter.required && !may_be_written_otherwise {
                    let message = format!("expected the {place} `{name}`, found none");
                    if is_certain { self.fault("parameter", None, message) } else { self.note(message) }
                }
                continue;
            }
            self.judgement.parameters.push((index, found.iter().map(|value| (*value).to_owned()).collect()));
            self.judgement.asked_for += usize::from(parameter.required && parameter.place != Place::Path);
            if found.iter().any(|value| is_redacted(value)) {
                self.note(format!("the {place} `{name}` is redacted and was not judged"));
            } else if let Some(schema) = &parameter.schema
                && let Some(violation) = self.violation(schema, parameter, &found)
            {
                self.fault("parameter", None, format!("the {place} `{name}`: {violation}"));
            }
        }
        let has_open_style = operation.parameters.iter().any(|parameter| parameter.style == Style::Other);
        let is_known = |name: &str| {
            operation.constants.contains_key(name)
                || operation.parameters.iter().any(|it| it.place == Place::Query && it.name == name)
                || operation.credential.as_ref().is_some_and(|it| it.is_called(name))
        };
        if !has_open_style {
            for (name, _) in target.query.iter().filter(|(name, _)| !is_known(name)).take(10) {
                self.note(format!("undocumented query parameter: {}", excerpt(name, SHOWN)));
            }
        }
    }

    /// Why the values do not fit, in words. Every reading of the text that the schema may mean gets its chance.
    fn violation(&self, schema: &Value, parameter: &Parameter, found: &[&str]) -> Option<String> {
        let readings = match (parameter.style, found) {
            (Style::Other, _) => return None,
            (Style::Json, [only]) => vec![serde_json::from_str(only).unwrap_or_else(|_| Value::from(*only))],
            (Style::Json, _) => return None,
            (style, found) => {
                let mut readings: Vec<Value> = match found {
                    [only] => scalars(only),
                    _ => Vec::new(),
                };
                let elements: Vec<&str> = match (style, found) {
                    (Style::Simple, [only]) => only.split(',').collect(),
                    _ => found.to_vec(),
                };
                let schema = self.resolved(schema);
                let items = schema.and_then(|schema| schema.get("items")).map(Cow::Borrowed);
                let list = elements.into_iter().map(|element| {
                    let fitting = |reading: &Value| items.as_ref().is_none_or(|items| self.fits(items, reading));
                    scalars(element).into_iter().find(fitting).unwrap_or_else(|| Value::from(element))
                });
                readings.push(Value::Array(list.collect()));
                // What is no list is best explained as a scalar of the type that is wanted.
                let is_list = schema.is_some_and(|schema| schema.get("type") == Some(&Value::from("array")));
                if is_list {
                    readings.reverse();
                }
                readings
            }
        };
        let mut first = None;
        for reading in &readings {
            let found = self.schemas.violations(reading, schema, Direction::Request);
            match found.into_iter().next() {
                None => return None,
                // Says nothing about the value.
                Some(violation) if violation.schema_is_broken || violation.keyword == "limit" => return None,
                Some(violation) if violation.keyword != "type" => first = first.or(Some(violation)),
                Some(_) => {}
            }
        }
        Some(match first {
            Some(violation) => violation.message,
            None => {
                let wanted = self.resolved(schema).and_then(|schema| schema.get("type")).and_then(Value::as_str);
                let found = excerpt(&found.join(", "), SHOWN);
                format!(
                    "expected {}, found {found}",
                    wanted.map_or("another value".to_owned(), |name| format!("type {name}"))
                )
            }
        })
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        self.schemas.violations(value, schema, Direction::Request).is_empty()
    }

    /// The end of a chain of references.
    fn resolved<'s>(&self, mut schema: &'s Value) -> Option<&'s Value>
    where
        'c: 's,
    {
        for _ in 0..16 {
            match schema.get("$ref").and_then(Value::as_str) {
                Some(reference) => schema = self.schemas.resolve(reference)?,
                None => return Some(schema),
            }
        }
        None
    }

    fn judge_credential(&mut self, operation: &Operation, target: &Target<'_>, recorded: &Recorded) {
        let Some(credential) = operation.credential.as_ref().filter(|credential| !credential.optional) else { return };
        let headers = &recorded.exchange.sent.headers;
        let is_there = |one: &Credential| match one.place {
            // Of some schemes a message shows nothing, such as those of the connection.
            _ if one.unsupported.is_some() => true,
            Place::Query => target.query.iter().any(|(known, _)| *known == one.name),
            Place::Cookie => cookies(headers).iter().any(|(known, _)| *known == one.name),
            Place::Header | Place::Path => headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(&one.name)),
        };
        let mut absent = credential.alternatives().map(|members| members.into_iter().find(|one| !is_there(one)));
        let Some(first) = absent.next().flatten() else { return };
        if absent.all(|one| one.is_some()) {
            let text = format!("the request has no {} `{}`", place_name(first.place), first.name);
            self.judgement.no_credential = Some(text.clone());
            self.note(text);
        }
    }

    fn judge_request_body(&mut self, operation: &Operation, recorded: &Recorded) {
        if let Some(reason) = &recorded.request_body_missing {
            if operation.body.is_some() {
                self.judgement.unjudged.push(format!("the body of the request: {reason}"));
            }
            return;
        }
        let bytes = recorded.exchange.sent.body.as_deref().unwrap_or_default();
        let Some(body) = &operation.body else {
            if !bytes.is_empty() {
                self.note("the request has an undocumented body".to_owned());
            }
            return;
        };
        if bytes.is_empty() {
            if body.required {
                self.fault("body", None, "expected a body, found none".to_owned());
            }
            return;
        }
        let headers = &recorded.exchange.sent.headers;
        let content_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let known = content_type.map(|(_, value)| essence(value)).filter(|value| !value.is_empty());
        let media = match &known {
            Some(found) => documented(&body.content, found),
            // Some recorders leave headers out; then the one form there is will be meant.
            None => body.content.iter().next().filter(|_| body.content.len() == 1),
        };
        let Some((media_type, media)) = media else {
            let expected = listed(body.content.keys().map(String::as_str).collect());
            let message = match known {
                Some(found) => format!("expected content-type {expected}, found {}", excerpt(&found, SHOWN)),
                None => format!("expected content-type {expected}, found no content-type"),
            };
            return self.fault("media type", None, message);
        };
        if known.is_none() && recorded.has_all_headers {
            self.fault("media type", None, format!("expected content-type {media_type}, found no content-type"));
        }
        if is_json(known.as_deref().unwrap_or(media_type)) {
            self.judge_request_json(bytes, media);
        }
    }

    fn judge_request_json(&mut self, bytes: &[u8], media: &Media) {
        let reading = json::read(bytes);
        for problem in &reading.problems {
            self.fault("json", None, format!("expected JSON, found {problem}"));
        }
        let (Some(value), Some(schema)) = (&reading.value, &media.schema) else { return };
        for violation in self.schemas.violations(value, schema, Direction::Request) {
            if violation.schema_is_broken {
                self.judgement.unjudged.push(format!("the documented schema cannot be applied: {violation}"));
            } else if value.pointer(&violation.pointer).and_then(Value::as_str).is_some_and(is_redacted) {
                self.note(format!("{} is redacted and was not judged", violation.pointer));
            } else {
                let message = format!("{} ({})", violation.message, violation.keyword);
                self.fault("schema", Some(violation.pointer), message);
            }
        }
    }

    fn judge_reply(&mut self, operation: &Operation, reply: &Reply, recorded: &Recorded) {
        let Some(response) = operation.response(reply.status) else {
            let documented = listed(operation.responses.keys().map(String::as_str).collect());
            let body = reply.text(400);
            let (found, expected) = (reply.status, documented);
            return self.judgement.reply.push(Mismatch::Undocumented { found, expected, body });
        };
        let has_no_body = operation.method == "HEAD" || matches!(reply.status, 100..200 | 204 | 304);
        if has_no_body && reply.body.is_empty() {
            return;
        }
        if let Some(reason) = &recorded.reply_body_missing {
            if !response.content.is_empty() || !response.rules.is_empty() {
                self.judgement.unjudged.push(format!("the body of the reply: {reason}"));
            }
            return;
        }
        if response.content.is_empty() {
            self.judge_undescribed(response, reply);
        } else {
            self.judge_described(response, reply, recorded);
        }
    }

    /// The status is documented and the body is not; but what is blank is blank in any body.
    fn judge_undescribed(&mut self, response: &Response, reply: &Reply) {
        if let Some(reason) = &reply.framing_fault {
            let (reason, received) = (reason.clone(), reply.body.len());
            return self.judgement.reply.push(Mismatch::Framing { reason, received });
        }
        let Some(value) = reply.json().ok().and_then(|reading| reading.value.as_ref()) else { return };
        for (pointer, _) in response.rules.iter().filter(|(_, rule)| **rule == Rule::Blank) {
            if let Some(found) = value.pointer(pointer).filter(|found| !is_blank(found)) {
                self.judgement.reply.push(Mismatch::NotBlank { pointer: pointer.clone(), found: shown(found) });
            }
        }
    }

    fn judge_described(&mut self, response: &Response, reply: &Reply, recorded: &Recorded) {
        let content_type = reply.header("content-type").map(essence);
        let fitting = content_type.as_deref().and_then(|found| documented(&response.content, found));
        let Some((media_type, media)) = fitting.or_else(|| response.content.iter().next()) else { return };
        let is_only = response.content.len() == 1;
        let shown = if fitting.is_some() || is_only {
            media_type.clone()
        } else {
            listed(response.content.keys().map(String::as_str).collect())
        };
        if content_type.is_none() && !recorded.has_all_headers {
            // Then nothing can be said of the media type; the body is judged as the one form there is.
            if !is_only {
                return self
                    .judgement
                    .unjudged
                    .push("the body of the reply: its media type was not recorded".to_owned());
            }
        }
        let expected = ExpectedBody {
            media_type: shown,
            undocumented: false,
            schema: media.schema.clone(),
            example: None,
            rules: response.rules.clone(),
        };
        let comparison = compare_body(&expected, self.schemas, reply, Level::Documented);
        let text = |at: &str| reply.json().ok()?.value.as_ref()?.pointer(at)?.as_str();
        for mismatch in comparison.mismatches {
            let at = mismatch.pointer().filter(|pointer| !pointer.is_empty());
            let is_blanked = at.and_then(text).is_some_and(is_redacted);
            let is_unknown = matches!(mismatch, Mismatch::NoMediaType { .. }) && !recorded.has_all_headers;
            if is_blanked {
                let at = mismatch.pointer().unwrap_or_default();
                self.note(format!("{at} is redacted and was not judged"));
            } else if !is_unknown {
                self.judgement.reply.push(mismatch);
            }
        }
        self.judgement.notes.extend(comparison.notes);
        let faults = comparison.schema_faults.iter();
        let faults = faults.map(|fault| format!("the documented schema cannot be applied: {fault}"));
        self.judgement.unjudged.extend(faults);
    }

    fn fault(&mut self, kind: &'static str, pointer: Option<String>, message: String) {
        self.judgement.request.push(Fault { kind, pointer, message });
    }

    fn note(&mut self, text: String) {
        self.judgement.notes.push(Note { pointer: String::new(), text });
    }
}

/// The entry for a media type: of itself before the narrowest range that it is in.
fn documented<'m>(
    content: &'m std::collections::BTreeMap<String, Media>,
    found: &str,
) -> Option<(&'m String, &'m Media)> {
    let exact = content.iter().find(|(name, _)| essence(name) == found);
    let ranges = content.iter().filter(|(name, _)| name.ends_with("/*") && fits(&essence(name), found));
    exact.or_else(|| ranges.min_by_key(|(name, _)| name.starts_with('*')))
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Path => "path variable",
        Place::Query => "query parameter",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

fn cookies(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    let lines = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let pairs = lines.flat_map(|(_, value)| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).collect()
}

/// What a text may mean where a type is not certain.
fn scalars(text: &str) -> Vec<Value> {
    let mut readings = vec![Value::from(text)];
    readings.extend(text.parse::<Number>().ok().map(Value::Number));
    readings.extend(text.parse::<bool>().ok().map(Value::Bool));
    readings
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::*;
    use crate::model::exchange::{Exchange, Purpose, Sent};

    type Headers<'h> = &'h [(&'h str, &'h str)];

    const JSON: Headers<'_> = &[("Content-Type", "application/json")];

    fn owned(headers: Headers<'_>) -> Vec<(String, String)> {
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// An exchange that ends well: with the status 204, which has no body.
    fn recorded(method: &str, url: &str, headers: Headers<'_>, body: &str) -> Recorded {
        let body = (!body.is_empty()).then(|| body.as_bytes().to_vec());
        let (method, url, headers) = (method.to_owned(), url.to_owned(), owned(headers));
        let exchange = Exchange {
            purpose: Purpose::Case,
            sent: Sent { method, url, headers, body, wire: None },
            reply: Some(Reply { status: 204, ..Reply::default() }),
            trouble: None,
            started: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
        };
        Recorded::whole("1".to_owned(), exchange)
    }

    fn answered(status: u16, headers: Headers<'_>, body: &[u8]) -> Recorded {
        let mut recorded = recorded("GET", "/a", &[], "");
        recorded.exchange.reply =
            Some(Reply { status, headers: owned(headers), body: body.to_vec().into(), ..Reply::default() });
        recorded
    }

    /// The operation, or why it is none; then all there is to say.
    fn said(judge: &Judge<'_>, recorded: &Recorded) -> Vec<String> {
        let judgement = judge.judge(recorded);
        let mut lines = vec![judgement.operation.map_or_else(String::new, |operation| operation.id.clone())];
        lines.extend(judgement.unmatched);
        lines.extend(judgement.request.iter().map(|fault| format!("{}: {fault}", fault.kind)));
        lines.extend(judgement.reply.iter().map(|mismatch| {
            format!("reply{}: {mismatch}", mismatch.pointer().map(|pointer| format!(" {pointer}")).unwrap_or_default())
        }));
        lines.extend(judgement.unjudged.iter().map(|reason| format!("unjudged: {reason}")));
        lines.extend(judgement.notes.iter().map(|note| format!("note: {}", note.text)));
        lines
    }

    fn contract(operations: Value) -> Contract {
        let mut contract = json!({"title": "", "version": "", "base_paths": ["/base"], "operations": operations});
        for operation in contract["operations"].as_array_mut().unwrap() {
            if operation.get("responses").is_none() {
                operation["responses"] = json!({"204": {}});
            }
        }
        Contract::from_json(&contract.to_string()).unwrap()
    }

    #[track_caller]
    fn check(operations: Value, recorded: &Recorded, lines: &[&str]) {
        let contract = contract(operations);
        assert_eq!(said(&Judge::new(&contract), recorded), lines);
    }

    #[test]
    fn the_path_with_more_characters_of_its_own_counts() {
        let shown = |name: &str| json!({"name": name, "in": "path", "schema": {"enum": ["?"]}});
        let operations = json!([
            {"id": "any", "method": "GET", "path": "/{planet}/{rocket}"},
            {"id": "one", "method": "GET", "path": "/rockets/{rocket}", "parameters": [shown("rocket")]},
            {"id": "latest", "method": "GET", "path": "/rockets/latest"},
            {"id": "form", "method": "GET", "path": "/rockets/{rocket}.{form}", "parameters": [shown("rocket"), shown("form")]},
            {"id": "parts", "method": "GET", "path": "/rockets/r-{rocket}:part", "parameters": [shown("rocket")]},
            {"id": "log", "method": "GET", "path": "/rockets/{rocket}.log", "parameters": [shown("rocket")]},
            {"id": "three", "method": "GET", "path": "/rockets/{a}.{b}.{c}"},
        ]);
        let contract = contract(operations);
        let judge = Judge::new(&contract);
        let found = |name: &str, value: &str| {
            format!("parameter: the path variable `{name}`: expected \"?\", found \"{value}\"")
        };
        for (path, lines) in [
            ("/rockets/latest", vec!["latest".to_owned()]),
            ("/base/rockets/latest", vec!["latest".to_owned()]),
            ("/moons/7", vec!["any".to_owned()]),
            ("/rockets/7", vec!["one".to_owned(), found("rocket", "7")]),
            ("/rockets/r-:part", vec!["one".to_owned(), found("rocket", "r-:part")]),
            ("/rockets/r-7:part", vec!["parts".to_owned(), found("rocket", "7")]),
            ("/rockets/r-:part:part", vec!["parts".to_owned(), found("rocket", ":part")]),
            ("/rockets/a.b-txt", vec!["form".to_owned(), found("rocket", "a"), found("form", "b-txt")]),
            // Three variables have fewer characters of their own beside them than one has.
            ("/rockets/a.b.log", vec!["log".to_owned(), found("rocket", "a.b")]),
            ("/rockets/a.log.log", vec!["log".to_owned(), found("rocket", "a.log")]),
            ("/rockets/..b", vec!["form".to_owned(), found("rocket", "."), found("form", "b")]),
            ("/rockets/.b", vec!["one".to_owned(), found("rocket", ".b")]),
            ("/rockets/%C3%A9%2Fx", vec!["one".to_owned(), found("rocket", "é/x")]),
        ] {
            assert_eq!(said(&judge, &recorded("GET", path, &[], "")), lines, "{path}");
        }
        for path in ["/", "/rockets", "/rockets/", "/rockets/7/8", "/base"] {
            let lines = said(&judge, &recorded("GET", path, &[], ""));
            assert_eq!(lines, [String::new(), format!("no operation has the path {path}")]);
        }
    }

    #[test]
    fn the_api_may_begin_below_another_path() {
        let contract = contract(json!([{"id": "list", "method": "GET", "path": "/rockets"}]));
        let judge = Judge::new(&contract).below("/v1/").below("/");
        for path in ["/rockets", "/v1/rockets", "/base/rockets", "https://h:8/v1/rockets#top", "http://h/v1/rockets?"] {
            assert_eq!(said(&judge, &recorded("GET", path, &[], "")), ["list"], "{path}");
        }
        let whole = Judge::new(&contract);
        let lines = said(&whole, &recorded("GET", "/v1/rockets", &[], ""));
        assert_eq!(lines, ["", "no operation has the path /v1/rockets; is /v1 its base path?"]);
        let lines = said(&whole, &recorded("GET", "https://h?x=/rockets", &[], ""));
        assert_eq!(lines, ["", "no operation has the path /"]);
        let lines = said(&whole, &recorded("GET", "/rockets?x=http://h/v1", &[], ""));
        assert_eq!(lines, ["list", "note: undocumented query parameter: x"]);
    }

    #[test]
    fn constants_choose_and_the_most_of_them_first() {
        let at = |id: &str, constants: Value| json!({"id": id, "method": "POST", "path": "/a", "constants": constants});
        let contract = contract(json!([
            at("plain", json!({})), at("launch", json!({"act": "launch"})),
            at("test", json!({"act": "launch", "dry": "1"})), {"id": "read", "method": "GET", "path": "/a"},
        ]));
        let judge = Judge::new(&contract);
        for (query, expected) in [
            ("", "plain"),
            ("?dry=1", "plain"),
            ("?act=land", "plain"),
            ("?launch=act", "plain"),
            ("?act=launch", "launch"),
            ("?act=%6Caunch&dry=2", "launch"),
            ("?dry=1&&act=launch", "test"),
        ] {
            let lines = said(&judge, &recorded("POST", &format!("/a{query}"), &[], ""));
            assert_eq!(lines[0], expected, "{query}");
        }
        let lines = said(&judge, &recorded("PUT", "/a", &[], ""));
        assert_eq!(lines, ["", "the path /a takes GET, POST, not PUT"]);
    }

    #[test]
    fn the_operation_that_asks_for_more_is_meant_and_where_nothing_tells_a_note_says_so() {
        let at = |id: &str, path: &str, parameters: Value| json!({"id": id, "method": "GET", "path": path, "parameters": parameters});
        let size = json!([{"name": "size", "in": "query", "required": true}]);
        let age = json!([{"name": "X-Age", "in": "header", "required": true, "schema": {"enum": ["old"]}}]);
        let operations = json!([
            at("first", "/a/{x}", json!([])),
            at("second", "/a/{y}", json!([])),
            at("sized", "/a/{x}", size),
            at("old", "/a/{x}", age),
        ]);
        check(operations.clone(), &recorded("GET", "/a/1?size=2", &[], ""), &["sized"]);
        check(operations.clone(), &recorded("GET", "/a/1", &[("X-Age", "old")], ""), &["old"]);
        let note = "note: nothing tells which operation this is: it may as well be second";
        check(operations, &recorded("GET", "/a/1", &[], ""), &["first", note]);
    }

    #[test]
    fn where_nothing_else_tells_the_least_fault_does() {
        let body = |members: &[&str]| json!({"content": {"application/json": {"schema": {"required": members}}}});
        let answer =
            |members: &[&str]| json!({"200": {"content": {"application/json": {"schema": {"required": members}}}}});
        let at = |id: &str, request: &[&str], reply: &[&str]| json!({"id": id, "method": "POST", "path": "/a", "body": body(request), "responses": answer(reply)});
        for (operations, expected) in [
            (json!([at("one", &["a"], &[]), at("two", &[], &[])]), "two"),
            (json!([at("one", &[], &["a"]), at("two", &[], &[])]), "two"),
            (json!([at("one", &["a"], &[]), at("two", &["a"], &["b"])]), "one"),
            (json!([at("one", &["a", "b", "c"], &[]), at("two", &["a"], &["b"])]), "two"),
        ] {
            let mut recorded = recorded("POST", "/a", JSON, "{}");
            let headers = owned(JSON);
            recorded.exchange.reply =
                Some(Reply { status: 200, headers, body: b"{}".to_vec().into(), ..Reply::default() });
            assert_eq!(said(&Judge::new(&contract(operations)), &recorded)[0], expected);
        }
    }

    /// What is said of `/a` with this query and these headers, if it takes this parameter.
    #[track_caller]
    fn check_parameter(parameter: Value, query: &str, headers: Headers<'_>, lines: &[&str]) {
        let operations = json!([{"id": "a", "method": "GET", "path": "/a", "parameters": [parameter]}]);
        let lines: Vec<_> = ["a"].iter().chain(lines).copied().collect();
        check(operations, &recorded("GET", &format!("/a?{query}"), headers, ""), &lines);
    }

    #[test]
    fn a_parameter_is_read_as_its_type_asks() {
        let of = |schema: Value| json!({"name": "x", "in": "query", "schema": schema});
        check_parameter(of(json!({"type": "integer"})), "x=7", &[], &[]);
        check_parameter(of(json!({"type": "boolean"})), "x=true", &[], &[]);
        check_parameter(of(json!({"type": "string", "pattern": "^7$"})), "x=7", &[], &[]);
        check_parameter(of(json!({"type": "string", "enum": ["a b"]})), "x=a+b", &[], &[]);
        let list = json!({"type": "array", "items": {"type": "integer"}, "maxItems": 2});
        check_parameter(of(list.clone()), "x=1,2", &[], &[]);
        let many = "parameter: the query parameter `x`: expected at most 2 elements, found 3";
        check_parameter(of(list.clone()), "x=1,2,3", &[], &[many]);
        let repeated = json!({"name": "x", "in": "query", "style": "repeated", "schema": list});
        check_parameter(repeated.clone(), "x=1&x=2", &[], &[]);
        check_parameter(repeated, "x=1&x=2&x=3", &[], &[many]);
        // A schema that cannot be applied says nothing about the value.
        check_parameter(of(json!({"type": "rocket"})), "x=7", &[], &[]);
        let no_integer = "parameter: the query parameter `x`: expected type integer, found a";
        check_parameter(of(json!({"type": "integer"})), "x=a", &[], &[no_integer]);
        let other = "parameter: the query parameter `x`: expected type integer, found 1, 2";
        check_parameter(of(json!({"type": "integer"})), "x=1&x=2", &[], &[other]);
    }

    #[test]
    fn a_parameter_in_json_is_read_as_json() {
        let json = json!({"name": "x", "in": "query", "style": "json", "schema": {"required": ["a"]}});
        check_parameter(json.clone(), "x=%7B%22a%22:1%7D", &[], &[]);
        let missing = "parameter: the query parameter `x`: expected this member, found none";
        check_parameter(json.clone(), "x=%7B%7D", &[], &[missing]);
        // Which of two counts is not documented, and `deepObject` is not judged.
        check_parameter(json, "x=%7B%7D&x=%7B%7D", &[], &[]);
        let other =
            json!({"name": "x", "in": "query", "style": "other", "required": true, "schema": {"type": "integer"}});
        check_parameter(other.clone(), "x[a]=b", &[], &[]);
        check_parameter(other, "x=b", &[], &[]);
    }

    #[test]
    fn a_parameter_that_is_missing_is_a_fault_where_it_would_have_been_recorded() {
        let of = |place: &str| json!({"name": "x-y", "in": place, "required": true, "schema": {"type": "string", "maxLength": 1}});
        let missing = |place: &str| format!("parameter: expected the {place} `x-y`, found none");
        let long =
            |place: &str| format!("parameter: the {place} `x-y`: expected at most 1 characters, found 2: \"ab\"");
        check_parameter(of("query"), "", &[], &[&missing("query parameter")]);
        check_parameter(of("header"), "", &[], &[&missing("header")]);
        check_parameter(of("cookie"), "", &[], &[&missing("cookie")]);
        check_parameter(of("query"), "x-y=ab", &[], &[&long("query parameter")]);
        check_parameter(of("header"), "", &[("X-Y", "ab")], &[&long("header")]);
        check_parameter(of("cookie"), "", &[("COOKIE", "z=abc; x-y=ab")], &[&long("cookie")]);
        check_parameter(of("cookie"), "", &[("cookie", "x-y=a"), ("Not-Cookie", "x-y=ab")], &[]);
        let blanked = "note: the header `x-y` is redacted and was not judged";
        check_parameter(of("header"), "", &[("x-y", "***")], &[blanked]);

        let operation = |place: &str| json!([{"id": "a", "method": "GET", "path": "/a", "parameters": [of(place)]}]);
        for (place, name, kind) in
            [("header", "header", "note"), ("cookie", "cookie", "note"), ("query", "query parameter", "parameter")]
        {
            let mut recorded = recorded("GET", "/a", &[], "");
            recorded.has_all_headers = false;
            check(operation(place), &recorded, &["a", &format!("{kind}: expected the {name} `x-y`, found none")]);
        }
    }

    #[test]
    fn an_undocumented_query_parameter_is_noted() {
        let known = json!({"name": "x", "in": "query"});
        let unknown = |name: &str| format!("note: undocumented query parameter: {name}");
        check_parameter(known.clone(), "x=1&y=2", &[], &[&unknown("y")]);
        check_parameter(json!({"name": "x", "in": "header"}), "x=1", &[], &[&unknown("x")]);
        check_parameter(json!({"name": "x", "in": "query", "style": "other"}), "y=2", &[], &[]);
        let query: Vec<String> = (10..30).map(|name| format!("n{name}=1")).collect();
        let lines: Vec<String> = (10..20).map(|name| unknown(&format!("n{name}"))).collect();
        check_parameter(known, &query.join("&"), &[], &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn a_credential_that_is_not_shown_is_noted() {
        for (place, name, url, headers) in [
            ("query", "query parameter", "/a?key=k", &[][..]),
            ("header", "header", "/a", &[("KEY", "***")]),
            ("cookie", "cookie", "/a", &[("Cookie", "a=b; key=k")]),
        ] {
            let credential = json!({"name": "key", "in": place});
            let operations = json!([{"id": "a", "method": "GET", "path": "/a", "credential": credential}]);
            check(operations.clone(), &recorded("GET", url, headers, ""), &["a"]);
            let other = "note: undocumented query parameter: other";
            let url_with_other = format!("{url}{}other=k", if url.contains('?') { '&' } else { '?' });
            check(operations.clone(), &recorded("GET", &url_with_other, headers, ""), &["a", other]);
            let missing = format!("note: the request has no {name} `key`");
            check(operations.clone(), &recorded("GET", "/a", &[("x", "y"), ("cookie", "a=key")], ""), &["a", &missing]);
            let contract = contract(operations);
            let credential = Judge::new(&contract).credential(&recorded("GET", url, headers, ""));
            assert_eq!(credential.map(|credential| credential.name.as_str()), Some("key"));
        }
    }

    #[track_caller]
    fn check_body(body: Value, headers: Headers<'_>, text: &str, lines: &[&str]) {
        let mut operation = json!({"id": "a", "method": "POST", "path": "/a"});
        if !body.is_null() {
            operation["body"] = body;
        }
        let lines: Vec<_> = ["a"].iter().chain(lines).copied().collect();
        check(json!([operation]), &recorded("POST", "/a", headers, text), &lines);
    }

    #[test]
    fn the_body_of_a_request_is_what_the_document_asks_for() {
        let schema = json!({"schema": {"properties": {"n": {"type": "integer"}}}});
        let body = json!({"required": true, "content": {"application/json": schema}});
        check_body(body.clone(), JSON, r#"{"n": 1}"#, &[]);
        check_body(
            body.clone(),
            JSON,
            r#"{"n": "1"}"#,
            &["schema: /n: expected an integer, found a string: \"1\" (type)"],
        );
        check_body(body.clone(), JSON, r#"{"n": "***"}"#, &["note: /n is redacted and was not judged"]);
        check_body(body.clone(), JSON, "", &["body: expected a body, found none"]);
        check_body(json!({"content": {"application/json": {}}}), JSON, "", &[]);
        check_body(Value::Null, JSON, "{}", &["note: the request has an undocumented body"]);
        check_body(Value::Null, JSON, "", &[]);
        let broken = json!({"content": {"application/json": {"schema": {"type": "rocket"}}}});
        let unjudged = "unjudged: the documented schema cannot be applied: (whole value): \
                        no type is called \"rocket\" (type)";
        check_body(broken, JSON, "{}", &[unjudged]);
        let twice = "json: expected JSON, found the member /n twice";
        check_body(body, JSON, r#"{"n": 1, "n": 2}"#, &[twice]);
    }

    #[test]
    fn the_media_type_of_a_request_is_of_itself_before_the_narrowest_range() {
        let only = |word: &str| json!({"schema": {"required": [word]}});
        let body = json!({"content": {
            "*/*": only("any"), "application/*": only("range"), "application/json": only("exact"),
        }});
        let missing = |word: &str| format!("schema: /{word}: expected this member, found none (required)");
        check_body(body.clone(), &[("content-type", "application/json; charset=utf-8")], "{}", &[&missing("exact")]);
        check_body(body.clone(), &[("content-type", "application/x+json")], "{}", &[&missing("range")]);
        check_body(body.clone(), &[("content-type", "text/json")], "{}", &[&missing("any")]);
        // What is no JSON is not read as JSON.
        check_body(body, &[("content-type", "text/plain")], "{}", &[]);
        let two = json!({"content": {"text/plain": {}, "application/json": {}}});
        let wrong = "media type: expected content-type application/json, text/plain, found text/css";
        check_body(two.clone(), &[("content-type", "text/css")], "x", &[wrong]);
        let none = "media type: expected content-type application/json, text/plain, found no content-type";
        check_body(two, &[], "x", &[none]);
        let one = json!({"content": {"application/json": only("exact")}});
        let none = "media type: expected content-type application/json, found no content-type";
        check_body(one.clone(), &[], "{}", &[none, &missing("exact")]);
        let mut partly = recorded("POST", "/a", &[], "{}");
        partly.has_all_headers = false;
        let operations = json!([{"id": "a", "method": "POST", "path": "/a", "body": one}]);
        check(operations.clone(), &partly, &["a", &missing("exact")]);
        partly.request_body_missing = Some("not kept".to_owned());
        check(operations, &partly, &["a", "unjudged: the body of the request: not kept"]);
        check(json!([{"id": "a", "method": "POST", "path": "/a"}]), &partly, &["a"]);
    }

    #[track_caller]
    fn check_answer(responses: Value, recorded: &Recorded, lines: &[&str]) {
        let operations = json!([{"id": "a", "method": "GET", "path": "/a", "responses": responses}]);
        let lines: Vec<_> = ["a"].iter().chain(lines).copied().collect();
        check(operations, recorded, &lines);
    }

    #[test]
    fn some_answers_have_no_body() {
        let json = json!({"content": {"application/json": {}}});
        let responses = json!({"200": json, "204": json, "304": json});
        let nothing = "reply : expected JSON, found nothing";
        check_answer(responses.clone(), &answered(200, JSON, b""), &[nothing]);
        check_answer(responses.clone(), &answered(204, &[], b""), &[]);
        check_answer(responses.clone(), &answered(304, &[], b""), &[]);
        check_answer(
            responses.clone(),
            &answered(204, JSON, b"{"),
            &["reply : expected JSON, found a value that does not end (line 1, column 1)"],
        );
        let mut head = answered(200, JSON, b"");
        head.exchange.sent.method = "HEAD".to_owned();
        check(json!([{"id": "a", "method": "HEAD", "path": "/a", "responses": responses}]), &head, &["a"]);
    }

    #[test]
    fn a_body_that_was_not_kept_is_unjudged_where_something_is_said_of_it() {
        let mut recorded = answered(200, JSON, b"");
        recorded.reply_body_missing = Some("not kept".to_owned());
        let unjudged = ["unjudged: the body of the reply: not kept"];
        check_answer(json!({"200": {"content": {"application/json": {}}}}), &recorded, &unjudged);
        check_answer(json!({"200": {"rules": {"/id": "blank"}}}), &recorded, &unjudged);
        check_answer(json!({"200": {}}), &recorded, &[]);
        recorded.exchange.reply = None;
        check_answer(json!({"200": {}}), &recorded, &["unjudged: no reply: none was recorded"]);
    }

    #[test]
    fn what_is_blank_is_blank_in_an_undocumented_body() {
        let responses = json!({"401": {"rules": {"/id": "blank", "/code": "id"}}});
        let found = "reply /id: expected nothing here (absent, null or empty), found 7";
        check_answer(responses.clone(), &answered(401, JSON, br#"{"id": 7}"#), &[found]);
        check_answer(responses.clone(), &answered(401, JSON, br#"{"id": "", "code": ""}"#), &[]);
        check_answer(responses.clone(), &answered(401, &[], b"<p>"), &[]);
        // {"id": 7}
        let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52\x30\xaf\x05\x00\x03\xe7\x8e\x00\x09\x00\x00\x00";
        let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
        check_answer(responses.clone(), &answered(401, &headers, packed), &[found]);
        let mut cut = answered(401, JSON, b"{}");
        cut.exchange.reply.as_mut().unwrap().framing_fault = Some("ends too early".to_owned());
        check_answer(responses, &cut, &["reply: the body ends too early (received: 2 bytes)"]);
    }

    #[test]
    fn the_media_type_of_an_answer_chooses_its_schema() {
        let needs = |word: &str| json!({"schema": {"required": [word]}});
        let two = json!({"200": {"content": {"application/a+json": needs("a"), "application/b+json": needs("b")}}});
        let missing = |word: &str| format!("reply /{word}: expected this member, found none (required)");
        check_answer(two.clone(), &answered(200, &[("content-type", "application/b+json")], b"{}"), &[&missing("b")]);
        let neither = "reply: expected content-type application/a+json, application/b+json, found text/css";
        let found = said(
            &Judge::new(&contract(json!([{"id": "a", "method": "GET", "path": "/a", "responses": two}]))),
            &answered(200, &[("content-type", "text/css")], b"{}"),
        );
        assert_eq!(found[1], neither);
        let none = "reply: expected content-type application/json, found no content-type";
        let one = json!({"200": {"content": {"application/json": needs("a")}}});
        check_answer(one.clone(), &answered(200, &[], b"{}"), &[none, &missing("a")]);
        let mut partly = answered(200, &[], b"{}");
        partly.has_all_headers = false;
        check_answer(one.clone(), &partly, &[&missing("a")]);
        check_answer(two.clone(), &partly, &["unjudged: the body of the reply: its media type was not recorded"]);
        let mut partly = answered(200, &[("content-type", "application/b+json")], b"{}");
        partly.has_all_headers = false;
        check_answer(two, &partly, &[&missing("b")]);
        let schema =
            json!({"200": {"content": {"application/json": {"schema": {"properties": {"a": {"type": "integer"}}}}}}});
        let blanked = "note: /a is redacted and was not judged";
        check_answer(schema.clone(), &answered(200, JSON, br#"{"a": "[Filtered]"}"#), &[blanked]);
        let wrong = "reply /a: expected an integer, found a string: \"b\"";
        check_answer(schema, &answered(200, JSON, br#"{"a": "b"}"#), &[wrong]);
    }

    #[test]
    fn what_recorders_write_for_a_secret_is_known() {
        for text in [
            "***",
            "Bearer ***",
            "[Filtered]",
            "[REDACTED]",
            "<redacted>",
            "{masked}",
            "(hidden)",
            "REDACTED",
            "*removed*",
        ] {
            assert!(is_redacted(text), "{text}");
        }
        for text in ["", "**", "r-1", "filtered", "[x]", "[]", "not redacted", "*** no", "a***", "sanitized"] {
            assert!(!is_redacted(text), "{text}");
        }
    }
}
