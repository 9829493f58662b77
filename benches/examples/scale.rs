//! Measures a suite of any size: reading, deriving, planning and running it, with the memory after each step.
//!
//! The yardstick of `cargo xtask bench scale`.
//!
//! - `scale OPERATIONS` generates a document of so many operations, sends its suite to a server of its own and prints for
//!   each step a line `STEP SECONDS CPU_SECONDS PEAK_KIB`, and before them `cases NUMBER`.
//! - `scale serve` is that server, which keeps the document for any number of operations. It prints
//!   `listening on http://ADDRESS`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::{Format, Outcome};
use conformance_engine::run::{Options, run};
use conformance_engine::{Address, Known, Secret};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use openapi_document::{Api, Document, check, contract, suite};
use serde_json::Value;
use tokio::net::TcpListener;

#[path = "../src/document.rs"]
mod document;

const TOKEN: &str = "a-token-of-this-bench";

type Fallible<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve().await,
        [operations] => measure(operations.parse()?).await,
        _ => Err("usage: scale OPERATIONS | scale serve".into()),
    }
}

async fn measure(operations: usize) -> Fallible<()> {
    let text = document::document(operations);
    let mut clock = Clock::start()?;
    let document = Document::read("document.json", &text)?;
    clock.step("read")?;
    let api = Api::of(&document);
    let found = check(&api);
    if !found.0.is_empty() {
        return Err(format!("the document has mistakes\n{found}").into());
    }
    clock.step("check")?;
    let suite = suite(&api);
    let contract = Arc::new(contract(&api));
    clock.step("derive")?;
    let token = Secret::new(TOKEN);
    let environment =
        Environment { credentials: Known::of(Some(&token), &BTreeMap::new(), false), ..Environment::default() };
    let plan = Plan::new(&suite, &environment, &Selection::default())?;
    clock.step("plan")?;

    let server = Server::start()?;
    let mut options = Options::new(Address::endpoint(&server.url)?);
    (options.token, options.contract) = (Some(token), Some(contract));
    let report = run(&plan, &options, |_| ()).await?;
    clock.step("run")?;
    let written = report.write(Format::Json)?;
    clock.step("write")?;
    println!("cases {}", suite.cases.len());
    println!("report {}", written.len());
    for line in clock.lines {
        println!("{line}");
    }
    let counts = &report.counts;
    if counts.fail + counts.unreachable + counts.broken > 0 || counts.pass == 0 {
        let wrong = report.entries.iter().filter(|entry| entry.outcome != Outcome::Pass).take(3);
        return Err(format!("{counts:?}\n{:#?}", wrong.collect::<Vec<_>>()).into());
    }
    Ok(())
}

/// Seconds, CPU seconds and peak memory of each step.
struct Clock {
    began: Instant,
    cpu: f64,
    lines: Vec<String>,
}

impl Clock {
    fn start() -> Fallible<Clock> {
        Ok(Clock { began: Instant::now(), cpu: cpu()?, lines: Vec::new() })
    }

    fn step(&mut self, name: &str) -> Fallible<()> {
        let (wall, cpu) = (self.began.elapsed().as_secs_f64(), cpu()?);
        self.lines.push(format!("{name} {wall:.3} {:.2} {}", cpu - self.cpu, peak_kib()?));
        (self.began, self.cpu) = (Instant::now(), cpu);
        Ok(())
    }
}

/// User and system time of this process so far, in steps of 10 ms. Source: proc(5), `/proc/pid/stat`.
fn cpu() -> Fallible<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Ok(fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0)
}

fn peak_kib() -> Fallible<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    Ok(peak.ok_or("no VmHWM")?.parse()?)
}

/// The server, in a process of its own.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Fallible<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        let url = line.split_whitespace().next_back().unwrap_or_default().to_owned();
        Ok(Server { process, url })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve() -> Fallible<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let served =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(served);
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let refused = refusal(&head, &body);
    let (status, text) = match refused {
        Some(status) => (status, r#"{"code":"refused"}"#),
        None => (200, r#"{"id":"l-1","total":12.5}"#),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The status of what the document does not permit.
fn refusal(head: &hyper::http::request::Parts, body: &[u8]) -> Option<u16> {
    // Source: RFC 6750, section 2.1; the scheme has no letter case (RFC 9110, section 11.1).
    let credential = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = credential.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if token.is_none_or(|(_, token)| token != TOKEN) {
        return Some(401);
    }
    let path = percent_decoded(head.uri.path());
    if !path.starts_with("/orders-") || !path.ends_with("/lines") {
        return Some(404);
    }
    if head.method != hyper::Method::POST {
        return Some(405);
    }
    let media_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !body.is_empty() && !media_type.to_ascii_lowercase().starts_with("application/json") {
        return Some(415);
    }
    let query: Vec<(String, String)> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(name), percent_decoded(value))
        })
        .collect();
    let value = |wanted: &str| {
        let mut found = query.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        found.next().filter(|_| found.next().is_none())
    };
    let count = value("count").and_then(|count| count.parse::<u32>().ok());
    let is_right =
        count.is_some_and(|count| (1..=100).contains(&count)) && matches!(value("unit"), Some("piece" | "box"));
    let line: Value = serde_json::from_slice(body).unwrap_or_default();
    let article = line["article"].as_str().map_or(0, |article| article.chars().count());
    let is_line = (1..=20).contains(&article) && line.get("urgent").is_none_or(Value::is_boolean);
    (!is_right || !is_line).then_some(400)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match hex.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
