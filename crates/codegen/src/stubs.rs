//! The documented exchanges as stubs for the standalone server of `httpmock`, which any program can call.
//!
//! A stub is for every request of its operation that has what the operation always has: constants, the members that
//! its body must have, the credential. Identifiers are whatever the caller uses; where two exchanges differ in them, the
//! documented ones decide. Two exchanges with one request are told apart as Prism does it, by the header `Prefer`:
//! `example=NAME` or `code=STATUS`; without it the first one answers.

use std::collections::HashSet;
use std::fmt::Write;

use conformance_engine::suite::{Credential, Parameter, Place};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::cases::credential;
use crate::client::object;
use crate::document::Document;
use crate::exchanges::{self, Exchange, is_json};
use crate::mock::body_text;
use crate::node::Node;
use crate::operations::Operation;
use crate::yaml_text;

/// What stands for the credential in everything that is generated.
pub(crate) const TOKEN: &str = "token-of-the-fixtures";

/// What a step of a path keeps as it is.
pub(crate) const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The stubs, one YAML document each, in the order in which they are to be tried; without a header.
pub(crate) fn stubs(document: &Document, operations: &[Operation<'_>]) -> String {
    let mut out = format!(
        "# Stubs for the standalone server of httpmock: `httpmock --mock-files-dir FOLDER` answers the documented exchanges.\n\
         # The credential of every request is `{TOKEN}`; without it, status 401.\n\
         # `Prefer: example=NAME` or `Prefer: code=STATUS` chooses among the exchanges of an operation.\n"
    );
    let mut ordered: Vec<&Operation<'_>> = operations.iter().collect();
    // A word wins over a variable, and the first stub that fits over the others.
    ordered.sort_by_key(|operation| operation.path.matches('{').count());
    for operation in ordered {
        let (exchanges, _) = exchanges::of(document, operation);
        if exchanges.is_empty() {
            continue;
        }
        let request = Request::of(document, operation);
        for stub in request.stubs(&exchanges) {
            let _ = write!(out, "---\n{}", yaml_text::write(&stub));
        }
        for stub in request.refusals() {
            let _ = write!(out, "---\n{}", yaml_text::write(&stub));
        }
    }
    out
}

/// What every request of an operation has.
struct Request<'o, 'd> {
    operation: &'o Operation<'d>,
    credential: Option<Credential>,
    /// The names of members that every JSON body has.
    members: Vec<&'d str>,
}

impl<'o, 'd> Request<'o, 'd> {
    fn of(document: &'d Document, operation: &'o Operation<'d>) -> Self {
        let body = operation.body.filter(|body| body.flag("required") == Some(true));
        let schema = body.and_then(|body| body.entries_of("content").next()?.value.get("schema"));
        let schema = schema.and_then(|schema| document.resolve(schema));
        let members = schema.map_or(&[][..], |schema| schema.items_of("required"));
        let members = members.iter().filter_map(Node::as_text).collect();
        Request { operation, credential: credential(document, operation), members }
    }

    fn stubs(&self, exchanges: &[Exchange<'_>]) -> Vec<Value> {
        let first = exchanges.iter().find(|exchange| !exchange.is_failure).unwrap_or(&exchanges[0]);
        let mut codes = HashSet::new();
        let mut stubs = Vec::new();
        for exchange in exchanges {
            let mut wanted = vec![format!("example={}", escaped(exchange.name))];
            if codes.insert(exchange.status) {
                wanted.push(format!("code={}", exchange.status));
            }
            let mut when = self.when(None);
            when.insert(
                "header_matches".to_owned(),
                json!([{ "name": "(?i)^prefer$", "value": format!("^({})$", wanted.join("|")) }]),
            );
            stubs.push(self.stub(when, exchange));
        }
        for exchange in exchanges.iter().filter(|exchange| exchange.parameters != first.parameters) {
            stubs.push(self.stub(self.when(Some(&exchange.parameters)), exchange));
        }
        stubs.push(self.stub(self.when(None), first));
        stubs
    }

    /// Matchers for requests of the operation with these parameters, or with any.
    fn when(&self, parameters: Option<&[Parameter]>) -> Map<String, Value> {
        let mut when = self.address(parameters);
        let own = parameters.into_iter().flatten().filter(|parameter| !parameter.constant);
        let own: Vec<&Parameter> = own.collect();
        let of = |place: Place| {
            let pairs = own.iter().filter(move |parameter| parameter.place == place);
            pairs.map(|parameter| json!({ "name": parameter.name, "value": parameter.value }))
        };
        let credential = self.credential.as_ref().map(|Credential { name, place, prefix, .. }| {
            (*place, json!({ "name": name, "value": format!("{prefix}{TOKEN}") }))
        });
        for (place, key) in [(Place::Query, "query_param"), (Place::Header, "header"), (Place::Cookie, "cookie")] {
            let credential = credential.iter().filter(|(own, _)| *own == place).map(|(_, pair)| pair.clone());
            let pairs: Vec<Value> = of(place).chain(credential).collect();
            if !pairs.is_empty() {
                let list = when.entry(key).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.extend(pairs);
                }
            }
        }
        if !self.members.is_empty() {
            let patterns = self.members.iter().map(|name| format!("{}\\s*:", escaped(&Value::from(*name).to_string())));
            when.insert("body_matches".to_owned(), patterns.collect());
        }
        when
    }

    /// Method, path and constants.
    fn address(&self, parameters: Option<&[Parameter]>) -> Map<String, Value> {
        let operation = self.operation;
        let mut when = Map::new();
        when.insert("method".to_owned(), json!(operation.method.to_uppercase()));
        match parameters {
            Some(parameters) => {
                when.insert("path".to_owned(), json!(path(operation.path, parameters)));
            }
            None => {
                let mut pattern = String::from("^");
                let mut rest = operation.path;
                while let Some((before, after)) = rest.split_once('{') {
                    pattern.push_str(&escaped(before));
                    pattern.push_str("[^/]+");
                    rest = after.split_once('}').map_or("", |(_, after)| after);
                }
                pattern.push_str(&escaped(rest));
                when.insert("path_matches".to_owned(), json!([pattern + "$"]));
            }
        }
        let constants = operation.constants.iter();
        let constants: Vec<Value> =
            constants.map(|constant| json!({ "name": constant.name, "value": constant.value })).collect();
        if !constants.is_empty() {
            when.insert("query_param".to_owned(), Value::Array(constants));
        }
        when
    }

    fn stub(&self, when: Map<String, Value>, exchange: &Exchange<'_>) -> Value {
        let mut then = Map::new();
        then.insert("status".to_owned(), json!(exchange.status));
        if let Some(reply) = &exchange.reply {
            then.insert("header".to_owned(), json!([{ "name": "Content-Type", "value": reply.media_type }]));
            let value = reply.value.to_json();
            match is_json(reply.media_type) && !value.is_string() {
                true => then.insert("json_body".to_owned(), value),
                // A string there would be read as the JSON it holds.
                false => then.insert("body".to_owned(), json!(body_text(reply.media_type, &value))),
            };
        }
        object([("when", when.into()), ("then", then.into())])
    }

    /// What is answered to requests without the credential: with another one, and with none.
    fn refusals(&self) -> Vec<Value> {
        let Some(Credential { name, place, prefix, .. }) = &self.credential else { return Vec::new() };
        let response = self.operation.responses.iter().find(|response| response.status == "401");
        let media = response.and_then(|response| response.node.entries_of("content").next());
        let mut then = Map::new();
        then.insert("status".to_owned(), json!(401));
        if let Some(media) = media {
            then.insert("header".to_owned(), json!([{ "name": "Content-Type", "value": media.key }]));
            // No page shows a body: an object without members fits every schema that requires none.
            if is_json(&media.key) {
                then.insert("json_body".to_owned(), json!({}));
            }
        }
        let kind = match place {
            Place::Query => "query_param",
            Place::Cookie => "cookie",
            _ => "header",
        };
        let other = (format!("{kind}_not"), json!([{ "name": name, "value": format!("{prefix}{TOKEN}") }]));
        let none = (format!("{kind}_missing"), json!([name]));
        let stub = |(key, value)| {
            let mut when = self.address(None);
            when.insert(key, value);
            object([("when", when.into()), ("then", then.clone().into())])
        };
        vec![stub(other), stub(none)]
    }
}

/// The path with values in place of its variables.
pub(crate) fn path(template: &str, parameters: &[Parameter]) -> String {
    let mut out = template.to_owned();
    for parameter in parameters.iter().filter(|parameter| parameter.place == Place::Path) {
        let value = utf8_percent_encode(&parameter.value, IN_PATH).to_string();
        out = out.replace(&format!("{{{}}}", parameter.name), &value);
    }
    out
}

/// `text` as a regular expression that matches only it.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| [r"\.+*?()|[]{}^$".contains(c).then_some('\\'), Some(c)]).flatten().collect()
}
