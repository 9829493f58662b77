//! Everything that CI runs, in the order of how soon a mistake shows.

use std::process::ExitCode;
use std::time::Instant;

use crate::tools::{self, cargo};

const FUZZ: &str = "--manifest-path=fuzz/Cargo.toml";
const XTASK: &str = "--manifest-path=xtask/Cargo.toml";

pub(crate) fn run() -> Result<ExitCode, String> {
    step("fmt", || {
        tools::run(cargo().args(["fmt", "--all", "--check"]))?;
        tools::run(cargo().args(["fmt", XTASK, "--check"]))?;
        tools::run(cargo().args(["fmt", FUZZ, "--check"]))
    })?;
    step("tidy", || succeed(crate::tidy::run()?, "tidy"))?;
    step("codegen --check", || succeed(crate::codegen::check()?, "codegen --check"))?;
    step("clippy", || {
        tools::run(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        // What people build: each crate with its own features, and the engine without its runner.
        tools::run(cargo().args([
            "clippy",
            "--locked",
            "-p",
            "conformance-engine",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ]))?;
        tools::run(cargo().args([
            "clippy",
            "--locked",
            "-p",
            "ges-client",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ]))?;
        tools::run(cargo().args(["clippy", "--locked", XTASK, "--all-targets", "--", "-D", "warnings"]))
    })?;
    step("test", || tools::run(cargo().args(["test", "--locked", "--workspace"])))?;
    step("conform", || {
        tools::run(cargo().args(["run", "--locked", "--quiet", "--package", "ges-cli", "--", "conform"]))
    })?;
    step("docs", || succeed(crate::docs::run()?, "docs"))?;
    step("package", || succeed(crate::package::run()?, "package"))?;
    step("supply-chain", || succeed(crate::supply_chain::run()?, "supply-chain"))?;
    step("bench gate", || succeed(crate::bench::gate::run(&Default::default())?, "bench gate"))?;
    step("interop", || succeed(crate::interop::run(&Default::default())?, "interop"))?;
    step("clean tree", || {
        let changed = tools::output(tools::tool("git").args(["status", "--porcelain"]))?;
        if changed.is_empty() { Ok(()) } else { Err(format!("error: the run left changes behind\n{changed}")) }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn step(name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("── {name}");
    let start = Instant::now();
    work()?;
    println!("── {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn succeed(code: ExitCode, name: &str) -> Result<(), String> {
    if code == ExitCode::SUCCESS { Ok(()) } else { Err(format!("error: {name} failed")) }
}
