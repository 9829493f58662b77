//! The suite to run: that of GES, or one from a file.

use std::collections::BTreeMap;
use std::path::Path;

use conformance_engine::suite::Suite;
use ges_conformance::Given;
use specwright::Failure;
use specwright::value::file::read;

/// The suite in `cases`, or that of GES.
pub(super) fn suite(cases: Option<&Path>) -> Result<Suite, Failure> {
    match cases {
        None => ges_conformance::suite().map_err(Failure::cannot_start),
        Some(path) => {
            Suite::from_json(&read(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        }
    }
}

/// The values that each state of GES must supply. States of other documents may supply any.
pub(super) fn needed() -> BTreeMap<String, Vec<String>> {
    let names = |given: Given| given.values().iter().map(|name| (*name).to_owned()).collect();
    Given::ALL.into_iter().map(|given| (given.id().to_owned(), names(given))).collect()
}
