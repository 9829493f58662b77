//! The document as progenitor takes it.

mod bodies;
mod compose;
mod document;
mod findings;
mod media;
mod operation_ids;
mod operations;
mod parameters;
mod pipeline;
mod plain;
mod references;
mod responses;
mod rust_names;
mod schemas;
mod shape;

pub(crate) use bodies::BODY;
pub(crate) use document::{CREDENTIALS, IN_QUERY, lower, lower_with_sites, lowered};
pub(crate) use findings::{DIGITS, DOCUMENT, Findings, MARK, Marks, Note};
pub(crate) use operation_ids::with_ids;
pub(crate) use operations::Site;
pub(crate) use parameters::PARAMETER;
pub(crate) use pipeline::{lower_leniently, remove_operation};
pub(crate) use plain::{object, schema_json};
pub(crate) use responses::RESPONSES;
pub(crate) use schemas::size::RULE as SCHEMA_SIZE;
