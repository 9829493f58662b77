//! `cargo xtask package`: packs each crate that is published, and checks that it compiles from its package.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::files;
use crate::tools::{self, cargo, tool};

pub(crate) fn run() -> Result<ExitCode, String> {
    let text = tools::output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish = false` is an empty list of registries there.
    let (own, published): (Vec<_>, Vec<_>) =
        packages.partition(|package| package["publish"].as_array().is_some_and(Vec::is_empty));
    let name = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();

    let place = files::scratch("package")?;
    fs::remove_dir_all(&place).map_err(|error| format!("error: cannot remove {}: {error}", place.display()))?;
    // All at once, because they depend on each other and none is in the registry yet.
    let mut package = cargo();
    package.args(["package", "--workspace", "--locked", "--allow-dirty", "--no-verify", "--target-dir"]).arg(&place);
    tools::run(package.args(own.into_iter().flat_map(|package| ["--exclude".to_owned(), name(package)])))?;

    // cargo's own check builds every package and all its dependencies. What it finds, a file that was left out or a feature
    // that is not named, is found without machine code as well.
    let (mut members, mut patches) = (String::new(), String::new());
    for package in &published {
        let folder = format!("{}-{}", name(package), package["version"].as_str().unwrap_or_default());
        // All files of a package have one old date, with which a changed one would count as current.
        let mut unpack = tool("tar");
        unpack.args(["--extract", "--gzip", "--touch", "--file"]).arg(place.join(format!("package/{folder}.crate")));
        tools::run(unpack.arg("--directory").arg(place.join("package")))?;
        let _ = write!(members, "\"package/{folder}\", ");
        let _ = writeln!(patches, "{} = {{ path = \"package/{folder}\" }}", name(package));
    }
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}");
    files::write(&place.join("Cargo.toml"), &workspace)?;
    files::write(&place.join("Cargo.lock"), &files::read(&files::root().join("Cargo.lock"))?)?;
    // Also what is only needed on other systems.
    tools::run(cargo().args(["fetch", "--locked"]))?;
    let no_network = has_no_network();
    // One after the other, so that no package profits from a feature that another one asks for.
    for package in &published {
        let mut check = if no_network { without_network(&cargo()) } else { cargo() };
        check.current_dir(&place).args(["check", "--quiet", "--offline", "--package", &name(package)]);
        tools::run(check.env("CARGO_TARGET_DIR", place.join("target")))?;
    }
    println!("{} packages compile as packed", published.len());
    Ok(ExitCode::SUCCESS)
}

/// Whether a command can run where there is no network, so that no build script fetches anything (`docs/build-time.md`).
fn has_no_network() -> bool {
    let can = tools::output(&mut without_network(&tool("true"))).is_ok();
    if !can {
        tools::skip("no network while building", "there are no network namespaces here (unshare)");
    }
    can
}

/// The same command where there is no network.
fn without_network(command: &Command) -> Command {
    let mut alone = tool("unshare");
    alone.args(["--map-root-user", "--net", "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => alone.env(name, value),
            None => alone.env_remove(name),
        };
    }
    alone
}
