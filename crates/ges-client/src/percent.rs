//! Percent-encodes identifiers for addresses.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but letters, digits and `-`, `.`, `_`, `~`, which RFC 3986 calls unreserved.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path parameter as one segment of an address.
pub(crate) fn encode_path(segment: &str) -> Cow<'_, str> {
    // Nearly every identifier is plain. Without an early exit the loop is a few instructions.
    if segment.bytes().fold(true, |plain, byte| plain & (byte.is_ascii_alphanumeric() | (byte == b'-'))) {
        return Cow::Borrowed(segment);
    }
    utf8_percent_encode(segment, RESERVED).into()
}
