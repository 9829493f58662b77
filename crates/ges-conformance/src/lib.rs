#![doc = include_str!("../README.md")]

#[rustfmt::skip]
mod generated;
mod given;
mod operation;

use conformance_engine::contract::{Contract, ContractError};
use conformance_engine::suite::{Suite, SuiteError};

pub use generated::{Given, Operation};

/// The documented exchanges, derived cases and journeys, as JSON.
pub const CASES: &str = include_str!("cases.json");

/// The operations of both documents, with their parameters, bodies and replies, as JSON.
pub const CONTRACT: &str = include_str!("contract.json");

/// Reads [`CASES`].
///
/// # Errors
/// None: the tests read the same text.
pub fn suite() -> Result<Suite, SuiteError> {
    Suite::from_json(CASES)
}

/// Reads [`CONTRACT`], for checking traffic that belongs to no case.
///
/// # Errors
/// None: the tests read the same text.
pub fn contract() -> Result<Contract, ContractError> {
    Contract::from_json(CONTRACT)
}
