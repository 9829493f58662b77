#![doc = include_str!("../README.md")]

mod artefact;
mod client;
mod fixtures;
mod generate;
mod input;
mod lower;
mod output;
mod package;
mod report;
mod rust;
mod text;

pub use artefact::{Artefact, GeneratedFile, Methods};
pub use generate::{derive, generate, generate_document, generate_document_lenient, generate_lenient, package};
pub use input::{Feature, Input};
pub use package::crate_name::{check_crate_name, crate_name};
pub use report::{Generated, LeftOut, Rename, Report};
