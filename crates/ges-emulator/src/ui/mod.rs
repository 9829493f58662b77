//! Pages for browsers.

pub(crate) mod docs;
pub(crate) mod page;
