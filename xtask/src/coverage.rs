//! `cargo xtask coverage`: runs the tests, and lists the lines of the crates that none of them reaches.
//!
//! cargo-llvm-cov counts the executable lines of `crates/*/src`, with the unit tests in them and without generated code. A
//! process that a test starts counts too, unless the test kills it, which leaves it no time to write its profile.

use std::path::Path;
use std::process::ExitCode;

use crate::tools::{self, Build, pinned, tool};

/// Not counted, besides `tests`, `examples` and `benches`, which cargo-llvm-cov leaves out.
const IGNORED: &str = r"/generated\.rs$|/crates/test-support/|/fuzz/";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail if the tests reach less than this percentage of the lines
    #[arg(long, default_value_t = 90.0, value_name = "PERCENT")]
    bar: f64,
    /// Print the report of the last run, without running the tests
    #[arg(long)]
    again: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let llvm_cov = tools::from_crates_io(&pinned::LLVM_COV, Build::Fast)?;
    let mut measure = tool(llvm_cov);
    measure.arg("llvm-cov").args(if arguments.again { &["report"][..] } else { &["--locked", "--workspace"] });
    measure.args(["--ignore-filename-regex", IGNORED, "--show-missing-lines"]);
    measure.args(["--fail-under-lines", &arguments.bar.to_string()]).env("CARGO_PROFILE_DEV_DEBUG", "0");
    if let Some([cov, profdata]) = readers()? {
        measure.env("LLVM_COV", cov).env("LLVM_PROFDATA", profdata);
    }
    tools::run(&mut measure).map(|()| ExitCode::SUCCESS)
}

/// The programs of LLVM that read profiles; `None` where cargo-llvm-cov finds them by itself.
fn readers() -> Result<Option<[String; 2]>, String> {
    let sysroot = tools::output(tool("rustc").args(["--print", "target-libdir"]))?;
    let is_component = Path::new(sysroot.trim()).with_file_name("bin").join("llvm-profdata").exists();
    if is_component || std::env::var_os("LLVM_PROFDATA").is_some() {
        return Ok(None);
    }
    // A profile can be read by the LLVM version that wrote it, which rustc prints.
    let version = tools::output(tool("rustc").arg("-vV"))?;
    let llvm = version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next());
    let llvm = llvm.ok_or("error: `rustc -vV` prints no LLVM version")?;
    let readers = [format!("llvm-cov-{llvm}"), format!("llvm-profdata-{llvm}")];
    if readers.iter().all(|program| tools::is_installed(program)) {
        return Ok(Some(readers));
    }
    Err(format!(
        "error: llvm-cov and llvm-profdata of LLVM {llvm} are not installed\n\
         hint: `rustup component add llvm-tools`, or on Debian `apt install llvm-{llvm}`"
    ))
}
