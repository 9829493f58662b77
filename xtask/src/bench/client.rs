//! `cargo xtask bench client`: measures one call beside bare reqwest, bare hyper and the official Python SDK.
//!
//! All start a graph from a backup over one kept-alive loopback connection, in turn, against one server.
//! `benches/examples/call_cost.rs` has the calls as one writes them. Instructions are those of the client process alone,
//! by callgrind: of many calls less those of few, so that setting up is not in it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::measure::{self, instructions, median};
use crate::tools::{self, Server, pinned, tool};

// Many short rounds, so that other load on the machine affects all clients alike.
const ROUNDS: usize = 60;
const CALLS: usize = 300;
const FEW: u64 = 200;
const MANY: u64 = 700;
const PYTHON_CALLS: usize = 1_000;

/// The program's name for each client, and the title in the table.
const CLIENTS: [(&str, &str); 6] = [
    ("hyper", "hyper, by hand"),
    ("reqwest", "reqwest, plain"),
    ("reqwest-timeouts", "the same, with our timeouts"),
    ("ges-client", "ges-client, with a token"),
    ("ges-client-bare", "the same, over a reqwest client without timeouts"),
    ("ges-client-keys", "ges-client, signing with AK/SK"),
];

pub(crate) fn run() -> Result<ExitCode, String> {
    measure::build_yardsticks()?;
    let mut serve = pinned_to_core();
    serve.arg("serve");
    let server = Server::announced(serve)?;
    let measured = times(&server)?;
    println!("{}\n", measure::machine());
    println!(
        "| client | instructions | to reqwest | CPU, µs | to reqwest [min–max] | wall, µs | to reqwest [min–max] |"
    );
    println!("|---|---|---|---|---|---|---|");
    let reqwest = counted(&server, "reqwest");
    for (name, title) in CLIENTS {
        let count = counted(&server, name);
        let shown = count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        let ratio = count.zip(reqwest).map_or_else(|| "–".to_owned(), |(a, b)| format!("{:.3}", a as f64 / b as f64));
        let [cpu, wall] = [1, 0].map(|which| column(&measured, name, which));
        println!("| {title} | {shown} | {ratio} | {cpu} | {wall} |");
    }
    match python(&server) {
        Ok(micros) => println!("| huaweicloudsdkges 3.1.219, signing | – | – | – | – | {micros:.0} | – |"),
        Err(message) => println!("\nthe official SDK was not measured: {message}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// For each client, wall time and CPU time of one call in each round, in nanoseconds.
type Times = BTreeMap<String, [Vec<f64>; 2]>;

fn times(server: &Server) -> Result<Times, String> {
    let (calls, rounds) = (CALLS.to_string(), ROUNDS.to_string());
    // Client and server share a core; otherwise waking the other one would be most of the time.
    let text = tools::output(pinned_to_core().args(["time", &server.address, &calls, &rounds]))?;
    let mut times = Times::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let row = times.entry(name).or_default();
        for column in row {
            column.extend(words.next().and_then(|word| word.parse::<f64>().ok()));
        }
    }
    Ok(times)
}

/// The median, and the median of the ratios to reqwest in the same round.
fn column(times: &Times, name: &str, which: usize) -> String {
    let (Some(of), Some(reqwest)) = (times.get(name), times.get("reqwest")) else { return "– | –".to_owned() };
    let ratios: Vec<f64> = of[which].iter().zip(&reqwest[which]).map(|(a, b)| a / b).collect();
    let bound = |pick: fn(f64, f64) -> f64, start| ratios.iter().copied().fold(start, pick);
    format!(
        "{:.1} | {:.3} [{:.3}–{:.3}]",
        median(of[which].clone()).unwrap_or_default() / 1000.0,
        median(ratios.clone()).unwrap_or_default(),
        bound(f64::min, f64::INFINITY),
        bound(f64::max, 0.0),
    )
}

fn counted(server: &Server, name: &str) -> Option<u64> {
    let count = |calls: u64| instructions(program().args([name, &server.address, &calls.to_string()]));
    Some(count(MANY)?.saturating_sub(count(FEW)?) / (MANY - FEW))
}

fn python(server: &Server) -> Result<f64, String> {
    let python = tools::from_pypi(&pinned::PYTHON)?;
    let mut sdk = tool(python);
    sdk.arg("tests/interop/official_sdk_calls.py").arg(server.url()).arg(PYTHON_CALLS.to_string());
    let text = tools::output(&mut sdk)?;
    text.trim().parse().map_err(|error| format!("{error}: {text}"))
}

fn program() -> std::process::Command {
    tool(measure::yardstick("call_cost"))
}

/// On the first core, where `taskset` is installed.
fn pinned_to_core() -> std::process::Command {
    if !tools::is_installed("taskset") {
        return program();
    }
    let mut command = tool("taskset");
    command.args(["--cpu-list", "0"]).arg(program().get_program());
    command
}
