//! States of replies that have no example to name them: on the response, or by the lifecycle.

use conformance_engine::suite::{Case, Kind};

use crate::document::{Document, Operation, Response, state_name};
use crate::node::{Data, Node};

/// Gives cases that name no state the one that stands on their response; or, where the document has no example that could
/// name it, the first state in which `x-lifecycle` allows the operation.
pub(crate) fn give(document: &Document, operation: &Operation<'_>, cases: &mut [Case]) {
    for case in cases.iter_mut().filter(|case| case.given.is_none()) {
        if !matches!(case.kind, Kind::Documented | Kind::Described) {
            continue;
        }
        let response = operation.response_to(case.expected.status);
        case.given = response.and_then(|response| state_name(response.extension("x-given")?));
        let has_example = case.expected.body.as_ref().is_some_and(|body| body.example.is_some());
        if case.given.is_none() && case.expected.status < 300 && !has_example {
            case.given = of_lifecycle(document, operation);
        }
    }
}

/// The given that means the first state in which the operation may be called, with as little else as possible.
fn of_lifecycle(document: &Document, operation: &Operation<'_>) -> Option<String> {
    let lifecycle = document.root().get("x-lifecycle")?;
    let from = lifecycle.get("operations")?.get(operation.id)?.get("from")?;
    let state = match &from.data {
        Data::List(items) => items.first()?.as_text()?,
        _ => from.as_text()?,
    };
    let givens = lifecycle.entries_of("givens").filter(|given| given.value.text("state") == Some(state));
    givens
        .min_by_key(|given| given.value.get("with").map_or(0, |with| with.items().len()))
        .map(|given| given.key.clone())
}

/// Whether a response is documented in a state, and has no example.
pub(crate) fn is_in_state(response: &Response<'_>) -> bool {
    let has_example = |media: &Node| media.get("example").is_some() || media.get("examples").is_some();
    response.extension("x-given").is_some()
        && !response.node.entries_of("content").any(|media| has_example(&media.value))
}
