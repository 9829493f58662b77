//! Runs other generators on the same documents: progenitor by itself, and openapi-to-rust.

use std::path::Path;

use crate::bench::compile::Compiled;
use crate::bench::generators::{Generator, openapi_to_rust, progenitor};
use crate::tools::Build;

/// The columns that peers have in the table.
pub(crate) const PEERS: [&str; 2] = ["progenitor", "openapi-to-rust"];

/// The programs, once built.
pub(crate) struct Peers([Generator; 2]);

impl Peers {
    pub(crate) fn install() -> Result<Peers, String> {
        Ok(Peers([progenitor()?, openapi_to_rust(Build::Fast)?]))
    }

    /// What each of them makes of the document, in the order of [`PEERS`].
    pub(crate) fn run(&self, document: &Path, folder: &Path, is_compiled: bool) -> Vec<String> {
        let outcome = |generator: &Generator| match generator.generate(document, &folder.join(generator.name)) {
            Err(_) => "no".to_owned(),
            Ok(_) if !is_compiled => "generates".to_owned(),
            Ok(made) => {
                made.compile().map_or_else(|_| "generates, not compiled".to_owned(), |it: Compiled| it.to_string())
            }
        };
        self.0.iter().map(outcome).collect()
    }
}
