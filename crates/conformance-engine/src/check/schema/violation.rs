//! What is judged, and what is found: the ways in which a value does not fit, and what was left unjudged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// No more than this many violations of one value are listed.
pub const MAX_VIOLATIONS: usize = 100;

/// One way in which a value does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A JSON pointer into the value; of a missing member, where it should be.
    pub pointer: String,
    /// The keyword that decided, for instance `minLength`; `false` for the schema that nothing fits.
    pub keyword: &'static str,
    /// `expected …, found …`, in words.
    pub message: String,
    /// The schema could not be applied: a reference to nothing, an invalid pattern. Says nothing about the value.
    pub schema_is_broken: bool,
}

/// A value to judge.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'v> {
    pub(crate) value: &'v Value,
    /// Its numbers that are written otherwise than it has them: JSON pointer -> text.
    pub(crate) numbers: &'v BTreeMap<String, String>,
    /// JSON pointers where `null` fits, and beside them in the same array.
    pub(crate) may_be_null: &'v [&'v str],
}

impl<'v> From<&'v Value> for Instance<'v> {
    fn from(value: &'v Value) -> Self {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        Self { value, numbers: &NONE, may_be_null: &[] }
    }
}

/// What there is to say of a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) violations: Vec<Violation>,
    /// What the schemas say and was not judged, in words: a format that is not known.
    pub(crate) unjudged: BTreeSet<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "(whole value)" } else { &self.pointer };
        write!(f, "{pointer}: {} ({})", self.message, self.keyword)
    }
}
