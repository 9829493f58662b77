//! Restores an arbitrary snapshot in the emulator.

use bytes::Bytes;
use ges_emulator::{Config, Emulator};
use http::Request;
use serde_json::Value;
use std::time::Duration;

use super::request::snapshot_comes_back;

/// Refused with reasons, or a service like any other, now and much later.
pub fn snapshot(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let emulator = Emulator::new(Config::default());
    if let Err(error) = emulator.restore(text) {
        assert!(!error.problems().is_empty());
        return;
    }
    let snapshot: Value = serde_json::from_str(text).expect("it was read");
    for days in [0, 8, 40] {
        emulator.advance_clock(Duration::from_secs(days * 86_400));
        snapshot_comes_back(&emulator);
        for graph in snapshot["graphs"].as_array().into_iter().flatten() {
            let (project, id) = (graph["project_id"].as_str(), graph["id"].as_str());
            let Some(root) = project.zip(id).map(|(project, id)| format!("/v1.0/{project}/graphs/{id}")) else {
                continue;
            };
            call(&emulator, "GET", &root);
            call(&emulator, "GET", &format!("{root}/backups"));
            call(&emulator, "POST", &format!("{root}/action?action_id=stop"));
            call(&emulator, "POST", &format!("{root}/action?action_id=start"));
            call(&emulator, "POST", &format!("{root}/backups"));
        }
    }
    snapshot_comes_back(&emulator);
}

fn call(emulator: &Emulator, method: &str, address: &str) {
    let request = Request::builder().method(method).uri(address).header("x-auth-token", "any");
    // A project may be called something that no address can hold.
    if let Ok(request) = request.body(Bytes::new()) {
        let answer = emulator.answer(request);
        assert!(!answer.status().is_server_error(), "{method} {address}: {}", answer.status());
    }
}
