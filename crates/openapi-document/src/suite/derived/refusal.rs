//! Which statuses may refuse a request, and what is documented of the body of a refusal.

use std::collections::BTreeMap;

use conformance_engine::schema::Direction;
use conformance_engine::suite::{ExpectedBody, Rule};
use serde_json::Value;

use super::deriving::{Answers, Deriving, members, required};
use crate::document::{Document, Response, is_json, parts};
use crate::node::Node;
use crate::suite::replies::refusal_body;

/// The statuses that say that a request is wrong, the groups in the order of how clearly they do.
pub(super) const WRONG: &[&[u16]] = &[&[400, 422], &[409]];
/// The same of a value in the path: there may be no such thing.
pub(super) const WRONG_PATH: &[&[u16]] = &[&[400, 422], &[404], &[409]];
/// The same of a media type.
pub(super) const WRONG_MEDIA_TYPE: &[&[u16]] = &[&[415]];
/// The statuses that say that a credential is wrong.
pub(super) const WRONG_CREDENTIAL: &[&[u16]] = &[&[401], &[403]];

impl<'d> Deriving<'d, '_> {
    /// The documented statuses of the first group of `says` that has any, and those of `first`: what a server may look at
    /// first. Nothing if the document has no status for a refusal of this kind.
    ///
    /// `4XX` and `default` stand for every status that is not listed. Where only another status than the usual ones is
    /// documented, the usual one is still no sign that the request was accepted.
    pub(super) fn answers(&self, says: &[&[u16]], first: &[u16]) -> Option<Answers> {
        let documented = |statuses: &[u16]| -> Vec<u16> {
            statuses.iter().copied().filter(|status| self.exact(*status).is_some()).collect()
        };
        let rest = ["4XX", "default"].iter().any(|key| self.operation.responses.iter().any(|it| it.status == *key));
        let (position, group) = match says.iter().position(|group| !documented(group).is_empty()) {
            Some(position) => (position, documented(says[position])),
            None if rest => (0, vec![*says.first()?.first()?]),
            None => return None,
        };
        let status = *group.first()?;
        let mut or: Vec<u16> = Vec::new();
        for other in group.into_iter().skip(1).chain(documented(first)) {
            if other != status && !or.contains(&other) {
                or.push(other);
            }
        }
        Some(Answers { or, any: rest || position > 0, ..Answers::of(status) })
    }

    /// The answers to a request that breaks a constraint. Where nothing says that there is such a thing as the path names,
    /// or where a value is made up, a server may look at that first.
    pub(super) fn answers_to_wrong(&self, says: &[&[u16]], first: &[u16]) -> Option<Answers> {
        let lookup = !self.linked.is_given(self.base) && self.base.request.path.contains('{');
        let made = self.base.expected.or.iter().copied().filter(|status| *status >= 400);
        let all: Vec<u16> = first.iter().copied().chain(lookup.then_some(404)).chain(made).collect();
        let mut answers = self.answers(says, &all)?;
        // What else is wrong with a request, a server says only of a thing that exists.
        if lookup && !first.contains(&404) {
            answers.ambiguous = vec![404, 410];
        }
        Some(answers)
    }

    pub(super) fn exact(&self, status: u16) -> Option<&Response<'d>> {
        self.operation.responses.iter().find(|response| response.code() == Some(status))
    }

    /// What is documented of a status: by itself, by its range, by `default`.
    pub(super) fn response(&self, status: u16) -> Option<&Response<'d>> {
        self.operation.response_to(status)
    }

    /// Of a refusal that the document does not have, only what it cannot say: a value that only a success has.
    pub(super) fn guess(&self) -> Option<ExpectedBody> {
        let mut rules = BTreeMap::new();
        self.kinds.failure_rules(None, &mut rules);
        let media_type = "application/json".to_owned();
        (!rules.is_empty()).then_some(ExpectedBody {
            media_type,
            undocumented: true,
            schema: None,
            example: None,
            rules,
        })
    }

    /// What is documented of the body of a refusal: by its own status, never by another one.
    pub(super) fn refusal(&self, status: u16, response: &Response<'d>) -> Option<ExpectedBody> {
        let mut body = refusal_body(self.document, self.kinds, response)?;
        let media = response.node.entries_of("content").find(|media| is_json(&media.key));
        let Some(media) = media.filter(|_| !body.undocumented) else { return Some(body) };
        // The documented failures of this status show which members there are; their values are their own.
        let alike = self.documented.iter().filter(|case| case.expected.status == status && !case.expected.class);
        let alike = alike.filter_map(|case| case.expected.body.as_ref()).find(|known| known.schema == body.schema);
        let ids = alike.iter().flat_map(|body| &body.rules).filter(|(_, rule)| **rule == Rule::Id);
        body.rules.extend(ids.map(|(at, rule)| (at.clone(), *rule)));
        let named = media.value.entries_of("examples");
        let named = named.filter_map(|example| self.document.resolve(&example.value)?.get("value"));
        let examples = named.chain(media.value.get("example")).map(Node::to_json);
        let examples = examples.filter(|example| {
            let violations = |schema| self.schemas.violations(example, schema, Direction::Reply);
            body.schema.as_ref().is_none_or(|schema| violations(schema).is_empty())
        });
        let mut example = examples.reduce(common);
        if let (Some(node), Some(example)) = (media.value.get("schema"), &mut example) {
            drop_optional(self.document, node, example);
        }
        body.example = example;
        Some(body)
    }
}

/// What two examples of one status have in common: which of them a refusal is like is not known.
fn common(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(mut other)) => {
            let both = one.into_iter().filter_map(|(name, value)| {
                let other = other.shift_remove(&name)?;
                Some((name, common(value, other)))
            });
            Value::Object(both.collect())
        }
        // An element of a reply is like one of these.
        (Value::Array(one), Value::Array(other)) => Value::Array(one.into_iter().chain(other).collect()),
        (one, other) if std::mem::discriminant(&one) == std::mem::discriminant(&other) => one,
        // It is there, and nothing is known of its type.
        _ => Value::Null,
    }
}

/// Removes what another refusal of the same status may lack: members beside those that the schema requires, and what
/// is one of several alternatives.
fn drop_optional(document: &Document, schema: &Node, example: &mut Value) {
    let has_alternatives = |part: &Node| ["oneOf", "anyOf"].iter().any(|name| part.get(name).is_some());
    if parts(document, schema).into_iter().any(has_alternatives) {
        *example = Value::Null;
    }
    let Value::Object(values) = example else { return };
    let required = required(document, schema);
    values.retain(|name, _| required.is_empty() || required.contains(name.as_str()));
    for (name, member) in members(document, schema) {
        if let Some(value) = values.get_mut(name) {
            drop_optional(document, member, value);
        }
    }
}
