//! What is written to standard output and standard error.

pub(crate) mod graph_status;
pub(crate) mod table;
