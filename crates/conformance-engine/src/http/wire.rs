//! Writes requests byte by byte: header names as the document spells them, and the other ways of writing that mean the
//! same ([`Wire`]).
//!
//! The HTTP library writes every header name in lower case and has one way of writing the rest. So its bytes of a request
//! are skipped on their way to the socket, and ours are written in their place ([`Spelled`]); what it does with the
//! connection and with replies stays.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::address::Address;
use crate::http::request::Prepared;
use crate::model::wire::Wire;

/// The request as it is written, for [`Outgoing::set`]. `agent` is the `User-Agent`.
pub(crate) fn bytes(address: &Address, request: &Prepared, agent: &str) -> Vec<u8> {
    let wire = request.wire;
    let mut headers = vec![("Host".to_owned(), address.authority())];
    if wire != Some(Wire::NoUserAgent) && !has(&request.headers, "user-agent") {
        headers.push(("User-Agent".to_owned(), agent.to_owned()));
    }
    headers.extend(request.headers.iter().cloned());
    headers.extend(wire.and_then(own_header).map(|(name, value)| (name.to_owned(), value.to_owned())));
    let body = request.body.as_deref();
    let is_chunked = wire == Some(Wire::Chunked) && body.is_some();
    if !is_chunked && has_length(request) {
        headers.push(("Content-Length".to_owned(), body.unwrap_or_default().len().to_string()));
    }
    spell(wire, &mut headers);
    let root = if wire == Some(Wire::AbsoluteForm) { address.root() } else { String::new() };
    let mut bytes = format!("{} {root}{} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    for (name, value) in &headers {
        bytes.extend([name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    match body {
        // More than one chunk, where there is enough for it.
        Some(body) if is_chunked => {
            for chunk in body.chunks(body.len().div_ceil(2).max(1)) {
                bytes.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
            }
            bytes.extend(b"0\r\n\r\n");
        }
        body => bytes.extend(body.unwrap_or_default()),
    }
    bytes
}

/// Whether the request says how long its body is, also where it has none.
pub(crate) fn has_length(request: &Prepared) -> bool {
    request.body.is_some() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH")
}

/// The header that is the way of writing.
pub(crate) fn own_header(wire: Wire) -> Option<(&'static str, &'static str)> {
    match wire {
        Wire::Chunked => Some(("Transfer-Encoding", "chunked")),
        Wire::ExpectContinue => Some(("Expect", "100-continue")),
        Wire::Close => Some(("Connection", "close")),
        _ => None,
    }
}

/// The names of headers in the letter case that is asked for.
pub(crate) fn spell(wire: Option<Wire>, headers: &mut [(String, String)]) {
    for (name, _) in headers {
        match wire {
            Some(Wire::LowerCaseNames) => *name = name.to_ascii_lowercase(),
            Some(Wire::CanonicalNames) => *name = canonical(name),
            _ => {}
        }
    }
}

/// `x-auth-token` as `X-Auth-Token`.
fn canonical(name: &str) -> String {
    let mut starts = true;
    let letters = name.chars().map(|letter| {
        let spelled = if starts { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        starts = letter == '-';
        spelled
    });
    letters.collect()
}

fn has(headers: &[(String, String)], wanted: &str) -> bool {
    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
}

/// The media type of a body as it is written.
pub(crate) fn media_type(wire: Option<Wire>, media_type: &str) -> Cow<'_, str> {
    match wire {
        Some(Wire::Charset) => format!("{media_type}; charset=utf-8").into(),
        Some(Wire::MediaTypeCase) => {
            // The values of its parameters may have a letter case.
            let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
            let separator = if parameters.is_empty() { "" } else { ";" };
            let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
            let mut letters = kind.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
            let kind: String = first.chain(letters).collect();
            format!("{kind}/{}{separator}{parameters}", subtype.to_ascii_uppercase()).into()
        }
        _ => media_type.into(),
    }
}

/// A percent-encoded value as it is written at a place where unreserved characters are encoded by `own`.
pub(crate) fn percent(wire: Option<Wire>, own: Wire, encoded: String) -> String {
    match wire {
        Some(Wire::PercentLowerCase) if encoded.contains('%') => lower_case_digits(&encoded),
        Some(Wire::PercentLowerCase) => {
            // Only some unreserved characters have a letter among their digits: `-` is %2d.
            lower_case_digits(&encode_first(&encoded, |byte| {
                byte.is_ascii_alphanumeric() && (byte & 0x0f) > 9 || matches!(byte, b'-' | b'_')
            }))
        }
        Some(way) if way == own => encode_first(&encoded, |byte| byte.is_ascii_alphanumeric()),
        _ => encoded,
    }
}

/// The text with the first character that `is_it` percent-encoded.
fn encode_first(encoded: &str, is_it: impl Fn(u8) -> bool) -> String {
    let mut bytes = encoded.bytes().enumerate();
    let mut found = None;
    while let Some((at, byte)) = bytes.next() {
        if byte == b'%' {
            _ = bytes.nth(1);
        } else if is_it(byte) {
            found = Some((at, byte));
            break;
        }
    }
    match found {
        Some((at, byte)) => format!("{}%{byte:02X}{}", &encoded[..at], &encoded[at + 1..]),
        None => encoded.to_owned(),
    }
}

fn lower_case_digits(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len());
    let mut digits = 0;
    for letter in encoded.chars() {
        text.push(if digits > 0 { letter.to_ascii_lowercase() } else { letter });
        digits = if letter == '%' { 2 } else { usize::saturating_sub(digits, 1) };
    }
    text
}

/// A JSON text as it is written.
pub(crate) fn json(wire: Option<Wire>, text: String) -> String {
    match wire {
        Some(Wire::MemberOrder) => reversed(&text),
        Some(Wire::Spaces) => spaced(&text, &[" "]),
        Some(Wire::Lines) => format!("\r\n{}\n", spaced(&text, &["\n\t", "\r\n", "\t"])),
        Some(Wire::Escapes) => escaped(&text),
        _ => text,
    }
}

/// The text with white space between its tokens: `{ }`.
fn spaced(text: &str, spaces: &[&str]) -> String {
    let mut next = spaces.iter().copied().cycle();
    let mut space = || next.next().unwrap_or_default();
    let mut spaced = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    for (token, is_string) in tokens(text) {
        match token.chars().next().filter(|_| !is_string) {
            Some('}' | ']') if !matches!(before, '{' | '[') => spaced.extend([space(), token]),
            Some('{' | '[' | ',') => spaced.extend([token, space()]),
            Some(':') => spaced.extend([space(), token, space()]),
            _ => spaced.push_str(token),
        }
        before = token.chars().next().unwrap_or(' ');
    }
    spaced
}

/// The text with the first letter of each string, and each slash, as an escape.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for (token, is_string) in tokens(text) {
        if !is_string {
            escaped.push_str(token);
            continue;
        }
        let (mut has_one, mut is_behind_backslash) = (false, false);
        for letter in token.chars() {
            match letter {
                _ if is_behind_backslash => escaped.push(letter),
                '/' => escaped.push_str("\\/"),
                letter if !has_one && letter.is_ascii_alphanumeric() => {
                    has_one = true;
                    escaped.push_str(&format!("\\u{:04x}", u32::from(letter)));
                }
                letter => escaped.push(letter),
            }
            // A letter behind a backslash is part of an escape, and so are the digits of `\u00e4`.
            is_behind_backslash = letter == '\\' && !is_behind_backslash;
            has_one |= letter == '\\';
        }
    }
    escaped
}

/// The text with the members of each object in reverse.
fn reversed(text: &str) -> String {
    let mut open: Vec<Vec<String>> = vec![vec![String::new()]];
    for (token, is_string) in tokens(text) {
        match token.chars().next().filter(|_| !is_string) {
            Some('{' | '[') => open.push(vec![String::new()]),
            Some(',') => open.last_mut().into_iter().for_each(|parts| parts.push(String::new())),
            Some(end @ ('}' | ']')) => {
                let mut parts = if open.len() > 1 { open.pop().unwrap_or_default() } else { return text.to_owned() };
                if end == '}' {
                    parts.reverse();
                }
                let (start, inside) = (if end == '}' { '{' } else { '[' }, parts.join(","));
                push_last(&mut open, &format!("{start}{inside}{end}"));
            }
            _ => push_last(&mut open, token),
        }
    }
    match open.as_slice() {
        [whole] => whole.join(","),
        // Not JSON: as it is.
        _ => text.to_owned(),
    }
}

fn push_last(open: &mut [Vec<String>], text: &str) {
    if let Some(part) = open.last_mut().and_then(|parts| parts.last_mut()) {
        part.push_str(text);
    }
}

/// The tokens of a JSON text without its white space, each with whether it is a string. What is no JSON is taken apart
/// somehow, and loses nothing but white space.
fn tokens(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = rest.chars().next()?;
        let length = match first {
            '"' => {
                let mut is_escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, letter)| {
                    let ends = *letter == '"' && !is_escaped;
                    is_escaped = *letter == '\\' && !is_escaped;
                    ends
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(|c: char| "{}[],:\" \t\r\n".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some((token, first == '"'))
    })
}

/// What goes out in place of the next request of the HTTP library.
#[derive(Clone, Default)]
pub(crate) struct Outgoing(Arc<Mutex<Option<Replacement>>>);

struct Replacement {
    bytes: Vec<u8>,
    /// The length of the library's body.
    body: usize,
}

impl Outgoing {
    /// The next request goes out as these bytes. The library's body has the length `body`.
    pub(crate) fn set(&self, bytes: Vec<u8>, body: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Replacement { bytes, body });
    }

    fn take(&self) -> Option<Replacement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A stream that writes [`Outgoing`] requests in place of the library's.
pub(crate) struct Spelled<S> {
    stream: S,
    outgoing: Outgoing,
    skip: Skip,
    /// What is to be written before anything else, and how much of it was.
    pending: Vec<u8>,
    written: usize,
}

/// The part of the library's request that is still to come.
#[derive(Clone, Copy)]
enum Skip {
    Nothing,
    /// So many bytes of the end of its head were seen; then comes a body of this length.
    Head(usize, usize),
    Body(usize),
}

const HEAD_END: &[u8] = b"\r\n\r\n";

impl Skip {
    /// How many of `bytes` are skipped.
    fn advance(&mut self, bytes: &[u8]) -> usize {
        let mut used = 0;
        while let Skip::Head(seen, body) = *self {
            let Some(byte) = bytes.get(used) else { return used };
            used += 1;
            let seen = match seen {
                seen if HEAD_END.get(seen) == Some(byte) => seen + 1,
                _ => usize::from(*byte == b'\r'),
            };
            *self = if seen == HEAD_END.len() { Skip::Body(body) } else { Skip::Head(seen, body) };
        }
        if let Skip::Body(left) = *self {
            let more = left.min(bytes.len() - used);
            used += more;
            *self = if more == left { Skip::Nothing } else { Skip::Body(left - more) };
        }
        used
    }
}

impl<S> Spelled<S> {
    pub(crate) fn new(stream: S, outgoing: Outgoing) -> Self {
        Self { stream, outgoing, skip: Skip::Nothing, pending: Vec::new(), written: 0 }
    }
}

impl<S: AsyncWrite + Unpin> Spelled<S> {
    fn drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(left) = self.pending.get(self.written..).filter(|left| !left.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, left))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        self.pending.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Spelled<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Spelled<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.drain(cx))?;
        if let Some(Replacement { bytes, body }) = self.outgoing.take() {
            self.pending = bytes;
            self.skip = Skip::Head(0, body);
        }
        if matches!(self.skip, Skip::Nothing) {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        let used = self.skip.advance(bytes);
        // What cannot be written now is written before the next bytes, or by the flush.
        match self.drain(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(used)),
        }
    }

    // One buffer for head and body: a server may take what arrives first for the whole request.
    fn is_write_vectored(&self) -> bool {
        false
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
