//! What is found: one way in which a value does not fit.

use std::fmt;

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

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "(whole value)" } else { &self.pointer };
        write!(f, "{pointer}: {} ({})", self.message, self.keyword)
    }
}
