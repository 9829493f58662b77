//! Redacts whole bodies, and cuts those that cannot be read and may hold a secret.

use std::cell::Cell;
use std::fmt;

use serde::de::IgnoredAny;

use crate::inflate::{Inflated, LONGEST_INFLATED, inflated, is_compressed};
use crate::redactor::Redactor;
use crate::scan::{Format, mentions};

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is compressed, and not as it says, or in a way that is not read here, or too long.
    Compressed,
    /// It is not in the format that it claims, and mentions a secret.
    Malformed,
    /// It is in a binary format, and mentions a secret.
    Binary,
}

/// A body that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How long it is, in bytes.
    pub length: usize,
    /// Why.
    pub why: Unread,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Unread::Compressed => "the compression cannot be undone",
            Unread::Malformed => "the body is not in the format that it claims",
            Unread::Binary => "the body is in a binary format",
        };
        write!(f, "{} bytes not shown: {why}, so it may hold a secret", self.length)
    }
}

impl Redactor {
    /// A body without content coding, of this media type (empty if it has none), with its secrets replaced. `None` if it has
    /// none.
    ///
    /// # Errors
    /// The body cannot be read, and may hold a secret.
    pub fn body(&self, body: &[u8], media_type: &str) -> Result<Option<Vec<u8>>, Cut> {
        let cut = |why| Err(Cut { length: body.len(), why });
        let format = format_of(media_type);
        let budget = Cell::new(LONGEST_INFLATED);
        match inflated(body, &budget) {
            Inflated::Not => {}
            Inflated::Text(mut text) => {
                // Another compressed one within it is not read.
                if is_compressed(&text) {
                    return cut(Unread::Compressed);
                }
                return Ok(self.bytes(&mut text, Some(format)).then_some(text));
            }
            Inflated::Unreadable => return cut(Unread::Compressed),
        }
        /// zstd, zip, bzip2, xz, 7z. Sources: RFC 8878, 3.1.1; APPNOTE 4.3.7; the formats' own descriptions.
        const COMPRESSED: [&[u8]; 5] = [b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c"];
        if COMPRESSED.iter().any(|magic| body.starts_with(magic)) && std::str::from_utf8(body).is_err() {
            return cut(Unread::Compressed);
        }
        if let Some(mut text) = from_utf16(body) {
            return Ok(self.text(&mut text, format).then(|| text.into_bytes()));
        }
        let is_text = std::str::from_utf8(body).is_ok();
        let changed = self.replaced(body, Some(format));
        let media_type = media_type.to_ascii_lowercase();
        let is_picture = ["image/", "audio/", "video/", "font/"].iter().any(|kind| media_type.starts_with(kind));
        if changed.is_some() || is_picture && !media_type.contains("xml") {
            return Ok(changed);
        }
        if !is_text {
            return if mentions(body) { cut(Unread::Binary) } else { Ok(None) };
        }
        let claims_json = media_type.contains("json") || body.trim_ascii_start().starts_with(b"{");
        let claims_table = media_type.contains("csv") || media_type.contains("tab-separated");
        let is_malformed = claims_table || claims_json && !is_json(body);
        if is_malformed && mentions(body) { cut(Unread::Malformed) } else { Ok(None) }
    }

    /// A body without content coding with the known secrets replaced. `None` if it has none.
    pub fn known_in_body(&self, body: &[u8]) -> Option<Vec<u8>> {
        if self.known.is_empty() {
            return None;
        }
        if let Inflated::Text(mut text) = inflated(body, &Cell::new(LONGEST_INFLATED)) {
            return self.bytes(&mut text, None).then_some(text);
        }
        if let Some(mut text) = from_utf16(body) {
            return self.known(&mut text).then(|| text.into_bytes());
        }
        self.replaced(body, None)
    }
}

fn format_of(media_type: &str) -> Format {
    let is_form = media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    if is_form { Format::Form } else { Format::Any }
}

/// One value or several, as NDJSON has them.
fn is_json(body: &[u8]) -> bool {
    serde_json::Deserializer::from_slice(body).into_iter::<IgnoredAny>().all(|value| value.is_ok())
}

/// A text in UTF-16 that says so, or that has a zero in every second place at its beginning.
fn from_utf16(body: &[u8]) -> Option<String> {
    let zeros = |at: usize| body.len() >= 8 && body.iter().take(64).skip(at).step_by(2).all(|byte| *byte == 0);
    let is_big = body.starts_with(b"\xfe\xff") || zeros(0);
    if !is_big && !body.starts_with(b"\xff\xfe") && !zeros(1) {
        return None;
    }
    let units = body
        .chunks_exact(2)
        .map(|two| if is_big { u16::from_be_bytes([two[0], two[1]]) } else { u16::from_le_bytes([two[0], two[1]]) });
    let text: String = char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.trim_start_matches('\u{feff}').to_owned())
}
