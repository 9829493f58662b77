//! Percent-encoding of what goes into a request target, and its decoding.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str};

/// Everything that RFC 3986 does not call unreserved is encoded, in path values and query pairs alike.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name or a value of a query or a form, decoded: `+` is a space, bytes that are not UTF-8 are replaced.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The decoded names and values of a query. A name without `=` has an empty value.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// The query of an address; empty if it has none.
pub(crate) fn query(url: &str) -> &str {
    url.split('#').next().unwrap_or_default().split_once('?').map_or("", |(_, query)| query)
}
