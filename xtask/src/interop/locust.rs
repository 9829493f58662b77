//! Runs the exported locustfile with Locust: each exchange once, then as load from two workers, and against a server
//! that is wrong.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::check::{Report, Tool};
use super::exports::{EMULATOR, TOKEN, compare, documented, export, requests};
use crate::tools::{self, Emulator, pinned};

const RUN_TIME: &str = "5s";

pub(crate) fn run(report: &mut Report) {
    let locust = Tool::new("Locust", || tools::from_pypi(&pinned::LOCUST));
    report.check("locust sends the documented requests from what we export", [&locust], |[python]| once(python));
    report.check("locust: a master and two workers find nothing wrong", [&locust], |[python]| distributed(python));
    report.check("locust ends with 1 if replies are wrong, 2 at a strange host", [&locust], |[python]| wrong(python));
}

fn once(python: &Path) -> Result<(), String> {
    let file = locustfile()?;
    let emulator = Emulator::start(&EMULATOR)?;
    let mut once = with_environment(python, &emulator);
    tools::output(once.arg("tests/interop/locust_once.py").arg(&file).arg(emulator.url()))?;
    compare(&documented()?, &requests(&emulator)?)
}

fn distributed(python: &Path) -> Result<(), String> {
    let file = locustfile()?;
    let emulator = Emulator::start(&EMULATOR)?;
    let port = tools::free_address()?.port().to_string();
    let mut master = locust(python, &file, &emulator);
    master.args(["--master", "--master-bind-port", &port, "--expect-workers", "2", "--expect-workers-max-wait", "30"]);
    master.args(["--headless", "--json", "--users", "4", "--spawn-rate", "4", "--run-time", RUN_TIME]);
    master.args(["--host", &emulator.url()]);
    let worker = || {
        let mut worker = locust(python, &file, &emulator);
        worker.args(["--worker", "--master-port", &port]).stdout(Stdio::null()).stderr(Stdio::null());
        worker.spawn().map(Worker).map_err(|error| format!("error: cannot start {worker:?}: {error}"))
    };
    let workers = [worker()?, worker()?];
    let stats = tools::output(&mut master)?;
    drop(workers);
    let stats: Value = serde_json::from_str(&stats).map_err(|error| format!("error: {error}\n{stats}"))?;
    let (mut sent, mut states, mut failed, mut began, mut ended) = (0, 0, 0, f64::INFINITY, 0.0_f64);
    for entry in stats.as_array().into_iter().flatten() {
        let count = entry["num_requests"].as_u64().unwrap_or_default();
        let is_state = entry["name"].as_str().is_some_and(|name| name.starts_with("state: "));
        *(if is_state { &mut states } else { &mut sent }) += count;
        failed += entry["num_failures"].as_u64().unwrap_or_default();
        began = began.min(entry["start_time"].as_f64().unwrap_or(f64::INFINITY));
        ended = ended.max(entry["last_request_timestamp"].as_f64().unwrap_or_default());
    }
    if failed > 0 || sent == 0 || states < sent {
        return Err(format!("{failed} failures in {sent} exchanges, {states} states\n{stats}"));
    }
    let per_second = (sent + states) as f64 / (ended - began);
    println!("     {per_second:.0} requests/s: {sent} exchanges, {states} states, no failure");
    Ok(())
}

fn wrong(python: &Path) -> Result<(), String> {
    let file = locustfile()?;
    let run = |emulator: &Emulator, host: &str| {
        let mut run = locust(python, &file, emulator);
        run.args(["--headless", "--only-summary", "--users", "1", "--run-time", "2s", "--host", host]);
        let ended = run.output().map_err(|error| format!("error: cannot start {run:?}: {error}"))?;
        let text = [ended.stdout, ended.stderr].concat();
        Ok::<_, String>((ended.status.code(), String::from_utf8_lossy(&text).into_owned()))
    };
    let broken = Emulator::start(&EMULATOR)?;
    broken.control("faults", &serde_json::json!({"operation": "stop_graph", "status": 202, "when": "after"}))?;
    match run(&broken, &broken.url())? {
        (Some(1), text) if text.contains("stop_graph/accepted: expected status 200, found 202") => {}
        (status, text) => return Err(format!("a wrong status: Locust ended with {status:?}\n{text}")),
    }
    match run(&broken, "http://192.0.2.1")? {
        (Some(2), text) if text.contains("SPECWRIGHT_ALLOW_DISRUPTIVE") => Ok(()),
        (status, text) => Err(format!("a host elsewhere: Locust ended with {status:?}\n{text}")),
    }
}

fn locustfile() -> Result<PathBuf, String> {
    export("locust", "py")
}

fn with_environment(python: &Path, emulator: &Emulator) -> Command {
    let mut command = tools::tool(python);
    command.env("SPECWRIGHT_TOKEN", TOKEN).env("SPECWRIGHT_PROVIDER_STATES", emulator.provider_states());
    command.env_remove("SPECWRIGHT_ALLOW_DISRUPTIVE").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn locust(python: &Path, file: &Path, emulator: &Emulator) -> Command {
    let mut locust = with_environment(python, emulator);
    locust.args(["-m", "locust", "--locustfile"]).arg(file);
    locust
}

/// Ended with this, if the master has not done it.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
