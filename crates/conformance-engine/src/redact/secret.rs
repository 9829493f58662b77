//! What must never be printed, and how it is kept out of everything that is.

use std::fmt;

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::Value;

use crate::check::value::push_name;
use crate::model::percent::ENCODED;

/// What stands in a secret's place.
pub(crate) const REDACTED: &str = "***";

/// Shorter secrets are not searched for in replies: replacing every `t` would hide the report and no secret.
/// (They are still not written where they were sent.)
const SHORTEST: usize = 4;

/// Excerpts are shorter than this; a longer text was never cut.
const LONGEST_CUT: usize = 16 << 10;

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
    // The usual ones, of which there are many.
    let plain = ["accept", "content-type", "content-length", "date", "server", "connection", "host"];
    if plain.iter().any(|plain| header.eq_ignore_ascii_case(plain)) {
        return false;
    }
    let header = header.to_ascii_lowercase();
    let parts = ["authorization", "x-auth", "token", "secret", "password", "cookie", "api-key", "apikey", "signature"];
    parts.iter().any(|part| header.contains(part))
}

/// Replaces the secret in what comes back: a server may echo it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    /// The secret in all its [`spellings`].
    needles: Vec<Secret>,
}

impl Redactor {
    pub(crate) fn new(secret: Option<&Secret>) -> Self {
        let secret = secret.map(Secret::expose).filter(|secret| secret.len() >= SHORTEST);
        let mut needles: Vec<_> = secret.map(spellings).unwrap_or_default().into_iter().map(Secret).collect();
        // The longest first: what it leaves could otherwise begin with a part of itself.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.expose().len()));
        Self { needles }
    }

    /// Whether this one is replaced already.
    pub(crate) fn knows(&self, secret: &Secret) -> bool {
        self.needles.contains(secret)
    }

    /// Replaces this one as well.
    pub(crate) fn add(&mut self, secret: &Secret) {
        if secret.expose().len() >= SHORTEST {
            self.needles.extend(spellings(secret.expose()).into_iter().map(Secret));
            self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.expose().len()));
        }
    }

    /// In a text that may be in lower case: the name of a header.
    pub(crate) fn lower_case_text(&self, text: &mut String) {
        for needle in self.needles.iter().map(|needle| needle.expose().to_ascii_lowercase()) {
            if text.contains(&needle) {
                *text = text.replace(&needle, REDACTED);
            }
        }
    }

    /// In a text that may have been cut, even in the middle of the secret.
    pub(crate) fn text(&self, text: &mut String) {
        for needle in self.needles.iter().map(Secret::expose) {
            if text.contains(needle) {
                *text = text.replace(needle, REDACTED);
            }
            if text.len() > LONGEST_CUT {
                continue;
            }
            let cuts: Vec<usize> = text.match_indices('…').map(|(at, _)| at).collect();
            for cut in cuts.into_iter().rev() {
                let length = cut_off(&text.as_bytes()[..cut], needle);
                if length > 0 {
                    text.replace_range(cut - length..cut, REDACTED);
                }
            }
        }
    }

    /// In a body, also where JSON escapes hide it.
    pub(crate) fn body(&self, body: &mut Vec<u8>) {
        for needle in self.needles.iter().map(|needle| needle.expose().as_bytes()) {
            replace(body, needle);
        }
        for needle in self.needles.iter().map(Secret::expose) {
            // The body may end in the middle: cut off by the server, or by our limit.
            let length = cut_off(body, needle);
            if length > 0 {
                body.truncate(body.len() - length);
                body.extend_from_slice(REDACTED.as_bytes());
            }
        }
        if !self.needles.is_empty()
            && contains(body, b"\\")
            && let Ok(mut value) = serde_json::from_slice::<Value>(body)
            && self.value(&mut value)
        {
            *body = value.to_string().into_bytes();
        }
    }

    /// Whether anything was replaced.
    fn value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let before = text.len();
                let had = self.needles.iter().any(|needle| text.contains(needle.expose()));
                self.text(text);
                had || text.len() != before
            }
            Value::Array(elements) => elements.iter_mut().fold(false, |any, element| self.value(element) | any),
            Value::Object(members) => {
                let mut any = false;
                if members.keys().any(|name| self.needles.iter().any(|needle| name.contains(needle.expose()))) {
                    *members = std::mem::take(members)
                        .into_iter()
                        .map(|(mut name, member)| {
                            self.text(&mut name);
                            (name, member)
                        })
                        .collect();
                    any = true;
                }
                members.values_mut().fold(any, |any, member| self.value(member) | any)
            }
            _ => false,
        }
    }
}

/// How the secret may be written: as it is, percent-encoded, in a JSON string or one within another, in a JSON pointer,
/// in base64.
fn spellings(secret: &str) -> Vec<String> {
    /// What a query or a path may contain as it is, and what some encoders therefore leave alone.
    const LENIENT: &AsciiSet = &ENCODED.remove(b'/').remove(b':').remove(b'=').remove(b'+').remove(b'&');

    let quoted = quoted(secret);
    let mut pointer = String::new();
    push_name(&mut pointer, secret);
    let pointer = pointer.split_off(1);

    let mut all = vec![secret.to_owned(), quoted.replace('/', "\\/"), self::quoted(&quoted), quoted, pointer];
    for set in [ENCODED, LENIENT] {
        let pieces: Vec<&str> = utf8_percent_encode(secret, set).collect();
        let lower =
            |piece: &&str| if piece.starts_with('%') { piece.to_ascii_lowercase() } else { (*piece).to_owned() };
        all.push(pieces.concat());
        all.push(pieces.iter().map(lower).collect());
    }
    all.extend(in_base64(secret));
    let mut different = Vec::new();
    for spelling in all {
        if !different.contains(&spelling) {
            different.push(spelling);
        }
    }
    different
}

fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// What is sure to be in the base64 of any text that has the secret in it: the letters that are made of the secret alone,
/// of which there are three rows, for the three places where it may begin.
fn in_base64(secret: &str) -> Vec<String> {
    /// The letters of a shorter one could belong to any text.
    const SHORTEST: usize = 8;

    let mut all = Vec::new();
    for (before, shared) in [(0, 0), (1, 2), (2, 3)].into_iter().filter(|_| secret.len() >= SHORTEST) {
        let text = [&b"--"[..before], secret.as_bytes()].concat();
        let whole = text.len() * 4 / 3;
        for encoding in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            all.push(encoding.encode(&text)[shared..whole].to_owned());
        }
    }
    all
}

/// How many bytes of `needle`'s beginning `text` ends with; too few to mean anything are none.
fn cut_off(text: &[u8], needle: &str) -> usize {
    let mut lengths = (SHORTEST..needle.len()).rev();
    lengths
        .find(|length| needle.is_char_boundary(*length) && text.ends_with(&needle.as_bytes()[..*length]))
        .unwrap_or(0)
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

fn replace(text: &mut Vec<u8>, needle: &[u8]) {
    if !contains(text, needle) {
        return;
    }
    let mut replaced = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if text[at..].starts_with(needle) {
            replaced.extend_from_slice(REDACTED.as_bytes());
            at += needle.len();
        } else {
            replaced.push(*byte);
            at += 1;
        }
    }
    *text = replaced;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, text: &str, expected: &str) {
        let redactor = Redactor::new(Some(&Secret::new(secret)));
        let mut redacted = text.to_owned();
        redactor.text(&mut redacted);
        assert_eq!(redacted, expected);
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("s3cret");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Redactor::new(Some(&secret))),
            "*** *** Redactor { needles: [***] }"
        );
    }

    #[test]
    fn a_secret_is_replaced_however_it_is_spelled() {
        check("s3cret", "a s3cret, s3cret!", "a ***, ***!");
        check("a b/c=", "x=a%20b%2Fc%3D&y", "x=***&y");
        check("a b/c=", "x=a%20b%2fc%3d&y", "x=***&y");
        check("a:b/c=+&ä", "x=a:b/c=+&%C3%A4&y", "x=***&y");
        check("a:b/c=+&ä", "x=a:b/c=+&%c3%a4&y", "x=***&y");
        check("a\"b\"", r#"{"t":"a\"b\""}"#, r#"{"t":"***"}"#);
        check("a/b\\c", r#"{"t":"a\/b\\c""#, r#"{"t":"***""#);
        check("a/b~c", "/names/a~1b~0c/x", "/names/***/x");
        check("a%b/c", "a%25b%2fc", "***");
        check("a\"b\"", r#"in "{\"t\":\"a\\\"b\\\"\"}""#, r#"in "{\"t\":\"***\"}""#);
        // The base64 of `a:`, then of `x:` and `xx:` before it.
        check("s3cret/~?>", "czNjcmV0L34/Pg==", "***g==");
        check("s3cret/~?>", "czNjcmV0L34_Pg", "***g");
        check("s3cret/~?>", "OnMzY3JldC9+Pz4=", "On***4=");
    }

    #[test]
    fn a_secret_that_was_cut_is_replaced_as_well() {
        check("s3cret", "token s3cre…", "token ***…");
        check("s3cret", "token s3c…", "token s3c…");
    }

    #[test]
    fn a_secret_in_the_name_of_a_header_is_replaced_although_it_lost_its_case() {
        let mut name = "x-s3cret-id".to_owned();
        Redactor::new(Some(&Secret::new("S3cret"))).lower_case_text(&mut name);
        assert_eq!(name, "x-***-id");
    }

    #[test]
    fn a_secret_too_short_to_find_replaces_nothing() {
        check("t", "the report", "the report");
    }

    #[test]
    fn a_body_is_searched_behind_its_escapes() {
        let redactor = Redactor::new(Some(&Secret::new("s3cret")));
        let redact = |body: &[u8]| {
            let mut body = body.to_vec();
            redactor.body(&mut body);
            String::from_utf8_lossy(&body).into_owned()
        };
        assert_eq!(redact(b"\xffs3crets3cret"), "\u{fffd}******");
        assert_eq!(redact(br#"{"a":["\u00733cret"],"\u00733cret":1}"#), r#"{"a":["***"],"***":1}"#);
        assert_eq!(redact(b"it was s3cre"), "it was ***");
        assert_eq!(redact(br#"{"a": "\u0073"}"#), r#"{"a": "\u0073"}"#);
    }

    #[test]
    fn headers_that_usually_carry_secrets() {
        for (name, expected) in [
            ("Authorization", true),
            ("X-Auth-Token", true),
            ("Set-Cookie", true),
            ("X-Api-Key", true),
            ("Content-Type", false),
            ("X-Request-Id", false),
        ] {
            assert_eq!(is_sensitive(name), expected, "{name}");
        }
    }
}
