//! Can each crate that is meant to be published be packed, and does what is packed build without this repository?

use std::process::ExitCode;

use serde_json::Value;

use crate::tools::{self, cargo};

pub(crate) fn run() -> Result<ExitCode, String> {
    let text = tools::output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish = false` is an empty list of registries there.
    let own = packages.filter(|package| package["publish"].as_array().is_some_and(Vec::is_empty));
    let own = own.filter_map(|package| package["name"].as_str()).flat_map(|name| ["--exclude", name]);
    // Together, because none of them is at the registry yet that others need: cargo makes one of them for the time being.
    tools::run(cargo().args(["package", "--workspace", "--locked", "--allow-dirty"]).args(own))?;
    Ok(ExitCode::SUCCESS)
}
