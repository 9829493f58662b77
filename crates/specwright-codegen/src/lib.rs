#![doc = include_str!("../README.md")]

mod artefact;
mod client;
mod fixtures;
mod generate;
mod input;
mod lower;
mod output;
mod rust;
mod text;

pub use artefact::{Artefact, GeneratedFile};
pub use generate::{derive, generate};
pub use input::{Feature, Input};
