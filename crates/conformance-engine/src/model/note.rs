//! Something worth saying that is no mismatch.

use serde::{Deserialize, Serialize};

/// Something worth saying that is no mismatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The JSON pointer concerned; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// In words.
    pub text: String,
}

impl Note {
    /// With its place, if it has one.
    pub fn shown(&self) -> String {
        if self.pointer.is_empty() { self.text.clone() } else { format!("{}: {}", self.pointer, self.text) }
    }
}
