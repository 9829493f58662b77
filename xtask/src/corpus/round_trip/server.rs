//! Answers each request with the documented reply of the case that its path begins with, and keeps the requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request as it was received.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    pub(super) method: String,
    /// Path and query behind the number of the case, as sent.
    pub(super) target: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The last request of each case.
pub(super) type Requests = Arc<Mutex<BTreeMap<usize, Received>>>;

/// Whole replies by the number of their case. The server runs until this process ends.
pub(super) fn start(replies: BTreeMap<usize, Vec<u8>>) -> Result<(SocketAddr, Requests), String> {
    let failed = |error: std::io::Error| format!("error: cannot listen: {error}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let requests = Requests::default();
    let (kept, replies) = (Arc::clone(&requests), Arc::new(replies));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (kept, replies) = (Arc::clone(&kept), Arc::clone(&replies));
            // A connection that fails fails in the program, too, which says so.
            std::thread::spawn(move || converse(&stream, &replies, &kept));
        }
    });
    Ok((address, requests))
}

fn converse(mut stream: &TcpStream, replies: &BTreeMap<usize, Vec<u8>>, kept: &Requests) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let end = target[1..].find(['/', '?']).map_or(target.len(), |end| end + 1);
        let (case, target) = (target[1..end].parse().ok()?, target[end..].to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        kept.lock().unwrap_or_else(PoisonError::into_inner).insert(case, Received { method, target, headers, body });
        stream.write_all(replies.get(&case)?).ok()?;
    }
}
