//! How does a whole state leave the emulator and come back over the control API?

use crate::Emulator;
use crate::control::PREFIX;
use crate::gateway::json;
use crate::snapshot::Snapshot;
use bytes::Bytes;
use http::Response;
use serde_json::json;

/// Whether a request to this address has a snapshot in its body, and so may be large.
pub(crate) fn takes_a_snapshot(path: &str) -> bool {
    path.strip_prefix(PREFIX) == Some("restore")
}

pub(crate) fn snapshot(emulator: &Emulator) -> Response<Bytes> {
    let snapshot = emulator.inside().snapshot();
    json(200, &snapshot)
}

/// All of it or nothing.
pub(crate) fn restore(body: &[u8], emulator: &Emulator) -> Response<Bytes> {
    match Snapshot::read(body) {
        Ok(snapshot) => {
            emulator.take_over(snapshot, &mut emulator.inside());
            json(200, &json!({}))
        }
        Err(error) => json(400, &json!({ "error": error.to_string(), "problems": error.problems() })),
    }
}
