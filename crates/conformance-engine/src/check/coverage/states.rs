//! The states of a lifecycle in which something was tried.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::contract::Operation;
use crate::model::coverage::{Coverage, Item, Kind, Missing};
use crate::model::exchange::Reply;
use crate::model::lifecycle::Lifecycle;

/// The states of a lifecycle in which something was tried.
pub(super) struct States<'c> {
    lifecycle: &'c Lifecycle,
    seen: BTreeSet<&'c str>,
}

impl<'c> States<'c> {
    pub(super) fn new(lifecycle: &'c Lifecycle) -> Self {
        Self { lifecycle, seen: BTreeSet::new() }
    }

    /// A case was made in this state (`x-given`).
    pub(super) fn see_given(&mut self, given: &str) {
        self.seen.extend(self.state_of(given));
    }

    /// What a right reply shows: the state that an accepted operation needs, or the one that a look-up tells.
    pub(super) fn see(&mut self, operation: &Operation, reply: &Reply) {
        if !(200..300).contains(&reply.status) {
            return;
        }
        if let Some(transition) = self.lifecycle.operations.get(&operation.id) {
            if let [only] = &transition.from[..] {
                self.seen.insert(only);
            }
            return;
        }
        let Some(look) = self.lifecycle.look.as_ref().filter(|look| look.paths.contains(&operation.path)) else {
            return;
        };
        let body = reply.json().ok().and_then(|reading| reading.value.as_ref());
        let status = body.filter(|_| operation.method == "GET").and_then(|body| body.pointer(&look.status));
        self.seen.extend(status.and_then(Value::as_str).and_then(|status| self.lifecycle.state_of(status)));
    }

    /// The state that a case is made in.
    pub(super) fn state_of(&self, given: &str) -> Option<&'c str> {
        self.lifecycle.givens.get(given)?.state.as_deref()
    }

    /// `given` are the states of the cases, if these were sent.
    pub(super) fn write(&self, given: Option<&BTreeSet<&str>>, coverage: &mut Coverage) {
        let transitions = self.lifecycle.operations.values();
        let ends = transitions.clone().flat_map(|transition| transition.from.iter().chain([&transition.to]));
        let givens = self.lifecycle.givens.values().filter_map(|given| given.state.as_ref());
        let known: BTreeSet<&String> = ends.chain(givens).collect();
        for state in &self.lifecycle.states {
            let item = Item::alone(Kind::States, &state.name);
            if !known.contains(&state.name) && !self.seen.contains(state.name.as_str()) {
                let is_passed = transitions.clone().any(|transition| transition.through.contains(&state.name));
                let on_the_way = if is_passed { ", only passes it" } else { "" };
                coverage.exclude(item, &format!("no operation starts or ends in it{on_the_way}"));
                continue;
            }
            let is_seen = self.seen.contains(state.name.as_str());
            coverage.count(Kind::States, is_seen);
            if !is_seen {
                let has_no_case = given.is_some_and(|given| !given.contains(state.name.as_str()));
                let reason = has_no_case.then(|| "no case is made in it".to_owned());
                coverage.missing.push(Missing { item, reason, inside: Default::default() });
            }
        }
    }
}
