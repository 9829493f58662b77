//! Reads what is compressed.

use std::cell::Cell;

/// Longer texts are not inflated.
pub(crate) const LONGEST_INFLATED: usize = 4 << 20;

/// What is within bytes that may be compressed.
pub(crate) enum Inflated {
    /// They are not.
    Not,
    /// This.
    #[cfg_attr(not(feature = "inflate"), expect(dead_code, reason = "only that feature reads it"))]
    Text(Vec<u8>),
    /// It cannot be read, or not to its end.
    Unreadable,
}

/// The first bytes of gzip with its one method.
pub(crate) const GZIP: &[u8] = b"\x1f\x8b\x08";

/// The first bytes of zlib (RFC 1950, 2.2), of which the usual window makes 78, and the check of both a multiple of 31.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, flags, ..] if (0x7800 + u32::from(*flags)).is_multiple_of(31))
}

/// Whether bytes begin as gzip or zlib do.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || is_zlib(bytes)
}

/// What gzip (RFC 1952) or zlib hold, which is taken from the budget.
pub(crate) fn inflated(bytes: &[u8], budget: &Cell<usize>) -> Inflated {
    let is_gzip = bytes.starts_with(GZIP);
    if !is_gzip && !is_zlib(bytes) {
        return Inflated::Not;
    }
    #[cfg(feature = "inflate")]
    {
        use std::io::Read;

        use flate2::read::{MultiGzDecoder, ZlibDecoder};

        let longest = budget.get().min(LONGEST_INFLATED);
        let mut text = Vec::new();
        let most = longest as u64 + 1;
        let read = if is_gzip {
            MultiGzDecoder::new(bytes).take(most).read_to_end(&mut text)
        } else {
            ZlibDecoder::new(bytes).take(most).read_to_end(&mut text)
        };
        budget.set(budget.get().saturating_sub(text.len()));
        match read {
            Ok(length) if length <= longest => return Inflated::Text(text),
            // Two bytes may come about by chance.
            Err(_) if !is_gzip && text.is_empty() => return Inflated::Not,
            _ => {}
        }
    }
    #[cfg(not(feature = "inflate"))]
    {
        let _ = budget;
        if !is_gzip {
            return Inflated::Not;
        }
    }
    Inflated::Unreadable
}
