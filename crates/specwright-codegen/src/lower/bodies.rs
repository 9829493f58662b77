//! Lowers request bodies to one media type that progenitor can send.

use serde_json::Value;

use super::findings::Findings;

/// Lowers request bodies to one media type that progenitor can send.
pub(super) fn pass(_document: &mut Value, _findings: &mut Findings) {}
