//! A raw connection to an emulator: requests and responses as text.

use ges_emulator::{Config, Emulator, Listeners, StateValues, serve};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    pub(crate) emulator: Emulator,
    pub(crate) address: SocketAddr,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) stopped: JoinHandle<()>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    pub(crate) async fn start(config: Config) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), config).await
    }

    pub(crate) async fn start_on(listeners: impl Into<Listeners>, config: Config) -> Self {
        let (emulator, listener) = (Emulator::new(config), listeners.into());
        let address = listener.service.local_addr().expect("an address");
        let (stop, asked) = oneshot::channel();
        let stopped = tokio::spawn(serve(listener, emulator.clone(), async { drop(asked.await) }));
        Self { emulator, address, stop: Some(stop), stopped }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Sends text over a connection of its own and reads one answer.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.expect("room to write");
        Answer::read(&mut stream).await.expect("an answer")
    }

    /// A request with a token and a body.
    pub(crate) async fn call(&self, request_line: &str, body: &str) -> Answer {
        self.send(&with_token(request_line, body)).await
    }
}

pub(crate) fn with_token(request_line: &str, body: &str) -> String {
    let length = body.len();
    format!("{request_line} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\nContent-Length: {length}\r\n\r\n{body}")
}

impl Answer {
    /// One answer, or `None` if the other side hangs up first.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let whole = timeout(PATIENCE, async {
            let answer = Self::read_head(stream).await?;
            let length = answer.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.ok()?;
            Some(Self { body: String::from_utf8(body).ok()?, ..answer })
        });
        whole.await.expect("an answer in time")
    }

    /// An answer as far as its body.
    pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head, body: String::new() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// `{project_id}`, `{graph_id}` and `{backup_id}` in a text, filled in.
pub(crate) fn fill(text: &str, given: &StateValues) -> String {
    text.replace("{project_id}", &given.project_id)
        .replace("{graph_id}", &given.graph_id)
        .replace("{backup_id}", given.backup_id.as_deref().unwrap_or("none"))
}
