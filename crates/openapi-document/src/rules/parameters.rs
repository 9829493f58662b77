//! A path and its parameters agree.

use std::collections::HashSet;

use crate::document::{Document, Operation, snake_case, variables};
use crate::node::Node;
use crate::source::{Diagnostics, did_you_mean};

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    for operation in operations {
        let variables = match variables(operation.path) {
            Ok(variables) => variables,
            Err(message) => {
                found.report("path-format", operation.path_at, message, "write each variable as `{name}`");
                continue;
            }
        };
        // A parameter that cannot be found may be the one that is missing, and has its own rule.
        let listed = operation.item.items_of("parameters").iter().chain(operation.node.items_of("parameters"));
        if listed.clone().all(|parameter| is_parameter(document, parameter)) {
            check_variables(operation, &variables, found);
        }
        check_repeats(document, operation, found);
        if operation.responses.is_empty() && operation.node.get("responses").is_some() {
            let at = operation.node.key_at("responses");
            found.report("no-response", at, "the operation documents no response", "document at least its success");
        }
    }
}

fn check_variables(operation: &Operation<'_>, variables: &[&str], found: &mut Diagnostics) {
    let in_path = || operation.parameters.iter().filter(|parameter| parameter.place == "path");
    let mut seen = HashSet::new();
    for variable in variables {
        if !seen.insert(variable) {
            let message = format!("the variable `{{{variable}}}` stands twice in the path");
            found.report("path-variable", operation.path_at, message, "give each its own name");
        }
    }
    for parameter in in_path() {
        if !variables.contains(&parameter.name) {
            let message = format!("the path parameter `{}` is not in the path {}", parameter.name, operation.path);
            let hint = did_you_mean(parameter.name, variables.iter().copied());
            found.report("path-variable", parameter.at, message, format!("{hint}name a variable of the path"));
        } else if !parameter.required {
            let message = format!("the path parameter `{}` is not `required: true`", parameter.name);
            found.report("path-required", parameter.node.at, message, "add `required: true`; a path has no gaps");
        }
    }
}

fn check_repeats(document: &Document, operation: &Operation<'_>, found: &mut Diagnostics) {
    let mut names = HashSet::new();
    let listed = operation.node.items_of("parameters").iter();
    // What the reader declared for a variable of the path stands at the path.
    for item in listed.filter(|item| item.at != operation.path_at && is_parameter(document, item)) {
        // The list of the operation itself, before references are followed, is where a repeat is a mistake.
        let Some(parameter) = operation.parameters.iter().find(|parameter| parameter.at == item.at) else {
            found.report(
                "parameter-twice",
                item.at,
                "this parameter stands twice in the list",
                "remove one of the two",
            );
            continue;
        };
        if !names.insert(snake_case(parameter.name)) {
            let message = format!("two parameters are called `{}`, in Rust at least", parameter.name);
            found.report(
                "parameter-name",
                parameter.at,
                message,
                "give each its own name; a client's method needs one for each",
            );
        }
    }
}

/// Whether a parameter stands here, or where this refers to; if not, there is a rule that says so.
fn is_parameter(document: &Document, item: &Node) -> bool {
    document.resolve(item).is_some_and(|resolved| resolved.text("name").is_some() && resolved.text("in").is_some())
}
