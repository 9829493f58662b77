//! Lowers parameters to those that progenitor can send.

use serde_json::Value;

use super::findings::Findings;

/// Lowers parameters to those that progenitor can send.
pub(super) fn pass(_document: &mut Value, _findings: &mut Findings) {}
