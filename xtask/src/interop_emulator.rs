//! An emulator for other people's tools to talk to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{files, tools};

/// `ges` as it is now, undisturbed by what somebody has exported.
pub(crate) fn ges() -> Result<Command, String> {
    tools::run(tools::cargo().args(["build", "--locked", "--quiet", "--package", "ges-cli"]))?;
    Ok(ges_at("target/debug/ges"))
}

pub(crate) fn ges_at(path: &str) -> Command {
    let mut ges = tools::tool(files::root().join(path));
    for name in ["GES_ENDPOINT", "GES_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"]
    {
        ges.env_remove(name);
    }
    ges
}

/// `ges emulate` on a free port, ended when this is dropped.
pub(crate) struct Emulator {
    process: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Emulator {
    pub(crate) fn start(arguments: &[&str]) -> Result<Emulator, String> {
        let mut ges = ges()?;
        ges.arg("emulate").args(arguments);
        Emulator::of(ges)
    }

    /// Whatever says first where it listens.
    pub(crate) fn of(mut ges: Command) -> Result<Emulator, String> {
        ges.stdout(Stdio::piped()).stderr(Stdio::null());
        let process = ges.spawn().map_err(|error| format!("error: cannot start {ges:?}: {error}"))?;
        let mut emulator = Emulator { process, address: String::new() };
        let mut line = String::new();
        if let Some(stdout) = emulator.process.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| format!("error: the emulator: {error}"))?;
        }
        let address = line.trim().strip_prefix("listening on http://");
        emulator.address = address.ok_or_else(|| format!("error: {ges:?} did not say where it listens"))?.to_owned();
        Ok(emulator)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it is asked for states.
    pub(crate) fn provider_states(&self) -> String {
        format!("{}/_emulator/provider-states", self.url())
    }

    /// Asks for a state; answers its values.
    pub(crate) fn set_up(&self, state: &str) -> Result<Value, String> {
        self.control("provider-states", &serde_json::json!({ "state": state }))
    }

    /// The answer of the control API.
    pub(crate) fn control(&self, path: &str, body: &Value) -> Result<Value, String> {
        let json = self.call(&format!("POST /_emulator/{path}"), &body.to_string())?;
        serde_json::from_str(&json).map_err(|error| format!("error: the emulator: {error}\n{json}"))
    }

    /// What it shows to people at this path.
    pub(crate) fn page(&self, path: &str) -> Result<String, String> {
        self.call(&format!("GET {path}"), "")
    }

    /// The body of the answer.
    fn call(&self, line: &str, body: &str) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("error: the emulator: {error}");
        let mut stream = TcpStream::connect(&self.address).map_err(failed)?;
        let head = format!("host: {}\r\nconnection: close\r\ncontent-length: {}", self.address, body.len());
        write!(stream, "{line} HTTP/1.1\r\n{head}\r\n\r\n{body}").map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        Ok(answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
