//! Hand-written parts of the generated types.

mod graph_status;
mod project_id;
mod required_members;

pub use project_id::parse_project_id;
