//! Decodes the content coding of a reply body.

use std::borrow::Cow;

use crate::model::content_encoding::{Decoded, decode};
use crate::model::exchange::{Reply, Sent};
use crate::model::text::excerpt;

/// The longest body after decoding, in bytes: a small one may stand for a very large one.
const LONGEST: usize = 1 << 20;

impl Reply {
    /// The body without its content coding, or why it cannot be read, in words that fit after "the body".
    ///
    /// A server may use any coding if nobody says which ones are accepted, and nobody does (RFC 9110, 12.5.3); those
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
                Err(format!("has the content coding `{}`, which nobody asked for", excerpt(&coding, 40)))
            }
        }
    }

    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> String {
        text(&self.content().unwrap_or_else(|_| Cow::Borrowed(&self.body)), limit)
    }
}

impl Sent {
    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> Option<String> {
        self.body.as_ref().map(|body| text(body, limit))
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
        let reply = Reply { headers, body: body.to_vec(), ..Reply::default() };
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
        check("zstd", b"{}", Err("has the content coding `zstd`, which nobody asked for"));
        check("gzip", b"{}", Err("is not in the gzip it says it is in: unexpected end of file"));
        let half = &gzip(b"{\"a\": 1}")[..20];
        check("gzip", half, Err("is not in the gzip it says it is in: unexpected end of file"));
        check("gzip", b"", Ok(b""));
    }

    #[test]
    fn a_small_body_that_stands_for_a_large_one_is_cut() {
        let bomb = gzip(&vec![b' '; 300 << 20]);
        assert!(bomb.len() < 2 << 20);
        check("gzip", &bomb, Err("is longer than 1048576 bytes once its gzip is undone"));
    }
}
