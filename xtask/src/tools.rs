//! Calls other programs, and says which one failed.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use crate::files;

/// A program, started at the root of the repository.
pub(crate) fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(files::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this xtask, as if a person called it: what it says to programs that it runs makes some build
/// scripts, such as ring's, do everything again.
pub(crate) fn cargo() -> Command {
    let mut cargo = tool(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs a command to its end; anything but success is an error that shows the command.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("error: cannot start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("error: {command:?} ended with {status}")) }
}

/// Runs a command and returns what it printed; its errors are shown if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("error: cannot start {command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("error: {command:?} ended with {}\n{text}{errors}", output.status))
}

/// Whether nobody looks on, so that what cannot be checked is a failure.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Whether a program can be started at all.
pub(crate) fn is_installed(program: &str) -> bool {
    tool(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// The path of a tool, built from crates.io in the first run: `cargo-deny@0.20.2`.
pub(crate) fn installed(package: &str) -> Result<std::path::PathBuf, String> {
    let root = files::root().join("target/tools");
    let (name, version) = package.split_once('@').ok_or("error: a tool has a version")?;
    let known = std::fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
    if !known.contains(&format!("\"{name} {version} (")) {
        eprintln!("building {package}, once");
        let build = root.join("build");
        // Without optimisation: it is built for one run, and most of that is reading files.
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "--debug", package, "--root"]).arg(&root);
        install.env("CARGO_TARGET_DIR", &build).env("CARGO_PROFILE_DEV_DEBUG", "0");
        run(&mut install)?;
        // It may be gone already.
        let _ = std::fs::remove_dir_all(&build);
    }
    Ok(root.join("bin").join(name))
}

/// The folder where npm has installed these packages, in the first run: `puppeteer-core@25.16.0`.
pub(crate) fn npm(name: &str, packages: &[&str]) -> Result<std::path::PathBuf, String> {
    let folder = scratch(name)?;
    let mut npm = tool("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--save-exact", "--prefix", "."]);
    once(&folder, packages, || output(npm.args(packages)).map(drop))?;
    Ok(folder)
}

/// The Python of an environment of its own with these packages, in the first run: `pydantic==2.13.4`.
pub(crate) fn python(name: &str, packages: &[&str]) -> Result<std::path::PathBuf, String> {
    let folder = scratch(name)?;
    let python = folder.join("bin/python");
    once(&folder, packages, || {
        output(tool("python3").args(["-m", "venv"]).arg(&folder))?;
        output(tool(&python).args(["-m", "pip", "install", "--quiet"]).args(packages)).map(drop)
    })?;
    Ok(python)
}

/// Installs unless exactly these packages were installed there to the end.
fn once(
    folder: &std::path::Path,
    packages: &[&str],
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let (note, wanted) = (folder.join("installed"), packages.join("\n"));
    if std::fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    files::write(&note, &wanted).map(drop)
}

/// A folder below `target/`, which nobody commits.
pub(crate) fn scratch(name: &str) -> Result<std::path::PathBuf, String> {
    let folder = files::root().join("target/xtask").join(name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("error: cannot create {}: {error}", folder.display()))?;
    Ok(folder)
}
