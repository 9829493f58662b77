#![doc = include_str!("../README.md")]

#[rustfmt::skip]
mod generated;
mod given;
mod operation;
pub mod support;

use conformance_engine::contract::{Contract, ContractError};
use conformance_engine::suite::{Suite, SuiteError};

pub use generated::{Given, Operation};

/// The documented exchanges, as JSON.
pub const CASES: &str = include_str!("cases.json");

/// What may be asked and answered at all, as JSON.
pub const CONTRACT: &str = include_str!("contract.json");

/// The documented exchanges.
///
/// # Errors
/// None that a build which passed its tests can return; the text is embedded.
pub fn suite() -> Result<Suite, SuiteError> {
    Suite::from_json(CASES)
}

/// What may be asked and answered at all: for judging traffic that is no case.
///
/// # Errors
/// None that a build which passed its tests can return; the text is embedded.
pub fn contract() -> Result<Contract, ContractError> {
    Contract::from_json(CONTRACT)
}
