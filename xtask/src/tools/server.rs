//! Starts a server program, finds its address, and ends it when dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    process: Child,
    /// Host and port.
    pub(crate) address: String,
}

/// What a server answered.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Server {
    /// A server whose first line ends with its address, as that of `ges emulate`: `listening on http://127.0.0.1:8080`.
    pub(crate) fn announced(mut command: Command) -> Result<Server, String> {
        let shown = format!("{command:?}");
        let failed = |error: std::io::Error| format!("error: cannot start {shown}: {error}");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Server { process: command.spawn().map_err(failed)?, address: String::new() };
        let mut line = String::new();
        if let Some(stdout) = server.process.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        let address = line.split_whitespace().next_back().unwrap_or_default();
        server.address = address.trim_start_matches("http://").to_owned();
        if server.address.is_empty() { Err(format!("error: {shown} did not print its address")) } else { Ok(server) }
    }

    /// A server that is told its port and prints nothing to rely on; returns once it accepts connections.
    pub(crate) fn at_free_port(command: impl FnOnce(u16) -> Command) -> Result<Server, String> {
        let address = free_address()?;
        let mut command = command(address.port());
        let shown = format!("{command:?}");
        let failed = |error: std::io::Error| format!("error: cannot start {shown}: {error}");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Server { process: command.spawn().map_err(failed)?, address: address.to_string() };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait().map_err(failed)? {
                return Err(format!("error: {shown} ended with {status}"));
            }
            if began.elapsed() > START {
                return Err(format!("error: {shown} does not listen on {address}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The process, for measurements.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends one request, such as `GET /docs`, and reads the whole answer.
    pub(crate) fn send(&self, request: &str, headers: &[String], body: &str) -> Result<Answer, String> {
        let failed = |error: std::io::Error| format!("error: {}: {request}: {error}", self.address);
        let mut stream = TcpStream::connect(&self.address).map_err(failed)?;
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let fixed = format!("host: {}\r\nconnection: close\r\ncontent-length: {}", self.address, body.len());
        write!(stream, "{request} HTTP/1.1\r\n{fixed}\r\n{headers}\r\n{body}").map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("error: {}: {request}: no HTTP answer: {answer}", self.address))?;
        Ok(Answer { status, body: body.to_owned() })
    }
}

/// An address at which nothing listens.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    free.map_err(|error| format!("error: no free port: {error}"))
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
