//! Where the messages of HTTP/1.1 and their bodies end, found in one pass over bytes that come in pieces of any size.
//!
//! What hyper and httparse refuse is refused here, so that what is judged is what such a client or server read:
//! `traffic/differential.rs` compares both.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specwright_redaction::{Format, Redactor};

/// The longest head, in bytes, with the empty lines before it.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// The longest line of a chunk's size.
const MAX_LINE: usize = 16 << 10;

/// The most bytes of trailers.
const MAX_TRAILERS: usize = 16 << 10;

/// How many bytes may be kept of exchanges that have not ended, over all connections.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    /// A share of it, empty at first.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), bytes: 0 }
    }
}

/// What one message takes of a budget, until it is dropped.
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// Takes so many bytes more, if they are left.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let took = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        self.bytes += if took.is_ok() { bytes } else { 0 };
        took.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// The bytes of a head so far. Each is looked at once.
#[derive(Default)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    /// Where the line begins that has not ended.
    line: usize,
    /// A line that is not empty has ended; empty ones before a head are ignored (RFC 9112, section 2.2).
    has_begun: bool,
}

/// What became of bytes that were given to a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It goes on.
    All,
    /// It has ended, after so many of them.
    Whole(usize),
    /// It is too long; so many were taken, and no more will be.
    TooLong(usize),
}

impl Head {
    pub(super) fn take(&mut self, bytes: &[u8]) -> Taken {
        let mut taken = 0;
        while taken < bytes.len() {
            let rest = &bytes[taken..];
            let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let room = (MAX_HEAD + 1).saturating_sub(self.bytes.len());
            let piece = &rest[..length.min(room)];
            self.bytes.extend_from_slice(piece);
            taken += piece.len();
            if self.bytes.len() > MAX_HEAD {
                return Taken::TooLong(taken);
            }
            if piece.ends_with(b"\n") {
                let is_empty = matches!(&self.bytes[self.line..], b"\n" | b"\r\n");
                if is_empty && self.has_begun {
                    return Taken::Whole(taken);
                }
                self.has_begun |= !is_empty;
                self.line = self.bytes.len();
            }
        }
        Taken::All
    }
}

/// How the end of a body is known (RFC 9112, section 6.3).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
    /// A transfer-encoding that is not chunked at last.
    Other,
}

/// How the body of a message ends, and what makes that doubtful although it can be read.
pub(super) fn framing(version: u8, headers: &[(String, String)]) -> Result<(Framing, Option<String>), String> {
    let all = |name: &'static str| {
        let named = headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.flat_map(|(_, value)| value.split(',')).map(str::trim)
    };
    let mut lengths = all("content-length");
    if let Some(last) = all("transfer-encoding").next_back() {
        if version == 0 {
            return Err("a transfer-encoding, which HTTP/1.0 does not have".to_owned());
        }
        let both = "a content-length beside a transfer-encoding, of which RFC 9112 (section 6.3) forbids the first";
        let doubt = lengths.next().map(|_| both.to_owned());
        let is_chunked = last.eq_ignore_ascii_case("chunked");
        return Ok((if is_chunked { Framing::Chunked } else { Framing::Other }, doubt));
    }
    let Some(first) = lengths.next() else { return Ok((Framing::None, None)) };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let length = number(first).ok_or("a length that is no number")?;
    if lengths.any(|other| number(other) != Some(length)) {
        return Err("two different lengths".to_owned());
    }
    Ok((Framing::Length(length), None))
}

/// A body in chunks, as far as it was read (RFC 9112, section 7.1).
#[derive(Default)]
pub(super) struct Chunks {
    state: ChunkState,
    line: Vec<u8>,
    /// Bytes of trailers so far.
    trailers: usize,
}

#[derive(Default, Clone, Copy)]
enum ChunkState {
    /// A line with the size of the next chunk.
    #[default]
    Size,
    Data(u64),
    /// The line break after a chunk.
    AfterData,
    Trailers,
}

pub(super) struct Found {
    pub(super) consumed: usize,
    pub(super) end: Option<Result<(), String>>,
}

impl Chunks {
    pub(super) fn read(&mut self, bytes: &[u8], data: &mut Vec<u8>) -> Found {
        let mut at = 0;
        while at < bytes.len() {
            if let ChunkState::Data(left) = self.state {
                let (mine, _) = split(&bytes[at..], left);
                data.extend_from_slice(mine);
                at += mine.len();
                let left = left - mine.len() as u64;
                self.state = if left == 0 { ChunkState::AfterData } else { ChunkState::Data(left) };
                continue;
            }
            let byte = bytes[at];
            at += 1;
            self.line.push(byte);
            self.trailers += usize::from(matches!(self.state, ChunkState::Trailers));
            let ended = if self.line.len() > MAX_LINE || self.trailers > MAX_TRAILERS {
                Err("a line or trailers without end".to_owned())
            } else if byte == b'\n' && (!matches!(self.state, ChunkState::Trailers) || self.line.ends_with(b"\r\n")) {
                self.after_line()
            } else {
                Ok(false)
            };
            match ended {
                Ok(false) => {}
                Ok(true) => return Found { consumed: at, end: Some(Ok(())) },
                Err(reason) => return Found { consumed: at, end: Some(Err(reason)) },
            }
        }
        Found { consumed: at, end: None }
    }

    /// Whether the body is over.
    fn after_line(&mut self) -> Result<bool, String> {
        let line = std::mem::take(&mut self.line);
        // Only heads may have lines that end otherwise.
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(format!("`{}` ends without a carriage return", shown(&line)));
        };
        if line.contains(&b'\r') {
            return Err(format!("`{}` has a carriage return in the middle", shown(line)));
        }
        match self.state {
            ChunkState::Size => {
                let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
                let end = digits.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
                let digits = &digits[..end];
                let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
                let size = std::str::from_utf8(digits).ok().filter(|_| is_hex);
                let size = size.and_then(|digits| u64::from_str_radix(digits, 16).ok());
                let size = size.ok_or_else(|| format!("`{}` is no size", shown(line)))?;
                self.state = if size == 0 { ChunkState::Trailers } else { ChunkState::Data(size) };
                Ok(false)
            }
            ChunkState::AfterData if line.is_empty() => {
                self.state = ChunkState::Size;
                Ok(false)
            }
            ChunkState::AfterData => Err("a chunk is longer than its size".to_owned()),
            ChunkState::Trailers if line.is_empty() => Ok(true),
            ChunkState::Trailers if !is_field(line) => Err(format!("`{}` is no trailer", shown(line))),
            ChunkState::Trailers | ChunkState::Data(_) => Ok(false),
        }
    }
}

/// Whether a line is a field, as a head has them.
fn is_field(line: &[u8]) -> bool {
    let ended = [line, b"\r\n\r\n"].concat();
    matches!(httparse::parse_headers(&ended, &mut [httparse::EMPTY_HEADER]), Ok(httparse::Status::Complete(_)))
}

/// The beginning of a line, without secrets: it may be the body of a message that another one ends too early.
fn shown(line: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(line).into_owned();
    Redactor::new().text(&mut text, Format::Any);
    text.truncate(text.floor_char_boundary(40));
    text.trim_end().escape_debug().to_string()
}

/// The first bytes, `most` at most, and the others.
pub(super) fn split(bytes: &[u8], most: u64) -> (&[u8], &[u8]) {
    let length = usize::try_from(most).map_or(bytes.len(), |most| most.min(bytes.len()));
    bytes.split_at(length)
}
