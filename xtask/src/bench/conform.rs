//! `cargo xtask bench conform`: measures the replay of a document's examples beside a client that only sends the same
//! requests, and beside other runners.
//!
//! The document has 500 operations with two named examples each. All runners call the same server, which looks up its
//! answers in a table. They take turns, and each is measured from the start of its process to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::measure::{self, Ours, with_range};
use crate::files;
use crate::tools::{self, Build, Emulator, Server, cargo, pinned, tool};

const OPERATIONS: usize = 500;
const ROUNDS: usize = 9;
/// For runners that take a hundred times as long.
const SLOW_ROUNDS: usize = 3;
/// A runner that takes longer is left out, so that the benchmark ends.
const LONGEST: Duration = Duration::from_secs(90);
const STARTS: usize = 41;
const TOKEN: &str = "a-token-of-this-bench";

pub(crate) fn run(ours: &Ours) -> Result<ExitCode, String> {
    measure::supported()?;
    tools::run(cargo().args(["build", "--profile=dist", "-p", "ges-cli", "-p", "specwright"]))?;
    measure::build_yardsticks()?;
    let folder = files::scratch("bench-conform")?;
    let document = folder.join("document.json");
    let (text, table) = thousand_examples();
    files::write(&document, &text)?;
    files::write(&folder.join("table"), &table)?;
    let hurl_file = folder.join("document.hurl");
    files::write(&hurl_file, &tools::output(specwright().arg("export").arg(&document).args(["--format", "hurl"]))?)?;

    println!("{}\n", measure::machine());
    println!("### {} documented examples of {OPERATIONS} operations\n", OPERATIONS * 2);
    let mut server = tool(measure::yardstick("constant_table"));
    server.arg("serve").arg(folder.join("table"));
    let server = Server::announced(server)?;
    let mut runners = vec![bare(&server, &folder.join("table")), conform(&server, &document)];
    if !ours.only {
        for (name, runner) in [("hurl", hurl(&server, &hurl_file)), ("Schemathesis", schemathesis(&server, &document))]
        {
            match runner {
                Ok(runner) => runners.push(runner),
                Err(why) => println!("{name} could not be installed: {}\n", why.lines().next().unwrap_or_default()),
            }
        }
    }
    eprintln!("{} requests, {ROUNDS} times", OPERATIONS * 2);
    measured(runners, ROUNDS)?;
    drop(server);

    eprintln!("ten requests, {STARTS} times");
    println!("\n### The ten documented examples of GES, on the emulator\n");
    let mut emulator = ges();
    emulator.args(["emulate", "--token", TOKEN]);
    let emulator = Emulator::from_command(emulator)?;
    let table = folder.join("ten");
    files::write(&table, &ten_requests(&emulator)?)?;
    measured(vec![ten_bare(&emulator, &table), ten_cases(&emulator)], STARTS)?;
    Ok(ExitCode::SUCCESS)
}

/// A program that sends the requests.
struct Runner {
    name: String,
    command: Command,
    /// A failure of a peer is reported, and the others go on.
    is_peer: bool,
    is_slow: bool,
    walls: Vec<Duration>,
}

fn runner(name: impl Into<String>, command: Command) -> Runner {
    Runner { name: name.into(), command, is_peer: false, is_slow: false, walls: Vec::new() }
}

fn bare(server: &Server, table: &Path) -> Runner {
    let mut command = tool(measure::yardstick("constant_table"));
    command.args(["call", &server.address]).arg(table);
    runner("bare hyper client, one connection", command)
}

fn conform(server: &Server, document: &Path) -> Runner {
    let mut command = specwright();
    command.arg("conform").arg(document).args(["--endpoint", &server.url()]);
    runner("`specwright conform`, which reads the document", command)
}

fn ten_bare(emulator: &Emulator, table: &Path) -> Runner {
    let mut command = tool(measure::yardstick("constant_table"));
    command.args(["call", &emulator.address]).arg(table).arg(format!("X-Auth-Token:{TOKEN}"));
    runner("bare hyper client, ten requests", command)
}

fn ten_cases(emulator: &Emulator) -> Runner {
    let mut command = ges();
    command.args([
        "conform",
        "--endpoint",
        &emulator.url(),
        "--token",
        TOKEN,
        "--kinds",
        "documented",
        "--provider-states",
    ]);
    command.arg(emulator.provider_states());
    runner("`ges conform --kinds documented`, ten states asked for", command)
}

/// From the path, or built from its crate, which needs the headers of libcurl and libxml2.
fn hurl(server: &Server, file: &Path) -> Result<Runner, String> {
    let mut program = PathBuf::from("hurl");
    if !tools::is_installed("hurl") {
        program = tools::from_crates_io(&pinned::HURL, Build::Optimised)?;
    }
    let version = tools::output(tool(&program).arg("--version"))?;
    let version = version.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut command = tool(program);
    command.args(["--test", "--no-color", "--variable", &format!("endpoint={}", server.url())]).arg(file);
    let name = format!("hurl {version}, the file that `specwright export` writes");
    Ok(Runner { is_peer: true, ..runner(name, command) })
}

/// Its examples phase, with its own checks and without a report, which would take a tenth of its time.
fn schemathesis(server: &Server, document: &Path) -> Result<Runner, String> {
    let python = tools::from_pypi(&pinned::PYTHON)?;
    let mut command = tool(python.with_file_name("schemathesis"));
    command.current_dir(files::scratch("schemathesis")?);
    command.arg("run").arg(document).args(["--url", &server.url(), "--phases", "examples", "--no-color"]);
    let version = tools::output(tool(python.with_file_name("schemathesis")).arg("--version"))?;
    let version = version.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    Ok(Runner { is_peer: true, is_slow: true, ..runner(format!("Schemathesis {version}, phase examples"), command) })
}

/// Measures the runners in turn. The first is the one that the others are compared with.
fn measured(mut runners: Vec<Runner>, rounds: usize) -> Result<(), String> {
    for round in 0..=rounds {
        let mut failed = None;
        for (index, runner) in runners.iter_mut().enumerate() {
            if runner.is_slow && round > SLOW_ROUNDS {
                continue;
            }
            let wall = match runner.is_slow {
                true => measure::wall_within(&mut runner.command, LONGEST),
                false => measure::wall(&mut runner.command),
            };
            match wall {
                // The first round only warms up caches.
                Ok(wall) if round > 0 => runner.walls.push(wall),
                Ok(_) => {}
                Err(message) if runner.is_peer => {
                    println!("{} failed and is left out: {message}\n", runner.name);
                    failed = Some(index);
                }
                Err(message) => return Err(message),
            }
        }
        failed.map(|index| runners.remove(index));
    }
    let millis = |wall: &Duration| wall.as_secs_f64() * 1000.0;
    let first: Vec<f64> = runners.first().into_iter().flat_map(|one| one.walls.iter().map(millis)).collect();
    println!("| runner | ms [min–max] | × the first, same round [min–max] | peak memory, MB | rounds |");
    println!("|---|---|---|---|---|");
    for Runner { name, command, walls, .. } in &mut runners {
        let times: Vec<f64> = walls.iter().map(millis).collect();
        let ratios: Vec<f64> = times.iter().zip(&first).map(|(time, first)| time / first).collect();
        // Polling memory costs time, so this is a run of its own.
        let peak = measure::cost(command)?.peak_kib as f64 * 1024.0 / 1e6;
        let (times, ratios) = (with_range(&times, 1), with_range(&ratios, 2));
        println!("| {name} | {times} | {ratios} | {peak:.1} | {} |", walls.len());
    }
    Ok(())
}

fn specwright() -> Command {
    tools::ges_at("target/dist/specwright")
}

fn ges() -> Command {
    tools::ges_at("target/dist/ges")
}

/// The document, and the server's table of its examples.
fn thousand_examples() -> (String, String) {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut table = String::new();
    for number in 0..OPERATIONS {
        let (kind, path) =
            (format!("Order{number:03}"), format!("/v1/{{project_id}}/orders{number:03}/{{order_id}}/lines"));
        let parameter = |name: &str| {
            let examples: Map<_, _> = ["small", "large"]
                .iter()
                .map(|example| ((*example).to_owned(), json!({"value": value_of(name, number, example)})))
                .collect();
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "maxLength": 64}, "examples": examples})
        };
        let (mut requests, mut answers) = (Map::new(), Map::new());
        for example in ["small", "large"] {
            let (request, answer) = (request_of(number, example), answer_of(number, example));
            let target = path
                .replace("{project_id}", &value_of("project_id", number, example))
                .replace("{order_id}", &value_of("order_id", number, example));
            table.push_str(&format!("POST\t{target}\t200\t{request}\t{answer}\n"));
            requests.insert(example.to_owned(), json!({"value": request}));
            answers.insert(example.to_owned(), json!({"value": answer}));
        }
        let content = |schema: String, examples: Map<String, Value>| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}, "examples": examples}});
        let operation = json!({
            "operationId": format!("add_lines_{number:03}"),
            "summary": format!("Add lines to an order of kind {number}"),
            "parameters": [parameter("project_id"), parameter("order_id")],
            "requestBody": {"required": true, "content": content(format!("{kind}Request"), requests)},
            "responses": {
                "200": {"description": "Added", "content": content(format!("{kind}Answer"), answers)},
                // Some runners invent orders.
                "404": {"description": "No such order"},
            },
        });
        paths.insert(path, json!({ "post": operation }));
        schemas.insert(
            format!("{kind}Request"),
            json!({
                "type": "object",
                "required": ["customer", "lines"],
                "properties": {
                    "customer": {"type": "string", "minLength": 1},
                    "urgent": {"type": "boolean", "default": false},
                    "note": {"type": "string", "nullable": true},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            }),
        );
        schemas.insert(
            format!("{kind}Answer"),
            json!({
                "type": "object",
                "required": ["job_id", "status", "lines"],
                "properties": {
                    "job_id": {"type": "string"},
                    "status": {"type": "string", "enum": ["accepted", "partial"]},
                    "total": {"type": "number", "minimum": 0},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            }),
        );
    }
    schemas.insert("Line".to_owned(), json!({
        "type": "object",
        "required": ["article", "count"],
        "properties": {"article": {"type": "string"}, "count": {"type": "integer", "minimum": 1}, "price": {"type": "number"}},
    }));
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    (format!("{document:#}\n"), table)
}

fn value_of(name: &str, number: usize, example: &str) -> String {
    match name {
        "project_id" => "0123456789abcdef0123456789abcdef".to_owned(),
        _ => format!("{example}-{number:03}"),
    }
}

fn lines_of(number: usize, example: &str) -> Value {
    let count = if example == "small" { 1 } else { 3 };
    (1..=count).map(|line| json!({"article": format!("A-{number}-{line}"), "count": line, "price": 12.5})).collect()
}

fn request_of(number: usize, example: &str) -> Value {
    json!({"customer": format!("C-{number}"), "urgent": example == "large", "lines": lines_of(number, example)})
}

fn answer_of(number: usize, example: &str) -> Value {
    let id = format!("ff808081{number:08}{}", example.len());
    json!({"job_id": id, "status": "accepted", "total": 12.5, "lines": lines_of(number, example)})
}

/// The requests of GES's documented examples, for graphs that exist.
fn ten_requests(emulator: &Emulator) -> Result<String, String> {
    let text = files::read(&files::root().join("crates/ges-conformance/src/cases.json"))?;
    let suite: Value = serde_json::from_str(&text).map_err(|error| format!("error: {error}"))?;
    let cases = suite["cases"].as_array().map_or(&[][..], Vec::as_slice);
    let mut table = String::new();
    for case in cases.iter().filter(|case| case.get("kind").is_none()) {
        let given = emulator.set_up(case["given"].as_str().unwrap_or_default())?;
        let request = &case["request"];
        let mut target = request["path"].as_str().unwrap_or_default().to_owned();
        for parameter in request["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let value = given[name].as_str().or(parameter["value"].as_str()).unwrap_or_default();
            match parameter["in"].as_str() {
                Some("path") => target = target.replace(&format!("{{{name}}}"), value),
                _ => target.push_str(&format!("?{name}={value}")),
            }
        }
        let body = request.get("body").map_or_else(String::new, |body| body["value"].to_string());
        // The status is not compared: the second answer depends on the first request.
        table.push_str(&format!("POST\t{target}\t0\t{body}\t\n"));
    }
    Ok(table)
}
