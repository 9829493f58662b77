//! Decodes the content codings gzip, deflate and br, up to a limit.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What became of an encoded body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// The bytes under all encodings.
    Whole(Vec<u8>),
    /// There are more than allowed.
    TooLong,
    /// The bytes are not in this coding.
    Broken { coding: String, why: String },
    /// An encoding that is not supported.
    Unknown(String),
}

/// More codings, each in the next, than anybody has a use for.
const MOST_CODINGS: usize = 3;

/// Undoes `content-encoding: gzip`, `deflate`, `br` and lists of them. No more than `limit` bytes come out.
pub(crate) fn decode(body: &[u8], encodings: &str, limit: usize) -> Decoded {
    decode_within(body, encodings, limit, &mut usize::MAX.clone())
}

/// The same, as long as of `left` bytes for several bodies there are any. What lies between two codings counts as well.
pub(crate) fn decode_within(body: &[u8], encodings: &str, limit: usize, left: &mut usize) -> Decoded {
    let codings = encodings.split(',').filter(|name| !matches!(name.trim(), "" | "identity"));
    if codings.take(MOST_CODINGS + 1).count() > MOST_CODINGS {
        return Decoded::Unknown(format!("more than {MOST_CODINGS} codings, one in the other"));
    }
    let mut read = |decoder: &mut dyn Read, coding: &str| {
        let (decoded, count) = read(decoder, coding, limit.min(*left));
        *left -= count.min(*left);
        decoded
    };
    let mut bytes = body.to_vec();
    // The last one named was applied last.
    for encoding in encodings.rsplit(',').map(|name| name.trim().to_ascii_lowercase()) {
        let decoded = match encoding.as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => read(&mut MultiGzDecoder::new(&*bytes), &encoding),
            // RFC 9110 means zlib's format; there are servers that leave its header out.
            "deflate" => match read(&mut ZlibDecoder::new(&*bytes), &encoding) {
                Decoded::Broken { .. } => read(&mut DeflateDecoder::new(&*bytes), &encoding),
                found => found,
            },
            "br" => read(&mut brotli_decompressor::Decompressor::new(&*bytes, 4096), &encoding),
            _ => return Decoded::Unknown(encoding),
        };
        match decoded {
            Decoded::Whole(under) => bytes = under,
            other => return other,
        }
    }
    Decoded::Whole(bytes)
}

/// What comes out, and how much it was.
fn read(decoder: &mut dyn Read, coding: &str, limit: usize) -> (Decoded, usize) {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let result = decoder.take(most).read_to_end(&mut bytes);
    let count = bytes.len();
    let decoded = match result {
        _ if count > limit => Decoded::TooLong,
        Ok(_) => Decoded::Whole(bytes),
        Err(error) => Decoded::Broken { coding: coding.to_owned(), why: error.to_string() },
    };
    (decoded, count)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = br#"{"id": 1}"#;
    /// `TEXT` as brotli, by another implementation.
    const BROTLI: &[u8] = b"\x0b\x04\x80{\"id\": 1}\x03";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_encoding_gives_back_what_was_put_in() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(TEXT).unwrap();
        for (body, encodings) in [
            (TEXT.to_vec(), "identity"),
            (gzip(TEXT), "gzip"),
            (gzip(TEXT), "X-GZIP"),
            (gzip(&gzip(TEXT)), "gzip, gzip"),
            (zlib.finish().unwrap(), "deflate"),
            (bare.finish().unwrap(), "deflate"),
            (BROTLI.to_vec(), "br"),
        ] {
            assert_eq!(decode(&body, encodings, 100), Decoded::Whole(TEXT.to_vec()), "{encodings}");
        }
    }

    #[test]
    fn several_bodies_have_one_budget() {
        let (body, mut left) = (gzip(&[b'a'; 1000]), 2500);
        assert_eq!(decode_within(&body, "gzip", 1000, &mut left), Decoded::Whole(vec![b'a'; 1000]));
        assert_eq!(decode_within(&gzip(&body), "gzip, gzip", 1000, &mut left), Decoded::Whole(vec![b'a'; 1000]));
        assert!(left < 500, "{left}");
        assert_eq!(decode_within(&body, "gzip", 1000, &mut left), Decoded::TooLong);
        assert_eq!(left, 0);
    }

    #[test]
    fn a_bomb_and_a_lie_are_called_what_they_are() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert_eq!(decode(&bomb, "gzip", 1000), Decoded::TooLong);
        assert_eq!(decode(&gzip(&bomb), "gzip, gzip", 1 << 20), Decoded::TooLong);
        assert!(matches!(decode(TEXT, "gzip", 1000), Decoded::Broken { .. }));
        assert!(matches!(decode(TEXT, "br", 1000), Decoded::Broken { .. }));
        assert!(matches!(decode(&gzip(TEXT)[..12], "gzip", 1000), Decoded::Broken { .. }));
        let nested = (0..4).fold(TEXT.to_vec(), |bytes, _| gzip(&bytes));
        assert!(matches!(decode(&nested, "gzip, gzip, gzip, gzip", 1000), Decoded::Unknown(_)));
        let list = vec!["gzip"; 20_000].join(",");
        assert!(matches!(decode(&nested, &list, 1000), Decoded::Unknown(_)));
        assert_eq!(decode(&gzip(TEXT), "identity, gzip, , identity, identity", 1000), Decoded::Whole(TEXT.to_vec()));
        assert_eq!(decode(TEXT, "zstd", 1000), Decoded::Unknown("zstd".to_owned()));
    }
}
