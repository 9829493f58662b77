//! Fault injection.

pub(crate) mod rule;
pub(crate) mod rules;
