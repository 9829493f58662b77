//! The operations of a document: which request each one is on the wire, and what it may answer.
//!
//! Three rules make operations of what OpenAPI would call one: the fragment of a path key is a label that nobody
//! sends; a required query parameter whose enum has exactly one value is a constant of the operation; so is a query
//! written into the path key.

use super::resolve::Document;
use crate::node::Node;
use crate::source::At;

/// The methods that a path item may have operations for, lower case.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One operation: the request that it is on the wire, and what it may answer.
#[derive(Clone)]
pub struct Operation<'d> {
    /// The `operationId`; empty where there is none (a rule reports it).
    pub id: &'d str,
    /// Where the operation's method stands.
    pub at: At,
    /// Where the last value or key of it begins.
    pub last_at: At,
    /// Where the path key stands.
    pub path_at: At,
    /// Lower case, as in the document.
    pub method: &'static str,
    /// The path key as written.
    pub key: &'d str,
    /// The path that is sent: no fragment, no query.
    pub path: &'d str,
    /// What every request of it has in its query.
    pub constants: Vec<Constant<'d>>,
    /// Of the path item and of the operation, the latter taking precedence; references resolved.
    pub parameters: Vec<Parameter<'d>>,
    /// The request body, resolved.
    pub body: Option<&'d Node>,
    /// In the order of the document; references resolved.
    pub responses: Vec<Response<'d>>,
    /// The operation in the tree.
    pub node: &'d Node,
    /// The path item that has it.
    pub item: &'d Node,
}

/// A query parameter that tells operations apart and is never an argument.
#[derive(Clone, PartialEq, Eq)]
pub struct Constant<'d> {
    /// Its name.
    pub name: &'d str,
    /// Its only value.
    pub value: String,
}

/// A parameter, references resolved.
#[derive(Clone)]
pub struct Parameter<'d> {
    /// As in the document.
    pub name: &'d str,
    /// `path`, `query`, `header` or `cookie`.
    pub place: &'d str,
    /// Whether every request has it.
    pub required: bool,
    /// Whether it has one value only, and so is a [`Constant`].
    pub constant: bool,
    /// Where the operation lists it.
    pub at: At,
    /// As listed, possibly a reference.
    pub listed: &'d Node,
    /// As resolved.
    pub node: &'d Node,
}

/// A response that an operation documents.
#[derive(Clone)]
pub struct Response<'d> {
    /// `200`, `4XX` or `default`.
    pub status: &'d str,
    /// Where the status stands.
    pub at: At,
    /// As listed, possibly a reference.
    pub listed: &'d Node,
    /// As resolved.
    pub node: &'d Node,
}

impl<'d> Operation<'d> {
    /// What is documented of a reply with this status: of the status itself, of its range, or of all others.
    ///
    /// Source: OpenAPI 3.1.1, Responses Object.
    pub fn response_to(&self, status: u16) -> Option<&Response<'d>> {
        let called = |key: &str| self.responses.iter().find(|response| response.status == key);
        let exact = self.responses.iter().find(|response| response.code() == Some(status));
        exact.or_else(|| called(&format!("{}XX", status / 100))).or_else(|| called("default"))
    }

    /// The id, or the address where there is none.
    pub fn label(&self) -> String {
        if self.id.is_empty() { format!("{} {}", self.method.to_uppercase(), self.key) } else { self.id.to_owned() }
    }
}

impl<'d> Response<'d> {
    /// An extension of the response, or beside the reference to it: that is said of this operation.
    pub fn extension(&self, name: &str) -> Option<&'d Node> {
        self.listed.get(name).or_else(|| self.node.get(name))
    }

    /// The status, if it is a single one.
    pub fn code(&self) -> Option<u16> {
        self.status.parse().ok()
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// Whether the status is an error of the client or the server.
    pub fn is_failure(&self) -> bool {
        self.status.starts_with(['4', '5'])
    }
}

pub(super) fn all(document: &Document) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for entry in document.root().entries_of("paths").filter(|entry| entry.key.starts_with('/')) {
        let item = &entry.value;
        for member in item.entries() {
            let Some(method) = METHODS.into_iter().find(|method| *method == member.key) else { continue };
            operations.push(operation(document, &entry.key, entry.at, method, member.at, item, &member.value));
        }
    }
    operations
}

fn operation<'d>(
    document: &'d Document,
    key: &'d str,
    path_at: At,
    method: &'static str,
    at: At,
    item: &'d Node,
    node: &'d Node,
) -> Operation<'d> {
    let address = key.split_once('#').map_or(key, |(address, _label)| address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));

    let parameters = parameters(document, item, node);
    let in_key = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Constant { name, value: value.to_owned() }
    });
    let single = parameters.iter().filter(|parameter| parameter.constant).filter_map(|parameter| {
        let value = constant_value(document, parameter.node)?;
        Some(Constant { name: parameter.name, value })
    });
    let constants = in_key.chain(single).collect();

    let responses = node.entries_of("responses").filter_map(|entry| {
        let resolved = document.resolve(&entry.value)?;
        (!entry.key.starts_with("x-")).then_some(Response {
            status: &entry.key,
            at: entry.at,
            listed: &entry.value,
            node: resolved,
        })
    });
    Operation {
        id: node.text("operationId").unwrap_or_default(),
        at,
        last_at: node.last_at(),
        path_at,
        method,
        key,
        path,
        constants,
        parameters,
        body: node.get("requestBody").and_then(|body| document.resolve(body)),
        responses: responses.collect(),
        node,
        item,
    }
}

fn parameters<'d>(document: &'d Document, item: &'d Node, node: &'d Node) -> Vec<Parameter<'d>> {
    let mut parameters: Vec<Parameter<'d>> = Vec::new();
    for listed in item.items_of("parameters").iter().chain(node.items_of("parameters")) {
        let Some(resolved) = document.resolve(listed) else { continue };
        let (Some(name), Some(place)) = (resolved.text("name"), resolved.text("in")) else { continue };
        let required = resolved.flag("required").unwrap_or(false);
        let constant = required && place == "query" && constant_value(document, resolved).is_some();
        let parameter = Parameter { name, place, required, constant, at: listed.at, listed, node: resolved };
        match parameters.iter_mut().find(|known| known.name == name && known.place == place) {
            Some(known) => *known = parameter,
            None => parameters.push(parameter),
        }
    }
    parameters
}

/// The only value a schema allows, as it is sent.
pub(crate) fn constant_value(document: &Document, parameter: &Node) -> Option<String> {
    only_value(document.resolve(parameter.get("schema")?)?)?.scalar()
}

/// The only value that a schema allows: its `const`, or an `enum` of one.
pub(super) fn only_value(schema: &Node) -> Option<&Node> {
    match schema.items_of("enum") {
        [only] => Some(only),
        _ => schema.get("const"),
    }
}

/// A scalar as it is sent in a path, a query or a header.
pub(crate) fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
