//! Requests with a method that the document does not have for a path.

use conformance_engine::suite::{Case, Request};
use serde_json::{Map, Value};

use super::deriving::{Answers, Deriving, base, refused};
use crate::document::{Document, Operation, without_names};
use crate::node::Node;
use crate::suite::member_rules::OneKind;

/// The methods that ask for something. `HEAD`, `OPTIONS` and `TRACE` are answered by servers on their own.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One case for each path and method that is not documented; `cases` are those of all operations.
///
/// A path item may name methods that another document has (`x-methods-elsewhere`), and `x-lifecycle` has paths of `GET`.
pub(crate) fn methods(
    document: &Document,
    operations: &[Operation<'_>],
    cases: &[Case],
    kinds: &OneKind<'_>,
    components: &Map<String, Value>,
) -> Vec<Case> {
    // The paths that show a state are of another document, or of no operation.
    let lifecycle = document.root().get("x-lifecycle").into_iter();
    let looks =
        lifecycle.flat_map(|it| [it.get("look"), it.get("job")]).flatten().flat_map(|look| look.items_of("paths"));
    let looks: Vec<&str> = looks.filter_map(Node::as_text).collect();
    let mut found = Vec::new();
    let mut done: Vec<String> = Vec::new();
    for operation in operations {
        let address = without_names(operation.path);
        let Some(base) = base(cases.iter().filter(|case| case.operation == operation.label())) else { continue };
        if done.contains(&address) {
            continue;
        }
        done.push(address);
        // What fits two paths may be answered by either.
        let alike: Vec<_> = operations.iter().filter(|other| may_be_one(other.path, operation.path)).collect();
        let is_looked_at = |method: &str| method == "get" && looks.iter().any(|path| may_be_one(path, operation.path));
        let is_known = |method: &str| {
            alike.iter().any(|other| {
                let elsewhere = other.item.items_of("x-methods-elsewhere").iter().filter_map(Node::as_text);
                other.method == method || elsewhere.into_iter().any(|known| known.eq_ignore_ascii_case(method))
            }) || is_looked_at(method)
        };
        let deriving = Deriving::new(document, operation, &[], base, kinds, components);
        // Where a server has it after all, a thing is gone: only where a state is set up for the case.
        let is_harmless = |method: &str| method != "delete" || base.given.is_some();
        for method in METHODS.into_iter().filter(|method| !is_known(method) && is_harmless(method)) {
            let mut request = Request { method: method.to_uppercase(), ..base.request.clone() };
            if matches!(method, "get" | "delete") {
                request.body = None;
            }
            // Source: RFC 9110, sections 15.5.5 and 15.5.6.
            let answers = Answers { or: vec![404], any: true, ..Answers::of(405) };
            let breaks = format!("the method {} is not documented for this path", request.method);
            let documented = operation.responses.iter().find(|response| response.code() == Some(405));
            let body = documented.map_or_else(|| deriving.guess(), |response| deriving.refusal(405, response));
            let section = format!("the methods of {}", operation.path);
            found.push(refused(base, &format!("method.{method}"), breaks, request, section, answers, body));
        }
    }
    found
}

/// Whether an address can fit both paths.
fn may_be_one(one: &str, other: &str) -> bool {
    // Each path is compared with each other one, so nothing is collected.
    let (mut one, mut other) = (one.split('/'), other.split('/'));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || one.contains('{') || other.contains('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_an_address_can_fit_both() {
        for (one, other, expected) in [
            ("/pumps/{id}", "/pumps/mine", true),
            ("/pumps/{id}", "/pumps/{name}", true),
            ("/pumps/{id}", "/valves/{id}", false),
            ("/pumps/{id}", "/pumps/{id}/parts", false),
            ("/pumps/{id}.json", "/pumps/all", true),
        ] {
            assert_eq!(may_be_one(one, other), expected, "{one} {other}");
        }
    }
}
