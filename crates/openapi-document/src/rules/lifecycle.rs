//! `x-lifecycle` names the operations that change states, and only states and operations that exist.

use std::collections::{HashMap, HashSet};

use crate::document::{Document, Operation, given_name, parts};
use crate::node::{Data, Node};
use crate::source::{Diagnostics, did_you_mean};

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    // Without its states, a lifecycle says nothing that could be checked; its shape says that they are missing.
    let Some(lifecycle) = document.root().get("x-lifecycle").filter(|lifecycle| lifecycle.get("states").is_some())
    else {
        return;
    };
    let states: HashSet<&str> = lifecycle.entries_of("states").map(|entry| entry.key.as_str()).collect();
    let ids: HashSet<&str> = operations.iter().map(|operation| operation.id).collect();

    for entry in lifecycle.entries_of("operations") {
        if !ids.contains(entry.key.as_str()) {
            let message = format!("x-lifecycle speaks of an operation `{}` that the document does not have", entry.key);
            let hint = format!("{}name an operationId", did_you_mean(&entry.key, ids.iter().copied()));
            found.report("lifecycle-operation", entry.at, message, hint);
        }
        check_states(&entry.value, &states, found);
        // One that says neither leaves the state as it is.
        let says_one = ["from", "through"].iter().any(|key| entry.value.get(key).is_some());
        if says_one && entry.value.get("to").is_none() && only_from(&entry.value).is_none() {
            let message = format!("x-lifecycle does not say in which state `{}` leaves the resource", entry.key);
            let hint = "add `to`: a state, or null where the resource does not exist afterwards";
            found.report("lifecycle-operation", entry.at, message, hint);
        }
    }
    if lifecycle.get("operations").is_some() {
        let listed: HashSet<&str> = lifecycle.entries_of("operations").map(|entry| entry.key.as_str()).collect();
        let unlisted = operations.iter().filter(|it| !it.id.is_empty() && !listed.contains(it.id));
        for operation in unlisted.filter(|operation| changes_states(document, lifecycle, operation)) {
            let message = format!("x-lifecycle does not say from which states `{}` may be called", operation.id);
            let hint = "add it under x-lifecycle.operations, with `from`, `through` and `to`";
            found.report("lifecycle-operation", operation.at, message, hint);
        }
    }
    lifecycle.items_of("automatic").iter().for_each(|transition| check_states(transition, &states, found));
    check_givens(lifecycle, &states, found);
}

/// Whether an operation cannot leave the state as it is: it starts a job, or removes the resource. Any other that is not
/// listed is taken to leave it as it is.
fn changes_states(document: &Document, lifecycle: &Node, operation: &Operation<'_>) -> bool {
    let jobs: Vec<&str> =
        lifecycle.get("job").map_or(&[][..], |job| job.items_of("answered")).iter().filter_map(Node::as_text).collect();
    let has_job = |media: &Node| {
        let schema = media.get("schema").map_or_else(Vec::new, |schema| parts(document, schema));
        let described = schema.iter().flat_map(|part| part.entries_of("properties")).map(|member| member.key.as_str());
        let examples = media.entries_of("examples").filter_map(|entry| document.resolve(&entry.value)?.get("value"));
        let shown = examples.chain(media.get("example")).flat_map(Node::entries).map(|member| member.key.as_str());
        described.chain(shown).any(|member| jobs.contains(&member))
    };
    let successes = operation.responses.iter().filter(|response| response.is_success());
    let mut media = successes.flat_map(|response| response.node.entries_of("content"));
    let is_safe = ["get", "head", "options", "trace"].contains(&operation.method);
    let identifier = lifecycle.text("identifier").map(|identifier| format!("{{{identifier}}}"));
    let is_resource = identifier.is_some_and(|identifier| operation.path.ends_with(&identifier));
    operation.method == "delete" && is_resource || !is_safe && media.any(|media| has_job(&media.value))
}

/// The only state in which an operation may be called. Without a `to` it leaves the resource in it.
fn only_from(transition: &Node) -> Option<&str> {
    let from = transition.get("from")?;
    match &from.data {
        Data::List(items) => match items.as_slice() {
            [only] => only.as_text(),
            _ => None,
        },
        _ => from.as_text(),
    }
}

fn check_givens(lifecycle: &Node, states: &HashSet<&str>, found: &mut Diagnostics) {
    let mut names: HashMap<String, &str> = HashMap::new();
    for entry in lifecycle.entries_of("givens") {
        if let Some(state) = entry.value.get("state") {
            check_state(state, states, found);
        }
        let name = given_name(&entry.key);
        if let Some(other) = names.insert(name.clone(), &entry.key) {
            let message = format!("the givens `{other}` and `{}` both become `{name}` in Rust", entry.key);
            found.report("given-name", entry.at, message, "make them differ in more than articles and punctuation");
        }
    }
}

/// `from`, `through` and `to` of a transition: a state or a list of states each.
fn check_states(transition: &Node, states: &HashSet<&str>, found: &mut Diagnostics) {
    for member in ["from", "through", "to"] {
        if let Some(value) = transition.get(member) {
            match &value.data {
                Data::List(items) => items.iter().for_each(|item| check_state(item, states, found)),
                _ => check_state(value, states, found),
            }
        }
    }
}

fn check_state(state: &Node, states: &HashSet<&str>, found: &mut Diagnostics) {
    match &state.data {
        Data::Null => {}
        Data::Text(name) if states.contains(name.as_str()) => {}
        Data::Text(name) => {
            let hint = format!("{}add it under x-lifecycle.states", did_you_mean(name, states.iter().copied()));
            found.report("lifecycle-state", state.at, format!("`{name}` is not a state of x-lifecycle"), hint);
        }
        _ => {
            let message = format!("a state must be a string, found {}", state.describe());
            found.report("lifecycle-state", state.at, message, "name a state of x-lifecycle.states");
        }
    }
}
