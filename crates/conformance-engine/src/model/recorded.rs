//! One recorded exchange, and which parts of it the recorder left out.

use crate::model::content_encoding::{Decoded, decode_within};
use crate::model::exchange::{Body, Exchange};

/// The longest body that is judged, in bytes; also of one that comes out of a compressed one.
const BODY_LIMIT: usize = 16 << 20;

/// The most values of a body that is judged. In memory a value takes about a hundred bytes, and in JSON two.
const MOST_VALUES: usize = 500_000;

/// What may come out of the compressed bodies of a whole recording, at least; more, in proportion to its size.
const LEAST_EXPANSION: usize = 64 << 20;

/// How many times its size may come out of a recording.
const EXPANSION: u64 = 3;

/// How much may still come out of compressed bodies.
#[derive(Debug)]
pub(crate) struct Expansion {
    left: usize,
    all: usize,
}

impl Expansion {
    /// For all bodies of a recording of so many bytes.
    pub(crate) fn of_recording(size: u64) -> Self {
        let all = usize::try_from(size.saturating_mul(EXPANSION)).unwrap_or(usize::MAX).max(LEAST_EXPANSION);
        Self { left: all, all }
    }

    /// For one exchange that passes: traffic has no end.
    fn of_exchange() -> Self {
        Self { left: 2 * BODY_LIMIT, all: 2 * BODY_LIMIT }
    }
}

/// One recorded exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Which one of the file: its own name for it, or its number.
    pub label: String,
    /// The exchange.
    pub exchange: Exchange,
    /// Why the body of the request is not there, although there was or may have been one.
    pub request_body_missing: Option<String>,
    /// Why the body of the reply is not there, or not whole.
    pub reply_body_missing: Option<String>,
    /// The recorder leaves no header out, so one that is not there was not sent.
    pub has_all_headers: bool,
    /// The case whose exchange it is, if the recorder says so.
    pub case: Option<String>,
    /// The request was made wrong on purpose.
    pub is_wrong_on_purpose: bool,
}

impl Recorded {
    /// An exchange of which everything is known.
    pub fn whole(label: String, exchange: Exchange) -> Self {
        Self {
            label,
            exchange,
            request_body_missing: None,
            reply_body_missing: None,
            has_all_headers: true,
            case: None,
            is_wrong_on_purpose: false,
        }
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        let Exchange { sent, reply, .. } = &self.exchange;
        let headers = sent.headers.iter().chain(reply.iter().flat_map(|reply| &reply.headers));
        let headers: usize = headers.map(|(name, value)| name.len() + value.len() + 48).sum();
        let bodies = sent.body.as_ref().map_or(0, Vec::len) + reply.as_ref().map_or(0, |reply| reply.body.len());
        headers + bodies + 2 * sent.url.len() + 512
    }

    /// Forgets the bodies, for this reason.
    pub fn let_bodies_go(&mut self, reason: &str) {
        if self.exchange.sent.body.take().is_some() {
            self.request_body_missing = Some(reason.to_owned());
        }
        if let Some(reply) = self.exchange.reply.as_mut().filter(|reply| !reply.body.is_empty()) {
            reply.body = Body::default();
            self.reply_body_missing = Some(reason.to_owned());
        }
    }

    /// Undoes the encodings of both bodies. A recorder may have done so and kept the header; then the body is as it is.
    pub(crate) fn decode_bodies(&mut self, expansion: &mut Expansion) {
        self.decode(false, expansion);
    }

    /// The same for what a proxy saw, which changes nothing.
    pub(crate) fn decode_raw_bodies(&mut self) {
        self.decode(true, &mut Expansion::of_exchange());
    }

    fn decode(&mut self, is_raw: bool, expansion: &mut Expansion) {
        let Exchange { sent, reply, .. } = &mut self.exchange;
        if let Some(body) = &mut sent.body {
            let missing = &mut self.request_body_missing;
            let fault = decode_body(body, &mut sent.headers, missing, is_raw, expansion);
            *missing = missing.take().or(fault).or_else(|| too_much(body));
            if missing.is_some() && too_much(body).is_some() {
                sent.body = None;
            }
        }
        if let Some(reply) = reply {
            reply.body.edit(|body| {
                let missing = &mut self.reply_body_missing;
                let fault = decode_body(body, &mut reply.headers, missing, is_raw, expansion);
                reply.framing_fault = reply.framing_fault.take().or(fault);
                if let Some(reason) = too_much(body) {
                    *missing = missing.take().or(Some(reason));
                    *body = Vec::new();
                }
            });
        }
    }
}

/// What is wrong with the body, in words that fit after "the body".
fn decode_body(
    body: &mut Vec<u8>,
    headers: &mut Vec<(String, String)>,
    missing: &mut Option<String>,
    is_raw: bool,
    expansion: &mut Expansion,
) -> Option<String> {
    let is_encoding = |name: &str| name.eq_ignore_ascii_case("content-encoding");
    let named: Vec<&str> =
        headers.iter().filter(|(name, _)| is_encoding(name)).map(|(_, value)| value.as_str()).collect();
    if named.is_empty() || body.is_empty() || missing.is_some() {
        return None;
    }
    let encodings = named.join(",");
    let before = expansion.left;
    match decode_within(body, &encodings, BODY_LIMIT, &mut expansion.left) {
        Decoded::Whole(bytes) => *body = bytes,
        // It is a text, so it is not what the header says: the recorder decoded it.
        _ if !is_raw && std::str::from_utf8(body).is_ok() => {}
        Decoded::TooLong if before < BODY_LIMIT => {
            let all = expansion.all;
            *missing = Some(format!("the encoded bodies hold more than {all} bytes, which is all that is decoded"));
        }
        Decoded::TooLong => *missing = Some(format!("its {encodings} holds more than {BODY_LIMIT} bytes")),
        Decoded::Broken { coding, why } => return Some(format!("is not encoded as {coding}: {why}")),
        Decoded::Unknown(name) => *missing = Some(format!("encoded as {name}, which cannot be read here")),
    }
    headers.retain(|(name, _)| !is_encoding(name));
    if missing.is_some() {
        // Otherwise whoever looks for secrets would decode it once more.
        body.clear();
    }
    None
}

/// Why a body takes too much to be judged.
fn too_much(body: &[u8]) -> Option<String> {
    if body.len() > BODY_LIMIT {
        return Some(format!("longer than {BODY_LIMIT} bytes, which is all that is judged"));
    }
    // Members, elements and fields; in texts as well, of which no honest one has so many.
    let begins = |byte: &&u8| matches!(byte, b',' | b'[' | b'{' | b'&');
    let is_much = body.len() > MOST_VALUES && body.iter().filter(begins).count() > MOST_VALUES;
    is_much.then(|| format!("it has more than {MOST_VALUES} values, which is all that is judged"))
}

/// What recorders write in the place of a secret: `***`, `[Filtered]`, `[REDACTED]`, `<redacted>`, percent-encoded or
/// not, with or without something before it (`Bearer ***`).
pub(crate) fn is_redacted(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| "[]<>{}()*_#-".contains(c));
        ["filtered", "redacted", "removed", "masked", "hidden", "sanitized"].contains(&word)
    };
    let last = lower.rsplit(' ').next().unwrap_or_default();
    let is_marked = last.starts_with(['[', '<', '*', '{', '(']);
    (last.len() >= 3 && last.bytes().all(|byte| byte == b'*')) || is_marked && is_word(last) || lower == "redacted"
}
