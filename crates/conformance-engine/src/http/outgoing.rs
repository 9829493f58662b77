//! Writes requests byte by byte: header names as the document spells them, and the other ways of writing that mean the
//! same ([`wire`](crate::http::wire)).
//!
//! The HTTP library writes every header name in lower case and has one way of writing the rest. So its bytes of a request
//! are skipped on their way to the socket, and ours are written in their place ([`Spelled`]); what it does with the
//! connection and with replies stays.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use environment_proxy::Proxy;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::address::Address;
use crate::http::request::Prepared;
use crate::http::wire::{own_header, spell};
use crate::model::case::Wire;

/// The request as it is written, for [`Outgoing::set`]. `agent` is the `User-Agent`; `forwarder` the proxy that reads it and
/// sends it on.
pub(crate) fn bytes(address: &Address, request: &Prepared, agent: &str, forwarder: Option<&Proxy>) -> Vec<u8> {
    let wire = request.wire;
    let mut headers = vec![("Host".to_owned(), address.authority())];
    if wire != Some(Wire::NoUserAgent) && !has(&request.headers, "user-agent") {
        headers.push(("User-Agent".to_owned(), agent.to_owned()));
    }
    headers.extend(request.headers.iter().cloned());
    let body = request.body.as_deref();
    let is_chunked = wire == Some(Wire::Chunked) && body.is_some();
    let own = wire.filter(|wire| *wire != Wire::Chunked || is_chunked).and_then(own_header);
    headers.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    if !is_chunked && has_length(request) {
        headers.push(("Content-Length".to_owned(), body.unwrap_or_default().len().to_string()));
    }
    spell(wire, &mut headers);
    let is_absolute = forwarder.is_some() || wire == Some(Wire::AbsoluteForm);
    let root = if is_absolute { address.root() } else { String::new() };
    let mut bytes = format!("{} {root}{} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    for (name, value) in &headers {
        bytes.extend([name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    // For the proxy alone, so it is no part of the request that reports show.
    if let Some(authorization) = forwarder.and_then(Proxy::authorization) {
        bytes.extend([b"Proxy-Authorization: ", authorization.as_bytes(), b"\r\n"].concat());
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

fn has(headers: &[(String, String)], wanted: &str) -> bool {
    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
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

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn written(wire: Option<Wire>, body: Option<&str>) -> String {
        let request = Prepared {
            method: "PUT".to_owned(),
            target: "/a?b=c".to_owned(),
            headers: vec![("x-Own-TOKEN".to_owned(), "T".to_owned())],
            body: body.map(|body| body.as_bytes().to_vec()),
            wire,
        };
        String::from_utf8(bytes(&Address::endpoint("http://h:1/p").unwrap(), &request, "agent", None)).unwrap()
    }

    #[test]
    fn a_request_goes_out_as_the_document_spells_it() {
        let usual =
            "PUT /a?b=c HTTP/1.1\r\nHost: h:1\r\nUser-Agent: agent\r\nx-Own-TOKEN: T\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(written(None, Some("{}")), usual);
        assert_eq!(
            written(Some(Wire::LowerCaseNames), Some("{}")),
            usual
                .replace("Host", "host")
                .replace("User-Agent", "user-agent")
                .replace("x-Own-TOKEN", "x-own-token")
                .replace("Content-Length", "content-length")
        );
        assert_eq!(written(Some(Wire::CanonicalNames), Some("{}")), usual.replace("x-Own-TOKEN", "X-Own-Token"));
        assert_eq!(written(Some(Wire::NoUserAgent), Some("{}")), usual.replace("User-Agent: agent\r\n", ""));
        assert_eq!(written(Some(Wire::AbsoluteForm), Some("{}")), usual.replace("/a?", "http://h:1/a?"));
        assert_eq!(
            written(Some(Wire::Close), Some("{}")),
            usual.replace("Content-L", "Connection: close\r\nContent-L")
        );
        assert_eq!(
            written(Some(Wire::ExpectContinue), Some("{}")),
            usual.replace("Content-L", "Expect: 100-continue\r\nContent-L")
        );
        let chunked = usual
            .replace("Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
        assert_eq!(written(Some(Wire::Chunked), Some("{}")), chunked);
        assert_eq!(written(None, None), usual.replace("Content-Length: 2\r\n\r\n{}", "Content-Length: 0\r\n\r\n"));
    }

    /// However the library cuts its request into pieces, ours goes out once and whole, and what follows it too.
    #[test]
    fn the_bytes_of_the_library_are_replaced_in_whatever_pieces_they_come() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(in_whatever_pieces());
    }

    async fn in_whatever_pieces() {
        let library = b"PUT / HTTP/1.1\r\nhost: h\r\r\n\r\nbody";
        for size in 1..library.len() {
            let (near, mut far) = tokio::io::duplex(7);
            let outgoing = Outgoing::default();
            let mut spelled = Spelled::new(near, outgoing.clone());
            let read = tokio::spawn(async move {
                let mut all = Vec::new();
                tokio::io::AsyncReadExt::read_to_end(&mut far, &mut all).await.unwrap();
                all
            });
            for turn in ["first", "second"] {
                outgoing.set(format!("our {turn} request;").into_bytes(), 4);
                for piece in library.chunks(size) {
                    spelled.write_all(piece).await.unwrap();
                }
                spelled.flush().await.unwrap();
            }
            spelled.write_all(b"as it is").await.unwrap();
            spelled.shutdown().await.unwrap();
            drop(spelled);
            assert_eq!(read.await.unwrap(), b"our first request;our second request;as it is");
        }
    }
}
