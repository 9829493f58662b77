//! `cargo xtask soak`: everything together for long. The work is done by `tests/examples/soak`, which calls with `ges-client`.

use std::process::ExitCode;

use crate::files;
use crate::tools::{self, cargo, tool};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long, in minutes
    #[arg(long, value_name = "N", default_value_t = 60.0)]
    pub(crate) minutes: f64,
    /// Seed of what the clients do; when they do it is up to the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    if !cfg!(target_os = "linux") {
        tools::skip("soak", "memory and descriptors of processes are read from /proc, which only Linux has");
        return Ok(ExitCode::SUCCESS);
    }
    tools::run(cargo().args(["build", "--locked", "--package", "ges-cli"]))?;
    tools::run(cargo().args(["build", "--locked", "--package", "tests", "--example", "soak"]))?;
    let built = files::root().join("target/debug");
    let mut soak = tool(built.join("examples/soak"));
    soak.arg(built.join("ges")).arg(arguments.minutes.to_string()).arg(arguments.seed.to_string());
    tools::run(soak.arg(files::root().join("target/soak")))?;
    Ok(ExitCode::SUCCESS)
}
