//! The states of one kind of resource (`x-lifecycle`), and the operations that lead from one to another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::case::{Credential, Request};

/// The states of one kind of thing (`x-lifecycle`), and what leads from one to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// What the thing is, in one word: `rocket`.
    pub resource: String,
    /// The path parameter that names it: `rocket_id`.
    pub identifier: String,
    /// The states, in the order of the document.
    pub states: Vec<State>,
    /// `operationId` -> what the operation does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operations: BTreeMap<String, Transition>,
    /// `x-given` -> what it means.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub givens: BTreeMap<String, GivenState>,
    /// How to see the state of the thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// How to see how far a job is that an operation started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Look>,
}

impl Lifecycle {
    /// The state that a look reports as `status`.
    pub fn state_of(&self, status: &str) -> Option<&str> {
        let mut states = self.states.iter();
        states.find(|state| state.status.as_deref() == Some(status)).map(|state| state.name.as_str())
    }
}

/// One state of the thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub name: String,
    /// How a look at the thing reports it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Where it can be seen, by a `GET`, how far something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The paths where it is served, best first, with their variables in braces. The first that answers is used.
    pub paths: Vec<String>,
    /// The credential that a look needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// JSON pointer of the member that says how far it is: the status of a [`State`], or of a job.
    pub status: String,
    /// For a job: the variable of the paths that names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub identifier: String,
    /// For a job: the members of an answer that may name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<String>,
    /// For a job: the statuses of one that has succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub succeeded: Vec<String>,
    /// For a job: the statuses of one that has failed. With any other it is under way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
}

/// What an operation does to the thing it is called on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The states in which it may be called.
    pub from: Vec<String>,
    /// The states that may be seen on the way, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The state in which it leaves the thing.
    pub to: String,
    /// What exists afterwards that did not before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds: Vec<String>,
    /// The same request cannot succeed twice on the same thing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// The documented request without what may be left out and would have to come from another answer, where that is
    /// another request: to get from state to state with the least effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<Request>,
}

/// What a state that a case asks for (`x-given`) means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenState {
    /// The state of the thing; `None`: there is no such thing.
    pub state: Option<String>,
    /// What the thing must have besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}
