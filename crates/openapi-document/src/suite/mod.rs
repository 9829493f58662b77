//! What follows from a document: the cases of a suite, and the contract that traffic is checked against.

mod cases;
mod contract;
mod contradiction;
mod credential;
mod derived;
mod journeys;
mod lifecycle;
mod limits;
mod member_rules;
mod operation;
mod permitted;
mod replies;
mod schemas;
mod setup;
mod states;
mod text;
mod wire;

pub use cases::{cases_of, suite};
pub use contract::contract;
pub use credential::credential;
pub use text::{contract_text, generated_mark, suite_text};
