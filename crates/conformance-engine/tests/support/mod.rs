//! Servers written by hand on plain sockets, so that they can be wrong in every way; and suites to try on them.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use conformance_engine::Address;
use conformance_engine::exchange::{Exchange, Purpose, Sent};
use conformance_engine::plan::{Plan, Reach, Selection};
use conformance_engine::run::{CaseResult, Options, Outcome, Run, StartError, run};
use conformance_engine::suite::Suite;

/// One request as a server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Counted from 0 over the life of the server.
    pub(crate) connection: usize,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
}

/// Whether a connection goes on after an answer.
pub(crate) enum Then {
    Go,
    Close,
    /// Keeps the socket open and never says anything again.
    Hang,
    /// Closes with a reset instead of a farewell.
    Reset,
}

impl Server {
    /// Answers each request with whatever bytes `answer` writes.
    pub(crate) fn start(answer: impl Fn(&Seen, &mut TcpStream) -> Then + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (Ok(stream), answer, log) = (stream, Arc::clone(&answer), Arc::clone(&log)) else { continue };
                std::thread::spawn(move || serve(connection, stream, answer.as_ref(), &log));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn options(&self) -> Options {
        let mut options = Options::new(Address::endpoint(&self.url).unwrap());
        options.timeout = Duration::from_secs(5);
        options
    }
}

fn serve(
    connection: usize,
    mut stream: TcpStream,
    answer: &(impl Fn(&Seen, &mut TcpStream) -> Then + ?Sized),
    log: &Mutex<Vec<Seen>>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((head, body)) = read_request(&mut reader) {
        let seen = Seen { connection, head, body };
        log.lock().unwrap().push(seen.clone());
        match answer(&seen, &mut stream) {
            Then::Go => {}
            Then::Close => return,
            Then::Reset => return reset(&stream),
            Then::Hang => std::thread::sleep(Duration::from_secs(60)),
        }
    }
}

pub(crate) fn read_request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

/// Tells the kernel to forget the farewell: closing then sends a reset.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

pub(crate) fn json_answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn say(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    // The client may have hung up already; that is its right.
    _ = stream.write_all(bytes.as_ref());
    _ = stream.flush();
}

pub(crate) fn suite_of(cases: serde_json::Value) -> Suite {
    let suite = serde_json::json!({"title": "Rockets", "version": "1", "cases": cases});
    Suite::from_json(&suite.to_string()).unwrap()
}

/// Carries out everything there is in the suite.
pub(crate) fn carry_out<'a>(suite: &'a Suite, reach: &'a Reach, options: &Options) -> Result<Run<'a>, StartError> {
    let plan = Plan::new(suite, reach, &Selection::default()).unwrap();
    block_on(run(&plan, options, |_| ()))
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The outcome of one case on one line.
pub(crate) fn line(result: &CaseResult<'_>) -> String {
    match &result.outcome {
        Outcome::Pass => "pass".to_owned(),
        Outcome::Skipped => "skipped".to_owned(),
        Outcome::Unreachable { reason } => format!("unreachable: {reason}"),
        Outcome::Broken { reason } => format!("broken: {reason}"),
        Outcome::Deviates { reason, .. } => format!("deviates: {reason}"),
        Outcome::Fail { mismatches } => {
            let mismatches: Vec<_> =
                mismatches.iter().map(|mismatch| format!("{} {mismatch}", mismatch.pointer().unwrap_or("-"))).collect();
            format!("fail: {}", mismatches.join("; "))
        }
    }
}

/// A request that nobody answered yet.
pub(crate) fn exchange(method: &str, url: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Exchange {
    Exchange {
        purpose: Purpose::Case,
        sent: Sent {
            method: method.to_owned(),
            url: url.to_owned(),
            target: String::new(),
            headers,
            body: (!body.is_empty()).then_some(body),
            token_variable: "TOKEN".to_owned(),
        },
        reply: None,
        trouble: None,
        started: SystemTime::now(),
        took: Duration::from_millis(5),
    }
}
