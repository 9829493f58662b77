//! Who may call?

use http::{HeaderMap, HeaderName};
use std::hint::black_box;

/// Whether a request with these headers may be answered.
pub(crate) fn authenticate(headers: &HeaderMap, tokens: &[String]) -> Result<(), Unauthenticated> {
    match credentials(headers)? {
        Credentials::Token(presented) => check_token(presented, tokens),
    }
}

/// How a request says who makes it. Signed requests (AK/SK) will be a second way.
enum Credentials<'a> {
    /// `X-Auth-Token`, which every page calls mandatory (table of request header parameters).
    Token(&'a [u8]),
}

/// Why a request is not answered. The words are those of the gateway (reference: gateway facts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unauthenticated {
    NoToken,
    WrongToken,
}

impl Unauthenticated {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NoToken => "Incorrect IAM authentication information: x-auth-token not found",
            Self::WrongToken => "Incorrect IAM authentication information: decrypt token fail",
        }
    }
}

static TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

fn credentials(headers: &HeaderMap) -> Result<Credentials<'_>, Unauthenticated> {
    let mut tokens = headers.get_all(&TOKEN).iter();
    let token = tokens.next().ok_or(Unauthenticated::NoToken)?.as_bytes();
    match tokens.next() {
        None if token.is_empty() => Err(Unauthenticated::NoToken),
        None => Ok(Credentials::Token(token)),
        Some(_) => Err(Unauthenticated::WrongToken),
    }
}

/// Every accepted token is compared, so that the time taken does not tell which one came near.
fn check_token(presented: &[u8], tokens: &[String]) -> Result<(), Unauthenticated> {
    let accepted = tokens
        .iter()
        .fold(tokens.is_empty(), |accepted, token| accepted | same_in_constant_time(presented, token.as_bytes()));
    if accepted { Ok(()) } else { Err(Unauthenticated::WrongToken) }
}

/// Takes as long for a wrong first byte as for a wrong last one. The length is no secret.
fn same_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |difference, (x, y)| black_box(difference | (x ^ y)));
    a.len() == b.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[track_caller]
    fn check(presented: &[&'static str], accepted: &[&str], expected: Result<(), Unauthenticated>) {
        let mut headers = HeaderMap::new();
        for token in presented {
            headers.append("X-Auth-Token", HeaderValue::from_static(token));
        }
        let accepted: Vec<_> = accepted.iter().map(ToString::to_string).collect();
        assert_eq!(authenticate(&headers, &accepted), expected, "{presented:?} {accepted:?}");
    }

    #[test]
    fn a_configured_token_is_accepted() {
        check(&["one"], &["one"], Ok(()));
        check(&["two"], &["one", "two"], Ok(()));
    }

    #[test]
    fn any_other_token_is_refused() {
        for wrong in ["ones", "on", "onE", "One"] {
            check(&[wrong], &["one"], Err(Unauthenticated::WrongToken));
        }
        check(&["one", "one"], &["one"], Err(Unauthenticated::WrongToken));
    }

    #[test]
    fn a_token_is_always_needed() {
        check(&[], &["one"], Err(Unauthenticated::NoToken));
        check(&[], &[], Err(Unauthenticated::NoToken));
        check(&[""], &[], Err(Unauthenticated::NoToken));
    }

    #[test]
    fn any_token_will_do_where_none_is_configured() {
        check(&["anything"], &[], Ok(()));
    }
}
