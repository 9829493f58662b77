//! Overwrites secrets when they are dropped, and redacts them in texts of a service.

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use bytes::Bytes;
use http::HeaderValue;
use percent_encoding::utf8_percent_encode;
use zeroize::Zeroizing;

use crate::percent::RESERVED;

/// A header value with a secret: marked as sensitive, shared by its copies, and overwritten when the last is dropped.
/// `None` if a header cannot carry it.
///
/// The HTTP client also copies it to its own buffers, which are not overwritten.
pub(crate) fn header(secret: &[u8]) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(bytes(Zeroizing::new(secret.to_vec()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A body with a secret, overwritten when the last copy is dropped.
pub(crate) fn bytes(secret: Zeroizing<Vec<u8>>) -> Bytes {
    struct Owner(Zeroizing<Vec<u8>>);

    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    Bytes::from_owner(Owner(secret))
}

/// Shorter secrets are not redacted: replacing every `t` would only make the message unreadable.
const SHORTEST: usize = 4;

/// Replaces the secret, in every spelling, in a text of a service. The text may end in the middle of the secret.
pub(crate) fn redact(text: &mut String, secret: &[u8]) {
    const REDACTED: &str = "***";

    let Ok(secret) = std::str::from_utf8(secret) else { return };
    if secret.len() < SHORTEST {
        return;
    }
    let mut spellings = spellings(secret);
    // The longest first: a shorter spelling may be a part of it.
    spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    for spelling in &spellings {
        *text = text.replace(spelling.as_str(), REDACTED);
    }
    for spelling in &spellings {
        let mut beginnings = (SHORTEST..spelling.len()).rev().filter_map(|length| spelling.get(..length));
        if let Some(beginning) = beginnings.find(|beginning| text.ends_with(beginning)) {
            text.truncate(text.len() - beginning.len());
            text.push_str(REDACTED);
        }
    }
}

/// The secret plain, in a JSON string, in one within another, percent-encoded, and in base64.
fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    /// Shorter base64 texts also occur by chance.
    const SHORTEST_ENCODED: usize = 8;

    let once = quoted(secret);
    let lower = utf8_percent_encode(secret, RESERVED).map(|piece| match piece.starts_with('%') {
        true => piece.to_ascii_lowercase(),
        false => piece.to_owned(),
    });
    let mut all = vec![
        secret.to_owned().into(),
        quoted(&once),
        once.replace('/', "\\/").into(),
        once,
        utf8_percent_encode(secret, RESERVED).to_string().into(),
        lower.collect::<String>().into(),
    ];
    // The base64 letters that depend on the secret alone, for each of the three offsets in a longer text.
    for (before, shared) in [(0, 0), (1, 2), (2, 3)].into_iter().filter(|_| secret.len() >= SHORTEST_ENCODED) {
        let text = Zeroizing::new([&b"--"[..before], secret.as_bytes()].concat());
        let whole = text.len() * 4 / 3;
        for encoding in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let encoded = Zeroizing::new(encoding.encode(&*text));
            all.extend(encoded.get(shared..whole).map(|letters| letters.to_owned().into()));
        }
    }
    all
}

fn quoted(text: &str) -> Zeroizing<String> {
    let quoted = Zeroizing::new(serde_json::Value::from(text).to_string());
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, text: &str, expected: &str) {
        let mut redacted = text.to_owned();
        redact(&mut redacted, secret.as_bytes());
        assert_eq!(redacted, expected);
    }

    #[test]
    fn a_secret_is_replaced_in_every_spelling() {
        check("s3cret", "a s3cret, s3cret!", "a ***, ***!");
        check("a\"b/c=", r#"{"t": "a\"b\/c="}, a\\\"b/c=, a%22b%2Fc%3D a%22b%2fc%3d"#, r#"{"t": "***"}, ***, *** ***"#);
        check("s3cret/~?>", "czNjcmV0L34/Pg== OnMzY3JldC9+Pz4=", "***g== On***4=");
    }

    #[test]
    fn a_secret_at_a_cut_end_is_replaced() {
        check("s3cret", "token s3cre", "token ***");
        check("s3cret", "token s3c", "token s3c");
    }

    #[test]
    fn a_very_short_secret_replaces_nothing() {
        check("t", "the report", "the report");
    }
}
