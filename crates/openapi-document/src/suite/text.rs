//! A suite and a contract as the text of a file.

use conformance_engine::contract::Contract;
use conformance_engine::suite::Suite;

/// A suite as the text of a file, for a reader that has no document: [`conformance_engine::suite`].
pub fn suite_text(suite: Suite, name: &str) -> String {
    json_text(&Suite { generated: generated(name), ..suite })
}

/// A contract as the text of a file, for a reader that has no document: [`conformance_engine::contract`].
pub fn contract_text(contract: Contract, name: &str) -> String {
    json_text(&Contract { generated: generated(name), ..contract })
}

/// The mark of a generated file, in a format that has no comments.
fn generated(name: &str) -> String {
    format!("by `cargo xtask codegen` from {name}. Do not edit.")
}

fn json_text(value: &impl serde::Serialize) -> String {
    // Maps, lists and strings: writing them to memory cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
