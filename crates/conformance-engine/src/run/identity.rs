//! Checks that no two answers of a run give the same identifier to two new things.

use std::collections::HashMap;
use std::collections::hash_map;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::check::mismatch::{MAX_MISMATCHES, Mismatch};
use crate::model::exchange::{Reply, Sent};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::{Case, Rule};

/// The identifiers that were answered as new.
#[derive(Debug, Default)]
pub(crate) struct Identities(Mutex<Vec<Identity>>);

/// An identifier that an answer gave to something new.
#[derive(Debug)]
struct Identity {
    pointer: String,
    value: String,
    case: String,
}

/// Whether the path or the body of a request has the identifier.
fn names(sent: Option<&Sent>, identifier: &str) -> bool {
    let Some(sent) = sent else { return false };
    let quoted = format!("\"{identifier}\"");
    let body = sent.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    sent.url.split(['/', '?', '&', '=']).any(|part| part == identifier) || body.contains(&quoted)
}

impl Identities {
    /// What the request itself names is nothing new.
    pub(crate) fn remember(&self, case: &Case, sent: Option<&Sent>, reply: &Reply) {
        let Some(body) = &case.expected.body else { return };
        if !body.rules.values().any(|rule| *rule == Rule::Id) {
            return;
        }
        let Some(value) = reply.json().ok().and_then(|reading| reading.value.as_ref()) else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for pointer in body.rules.iter().filter(|(_, rule)| **rule == Rule::Id).map(|(pointer, _)| pointer) {
            if let Some(text) =
                value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty() && !names(sent, text))
            {
                let (pointer, value) = (pointer.clone(), text.to_owned());
                known.push(Identity { pointer, value, case: case.id.clone() });
            }
        }
    }

    /// The identifiers that both replies to `case` give to something new.
    pub(crate) fn shared(case: &Case, first: &Reply, second: &Reply) -> Vec<Mismatch> {
        let value = |reply: &Reply, pointer: &str| {
            let value = reply.json().ok()?.value.as_ref()?.pointer(pointer)?.as_str()?.to_owned();
            Some(value).filter(|value| !value.is_empty())
        };
        let rules = case.expected.body.iter().flat_map(|body| &body.rules);
        let shared = rules.filter(|(_, rule)| **rule == Rule::Id).filter_map(|(pointer, _)| {
            let found = value(first, pointer)?;
            (value(second, pointer)? == found).then(|| {
                let (pointer, case) = (pointer.clone(), case.id.clone());
                Mismatch::NotNew { pointer, found, before: case.clone(), case }
            })
        });
        shared.collect()
    }

    /// No two answers of the run may give the same identifier to two new things of one kind.
    pub(crate) fn judge(&self, entry: &mut Entry) {
        // `job_id` and `jobId` name the same kind of thing.
        let kind = |identity: &Identity| {
            let name = identity.pointer.rsplit('/').next().unwrap_or_default();
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
        };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first: HashMap<(String, &str), &Identity> = HashMap::new();
        let mut repeated = Vec::new();
        for identity in known.iter() {
            match first.entry((kind(identity), &identity.value)) {
                hash_map::Entry::Vacant(entry) => _ = entry.insert(identity),
                hash_map::Entry::Occupied(entry) => repeated.push(Mismatch::NotNew {
                    pointer: identity.pointer.clone(),
                    found: identity.value.clone(),
                    case: identity.case.clone(),
                    before: entry.get().case.clone(),
                }),
            }
        }
        repeated.truncate(MAX_MISMATCHES);
        if matches!(entry.outcome, Outcome::Pass | Outcome::Fail) && !repeated.is_empty() {
            entry.fail(&repeated);
        }
    }
}
