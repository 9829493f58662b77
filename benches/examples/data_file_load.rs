//! Measures requests per second and requests per flush with a data file.
//!
//! `cargo run --release -p benches --example data_file_load -- FILE [SECONDS]`; the file must
//! not exist yet. Every client has a connection and a graph of its own, and restarts the graph as
//! often as it is answered; each of these requests changes the state.

use ges_emulator::{Config, Emulator, ProviderState, serve};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which file?")?;
    let seconds = env::args().nth(2).map_or(Ok(3.0), |text| text.parse())?;
    println!("| clients | requests/s | requests/flush | flushes/s | in memory, requests/s |\n|---|---|---|---|---|");
    let time = Duration::from_secs_f64(seconds);
    for clients in [1, 8, 32] {
        let emulator = Emulator::open(Config::default(), &path)?;
        let before = emulator.flushes().unwrap_or(0);
        let kept = load(&emulator, clients, time)?;
        let flushes = (emulator.flushes().unwrap_or(0) - before) as f64 / time.as_secs_f64();
        drop(emulator);
        let unkept = load(&Emulator::new(Config::default()), clients, time)?;
        println!("| {clients} | {kept:.0} | {:.1} | {flushes:.0} | {unkept:.0} |", kept / flushes);
    }
    Ok(())
}

/// Requests a second.
fn load(emulator: &Emulator, clients: usize, time: Duration) -> Result<f64, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let stop = tokio::sync::Notify::new();
    let enough = AtomicBool::new(false);
    let targets: Vec<_> = (0..clients)
        .map(|_| emulator.set_up(ProviderState::RunningGraph))
        .map(|given| format!("/v2/{}/graphs/{}/restart", given.project_id, given.graph_id))
        .collect();
    thread::scope(|scope| {
        scope.spawn(|| runtime.block_on(serve(listener, emulator.clone(), stop.notified())));
        let began = Instant::now();
        let clients: Vec<_> =
            targets.iter().map(|target| scope.spawn(|| be_a_client(address, target, &enough))).collect();
        thread::sleep(time);
        enough.store(true, Ordering::Relaxed);
        let requests: usize = clients.into_iter().map(|client| client.join().unwrap_or(0)).sum();
        let took = began.elapsed();
        stop.notify_one();
        Ok(requests as f64 / took.as_secs_f64())
    })
}

/// How many times the graph was restarted.
fn be_a_client(address: SocketAddr, target: &str, enough: &AtomicBool) -> usize {
    let ask = |stream: &mut BufReader<TcpStream>| -> std::io::Result<()> {
        let request = format!("POST {target} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\nContent-Length: 0\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            stream.read_line(&mut head)?;
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        stream.read_exact(&mut vec![0; length.unwrap_or(0)])
    };
    let Ok(stream) = TcpStream::connect(address) else { return 0 };
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    let mut count = 0;
    while !enough.load(Ordering::Relaxed) && ask(&mut stream).is_ok() {
        count += 1;
    }
    count
}
