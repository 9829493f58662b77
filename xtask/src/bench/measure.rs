//! Measures one run of a program: instructions, time and memory, from callgrind and /proc (Linux only).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{files, tools};

/// Arguments of benchmarks that install programs of others.
#[derive(clap::Args, Default)]
pub(crate) struct Ours {
    /// Measure only our own programs, and install nothing
    #[arg(long = "ours-only")]
    pub(crate) only: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time, in steps of 10 ms.
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
}

/// Whether this system has what is read here.
pub(crate) fn supported() -> Result<(), String> {
    if Path::new("/proc/self/stat").exists() {
        return Ok(());
    }
    Err("error: the benchmark reads /proc, which does not exist on this system".to_owned())
}

/// Builds the yardsticks, the programs of `benches/examples`, optimised.
pub(crate) fn build_yardsticks() -> Result<(), String> {
    eprintln!("building the yardsticks, optimised; the first time this takes some minutes");
    tools::run(tools::cargo().args(["build", "--locked", "--profile=dist", "-p", "benches", "--examples"]))
}

/// A program of `benches/examples`.
pub(crate) fn yardstick(name: &str) -> PathBuf {
    files::root().join("target/dist/examples").join(name)
}

/// Runs a command, which must succeed, and measures it. Its stdout is discarded.
pub(crate) fn cost(command: &mut Command) -> Result<Cost, String> {
    cost_with(command.stdout(Stdio::null()))
}

/// Runs a command, which must succeed, and measures it.
pub(crate) fn cost_with(command: &mut Command) -> Result<Cost, String> {
    let start = Instant::now();
    let failed = |error: std::io::Error| format!("error: {error}");
    let mut child = command.spawn().map_err(failed)?;
    let folder = format!("/proc/{}", child.id());
    let mut peak_kib = 0;
    // Polls until the process has ended. Its times stay in /proc until it is reaped.
    loop {
        let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(peak) = field("VmHWM:").and_then(|text| text.split(' ').next()?.parse::<u64>().ok()) {
            peak_kib = peak_kib.max(peak);
        }
        if field("State:").is_none_or(|state| state.starts_with('Z')) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let wall = start.elapsed();
    let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
    // After the name in parentheses: the state, 10 more fields, then user and system time in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let status = child.wait().map_err(failed)?;
    if !status.success() {
        return Err(format!("error: {command:?} ended with {status}"));
    }
    Ok(Cost { wall, cpu: Duration::from_millis(ticks * 10), peak_kib })
}

/// The wall time of a command, which must succeed. It is not polled meanwhile.
pub(crate) fn wall(command: &mut Command) -> Result<Duration, String> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let wall = start.elapsed();
    match status {
        Ok(status) if status.success() => Ok(wall),
        Ok(status) => Err(format!("error: {command:?} ended with {status}")),
        Err(error) => Err(format!("error: cannot start {command:?}: {error}")),
    }
}

/// The same, for a command that may take for ever: it is ended after `limit`, which is an error.
pub(crate) fn wall_within(command: &mut Command, limit: Duration) -> Result<Duration, String> {
    let start = Instant::now();
    let shown = format!("{command:?}");
    let failed = |error: std::io::Error| format!("error: {shown}: {error}");
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("error: cannot start {shown}: {error}"))?;
    loop {
        match child.try_wait().map_err(failed)? {
            Some(status) if status.success() => return Ok(start.elapsed()),
            Some(status) => return Err(format!("error: {shown} ended with {status}")),
            None if start.elapsed() > limit => {
                child.kill().and_then(|()| child.wait()).map_err(failed)?;
                return Err(format!("error: {shown} did not end within {} s", limit.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Instructions of one run in user space, by callgrind; `None` if valgrind is not installed.
pub(crate) fn instructions(command: &Command) -> Option<u64> {
    if !tools::is_installed("valgrind") {
        return None;
    }
    let mut valgrind = tools::tool("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args());
    let output = valgrind.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| line.contains("Collected") || line.contains("refs:"))?;
    let digits: String = line.rsplit(':').next()?.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The median of an odd number of values.
pub(crate) fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> Option<T> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

/// The median, and the smallest and the largest.
pub(crate) fn with_range(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{:.digits$} [{least:.digits$}–{most:.digits$}]", median(values.to_vec()).unwrap_or_default())
}

/// A line about the machine, to stand above the figures.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!("{cores} cores, {}, load average {load}", model.trim_start_matches([' ', '\t', ':']))
}

pub(crate) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
