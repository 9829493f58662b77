//! Requests with a parameter that is missing, is no constant of the document, or breaks its schema.

use conformance_engine::suite::{Origin, Parameter as Sent, Place, Request};
use serde_json::Value;

use super::breaks::{around, breaks, has_no_case};
use super::deriving::{Answers, Deriving, place_of};
use super::keywords::{Break, Keywords, Wire};
use super::refusal::{WRONG, WRONG_PATH};
use super::text::other_case;
use crate::document::{Operation, Parameter, is_remark, raised, scalar};
use crate::node::Node;

/// Headers that have a meaning of their own, which is for their own RFCs to say (RFC 9110; OpenAPI 3.0.3, Parameter
/// Object, of which the first three are ignored).
const STANDARD: [&str; 14] = [
    "accept",
    "authorization",
    "content-type",
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "prefer",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A parameter of a request that is broken.
struct Subject<'s> {
    name: &'s str,
    place: Place,
    /// As ids have it: `query`.
    word: &'static str,
    noun: &'static str,
    /// Where it is among the parameters of the base; nowhere if it is not sent.
    index: Option<usize>,
    /// Statuses for what a server may look at first.
    first: &'static [u16],
    required: bool,
}

impl<'d, 'c> Deriving<'d, 'c> {
    pub(super) fn parameters(&mut self, operations: &[Operation<'_>]) {
        let (base, operation) = (self.base, self.operation);
        let mut done: Vec<(Place, &str)> = Vec::new();
        let mut untried: Vec<String> = Vec::new();
        let is_credential = |name: &str| base.request.credential.as_ref().is_some_and(|it| it.is_called(name));
        for (index, sent) in base.request.parameters.iter().enumerate() {
            // The same name twice is a list.
            if done.contains(&(sent.place, sent.name.as_str())) {
                continue;
            }
            done.push((sent.place, &sent.name));
            // The real credential is sent in its place, whatever the parameter says.
            if is_credential(&sent.name) {
                continue;
            }
            let declared = operation.parameters.iter();
            let declared =
                declared.into_iter().find(|it| it.name == sent.name && place_of(it.place) == Some(sent.place));
            let required = sent.constant || declared.is_some_and(|declared| declared.required);
            if declared.is_some_and(is_remark) {
                continue;
            }
            let Some(subject) = subject(&sent.name, sent, Some(index), required) else { continue };
            self.missing(&subject);
            match declared.filter(|_| !sent.constant || sent.place != Place::Query) {
                Some(declared) => self.broken(&subject, declared, &sent.value, &mut untried),
                None if sent.constant => self.constant(&subject, &sent.value, operations),
                None => {}
            }
        }
        for declared in operation.parameters.iter().filter(|declared| !declared.constant) {
            let Some(place) = place_of(declared.place).filter(|place| *place != Place::Path) else { continue };
            if is_remark(declared) || is_credential(declared.name) || done.contains(&(place, declared.name)) {
                continue;
            }
            let Some(value) = self.documented_value(declared) else { continue };
            let name = declared.name.to_owned();
            let sent = Sent {
                name,
                place,
                value,
                constant: true,
                origin: Origin::Made,
                prefix: String::new(),
                encoded: false,
            };
            let Some(subject) = subject(declared.name, &sent, None, declared.required) else { continue };
            self.broken(&subject, declared, &sent.value, &mut untried);
        }
        let cookies = operation.parameters.iter().filter(|it| it.place == "cookie" && it.node.get("schema").is_some());
        let cookies: Vec<String> = cookies.map(|cookie| format!("`{}`", cookie.name)).collect();
        if !cookies.is_empty() {
            let reason = format!("the constraints of the cookies {} are not tried", cookies.join(", "));
            self.derived.untried.push(reason);
        }
        if !untried.is_empty() {
            self.derived.untried.push(format!(
                "the constraints of {} are not tried: the value is a list or an object, and written as a text",
                untried.join(", ")
            ));
        }
    }

    /// The text of a value that is documented for an optional parameter, or can be made.
    fn documented_value(&self, declared: &'c Parameter<'d>) -> Option<String> {
        let schema = declared.node.get("schema")?;
        let named =
            declared.node.entries_of("examples").filter_map(|it| self.document.resolve(&it.value)?.get("value"));
        let example = declared.node.get("example").into_iter().chain(named).next().map(Node::to_json);
        match example.or_else(|| self.sample(schema))? {
            Value::Array(items) => items.first().and_then(scalar),
            value => scalar(&value),
        }
    }

    fn missing(&mut self, subject: &Subject<'_>) {
        let Some(index) = subject.index.filter(|_| subject.required && subject.place != Place::Path) else { return };
        let mut request = self.base.request.clone();
        let name = request.parameters.remove(index).name;
        // A list has the name more than once.
        request.parameters.retain(|other| other.place != subject.place || other.name != name);
        let breaks = format!("the required {} `{name}` is left out", subject.noun);
        self.add(subject, "missing", breaks, request);
    }

    /// A query parameter that tells operations apart, with another value.
    fn constant(&mut self, subject: &Subject<'_>, value: &str, operations: &[Operation<'_>]) {
        // Those of other operations are right, and ask for something else.
        let constants = operations.iter().flat_map(|operation| &operation.constants);
        let known: Vec<&str> = constants.filter(|it| it.name == subject.name).map(|it| it.value.as_str()).collect();
        let mut values = vec![("unknown", format!("no-such-{value}"))];
        let described = self.operation.parameters.iter().find(|it| it.name == subject.name);
        let described = described.and_then(|parameter| parameter.node.text("description"));
        if !has_no_case(described.unwrap_or_default()) {
            values.push(("other_case", other_case(value)));
        }
        values.extend(around(value).into_iter().filter(|(what, _)| *what != "before"));
        values.push(("empty", String::new()));
        for (what, text) in values.into_iter().filter(|(_, text)| !known.contains(&text.as_str())) {
            let breaks =
                format!("the {} `{}` is none of those that the document has: `{text}`", subject.noun, subject.name);
            let request = self.with(subject, text);
            self.add(subject, what, breaks, request);
        }
        // Whichever of the two a server reads, the request says two things.
        let (Some(index), mut request) = (subject.index, self.base.request.clone()) else { return };
        let mut again = request.parameters[index].clone();
        again.value = format!("no-such-{value}");
        request.parameters.insert(index + 1, again);
        let breaks = format!("the {} `{}` is there twice, with two values", subject.noun, subject.name);
        self.add(subject, "twice", breaks, request);
    }

    fn broken(&mut self, subject: &Subject<'_>, declared: &'c Parameter<'d>, text: &str, untried: &mut Vec<String>) {
        let Some(mut schema) = declared.node.get("schema") else { return };
        let mut keywords = Keywords::of(self.document, schema);
        let style = declared.node.text("style");
        match keywords.types().first().copied() {
            Some("array") => {
                // Of the names of a list, each is one element.
                let is_exploded = subject.place == Place::Query
                    && style.is_none_or(|style| style == "form")
                    && declared.node.flag("explode") != Some(false);
                match keywords.get("items").filter(|_| is_exploded) {
                    Some(items) => {
                        schema = items;
                        keywords = Keywords::of(self.document, items);
                    }
                    None => return untried.push(format!("`{}`", subject.name)),
                }
            }
            Some("object") => return untried.push(format!("`{}`", subject.name)),
            _ => {}
        }
        if keywords.types().iter().any(|name| ["array", "object"].contains(name)) {
            return untried.push(format!("`{}`", subject.name));
        }
        let raised = raised(self.document, schema);
        let is_string = keywords.types().first().is_none_or(|name| *name == "string");
        let sample = readings(text).into_iter().find(|value| value.is_string() == is_string);
        let sample = sample.unwrap_or_else(|| Value::String(text.to_owned()));
        let is_standard = subject.place == Place::Header && STANDARD.contains(&subject.name.to_lowercase().as_str());
        let has_case = !is_standard && !has_no_case(declared.node.text("description").unwrap_or_default());
        let mut known: Vec<String> = Vec::new();
        for Break { what, value, how } in breaks(&keywords, &sample, Wire::Text) {
            let Some(text) = scalar(&value) else { continue };
            let is_broken = readings(&text).iter().all(|value| self.is_broken(value, &raised));
            if !is_broken || !can_be_sent(subject, &text) || known.contains(&text) || what == "other_case" && !has_case
            {
                continue;
            }
            known.push(text.clone());
            let request = self.with(subject, text);
            self.add(subject, &what, format!("the {} `{}` {how}", subject.noun, subject.name), request);
        }
    }

    /// The base's request with another value of a parameter, which what a state brings along must not repair.
    fn with(&self, subject: &Subject<'_>, value: String) -> Request {
        let mut request = self.base.request.clone();
        match subject.index.and_then(|index| request.parameters.get_mut(index)) {
            Some(parameter) => {
                parameter.value = value;
                parameter.encoded = false;
                parameter.constant = true;
            }
            None => {
                let name = subject.name.to_owned();
                let origin = Origin::Documented;
                request.parameters.push(Sent {
                    name,
                    place: subject.place,
                    value,
                    constant: true,
                    origin,
                    prefix: String::new(),
                    encoded: false,
                });
            }
        }
        request
    }

    fn add(&mut self, subject: &Subject<'_>, what: &str, breaks: String, request: Request) {
        let says = if subject.place == Place::Path { WRONG_PATH } else { WRONG };
        let mut answers: Option<Answers> = self.answers_to_wrong(says, subject.first);
        // Source: RFC 9110, section 15.5.5: no resource has such an address.
        if let Some(answers) = answers.as_mut().filter(|_| subject.place == Place::Path) {
            answers.fitting.extend([404].iter().filter(|status| self.exact(**status).is_none()));
        }
        // Source: RFC 9110, section 15.5.15; RFC 6585, section 5.
        let too_long = if subject.place == Place::Header { 431 } else { 414 };
        if let Some(answers) = answers.as_mut().filter(|_| what == "too_long" && self.response(too_long).is_some()) {
            answers.or.push(too_long);
        }
        self.push(&format!("{}.{}.{what}", subject.word, subject.name), breaks, request, answers);
    }
}

fn subject<'s>(name: &'s str, sent: &Sent, index: Option<usize>, required: bool) -> Option<Subject<'s>> {
    let (word, noun, first): (_, _, &[u16]) = match sent.place {
        // Whose project, and is there such a thing: both may be asked before the form of a name.
        Place::Path => ("path", "path variable", &[403, 404]),
        // What tells operations apart may be part of the address to a server.
        Place::Query if sent.constant && index.is_some() => ("query", "query parameter", &[404]),
        Place::Query => ("query", "query parameter", &[]),
        Place::Header => ("header", "header", &[]),
        // What a browser keeps is read by many servers and known to few.
        Place::Cookie => return None,
    };
    Some(Subject { name, place: sent.place, word, noun, index, first, required })
}

/// What a text outside of a body may be read as.
fn readings(text: &str) -> Vec<Value> {
    let number = serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number);
    let flag = text.parse().ok().map(Value::Bool);
    number.into_iter().chain(flag).chain([Value::String(text.to_owned())]).collect()
}

/// Whether the text arrives as it is, and means a value of the parameter.
fn can_be_sent(subject: &Subject<'_>, text: &str) -> bool {
    match subject.place {
        Place::Path => !matches!(text, "" | "." | "..") && !text.contains('/'),
        // An optional parameter without a value is left out to many readers.
        Place::Query => subject.required || !text.is_empty(),
        // Source: RFC 9110, section 5.5: blanks around a value are no part of it, and other bytes than ASCII opaque.
        _ => {
            text.trim() == text
                && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
                && (subject.required || !text.is_empty())
        }
    }
}
