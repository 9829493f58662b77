//! A suite and a contract as the text of a file.

use conformance_engine::contract::Contract;
use conformance_engine::suite::Suite;
use conformance_engine::visible::escaped;

/// A suite as the text of a file, for a reader that has no document: [`conformance_engine::suite`].
pub fn suite_text(suite: Suite, name: &str) -> String {
    json_text(&Suite { generated: generated_mark(name), ..suite })
}

/// A contract as the text of a file, for a reader that has no document: [`conformance_engine::contract`].
pub fn contract_text(contract: Contract, name: &str) -> String {
    json_text(&Contract { generated: generated_mark(name), ..contract })
}

/// What a file says, behind `@generated`, that follows from the document called `name`: on one line, whatever the name.
pub fn generated_mark(name: &str) -> String {
    format!("by specwright from {}. Do not edit.", escaped(name))
}

fn json_text(value: &impl serde::Serialize) -> String {
    // Maps, lists and strings: writing them to memory cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
