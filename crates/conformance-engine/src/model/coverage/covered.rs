//! How much of a contract was exercised: counts by kind, and what is missing.
//!
//! What is missing below something that is missing itself is counted there ([`Missing::inside`]) and not listed. So the
//! list is short, and two coverages of one contract can be merged without the contract.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::case::{Place, present};

/// How much of a contract was exercised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The fingerprint of the contract.
    pub contract: String,
    /// The fingerprint of the suite that examples and states are counted of, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// How much of each kind. A kind of which the document has nothing is not there.
    pub counts: BTreeMap<Kind, Count>,
    /// What was not exercised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What cannot be exercised or not be told, and so is not counted; at most [`MOST_EXCLUDED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
    /// How many more are excluded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub excluded_unlisted: usize,
}

/// How many excluded items are listed.
pub const MOST_EXCLUDED: usize = 1000;

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What is counted, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Operations.
    Operations,
    /// Documented statuses, ranges of statuses and `default`, of each operation.
    Statuses,
    /// Parameters in path, query, header and cookie.
    Parameters,
    /// Members of JSON bodies, of requests and of the replies of each status.
    Members,
    /// Values of `enum`, of parameters and of members.
    Values,
    /// Documented headers of replies.
    Headers,
    /// Documented examples.
    Examples,
    /// States of the resource (`x-lifecycle`).
    States,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Operations,
        Self::Statuses,
        Self::Parameters,
        Self::Members,
        Self::Values,
        Self::Headers,
        Self::Examples,
        Self::States,
    ];

    /// One word, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Statuses => "statuses",
            Self::Parameters => "parameters",
            Self::Members => "members",
            Self::Values => "values",
            Self::Headers => "headers",
            Self::Examples => "examples",
            Self::States => "states",
        }
    }
}

/// How much of one kind was exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What was exercised.
    pub covered: usize,
    /// What there is.
    pub total: usize,
}

impl Count {
    /// At least so many of a hundred. Of nothing, everything was exercised.
    pub fn reaches(self, percent: u8) -> bool {
        self.covered.saturating_mul(100) >= self.total.saturating_mul(percent.into())
    }
}

/// One thing that can be exercised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The operation that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The status of the reply that it belongs to, as the document writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Where the parameter goes.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The name of a parameter or header, the JSON pointer of a member (`*` stands for any element or free name), the id
    /// of an example, the name of a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value of an `enum`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Item {
    /// An operation.
    pub(crate) fn operation(id: &str) -> Self {
        let operation = Some(id.to_owned());
        Self { kind: Kind::Operations, operation, status: None, place: None, name: None, value: None }
    }

    /// A status of an operation.
    pub(crate) fn status(operation: &str, status: &str) -> Self {
        Self { kind: Kind::Statuses, status: Some(status.to_owned()), ..Self::operation(operation) }
    }

    /// Something else of the operation or reply that `of` is.
    pub(crate) fn of(of: &Self, kind: Kind, name: &str) -> Self {
        Self { kind, name: Some(name.to_owned()), ..of.clone() }
    }

    /// Something that belongs to no operation.
    pub(crate) fn alone(kind: Kind, name: &str) -> Self {
        Self { kind, operation: None, status: None, place: None, name: Some(name.to_owned()), value: None }
    }
}

/// For people: `create_order: request /note`, `list_orders: query parameter limit`, `list_orders: 200 /items/*/id`.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            f.write_str(operation)?;
            if self.kind != Kind::Operations {
                f.write_str(": ")?;
            }
        }
        let name = self.name.as_deref().unwrap_or_default();
        match (self.kind, self.place, &self.status) {
            (Kind::Operations, ..) => {}
            (Kind::Statuses, _, status) => write!(f, "status {}", status.as_deref().unwrap_or_default())?,
            (Kind::Examples, ..) => write!(f, "example {name}")?,
            (Kind::States, ..) => write!(f, "state {name}")?,
            (Kind::Headers, _, status) => {
                write!(f, "{} header {name}", status.as_deref().unwrap_or_default())?;
            }
            (Kind::Parameters | Kind::Members | Kind::Values, Some(place), _) => {
                let place = match place {
                    Place::Path => "path variable",
                    Place::Query => "query parameter",
                    Place::Header => "request header",
                    Place::Cookie => "cookie",
                };
                write!(f, "{place} {name}")?;
            }
            (_, None, Some(status)) => write!(f, "{status} {}", if name.is_empty() { "body" } else { name })?,
            (_, None, None) => write!(f, "request {}", if name.is_empty() { "body" } else { name })?,
        }
        match &self.value {
            Some(value) => write!(f, " = {value}"),
            None => Ok(()),
        }
    }
}

/// Something that was not exercised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Missing {
    /// What.
    #[serde(flatten)]
    pub item: Item,
    /// Why not, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What belongs to it and is missing with it: how many of each kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inside: BTreeMap<Kind, usize>,
}

/// Something that is not counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Excluded {
    /// What.
    #[serde(flatten)]
    pub item: Item,
    /// Why.
    pub reason: String,
}

impl Coverage {
    /// One more of this kind, exercised or not.
    pub(crate) fn count(&mut self, kind: Kind, is_covered: bool) {
        let count = self.counts.entry(kind).or_default();
        count.total += 1;
        count.covered += usize::from(is_covered);
    }

    /// Names something that is not counted.
    pub(crate) fn exclude(&mut self, item: Item, reason: &str) {
        if self.excluded.len() < MOST_EXCLUDED {
            self.excluded.push(Excluded { item, reason: reason.to_owned() });
        } else {
            self.excluded_unlisted += 1;
        }
    }

    /// Writes what belongs to something that is missing: it is counted, what is excluded is named, and what is missing is
    /// only counted by kind.
    pub(crate) fn write_inside(&mut self, write: impl FnOnce(&mut Self)) -> BTreeMap<Kind, usize> {
        let mut below = Self::default();
        write(&mut below);
        for (kind, count) in &below.counts {
            let own = self.counts.entry(*kind).or_default();
            own.total += count.total;
            own.covered += count.covered;
        }
        for Excluded { item, reason } in below.excluded {
            self.exclude(item, &reason);
        }
        self.excluded_unlisted += below.excluded_unlisted;
        below.counts.into_iter().map(|(kind, count)| (kind, count.total - count.covered)).collect()
    }

    /// How many items are missing, those that are not listed by name included.
    pub fn missing_in_all(&self) -> usize {
        self.counts.values().map(|count| count.total - count.covered.min(count.total)).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(item: Value, expected: &str) {
        let item: Item = serde_json::from_value(item).unwrap();
        assert_eq!(item.to_string(), expected);
        let again = serde_json::to_value(&item).unwrap();
        assert_eq!(serde_json::from_value::<Item>(again).unwrap(), item);
    }

    #[test]
    fn an_item_says_what_it_is() {
        check(json!({"kind": "operations", "operation": "a"}), "a");
        check(json!({"kind": "statuses", "operation": "a", "status": "4XX"}), "a: status 4XX");
        let query = json!({"kind": "parameters", "operation": "a", "in": "query", "name": "limit"});
        check(query, "a: query parameter limit");
        check(json!({"kind": "members", "operation": "a", "name": "/b/*"}), "a: request /b/*");
        check(json!({"kind": "members", "operation": "a", "status": "200", "name": "/b"}), "a: 200 /b");
        let value = json!({"kind": "values", "operation": "a", "status": "200", "name": "/b", "value": null});
        check(value, "a: 200 /b = null");
        check(json!({"kind": "values", "operation": "a", "name": "", "value": "x"}), "a: request body = \"x\"");
        check(
            json!({"kind": "headers", "operation": "a", "status": "201", "name": "location"}),
            "a: 201 header location",
        );
        check(json!({"kind": "examples", "operation": "a", "name": "a/ok"}), "a: example a/ok");
        check(json!({"kind": "states", "name": "shipped"}), "state shipped");
    }
}
