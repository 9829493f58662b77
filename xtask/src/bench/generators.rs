//! Generators of Rust clients, ours and others', and the crates that they make.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::compile::{Compiled, compile_crate};
use super::measure::{self, Cost};
use crate::files;
use crate::tools::{self, Build, pinned, tool};

/// A generator, once it is built.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// The command that reads a document and writes into a folder.
    command: Box<Generate>,
    /// Makes a crate of what is in the folder: its manifest and its first file.
    finish: fn(&Path) -> Result<(String, &'static str), String>,
}

type Generate = dyn Fn(&Path, &Path) -> Command;

/// A crate with a generated client.
pub(crate) struct Made {
    pub(crate) folder: PathBuf,
    manifest: String,
    root: &'static str,
    /// What generating cost.
    pub(crate) cost: Cost,
}

impl Generator {
    pub(crate) fn command(&self, document: &Path, folder: &Path) -> Command {
        (self.command)(document, folder)
    }

    pub(crate) fn generate(&self, document: &Path, folder: &Path) -> Result<Made, String> {
        let cost = measure::cost(self.command(document, folder).stderr(Stdio::null()))?;
        let (manifest, root) = (self.finish)(folder)?;
        Ok(Made { folder: folder.to_owned(), manifest, root, cost })
    }
}

impl Made {
    /// Checks the crate, dependencies built before.
    pub(crate) fn compile(&self) -> Result<Compiled, String> {
        compile_crate(&self.folder, &self.manifest, self.root)
    }

    /// Lines of the client.
    pub(crate) fn lines(&self) -> usize {
        fn of(path: &Path) -> usize {
            let inside = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| of(&entry.path()));
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            inside.sum::<usize>() + if is_rust { files::read(path).map_or(0, |text| text.lines().count()) } else { 0 }
        }
        of(&self.folder.join("src"))
    }
}

/// Ours, built with the profile `dist`.
pub(crate) fn specwright() -> Result<Generator, String> {
    tools::run(tools::cargo().args(["build", "--profile=dist", "--package=specwright"]))?;
    let program = files::root().join("target/dist/specwright");
    let command = move |document: &Path, out: &Path| {
        let mut command = tool(&program);
        command.arg("generate").arg(document).arg("--out").arg(out);
        command
    };
    let finish = |out: &Path| Ok((files::read(&out.join("Cargo.toml"))?, "src/lib.rs"));
    Ok(Generator { name: "specwright", command: Box::new(command), finish })
}

pub(crate) fn progenitor() -> Result<Generator, String> {
    let program = tools::from_crates_io(&pinned::PROGENITOR, Build::Fast)?;
    let command = move |document: &Path, out: &Path| {
        let mut command = tool(&program);
        command.args(["progenitor", "--interface", "builder", "--name", "client", "--version", "0.0.0", "--input"]);
        command.arg(document).arg("--output").arg(out).args(["--include-client", "false"]);
        command
    };
    let finish = |out: &Path| Ok((files::read(&out.join("Cargo.toml"))?, "src/lib.rs"));
    Ok(Generator { name: "progenitor", command: Box::new(command), finish })
}

pub(crate) fn openapi_to_rust(build: Build) -> Result<Generator, String> {
    let program = tools::from_crates_io(&pinned::OPENAPI_TO_RUST, build)?;
    let command = move |document: &Path, out: &Path| {
        let mut command = tool(&program);
        command.arg("generate").arg(document).arg("--output-dir").arg(out.join("src/generated"));
        command
    };
    let finish = |out: &Path| {
        let dependencies = files::read(&out.join("src/generated/REQUIRED_DEPS.toml"))?;
        let head = "[package]\nname = \"client\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
        files::write(&out.join("src/lib.rs"), "pub mod generated;\n")?;
        Ok((format!("{head}{dependencies}"), "src/lib.rs"))
    };
    Ok(Generator { name: "openapi-to-rust", command: Box::new(command), finish })
}
