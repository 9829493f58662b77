//! One action of an overlay.

use super::query::Query;
use crate::node::Node;
use crate::source::At;

/// The version of an overlay. The third number changes no meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Version {
    V1_0,
    V1_1,
}

/// What is done where.
pub(super) struct Action {
    pub(super) version: Version,
    pub(super) target: Path,
    pub(super) change: Change,
}

/// A JSONPath and where it stands.
pub(super) struct Path {
    pub(super) text: String,
    pub(super) at: At,
    pub(super) query: Query,
}

pub(super) enum Change {
    Update(Node),
    Copy(Path),
    Remove,
}
