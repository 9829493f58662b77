//! Calls that go wrong on purpose.

pub(crate) mod rule;
pub(crate) mod rules;
