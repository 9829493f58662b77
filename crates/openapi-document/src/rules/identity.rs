//! Every operation has an id of its own, and something on the wire tells it from every other.

use std::collections::HashMap;

use crate::document::{
    Document, Operation, are_told_apart, has_constant, is_free_for_operation, snake_case, without_names,
};
use crate::source::{At, Diagnostics};

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    check_ids(operations, found);
    check_addresses(document, operations, found);
    check_labels(document, operations, found);
}

/// A label that reads like a query promises a constant.
fn check_labels(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    for operation in operations {
        let label = operation.key.split_once('#').map_or("", |(_, label)| label);
        let is_true = |(name, value): (&str, &str)| has_constant(document, operation, name, value);
        // A value may have an ampersand of its own.
        if label.split_once('=').is_some_and(is_true) {
            continue;
        }
        for (name, value) in label.split('&').filter_map(|pair| pair.split_once('=')) {
            if !is_true((name, value)) {
                let message = format!("the label says `{name}={value}`, and the operation has no such constant");
                let hint = format!(
                    "make `{name}` a required query parameter or header whose enum is [{value}]; a label is never sent"
                );
                found.report("label", operation.path_at, message, hint);
            }
        }
    }
}

fn check_ids(operations: &[Operation<'_>], found: &mut Diagnostics) {
    let mut seen: HashMap<String, (&str, At)> = HashMap::new();
    // A reference that leads nowhere has a rule of its own.
    for operation in operations.iter().filter(|operation| operation.node.get("$ref").is_none()) {
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
