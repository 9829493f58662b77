//! Replaces secrets in texts.

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::cmp::Reverse;

/// The header fields whose values are secret.
const SECRET_FIELDS: [&str; 6] =
    ["x-auth-token", "authorization", "x-security-token", "x-subject-token", "cookie", "proxy-authorization"];

/// A shorter secret is not searched for: its replacement in ordinary words would reveal it.
const MIN_LENGTH: usize = 3;

const REDACTED: &str = "***";

/// Replaces the secrets that a request presents and those of the configuration.
pub(crate) struct Redactor {
    /// In every spelling, the longest first.
    secrets: Vec<String>,
}

impl Redactor {
    pub(crate) fn new<'a>(
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        configured: impl Iterator<Item = &'a str>,
    ) -> Self {
        let presented = fields.filter(|(name, _)| is_secret(name));
        let mut secrets: Vec<String> = presented
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            // Of a signed request also the signature alone.
            .flat_map(|value| [value.rsplit_once("Signature=").map(|(_, alone)| alone.to_owned()), Some(value)])
            .flatten()
            .chain(configured.map(str::to_owned))
            .filter(|secret| secret.len() >= MIN_LENGTH)
            .flat_map(|secret| spellings(&secret))
            .collect();
        // A secret may be part of a longer one.
        secrets.sort_by_key(|secret| Reverse(secret.len()));
        Self { secrets }
    }

    pub(crate) fn text(&self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text).into_owned();
        self.secrets.iter().fold(text, |text, secret| text.replace(secret, REDACTED))
    }

    /// The value of a header field.
    pub(crate) fn field_value(&self, name: &[u8], value: &[u8]) -> String {
        if is_secret(name) { REDACTED.to_owned() } else { self.text(value) }
    }
}

fn is_secret(field: &[u8]) -> bool {
    SECRET_FIELDS.iter().any(|secret| secret.as_bytes() == field)
}

/// The spellings of a secret: plain, in a JSON string, in a JSON string within another, percent-encoded, in base64.
fn spellings(secret: &str) -> Vec<String> {
    /// The base64 of a shorter secret could occur by chance.
    const LEAST_ENCODED: usize = 8;
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

    let quoted = quoted(secret);
    let pieces: Vec<&str> = utf8_percent_encode(secret, ENCODED).collect();
    let lower = |piece: &&str| if piece.starts_with('%') { piece.to_ascii_lowercase() } else { (*piece).to_owned() };
    let percent = [pieces.concat(), pieces.iter().map(lower).collect()];
    let mut all = vec![secret.to_owned(), quoted.replace('/', "\\/"), self::quoted(&quoted), quoted];
    all.extend(percent);
    // The part of its base64 that does not depend on the bytes before and after it, at each of the three offsets.
    for (before, shared) in [(0, 0), (1, 2), (2, 3)].into_iter().filter(|_| secret.len() >= LEAST_ENCODED) {
        let text = [&b"--"[..before], secret.as_bytes()].concat();
        let whole = text.len() * 4 / 3;
        for encoding in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            all.push(encoding.encode(&text)[shared..whole].to_owned());
        }
    }
    all
}

fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}
