//! `cargo xtask package`: packs each crate that is published, and builds it from its package.

use std::process::ExitCode;

use serde_json::Value;

use crate::files;
use crate::tools::{self, cargo};

pub(crate) fn run() -> Result<ExitCode, String> {
    let text = tools::output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish = false` is an empty list of registries there.
    let own = packages.filter(|package| package["publish"].as_array().is_some_and(Vec::is_empty));
    let own = own.filter_map(|package| package["name"].as_str()).flat_map(|name| ["--exclude", name]);
    // Together, because none of them is at the registry yet that others need: cargo makes one of them for the time being.
    // What it unpacked from that one it keeps by its place and by version, and takes for good the next time, changed or
    // not. So each time the place is a new one.
    let place = files::root().join(format!("target/packaged-{}", std::process::id()));
    let mut package = cargo();
    package.args(["package", "--workspace", "--locked", "--allow-dirty", "--target-dir"]).arg(&place).args(own);
    let outcome = tools::run(&mut package);
    // Nothing in it is of use to anybody; if it stays, it is in the way of nobody either.
    let _ = std::fs::remove_dir_all(&place);
    outcome.map(|()| ExitCode::SUCCESS)
}
