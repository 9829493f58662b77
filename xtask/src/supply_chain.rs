//! `cargo xtask supply-chain`: checks our dependencies: used, licensed, from crates.io, in one version, without a
//! known vulnerability, and named in `NOTICE.md` where their licence wants it. `deny.toml` says what is allowed.

use std::process::ExitCode;

use crate::licences;
use crate::tools::{self, Build, pinned, tool};

/// The workspaces of published crates and of this program. The fuzz targets are neither published nor used to build.
const WORKSPACES: [&str; 2] = ["Cargo.toml", "xtask/Cargo.toml"];

pub(crate) fn run() -> Result<ExitCode, String> {
    let problems = licences::problems()?;
    if !problems.is_empty() {
        return Err(format!("error: licences\n  {}", problems.join("\n  ")));
    }
    let machete = tools::from_crates_io(&pinned::MACHETE, Build::Fast)?;
    tools::run(tool(machete).arg("."))?;

    let deny = tools::from_crates_io(&pinned::DENY, Build::Fast)?;
    let check = |workspace: &str, what: &[&str]| {
        let mut check = tool(&deny);
        check.args(["--config=deny.toml", "--manifest-path", workspace, "check", "--hide-inclusion-graph"]);
        // A skip may match in only one of the two workspaces.
        check.args(["--allow=unmatched-skip"]).args(what);
        tools::run(&mut check)
    };
    for workspace in WORKSPACES {
        check(workspace, &["licenses", "bans", "sources"])?;
    }
    // The advisory database is on GitHub, which not every machine can reach.
    match tools::output(tool(&deny).args(["--config=deny.toml", "fetch", "db"])) {
        Ok(_) => WORKSPACES.iter().try_for_each(|workspace| check(workspace, &["--disable-fetch", "advisories"]))?,
        Err(message) => {
            let reason = message.lines().find(|line| line.contains("fatal: ")).unwrap_or(&message);
            println!("NOT CHECKED: known vulnerabilities (RustSec); cannot fetch the database: {reason}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
