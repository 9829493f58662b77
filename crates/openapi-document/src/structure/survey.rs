//! What the check of the structure finds along its way, for the rules that come after it.

use crate::node::Node;
use crate::source::At;

/// References, schemas and what else the rules look at: only a walk that knows the structure can tell a `$ref` from
/// example data that has a member of that name.
#[derive(Default)]
pub(crate) struct Survey<'d> {
    /// Every reference.
    pub(crate) references: Vec<Reference<'d>>,
    /// Schemas with a `default` or an `example` of their own.
    pub(crate) schemas: Vec<&'d Node>,
    /// Schemas with a lower limit.
    pub(crate) limited: Vec<&'d Node>,
    /// Regular expressions.
    pub(crate) patterns: Vec<&'d Node>,
    /// Media types, parameters and headers: what has a schema and examples side by side.
    pub(crate) carriers: Vec<&'d Node>,
}

/// A reference to another part of the document.
pub(crate) struct Reference<'d> {
    /// As written.
    pub(crate) text: &'d str,
    /// Where it stands.
    pub(crate) at: At,
    /// The section of `components` in which such an object is kept.
    pub(crate) section: Option<&'static str>,
    /// What the specification has in its place: readers put there what the reference leads to.
    pub(crate) instead_of: Option<&'static str>,
}
