//! Checks our documents and the emulator with programs that others wrote.

mod browser;
mod check;
mod command;
mod documents;
mod exports;
mod fixtures;
mod generated;
mod json_schema;
mod locust;
mod prism;
mod recipes;
mod reports;
mod schemathesis;
mod sdk;
mod secrets;

pub(crate) use command::{Arguments, run};
