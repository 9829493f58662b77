//! Measures what we publish beside its alternatives.

mod builds;
mod client;
mod client_build;
mod codegen;
mod command;
pub(crate) mod compile;
mod conform;
mod document;
mod emulator;
pub(crate) mod gate;
pub(crate) mod generators;
pub(crate) mod measure;
mod scale;

pub(crate) use command::{Bench, run};
