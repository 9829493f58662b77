//! Reads a file of recorded traffic: HAR, or a VCR cassette.

use std::fmt;

use serde_json::Value;

pub use crate::format::recording::{Recording, Unreadable};
use crate::format::{har, vcr, yaml};

/// Why a file is no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl Recording {
    /// Reads a HAR file or a VCR cassette (YAML or JSON), whichever `bytes` are.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordingError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            RecordingError(format!("not text: bytes that are not UTF-8, from offset {}", error.valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| RecordingError(format!("not JSON: {error}")))?
        } else {
            yaml::read(text).map_err(RecordingError)?
        };
        if let Some(log) = value.get("log").filter(|log| log.get("entries").is_some_and(Value::is_array)) {
            return Ok(har::read(log));
        }
        let interactions = ["http_interactions", "interactions"].iter().find_map(|name| value.get(name)?.as_array());
        match interactions {
            Some(interactions) => Ok(vcr::read(&value, interactions)),
            None => Err(RecordingError(
                "neither a HAR file (`log.entries`) nor a VCR cassette (`http_interactions`)".to_owned(),
            )),
        }
    }
}
