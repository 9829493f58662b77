//! Clients that make random requests and check the responses.

use bytes::Bytes;
use ges_emulator::{Config, Emulator, OpenError, StateValues};
use http::Request;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// SplitMix64.
pub(crate) struct Luck(pub(crate) u64);

impl Luck {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// One connection that asks one thing after the other.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Status and body, once all of both is here.
    pub(crate) fn call(&mut self, line: &str, body: &str) -> io::Result<(u16, Value)> {
        let length = body.len();
        let request =
            format!("{line} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\nContent-Length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.ok_or_else(broken)?];
        self.stream.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).ok_or_else(broken)?;
        Ok((status, serde_json::from_slice(&body).map_err(|_| broken())?))
    }
}

/// The same without a connection.
pub(crate) fn ask(emulator: &Emulator, line: &str, body: &str) -> (u16, Value) {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let request = Request::builder().method(method).uri(target).header("X-Auth-Token", "t");
    let answer = emulator.answer(request.body(Bytes::from(body.to_owned())).expect("a request"));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("a JSON body"))
}

/// The whole state, except for its time.
pub(crate) fn state(emulator: &Emulator) -> Value {
    let mut state: Value = serde_json::from_str(&emulator.snapshot()).expect("JSON");
    state.as_object_mut().expect("an object").remove("now");
    state
}

pub(crate) fn graph_path(given: &StateValues) -> String {
    format!("/v2/{}/graphs/{}", given.project_id, given.graph_id)
}

/// As [`Emulator::open`], with patience: where another test is just starting a process, that process has everything
/// that is open here for a moment, the locks on data files too.
pub(crate) fn reopen(config: Config, path: impl AsRef<Path>) -> Result<Emulator, OpenError> {
    let mut tries = 0;
    loop {
        match Emulator::open(config.clone(), path.as_ref()) {
            Err(error) if error.is_in_use() && tries < 100 => tries += 1,
            outcome => return outcome,
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
