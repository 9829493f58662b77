//! Overwrites secrets when they are dropped, and redacts them in texts of a service.

use bytes::Bytes;
use http::HeaderValue;
use specwright_redaction::Redactor;
use zeroize::Zeroizing;

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

/// Replaces the secret, in every encoding, in a text of a service. The text may end in the middle of the secret.
///
/// What searches for the secret has a copy of it for the moment, which is not overwritten.
pub(crate) fn redact(text: &mut String, secret: &[u8]) {
    let Ok(secret) = std::str::from_utf8(secret) else { return };
    let mut redactor = Redactor::new();
    redactor.known.add(secret);
    let mut bytes = std::mem::take(text).into_bytes();
    redactor.bytes(&mut bytes, None);
    *text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
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
        check("s3cret/~?>", "czNjcmV0L34/Pg== OnMzY3JldC9+Pz4=", "***== ***=");
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
