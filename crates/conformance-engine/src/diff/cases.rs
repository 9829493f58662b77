//! How the documented examples and the states changed.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::change::{Change, Kind, Part, Party, Promises};
use crate::model::case::{Case, Parameter, Place, Rule};
use crate::model::lifecycle::Lifecycle;
use crate::model::suite::Suite;

/// Every documented example that differs, by its id.
pub(super) fn changes<'p>(old: Promises<'p>, new: Promises<'p>) -> Vec<Change> {
    // What is made from constraints changes with the constraints.
    let is_example = |case: &&Case| case.kind.is_documented();
    // A suite looks for a case from its beginning: here that is done once for all.
    let by_id = |suite: &'p Suite| -> HashMap<&'p str, &'p Case> {
        suite.cases.iter().filter(is_example).map(|case| (case.id.as_str(), case)).collect()
    };
    let (old_examples, new_examples) = (by_id(old.suite), by_id(new.suite));
    let mut changes = Vec::new();
    for case in old.suite.cases.iter().filter(is_example) {
        match new_examples.get(case.id.as_str()) {
            Some(other) => compare(case, other, &mut changes),
            // Where the operation went with it, that is said there.
            None if new.contract.operation(&case.operation).is_some() => {
                changes.push(whole(case, Kind::Removed, Party::Caller));
            }
            None => {}
        }
    }
    let is_new = |case: &&Case| !old_examples.contains_key(case.id.as_str());
    let is_old_operation = |case: &&Case| old.contract.operation(&case.operation).is_some();
    let added = new.suite.cases.iter().filter(is_example).filter(is_new).filter(is_old_operation);
    changes.extend(added.map(|case| whole(case, Kind::Added, Party::Server)));
    changes
}

fn whole(case: &Case, kind: Kind, party: Party) -> Change {
    let status = case.expected.status;
    Change { message: format!("{kind}: the example, answered {status}"), ..change(case, None, kind, vec![party]) }
}

fn change(case: &Case, what: Option<&str>, kind: Kind, breaks: Vec<Party>) -> Change {
    let what = what.map(|what| format!(".{what}")).unwrap_or_default();
    Change {
        id: format!("{}{what}", case.id),
        operation: Some(case.operation.clone()),
        part: Part::Case,
        kind,
        breaks,
        message: String::new(),
        old: None,
        new: None,
    }
}

fn compare(old: &Case, new: &Case, changes: &mut Vec<Change>) {
    let both = || vec![Party::Caller, Party::Server];
    let mut push = |what: &str, breaks: Vec<Party>, before: Option<Value>, after: Option<Value>| {
        if before != after {
            let message = format!("changed: the example's {what}");
            let change = change(old, Some(what), Kind::Changed, breaks);
            changes.push(Change { message, old: before, new: after, ..change });
        }
    };
    push("request", both(), Some(request(old)), Some(request(new)));
    let status = |case: &Case| match case.expected.class {
        true => Some(Value::from(format!("{}XX", case.expected.status / 100))),
        false => Some(Value::from(case.expected.status)),
    };
    push("status", both(), status(old), status(new));
    push("state", both(), old.given.clone().map(Value::from), new.given.clone().map(Value::from));
    let source = |case: &Case| case.source.as_ref().and_then(|it| serde_json::to_value(it).ok());
    push("source", Vec::new(), source(old), source(new));
    let body = |case: &Case| case.expected.body.as_ref().and_then(|body| body.example.clone());
    push("body", body_breaks(old, new), body(old), body(new));
}

/// What the document has of an example's request. The address and the credential belong to the operation.
fn request(case: &Case) -> Value {
    let is_documented = |it: &&Parameter| it.origin.is_documented() && !it.constant;
    let parameters = case.request.parameters.iter().filter(is_documented).map(|parameter| {
        // The name of a path variable is not sent, and a header's name means the same in any letter case.
        let name = match parameter.place {
            Place::Path => None,
            Place::Header => Some(parameter.name.to_ascii_lowercase()),
            Place::Query | Place::Cookie => Some(parameter.name.clone()),
        };
        json!({"in": parameter.place, "name": name, "value": parameter.value})
    });
    let body = case.request.body.as_ref().filter(|body| !body.composed);
    let body = body.map(|body| json!({"mediaType": body.media_type, "value": body.value}));
    json!({"parameters": parameters.collect::<Vec<_>>(), "body": body})
}

/// Whom another example body breaks. Callers may rely on each member of it, and servers have to send each; values are
/// promised only where a rule says so.
fn body_breaks(old: &Case, new: &Case) -> Vec<Party> {
    let (before, after) = (members(old), members(new));
    let is_kept =
        |this: &Members<'_>, other: &Members<'_>| this.iter().all(|(pointer, value)| other.get(pointer) == Some(value));
    let mut breaks = Vec::new();
    if !is_kept(&before, &after) {
        breaks.push(Party::Caller);
    }
    if !is_kept(&after, &before) {
        breaks.push(Party::Server);
    }
    breaks
}

/// JSON pointer -> the value, where it is promised.
type Members<'v> = BTreeMap<String, Option<&'v Value>>;

fn members(case: &Case) -> Members<'_> {
    let mut found = Members::new();
    let Some(body) = &case.expected.body else { return found };
    if let Some(example) = &body.example {
        collect(example, &mut String::new(), &mut found);
    }
    for (pointer, value) in &mut found {
        if body.rules.get(pointer) != Some(&Rule::Equal) {
            *value = None;
        }
    }
    found
}

/// Every member under its JSON pointer; of a list, the first item stands for all.
fn collect<'v>(value: &'v Value, pointer: &mut String, found: &mut Members<'v>) {
    found.insert(pointer.clone(), Some(value));
    let length = pointer.len();
    let mut member = |name: &str, value: &'v Value| {
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(value, pointer, found);
        pointer.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| member(name, value)),
        Value::Array(items) => items.iter().take(1).for_each(|value| member("0", value)),
        _ => {}
    }
}

/// Every difference between two lifecycles.
pub(super) fn states(old: Option<&Lifecycle>, new: Option<&Lifecycle>) -> Vec<Change> {
    let (none, mut changes) = (Lifecycle::default(), Vec::new());
    let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
    let mut push =
        |id: String, kind: Kind, breaks: Vec<Party>, what: String, before: Option<Value>, after: Option<Value>| {
            let message = format!("{kind}: {what}");
            let change =
                Change { id, operation: None, part: Part::State, kind, breaks, message, old: before, new: after };
            changes.push(change);
        };
    for state in &old.states {
        match new.states.iter().find(|it| it.name == state.name) {
            None => push(
                format!("state.{}", state.name),
                Kind::Removed,
                vec![Party::Server],
                format!("the state `{}`", state.name),
                None,
                None,
            ),
            Some(other) if other.status != state.status => push(
                format!("state.{}.status", state.name),
                Kind::Changed,
                vec![Party::Caller, Party::Server],
                format!("the status that reports the state `{}`", state.name),
                state.status.clone().map(Value::from),
                other.status.clone().map(Value::from),
            ),
            Some(_) => {}
        }
    }
    for state in new.states.iter().filter(|state| !old.states.iter().any(|it| it.name == state.name)) {
        // A caller meets a state that it does not know.
        let what = format!("the state `{}`", state.name);
        push(format!("state.{}", state.name), Kind::Added, vec![Party::Caller], what, None, None);
    }
    for (operation, transition) in &old.operations {
        // Where the operation is gone, or is no longer said to change anything, the examples tell.
        let Some(other) = new.operations.get(operation) else { continue };
        let id = |what: &str| format!("state.{operation}.{what}");
        for from in transition.from.iter().filter(|from| !other.from.contains(from)) {
            let what = format!("`{operation}` may be called in the state `{from}`");
            push(id(&format!("from.{from}")), Kind::Removed, vec![Party::Caller, Party::Server], what, None, None);
        }
        for from in other.from.iter().filter(|from| !transition.from.contains(from)) {
            let what = format!("`{operation}` may be called in the state `{from}`");
            push(id(&format!("from.{from}")), Kind::Added, vec![Party::Server], what, None, None);
        }
        if transition.to != other.to {
            let what = format!("the state in which `{operation}` leaves the {}", new.resource);
            let both = vec![Party::Caller, Party::Server];
            let (before, after) = (transition.to.clone().into(), other.to.clone().into());
            push(id("to"), Kind::Changed, both, what, Some(before), Some(after));
        }
        if transition.once != other.once {
            let (kind, party) = if other.once {
                (Kind::Tightened, vec![Party::Caller, Party::Server])
            } else {
                (Kind::Loosened, vec![Party::Server])
            };
            let what = format!("`{operation}` can succeed only once");
            push(id("once"), kind, party, what, Some(transition.once.into()), Some(other.once.into()));
        }
        for thing in transition.adds.iter().filter(|thing| !other.adds.contains(thing)) {
            let what = format!("`{operation}` adds {thing}");
            push(id(&format!("adds.{thing}")), Kind::Removed, vec![Party::Caller], what, None, None);
        }
        for thing in other.adds.iter().filter(|thing| !transition.adds.contains(thing)) {
            let what = format!("`{operation}` adds {thing}");
            push(id(&format!("adds.{thing}")), Kind::Added, vec![Party::Server], what, None, None);
        }
    }
    changes
}
