//! Status codes of graphs in words.

use ges_client::types::GraphStatus;

/// Whether the graph does not run again without help.
pub(crate) fn is_broken(status: &GraphStatus) -> bool {
    matches!(status.as_str(), "300" | "303" | "400" | "800")
}

/// `running (200)`; an unknown code without words.
pub(crate) fn in_words(status: &GraphStatus) -> String {
    match status.meaning() {
        Some(meaning) => format!("{meaning} ({status})"),
        None => status.to_string(),
    }
}
