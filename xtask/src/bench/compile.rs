//! Compiles a generated client in a crate of its own, and measures it (Linux only).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{fmt, fs};

use crate::files;
use crate::tools::{self, cargo};

/// A crate of a generated client, with every dependency that one may need.
const MANIFEST: &str = r#"[workspace]

[package]
name = "NAME"
version = "0.0.0"
edition = "2024"

[KIND]
path = "PATH"

[dependencies]
chrono = { version = "0.4", default-features = false, features = ["serde", "std"] }
rand = "0.10"
regress = "0.12"
reqwest = { version = "0.13", default-features = false, features = ["json", "query"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
uuid = { version = "1", features = ["serde", "v4"] }
TOKIO
[profile.dev]
debug = false
incremental = false
"#;

/// What compiling a client cost, and what the compiler said.
pub(crate) struct Compiled {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    /// User and system time of the last crate, dependencies built before.
    pub(crate) cpu: Duration,
    pub(crate) peak_mib: u64,
}

impl fmt::Display for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.errors, self.warnings) {
            (0, 0) => f.write_str("yes")?,
            (0, warnings) => write!(f, "{warnings} warnings")?,
            (errors, _) => write!(f, "{errors} errors")?,
        }
        write!(f, ", {:.1} s, {} MiB", self.cpu.as_secs_f64(), self.peak_mib)
    }
}

/// Checks the client that is `client.rs` in `folder`.
pub(crate) fn compile(folder: &Path, name: &str) -> Result<Compiled, String> {
    compile_crate(folder, &manifest(name, "lib", "client.rs"), "client.rs")
}

/// The manifest of a crate of a generated client that is a `lib` or a `bin`, and begins with this file.
pub(crate) fn manifest(name: &str, kind: &str, root: &str) -> String {
    let (table, tokio) = match kind {
        "bin" => ("[[bin]]\nname = \"NAME\"", "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n"),
        _ => ("[lib]", ""),
    };
    let text = MANIFEST.replace("[KIND]", table).replace("PATH", root).replace("TOKIO", tokio);
    text.replace("NAME", name)
}

/// Runs `cargo check` on the crate in `folder` with this manifest; `root` is its first file. Its dependencies are built
/// before, and not counted. What the compiler says is kept in `compiler.txt`.
pub(crate) fn compile_crate(folder: &Path, manifest: &str, root: &str) -> Result<Compiled, String> {
    let target = files::root().join("target/xtask/corpus-target");
    let path = folder.join("Cargo.toml");
    let workspace = if manifest.contains("[workspace]") { "" } else { "\n[workspace]\n" };
    files::write(&path, &format!("{manifest}{workspace}"))?;
    let root = folder.join(root);
    let text = files::read(&root)?;
    files::write(&root, "")?;
    let built = tools::output(&mut check(&path, &target));
    files::write(&root, &text)?;
    built?;

    let mut command = check(&path, &target);
    command.args(["--message-format", "short"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let (said, cpu, peak_kib, _) = measured(command)?;
    files::write(&folder.join("compiler.txt"), &said)?;
    // `client.rs:1:2: warning: …`; the summary at the end has no place.
    let count = |what: &str| said.lines().filter(|line| line.contains(what)).count();
    let errors = count(": error").max(usize::from(said.contains("could not compile")));
    Ok(Compiled { errors, warnings: count(": warning: "), cpu, peak_mib: peak_kib / 1024 })
}

fn check(manifest: &Path, target: &Path) -> Command {
    let mut command = cargo();
    command.args(["check", "--quiet", "--manifest-path"]).arg(manifest).env("CARGO_TARGET_DIR", target);
    command
}

/// Runs a command to its end; its stderr, which has to be piped, the CPU time of it and its children, and the largest of
/// their peaks in KiB. Whether it succeeded is its own status.
pub(super) fn measured(mut command: Command) -> Result<(String, Duration, u64, ExitStatus), String> {
    let mut child = command.spawn().map_err(|error| format!("error: cannot start {command:?}: {error}"))?;
    let mut stderr = child.stderr.take().ok_or("error: no stderr")?;
    let reading = std::thread::spawn(move || {
        let mut said = Vec::new();
        std::io::Read::read_to_end(&mut stderr, &mut said).map(|_| said)
    });
    let id = child.id();
    let mut peak = 0;
    let own = PathBuf::from(format!("/proc/{id}"));
    loop {
        for process in descendants(id) {
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = peak.max(line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0));
        }
        let status = fs::read_to_string(own.join("status")).unwrap_or_default();
        if status.lines().any(|line| line.starts_with("State:") && line.contains('Z')) || status.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let stat = fs::read_to_string(own.join("stat")).unwrap_or_default();
    // After the name in parentheses: the state and 10 more fields, then user and system time of the process and of its
    // children, in hundredths of a second (proc(5)).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    let status = child.wait().map_err(|error| format!("error: {error}"))?;
    let said = reading.join().map_err(|_| "error: the compiler's output could not be read")?;
    let said = said.map_err(|error| format!("error: {error}"))?;
    Ok((String::from_utf8_lossy(&said).into_owned(), Duration::from_millis(ticks * 10), peak, status))
}

/// A process and those it started, and so on.
fn descendants(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let mut next = 0;
    while let Some(process) = found.get(next) {
        // Each thread has the children that it started.
        for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        next += 1;
    }
    found
}
