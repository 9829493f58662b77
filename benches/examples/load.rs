//! Measures the requests per second and the latency of any HTTP server.
//!
//! `load ADDRESS CONNECTIONS SECONDS|COUNTx [--awake] [--sign AK:SK] REQUEST_LINE [BODY]`: every connection is kept and sends the
//! same request, with the token `t` or signed once, as soon as it has the answer. Every answer must be a 200. Prints one
//! line of JSON. One thread, and little but system calls: it takes less than the servers it measures.
//!
//! With `--awake` it never sleeps, which takes a core of its own. Otherwise a server that is slower than the load wakes
//! it up with every answer, which costs the server microseconds, and seems slower still.

#[path = "../../crates/ges-emulator/tests/http/signer.rs"]
#[allow(dead_code)]
mod signer;

use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

struct Arguments {
    address: String,
    connections: usize,
    until: Until,
    is_awake: bool,
    request: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Until {
    After(Duration),
    Requests(u64),
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { address, connections, until, is_awake, request } = arguments().ok_or("see the file comment")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (requests, begun) = (std::rc::Rc::new(Cell::new(0)), Instant::now());
    let clients = LocalSet::new();
    if is_awake {
        clients.spawn_local(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
    }
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let client = be_a_client(address.clone(), request.clone(), until, begun, requests.clone());
            clients.spawn_local(async { client.await.map_err(|error| error.to_string()) })
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|client| runtime.block_on(clients.run_until(client)))
        .collect();
    let seconds = begun.elapsed().as_secs_f64();
    let mut micros = Vec::new();
    for client in clients {
        micros.extend(client??);
    }
    micros.sort_unstable();
    let at = |part: f64| micros.get((micros.len() as f64 * part) as usize).copied().unwrap_or(0);
    println!(
        r#"{{"requests": {}, "seconds": {seconds:.6}, "p50_us": {}, "p99_us": {}}}"#,
        micros.len(),
        at(0.5),
        at(0.99)
    );
    Ok(())
}

fn arguments() -> Option<Arguments> {
    let mut all = std::env::args().skip(1).peekable();
    let (address, connections, until) = (all.next()?, all.next()?.parse().ok()?, all.next()?);
    let until = match until.strip_suffix('x') {
        Some(count) => Until::Requests(count.parse().ok()?),
        None => Until::After(Duration::from_secs_f64(until.parse().ok()?)),
    };
    let is_awake = all.next_if_eq("--awake").is_some();
    let key = all.next_if_eq("--sign").and_then(|_| all.next());
    let (line, body) = (all.next()?, all.next().unwrap_or_default());
    let request = match key {
        Some(key) => {
            let (access, secret) = key.split_once(':')?;
            signer::signed(&line, &body, access, secret, &[])
        }
        None => format!(
            "{line} HTTP/1.1\r\nhost: ges\r\nx-auth-token: t\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ),
    };
    Some(Arguments { address, connections, until, is_awake, request: request.into_bytes() })
}

/// How many microseconds each answer took.
async fn be_a_client(
    address: String,
    request: Vec<u8>,
    until: Until,
    begun: Instant,
    requests: std::rc::Rc<Cell<u64>>,
) -> Result<Vec<u32>, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 16 << 10];
    let mut micros = Vec::new();
    let mut sent = Instant::now();
    loop {
        let is_enough = match until {
            Until::After(time) => sent.duration_since(begun) >= time,
            Until::Requests(count) => requests.replace(requests.get() + 1) >= count,
        };
        if is_enough {
            return Ok(micros);
        }
        stream.write_all(&request).await?;
        let mut length = 0;
        loop {
            let read = stream.read(&mut buffer[length..]).await?;
            length += read;
            if is_whole(&buffer[..length])? {
                break;
            }
            if read == 0 {
                return Err("the server hung up".into());
            }
        }
        let now = Instant::now();
        micros.push(now.duration_since(sent).as_micros() as u32);
        sent = now;
    }
}

fn is_whole(answer: &[u8]) -> Result<bool, Box<dyn Error>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(false) };
    let (head, body) = (&answer[..end], &answer[end + 4..]);
    if !head.starts_with(b"HTTP/1.1 200 ") {
        return Err(String::from_utf8_lossy(answer).into_owned().into());
    }
    let value_of = |name: &str| {
        head.split(|&b| b == b'\n').find_map(|line| {
            let is_it = line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name.as_bytes());
            is_it.then(|| line[name.len()..].trim_ascii())
        })
    };
    if let Some(length) = value_of("content-length:") {
        return Ok(body.len() >= std::str::from_utf8(length)?.parse()?);
    }
    Ok(value_of("transfer-encoding:").is_some() && body.ends_with(b"\r\n0\r\n\r\n"))
}
