//! Makes the same call with each client: the program that `cargo xtask bench client` measures.
//!
//! `call_cost serve` gives every request the same answer, and prints its address. `call_cost CLIENT ADDRESS CALLS` makes that many calls
//! over one connection. `call_cost time ADDRESS CALLS ROUNDS` lets all clients do so in turn and prints, for each of them
//! and each round, nanoseconds of the clock and of the processor for one call.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use ges_client::Client;
use ges_client::credentials::{Keys, Token};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

const PROJECT: &str = "0123456789abcdef0123456789abcdef";
const GRAPH: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";
const BACKUP: &str = "08a898ae-3ff8-40e8-a7ed-03afe05aedbb";
const ANSWER: &str = r#"{"jobId":"ff8080816025a0a1016025a5a2700007"}"#;

const CLIENTS: [&str; 6] = ["hyper", "reqwest", "reqwest-timeouts", "ges-client", "ges-client-bare", "ges-client-keys"];

/// Calls that are not counted, before those that are.
const WARM_UP: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match arguments[..] {
        ["serve"] => runtime.block_on(serve()),
        ["time", address, calls, rounds] => runtime.block_on(async {
            let calls = calls.parse().unwrap();
            for round in 0..=rounds.parse::<usize>().unwrap() {
                // Each in every place, because what ran before leaves memory and caches as it likes them.
                for name in (0..CLIENTS.len()).map(|place| CLIENTS[(place + round) % CLIENTS.len()]) {
                    let mut caller = Caller::new(name, address).await;
                    for _ in 0..WARM_UP {
                        caller.call().await;
                    }
                    let (start, cpu) = (Instant::now(), cpu());
                    for _ in 0..calls {
                        caller.call().await;
                    }
                    let (wall, cpu) = (start.elapsed().as_nanos() as u64, self::cpu() - cpu);
                    if round > 0 {
                        println!("{name} {} {}", wall / calls, cpu / calls);
                    }
                }
            }
        }),
        [name, address, calls] => runtime.block_on(async {
            let mut caller = Caller::new(name, address).await;
            for _ in 0..calls.parse::<u64>().unwrap() {
                caller.call().await;
            }
        }),
        _ => panic!("usage: call_cost serve | CLIENT ADDRESS CALLS | time ADDRESS CALLS ROUNDS"),
    }
}

/// Nanoseconds that this process was on a processor.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let answer = service_fn(async |request: Request<hyper::body::Incoming>| {
        // The official SDK waits until its body is read.
        let _ = request.into_body().collect().await;
        let mut answer = Response::new(Full::new(Bytes::from_static(ANSWER.as_bytes())));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok::<_, Infallible>(answer)
    });
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

/// Start of a graph from a backup, with a token, in each way.
enum Caller {
    Hyper { connection: SendRequest<Full<Bytes>>, address: String, token: String },
    Reqwest { http: reqwest::Client, endpoint: String, token: String },
    Ges(Client),
}

#[derive(serde::Serialize)]
struct Start<'a> {
    graph_backup_id: &'a str,
}

#[derive(serde::Deserialize)]
struct Started {
    #[serde(rename = "jobId")]
    job_id: Option<String>,
}

impl Caller {
    async fn new(name: &str, address: &str) -> Caller {
        // As long as real ones are, which are a few thousand characters; nearly.
        let token = "M".repeat(2_000);
        let endpoint = format!("http://{address}");
        let ges = || Client::builder().endpoint(&*endpoint).project_id(PROJECT);
        match name {
            "hyper" => {
                let stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (connection, running) = handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(running);
                Caller::Hyper { connection, address: address.to_owned(), token }
            }
            "reqwest" => Caller::Reqwest { http: http(false), endpoint, token },
            "reqwest-timeouts" => Caller::Reqwest { http: http(true), endpoint, token },
            "ges-client-keys" => Caller::Ges(ges().credentials(Keys::new("AK", "an SK")).build().unwrap()),
            "ges-client-bare" => {
                let http = http(false);
                Caller::Ges(ges().credentials(Token::new(token).unwrap()).http_client(http).build().unwrap())
            }
            _ => Caller::Ges(ges().credentials(Token::new(token).unwrap()).build().unwrap()),
        }
    }

    async fn call(&mut self) {
        match self {
            Caller::Hyper { connection, address, token } => {
                let body = serde_json::to_vec(&Start { graph_backup_id: BACKUP }).unwrap();
                let request = Request::post(format!("/v1.0/{PROJECT}/graphs/{GRAPH}/action?action_id=start"))
                    .header("host", &**address)
                    .header("content-type", "application/json")
                    .header("x-auth-token", &**token);
                let answer = connection.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
                assert_eq!(answer.status(), 200);
                let body = answer.into_body().collect().await.unwrap().to_bytes();
                let started: Started = serde_json::from_slice(&body).unwrap();
                assert!(started.job_id.is_some());
            }
            Caller::Reqwest { http, endpoint, token } => {
                let answer = http
                    .post(format!("{endpoint}/v1.0/{PROJECT}/graphs/{GRAPH}/action?action_id=start"))
                    .header("X-Auth-Token", &**token)
                    .json(&Start { graph_backup_id: BACKUP })
                    .send();
                let answer = answer.await.unwrap().error_for_status().unwrap();
                let started: Started = answer.json().await.unwrap();
                assert!(started.job_id.is_some());
            }
            Caller::Ges(ges) => {
                let started = ges.start_graph(GRAPH).body_map(|body| body.graph_backup_id(BACKUP.to_owned()));
                assert!(started.send().await.unwrap().job_id.is_some());
            }
        }
    }
}

fn http(with_timeouts: bool) -> reqwest::Client {
    // In this workspace reqwest has TLS, and needs a provider for it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder();
    let builder = match with_timeouts {
        true => builder.timeout(std::time::Duration::from_secs(60)).connect_timeout(std::time::Duration::from_secs(10)),
        false => builder,
    };
    builder.build().unwrap()
}
