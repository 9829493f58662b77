//! `cargo xtask supply-chain`: checks our dependencies: used, licensed, from crates.io, in one version, without a
//! known vulnerability, named in `NOTICE.md` where their licence wants it, and read by somebody if they run while we are built.
//! `deny.toml` says what is allowed.

use std::process::ExitCode;

use crate::tools::{self, Build, pinned, tool};
use crate::{build_time, licences};

/// The workspaces of published crates and of this program. The fuzz targets are neither published nor used to build.
const WORKSPACES: [&str; 2] = ["Cargo.toml", "xtask/Cargo.toml"];

pub(crate) fn run() -> Result<ExitCode, String> {
    let problems = licences::problems()?;
    if !problems.is_empty() {
        return Err(format!("error: licences\n  {}", problems.join("\n  ")));
    }
    // What cannot be listed cannot be shipped.
    licences::bill_of_materials()?;
    let (problems, reviewed) = build_time::problems()?;
    if !problems.is_empty() {
        return Err(format!("error: build scripts and procedural macros\n  {}", problems.join("\n  ")));
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
            tools::skip("known vulnerabilities (RustSec)", &format!("cannot fetch the database: {}", reason.trim()));
        }
    }
    let skipped = tools::skipped();
    println!(
        "supply-chain: licences, {reviewed} build scripts and macros, unused, duplicate and foreign dependencies checked; \
         {} skipped{}",
        skipped.len(),
        skipped.iter().map(|check| format!(": {check}")).collect::<String>()
    );
    Ok(ExitCode::SUCCESS)
}
