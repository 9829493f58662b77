//! Finds examples that their own schema refuses, with their places.

use conformance_engine::schema::Violation;
use conformance_engine::suite::{Case, Expected, Kind, Parameter as Sent, Request};

use crate::document::{Document, Operation, Parameter, candidates, fits_as_text};
use crate::node::Node;
use crate::rules::locate;

/// Why an example is no case that can be sent and judged.
pub(super) enum Fault {
    /// The document lacks something, or has it in a form that is not known.
    LeftOut(String),
    /// The document contradicts itself: the place, and how.
    Contradiction(String),
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self::LeftOut(reason)
    }
}

impl From<&str> for Fault {
    fn from(reason: &str) -> Self {
        Self::LeftOut(reason.to_owned())
    }
}

/// The place of a value, and how its schema refuses it.
pub(super) fn contradiction(document: &Document, what: &str, value: &Node, violation: &Violation) -> Fault {
    let at = locate(value, &violation.pointer);
    let file = document.files().get(at.file as usize).map_or("", String::as_str);
    let inside = if violation.pointer.is_empty() { String::new() } else { format!(" at {}", violation.pointer) };
    let message = &violation.message;
    let (line, column) = (at.line, at.column);
    Fault::Contradiction(format!("{file}:{line}:{column}: {what} contradicts its own schema{inside}: {message}"))
}

/// The case of an example that contradicts its schema. It is reported, and never sent.
pub(super) fn contradictory_case(operation: &Operation<'_>, name: &str, status: u16, reason: String) -> Case {
    Case {
        id: format!("{}/{name}", operation.label()),
        operation: operation.label(),
        kind: Kind::Contradiction { reason },
        given: None,
        source: None,
        request: Request {
            method: operation.method.to_uppercase(),
            path: operation.path.to_owned(),
            parameters: Vec::new(),
            credential: None,
            body: None,
            aliases: Default::default(),
            unsent: Vec::new(),
            wire: None,
        },
        expected: Expected { status, ..Expected::default() },
    }
}

/// The first parameter of the exchange `example` whose documented values all contradict its schema.
pub(super) fn contradictory_parameter<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    example: &str,
    sent: &[Sent],
    violation: &dyn Fn(&Node, &Node) -> Option<Violation>,
) -> Option<Fault> {
    let is_sent = |parameter: &&Parameter<'d>| sent.iter().any(|sent| sent.name == parameter.name);
    operation.parameters.iter().filter(|parameter| !parameter.constant).filter(is_sent).find_map(|parameter| {
        let media = parameter.node.entries_of("content").next().map(|media| &media.value);
        let schema = parameter.node.get("schema").or_else(|| media?.get("schema"))?;
        let named = parameter.node.get("examples").and_then(|all| document.resolve(all.get(example)?));
        let values: Vec<&Node> = match named.and_then(|named| named.get("value")) {
            Some(value) => vec![value],
            None => candidates(document, parameter).collect(),
        };
        let fits = |value: &Node, schema: &Node| violation(value, schema).is_none();
        if values.iter().any(|value| fits(value, schema) || fits_as_text(value, schema, &fits)) {
            return None;
        }
        let first = values.first()?;
        let what = format!("the example of the parameter `{}`", parameter.name);
        Some(contradiction(document, &what, first, &violation(first, schema)?))
    })
}
