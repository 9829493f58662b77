//! The byte stream of a connection, which records progress and can end in a reset.

use crate::server::timeouts::Activity;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
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

/// A stream that records its progress, and that can end in a reset instead of an orderly close.
pub(crate) struct ConnectionStream {
    stream: Transport,
    activity: Arc<Activity>,
    reset: ResetSwitch,
}

/// The stream underneath.
pub(crate) enum Transport {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

/// Makes a [`ConnectionStream`] end in a reset.
#[derive(Clone, Default)]
pub(crate) struct ResetSwitch(Arc<AtomicBool>);

impl ConnectionStream {
    pub(crate) fn new(stream: Transport, activity: Arc<Activity>, reset: ResetSwitch) -> Self {
        Self { stream, activity, reset }
    }

    fn note_write(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Pending => self.activity.stalled(),
            Poll::Ready(_) => self.activity.taken(),
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
    /// The connection is reset when the stream is dropped, which the error brings about.
    pub(crate) fn trigger(&self) -> io::Error {
        self.0.store(true, Ordering::Relaxed);
        fault_error()
    }

    fn is_triggered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn fault_error() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "reset by a fault rule")
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        if self.reset.is_triggered() {
            let _ = self.stream.tcp().set_zero_linger();
        }
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = on_stream!(&mut self.stream, stream => stream.poll_read(cx, buffer));
        if buffer.filled().len() > before {
            self.activity.received();
        }
        result
    }
}

impl AsyncWrite for ConnectionStream {
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
            Poll::Pending => self.activity.stalled(),
            Poll::Ready(_) => self.activity.sent(),
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.is_triggered() {
            // An orderly close would come before the reset.
            return Poll::Ready(Ok(()));
        }
        ready!(on_stream!(&mut self.stream, stream => stream.poll_shutdown(cx)))?;
        // RFC 9112, 9.6: what comes in after a socket was closed is answered with a reset, and a caller that is still sending
        // would lose the response to it. So that is read for a while. How long is decided by [`Activity`].
        self.activity.lingers();
        let mut discarded = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut discarded);
            match ready!(on_stream!(&mut self.stream, stream => stream.poll_read(cx, &mut buffer))) {
                Ok(()) if !buffer.filled().is_empty() => {}
                // Its end, or a reset.
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// A body that announces its whole length and ends half-way.
pub(crate) struct TruncatedBody {
    announced: u64,
    sent: Option<Bytes>,
    flushed: bool,
}

impl TruncatedBody {
    pub(crate) fn of(body: &Bytes) -> Self {
        Self { announced: body.len() as u64, sent: Some(body.slice(..body.len() / 2)), flushed: false }
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
            // What was handed over is sent while nothing further comes.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(fault_error())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
