//! `cargo xtask supply-chain`: checks our dependencies: used, licensed, from crates.io, in one version, and without a
//! known vulnerability. `deny.toml` says what is allowed.

use std::process::ExitCode;

use crate::tools::{self, Build, pinned, tool};

/// What is built from this repository for others, and what builds it. The fuzzers are neither.
const WORKSPACES: [&str; 2] = ["Cargo.toml", "xtask/Cargo.toml"];

pub(crate) fn run() -> Result<ExitCode, String> {
    let machete = tools::from_crates_io(&pinned::MACHETE, Build::Fast)?;
    tools::run(tool(machete).arg("."))?;

    let deny = tools::from_crates_io(&pinned::DENY, Build::Fast)?;
    let check = |workspace: &str, what: &[&str]| {
        let mut check = tool(&deny);
        check.args(["--config=deny.toml", "--manifest-path", workspace, "check", "--hide-inclusion-graph"]);
        // What may be there twice is there twice in one of the two.
        check.args(["--allow=unmatched-skip"]).args(what);
        tools::run(&mut check)
    };
    for workspace in WORKSPACES {
        check(workspace, &["licenses", "bans", "sources"])?;
    }
    // The database of known weaknesses is on GitHub, which not every machine can reach.
    match tools::output(tool(&deny).args(["--config=deny.toml", "fetch", "db"])) {
        Ok(_) => WORKSPACES.iter().try_for_each(|workspace| check(workspace, &["--disable-fetch", "advisories"]))?,
        Err(message) => {
            let reason = message.lines().find(|line| line.contains("fatal: ")).unwrap_or(&message);
            println!("NOT CHECKED: known weaknesses (RustSec). The database cannot be fetched: {reason}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
