//! Writes a value as a request body of a media type.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::node::{Data, Node};

/// The value that a suite has for a body: JSON, or the text that is sent.
pub(crate) enum Written {
    /// Written when it is sent.
    Json(Value),
    /// The text of a body that is JSON, with a number that [`Value`] cannot hold as it is written.
    ExactJson(String),
    /// The text of a body that is not JSON.
    Text(String),
}

/// How `value` is sent under `media_type`; nothing where that is not known: JSON and forms are written from values, of
/// every other media type only a text says what is sent.
pub(crate) fn written(media_type: &str, value: &Node) -> Option<Written> {
    if is_json(media_type) {
        return Some(match value.has_inexact_number() {
            true => Written::ExactJson(value.to_json_text()),
            false => Written::Json(value.to_json()),
        });
    }
    if let Some(form) = form(media_type, value) {
        return Some(Written::Text(form));
    }
    let text = value.as_text()?;
    let essence = essence(media_type);
    let fits = match () {
        () if essence.starts_with("multipart/") => media_type.contains("boundary="),
        () if essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml") => {
            text.trim_start().starts_with('<')
        }
        () => true,
    };
    fits.then(|| Written::Text(text.to_owned()))
}

/// A media type without parameters, in lower case: `text/plain` of `Text/Plain; charset=utf-8` (RFC 9110, 8.3.1).
pub fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type is that of a form whose text follows from a value.
pub(crate) fn is_form(media_type: &str) -> bool {
    essence(media_type) == "application/x-www-form-urlencoded"
}

/// The text of a form, if that is the media type and the value one that a form can have: scalars, and lists of them.
///
/// Source: OpenAPI 3.0.3, Encoding Object (`style: form`, `explode: true` are the defaults).
fn form(media_type: &str, value: &Node) -> Option<String> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');
    if !is_form(media_type) {
        return None;
    }
    let mut pairs = Vec::new();
    for member in value.as_map()?.iter() {
        let values = match &member.value.data {
            Data::List(items) => items.iter().map(Node::scalar).collect::<Option<Vec<_>>>()?,
            _ => vec![member.value.scalar()?],
        };
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string().replace("%20", "+");
        pairs.extend(values.iter().map(|value| format!("{}={}", encoded(&member.key), encoded(value))));
    }
    Some(pairs.join("&"))
}

/// Whether a media type is JSON, or based on it (`+json`).
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let suffix = essence.len().checked_sub("+json".len()).and_then(|at| essence.get(at..));
    essence.eq_ignore_ascii_case("application/json") || suffix.is_some_and(|it| it.eq_ignore_ascii_case("+json"))
}
