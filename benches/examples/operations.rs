//! Compares each operation on one graph alone and on one of many.
//!
//! `cargo run --release -p benches --example operations [GRAPHS]`: every operation on one graph alone, and on one of
//! 10 000 (or GRAPHS) in the same project, each of which was restarted once and has a backup. In turn, without a socket,
//! which would hide most of it. Lists are requested with one entry, so that both responses have the same length. Prints the rows of
//! a table: microseconds of either, and their ratio.

use bytes::Bytes;
use ges_emulator::{Config, Emulator, ProviderState, StateValues};
use http::Request;
use std::env;
use std::time::Instant;

const ROUNDS: usize = 9;
const CALLS: usize = 400;

/// Method, rest of the address, body. `{n}` is a number that grows.
type Call = (&'static str, &'static str, &'static str);

/// Name, and the calls it is measured by.
const OPERATIONS: [(&str, &[Call]); 13] = [
    ("stop and start", &[("POST", "/{graph}/stop", "{}"), ("POST", "/{graph}/start", "{}")]),
    ("restart", &[("POST", "/{graph}/restart", "{}")]),
    ("upgrade", &[("POST", "/{graph}/upgrade", r#"{"upgrade_version": "2.{n}"}"#)]),
    ("add and delete a backup", &[("POST", "/{graph}/backups", "{}"), ("DELETE", "/{graph}/backups/{backup}", "")]),
    ("show graph", &[("GET", "/{graph}", "")]),
    ("show job", &[("GET", "/{graph}/jobs/{job}/status", "")]),
    ("list graphs, first page", &[("GET", "?offset=0&limit=1", "")]),
    ("list graphs, last page", &[("GET", "?offset={last}&limit=1", "")]),
    ("list jobs, first page", &[("GET", "/jobs?offset=0&limit=1", "")]),
    ("list all backups, first page", &[("GET", "/backups?offset=0&limit=1", "")]),
    ("list all backups, last page", &[("GET", "/backups?offset={last}&limit=1", "")]),
    ("list the backups of a graph", &[("GET", "/{graph}/backups?offset=0&limit=1", "")]),
    ("unknown graph", &[("GET", "/00000000-0000-4000-8000-000000000000", "")]),
];

fn main() {
    let many = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let (mut one, mut of_many) = (Scene::with(1), Scene::with(many));
    println!("| operation | one graph, µs | {many} graphs, µs | ratio |\n|---|---|---|---|");
    for (name, calls) in OPERATIONS {
        let (mut few_micros, mut many_micros) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            few_micros.push(one.time(calls));
            many_micros.push(of_many.time(calls));
        }
        let (few, many) = (median(few_micros), median(many_micros));
        println!("| {name} | {few:.2} | {many:.2} | {:.2} |", many / few);
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

struct Scene {
    emulator: Emulator,
    given: StateValues,
    graphs: usize,
    number: usize,
    job: String,
    backup: String,
}

impl Scene {
    fn with(graphs: usize) -> Self {
        let emulator = Emulator::new(Config::default());
        let all: Vec<_> = (0..graphs).map(|_| emulator.set_up(ProviderState::RunningGraph)).collect();
        let given = all[graphs / 2].clone();
        let mut scene = Self { emulator, given, graphs, number: 0, job: String::new(), backup: String::new() };
        for given in all {
            scene.given = given;
            scene.call("POST", "/{graph}/restart", "{}");
            scene.call("POST", "/{graph}/backups", "{}");
        }
        scene
    }

    /// Microseconds of one call.
    fn time(&mut self, calls: &[Call]) -> f64 {
        let mut nanos = 0;
        for _ in 0..CALLS {
            for (method, address, body) in calls {
                nanos += self.call(method, address, body);
            }
        }
        nanos as f64 / 1000.0 / (CALLS * calls.len()) as f64
    }

    /// Nanoseconds from the request to the answer.
    fn call(&mut self, method: &str, address: &str, body: &str) -> u128 {
        self.number += 1;
        let fill = |text: &str| {
            text.replace("{graph}", &self.given.graph_id)
                .replace("{job}", &self.job)
                .replace("{backup}", &self.backup)
                .replace("{n}", &self.number.to_string())
                .replace("{last}", &(self.graphs - 1).to_string())
        };
        let target = format!("/v2/{}/graphs{}", self.given.project_id, fill(address));
        let request = Request::builder().method(method).uri(target).header("x-auth-token", "t");
        let request = request.header("content-type", "application/json").body(Bytes::from(fill(body)));
        let request = request.expect("a request");
        let began = Instant::now();
        let answer = self.emulator.answer(request);
        let nanos = began.elapsed().as_nanos();
        let text = String::from_utf8_lossy(answer.body());
        let is_expected = answer.status() == 200 || address.contains("00000000");
        assert!(is_expected, "{method} {address}: {} {text}", answer.status());
        for (name, place) in [("\"job_id\":\"", &mut self.job), ("\"backup_id\":\"", &mut self.backup)] {
            if let Some((_, rest)) = text.split_once(name) {
                *place = rest.chars().take_while(|&letter| letter != '"').collect();
            }
        }
        nanos
    }
}
