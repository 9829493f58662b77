//! What is written from the document alone: the merged document, the diagram, YAML.

pub(crate) mod diagram;
pub(crate) mod header;
pub(crate) mod merged_document;
pub(crate) mod yaml;
