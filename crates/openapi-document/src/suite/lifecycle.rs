//! The states of a document's resource (`x-lifecycle`) as data that a conformance runner plans with.

use conformance_engine::lifecycle::{GivenState, Lifecycle, State, StatusQuery, Transition};
use conformance_engine::suite::Credential;

use crate::document::Document;
use crate::node::{Data, Node};

/// Nothing where the document has no lifecycle, or one that does not say what it is about.
pub(crate) fn lifecycle(document: &Document, credential: Option<&Credential>) -> Option<Lifecycle> {
    let node = document.root().get("x-lifecycle")?;
    let states = node
        .entries_of("states")
        .map(|entry| State { name: entry.key.clone(), status: entry.value.text("status").map(str::to_owned) });
    let operations = node.entries_of("operations").filter_map(|entry| {
        let value = &entry.value;
        let from = texts(value.get("from"));
        let to = match (value.get("to").map(|to| &to.data), from.as_slice()) {
            (Some(Data::Null), _) => String::new(),
            (Some(Data::Text(state)), _) => state.clone(),
            // It leaves the state as it is.
            (None, [only]) => only.clone(),
            _ => return None,
        };
        let transition = Transition {
            from,
            through: texts(value.get("through")),
            to,
            adds: texts(value.get("adds")),
            once: value.flag("once").unwrap_or(false),
            plain: None,
        };
        Some((entry.key.clone(), transition))
    });
    let givens = node.entries_of("givens").map(|entry| {
        let state = entry.value.text("state").map(str::to_owned);
        (entry.key.clone(), GivenState { state, with: texts(entry.value.get("with")) })
    });
    let look = |node: &Node| StatusQuery {
        paths: texts(node.get("paths")),
        credential: credential.cloned(),
        status: node.text("status").unwrap_or_default().to_owned(),
        identifier: node.text("identifier").unwrap_or_default().to_owned(),
        answered: texts(node.get("answered")),
        succeeded: texts(node.get("succeeded")),
        failed: texts(node.get("failed")),
    };
    Some(Lifecycle {
        resource: node.text("resource")?.to_owned(),
        identifier: node.text("identifier")?.to_owned(),
        states: states.collect(),
        operations: operations.collect(),
        givens: givens.collect(),
        look: node.get("look").map(look),
        job: node.get("job").map(look),
    })
}

/// One text, or a list of them.
fn texts(node: Option<&Node>) -> Vec<String> {
    match node.map(|node| &node.data) {
        Some(Data::Text(text)) => vec![text.clone()],
        Some(Data::List(items)) => items.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
