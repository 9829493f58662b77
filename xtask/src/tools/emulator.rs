//! Starts `ges emulate` for other programs to talk to, and drives its control API.

use std::ops::Deref;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use super::cargo::cargo;
use super::process::{run, tool};
use super::server::Server;
use crate::files;

/// `ges`, built by the first call.
pub(crate) fn ges() -> Result<Command, String> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(|| run(cargo().args(["build", "--locked", "--package", "ges-cli"]))).clone()?;
    Ok(ges_at("target/debug/ges"))
}

/// `ges` at this path, without the caller's credentials and endpoint.
pub(crate) fn ges_at(path: &str) -> Command {
    let mut ges = tool(files::root().join(path));
    for name in ["GES_ENDPOINT", "GES_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"]
    {
        ges.env_remove(name);
    }
    ges
}

/// `ges emulate` on a free port.
pub(crate) struct Emulator(Server);

impl Emulator {
    pub(crate) fn start(arguments: &[&str]) -> Result<Emulator, String> {
        let mut ges = ges()?;
        ges.arg("emulate").args(arguments);
        Emulator::from_command(ges)
    }

    pub(crate) fn from_command(ges: Command) -> Result<Emulator, String> {
        Server::announced(ges).map(Emulator)
    }

    /// The address of its provider states.
    pub(crate) fn provider_states(&self) -> String {
        format!("{}/_emulator/provider-states", self.url())
    }

    /// Sets up a provider state; returns its values.
    pub(crate) fn set_up(&self, state: &str) -> Result<Value, String> {
        self.control("provider-states", &serde_json::json!({ "state": state }))
    }

    /// Calls the control API; returns its answer.
    pub(crate) fn control(&self, path: &str, body: &Value) -> Result<Value, String> {
        let json = self.send(&format!("POST /_emulator/{path}"), &[], &body.to_string())?.body;
        serde_json::from_str(&json).map_err(|error| format!("error: the emulator: {error}\n{json}"))
    }

    /// The body at this path.
    pub(crate) fn page(&self, path: &str) -> Result<String, String> {
        Ok(self.send(&format!("GET {path}"), &[], "")?.body)
    }
}

impl Deref for Emulator {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}
