//! The emulator stays available despite slow and broken callers, and stops on request.

use crate::wire::{Answer, PATIENCE, Server, fill, with_token};
use ges_emulator::{Config, Limits, ProviderState};
use std::io;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const HEALTH: &str = "GET /_emulator/health";
const SHORT: Duration = Duration::from_millis(50);
const HEAD: &str = "POST /v2/p/graphs/g/stop HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n";

async fn with_limits(limits: Limits) -> Server {
    Server::start(Config { limits, ..Config::default() }).await
}

/// Sends this and nothing more, and waits for the end of the connection. What came back until then.
async fn send_and_wait(server: &Server, text: &str) -> String {
    let mut stream = server.connect().await;
    stream.write_all(text.as_bytes()).await.expect("room to write");
    let mut bytes = Vec::new();
    // However it ends.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an end");
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = with_limits(Limits { body_bytes: 10, ..Limits::default() }).await;
    for rest in ["Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n"] {
        let answer = server.send(&format!("{HEAD}{rest}")).await;
        assert_eq!((answer.status, &*answer.json()["error_code"].to_string()), (413, "\"APIG.0201\""), "{rest}");
    }
    let fits = server.send(&format!("{HEAD}Content-Length: 10\r\n\r\n{{        }}")).await;
    assert_eq!(fits.status, 404, "{}", fits.body);
}

#[tokio::test]
async fn a_client_that_sends_before_reading_gets_the_413() {
    let server = with_limits(Limits { body_bytes: 1 << 20, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    let body = vec![b' '; 8 << 20];
    stream.write_all(format!("{HEAD}Content-Length: {}\r\n\r\n", body.len()).as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.unwrap().status, 413);
    // And the connection is as good as before.
    stream.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = with_limits(Limits { head_bytes: 1000, head_fields: 10, ..Limits::default() }).await;
    let head = |fields: usize, length: usize| {
        let fields: String = (0..fields).map(|n| format!("F{n}: {}\r\n", "v".repeat(length))).collect();
        format!("{HEALTH} HTTP/1.1\r\nHost: ges\r\n{fields}\r\n")
    };
    for (fields, length, status) in [(9, 1, 200), (1, 900, 200), (10, 1, 431), (1, 1000, 431)] {
        assert_eq!(server.send(&head(fields, length)).await.status, status, "{fields} fields of {length} bytes");
    }
    // A token may be large by default.
    let server = with_limits(Limits::default()).await;
    assert_eq!(server.send(&head(3, 20_000)).await.status, 200);
    assert_eq!(server.send(&head(4, 20_000)).await.status, 431);
}

#[tokio::test]
async fn an_incomplete_head_times_out() {
    let server = with_limits(Limits { head_timeout: SHORT, ..Limits::default() }).await;
    assert_eq!(send_and_wait(&server, "POST /v2/p").await, "");
    // Nor one that comes a byte at a time, nor one that is not the first on its connection.
    let mut stream = server.connect().await;
    stream.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.unwrap().status, 200);
    let dripping = async {
        while stream.write_all(b"a").await.is_ok() {
            sleep(SHORT / 4).await;
        }
    };
    timeout(PATIENCE, dripping).await.expect("an end");
}

#[tokio::test]
async fn an_incomplete_body_times_out() {
    let server = with_limits(Limits { body_timeout: SHORT, ..Limits::default() }).await;
    for body in ["Content-Length: 5\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        assert_eq!(server.send(&format!("{HEAD}{body}")).await.status, 408, "{body}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = with_limits(Limits { idle_timeout: SHORT, ..Limits::default() }).await;
    assert_eq!(send_and_wait(&server, "").await, "");
    let answer = send_and_wait(&server, &with_token(HEALTH, "")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_response_that_is_not_read_times_out() {
    let server = with_limits(Limits { write_timeout: SHORT, ..Limits::default() }).await;
    // More than the system keeps for a connection.
    let graph = format!(r#"{{"name": "{}"}}"#, "n".repeat(100_000));
    for _ in 0..200 {
        assert_eq!(server.call("POST /_emulator/graphs", &graph).await.status, 200);
    }
    let mut stream = server.connect().await;
    stream.write_all(with_token("POST /_emulator/snapshot", "").as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    sleep(SHORT * 20).await;
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an end");
    assert!(bytes.len() < 200 * graph.len(), "{}", bytes.len());
}

#[tokio::test]
async fn malformed_requests_do_not_affect_others() {
    let server = with_limits(Limits::default()).await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20));
    for bytes in [
        b"\r\n\r\n\r\n".as_slice(),
        b"\0\0\0\0",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: minus one\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n{",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v2/\xff\xfe HTTP/1.1\r\n\r\n",
        b"CONNECT ges:443 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        long.as_bytes(),
    ] {
        let mut stream = server.connect().await;
        // The other side may hang up while this is being sent.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let _ = timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.expect("an end");
    }
    assert_eq!(server.call(HEALTH, "").await.status, 200);
}

#[tokio::test]
async fn the_longest_idle_connection_is_closed_for_a_new_one() {
    let server = with_limits(Limits { connections: 2, ..Limits::default() }).await;
    let mut first = server.connect().await;
    sleep(SHORT).await;
    let mut second = server.connect().await;
    second.write_all(b"POST /v2/p").await.unwrap();
    sleep(SHORT).await;
    for (gone, name) in [(&mut first, "the idle one"), (&mut second, "the one with half a head")] {
        let mut another = server.connect().await;
        another.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
        assert_eq!(Answer::read(&mut another).await.unwrap().status, 200);
        let end = timeout(PATIENCE, gone.read(&mut [0])).await.expect(name);
        assert!(matches!(end, Ok(0) | Err(_)), "{name}");
        // It stays, and is the youngest.
        std::mem::forget(another);
    }
}

#[tokio::test]
async fn a_connection_that_waits_for_a_response_is_not_closed() {
    let server = with_limits(Limits { connections: 1, ..Limits::default() }).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    server.call("POST /_emulator/faults", r#"{"latency_ms": 1000, "times": 1}"#).await;
    let mut busy = server.connect().await;
    let show = fill("GET /v2/{project_id}/graphs/{graph_id}", &given);
    busy.write_all(with_token(&show, "").as_bytes()).await.unwrap();
    sleep(SHORT).await;
    let mut next = server.connect().await;
    next.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
    assert!(timeout(SHORT, Answer::read(&mut next)).await.is_err(), "served beside the first");
    assert_eq!(Answer::read(&mut busy).await.unwrap().status, 200);
    // Now the first is idle, and has to make room.
    assert_eq!(Answer::read(&mut next).await.unwrap().status, 200);
}

/// The durations of a number of requests, half of them over new connections.
async fn latencies(server: &Server, requests: usize) -> Vec<Duration> {
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let request = with_token(&fill("POST /v2/{project_id}/graphs/{graph_id}/restart", &given), "{}");
    let mut kept = server.connect().await;
    let mut latencies = Vec::new();
    for number in 0..requests {
        let began = Instant::now();
        let status = if number % 2 == 0 {
            server.send(&request).await.status
        } else {
            kept.write_all(request.as_bytes()).await.expect("room to write");
            Answer::read(&mut kept).await.expect("an answer").status
        };
        assert_eq!(status, 200);
        latencies.push(began.elapsed());
        sleep(Duration::from_millis(2)).await;
    }
    latencies.sort();
    latencies
}

/// Hostile callers: each holds a connection as long as the emulator allows.
struct Crowd {
    held: Vec<TcpStream>,
    busy: Vec<tokio::task::JoinHandle<()>>,
}

impl Crowd {
    async fn gather(server: &Server, idle: u64) -> io::Result<Self> {
        let mut crowd = Self { held: Vec::new(), busy: Vec::new() };
        for _ in 0..idle {
            crowd.held.push(TcpStream::connect(server.address).await?);
        }
        for beginning in [
            "POST /v2/p".to_owned(),
            format!("{HEAD}Content-Length: 100\r\n\r\n{{"),
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"),
        ] {
            for _ in 0..50 {
                let mut stream = TcpStream::connect(server.address).await?;
                let _ = stream.write_all(beginning.as_bytes()).await;
                // The rest of a head or of a length may be anything; a chunk is a chunk.
                let more = if beginning.contains("chunked") { "1\r\n \r\n" } else { "a" };
                crowd.busy.push(tokio::spawn(async move {
                    while stream.write_all(more.as_bytes()).await.is_ok() {
                        sleep(Duration::from_millis(20)).await;
                    }
                }));
            }
        }
        let address = server.address;
        // Malformed requests one after the other, and bodies without an end.
        crowd.busy.push(tokio::spawn(async move {
            while let Ok(mut stream) = TcpStream::connect(address).await {
                let _ = stream.write_all(b"\0 not HTTP\r\n\r\n").await;
                let _ = stream.read_to_end(&mut Vec::new()).await;
                sleep(Duration::from_millis(2)).await;
            }
        }));
        crowd.busy.push(tokio::spawn(async move {
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while let Ok(mut stream) = TcpStream::connect(address).await {
                let _ = stream.write_all(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
                while stream.write_all(chunk.as_bytes()).await.is_ok() {
                    sleep(Duration::from_millis(1)).await;
                }
                sleep(Duration::from_millis(20)).await;
            }
        }));
        Ok(crowd)
    }

    async fn first_is_still_there(&mut self) -> bool {
        let first = &mut self.held[0];
        let sent = first.write_all(with_token(HEALTH, "").as_bytes()).await.is_ok();
        sent && Answer::read(first).await.is_some()
    }

    fn leave(self) {
        drop(self.held);
        self.busy.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_idle_connections_and_slow_senders_do_not_slow_others_down() {
    // One end of each is the server's.
    let files = rlimit::increase_nofile_limit(10_000).unwrap_or(0);
    let idle = 2000.min(files / 2 - 500);
    // As many as there are, and fewer.
    for connections in [4096, Limits::default().connections] {
        let server =
            with_limits(Limits { connections, head_timeout: Duration::from_secs(5), ..Limits::default() }).await;
        let calm = latencies(&server, 50).await;
        let mut crowd = Crowd::gather(&server, idle).await.expect("connections");
        let crowded = latencies(&server, 200).await;
        // A connection within the limit is not closed, one beyond it is.
        assert_eq!(crowd.first_is_still_there().await, connections > idle as usize, "{connections}");
        crowd.leave();
        let (median, worst) = (|all: &[Duration]| all[all.len() / 2], crowded[crowded.len() - 1]);
        let (calm, crowded) = (median(&calm), median(&crowded));
        // Generous, because the crowd and other tests use the machine too; waiting for one of the crowd takes seconds.
        assert!(crowded < calm * 5 + Duration::from_millis(50), "{crowded:?} instead of {calm:?}");
        assert!(worst < Duration::from_secs(2), "{worst:?}");
    }
}

#[tokio::test]
async fn a_shutdown_ends_in_time_despite_open_connections() {
    let limits = Limits { shutdown_grace: Duration::from_secs(2), ..Limits::default() };
    let mut server = with_limits(limits).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    server.call("POST /_emulator/faults", r#"{"latency_ms": 1000, "operation": "show_graph"}"#).await;
    let fresh = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
    Answer::read(&mut idle).await.unwrap();
    let mut slow = server.connect().await;
    slow.write_all(format!("{HEAD}Content-Length: 5\r\n\r\n{{").as_bytes()).await.unwrap();
    let mut running = server.connect().await;
    let show = fill("GET /v2/{project_id}/graphs/{graph_id}", &given);
    running.write_all(with_token(&show, "").as_bytes()).await.unwrap();
    sleep(SHORT * 4).await;

    let began = Instant::now();
    drop(server.stop.take());
    // An idle connection is closed at once, a running request is answered.
    assert_eq!(timeout(PATIENCE, idle.read(&mut [0])).await.expect("an end").unwrap(), 0);
    assert!(began.elapsed() < Duration::from_millis(800), "{:?}", began.elapsed());
    assert!(TcpStream::connect(server.address).await.is_err(), "a new connection");
    assert_eq!(Answer::read(&mut running).await.unwrap().status, 200);
    // Whoever sends slowly is not waited for any longer than is allowed.
    timeout(PATIENCE, &mut server.stopped).await.expect("an end").unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop((fresh, slow));
}
