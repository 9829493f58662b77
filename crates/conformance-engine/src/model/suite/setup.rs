//! How a state is made by documented calls, and how it is undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a state that cases ask for is made by documented calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The calls, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<SetupStep>,
    /// Case -> what its request takes from the calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, BTreeMap<String, Taken>>,
    /// Case -> why the calls make no state for it, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, String>,
    /// Only a link of the document leads to the case: a value that the user sets is as good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub linked: bool,
    /// No link makes it either, but the `POST` of the collection: where that fails, the document's own value is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implied: bool,
    /// Why the state cannot be made, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One call that leads to a state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupStep {
    /// The case whose request is sent.
    pub case: String,
    /// What its request takes from the calls before it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub takes: BTreeMap<String, Taken>,
    /// The call that removes what this one made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// It changes something that no documented call removes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stays: bool,
}

/// A value of an earlier exchange. The key that it stands under says where it goes: `path.NAME`, `query.NAME`,
/// `header.NAME`, `cookie.NAME`, `body` or `body#/JSON/POINTER`; without a place, wherever something has that name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The position of the call in [`Setup::steps`].
    pub step: usize,
    /// A runtime expression of OpenAPI, `$response.body#/id`, or a text with such expressions in braces.
    pub value: String,
}

/// The call that removes what a step made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The case whose request is sent.
    pub case: String,
    /// What its request takes from the call that made the thing: every variable of its path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub takes: BTreeMap<String, Taken>,
    /// Only what was answered with this status was made; anything else may have been there before.
    pub status: u16,
}

/// Why no call removes what the requests of an operation made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stays {
    /// In words.
    pub reason: String,
    /// Every success makes something, whatever its status; otherwise only 201 does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
}

/// A value that no two requests may have in common (`x-unique`): each request is sent with one of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    /// Where it goes, written as the keys of [`SetupStep::takes`] are.
    pub place: String,
    /// The schema that the value must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

impl Setup {
    /// All that its requests, and those of the cases, take from its calls.
    #[cfg(feature = "run")]
    pub(crate) fn takes(&self) -> impl Iterator<Item = &BTreeMap<String, Taken>> {
        let of_steps =
            self.steps.iter().flat_map(|step| [&step.takes].into_iter().chain(step.undo.as_ref().map(|it| &it.takes)));
        of_steps.chain(self.uses.values())
    }

    /// The cases whose requests are sent: the calls, then what removes what they made, the last call first.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        let undone = self.steps.iter().rev().filter_map(|step| step.undo.as_ref());
        self.steps.iter().map(|step| step.case.as_str()).chain(undone.map(|undo| undo.case.as_str()))
    }
}
