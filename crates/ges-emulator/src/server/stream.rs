//! How do bytes travel over a connection, and how does it break on purpose?

use crate::server::timeouts::Activity;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The same for either kind of stream.
macro_rules! on_stream {
    ($stream:expr, $name:ident => $does:expr) => {
        match $stream {
            Transport::Plain(stream) => {
                let $name = Pin::new(stream);
                $does
            }
            #[cfg(feature = "tls")]
            Transport::Tls(stream) => {
                let $name = Pin::new(stream);
                $does
            }
        }
    };
}

/// A connection that notes how it gets on, and can be told to end in a reset instead of an orderly close.
pub(crate) struct MonitoredStream {
    stream: Transport,
    waiting: Arc<Activity>,
    breaker: ResetSwitch,
}

/// What the bytes travel over.
pub(crate) enum Transport {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

/// Tells a [`MonitoredStream`] to end in a reset.
#[derive(Clone, Default)]
pub(crate) struct ResetSwitch(Arc<AtomicBool>);

impl MonitoredStream {
    pub(crate) fn new(stream: Transport, waiting: Arc<Activity>, breaker: ResetSwitch) -> Self {
        Self { stream, waiting, breaker }
    }

    fn note_write(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Pending => self.waiting.stalled(),
            Poll::Ready(_) => self.waiting.taken(),
        }
    }
}

impl Transport {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl ResetSwitch {
    /// The line is reset as soon as it is let go, which the error asks for.
    pub(crate) fn pull(&self) -> io::Error {
        self.0.store(true, Ordering::Relaxed);
        broken()
    }

    fn is_pulled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "broken on purpose")
}

impl Drop for MonitoredStream {
    fn drop(&mut self) {
        if self.breaker.is_pulled() {
            let _ = self.stream.tcp().set_zero_linger();
        }
    }
}

impl AsyncRead for MonitoredStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = on_stream!(&mut self.stream, stream => stream.poll_read(cx, buffer));
        if buffer.filled().len() > before {
            self.waiting.received();
        }
        result
    }
}

impl AsyncWrite for MonitoredStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = on_stream!(&mut self.stream, stream => stream.poll_write(cx, bytes));
        self.note_write(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = on_stream!(&mut self.stream, stream => stream.poll_write_vectored(cx, parts));
        self.note_write(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Transport::Plain(stream) => stream.is_write_vectored(),
            #[cfg(feature = "tls")]
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = on_stream!(&mut self.stream, stream => stream.poll_flush(cx));
        match flushed {
            Poll::Pending => self.waiting.stalled(),
            Poll::Ready(_) => self.waiting.sent(),
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.breaker.is_pulled() {
            // An orderly end would come before the reset.
            return Poll::Ready(Ok(()));
        }
        on_stream!(&mut self.stream, stream => stream.poll_shutdown(cx))
    }
}

/// A body that promises its whole length and ends half-way.
pub(crate) struct TruncatedBody {
    promised: u64,
    sent: Option<Bytes>,
    flushed: bool,
}

impl TruncatedBody {
    pub(crate) fn of(body: &Bytes) -> Self {
        Self { promised: body.len() as u64, sent: Some(body.slice(..body.len() / 2)), flushed: false }
    }
}

impl Body for TruncatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.sent.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // What was handed over goes out while nothing further comes.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(broken())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
