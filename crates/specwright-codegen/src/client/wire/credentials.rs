//! Credentials for the security schemes of the document.

use std::fmt;

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};

/// The credentials that a client sends: one for each security scheme that the caller has one for.
///
/// An operation gets those of the first alternative of its `security` that are all here. If none is complete, the operation
/// is not called; without any credentials, requests are sent as they are. Their `Debug` shows names of schemes only.
#[derive(Clone, Default)]
pub struct Credentials(Vec<(&'static str, Secret)>);

#[derive(Clone)]
enum Secret {
    Token(String),
    User { name: String, password: String },
}

/// Where the credential of a scheme goes.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// `Authorization`, behind this text.
    Authorization(&'static str),
    Header(&'static str),
    Query(&'static str),
    Cookie(&'static str),
}

/// The name of a security scheme, and its place.
pub(super) type Scheme = (&'static str, Place);

impl Credentials {
    /// No credentials.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, scheme: &'static str, secret: Secret) -> Self {
        self.0.retain(|(known, _)| *known != scheme);
        self.0.push((scheme, secret));
        self
    }

    fn of(&self, scheme: &str) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| *known == scheme).map(|(_, secret)| secret)
    }

    /// Adds what one of the alternatives takes to a request.
    pub(super) fn add_to(&self, request: &mut Request, alternatives: &[&[Scheme]]) -> Result<(), String> {
        if self.0.is_empty() || alternatives.is_empty() {
            return Ok(());
        }
        let is_complete = |alternative: &&&[Scheme]| alternative.iter().all(|(scheme, _)| self.of(scheme).is_some());
        let chosen = alternatives.iter().filter(|alternative| !alternative.is_empty()).find(is_complete);
        let Some(chosen) = chosen.or_else(|| alternatives.iter().find(|alternative| alternative.is_empty())) else {
            let names = alternatives.iter().map(|alternative| {
                let names: Vec<String> = alternative.iter().map(|(scheme, _)| format!("`{scheme}`")).collect();
                names.join(" and ")
            });
            return Err(format!("the operation takes other credentials: {}", names.collect::<Vec<_>>().join(", or ")));
        };
        for (scheme, place) in chosen.iter() {
            if let Some(secret) = self.of(scheme) {
                add(request, scheme, *place, secret)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(scheme, _)| (scheme, "***"))).finish()
    }
}

fn add(request: &mut Request, scheme: &str, place: Place, secret: &Secret) -> Result<(), String> {
    let text = match secret {
        Secret::Token(token) => token.clone(),
        // RFC 7617, 2: what is in front of the first colon is the name.
        Secret::User { name, .. } if name.contains(':') => {
            return Err(format!("the user name of `{scheme}` has a colon, which ends it on the wire"));
        }
        Secret::User { name, password } => base64(format!("{name}:{password}").as_bytes()),
    };
    let unsendable = |what: &str| format!("the credential of `{scheme}` has characters that no {what} can have");
    let header = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| unsendable("header"))?;
        value.set_sensitive(true);
        Ok::<_, String>(value)
    };
    match place {
        Place::Authorization(prefix) => {
            request.headers_mut().insert(AUTHORIZATION, header(&format!("{prefix}{text}"))?);
        }
        Place::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            request.headers_mut().insert(name, header(&text)?);
        }
        Place::Query(name) => {
            request.url_mut().query_pairs_mut().append_pair(name, &text);
        }
        Place::Cookie(_) if text.contains([';', ',', ' ', '"', '\\']) => return Err(unsendable("cookie")),
        Place::Cookie(name) => {
            let others = request.headers().get(COOKIE).and_then(|value| value.to_str().ok());
            let others = others.map(|others| format!("{others}; ")).unwrap_or_default();
            request.headers_mut().insert(COOKIE, header(&format!("{others}{name}={text}"))?);
        }
    }
    Ok(())
}

/// RFC 4648, 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| chunk.get(index).map_or(0, |byte| usize::from(*byte));
        let bits = (byte(0) * 256 + byte(1)) * 256 + byte(2);
        for (place, scale) in [64 * 64 * 64, 64 * 64, 64, 1].into_iter().enumerate() {
            let digit = DIGITS[bits / scale % 64];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, 10.
    #[test]
    fn base64_is_that_of_the_rfc() {
        let rows =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (text, expected) in rows {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
