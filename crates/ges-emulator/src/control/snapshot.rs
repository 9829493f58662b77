//! Takes and restores snapshots over the control API.

use crate::api::json::json;
use crate::instance::Instance;
use crate::storage::snapshot::Snapshot;
use bytes::Bytes;
use http::Response;
use serde_json::json;

pub(crate) fn snapshot(instance: &Instance) -> Response<Bytes> {
    let snapshot = instance.lock().snapshot();
    json(200, &snapshot)
}

/// All of it or nothing.
pub(crate) fn restore(body: &[u8], instance: &Instance) -> Response<Bytes> {
    match Snapshot::read(body) {
        Ok(snapshot) => {
            instance.lock().restore(snapshot, &instance.config);
            json(200, &json!({}))
        }
        Err(error) => json(400, &json!({ "error": error.to_string(), "problems": error.problems() })),
    }
}
