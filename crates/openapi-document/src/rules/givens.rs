//! States that exchanges make: what `x-given` and `x-cleanup` name exists, succeeds, and does not need itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Api, Chains, MOST, Operation, Response, Unmade, given_nodes, named_states, pairs, state_name};
use crate::node::{Data, Node};
use crate::source::{Diagnostics, did_you_mean};

/// What an exchange is, and the state that it needs.
struct Known {
    /// What it is called where it is named by its operation alone.
    id: String,
    is_failure: bool,
    given: Option<String>,
}

pub(super) fn check(api: &Api<'_>, found: &mut Diagnostics) {
    let exchanges = exchanges(api);
    let document = api.document();
    let named = named_states(document, api.operations());
    let of_operations = api.operations().iter().flat_map(|operation| given_nodes(document, operation));
    let of_root = document.root().entries_of("x-givens").map(|entry| &entry.value);
    for given in of_operations.chain(of_root) {
        check_given(given, &exchanges, found);
    }
    let needs = |exchange: &str| {
        let known = exchanges.get(exchange);
        let given = known.and_then(|known| known.given.clone()).filter(|given| named.contains_key(given));
        Ok((known.map_or(exchange, |known| known.id.as_str()).to_owned(), given))
    };
    let mut chains = Chains::new(&named, needs);
    let mut refused = BTreeSet::new();
    for (state, all) in &named {
        let Some(first) = all.first() else { continue };
        let at = first.at;
        match chains.of(state) {
            Err(Unmade::Cycle) if refused.insert(at) => {
                let message = format!("the state `{state}` needs itself");
                let hint = "let one of its exchanges need no state, or one that a provider of states sets up";
                found.report("given-cycle", at, message, hint);
            }
            Err(Unmade::TooMany(count)) if refused.insert(at) => {
                let message = format!("the state `{state}` takes {count} calls, and at most {MOST} are made");
                found.report("given-exchange", at, message, "begin with an exchange that leads further");
            }
            _ => {}
        }
    }
    for operation in api.operations() {
        check_cleanup(operation, &exchanges, found);
    }
}

/// Every exchange, under its id and each operation under its own, with what it needs.
fn exchanges(api: &Api<'_>) -> BTreeMap<String, Known> {
    let mut known = BTreeMap::new();
    for operation in api.operations() {
        let label = operation.label();
        let of_response = |response: &Response<'_>| state_name(response.extension("x-given")?);
        let success = operation.responses.iter().find(|response| response.is_success());
        let plain = success.and_then(of_response);
        // The id and the state of the first success.
        let mut first: Option<(String, Option<String>)> = None;
        for pair in pairs(api.document(), operation) {
            let response = pair
                .response
                .map_or(success, |shown| operation.responses.iter().find(|response| response.status == shown.status));
            let given = pair.extension("x-given").and_then(state_name);
            let given = given.or_else(|| response.and_then(of_response));
            let is_failure = pair.response.is_some_and(|response| response.is_failure);
            let id = format!("{label}/{}", pair.case_name());
            if !is_failure && first.is_none() {
                first = Some((id.clone(), given.clone()));
            }
            known.insert(id.clone(), Known { id, is_failure, given });
        }
        let described = format!("{label}/described");
        let (id, given) = first.unwrap_or_else(|| (described.clone(), plain));
        let own = Known { id: described.clone(), is_failure: false, given: given.clone() };
        known.entry(described).or_insert(own);
        known.insert(label, Known { id, is_failure: false, given });
    }
    known
}

fn check_given(given: &Node, exchanges: &BTreeMap<String, Known>, found: &mut Diagnostics) {
    const HINT: &str = "write `{exchange: OPERATION/EXAMPLE}`, or a list of such, or the name of a state";
    let items = match &given.data {
        Data::Text(_) => return,
        Data::Map(_) => std::slice::from_ref(given),
        Data::List(items) if !items.is_empty() => items.as_slice(),
        _ => {
            let message = format!("a state must be a string or name exchanges, found {}", given.describe());
            found.report("given-exchange", given.at, message, HINT);
            return;
        }
    };
    for item in items {
        let Some(exchange) = item.as_text().or_else(|| item.text("exchange")) else {
            found.report("given-exchange", item.at, "no `exchange` is named".to_owned(), HINT);
            continue;
        };
        let at = item.get("exchange").map_or(item.at, |it| it.at);
        check_exchange(exchange, at, exchanges, "given-exchange", found);
        for entry in item.entries().filter(|entry| !["exchange", "values"].contains(&entry.key.as_str())) {
            let hint = format!("{}write `exchange` and `values`", did_you_mean(&entry.key, ["exchange", "values"]));
            found.report("given-exchange", entry.at, format!("`{}` says nothing here", entry.key), hint);
        }
        for value in item.entries_of("values") {
            let text = value.value.scalar();
            if !text.as_deref().is_some_and(is_expression) {
                let shown = text.map_or_else(|| value.value.describe(), |text| format!("`{text}`"));
                let message = format!("`{}` must be a runtime expression, found {shown}", value.key);
                let hint = "write `$response.body#/MEMBER`, `$response.header.NAME`, `$request.path.NAME` or the like";
                found.report("given-value", value.value.at, message, hint);
            }
        }
    }
}

fn check_exchange(
    exchange: &str,
    at: crate::source::At,
    exchanges: &BTreeMap<String, Known>,
    rule: &'static str,
    found: &mut Diagnostics,
) {
    match exchanges.get(exchange) {
        None => {
            let near = did_you_mean(exchange, exchanges.keys().map(String::as_str));
            let hint = format!("{near}name an operation, or OPERATION/EXAMPLE");
            found.report(rule, at, format!("there is no exchange `{exchange}`"), hint);
        }
        Some(Known { is_failure: true, .. }) => {
            let message = format!("the exchange `{exchange}` is a failure");
            found.report(rule, at, message, "name one that succeeds");
        }
        Some(_) => {}
    }
}

/// A text with runtime expressions in it, or without.
fn is_expression(text: &str) -> bool {
    let is_one = |expression: &str| {
        let sources = ["$url", "$method", "$statusCode", "$request.body", "$response.body"];
        let named = ["$request.path.", "$request.query.", "$request.header.", "$response.header."];
        sources.contains(&expression)
            || named.iter().any(|start| expression.len() > start.len() && expression.starts_with(start))
            || ["$request.body#/", "$response.body#/"].iter().any(|start| expression.starts_with(start))
    };
    if text.starts_with('$') {
        return is_one(text);
    }
    let mut inside = text.split("{$").skip(1);
    inside.all(|rest| rest.split_once('}').is_some_and(|(expression, _)| is_one(&format!("${expression}"))))
}

/// `x-cleanup` names an exchange or an operation, or is `false`.
fn check_cleanup(operation: &Operation<'_>, exchanges: &BTreeMap<String, Known>, found: &mut Diagnostics) {
    let Some(cleanup) = operation.node.get("x-cleanup") else { return };
    match &cleanup.data {
        Data::Flag(false) => {}
        Data::Text(exchange) => check_exchange(exchange, cleanup.at, exchanges, "cleanup-exchange", found),
        _ => {
            let message = format!("`x-cleanup` must name an exchange or be false, found {}", cleanup.describe());
            let hint = "write OPERATION/EXAMPLE, or `false` where there is nothing to remove";
            found.report("cleanup-exchange", cleanup.at, message, hint);
        }
    }
}
