//! Makes names that stay apart in Rust.

use serde_json::Value;

use super::findings::Findings;

/// Makes names that stay apart in Rust.
pub(super) fn pass(_document: &mut Value, _findings: &mut Findings) {}
