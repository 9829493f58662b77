//! Requests with a method that the document does not have for a path.

use std::collections::{HashMap, HashSet};

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
    let looks = Paths::of(looks.filter_map(Node::as_text));
    let paths = Paths::of(operations.iter().map(|operation| operation.path));
    let mut of_operation: HashMap<&str, Vec<&Case>> = HashMap::new();
    for case in cases {
        of_operation.entry(&case.operation).or_default().push(case);
    }
    let mut found = Vec::new();
    let mut done: HashSet<String> = HashSet::new();
    for operation in operations {
        let address = without_names(operation.path);
        let own = of_operation.get(operation.label().as_str()).map(Vec::as_slice).unwrap_or_default();
        let Some(base) = base(own.iter().copied()) else { continue };
        if !done.insert(address) {
            continue;
        }
        // What fits two paths may be answered by either.
        let alike: Vec<_> = paths.alike(operation.path).into_iter().map(|index| &operations[index]).collect();
        let is_looked_at = |method: &str| method == "get" && !looks.alike(operation.path).is_empty();
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

/// Paths by their segments, so that those which an address can fit as well are found without a look at the others.
struct Paths<'p> {
    /// The first is where each path begins.
    steps: Vec<Step<'p>>,
}

#[derive(Default)]
struct Step<'p> {
    literal: HashMap<&'p str, usize>,
    /// A segment with a variable.
    variable: Option<usize>,
    /// The paths that end here, by their positions.
    ends: Vec<usize>,
}

impl<'p> Paths<'p> {
    fn of(paths: impl Iterator<Item = &'p str>) -> Self {
        let mut steps = vec![Step::default()];
        for (index, path) in paths.enumerate() {
            let mut at = 0;
            for segment in path.split('/') {
                let new = steps.len();
                let step = &mut steps[at];
                at = match segment.contains('{') {
                    true => *step.variable.get_or_insert(new),
                    false => *step.literal.entry(segment).or_insert(new),
                };
                if at == new {
                    steps.push(Step::default());
                }
            }
            steps[at].ends.push(index);
        }
        Self { steps }
    }

    /// The positions of the paths that an address can fit beside `path`, in their order.
    fn alike(&self, path: &str) -> Vec<usize> {
        let mut open = vec![0];
        for segment in path.split('/') {
            let next = open.iter().flat_map(|at: &usize| {
                let Step { literal, variable, .. } = &self.steps[*at];
                let is_variable = segment.contains('{');
                let all = literal.values().filter(move |_| is_variable);
                let one = literal.get(segment).filter(move |_| !is_variable);
                all.chain(one).chain(variable).copied()
            });
            open = next.collect();
        }
        let mut found: Vec<usize> = open.into_iter().flat_map(|at| self.steps[at].ends.iter().copied()).collect();
        found.sort_unstable();
        found
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
            for (one, other) in [(one, other), (other, one)] {
                let paths = Paths::of(["/elsewhere", one, "/pumps"].into_iter());
                assert_eq!(paths.alike(other), if expected { vec![1] } else { vec![] }, "{one} {other}");
            }
        }
    }
}
