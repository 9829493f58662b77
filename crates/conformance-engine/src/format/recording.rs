//! The exchanges of a recording, and the parts from which the readers of its formats make them.
//!
//! Recorders leave out what they like: a body that is not there is missing, and not empty. One entry that cannot be
//! read costs that entry.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use serde_json::Value;

use crate::model::exchange::{Exchange, Purpose, Reply, Sent};
use crate::model::recorded::{Expansion, Recorded};
use crate::model::text::excerpt;

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

/// An entry of a file of which nothing can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which one.
    pub label: String,
    /// Why not.
    pub reason: String,
}

/// The parts of an exchange as a file gives them.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) label: String,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) request_headers: Vec<(String, String)>,
    pub(super) request_body: Body,
    pub(super) reply: Option<ReplyParts>,
    pub(super) trouble: Option<String>,
    pub(super) started: Option<SystemTime>,
    pub(super) took: Duration,
    pub(super) case: Option<String>,
    /// What the request was for, in the words of our reports.
    pub(super) purpose: Option<Purpose>,
    pub(super) is_wrong_on_purpose: bool,
}

#[derive(Default)]
pub(super) struct ReplyParts {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) version: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) framing_fault: Option<String>,
}

/// A body, or why there is none.
#[derive(Default)]
pub(super) enum Body {
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

/// A longer address, and more or longer headers, are not those of an exchange.
const LONGEST_URL: usize = 64 << 10;
const MOST_HEADERS: usize = 2_000;
const LONGEST_HEADERS: usize = 1 << 20;
/// Other texts are cut after so many bytes.
const LONGEST_TEXT: usize = 1_000;

impl Parts {
    /// What is not that of any exchange.
    fn without_measure(&self) -> Option<String> {
        if self.url.len() > LONGEST_URL || self.method.len() > LONGEST_TEXT {
            return Some(format!("its method and address are longer than {LONGEST_URL} bytes"));
        }
        let of_reply = self.reply.iter().map(|reply| &reply.headers);
        let is_much = [&self.request_headers].into_iter().chain(of_reply).any(|headers| {
            let length: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
            headers.len() > MOST_HEADERS || length > LONGEST_HEADERS
        });
        is_much
            .then(|| format!("it has more than {MOST_HEADERS} headers, or more than {LONGEST_HEADERS} bytes of them"))
    }

    pub(super) fn into_recorded(mut self, expansion: &mut Expansion) -> Result<Recorded, Unreadable> {
        if let Some(reason) = self.without_measure() {
            return Err(Unreadable { label: self.label, reason });
        }
        let of_reply = self
            .reply
            .iter_mut()
            .flat_map(|reply| [Some(&mut reply.reason), Some(&mut reply.version), reply.framing_fault.as_mut()]);
        for text in of_reply.chain([self.trouble.as_mut(), self.case.as_mut()]).flatten() {
            if text.len() > LONGEST_TEXT {
                *text = excerpt(text, LONGEST_TEXT);
            }
        }
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
                body: body.unwrap_or_default().into(),
                framing_fault: parts.framing_fault,
                ..Reply::default()
            }
        });
        let sent =
            Sent { method: self.method, url: self.url, headers: self.request_headers, body: request_body, wire: None };
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
        recorded.decode_bodies(expansion);
        Ok(recorded)
    }
}

/// What an entry calls itself, if that is a name; otherwise its number.
pub(super) fn label(name: Option<&str>, index: usize) -> String {
    name.filter(|name| name.len() <= LONGEST_TEXT).map_or_else(|| (index + 1).to_string(), ToOwned::to_owned)
}

/// The text of a member, if it has one.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// A number, whether it is written as one or as text.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// A status from 100 to 999.
pub(super) fn status(value: Option<&Value>) -> Option<u16> {
    let number = number(value)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // inside the range, and then exact
    (number.fract() == 0.0 && (100.0..1000.0).contains(&number)).then_some(number as u16)
}

pub(super) fn seconds(number: Option<f64>) -> Duration {
    number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or_default()
}

/// Base64, with or without padding, line breaks in it allowed.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    LENIENT.decode(compact).ok()
}

/// A time as recorders write it: RFC 3339, or RFC 2822 as in a `date` header. Reports have microseconds, so it does too.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let rfc_3339 = text.parse::<jiff::Timestamp>();
    let time = rfc_3339.ok().or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))?;
    let to_microseconds = jiff::TimestampRound::new().smallest(jiff::Unit::Microsecond).mode(jiff::RoundMode::Floor);
    SystemTime::try_from(time.round(to_microseconds).ok()?).ok()
}
