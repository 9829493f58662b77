//! A change between two versions of a document, and whom it breaks.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::model::contract::Contract;
use crate::model::suite::Suite;

/// One version of a document: what may be asked and answered, and the documented examples.
#[derive(Clone, Copy, Debug)]
pub struct Promises<'p> {
    /// Every operation, with its constraints.
    pub contract: &'p Contract,
    /// The documented examples and the states.
    pub suite: &'p Suite,
}

/// A promise that is not the same in both versions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Names the promise, in both versions alike: `launch/request.body.crew.maxItems`. A path of names, separated by
    /// dots; `*` stands for every item of a list.
    pub id: String,
    /// The operation; none for a change of the states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The part of a document that the promise belongs to.
    pub part: Part,
    /// What happened to the promise.
    pub kind: Kind,
    /// Whom the change breaks; empty where it breaks nobody.
    pub breaks: Vec<Party>,
    /// The change in words.
    pub message: String,
    /// The old promise, where it is a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new promise, where it is a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// The part of a document that a promise belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// An operation as a whole: its name, its address, its credential.
    Operation,
    /// Parameters and request bodies.
    Request,
    /// Statuses, media types and bodies of replies.
    Response,
    /// A documented example.
    Case,
    /// States and what leads from one to another.
    State,
}

/// What happened to a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// Fewer messages are permitted.
    Tightened,
    /// More messages are permitted.
    Loosened,
    /// Other messages are permitted.
    Changed,
}

/// Whom a change breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// Programs that send requests, and were written for the old version.
    Caller,
    /// Programs that answer, and were written for the old version.
    Server,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Tightened => "tightened",
            Self::Loosened => "loosened",
            Self::Changed => "changed",
        })
    }
}

impl Change {
    /// Whether it breaks callers, servers or both.
    pub fn is_breaking(&self) -> bool {
        !self.breaks.is_empty()
    }
}

/// Which messages a schema is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

/// Whom a change of this kind breaks.
pub(super) fn breaks(direction: Direction, kind: Kind) -> Vec<Party> {
    match (direction, kind) {
        (Direction::Request, Kind::Tightened | Kind::Removed) | (Direction::Response, Kind::Loosened) => {
            vec![Party::Caller]
        }
        (Direction::Request, Kind::Loosened | Kind::Added) | (Direction::Response, Kind::Tightened) => {
            vec![Party::Server]
        }
        (_, Kind::Changed) => vec![Party::Caller, Party::Server],
        // An optional member more or less in a reply.
        (Direction::Response, Kind::Added | Kind::Removed) => Vec::new(),
    }
}
