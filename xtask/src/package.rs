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
    // All at once, because they depend on each other and none is in the registry yet: cargo makes a temporary registry of
    // them. It caches what it unpacks by path and version, even if the contents have changed, so each run has a new path.
    let place = files::root().join(format!("target/packaged-{}", std::process::id()));
    let mut package = cargo();
    package.args(["package", "--workspace", "--locked", "--allow-dirty", "--target-dir"]).arg(&place).args(own);
    let outcome = tools::run(&mut package);
    // A folder that remains does no harm.
    let _ = std::fs::remove_dir_all(&place);
    outcome.map(|()| ExitCode::SUCCESS)
}
