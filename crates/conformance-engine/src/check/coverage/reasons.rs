//! Why something was not exercised in a run.

use std::collections::{HashMap, HashSet};

use crate::model::contract::Contract;
use crate::model::coverage::{Coverage, Kind};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::Suite;

/// What the suite says of that, before anything is sent.
#[derive(Default)]
pub(super) struct Reasons<'c> {
    /// The statuses that a case expects, as the contract writes them.
    expected: HashSet<(&'c str, &'c str)>,
    /// Those that a case accepts beside the one that it expects.
    accepted: HashSet<(&'c str, &'c str)>,
    operations: HashSet<&'c str>,
    /// Operation -> why it, or an example of it, has no case.
    left_out: HashMap<&'c str, &'c str>,
}

impl<'c> Reasons<'c> {
    pub(super) fn new(contract: &'c Contract, suite: &'c Suite) -> Self {
        let by_id: HashMap<&str, _> = contract.operations.iter().map(|it| (it.id.as_str(), it)).collect();
        let mut reasons = Self::default();
        for case in &suite.cases {
            let Some(operation) = by_id.get(case.operation.as_str()) else { continue };
            reasons.operations.insert(&operation.id);
            let named = |status: &u16| operation.named_response(*status).map(|(name, _)| (operation.id.as_str(), name));
            reasons.expected.extend(named(&case.expected.status));
            reasons.accepted.extend(case.expected.or.iter().filter_map(named));
        }
        for left in &suite.left_out {
            reasons.left_out.entry(&left.operation).or_insert(&left.reason);
        }
        reasons
    }

    pub(super) fn of_operation(&self, operation: &str) -> Option<String> {
        (!self.operations.contains(operation)).then(|| match self.left_out.get(operation) {
            Some(reason) => format!("it has no case: {reason}"),
            None => "it has no case".to_owned(),
        })
    }

    pub(super) fn of_status(&self, operation: &str, status: &str) -> Option<String> {
        let reason = match (operation, status) {
            pair if self.expected.contains(&pair) => return None,
            pair if self.accepted.contains(&pair) => "its cases accept another status as well, and got that",
            _ => "no case expects it",
        };
        Some(reason.to_owned())
    }
}

/// Says of what is missing what became of the cases that would have exercised it.
pub(crate) fn explain(coverage: &mut Coverage, entries: &[Entry]) {
    let mut of_operation: HashMap<&str, &Entry> = HashMap::new();
    let mut of_status: HashMap<(&str, String), &Entry> = HashMap::new();
    let mut of_example: HashMap<&str, &Entry> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.outcome != Outcome::Pass) {
        let (Some(operation), Some(expected)) = (&entry.operation, &entry.expected) else { continue };
        of_operation.entry(operation).or_insert(entry);
        of_example.entry(&entry.id).or_insert(entry);
        let statuses = match expected.class {
            true => vec![format!("{}XX", expected.status / 100), "default".to_owned()],
            false => vec![expected.status.to_string()],
        };
        for status in statuses {
            of_status.entry((operation, status)).or_insert(entry);
        }
    }
    for missing in &mut coverage.missing {
        let item = &missing.item;
        let (Some(operation), name) = (&item.operation, item.name.as_deref().unwrap_or_default()) else { continue };
        let entry = match (item.kind, &item.status) {
            (Kind::Operations, _) => of_operation.get(operation.as_str()),
            (Kind::Statuses, Some(status)) => of_status.get(&(operation.as_str(), status.clone())),
            (Kind::Examples, _) => of_example.get(name),
            _ => None,
        };
        let Some(entry) = entry else { continue };
        let why = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        missing.reason = Some(match (item.kind, entry.outcome) {
            (Kind::Examples, outcome) => format!("{}{why}", outcome.name()),
            (_, outcome) => format!("{} is {}{why}", entry.id, outcome.name()),
        });
    }
}
