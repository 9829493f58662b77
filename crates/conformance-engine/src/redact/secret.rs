//! What must never be printed, and how it is kept out of everything that is.

use std::fmt;

pub(crate) use specwright_redaction::REDACTED;
use specwright_redaction::name::{Place, is_secret};

/// A token. It prints as `***`; only a request carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// What proves who sends a request where no token does: a signature, of which each request needs its own.
pub trait Sign: fmt::Debug + Send + Sync {
    /// The headers to add to a request that is complete otherwise.
    ///
    /// # Errors
    /// Why it cannot be signed, in words, without a secret.
    fn sign(&self, request: &Unsigned<'_>) -> Result<Vec<(String, String)>, String>;

    /// The secrets that every signed request carries, so that it can be replaced where a server echoes it.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

/// A request to be signed.
#[derive(Clone, Copy)]
pub struct Unsigned<'r> {
    /// The method.
    pub method: &'r str,
    /// The whole address, as its path and query will be sent.
    pub url: &'r str,
    /// The headers, without those that the connection adds.
    pub headers: &'r [(String, String)],
    /// The body; none is an empty one.
    pub body: &'r [u8],
}

/// Does a header of this name usually carry a secret?
pub(crate) fn is_sensitive(header: &str) -> bool {
    is_secret(header, Place::Header)
}

/// The same of a parameter of a query.
pub(crate) fn is_sensitive_parameter(name: &str) -> bool {
    is_secret(name, Place::Parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("s3cret");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    }

    #[test]
    fn headers_that_usually_carry_secrets() {
        for (name, expected) in [
            ("Authorization", true),
            ("X-Auth-Token", true),
            ("Set-Cookie", true),
            ("x-api-key", true),
            ("x-session-id", true),
            ("x-sk", true),
            ("Content-Type", false),
            ("X-Request-Id", false),
            ("WWW-Authenticate", false),
        ] {
            assert_eq!(is_sensitive(name), expected, "{name}");
        }
    }
}
