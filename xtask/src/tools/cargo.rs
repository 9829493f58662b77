//! Starts cargo from within this program.

use std::process::Command;

use super::process::tool;

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
