//! A list of known deviations, on its way into `conform`.

use std::sync::LazyLock;

use conformance_engine::run::Deviations;
use conformance_engine::suite::Suite;

static SUITE: LazyLock<Suite> = LazyLock::new(|| {
    let text = include_str!("../../crates/ges-conformance/src/cases.json");
    Suite::from_json(text).expect("a committed suite is one")
});

/// Refused with reasons, or a list with no case twice.
pub fn deviations(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Deviations::read(text, &SUITE) {
        Ok(list) => assert!(list.len() <= SUITE.cases.len(), "{list:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
