//! Which exchanges does a file of recorded traffic hold? Read from HAR and from VCR cassettes.
//!
//! Files come from browsers, proxies, test tools and from us ([`report`](crate::run)). They leave out what they
//! like: a body that is not there is missing, and not empty. One entry that cannot be read costs that entry.

mod har;
mod vcr;

use std::fmt;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use serde_json::Value;

use crate::compare::Reply;
use crate::content_encoding::{Decoded, decode};
use crate::exchange::{Exchange, Purpose, Sent};
use crate::yaml::{self, BINARY};

/// The longest body that comes out of a compressed one, in bytes.
const BODY_LIMIT: usize = 64 << 20;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Who wrote it, as it says itself.
    pub recorder: String,
    /// What it calls its format: `HAR` or `VCR`.
    pub format: &'static str,
    /// Its exchanges, in its order.
    pub entries: Vec<Result<Recorded, Unreadable>>,
}

/// One exchange that somebody recorded.
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

/// An entry of a file of which nothing can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which one.
    pub label: String,
    /// Why not.
    pub reason: String,
}

/// Why a file is no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl Recording {
    /// Reads a HAR file or a VCR cassette (YAML or JSON), whichever `bytes` are.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordingError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            RecordingError(format!("not text: bytes that are not UTF-8, from offset {}", error.valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| RecordingError(format!("not JSON: {error}")))?
        } else {
            yaml::read(text).map_err(RecordingError)?
        };
        if let Some(log) = value.get("log").filter(|log| log.get("entries").is_some_and(Value::is_array)) {
            return Ok(har::read(log));
        }
        let interactions = ["http_interactions", "interactions"].iter().find_map(|name| value.get(name)?.as_array());
        match interactions {
            Some(interactions) => Ok(vcr::read(&value, interactions)),
            None => Err(RecordingError(
                "neither a HAR file (`log.entries`) nor a VCR cassette (`http_interactions`)".to_owned(),
            )),
        }
    }
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
            reply.body = Vec::new();
            self.reply_body_missing = Some(reason.to_owned());
        }
    }

    /// Undoes the encodings of both bodies. A recorder may have done so and kept the header; then the body is as it is.
    pub(crate) fn decode_bodies(&mut self, is_raw: bool) {
        let Exchange { sent, reply, .. } = &mut self.exchange;
        if let Some(body) = &mut sent.body {
            let missing = &mut self.request_body_missing;
            let fault = decode_body(body, &mut sent.headers, missing, is_raw);
            *missing = missing.take().or(fault);
        }
        if let Some(reply) = reply {
            let fault = decode_body(&mut reply.body, &mut reply.headers, &mut self.reply_body_missing, is_raw);
            reply.framing_fault = reply.framing_fault.take().or(fault);
        }
    }
}

/// What is wrong with the body, in words that fit after "the body".
fn decode_body(
    body: &mut Vec<u8>,
    headers: &mut Vec<(String, String)>,
    missing: &mut Option<String>,
    is_raw: bool,
) -> Option<String> {
    let is_encoding = |name: &str| name.eq_ignore_ascii_case("content-encoding");
    let named: Vec<&str> =
        headers.iter().filter(|(name, _)| is_encoding(name)).map(|(_, value)| value.as_str()).collect();
    if named.is_empty() || body.is_empty() || missing.is_some() {
        return None;
    }
    let encodings = named.join(",");
    match decode(body, &encodings, BODY_LIMIT) {
        Decoded::Whole(bytes) => *body = bytes,
        // It is a text, so it is not what the header says: the recorder decoded it.
        _ if !is_raw && std::str::from_utf8(body).is_ok() => {}
        Decoded::TooLong => *missing = Some(format!("its {encodings} holds more than {BODY_LIMIT} bytes")),
        Decoded::Broken { coding, why } => return Some(format!("is not encoded as {coding}: {why}")),
        Decoded::Unknown(name) => *missing = Some(format!("encoded as {name}, which cannot be read here")),
    }
    headers.retain(|(name, _)| !is_encoding(name));
    None
}

/// The parts of an exchange as a file gives them.
#[derive(Default)]
struct Parts {
    label: String,
    method: String,
    url: String,
    request_headers: Vec<(String, String)>,
    request_body: Body,
    reply: Option<ReplyParts>,
    trouble: Option<String>,
    started: Option<SystemTime>,
    took: Duration,
    case: Option<String>,
    /// What the request was for, in the words of our reports.
    purpose: Option<Purpose>,
    is_wrong_on_purpose: bool,
}

#[derive(Default)]
struct ReplyParts {
    status: u16,
    reason: String,
    version: String,
    headers: Vec<(String, String)>,
    body: Body,
    framing_fault: Option<String>,
}

/// A body, or why there is none.
#[derive(Default)]
enum Body {
    #[default]
    None,
    Bytes(Vec<u8>),
    Missing(String),
}

impl Body {
    fn split(self) -> (Option<Vec<u8>>, Option<String>) {
        match self {
            Self::None => (None, None),
            Self::Bytes(bytes) => (Some(bytes), None),
            Self::Missing(reason) => (None, Some(reason)),
        }
    }
}

impl Parts {
    fn into_recorded(self) -> Recorded {
        let (request_body, request_body_missing) = self.request_body.split();
        let mut reply_body_missing = None;
        // No reply goes without any header, so none means that they were not recorded.
        let has_all_headers = self.reply.as_ref().is_none_or(|reply| !reply.headers.is_empty());
        let reply = self.reply.map(|parts| {
            let (body, missing) = parts.body.split();
            reply_body_missing = missing;
            Reply {
                status: parts.status,
                reason: parts.reason,
                version: parts.version,
                headers: parts.headers,
                body: body.unwrap_or_default(),
                framing_fault: parts.framing_fault,
                ..Reply::default()
            }
        });
        let target = match self.url.split_once("://") {
            Some((_, rest)) => rest.find(['/', '?']).map_or("/", |start| &rest[start..]).to_owned(),
            None => self.url.clone(),
        };
        let sent = Sent {
            method: self.method,
            url: self.url,
            target,
            headers: self.request_headers,
            body: request_body,
            token_variable: "TOKEN".to_owned(),
        };
        let mut recorded = Recorded {
            label: self.label,
            exchange: Exchange {
                purpose: self.purpose.unwrap_or(Purpose::Case),
                sent,
                reply,
                trouble: self.trouble,
                started: self.started.unwrap_or(SystemTime::UNIX_EPOCH),
                took: self.took,
            },
            request_body_missing,
            reply_body_missing,
            has_all_headers,
            case: self.case,
            is_wrong_on_purpose: self.is_wrong_on_purpose,
        };
        recorded.decode_bodies(false);
        recorded
    }
}

/// The text of a member, if it has one.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// A number, whether it is written as one or as text.
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// A status from 100 to 999.
fn status(value: Option<&Value>) -> Option<u16> {
    let number = number(value)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // inside the range, and then exact
    (number.fract() == 0.0 && (100.0..1000.0).contains(&number)).then_some(number as u16)
}

fn seconds(number: Option<f64>) -> Duration {
    number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or_default()
}

/// Base64, with or without padding, line breaks in it allowed.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    LENIENT.decode(compact).ok()
}

/// Base64 as everybody reads it.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A moment as recorders write it: RFC 3339, or RFC 2822 as in a `date` header.
fn moment(text: &str) -> Option<SystemTime> {
    let rfc_3339 = text.parse::<jiff::Timestamp>();
    let moment = rfc_3339.ok().or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))?;
    Some(SystemTime::from(moment))
}
