#![doc = include_str!("../README.md")]

mod calls;
mod cases;
mod client;
mod contract;
mod derived;
mod diagnostic;
mod diagram;
mod docs;
mod document;
mod enums;
mod exchanges;
mod gate;
mod generate;
mod items;
mod journeys;
mod lifecycle;
mod merged;
mod mock;
mod node;
mod open_enums;
mod operations;
mod print;
mod recordings;
mod rules;
mod rust_name;
mod shape;
mod stubs;
mod tree;
mod united;
mod yaml;
mod yaml_text;

pub use diagnostic::{At, Diagnostic, Diagnostics};
pub use document::Document;
pub use generate::{Artefact, GeneratedFile, Optional, Part, contract_text, derive, generate, suite_text};
