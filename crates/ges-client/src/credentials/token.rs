//! A user token that was fetched elsewhere.

use std::fmt;
use std::future::ready;

use http::{HeaderName, HeaderValue};
use reqwest::Request;
use secrecy::{ExposeSecret, SecretString};

use super::authorize::{Authorizing, Context, Credentials};
use crate::error::Error;
use crate::secret;

/// Source: every page, "Request Parameters".
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// A user token: the value of `X-Subject-Token` in the answer of IAM's `POST /v3/auth/tokens`. It must be for a project,
/// ends after 24 hours, and then every call is [unauthorized](Error::is_unauthorized); [`Password`](super::Password)
/// fetches new ones.
#[derive(Clone)]
pub struct Token(HeaderValue);

impl Token {
    /// Takes the token as it is.
    ///
    /// # Errors
    /// It is empty, or has characters that a header cannot carry, such as a line break. The error does not repeat it.
    pub fn new(token: impl Into<SecretString>) -> Result<Token, Error> {
        let token = token.into();
        let token = token.expose_secret();
        if token.trim().is_empty() {
            return Err(Error::credentials("the token is empty"));
        }
        let header = secret::header(token.as_bytes()).filter(|header| header.to_str().is_ok());
        header.map(Token).ok_or_else(|| {
            Error::credentials("the token has characters that a header cannot carry, such as a line break at its end")
        })
    }

    /// The token itself, for programs that send requests of their own.
    pub fn expose_secret(&self) -> &str {
        // `new` accepts nothing else.
        self.0.to_str().unwrap_or_default()
    }
}

impl Credentials for Token {
    fn authorize<'a>(&'a self, request: &'a mut Request, _: &'a reqwest::Client, _: &'a Context) -> Authorizing<'a> {
        request.headers_mut().insert(HEADER, self.0.clone());
        Box::pin(ready(Ok(0)))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}
