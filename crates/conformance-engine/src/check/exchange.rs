//! Checks a recorded exchange against the contract: the request, and the reply to it.
//! Values in, findings out: nothing here opens a socket or a file.
//!
//! The exchange was not planned, so only the document is known: of a reply, its status, its headers, its media type, its
//! schema and the members that must be blank. What is decided here and documented nowhere else:
//!
//! - **Of several operations, the one that finds least fault** with the exchange, and of those the one that asks for
//!   more in query and headers: they are told apart by a header, a body, a parameter that only one of them has. Where
//!   that leaves several, a note names them.
//! - **What is not there is not judged.** A value that a recorder blanked out, or a body that it left out, is neither
//!   right nor wrong. An exchange with nothing against it but a body that is missing is *unjudged*, and no pass.
//! - **A missing credential is a note.** Browsers leave it out of what they export, and there are ways to sign in that
//!   a document does not mention. A success to such a request is for who knows the whole traffic to judge.

use std::cmp::Reverse;
use std::fmt;

use serde_json::Value;

use crate::check::comparison::Comparison;
use crate::check::comparison::Level;
use crate::check::described::describing;
use crate::check::headers;
use crate::check::media_type::{documented, essence, is_json};
use crate::check::mismatch::Mismatch;
use crate::check::response::{Gaps, compare_response, is_bodiless};
use crate::check::routing::{Operations, SHOWN, Target, listed};
use crate::check::schema::{Direction, Instance, Schemas, Violation};
use crate::check::text_value::{Between, Fit, TextReader, Wanted, wanted};
use crate::check::value::{member_of, push_name};
use crate::model::contract::{Contract, Media, Operation, Parameter, Style};
use crate::model::exchange::Reply;
use crate::model::json;
use crate::model::note::Note;
use crate::model::recorded::Recorded;
use crate::model::recorded::is_redacted;
use crate::model::suite::{Credential, Place};
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
    /// What is documented and was not judged, in words: the schema of a body that is XML. The rest was.
    pub left_out: Vec<String>,
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
            if parameter.style == Style::Deep {
                self.judge_deep(parameter, target);
                continue;
            }
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
                } else if parameter.required {
                    self.leave_out(format!("the {place} `{name}`, which is written in a style that is not read"));
                }
                continue;
            }
            self.judgement.parameters.push((index, found.iter().map(|value| (*value).to_owned()).collect()));
            self.judgement.asked_for += usize::from(parameter.required && parameter.place != Place::Path);
            if found.iter().any(|value| is_redacted(value)) {
                self.note(format!("the {place} `{name}` is redacted and was not judged"));
            } else if let Some(schema) = &parameter.schema {
                self.judge_texts(schema, parameter, &found);
            }
        }
        let has_open_style = operation.parameters.iter().any(|parameter| parameter.style == Style::Other);
        let is_known = |name: &str| {
            operation.constants.contains_key(name)
                || operation.parameters.iter().any(|it| it.place == Place::Query && is_name_of(it, name))
                || operation.credential.as_ref().is_some_and(|it| it.is_called(name))
        };
        if !has_open_style {
            for (name, _) in target.query.iter().filter(|(name, _)| !is_known(name)).take(10) {
                self.note(format!("undocumented query parameter: {}", excerpt(name, SHOWN)));
            }
        }
    }

    /// Judges the texts that a parameter has.
    fn judge_texts(&mut self, schema: &Value, parameter: &Parameter, found: &[&str]) {
        let reader = TextReader { schemas: self.schemas, direction: Direction::Request };
        let fit = match (parameter.style, found) {
            (Style::Json, [only]) => match json::read(only.as_bytes()) {
                json::Reading { value: Some(value), written, .. } => {
                    let instance = Instance { value: &value, numbers: &written, may_be_null: &[] };
                    let found = self.schemas.judge(instance, schema, Direction::Request);
                    let first = found.violations.into_iter().next();
                    match first {
                        None => Fit::Fits(found.unjudged),
                        Some(violation) if violation.schema_is_broken => Fit::Broken(violation),
                        Some(violation) => Fit::Differs(violation),
                    }
                }
                _ => reader.scalar(only, schema),
            },
            (Style::Other | Style::Json, _) => {
                let place = place_name(parameter.place);
                let name = &parameter.name;
                return self.leave_out(format!("the {place} `{name}`, which is written in a style that is not read"));
            }
            (Style::Simple, found) => reader.any(found, Between::Commas, false, schema),
            (Style::Spaces, found) => reader.any(found, Between::Spaces, false, schema),
            (Style::Pipes, found) => reader.any(found, Between::Pipes, false, schema),
            (Style::Repeated | Style::Deep, found) => reader.any(found, Between::Texts, false, schema),
        };
        self.conclude(fit, schema, parameter, &found.join(", "));
    }

    /// The members of an object: `name[member]=value` for each.
    fn judge_deep(&mut self, parameter: &Parameter, target: &Target<'_>) {
        let member = |name: &'_ str| -> Option<usize> {
            let rest = name.strip_prefix(parameter.name.as_str())?.strip_prefix('[')?.strip_suffix(']')?;
            (!rest.contains(['[', ']'])).then_some(parameter.name.len() + 1)
        };
        let all = target.query.iter().filter(|(name, _)| is_name_of(parameter, name));
        let mut members = Vec::new();
        let mut shown = Vec::new();
        for (name, value) in all {
            let Some(start) = member(name) else {
                return self.leave_out(format!("the query parameter `{}`, whose members are nested", parameter.name));
            };
            members.push((&name[start..name.len() - 1], &**value));
            shown.push(format!("{name}={value}"));
        }
        if members.is_empty() {
            if parameter.required {
                let message = format!("expected the query parameter `{}`, found none", parameter.name);
                self.fault("parameter", None, message);
            }
        } else if members.iter().any(|(_, value)| is_redacted(value)) {
            self.note(format!("the query parameter `{}` is redacted and was not judged", parameter.name));
        } else if let Some(schema) = &parameter.schema {
            let reader = TextReader { schemas: self.schemas, direction: Direction::Request };
            let fit = reader.members(&members, schema);
            self.conclude(fit, schema, parameter, &shown.join("&"));
        }
    }

    fn conclude(&mut self, fit: Fit, schema: &Value, parameter: &Parameter, found: &str) {
        let (place, name) = (place_name(parameter.place), &parameter.name);
        match fit {
            Fit::Fits(unjudged) => {
                unjudged.into_iter().for_each(|what| self.leave_out(format!("{what} of the {place} `{name}`")));
            }
            Fit::Broken(Violation { message, .. }) => {
                self.leave_out(format!("the {place} `{name}`, whose schema cannot be applied: {message}"));
            }
            Fit::Differs(violation) if violation.keyword == "type" && violation.pointer.is_empty() => {
                let described = describing(self.schemas, &[schema]);
                let wanted = described.iter().find_map(|schema| schema.get("type")?.as_str());
                let wanted = wanted.map_or("another value".to_owned(), |name| format!("type {name}"));
                let found = excerpt(found, SHOWN);
                self.fault("parameter", None, format!("the {place} `{name}`: expected {wanted}, found {found}"));
            }
            Fit::Differs(Violation { pointer, message, .. }) => {
                let at = if pointer.is_empty() { pointer } else { format!("{pointer}: ") };
                self.fault("parameter", None, format!("the {place} `{name}`: {at}{message}"));
            }
        }
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
        let known = known.as_deref().unwrap_or(media_type);
        if is_json(known) {
            self.judge_request_json(bytes, media);
        } else if let Some(schema) = &media.schema {
            self.judge_request_text(bytes, known, schema);
        }
    }

    fn judge_request_text(&mut self, bytes: &[u8], media_type: &str, schema: &Value) {
        let wanted = wanted(self.schemas, schema);
        let reader = TextReader { schemas: self.schemas, direction: Direction::Request };
        match (wanted, std::str::from_utf8(bytes)) {
            (Wanted::Anything, _) => {}
            (Wanted::Scalar, Ok(text)) => match reader.scalar(text, schema) {
                Fit::Fits(unjudged) => self.judgement.left_out.extend(unjudged),
                Fit::Broken(violation) => {
                    self.judgement.unjudged.push(format!("the documented schema cannot be applied: {violation}"));
                }
                Fit::Differs(violation) => {
                    let message = format!("{} ({})", violation.message, violation.keyword);
                    self.fault("schema", Some(violation.pointer), message);
                }
            },
            _ => self.leave_out(format!("the schema of the request's {}", excerpt(media_type, SHOWN))),
        }
    }

    /// Members that only a reply has (`readOnly`) are ignored or refused by a server, so a request had better not have
    /// them.
    fn note_read_only(&mut self, value: &Value, schemas: &[&Value], pointer: &mut String) {
        const ENOUGH: usize = 20;
        let Value::Object(members) = value else { return };
        let described = describing(self.schemas, schemas);
        for (name, member) in members {
            let schemas: Vec<&Value> =
                described.iter().filter_map(|it| member_of(it.get("properties")?, name)).collect();
            let is_read_only =
                describing(self.schemas, &schemas).iter().any(|it| it.get("readOnly") == Some(&true.into()));
            let length = pointer.len();
            push_name(pointer, name);
            if self.judgement.notes.len() < ENOUGH && is_read_only {
                let text = "the member is readOnly: only replies have it".to_owned();
                self.judgement.notes.push(Note { pointer: pointer.clone(), text });
            } else if !schemas.is_empty() {
                self.note_read_only(member, &schemas, pointer);
            }
            pointer.truncate(length);
        }
    }

    fn judge_request_json(&mut self, bytes: &[u8], media: &Media) {
        let reading = json::read(bytes);
        for problem in &reading.problems {
            self.fault("json", None, format!("expected JSON, found {problem}"));
        }
        let (Some(value), Some(schema)) = (&reading.value, &media.schema) else { return };
        let instance = Instance { value, numbers: &reading.written, may_be_null: &[] };
        let found = self.schemas.judge(instance, schema, Direction::Request);
        found.unjudged.into_iter().for_each(|what| self.leave_out(format!("{what} in the request")));
        self.note_read_only(value, &[schema], &mut String::new());
        for violation in found.violations {
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
        let is_described = !response.content.is_empty() || !response.rules.is_empty();
        let is_of_unknown_type =
            response.content.len() > 1 && !recorded.has_all_headers && reply.header("content-type").is_none();
        let unknown_type = is_of_unknown_type.then_some("its media type was not recorded");
        let comparison = match recorded.reply_body_missing.as_deref().or(unknown_type) {
            Some(reason) if !is_bodiless(&operation.method, reply.status) => {
                if is_described {
                    self.judgement.unjudged.push(format!("the body of the reply: {reason}"));
                }
                let mut comparison = Comparison::default();
                if recorded.has_all_headers {
                    headers::judge(&response.headers, self.schemas, reply, is_redacted, &mut comparison);
                }
                comparison
            }
            _ => {
                let gaps = Gaps { has_all_headers: recorded.has_all_headers, is_left_out: is_redacted };
                let (method, level) = (&operation.method, Level::Documented);
                compare_response(response, method, self.schemas, reply, level, Some(gaps))
            }
        };
        let text = |at: &str| reply.json().ok()?.value.as_ref()?.pointer(at)?.as_str();
        for mismatch in comparison.mismatches {
            let at = mismatch.pointer().filter(|pointer| !pointer.is_empty());
            if at.and_then(text).is_some_and(is_redacted) {
                let at = mismatch.pointer().unwrap_or_default();
                self.note(format!("{at} is redacted and was not judged"));
            } else {
                self.judgement.reply.push(mismatch);
            }
        }
        self.judgement.notes.extend(comparison.notes);
        self.judgement.left_out.extend(comparison.unjudged);
        let faults = comparison.schema_faults.iter();
        let faults = faults.map(|fault| format!("the documented schema cannot be applied: {fault}"));
        self.judgement.unjudged.extend(faults);
    }

    fn leave_out(&mut self, what: String) {
        self.judgement.left_out.push(what);
    }

    fn fault(&mut self, kind: &'static str, pointer: Option<String>, message: String) {
        self.judgement.request.push(Fault { kind, pointer, message });
    }

    fn note(&mut self, text: String) {
        self.judgement.notes.push(Note { pointer: String::new(), text });
    }
}

/// Whether a query parameter may be a value of this one: `filter[name]` of `filter` in the style `deepObject`.
fn is_name_of(parameter: &Parameter, name: &str) -> bool {
    let rest = name.strip_prefix(parameter.name.as_str());
    rest.is_some_and(|rest| rest.is_empty() || parameter.style == Style::Deep && rest.starts_with('['))
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
        let missing = "parameter: the query parameter `x`: /a: expected this member, found none";
        check_parameter(json.clone(), "x=%7B%7D", &[], &[missing]);
        // Which of two counts is not documented.
        check_parameter(json, "x=%7B%7D&x=%7B%7D", &[], &[]);
        let other =
            json!({"name": "x", "in": "query", "style": "other", "required": true, "schema": {"type": "integer"}});
        check_parameter(other.clone(), "x[a]=b", &[], &[]);
        check_parameter(other, "x=b", &[], &[]);
    }

    #[test]
    fn members_of_a_deep_object_are_read_by_their_schemas() {
        let deep = json!({"name": "f", "in": "query", "style": "deep", "required": true, "schema": {
            "type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "maximum": 9}},
        }});
        let wrong = |what: &str| format!("parameter: {what}");
        check_parameter(deep.clone(), "f[n]=5&f[text]=x", &[], &[]);
        check_parameter(deep.clone(), "f%5Bn%5D=5", &[], &[]);
        check_parameter(
            deep.clone(),
            "f[n]=12",
            &[],
            &[&wrong("the query parameter `f`: /n: expected at most 9, found 12")],
        );
        let found = "the query parameter `f`: /n: expected an integer, found a string: \"x\"";
        check_parameter(deep.clone(), "f[n]=x", &[], &[&wrong(found)]);
        check_parameter(
            deep.clone(),
            "f[m]=1",
            &[],
            &[&wrong("the query parameter `f`: /n: expected this member, found none")],
        );
        check_parameter(deep.clone(), "", &[], &[&wrong("expected the query parameter `f`, found none")]);
        check_parameter(deep, "f[n]=1&g=2", &[], &["note: undocumented query parameter: g"]);
        let list = |style: &str| {
            json!({"name": "f", "in": "query", "style": style, "schema": {
                "type": "array", "items": {"type": "integer"},
            }})
        };
        for (style, right, wrong) in
            [("spaces", "f=1%202", "f=1,2"), ("pipes", "f=1|2", "f=1,2"), ("simple", "f=1,2", "f=1|2")]
        {
            check_parameter(list(style), right, &[], &[]);
            let judgement = contract(json!([{"id": "a", "method": "GET", "path": "/a", "parameters": [list(style)]}]));
            assert_eq!(
                Judge::new(&judgement).judge(&recorded("GET", &format!("/a?{wrong}"), &[], "")).request.len(),
                1
            );
        }
    }

    #[test]
    fn what_is_documented_and_not_judged_is_listed() {
        let left_out = |operation: Value, recorded: &Recorded| {
            let contract = contract(json!([operation]));
            let judgement = Judge::new(&contract).judge(recorded);
            assert!(judgement.request.is_empty() && judgement.reply.is_empty() && judgement.unjudged.is_empty());
            judgement.left_out
        };
        let of = |parameter: Value| json!({"id": "a", "method": "GET", "path": "/a", "parameters": [parameter]});
        let get = |url: &str| recorded("GET", url, &[], "");
        let matrix = json!({"name": "x", "in": "query", "style": "other", "required": true, "schema": {}});
        assert_eq!(
            left_out(of(matrix), &get("/a")),
            ["the query parameter `x`, which is written in a style that is not read"]
        );
        let nested = json!({"name": "x", "in": "query", "style": "deep", "schema": {}});
        assert_eq!(left_out(of(nested), &get("/a?x[a][b]=1")), ["the query parameter `x`, whose members are nested"]);
        let phone = json!({"name": "x", "in": "query", "schema": {"format": "phone"}});
        assert_eq!(left_out(of(phone), &get("/a?x=1")), ["the format `phone` of the query parameter `x`"]);
        let xml = json!({"id": "a", "method": "POST", "path": "/a", "body": {"content": {
            "application/xml": {"schema": {"type": "object"}}, "text/plain": {"schema": {"type": "integer"}},
        }}});
        let post = |media_type: &str, body: &str| recorded("POST", "/a", &[("Content-Type", media_type)], body);
        assert_eq!(
            left_out(xml.clone(), &post("application/xml", "<a/>")),
            ["the schema of the request's application/xml"]
        );
        assert_eq!(left_out(xml.clone(), &post("text/plain", "3")), Vec::<String>::new());
        let contract = contract(json!([xml]));
        let judgement = Judge::new(&contract).judge(&post("text/plain", "three"));
        assert_eq!(judgement.request[0].message, "expected an integer, found a string: \"three\" (type)");
    }

    #[test]
    fn headers_of_a_reply_are_judged_as_far_as_they_were_recorded() {
        let responses = json!({"200": {"headers": {
            "X-Left": {"required": true, "schema": {"type": "integer"}},
            "X-Kind": {"schema": {"enum": ["a"]}},
        }}});
        let found = |recorded: &Recorded| {
            let contract = contract(json!([{"id": "a", "method": "GET", "path": "/a", "responses": responses}]));
            let judgement = Judge::new(&contract).judge(recorded);
            let reply = judgement.reply.iter().map(ToString::to_string);
            reply.chain(judgement.left_out.into_iter().map(|what| format!("not judged: {what}"))).collect::<Vec<_>>()
        };
        assert_eq!(
            found(&answered(200, &[("X-LEFT", "1"), ("x-kind", "a"), ("x-other", "b")], b"")),
            Vec::<String>::new()
        );
        assert_eq!(found(&answered(200, &[], b"")), ["expected the header `X-Left`, found none"]);
        assert_eq!(
            found(&answered(200, &[("x-left", "few"), ("x-kind", "***")], b"")),
            [
                "the header `X-Left`: expected an integer, found a string: \"few\" (type)",
                "not judged: the header `X-Kind`, which is redacted"
            ]
        );
        let mut partial = answered(200, &[("x-kind", "b")], b"");
        partial.has_all_headers = false;
        assert_eq!(
            found(&partial),
            [
                "the header `X-Kind`: expected \"a\", found \"b\" (enum)",
                "not judged: the header `X-Left`, which was not recorded"
            ]
        );
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
