//! Measures what we publish beside its alternatives.

mod client;
mod codegen;
mod command;
mod conform;
mod emulator;
pub(crate) mod gate;
pub(crate) mod measure;
mod scale;

pub(crate) use command::{Bench, run};
