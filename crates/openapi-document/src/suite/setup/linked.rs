//! Operations that a link leads to, or that are about what a `POST` adds: what their requests need comes from the reply
//! to another.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use conformance_engine::suite::{Case, Kind, Origin, Place};

use super::binding::{segments, shape};
use super::samples::is_sampled;
use crate::document::{Document, Operation, is_json, links, variable_names};
use crate::node::Node;

/// For each operation that a link leads to, or whose item the `POST` of a collection makes, the state that the other
/// operation makes.
#[derive(Default)]
pub(crate) struct Linked {
    /// Operation -> state, and the operation before it.
    before: BTreeMap<String, (String, String)>,
    /// The states that no link makes, but the `POST` of the collection.
    implied: BTreeSet<String>,
    /// All states.
    states: BTreeSet<String>,
}

impl Linked {
    /// The shortest way by links to each operation with variables in its path, from those that no link has to lead to.
    pub(crate) fn of(document: &Document, operations: &[Operation<'_>]) -> Linked {
        let mut linked = Linked::default();
        let all: Vec<Vec<_>> = operations
            .iter()
            .map(|operation| {
                let successes = operation.responses.iter().filter(|response| response.is_success());
                successes.flat_map(|response| links(document, operations, response)).collect()
            })
            .collect();
        let fills = |operation: &Operation<'_>, link: &Node| {
            let mut names = variable_names(operation.path);
            names.any(|name| {
                let taken = link.entries_of("parameters");
                taken.into_iter().any(|entry| entry.key == name || entry.key.strip_prefix("path.") == Some(name))
            })
        };
        let mut seen = vec![true; operations.len()];
        for (from, link) in all.iter().enumerate().flat_map(|(from, links)| links.iter().map(move |link| (from, link)))
        {
            if from != link.target && fills(&operations[link.target], link.node) {
                seen[link.target] = false;
            }
        }
        let mut open: VecDeque<usize> = (0..operations.len()).filter(|at| seen[*at]).collect();
        while let Some(at) = open.pop_front() {
            // What is removed leads nowhere.
            if operations[at].method == "delete" {
                continue;
            }
            for link in &all[at] {
                let target = &operations[link.target];
                if seen[link.target] || !fills(target, link.node) {
                    continue;
                }
                seen[link.target] = true;
                open.push_back(link.target);
                let before = operations[at].label();
                let state = format!("after {before}, whose link {} leads to {}", link.name, target.label());
                linked.before.insert(target.label(), (state, before));
            }
        }
        let adders = adders(operations);
        for operation in operations {
            if let Some(adder) = adder(operation, &adders)
                && !linked.before.contains_key(&operation.label())
            {
                let state = format!("after {}, which adds to {}", adder.label(), adder.path);
                linked.implied.insert(state.clone());
                linked.before.insert(operation.label(), (state, adder.label()));
            }
        }
        linked.states = linked.before.values().map(|(state, _)| state.clone()).collect();
        linked
    }

    /// No link makes this state: the document does not say that it is made so.
    pub(crate) fn is_implied(&self, state: &str) -> bool {
        self.implied.contains(state)
    }

    /// The document itself gives the state of this case: `x-given`, a lifecycle or a link.
    pub(crate) fn is_given(&self, case: &Case) -> bool {
        case.given.as_ref().is_some_and(|given| !self.is_implied(given))
    }

    /// Each of these states, and the operation that is called for it.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&str, String)> {
        self.before.values().map(|(state, before)| (state.as_str(), before.clone()))
    }

    /// This state is one of these.
    pub(crate) fn has(&self, state: &str) -> bool {
        self.states.contains(state)
    }

    /// Gives the state to the cases of one operation that name none: those that succeed, and those that fail for another
    /// reason than that nothing has the identifier.
    pub(crate) fn give(&self, document: &Document, operation: &Operation<'_>, cases: &mut [Case]) {
        let Some((state, _)) = self.before.get(&operation.label()) else { return };
        let implied = self.is_implied(state);
        let path = |case: &Case| -> Vec<String> {
            let parameters = case.request.parameters.iter().filter(|parameter| parameter.place == Place::Path);
            parameters.map(|parameter| parameter.value.clone()).collect()
        };
        let success = cases.iter().find(|case| case.expected.status < 400).map(path);
        for case in cases
            .iter_mut()
            .filter(|case| case.given.is_none() && matches!(case.kind, Kind::Documented | Kind::Described))
        {
            let is_elsewhere = matches!(case.expected.status, 401 | 403 | 404 | 410)
                || success.as_ref().is_some_and(|success| *success != path(case));
            // A failure that the document shows is one in a state of its own, and so is a request with values of its own.
            let parameters = &case.request.parameters;
            let is_open = || parameters.iter().any(|it| it.place == Place::Path && it.origin == Origin::Open);
            let is_sample = || case.expected.status < 400 && is_sampled(document, operation, case);
            if (case.expected.status < 400 || !is_elsewhere) && (!implied || is_open() || is_sample()) {
                case.given = Some(state.clone());
            }
        }
    }
}

/// The `POST` that adds to the collection in which the last variable of an operation's path names an item, and whose reply
/// says what the item is called.
fn adder<'o, 'd>(operation: &Operation<'d>, adders: &HashMap<String, &'o Operation<'d>>) -> Option<&'o Operation<'d>> {
    let path = segments(operation.path);
    let collection = path.iter().rposition(|segment| segment.starts_with('{'))?;
    adders.get(&shape(&path[..collection])).copied()
}

/// The first of each collection, by the [`shape`] of its path.
///
/// Source: RFC 9110, section 15.3.2: 201 says that something was created.
fn adders<'o, 'd>(operations: &'o [Operation<'d>]) -> HashMap<String, &'o Operation<'d>> {
    let mut adders = HashMap::new();
    let names = |other: &Operation<'_>| {
        let created = other.responses.iter().find(|response| response.code() == Some(201));
        created.is_some_and(|response| {
            let mut headers = response.node.entries_of("headers");
            let mut content = response.node.entries_of("content");
            headers.any(|header| header.key.eq_ignore_ascii_case("location"))
                || content.any(|media| is_json(&media.key))
        })
    };
    for other in operations.iter().filter(|other| other.method == "post" && other.constants.is_empty()) {
        let own = segments(other.path);
        if !own.is_empty() && names(other) {
            adders.entry(shape(&own)).or_insert(other);
        }
    }
    adders
}
