//! What work costs: CPU time for an input and for one of four times its size, and the memory of a whole process.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long this thread has been on a CPU. Other load of the machine counts only where the system does not say so.
fn cpu_time(start: Instant) -> Duration {
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = own.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The least time of several runs, so that what came in between does not count.
fn least(input: &[u8], work: &impl Fn(&[u8])) -> Duration {
    let start = Instant::now();
    let runs = (0..4).map(|_| {
        let before = cpu_time(start);
        work(input);
        cpu_time(start) - before
    });
    runs.min().unwrap()
}

/// Four times the input takes at most six times the time, and 20 ms: what is linear takes four times as long, what is
/// quadratic sixteen times. `make` makes an input of about so many bytes.
///
/// # Panics
/// The work grows faster.
#[track_caller]
pub fn assert_linear(name: &str, bytes: usize, make: impl Fn(usize) -> Vec<u8>, work: impl Fn(&[u8])) {
    let (small, large) = (make(bytes), make(4 * bytes));
    assert!(large.len() >= 3 * small.len(), "{name}: the inputs are {} and {} bytes", small.len(), large.len());
    let (little, much) = (least(&small, &work), least(&large, &work));
    let most = 6 * little + Duration::from_millis(20);
    assert!(much <= most, "{name}: {little:?} for {} bytes, and {much:?} for {}", small.len(), large.len());
}

/// What became of a process, and what it took.
#[derive(Debug)]
pub struct Spent {
    /// The exit status; nothing if a signal ended it.
    pub status: Option<i32>,
    /// What it wrote, both streams.
    pub output: String,
    /// The most memory that it had at once, in MiB, as far as was seen every few milliseconds.
    pub mebibytes: usize,
}

/// Runs a command within so many seconds of CPU time, after which it is killed, and 4 GiB of address space. Linux only.
///
/// # Panics
/// It cannot be started.
pub fn within(command: &Command, seconds: usize) -> Spent {
    let mut limited = Command::new("sh");
    let limits = format!("ulimit -v {}; ulimit -t {seconds}; exec \"$@\"", 4 << 20);
    limited.args(["-c", &limits, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let child = limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let waits = std::thread::spawn(move || child.wait_with_output().unwrap());
    let mut most = 0;
    while !waits.is_finished() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0_usize));
        std::thread::sleep(Duration::from_millis(3));
    }
    let output = waits.join().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Spent { status: output.status.code(), output: String::from_utf8_lossy(&text).into_owned(), mebibytes: most >> 10 }
}
