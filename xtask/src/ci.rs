//! `cargo xtask ci`: runs everything that CI runs, the tests first.

use std::process::ExitCode;
use std::time::Instant;

use crate::tools::{self, cargo};
use crate::{bench, codegen, corpus, docs, files, interop, package, supply_chain, tidy, walk};

/// What clippy checks: everything, then what users build with fewer features, then this program.
const CLIPPY: [&[&str]; 4] = [
    &["--workspace", "--all-targets"],
    &["-p", "conformance-engine", "--no-default-features"],
    &["-p", "ges-client", "--no-default-features"],
    &["--manifest-path=xtask/Cargo.toml", "--all-targets"],
];

pub(crate) fn run() -> Result<ExitCode, String> {
    step("test", || {
        tools::run(cargo().args(["test", "--locked", "--workspace"]))?;
        tools::run(cargo().args(["test", "--locked", "--manifest-path=xtask/Cargo.toml"]))?;
        Ok(ExitCode::SUCCESS)
    })?;
    step("fmt", || {
        for workspace in [&["--all"][..], &["--manifest-path=xtask/Cargo.toml"], &["--manifest-path=fuzz/Cargo.toml"]] {
            tools::run(cargo().args(["fmt", "--check"]).args(workspace))?;
        }
        Ok(ExitCode::SUCCESS)
    })?;
    step("tidy", tidy::run)?;
    step("codegen --check", codegen::check)?;
    step("clippy", || {
        for what in CLIPPY {
            tools::run(cargo().args(["clippy", "--locked"]).args(what).args(["--", "-D", "warnings"]))?;
        }
        Ok(ExitCode::SUCCESS)
    })?;
    step("conform", || {
        tools::run(cargo().args(["run", "--locked", "--package", "ges-cli", "--", "conform"]))?;
        Ok(ExitCode::SUCCESS)
    })?;
    // Before the walk, which replaces this program on the disk: each document is read by a process of its own.
    step("corpus", || {
        let folder = files::root().join("../shared/corpus");
        if folder.exists() {
            return corpus::run(&corpus::Arguments::of(folder));
        }
        tools::skip("corpus", "no folder of real documents beside the repository");
        Ok(ExitCode::SUCCESS)
    })?;
    step("walk", || walk::run(&Default::default()))?;
    step("docs", docs::run)?;
    step("package", package::run)?;
    step("supply-chain", supply_chain::run)?;
    step("bench gate", || bench::gate::run(&Default::default()))?;
    step("interop", || interop::run(&Default::default()))?;
    step("clean tree", || {
        let changed = tools::output(tools::tool("git").args(["status", "--porcelain"]))?;
        if changed.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(format!("error: CI changed files\n{changed}")) }
    })?;
    let skipped = tools::skipped();
    println!("── all steps passed, {} checks skipped", skipped.len());
    skipped.iter().for_each(|check| println!("──   skipped: {check}"));
    Ok(ExitCode::SUCCESS)
}

/// Runs a step, and prints how long it took.
fn step(name: &str, work: impl FnOnce() -> Result<ExitCode, String>) -> Result<(), String> {
    println!("── {name}");
    let start = Instant::now();
    if work()? != ExitCode::SUCCESS {
        return Err(format!("error: {name} failed"));
    }
    println!("── {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
