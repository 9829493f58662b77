//! Does a mock that others wrote, serving the document that we derive for such tools, pass the suite?
//!
//! Prism answers the very examples that it is asked for by name, so every documented case must pass as it is written.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::interop_command::{Report, Tool};
use crate::interop_emulator::ges;
use crate::{files, tools};

const PRISM: &str = "@stoplight/prism-cli@5.14.2";
const DOCUMENT: &str = "spec/generated/ges.merged.yaml";

pub(crate) fn run(report: &mut Report) {
    let prism = Tool::new("Prism", install);
    report.check("Prism passes every documented case of `ges conform --prefer --match exact`", [&prism], |[it]| {
        exact(it)
    });
}

fn install() -> Result<PathBuf, String> {
    let folder = tools::scratch("prism")?;
    let program = folder.join("node_modules/.bin/prism");
    if !program.exists() {
        let mut npm = tools::tool("npm");
        npm.current_dir(&folder).args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", ".", PRISM]);
        tools::output(&mut npm)?;
    }
    Ok(program)
}

fn exact(program: &Path) -> Result<(), String> {
    let prism = Prism::start(program)?;
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

/// The mock, ended when this is dropped.
struct Prism {
    process: Child,
    url: String,
}

impl Prism {
    fn start(program: &Path) -> Result<Prism, String> {
        let failed = |error: std::io::Error| format!("error: Prism: {error}");
        // What it prints is for people, so it is told a port.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(failed)?;
        let mut prism = tools::tool(program);
        prism.args(["mock", "--port", &address.port().to_string(), DOCUMENT]);
        let process = prism.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let mut prism = Prism { process, url: format!("http://{address}") };
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
}

impl Drop for Prism {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
