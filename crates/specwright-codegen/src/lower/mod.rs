//! The document as progenitor takes it.

mod document;
mod schema;

pub(crate) use document::{IN_QUERY, components, lower, lowered};
pub(crate) use schema::{object, schema_json};
