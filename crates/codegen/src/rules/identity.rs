//! Has every operation a name of its own, and does something on the wire tell it from every other?

use std::collections::HashMap;

use crate::diagnostic::{At, Diagnostics};
use crate::document::Document;
use crate::node::Node;
use crate::operations::Operation;
use crate::rust_name::snake_case;

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    check_ids(operations, found);
    check_addresses(document, operations, found);
}

fn check_ids(operations: &[Operation<'_>], found: &mut Diagnostics) {
    let mut seen: HashMap<String, (&str, At)> = HashMap::new();
    for operation in operations {
        if operation.id.is_empty() {
            let message = format!("`{} {}` has no operationId", operation.method.to_uppercase(), operation.key);
            found.report("operation-id", operation.at, message, "add one, verb first: `operationId: stop_graph`");
            continue;
        }
        let at = operation.node.get("operationId").map_or(operation.at, |id| id.at);
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

/// `/v2/{}/graphs/{}`: two paths that differ in the names of their variables are one address.
fn without_names(path: &str) -> String {
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

fn are_told_apart(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let by_constant = |one: &Operation<'_>, other: &Operation<'_>| {
        one.constants.iter().any(|constant| {
            let same_name = other.constants.iter().find(|known| known.name == constant.name);
            same_name.is_none_or(|known| known.value != constant.value)
        })
    };
    by_constant(a, b) || by_constant(b, a) || bodies_differ(document, a, b) || bodies_differ(document, b, a)
}

/// Must a body of `a` have a member that no body of `b` has, or one with a value that `b` does not allow there?
fn bodies_differ(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let (Some(body_a), Some(body_b)) = (json_schema(document, a), json_schema(document, b)) else { return false };
    body_a.items_of("required").iter().filter_map(Node::as_text).any(|name| {
        let property = |schema: &'_ Node| schema.get("properties").and_then(|all| all.get(name)).is_some();
        if !property(body_b) {
            return true;
        }
        let only = |schema: &Node| {
            let member = document.resolve(schema.get("properties")?.get(name)?)?;
            match member.items_of("enum") {
                [only] => Some(only.to_json()),
                _ => None,
            }
        };
        matches!((only(body_a), only(body_b)), (Some(a), Some(b)) if a != b)
    })
}

fn json_schema<'d>(document: &'d Document, operation: &Operation<'d>) -> Option<&'d Node> {
    let body = operation.body.filter(|body| body.flag("required") == Some(true))?;
    let media = body.get("content")?.entries().next()?;
    document.resolve(media.value.get("schema")?)
}
