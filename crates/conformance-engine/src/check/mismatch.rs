//! The ways in which a reply can differ from the documented one, and their texts.

use std::fmt;

use crate::check::schema::Violation;
use crate::model::json::Problem;
#[cfg(feature = "run")]
use crate::model::report::{Finding, Side};

/// No more than this many mismatches of one reply are listed.
pub const MAX_MISMATCHES: usize = 100;

/// One difference between what is documented and what came back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mismatch {
    /// No usable answer at all: refused, reset, silent, not HTTP. The runner reports it, not [`compare`](crate::check::response::compare()).
    NoReply {
        /// What happened instead, in words.
        reason: String,
    },
    /// The case passes although it is listed as a known deviation. The runner reports it.
    NoDeviation {
        /// The reason on the list.
        reason: String,
    },
    /// The case fails and is listed as a known deviation, but no longer. The runner reports it.
    DeviationExpired {
        /// The last day on which it was accepted.
        until: String,
        /// The reason on the list.
        reason: String,
    },
    /// Another status.
    Status {
        /// The documented status.
        expected: u16,
        /// The status received.
        found: u16,
        /// The body of the reply, cut: it usually says why.
        body: String,
    },
    /// A status that the document does not mention. [`compare`](crate::check::response::compare()) does not report it: a case names one
    /// status. A judge of unplanned exchanges does.
    Undocumented {
        /// The status received.
        found: u16,
        /// The documented ones.
        expected: String,
        /// The body of the reply, cut.
        body: String,
    },
    /// The body stopped early, did not stop, or was followed by bytes of no answer.
    Framing {
        /// In words that fit after "the body".
        reason: String,
        /// How many bytes came.
        received: usize,
    },
    /// The body has a content coding that cannot be undone.
    ContentEncoding {
        /// In words that fit after "the body".
        reason: String,
    },
    /// No media type, although there is a body.
    NoMediaType {
        /// The documented media type.
        expected: String,
    },
    /// Another media type.
    MediaType {
        /// The documented media type.
        expected: String,
        /// The `content-type` received.
        found: String,
    },
    /// JSON in another charset than UTF-8.
    Charset {
        /// The charset received.
        found: String,
    },
    /// No header of a name that is required.
    NoHeader {
        /// Its name as documented.
        name: String,
    },
    /// A header with another value than is documented.
    Header {
        /// Its name as documented.
        name: String,
        /// What was expected and what was found, in words.
        message: String,
    },
    /// A body that is not of its media type, or not in its charset.
    Form {
        /// What was expected, in words.
        expected: &'static str,
        /// What is there, in words.
        found: String,
    },
    /// A member that is `writeOnly`: it is sent to the server and never comes back.
    WriteOnly {
        /// Where.
        pointer: String,
    },
    /// No body, although one is documented that is not JSON. (An empty body in place of JSON is [`Mismatch::Json`].)
    NoBody,
    /// The body is not strict JSON.
    Json {
        /// What is wrong with it.
        problem: Problem,
    },
    /// The body does not fit the schema.
    Schema {
        /// Where, and which keyword decided.
        violation: Violation,
    },
    /// A member of the example is not there.
    Missing {
        /// Where it should be.
        pointer: String,
        /// The documented value.
        expected: String,
    },
    /// A member has another JSON type than in the example.
    Type {
        /// Where.
        pointer: String,
        /// The documented type.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Another value where the value itself is documented ([`Rule::Equal`](crate::model::suite::Rule::Equal), or any at [`Level::Exact`](crate::check::comparison::Level::Exact)).
    Value {
        /// Where.
        pointer: String,
        /// The documented value.
        expected: String,
        /// What is there.
        found: String,
    },
    /// An identifier that is not a non-empty string ([`Rule::Id`](crate::model::suite::Rule::Id)).
    Id {
        /// Where.
        pointer: String,
        /// What is there.
        found: String,
    },
    /// An identifier of something new that something else has already. The runner reports it, not
    /// [`compare`](crate::check::response::compare()).
    NotNew {
        /// Where.
        pointer: String,
        /// The identifier.
        found: String,
        /// The case whose answer gave it.
        case: String,
        /// The case whose answer gave it before.
        before: String,
    },
    /// The request had another effect than the document says. The runner reports it, not
    /// [`compare`](crate::check::response::compare()).
    Effect {
        /// The documented effect, in words.
        expected: String,
        /// What the endpoint showed, in words.
        found: String,
    },
    /// A member that differs from a documented one, which is not there, only in its spelling: `JobID` for `jobId`.
    Spelling {
        /// Where.
        pointer: String,
        /// The documented name.
        expected: String,
    },
    /// A refusal with none of the members by which the document has it say why.
    Silent {
        /// Those members.
        expected: String,
    },
    /// A value where there must be none ([`Rule::Blank`](crate::model::suite::Rule::Blank)).
    NotBlank {
        /// Where.
        pointer: String,
        /// What is there.
        found: String,
    },
    /// A member that the example does not have ([`Level::Exact`](crate::check::comparison::Level::Exact)).
    Unexpected {
        /// Where.
        pointer: String,
        /// What is there.
        found: String,
    },
    /// An array of another length than in the example ([`Level::Exact`](crate::check::comparison::Level::Exact)).
    Length {
        /// Where.
        pointer: String,
        /// How many elements the example has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Another body than the example, of a media type that is not JSON ([`Level::Exact`](crate::check::comparison::Level::Exact)).
    Bytes {
        /// The documented body, cut.
        expected: String,
        /// The body received, cut.
        found: String,
    },
}

impl Mismatch {
    /// A short name of the kind of difference, for instance `status` or `schema`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoReply { .. } => "no reply",
            Self::Status { .. } | Self::Undocumented { .. } => "status",
            Self::Framing { .. } => "framing",
            Self::ContentEncoding { .. } => "content encoding",
            Self::NoMediaType { .. } | Self::MediaType { .. } => "media type",
            Self::Charset { .. } => "charset",
            Self::NoHeader { .. } | Self::Header { .. } => "header",
            Self::Form { .. } => "form",
            Self::WriteOnly { .. } => "write only",
            Self::NoBody => "no body",
            Self::Json { .. } => "json",
            Self::Schema { .. } => "schema",
            Self::Missing { .. } => "missing",
            Self::Type { .. } => "type",
            Self::Value { .. } => "value",
            Self::Id { .. } => "id",
            Self::NotNew { .. } => "not new",
            Self::Effect { .. } => "effect",
            Self::NoDeviation { .. } | Self::DeviationExpired { .. } => "deviation",
            Self::Spelling { .. } => "spelling",
            Self::Silent { .. } => "silent",
            Self::NotBlank { .. } => "not blank",
            Self::Unexpected { .. } => "unexpected",
            Self::Length { .. } => "length",
            Self::Bytes { .. } => "bytes",
        }
    }

    /// The JSON pointer of the member concerned; empty for a whole body; nothing where no body is concerned.
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::Schema { violation } => Some(&violation.pointer),
            Self::Json { problem: Problem::DuplicateMember { pointer } }
            | Self::Missing { pointer, .. }
            | Self::Type { pointer, .. }
            | Self::Value { pointer, .. }
            | Self::Id { pointer, .. }
            | Self::NotNew { pointer, .. }
            | Self::Spelling { pointer, .. }
            | Self::NotBlank { pointer, .. }
            | Self::WriteOnly { pointer }
            | Self::Unexpected { pointer, .. }
            | Self::Length { pointer, .. } => Some(pointer),
            Self::Json { .. } | Self::Bytes { .. } | Self::NoBody | Self::Form { .. } | Self::Silent { .. } => Some(""),
            _ => None,
        }
    }
}

/// What was expected and what was found, without the pointer.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReply { reason } => write!(f, "expected a reply, found none: {reason}"),
            Self::Status { expected, found, body } if body.is_empty() => {
                write!(f, "expected status {expected}, found {found} without a body")
            }
            Self::Status { expected, found, body } => {
                write!(f, "expected status {expected}, found {found}: {body}")
            }
            Self::NoDeviation { reason } => {
                write!(f, "the case passes: remove its known deviation from the list ({reason})")
            }
            Self::DeviationExpired { until, reason } => {
                write!(f, "the deviation was accepted until {until} ({reason})")
            }
            Self::Undocumented { found, expected, body } => {
                let body = if body.is_empty() { String::new() } else { format!(": {body}") };
                write!(f, "expected a documented status ({expected}), found {found}{body}")
            }
            Self::Framing { reason, received } => {
                write!(f, "the body {reason} (received: {received} bytes)")
            }
            Self::ContentEncoding { reason } => write!(f, "the body {reason}"),
            Self::NoMediaType { expected } => {
                write!(f, "expected content-type {expected}, found no content-type")
            }
            Self::MediaType { expected, found } if found.trim().is_empty() => {
                write!(f, "expected content-type {expected}, found an empty one")
            }
            Self::MediaType { expected, found } => {
                write!(f, "expected content-type {expected}, found {found}")
            }
            Self::Charset { found } => write!(f, "expected JSON in UTF-8, found charset {found}"),
            Self::NoHeader { name } => write!(f, "expected the header `{name}`, found none"),
            Self::Header { name, message } => write!(f, "the header `{name}`: {message}"),
            Self::Form { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::WriteOnly { .. } => f.write_str("expected no such member in a reply (writeOnly), found one"),
            Self::NoBody => f.write_str("expected a body, found none"),
            Self::Json { problem } => write!(f, "expected JSON, found {problem}"),
            // The message names the type already.
            Self::Schema { violation } if violation.keyword == "type" => f.write_str(&violation.message),
            Self::Schema { violation } => write!(f, "{} ({})", violation.message, violation.keyword),
            Self::Missing { expected, .. } => {
                write!(f, "expected this member, for instance {expected}, found none")
            }
            Self::Type { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
            Self::Value { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
            Self::Id { found, .. } => {
                write!(f, "expected an identifier (a string that is not empty), found {found}")
            }
            Self::NotNew { found, case, before, .. } => {
                write!(f, "expected a new identifier from {case}, found {found}, which {before} already returned")
            }
            Self::Effect { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Spelling { expected, .. } => write!(f, "expected the member {expected}, found this spelling"),
            Self::Silent { expected } => write!(f, "expected an error with at least one of {expected}, found none"),
            Self::NotBlank { found, .. } => {
                write!(f, "expected nothing here (absent, null or empty), found {found}")
            }
            Self::Unexpected { found, .. } => write!(f, "expected no such member, found {found}"),
            Self::Length { expected, found, .. } => {
                write!(f, "expected {expected} elements, found {found}")
            }
            Self::Bytes { expected, found } => write!(f, "expected the body {expected}, found {found}"),
        }
    }
}

#[cfg(feature = "run")]
impl From<&Mismatch> for Finding {
    fn from(mismatch: &Mismatch) -> Self {
        Self {
            side: Side::Reply,
            kind: mismatch.kind().to_owned(),
            pointer: mismatch.pointer().map(ToOwned::to_owned),
            message: mismatch.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, its kind and its place. Whatever a server may have written is `s3cr3t`.
    fn rows() -> Vec<(Mismatch, &'static str, Option<&'static str>)> {
        let told = || "s3cr3t".to_owned();
        let here = || "/s3cr3t".to_owned();
        let own = || "known".to_owned();
        let json = |problem| Mismatch::Json { problem };
        let violation = Violation { pointer: here(), keyword: "minLength", message: told(), schema_is_broken: false };
        let (body, place) = (Some(""), Some("/s3cr3t"));
        vec![
            (Mismatch::NoReply { reason: told() }, "no reply", None),
            (Mismatch::NoDeviation { reason: told() }, "deviation", None),
            (Mismatch::DeviationExpired { until: own(), reason: told() }, "deviation", None),
            (Mismatch::Status { expected: 200, found: 500, body: told() }, "status", None),
            (Mismatch::Undocumented { found: 500, expected: own(), body: told() }, "status", None),
            (Mismatch::Framing { reason: told(), received: 7 }, "framing", None),
            (Mismatch::ContentEncoding { reason: told() }, "content encoding", None),
            (Mismatch::NoMediaType { expected: own() }, "media type", None),
            (Mismatch::MediaType { expected: own(), found: told() }, "media type", None),
            (Mismatch::Charset { found: told() }, "charset", None),
            (Mismatch::NoHeader { name: own() }, "header", None),
            (Mismatch::Header { name: own(), message: told() }, "header", None),
            (Mismatch::Form { expected: "XML", found: told() }, "form", body),
            (Mismatch::WriteOnly { pointer: here() }, "write only", place),
            (Mismatch::NoBody, "no body", body),
            (json(Problem::Empty), "json", body),
            (json(Problem::Html { text: told() }), "json", body),
            (json(Problem::TrailingBytes { text: told(), line: 1, column: 1 }), "json", body),
            (json(Problem::Syntax { message: told(), line: 1, column: 1 }), "json", body),
            (json(Problem::DuplicateMember { pointer: here() }), "json", place),
            (Mismatch::Schema { violation }, "schema", place),
            (Mismatch::Missing { pointer: here(), expected: own() }, "missing", place),
            (Mismatch::Type { pointer: here(), expected: "a string", found: told() }, "type", place),
            (Mismatch::Value { pointer: here(), expected: own(), found: told() }, "value", place),
            (Mismatch::Id { pointer: here(), found: told() }, "id", place),
            (Mismatch::NotNew { pointer: here(), found: told(), case: own(), before: own() }, "not new", place),
            (Mismatch::Effect { expected: own(), found: told() }, "effect", None),
            (Mismatch::Spelling { pointer: here(), expected: own() }, "spelling", place),
            (Mismatch::Silent { expected: own() }, "silent", body),
            (Mismatch::NotBlank { pointer: here(), found: told() }, "not blank", place),
            (Mismatch::Unexpected { pointer: here(), found: told() }, "unexpected", place),
            (Mismatch::Length { pointer: here(), expected: 1, found: 2 }, "length", place),
            (Mismatch::Bytes { expected: own(), found: told() }, "bytes", body),
        ]
    }

    #[test]
    fn each_has_a_kind_and_a_place() {
        for (mismatch, kind, pointer) in rows() {
            assert_eq!((mismatch.kind(), mismatch.pointer()), (kind, pointer), "{mismatch:?}");
        }
    }
}
