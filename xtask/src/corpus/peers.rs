//! Runs other generators on the same documents: progenitor by itself, and openapi-to-rust.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::compile::{Compiled, compile_crate};
use crate::bench::measure;
use crate::files;
use crate::tools::{self, Build, pinned, tool};

/// The columns that peers have in the table.
pub(crate) const PEERS: [&str; 2] = ["progenitor", "openapi-to-rust"];

/// The programs, once built.
pub(crate) struct Peers {
    progenitor: PathBuf,
    openapi_to_rust: PathBuf,
}

impl Peers {
    pub(crate) fn install() -> Result<Peers, String> {
        Ok(Peers {
            progenitor: tools::from_crates_io(&pinned::PROGENITOR, Build::Fast)?,
            openapi_to_rust: tools::from_crates_io(&pinned::OPENAPI_TO_RUST, Build::Fast)?,
        })
    }

    /// What each of them makes of the document, in the order of [`PEERS`].
    pub(crate) fn run(&self, document: &Path, folder: &Path, is_compiled: bool) -> Vec<String> {
        let out = folder.join("progenitor");
        let mut progenitor = tool(&self.progenitor);
        progenitor.args(["progenitor", "--interface", "builder", "--name", "client", "--version", "0.0.0", "--input"]);
        progenitor.arg(document).arg("--output").arg(&out).args(["--include-client", "false"]);
        let progenitor = outcome(&mut progenitor, is_compiled, || {
            let manifest = files::read(&out.join("Cargo.toml"))?;
            compile_crate(&out, &manifest, "src/lib.rs")
        });

        let out = folder.join("openapi-to-rust");
        let mut openapi_to_rust = tool(&self.openapi_to_rust);
        openapi_to_rust.arg("generate").arg(document).arg("--output-dir").arg(out.join("src/generated"));
        let openapi_to_rust = outcome(&mut openapi_to_rust, is_compiled, || {
            let dependencies = files::read(&out.join("src/generated/REQUIRED_DEPS.toml"))?;
            let head = "[package]\nname = \"client\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
            files::write(&out.join("src/lib.rs"), "pub mod generated;\n")?;
            compile_crate(&out, &format!("{head}{dependencies}"), "src/lib.rs")
        });
        vec![progenitor, openapi_to_rust]
    }
}

/// A cell of the table.
fn outcome(generate: &mut Command, is_compiled: bool, compile: impl FnOnce() -> Result<Compiled, String>) -> String {
    match measure::cost(generate.stderr(Stdio::null())) {
        Err(_) => "no".to_owned(),
        Ok(_) if !is_compiled => "generates".to_owned(),
        Ok(_) => compile().map_or_else(|_| "generates, not compiled".to_owned(), |compiled| compiled.to_string()),
    }
}
