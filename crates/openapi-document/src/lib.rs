#![doc = include_str!("../README.md")]

pub mod document;
pub mod node;
mod overlay;
mod rules;
mod source;
mod structure;
mod suite;

pub use document::{Api, Document};
pub use overlay::Overlay;
pub use rules::check;
pub use source::{At, Diagnostic, Diagnostics, Level, RuleCount};
pub use structure::Version;
pub use suite::{cases_of, contract, contract_text, credential, generated_mark, suite, suite_text};
