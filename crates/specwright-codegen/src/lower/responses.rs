//! Lowers responses to one type of success and one of error.

use serde_json::Value;

use super::findings::Findings;

/// Lowers responses to one type of success and one of error.
pub(super) fn pass(_document: &mut Value, _findings: &mut Findings) {}
