//! Does Prism, with the document that we derive for such tools, agree with the suite and with our client?
//!
//! As a mock it answers the very examples that it is asked for by name, so every documented case must pass as it is
//! written. As a proxy it refuses what contradicts the document, in either direction.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::interop_command::{Report, Tool};
use crate::interop_emulator::{Emulator, ges};
use crate::{files, tools};

pub(crate) const PRISM: &str = "@stoplight/prism-cli@5.14.2";
const DOCUMENT: &str = "spec/generated/ges.merged.yaml";
const TOKEN: &str = "a-token-of-this-check";

/// In an order in which a graph can do them.
const OPERATIONS: [&[&str]; 5] = [
    &["backup"],
    &["upgrade", "--to-version", "99.0.0", "--yes"],
    &["restart", "--yes"],
    &["stop", "--yes"],
    &["start"],
];

pub(crate) fn run(report: &mut Report) {
    let prism = Tool::new("Prism", install);
    report.check("Prism passes every documented case of `ges conform --prefer --match exact`", [&prism], |[it]| {
        exact(it)
    });
    report.check("Prism as a proxy lets all five operations of our client pass", [&prism], |[it]| proxy(it));
}

fn install() -> Result<PathBuf, String> {
    Ok(tools::npm("prism", &[PRISM])?.join("node_modules/.bin/prism"))
}

fn exact(program: &Path) -> Result<(), String> {
    let prism = Prism::start(program, "mock", &[])?;
    let json = tools::scratch("prism")?.join("report.json");
    let mut conform = ges()?;
    conform.args(["conform", "--prefer", "--match", "exact", "--token", "t", "--endpoint", &prism.url]);
    let text = tools::output(conform.arg("--report").arg(format!("json={}", json.display())))?;
    let report: Value = serde_json::from_str(&files::read(&json)?).map_err(|error| format!("error: {error}"))?;
    let entries = report["entries"].as_array().map_or(&[][..], Vec::as_slice);
    let documented = || entries.iter().filter(|entry| entry["kind"] == "documented");
    let passed = documented().filter(|entry| entry["outcome"] == "pass").count();
    if passed > 0 && passed == documented().count() {
        return Ok(());
    }
    Err(format!("{passed} of {} documented cases passed\n{text}", documented().count()))
}

fn proxy(program: &Path) -> Result<(), String> {
    let emulator = Emulator::start(&["--token", TOKEN])?;
    let given = emulator.set_up("a running graph")?;
    let id = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
    let (project, graph) = (id("project_id"), id("graph_id"));
    let prism = Prism::start(program, "proxy", &[&emulator.url(), "--errors"])?;
    let call = |operation: &[&str], graph: &str| {
        let mut ges = ges()?;
        ges.args(operation).args(["--graph-id", graph, "--project-id", &project, "--endpoint", &prism.url]);
        tools::output(ges.env("GES_TOKEN", TOKEN))
    };
    for operation in OPERATIONS {
        call(operation, &graph)?;
    }
    // A documented refusal passes as well.
    let refused = call(&["stop", "--yes"], "no-such-graph").err().unwrap_or_default();
    if !refused.contains("GES.7000") {
        return Err(format!("stopping no graph: expected GES.7000, found {refused}"));
    }
    // And Prism does look: what the document does not allow stays there.
    let path = format!("/v1.0/{project}/graphs/{graph}/action?action_id=start");
    let answer = prism.post(&path, r#"{"graph_backup_id": 7, "upgradeVersion": 7}"#)?;
    if answer.starts_with("HTTP/1.1 422 ") && answer.contains("prism/errors#UNPROCESSABLE_ENTITY") {
        return Ok(());
    }
    Err(format!("Prism lets a body of a wrong type pass\n{answer}"))
}

/// The server, ended when this is dropped.
struct Prism {
    process: Child,
    address: SocketAddr,
    url: String,
}

impl Prism {
    /// As `mock`, or as `proxy` of an address, which it takes after the document.
    fn start(program: &Path, mode: &str, behind: &[&str]) -> Result<Prism, String> {
        let failed = |error: std::io::Error| format!("error: Prism: {error}");
        // What it prints is for people, so it is told a port.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(failed)?;
        let mut prism = tools::tool(program);
        prism.args([mode, "--port", &address.port().to_string(), DOCUMENT]).args(behind);
        let process = prism.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let mut prism = Prism { process, address, url: format!("http://{address}") };
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = prism.process.try_wait().map_err(failed)? {
                return Err(format!("error: Prism ended with {status}"));
            }
            if begin.elapsed() > Duration::from_secs(60) {
                return Err("error: Prism does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(prism)
    }

    /// The whole answer.
    fn post(&self, path: &str, body: &str) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("error: Prism: {error}");
        let mut stream = TcpStream::connect(self.address).map_err(failed)?;
        let (address, length) = (self.address, body.len());
        let head = format!("host: {address}\r\nconnection: close\r\ncontent-type: application/json");
        write!(
            stream,
            "POST {path} HTTP/1.1\r\n{head}\r\nx-auth-token: {TOKEN}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        Ok(answer)
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
