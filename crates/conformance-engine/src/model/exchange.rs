//! One exchange: the request sent, the reply received, the time and the purpose.
//!
//! Values only; nothing here opens a socket, and nothing here holds a secret: secrets are replaced by `***` before
//! an [`Exchange`] is kept. An exchange is written to a report, and read from one, as it is here.

use std::borrow::Cow;
#[cfg(feature = "run")]
use std::time::{Duration, SystemTime};

#[cfg(feature = "run")]
use serde::{Deserialize, Serialize};

pub use crate::model::body::Body;
#[cfg(feature = "run")]
use crate::model::case::Wire;
use crate::model::content_encoding::{Decoded, decode};
#[cfg(feature = "run")]
use crate::model::exchange_json as form;
use crate::model::json::{self, Reading};
use crate::model::text::excerpt;

/// The longest body after decoding, in bytes: a small one may stand for a very large one.
const LONGEST: usize = 1 << 20;

/// One request and what came of it.
#[cfg(feature = "run")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What it was for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// When the request went out, by the clock of this machine; [`SystemTime::UNIX_EPOCH`] if that is not known.
    #[serde(default = "form::unknown_time", skip_serializing_if = "form::is_unknown_time", with = "form::time")]
    pub started: SystemTime,
    /// From then to the last byte that came.
    #[serde(rename = "seconds", with = "form::seconds")]
    pub took: Duration,
    /// The request.
    #[serde(rename = "request")]
    pub sent: Sent,
    /// The reply, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Why no reply came, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

#[cfg(feature = "run")]
impl Exchange {
    /// When the request went out, RFC 3339 to the microsecond, if that is known.
    pub(crate) fn started_text(&self) -> Option<String> {
        (!form::is_unknown_time(&self.started)).then(|| form::rfc_3339(self.started))
    }
}

/// What a request was for.
#[cfg(feature = "run")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", content = "detail")]
pub enum Purpose {
    /// The request of the case itself: the one whose reply is judged.
    #[serde(rename = "case")]
    Case,
    /// A request before it, of this case: a step of a journey, judged as well.
    #[serde(rename = "step")]
    Step(String),
    /// Asking the provider for this state.
    #[serde(rename = "state")]
    ProviderState(String),
    /// The request of this case, sent to make the state that another case asks for.
    #[serde(rename = "setup")]
    Setup(String),
    /// The request of this case, sent to remove what was made for another.
    #[serde(rename = "cleanup")]
    Cleanup(String),
    /// The request of this case, of which the case's own is a change: whether it is refused alike.
    #[serde(rename = "unchanged")]
    Unchanged(String),
    /// On the way to this state: the request of a case, sent for its effect and not judged.
    #[serde(rename = "way")]
    Towards(String),
    /// A status request: whether an operation has finished.
    #[serde(rename = "wait")]
    Wait,
    /// Back to the initial state.
    #[serde(rename = "return")]
    Return,
}

#[cfg(feature = "run")]
impl Purpose {
    /// One word for each kind: `case`, `step`, `state`, `setup`, `cleanup`, `unchanged`, `way`, `wait` or `return`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Step(_) => "step",
            Self::ProviderState(_) => "state",
            Self::Setup(_) => "setup",
            Self::Cleanup(_) => "cleanup",
            Self::Unchanged(_) => "unchanged",
            Self::Towards(_) => "way",
            Self::Wait => "wait",
            Self::Return => "return",
        }
    }

    /// The purpose that a recording names; `case` if the name is unknown.
    pub(crate) fn named(name: &str, detail: Option<&str>) -> Self {
        let named = serde_json::json!({"purpose": name, "detail": detail});
        serde_json::from_value(named).unwrap_or(Self::Case)
    }

    /// The step, the state or the case, if there is one.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Step(text)
            | Self::ProviderState(text)
            | Self::Setup(text)
            | Self::Cleanup(text)
            | Self::Unchanged(text)
            | Self::Towards(text) => Some(text),
            Self::Case | Self::Wait | Self::Return => None,
        }
    }
}

/// A request as it was sent, with every secret replaced by `***`.
#[cfg(feature = "run")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The headers that say something; those of the framing (`host`, `content-length`) are left out.
    #[serde(with = "form::headers")]
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "form::optional_bytes")]
    pub body: Option<Vec<u8>>,
    /// How it was written, where that was not in the usual way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Wire>,
}

#[cfg(feature = "run")]
impl Sent {
    /// Path and query of the address; the address itself if it has no scheme.
    pub fn target(&self) -> &str {
        match self.url.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                rest.find(['/', '?']).map_or("/", |start| &rest[start..])
            }
            _ => &self.url,
        }
    }

    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> Option<String> {
        self.body.as_ref().map(|body| text(body, limit))
    }
}

/// What came back. The body may be incomplete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "run", derive(Serialize, Deserialize))]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What stood behind the status; often nothing.
    #[cfg_attr(feature = "run", serde(default, skip_serializing_if = "String::is_empty"))]
    pub reason: String,
    /// `HTTP/1.1`, or nothing where it is not known.
    #[cfg_attr(feature = "run", serde(default, skip_serializing_if = "String::is_empty"))]
    pub version: String,
    /// The headers in the order received; names in lower case.
    #[cfg_attr(feature = "run", serde(with = "form::headers"))]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[cfg_attr(
        feature = "run",
        serde(default = "Body::unknown", skip_serializing_if = "Body::is_unknown", with = "form::bytes")
    )]
    pub body: Body,
    /// The body was longer, and the rest was judged but not kept.
    #[cfg_attr(feature = "run", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub truncated: bool,
    /// What is wrong with the end of the body, in words that fit after "the body"; nothing if it ends as it should.
    #[cfg_attr(feature = "run", serde(default, skip_serializing_if = "Option::is_none"))]
    pub framing_fault: Option<String>,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The body without its content coding, or why it cannot be read, in words that fit after "the body".
    ///
    /// A server may use any coding if the request has no `accept-encoding`, and ours has none (RFC 9110, 12.5.3); those
    /// that every HTTP library knows are read.
    pub fn content(&self) -> Result<Cow<'_, [u8]>, String> {
        let codings = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
        let codings: Vec<&str> = codings.map(|(_, value)| value.as_str()).collect();
        if codings.is_empty() || self.body.is_empty() {
            return Ok(Cow::Borrowed(&self.body));
        }
        match decode(&self.body, &codings.join(","), LONGEST) {
            Decoded::Whole(content) => Ok(Cow::Owned(content)),
            Decoded::TooLong => {
                Err(format!("is longer than {LONGEST} bytes once its {} is undone", codings.join(", ")))
            }
            Decoded::Broken { coding, why } => Err(format!("is not in the {coding} it says it is in: {why}")),
            Decoded::Unknown(coding) => {
                Err(format!("has the content coding `{}`, which the request does not accept", excerpt(&coding, 40)))
            }
        }
    }

    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> String {
        text(&self.content().unwrap_or_else(|_| Cow::Borrowed(&self.body)), limit)
    }

    /// The body as strict JSON, or why its content coding cannot be undone, in words that fit after "the body". It is
    /// decoded and parsed once, however often it is asked for.
    pub fn json(&self) -> Result<&Reading, &str> {
        self.body.json(|| Ok(json::read(&self.content()?)))
    }
}

fn text(body: &[u8], limit: usize) -> String {
    let enough = &body[..body.len().min(limit.saturating_add(4))];
    let text = excerpt(&String::from_utf8_lossy(enough), limit);
    if body.len() > enough.len() && !text.ends_with('…') { text + "…" } else { text }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    #[track_caller]
    fn check(codings: &str, body: &[u8], expected: Result<&[u8], &str>) {
        let headers = vec![("content-encoding".to_owned(), codings.to_owned())];
        let reply = Reply { headers, body: body.to_vec().into(), ..Reply::default() };
        let found = reply.content();
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn known_codings_are_undone_in_their_order() {
        check("identity", b"{}", Ok(b"{}"));
        check("GZIP", &gzip(b"{}"), Ok(b"{}"));
        check("gzip, gzip", &gzip(&gzip(b"{}")), Ok(b"{}"));
        check("br", b"\x0b\x04\x80{\"id\": 1}\x03", Ok(b"{\"id\": 1}"));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"{}").unwrap();
        check("deflate", &zlib.finish().unwrap(), Ok(b"{}"));
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(b"{}").unwrap();
        check("deflate", &bare.finish().unwrap(), Ok(b"{}"));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        check("zstd", b"{}", Err("has the content coding `zstd`, which the request does not accept"));
        check("gzip", b"{}", Err("is not in the gzip it says it is in: unexpected end of file"));
        let half = &gzip(b"{\"a\": 1}")[..20];
        check("gzip", half, Err("is not in the gzip it says it is in: unexpected end of file"));
        check("gzip", b"", Ok(b""));
    }

    #[test]
    fn the_json_of_a_body_is_parsed_once_until_the_body_is_edited() {
        let mut reply = Reply { body: b"{}".to_vec().into(), ..Reply::default() };
        let copy = reply.clone();
        let (first, second) = (reply.json().unwrap(), copy.json().unwrap());
        assert!(std::ptr::eq(first, second), "a clone shares what was read");
        reply.body.edit(|body| *body = b"[]".to_vec());
        assert_eq!(reply.json().unwrap().value, Some(serde_json::json!([])));
        assert_eq!(copy.json().unwrap().value, Some(serde_json::json!({})));
    }

    #[test]
    fn a_small_body_that_stands_for_a_large_one_is_cut() {
        let bomb = gzip(&vec![b' '; 300 << 20]);
        assert!(bomb.len() < 2 << 20);
        check("gzip", &bomb, Err("is longer than 1048576 bytes once its gzip is undone"));
    }
}
