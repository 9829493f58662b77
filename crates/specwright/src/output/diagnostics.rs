//! Prints what is wrong with a document.

use openapi_document::{Diagnostic, Diagnostics};
use serde_json::Value;

use crate::Failure;
use crate::output::console::{json, talk};

/// So many diagnostics are printed as text, unless a flag says otherwise.
pub const LIMIT: usize = 50;

/// Prints the first diagnostics as text on standard error, and how often each rule is violated.
pub fn print(found: &Diagnostics, limit: usize) {
    if !found.0.is_empty() {
        talk(found.summary(limit).trim_end());
    }
}

/// Prints the first errors as text on standard error.
pub fn print_first_errors(found: &Diagnostics, limit: usize) {
    found.errors().take(limit).for_each(talk);
}

/// Prints all diagnostics as a JSON array on standard output.
///
/// # Errors
/// Standard output cannot be written.
pub fn print_json(found: &Diagnostics) -> Result<(), Failure> {
    let list: Value = found.0.iter().map(Diagnostic::to_json).collect();
    json(format_args!("{list:#}"))
}
