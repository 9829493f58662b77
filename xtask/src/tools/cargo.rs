//! Starts cargo from within this program.

use std::process::Command;

use super::process::tool;

/// The cargo that runs this program, in the environment of a user's shell.
///
/// `cargo run` sets variables that describe the package `xtask`. Build scripts such as ring's declare that they depend
/// on them, so a cargo that inherits them builds ring, rustls and all that depends on them again.
pub(crate) fn cargo() -> Command {
    let mut cargo = tool(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(describes_the_running_package) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether cargo sets this variable for the programs that it builds and runs. Those that configure cargo, such as
/// `CARGO_HOME` and `CARGO_PROFILE_DEV_DEBUG`, are the user's.
fn describes_the_running_package(name: &str) -> bool {
    const PREFIXES: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CFG_", "CARGO_FEATURE_"];
    const NAMES: [&str; 4] = ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn cargo_inherits_no_variable_that_describes_this_package() {
        let described: Vec<_> = std::env::vars_os()
            .map(|(name, _)| name)
            .filter(|name| name.to_str().is_some_and(describes_the_running_package))
            .collect();
        // `cargo test` sets them for this process too.
        assert!(described.contains(&"CARGO_PKG_NAME".into()), "{described:?}");
        assert!(described.contains(&"CARGO_MANIFEST_DIR".into()), "{described:?}");
        let cargo = cargo();
        let removed: Vec<&OsStr> =
            cargo.get_envs().filter_map(|(name, value)| value.is_none().then_some(name)).collect();
        for name in &described {
            assert!(removed.contains(&name.as_os_str()), "{name:?} is passed on");
        }
    }

    #[test]
    fn what_configures_cargo_is_passed_on() {
        for name in
            ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_PROFILE_DEV_DEBUG", "CARGO_TERM_COLOR", "RUSTFLAGS", "PATH"]
        {
            assert!(!describes_the_running_package(name), "{name}");
        }
    }
}
