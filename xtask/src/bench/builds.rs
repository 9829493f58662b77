//! `cargo xtask bench builds`: measures what users compile, each into an empty folder, with everything downloaded before.
//!
//! `ges-client` with its default features stands beside what any client of its kind needs: reqwest with JSON, queries and
//! rustls, and serde. The binaries are installed as `cargo install` does, and `cargo xtask conform` runs in a fresh clone.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use super::compile::measured;
use super::measure::{self, with_range};
use crate::files;
use crate::tools::{self, cargo, tool};

const ROUNDS: usize = 3;

/// What `ges-client` is compared with. TLS is set up as there, with ring.
const YARDSTICK: &str = r#"[workspace]

[package]
name = "yardstick"
version = "0.0.0"
edition = "2024"

[dependencies]
reqwest = { version = "0.13", default-features = false, features = ["json", "query", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
serde = { version = "1", features = ["derive"] }
"#;

pub(crate) fn run() -> Result<ExitCode, String> {
    measure::supported()?;
    let folder = files::scratch("bench-builds")?;
    println!("{}\n", measure::machine());
    clients(&folder)?;

    println!("\n| built once, from nothing | CPU, s | wall, s | aim, s of CPU |");
    println!("|---|---|---|---|");
    let clone = folder.join("clone");
    empty(&clone)?;
    tools::output(tool("git").args(["clone", "--quiet"]).arg(files::root()).arg(&clone))?;
    let mut conform = cargo();
    conform.current_dir(&clone).args(["xtask", "conform"]).env_remove("CARGO_TARGET_DIR");
    once("`cargo xtask conform` in a fresh clone", conform, 150)?;
    for package in ["specwright", "ges-cli"] {
        let target = folder.join("install");
        empty(&target)?;
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "--path", &format!("crates/{package}"), "--root"]);
        install.arg(target.join("root")).arg("--target-dir").arg(target.join("target"));
        once(&format!("`cargo install {package}`"), install, 200)?;
    }
    empty(&folder)?;
    Ok(ExitCode::SUCCESS)
}

/// `ges-client` and the yardstick, in turn.
fn clients(folder: &Path) -> Result<(), String> {
    let yardstick = folder.join("yardstick");
    files::write(&yardstick.join("Cargo.toml"), YARDSTICK)?;
    files::write(&yardstick.join("src/lib.rs"), "")?;
    // The versions of this workspace, so that both build the same.
    let lock = files::read(&files::root().join("Cargo.lock"))?;
    files::write(&yardstick.join("Cargo.lock"), &lock)?;
    let mut times: [Vec<f64>; 2] = Default::default();
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        let mut ours = cargo();
        ours.args(["check", "--locked", "--package=ges-client"]);
        let mut alone = cargo();
        alone.args(["check", "--manifest-path"]).arg(yardstick.join("Cargo.toml"));
        for (command, times) in [alone, ours].into_iter().zip(&mut times) {
            let target = folder.join("target");
            empty(&target)?;
            times.push(cpu(command, &target)?.0.as_secs_f64());
        }
    }
    let [alone, ours] = times;
    let ratios: Vec<f64> = ours.iter().zip(&alone).map(|(ours, alone)| ours / alone).collect();
    println!(
        "| `cargo check` from nothing, {ROUNDS} rounds in turn | CPU, s [min–max] | × the first, same round [min–max] |"
    );
    println!("|---|---|---|");
    println!("| reqwest (json, query, rustls) and serde alone | {} | 1 |", with_range(&alone, 1));
    println!("| ges-client, default features | {} | {} |", with_range(&ours, 1), with_range(&ratios, 2));
    Ok(())
}

fn once(name: &str, command: Command, aim: u32) -> Result<(), String> {
    eprintln!("{name}");
    let (cpu, wall) = finished(command)?;
    println!("| {name} | {:.0} | {:.0} | {aim} |", cpu.as_secs_f64(), wall.as_secs_f64());
    Ok(())
}

/// CPU and wall time of a build into this folder.
fn cpu(mut command: Command, target: &Path) -> Result<(Duration, Duration), String> {
    command.arg("--quiet").env("CARGO_TARGET_DIR", target);
    finished(command)
}

/// CPU and wall time of a command that must succeed.
fn finished(mut command: Command) -> Result<(Duration, Duration), String> {
    let start = Instant::now();
    let shown = format!("{command:?}");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let (said, cpu, _, status) = measured(command)?;
    if status.success() {
        return Ok((cpu, start.elapsed()));
    }
    let why = said.lines().find(|line| line.starts_with("error")).or_else(|| said.lines().last()).unwrap_or_default();
    Err(format!("error: {shown} ended with {status}: {why}"))
}

/// Removes a folder with all that is in it, if it exists.
fn empty(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("error: cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_says_is_not_whether_it_succeeded() {
        let shell = |script: &str| {
            let mut command = tool("sh");
            command.args(["-c", script]);
            finished(command)
        };
        assert!(shell("echo 'error: not one' >&2").is_ok());
        let failed = shell("echo 'no such thing' >&2; exit 3").err().unwrap_or_default();
        assert!(failed.contains("no such thing") && failed.contains('3'), "{failed}");
    }
}
