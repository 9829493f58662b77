//! Has every operation a name of its own, and does something on the wire tell it from every other?

use std::collections::HashMap;

use crate::diagnostic::{At, Diagnostics};
use crate::document::Document;
use crate::node::Node;
use crate::operations::{Operation, constant_value};
use crate::rust_name::{is_free_for_operation, snake_case};

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    check_ids(operations, found);
    check_addresses(document, operations, found);
    check_labels(operations, found);
}

/// A label that reads like a query promises a constant.
fn check_labels(operations: &[Operation<'_>], found: &mut Diagnostics) {
    for operation in operations {
        let label = operation.key.split_once('#').map_or("", |(_, label)| label);
        let is_true = |pair: (&str, &str)| operation.constants.iter().any(|c| (c.name, c.value.as_str()) == pair);
        // A value may have an ampersand of its own.
        if label.split_once('=').is_some_and(is_true) {
            continue;
        }
        for (name, value) in label.split('&').filter_map(|pair| pair.split_once('=')) {
            if !is_true((name, value)) {
                let message = format!("the label says `{name}={value}`, and the operation has no such constant");
                let hint =
                    format!("make `{name}` a required query parameter whose enum is [{value}]; a label is never sent");
                found.report("label", operation.path_at, message, hint);
            }
        }
    }
}

fn check_ids(operations: &[Operation<'_>], found: &mut Diagnostics) {
    let mut seen: HashMap<String, (&str, At)> = HashMap::new();
    for operation in operations {
        if operation.id.is_empty() {
            let what = if operation.node.get("operationId").is_some() { "an unusable" } else { "no" };
            let message = format!("`{} {}` has {what} operationId", operation.method.to_uppercase(), operation.key);
            found.report("operation-id", operation.at, message, "add one, verb first: `operationId: stop_engine`");
            continue;
        }
        let at = operation.node.get("operationId").map_or(operation.at, |id| id.at);
        if !is_free_for_operation(operation.id) {
            let message =
                format!("`{}` cannot name a method of the client: it is taken, or no Rust name", operation.id);
            found.report("operation-id", at, message, "name the operation verb first, such as stop_engine");
        }
        let (name, first_at) = *seen.entry(snake_case(operation.id)).or_insert((operation.id, at));
        if first_at == at {
            continue;
        }
        let notes = vec![format!("first at line {}", first_at.line)];
        if name == operation.id {
            let message = format!("the operationId `{name}` is used twice");
            found.report_with("operation-id", at, message, notes, "give each operation a name of its own");
        } else {
            let message = format!("`{}` and `{name}` become the same name in Rust", operation.id);
            found.report_with(
                "operation-id",
                at,
                message,
                notes,
                "give each operation a name that differs in more than case",
            );
        }
    }
}

fn check_addresses(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    let mut groups: HashMap<(&str, String), Vec<&Operation<'_>>> = HashMap::new();
    for operation in operations {
        let earlier = groups.entry((operation.method, without_names(operation.path))).or_default();
        for other in earlier.iter().filter(|other| !are_told_apart(document, other, operation)) {
            let message = format!(
                "nothing on the wire tells `{}` from `{}` (line {}): both are {} {}",
                operation.label(),
                other.label(),
                other.at.line,
                operation.method.to_uppercase(),
                operation.path,
            );
            let hint = "give each a required query parameter whose enum has one value, or a required body member of \
                        its own; the part after `#` is only a label and is never sent";
            found.report("same-address", operation.path_at, message, hint);
        }
        earlier.push(operation);
    }
}

/// `/v2/{}/engines/{}`: two paths that differ in the names of their variables are one address.
pub(crate) fn without_names(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut in_name = false;
    for c in path.chars() {
        in_name = if c == '{' { true } else { in_name && c != '}' };
        if !in_name || c == '{' {
            out.push(c);
        }
    }
    out
}

/// Whether every request shows which of the two it is for.
pub(crate) fn are_told_apart(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let by_constant = |one: &Operation<'_>, other: &Operation<'_>| {
        let known = marks(document, other);
        marks(document, one).iter().any(|(place, name, value)| {
            let same = known.iter().find(|(p, n, _)| p == place && n == name);
            same.is_none_or(|(.., known)| known != value)
        })
    };
    let media_types = |operation: &Operation<'_>| -> Vec<String> {
        let content = operation.body.map_or([].iter(), |body| body.entries_of("content"));
        content.map(|media| media.key.to_ascii_lowercase()).collect()
    };
    let needs_body = |operation: &Operation<'_>| operation.body.is_some_and(|body| body.flag("required") == Some(true));
    let (in_a, in_b) = (media_types(a), media_types(b));
    let by_media_type = needs_body(a) && needs_body(b) && !in_a.iter().any(|media_type| in_b.contains(media_type));
    let by_presence = needs_body(a) && b.body.is_none() || needs_body(b) && a.body.is_none();
    by_constant(a, b)
        || by_constant(b, a)
        || by_media_type
        || by_presence
        || bodies_differ(document, a, b)
        || bodies_differ(document, b, a)
}

/// What every request of an operation has in its query or its headers: place, name and value.
fn marks(document: &Document, operation: &Operation<'_>) -> Vec<(&'static str, String, String)> {
    let queries =
        operation.constants.iter().map(|constant| ("query", constant.name.to_owned(), constant.value.clone()));
    let headers = operation.parameters.iter().filter(|parameter| parameter.required && parameter.place == "header");
    let headers = headers.filter_map(|header| {
        Some(("header", header.name.to_ascii_lowercase(), constant_value(document, header.node)?))
    });
    queries.chain(headers).collect()
}

/// Must a body of `a` have a member that no body of `b` has, or one with a value that `b` does not allow there?
fn bodies_differ(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let (Some(body_a), Some(body_b)) = (json_schema(document, a), json_schema(document, b)) else { return false };
    let (parts_a, parts_b) = (parts(document, body_a), parts(document, body_b));
    let property = |parts: &[&'_ Node], name: &str| -> Option<serde_json::Value> {
        parts.iter().find_map(|part| part.get("properties")?.get(name)).map(|member| {
            let values = document.resolve(member).map_or(&[][..], |member| member.items_of("enum"));
            if let [only] = values { only.to_json() } else { serde_json::Value::Null }
        })
    };
    parts_a.iter().flat_map(|part| part.items_of("required")).filter_map(Node::as_text).any(|name| {
        match (property(&parts_a, name), property(&parts_b, name)) {
            (_, None) => true,
            (Some(a), Some(b)) => !a.is_null() && !b.is_null() && a != b,
            (None, _) => false,
        }
    })
}

fn json_schema<'d>(document: &'d Document, operation: &Operation<'d>) -> Option<&'d Node> {
    let body = operation.body.filter(|body| body.flag("required") == Some(true))?;
    let media = body.get("content")?.entries().next()?;
    document.resolve(media.value.get("schema")?)
}

/// A schema and what it is composed of by `allOf`.
fn parts<'d>(document: &'d Document, schema: &'d Node) -> Vec<&'d Node> {
    let mut parts = Vec::new();
    let mut open = vec![schema];
    while let Some(part) = open.pop() {
        // More parts than any honest schema has: the rest of a cycle.
        if parts.len() < 100
            && let Some(part) = document.resolve(part)
        {
            open.extend(part.items_of("allOf"));
            parts.push(part);
        }
    }
    parts
}
