//! Requests with a method that the document does not have for a path.

use std::collections::{HashMap, HashSet};

use conformance_engine::suite::{Case, Request};
use serde_json::{Map, Value};

use super::deriving::{Answers, Deriving, base, refused};
use crate::document::{Document, Operation, without_names};
use crate::node::Node;
use crate::suite::member_rules::OneKind;
use crate::suite::operation::by_operation;
use crate::suite::setup::Linked;

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
    linked: &Linked,
    components: &Map<String, Value>,
) -> Vec<Case> {
    // The paths that show a state are of another document, or of no operation.
    let lifecycle = document.root().get("x-lifecycle").into_iter();
    let looks =
        lifecycle.flat_map(|it| [it.get("look"), it.get("job")]).flatten().flat_map(|look| look.items_of("paths"));
    let looks = Paths::of(looks.filter_map(Node::as_text).map(|path| (path, ())));
    let paths = Paths::of(operations.iter().map(|operation| (operation.path, operation)));
    let cases = by_operation(cases);
    let mut found = Vec::new();
    let mut done: HashSet<String> = HashSet::new();
    for operation in operations {
        let own = cases.get(operation.label().as_str()).map_or(&[][..], Vec::as_slice);
        let Some(base) = base(own.iter().copied()) else { continue };
        if !done.insert(without_names(operation.path)) {
            continue;
        }
        // What fits two paths may be answered by either.
        let alike = paths.alike(operation.path);
        let is_looked_at = !looks.alike(operation.path).is_empty();
        let is_known = |method: &str| {
            alike.iter().any(|other| {
                let elsewhere = other.item.items_of("x-methods-elsewhere").iter().filter_map(Node::as_text);
                other.method == method || elsewhere.into_iter().any(|known| known.eq_ignore_ascii_case(method))
            }) || method == "get" && is_looked_at
        };
        let deriving = Deriving::new(document, operation, &[], base, kinds, linked, components);
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

/// Paths by their steps, so that those which an address can fit together are found without comparing each with each.
struct Paths<'d, T>(Vec<Step<'d, T>>);

/// What ends here, and where the next step leads. All steps with a variable are one, because any text fits them.
struct Step<'d, T> {
    ends: Vec<T>,
    next: HashMap<&'d str, usize>,
}

impl<'d, T: Copy> Paths<'d, T> {
    const VARIABLE: &'static str = "{";

    fn of(paths: impl Iterator<Item = (&'d str, T)>) -> Self {
        let empty = || Step { ends: Vec::new(), next: HashMap::new() };
        let mut steps = vec![empty()];
        for (path, of) in paths {
            let mut at = 0;
            for step in path.split('/') {
                let (key, new) = (Self::key(step), steps.len());
                at = *steps[at].next.entry(key).or_insert(new);
                if at == new {
                    steps.push(empty());
                }
            }
            steps[at].ends.push(of);
        }
        Paths(steps)
    }

    fn key(step: &str) -> &str {
        if step.contains('{') { Self::VARIABLE } else { step }
    }

    /// Those that an address of `path` can fit, too.
    fn alike(&self, path: &str) -> Vec<T> {
        let mut reached = vec![0];
        for step in path.split('/').map(Self::key) {
            let next = reached.iter().map(|at| &self.0[*at].next);
            reached = match step {
                Self::VARIABLE => next.flat_map(HashMap::values).copied().collect(),
                step => next.flat_map(|next| [next.get(step), next.get(Self::VARIABLE)]).flatten().copied().collect(),
            };
        }
        reached.iter().flat_map(|at| &self.0[*at].ends).copied().collect()
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
            assert_eq!(!Paths::of([(one, ())].into_iter()).alike(other).is_empty(), expected, "{one} {other}");
        }
    }
}
