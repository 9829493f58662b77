//! The states of one kind of resource (`x-lifecycle`), and the operations that lead from one to another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::case::{Credential, Request};

/// The states of one kind of resource (`x-lifecycle`), and the operations that lead from one to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// What the resource is, in one word: `rocket`.
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
    /// How to query the state of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<StatusQuery>,
    /// How to query the status of a job that an operation started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<StatusQuery>,
}

impl Lifecycle {
    /// The state that is reported as `status`.
    pub fn state_of(&self, status: &str) -> Option<&str> {
        let mut states = self.states.iter();
        states.find(|state| state.status.as_deref() == Some(status)).map(|state| state.name.as_str())
    }

    /// The state is not only passed through: an operation begins or ends in it, or none passes through it.
    pub fn rests_in(&self, state: &str) -> bool {
        let mut operations = self.operations.values();
        let rests = operations.any(|it| it.to == state || it.from.iter().any(|from| from == state));
        rests || !self.operations.values().any(|it| it.through.iter().any(|through| through == state))
    }
}

/// One state of the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub name: String,
    /// The status that is reported for it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A `GET` request that reports the status of a resource or a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusQuery {
    /// The paths where it is served, best first, with their variables in braces. The first that answers is used.
    pub paths: Vec<String>,
    /// The credential it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// JSON pointer of the member that holds the status, of a [`State`] or of a job.
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

/// What an operation does to the resource it is called on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The states in which it may be called.
    pub from: Vec<String>,
    /// The states that may be seen on the way, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The state in which it leaves the resource; empty where there is no such resource afterwards.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// What exists afterwards that did not before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds: Vec<String>,
    /// The same request cannot succeed twice on the same resource.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// The documented request without what may be left out and would have to come from another answer, where that is
    /// another request: to get from state to state with the least effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<Request>,
}

impl Transition {
    /// There is no such resource afterwards.
    pub fn removes(&self) -> bool {
        self.to.is_empty()
    }
}

/// What a state that a case asks for (`x-given`) means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenState {
    /// The state of the resource; `None` if there is no such resource.
    pub state: Option<String>,
    /// What the resource must have besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}
