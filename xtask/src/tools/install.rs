//! Installs the programs of others below `target/`, at their pinned versions.

use std::fs;
use std::path::{Path, PathBuf};

use super::cargo::cargo;
use super::pinned::{Crate, Packages};
use super::process::{output, tool};
use crate::files;

/// Whether a program from crates.io is built for one run or to be measured.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Build {
    Fast,
    Optimised,
}

/// The path of a program from crates.io, which the first call builds.
pub(crate) fn from_crates_io(package: &Crate, build: Build) -> Result<PathBuf, String> {
    let Crate { name, version, features } = package;
    let root = files::root().join(if build == Build::Fast { "target/tools" } else { "target/tools/optimised" });
    let known = fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
    if !known.contains(&format!("\"{name} {version} (")) {
        eprintln!("building {name} {version} (once)");
        let target = root.join("build");
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", &format!("{name}@{version}"), "--root"]).arg(&root);
        install.env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_DEV_DEBUG", "0");
        if build == Build::Fast {
            install.arg("--debug");
        }
        if !features.is_empty() {
            install.args(["--features", &features.join(",")]);
        }
        output(&mut install)?;
        // Only the program is needed. cargo may have removed the folder itself.
        let _ = fs::remove_dir_all(&target);
    }
    Ok(root.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder with these npm packages, which the first call installs.
pub(crate) fn from_npm(packages: &Packages) -> Result<PathBuf, String> {
    let folder = files::scratch(packages.folder)?;
    let mut npm = tool("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--save-exact", "--prefix", "."]);
    once(&folder, packages, || output(npm.args(packages.packages)).map(drop))?;
    Ok(folder)
}

/// The Python of a virtual environment with these packages, which the first call creates.
pub(crate) fn from_pypi(packages: &Packages) -> Result<PathBuf, String> {
    let folder = files::scratch(packages.folder)?;
    let python = folder.join("bin/python");
    once(&folder, packages, || {
        output(tool("python3").args(["-m", "venv"]).arg(&folder))?;
        output(tool(&python).args(["-m", "pip", "install", "--quiet"]).args(packages.packages)).map(drop)
    })?;
    Ok(python)
}

/// The folder with the source of a package from PyPI, which the first call fetches.
pub(crate) fn source_from_pypi(packages: &Packages) -> Result<PathBuf, String> {
    let folder = files::scratch(packages.folder)?;
    once(&folder, packages, || {
        let mut pip = tool("python3");
        pip.current_dir(&folder).args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]);
        output(pip.args(packages.packages))?;
        for package in packages.packages {
            let archive = format!("{}.tar.gz", package.replace("==", "-"));
            output(tool("tar").current_dir(&folder).args(["--strip-components=1", "-xzf", &archive]))?;
        }
        Ok(())
    })?;
    Ok(folder)
}

/// Installs, unless an earlier installation of exactly these packages was completed.
fn once(folder: &Path, packages: &Packages, install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let (note, wanted) = (folder.join("installed"), packages.packages.join("\n"));
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    files::write(&note, &wanted).map(drop)
}
