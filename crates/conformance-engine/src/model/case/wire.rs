//! Other ways of writing a request that mean the same.

use serde::{Deserialize, Serialize};

/// Another way of writing a request that means the same, so that it must be answered alike.
///
/// Sources: RFC 9110 (HTTP semantics), RFC 9112 (HTTP/1.1), RFC 3986 (URI), RFC 8259 (JSON), OpenAPI 3.0.3 (parameters
/// have names and no order). Each variant names its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// The members of the objects in a JSON body in reverse (RFC 8259, 4: their order has no meaning).
    MemberOrder,
    /// A JSON body with spaces: `{ }` (RFC 8259, 2).
    Spaces,
    /// A JSON body over several lines, with tabs, and with line breaks before and after it (RFC 8259, 2).
    Lines,
    /// Characters of a JSON body written as escapes: `\u0061`, `\/` (RFC 8259, 7).
    Escapes,
    /// `application/json; charset=utf-8` (RFC 8259, 11: of no meaning, and widely sent).
    Charset,
    /// The media type of the body in another letter case (RFC 9110, 8.3.1).
    MediaTypeCase,
    /// Names of headers in lower case (RFC 9110, 5.1).
    LowerCaseNames,
    /// Names of headers with each word capitalised (RFC 9110, 5.1).
    CanonicalNames,
    /// No `Accept` (RFC 9110, 12.5.1: every media type will do).
    NoAccept,
    /// `Accept: */*` (RFC 9110, 12.5.1).
    AnyAccept,
    /// No `User-Agent` (RFC 9110, 10.1.5).
    NoUserAgent,
    /// An unreserved character of each path variable percent-encoded (RFC 3986, 2.3).
    PercentPath,
    /// An unreserved character of each query value percent-encoded (RFC 3986, 2.3).
    PercentQuery,
    /// Percent-encoding with lower-case digits: `%2d` (RFC 3986, 2.1).
    PercentLowerCase,
    /// The query parameters in reverse.
    QueryOrder,
    /// The body in chunks (RFC 9112, 7.1).
    Chunked,
    /// `Expect: 100-continue` (RFC 9110, 10.1.1).
    ExpectContinue,
    /// `Connection: close` (RFC 9112, 9.6).
    Close,
    /// The whole address as the target of the request (RFC 9112, 3.2.2).
    AbsoluteForm,
}

impl Wire {
    /// Every way.
    pub const ALL: [Self; 19] = [
        Self::MemberOrder,
        Self::Spaces,
        Self::Lines,
        Self::Escapes,
        Self::Charset,
        Self::MediaTypeCase,
        Self::LowerCaseNames,
        Self::CanonicalNames,
        Self::NoAccept,
        Self::AnyAccept,
        Self::NoUserAgent,
        Self::PercentPath,
        Self::PercentQuery,
        Self::PercentLowerCase,
        Self::QueryOrder,
        Self::Chunked,
        Self::ExpectContinue,
        Self::Close,
        Self::AbsoluteForm,
    ];

    /// As in a suite: `member_order`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MemberOrder => "member_order",
            Self::Spaces => "spaces",
            Self::Lines => "lines",
            Self::Escapes => "escapes",
            Self::Charset => "charset",
            Self::MediaTypeCase => "media_type_case",
            Self::LowerCaseNames => "lower_case_names",
            Self::CanonicalNames => "canonical_names",
            Self::NoAccept => "no_accept",
            Self::AnyAccept => "any_accept",
            Self::NoUserAgent => "no_user_agent",
            Self::PercentPath => "percent_path",
            Self::PercentQuery => "percent_query",
            Self::PercentLowerCase => "percent_lower_case",
            Self::QueryOrder => "query_order",
            Self::Chunked => "chunked",
            Self::ExpectContinue => "expect_continue",
            Self::Close => "close",
            Self::AbsoluteForm => "absolute_form",
        }
    }

    /// What is permitted, in words.
    pub fn about(self) -> &'static str {
        match self {
            Self::MemberOrder => "the members of a JSON object have no order: they are sent in reverse",
            Self::Spaces => "JSON may have spaces between its tokens",
            Self::Lines => "JSON may have line breaks and tabs between its tokens, and around it",
            Self::Escapes => "characters of JSON may be written as escapes: `\\u0061`, `\\/`",
            Self::Charset => "the media type of JSON may have a charset: `; charset=utf-8`",
            Self::MediaTypeCase => "a media type has no letter case",
            Self::LowerCaseNames => "names of headers have no letter case: they are sent in lower case",
            Self::CanonicalNames => "names of headers have no letter case: they are sent with capitals",
            Self::NoAccept => "a request without `Accept` accepts every media type",
            Self::AnyAccept => "`Accept: */*` accepts every media type",
            Self::NoUserAgent => "a request may come without `User-Agent`",
            Self::PercentPath => "a letter or digit in the path means the same percent-encoded",
            Self::PercentQuery => "a letter or digit in the query means the same percent-encoded",
            Self::PercentLowerCase => "percent-encoding may have lower-case digits: `%2d`",
            Self::QueryOrder => "query parameters have names and no order: they are sent in reverse",
            Self::Chunked => "a body may be sent in chunks",
            Self::ExpectContinue => "a request may ask for `100 Continue`",
            Self::Close => "a request may ask to close the connection after it",
            Self::AbsoluteForm => "the target of a request may be the whole address",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_listed_once_and_named_as_it_is_written() {
        for (index, wire) in Wire::ALL.into_iter().enumerate() {
            assert_eq!(serde_json::to_value(wire).unwrap(), wire.name());
            assert!(!Wire::ALL[..index].contains(&wire), "{wire:?}");
        }
    }
}
