//! A server that says what it is told to, byte for byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use ges_client::credentials::Token;
use ges_client::{Client, ClientBuilder, Retries};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Wire {
    pub(crate) endpoint: String,
    requests: Arc<Mutex<Vec<String>>>,
    replies: Arc<[String]>,
}

impl Wire {
    /// The first request gets the first reply and so on; further ones get the last. An empty reply is a connection that
    /// is closed without one.
    pub(crate) async fn replying<R: Into<String>>(replies: impl IntoIterator<Item = R>) -> Wire {
        let replies: Arc<[String]> = replies.into_iter().map(Into::into).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, said) = (requests.clone(), replies.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, said.clone(), seen.clone()));
            }
        });
        Wire { endpoint, requests, replies }
    }

    /// For the project `p`, without repetitions.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().endpoint(&*self.endpoint).iam_endpoint(&*self.endpoint).project_id("p");
        builder.credentials(Token::new("t").unwrap()).retries(Retries::none())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// What it was told to say.
    pub(crate) fn replies(&self) -> Vec<String> {
        self.replies.to_vec()
    }

    /// What came so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A whole answer with a body of its length.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn json(status: &str, body: &str) -> String {
    reply(status, "content-type: application/json\r\n", body)
}

async fn converse(mut stream: TcpStream, replies: Arc<[String]>, seen: Arc<Mutex<Vec<String>>>) {
    let mut buffer = Vec::new();
    loop {
        let Some(length) = complete(&buffer) else {
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let request = String::from_utf8(buffer.drain(..length).collect()).unwrap();
        let reply = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            replies[(seen.len() - 1).min(replies.len() - 1)].clone()
        };
        let is_written = stream.write_all(reply.as_bytes()).await.is_ok();
        // Without a length, the end of the connection is the end of the body.
        if !is_written || !reply.contains("content-length") || complete(reply.as_bytes()).is_none() {
            return;
        }
    }
}

/// The length of the first whole message.
pub(crate) fn complete(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let whole = head + length.unwrap_or(0);
    (bytes.len() >= whole).then_some(whole)
}
