//! Operations that a link leads to: what their requests need comes from the reply that has the link.

use std::collections::{BTreeMap, VecDeque};

use conformance_engine::suite::{Case, Kind, Place};

use crate::document::{Document, Operation, links, variable_names};
use crate::node::Node;

/// For each operation that links lead to, the state that they make, and the operation whose reply has the link.
#[derive(Default)]
pub(crate) struct Linked {
    /// Operation -> state, and the operation before it.
    before: BTreeMap<String, (String, String)>,
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
        linked
    }

    /// Each state that a link makes, and the operation that is called for it.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&str, String)> {
        self.before.values().map(|(state, before)| (state.as_str(), before.clone()))
    }

    /// A link makes this state.
    pub(crate) fn has(&self, state: &str) -> bool {
        self.before.values().any(|(known, _)| known == state)
    }

    /// Gives the state to the cases of one operation that name none: those that succeed, and those that fail for another
    /// reason than that nothing has the identifier.
    pub(crate) fn give(&self, operation: &Operation<'_>, cases: &mut [Case]) {
        let Some((state, _)) = self.before.get(&operation.label()) else { return };
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
            if case.expected.status < 400 || !is_elsewhere {
                case.given = Some(state.clone());
            }
        }
    }
}
