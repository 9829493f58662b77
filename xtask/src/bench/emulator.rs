//! `cargo xtask bench emulator`: measures the emulator beside a server with a constant answer and two mock servers.
//!
//! All answer the same request, a restart with the body `{}`, which always succeeds, over 32 kept-alive connections, in
//! interleaved rounds. With two cores and `taskset`, the server has the first core and the load, which never sleeps, the
//! second. So a server is measured by what one core answers, and none pays for waking the load.

use std::ffi::OsStr;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::measure::{self, Ours, median, yardstick};
use crate::files;
use crate::tools::{self, Build, Server, cargo, pinned, tool};

const CONNECTIONS: &str = "32";
const ROUNDS: usize = 7;
const SECONDS: &str = "2";
const STARTS: usize = 20;
const MANY: &str = "1000000x";
const KEY: [&str; 2] = ["AKOFTHISBENCH", "SKOFTHISBENCH"];
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn run(ours: &Ours) -> Result<ExitCode, String> {
    measure::supported()?;
    tools::run(cargo().args(["build", "--profile=dist", "-p", "ges-cli"]))?;
    measure::build_yardsticks()?;
    let mut candidates = own();
    let mut missing = Vec::new();
    if !ours.only {
        let others = [("httpmock", httpmock()), ("Prism", prism())];
        for (name, candidate) in others {
            match candidate {
                Ok(candidate) => candidates.push(candidate),
                Err(why) => missing.push(format!("{name}: {}", why.lines().next().unwrap_or_default())),
            }
        }
    }

    let cores = if pins() { "the server has one core, the load another" } else { "server and load share the cores" };
    println!("{}; {cores}\n", measure::machine());
    for missing in missing {
        println!("not installed: {missing}\n");
    }
    throughput(&mut candidates)?;
    first_answers(&candidates)?;
    after_a_million(&candidates)?;
    with_a_file()?;
    println!("\n### By the number of graphs\n");
    tools::run(&mut tool(yardstick("operations")))?;
    Ok(ExitCode::SUCCESS)
}

/// A server to be measured.
struct Candidate {
    name: &'static str,
    /// Its command, given a port if it cannot choose and print one itself.
    command: Box<dyn Fn(Option<u16>) -> Command>,
    prints_address: bool,
    is_ours: bool,
    signs: bool,
}

fn own() -> Vec<Candidate> {
    let bare = Box::new(|_| on("0", yardstick("bare_hyper")));
    let ges = |flags: &'static [&'static str]| {
        Box::new(move |_| {
            let ges = tools::ges_at("target/dist/ges");
            let mut pinned = on("0", ges.get_program());
            for (name, _) in ges.get_envs() {
                pinned.env_remove(name);
            }
            pinned.arg("emulate").args(flags);
            pinned
        })
    };
    let (tokens, keys) = (ges(&["--token", "t"]), ges(&["--ak", KEY[0], "--sk", KEY[1]]));
    vec![
        Candidate { name: "bare hyper", command: bare, prints_address: true, is_ours: false, signs: false },
        Candidate { name: "ours, token", command: tokens, prints_address: true, is_ours: true, signs: false },
        Candidate { name: "ours, AK/SK", command: keys, prints_address: true, is_ours: true, signs: true },
    ]
}

/// httpmock with one stub, for the measured request.
fn httpmock() -> Result<Candidate, String> {
    let program = tools::from_crates_io(&pinned::HTTPMOCK, Build::Optimised)?;
    let stubs = files::scratch("httpmock/stubs")?;
    let target = target(MISSING);
    let (path, _) = target.split_once('?').unwrap_or_default();
    let stub = format!(
        "when:\n  method: POST\n  path: {path}\n  query_param:\n    - name: action_id\n      value: restart\nthen:\n  \
         status: 200\n  header:\n    - name: content-type\n      value: application/json\n  body: '{{\"jobId\":\"j\"}}'\n"
    );
    files::write(&stubs.join("restart.yaml"), &stub)?;
    let command = Box::new(move |port: Option<u16>| {
        let mut httpmock = on("0", &program);
        httpmock.arg("--disable-access-log").args(port.map(|port| format!("--port={port}")));
        httpmock.arg("--mock-files-dir").arg(&stubs);
        httpmock
    });
    Ok(Candidate { name: "httpmock standalone", command, prints_address: false, is_ours: false, signs: false })
}

/// Prism with the merged document.
fn prism() -> Result<Candidate, String> {
    let program = tools::from_npm(&pinned::PRISM)?.join("node_modules/.bin/prism");
    let command = Box::new(move |port: Option<u16>| {
        let mut prism = on("0", &program);
        prism.arg("mock").args(port.map(|port| format!("--port={port}"))).arg("spec/generated/ges.merged.yaml");
        prism
    });
    Ok(Candidate { name: "Prism", command, prints_address: false, is_ours: false, signs: false })
}

struct Round {
    per_second: f64,
    cpu_micros: f64,
    p50: f64,
    p99: f64,
}

/// Measures all servers in interleaved rounds.
fn throughput(candidates: &mut [Candidate]) -> Result<(), String> {
    let mut all = Vec::new();
    for candidate in candidates.iter() {
        let server = candidate.start()?;
        server.load(candidate, "1")?;
        all.push((candidate, server, Vec::new()));
    }
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        for (candidate, server, rounds) in &mut all {
            rounds.push(server.load(candidate, SECONDS)?);
        }
    }
    println!(
        "| server | requests/s [min–max] | of bare hyper [min–max] | CPU, µs/request | of bare hyper | p50, µs | p99, µs |"
    );
    println!("|---|---|---|---|---|---|---|");
    let bare: Vec<(f64, f64)> = all[0].2.iter().map(|round| (round.per_second, round.cpu_micros)).collect();
    for (candidate, _, rounds) in &all {
        let middle = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect()).unwrap_or_default();
        let speed = |round: &Round| round.per_second;
        // Relative to the bare server in the same round, because the machine's speed varies.
        let ratios: Vec<f64> =
            rounds.iter().zip(&bare).map(|(round, bare)| 100.0 * round.per_second / bare.0).collect();
        let costs: Vec<f64> = rounds.iter().zip(&bare).map(|(round, bare)| round.cpu_micros / bare.1).collect();
        println!(
            "| {} | {:.0} [{:.0}–{:.0}] | {:.0} % [{:.0}–{:.0}] | {:.1} | {:.2}× | {:.0} | {:.0} |",
            candidate.name,
            middle(speed),
            least(rounds.iter().map(speed)),
            most(rounds.iter().map(speed)),
            median(ratios.clone()).unwrap_or_default(),
            least(ratios.iter().copied()),
            most(ratios.iter().copied()),
            middle(|round| round.cpu_micros),
            median(costs).unwrap_or_default(),
            middle(|round| round.p50),
            middle(|round| round.p99),
        );
    }
    Ok(())
}

fn first_answers(candidates: &[Candidate]) -> Result<(), String> {
    println!("\n### First answer after the start of the process\n\n| server | ms [min–max] of {STARTS} |\n|---|---|");
    for candidate in candidates {
        let mut millis = Vec::new();
        for _ in 0..STARTS {
            let began = Instant::now();
            let server = candidate.start()?.server;
            // Any status counts as an answer.
            server.send("GET /_emulator/health", &[], "")?;
            millis.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let (least, most) = (least(millis.iter().copied()), most(millis.iter().copied()));
        println!("| {} | {:.1} [{least:.1}–{most:.1}] |", candidate.name, median(millis).unwrap_or_default());
    }
    Ok(())
}

fn after_a_million(candidates: &[Candidate]) -> Result<(), String> {
    println!("\n### Resident memory\n\n| server | at the start, MB | after a million requests, MB |\n|---|---|---|");
    for candidate in candidates.iter().filter(|one| one.prints_address) {
        let server = candidate.start()?;
        let before = server.resident_mb();
        server.load(candidate, MANY)?;
        println!("| {} | {before:.1} | {:.1} |", candidate.name, server.resident_mb());
    }
    Ok(())
}

/// Measured by a program of ours, because flushes can be counted only inside its process.
fn with_a_file() -> Result<(), String> {
    println!("\n### With `--data`\n");
    let file = files::scratch("bench-emulator")?.join("state.redb");
    let _ = std::fs::remove_file(&file);
    tools::run(tool(yardstick("data_file_load")).arg(&file))?;
    let _ = std::fs::remove_file(&file);
    Ok(())
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}

/// Whether server and load can have a core each.
fn pins() -> bool {
    static PINS: OnceLock<bool> = OnceLock::new();
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    *PINS.get_or_init(|| cores() > 1 && tools::is_installed("taskset"))
}

fn on(core: &str, program: impl AsRef<OsStr>) -> Command {
    if !pins() {
        return tool(program);
    }
    let mut command = tool("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// A graph that does not exist.
const MISSING: &str = "06f3f653-2767-4074-9fa2-045c11f6fc22";

fn target(graph: &str) -> String {
    format!("/v1.0/{PROJECT}/graphs/{graph}/action?action_id=restart")
}

impl Candidate {
    fn start(&self) -> Result<Started, String> {
        let server = if self.prints_address {
            Server::announced((self.command)(None))?
        } else {
            Server::at_free_port(|port| (self.command)(Some(port)))?
        };
        let mut graph = MISSING.to_owned();
        if self.is_ours {
            let state = r#"{"state": "a running graph"}"#;
            let headers = ["content-type: application/json".to_owned()];
            let given = server.send("POST /_emulator/provider-states", &headers, state)?.body;
            let given: Value = serde_json::from_str(&given).map_err(|error| format!("error: {error}: {given}"))?;
            graph = given["graph_id"].as_str().unwrap_or_default().to_owned();
        }
        Ok(Started { server, graph })
    }
}

struct Started {
    server: Server,
    /// The graph that is restarted.
    graph: String,
}

impl Started {
    /// Sends load for a number of seconds (`2`) or of requests (`1000000x`).
    fn load(&self, candidate: &Candidate, amount: &str) -> Result<Round, String> {
        let mut load = on("1", yardstick("load"));
        load.args([&*self.server.address, CONNECTIONS, amount]);
        if pins() {
            load.arg("--awake");
        }
        if candidate.signs {
            load.args(["--sign", &KEY.join(":")]);
        }
        let before = self.cpu();
        let report = tools::output(load.arg(format!("POST {}", target(&self.graph))).arg("{}"))?;
        let cpu = self.cpu().saturating_sub(before);
        let report: Value = serde_json::from_str(&report).map_err(|error| format!("error: {error}: {report}"))?;
        let number = |name: &str| report[name].as_f64().unwrap_or_default();
        let requests = number("requests");
        Ok(Round {
            per_second: requests / number("seconds"),
            cpu_micros: cpu.as_secs_f64() * 1e6 / requests,
            p50: number("p50_us"),
            p99: number("p99_us"),
        })
    }

    /// User and system time of all threads, in steps of 10 ms.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.server.id())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        kib * 1024.0 / 1e6
    }
}
