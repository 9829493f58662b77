//! The proxy forwards bytes unchanged, and reports the exchanges in them.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use conformance_engine::traffic::proxy::{Event, Options, observe};
use conformance_engine::{Address, Proxies};
use test_support::server::{Server, reset_on_close, unused_address};

/// A watch in front of a server, as long as it is not dropped.
struct Watch {
    address: String,
    told: Receiver<Event>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    fn of(server: &str, replaces_host: bool) -> Self {
        Self::with(server, replaces_host, 1000)
    }

    fn with(server: &str, replaces_host: bool, most_connections: usize) -> Self {
        let options = Options {
            upstream: Address::url(&format!("http://{server}")).unwrap(),
            ca_file: None,
            proxies: Proxies::default(),
            body_limit: 1000,
            replaces_host,
            grace: Duration::from_secs(2),
            most_connections,
        };
        let (tell, told) = channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (say, listening) = channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                say.send(listener.local_addr().unwrap().to_string()).unwrap();
                let tell = move |event| _ = tell.send(event);
                let stop = async { _ = stopped.await };
                observe(listener, options, tell, stop).await.unwrap();
            });
        });
        Self { address: listening.recv().unwrap(), told, stop: Some(stop), thread: Some(thread) }
    }

    fn client(&self) -> TcpStream {
        let client = TcpStream::connect(&self.address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client
    }

    /// What was told, one line for each event, after the watch ended.
    fn end(mut self) -> Vec<String> {
        self.stop();
        self.told.try_iter().map(|event| line(&event)).collect()
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop();
    }
}

fn line(event: &Event) -> String {
    let recorded = match event {
        Event::Note(note) => return format!("({note})"),
        Event::Exchange(recorded) => recorded,
    };
    let exchange = &recorded.exchange;
    let answer = match &exchange.reply {
        Some(reply) => reply.status.to_string(),
        None => exchange.trouble.clone().unwrap_or_default(),
    };
    let missing = recorded.reply_body_missing.as_ref().map_or("", |_| " (not whole)");
    format!("{} {} -> {answer}{missing}", exchange.sent.method, exchange.sent.target())
}

/// A server that runs `serve` on each connection; and what it heard.
fn server(serve: impl Fn(&mut TcpStream, &Sender<Vec<u8>>) + Send + Sync + 'static) -> (Server, Receiver<Vec<u8>>) {
    let (heard, hear) = channel();
    (Server::on_connection(move |_, stream| serve(stream, &heard)), hear)
}

/// Reads until so many bytes came, or the end.
fn read(stream: &mut TcpStream, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; most];
    let mut count = 0;
    while count < most {
        match stream.read(&mut bytes[count..]) {
            Ok(0) | Err(_) => break,
            Ok(more) => count += more,
        }
    }
    bytes.truncate(count);
    bytes
}

/// The client says `asked`; the server hears as many bytes, says `answered` and closes. Both hear what was said.
#[track_caller]
fn check(asked: &[u8], answered: &[u8], told: &[&str]) {
    let (length, says) = (asked.len(), answered.to_vec());
    let (server, heard) = server(move |stream, heard| {
        heard.send(read(stream, length)).unwrap();
        stream.write_all(&says).unwrap();
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    // In pieces that no parser expects.
    for piece in asked.chunks(1 + asked.len() / 3) {
        client.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    assert_eq!(heard.recv().unwrap(), asked, "what the server heard");
    assert_eq!(received, answered, "what the client heard");
    drop(client);
    assert_eq!(watch.end(), told);
}

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn heads_pass_letter_by_letter() {
    check(
        b"pOsT /a%2fb?q= HTTP/1.1\r\nhOST:h\r\nX-B:  2 \r\nx-a: 1\r\nX-A: \xe4\r\nContent-LENGTH: 2\r\n\r\nhi",
        b"HTTP/1.1 299 \xfcber Alles\r\nSET-cookie: a\r\nset-Cookie: b\r\nFolded: a\r\n b\r\ncontent-length:0\r\n\r\n",
        &["pOsT /a%2fb?q= -> 299"],
    );
    check(b"GET /lf HTTP/1.0\nA: b\n\n", b"HTTP/1.0 200 OK\n\nuntil the end", &["GET /lf -> 200"]);
}

#[test]
fn bodies_pass_however_they_are_framed() {
    check(
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;ext=\"x\"\r\nabc\r\n000\r\nTrailer: t\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
          A\r\n\x00\x01\x02\xff56789\r\r\n0\r\n\r\n",
        &["POST /a -> 200"],
    );
    check(b"HEAD /a HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n", &["HEAD /a -> 200"]);
    check(GET, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", &["GET /a -> 304"]);
}

#[test]
fn requests_on_one_connection_pass_in_order_also_before_their_answers() {
    check(
        &[GET, b"POST /b HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", GET].concat(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nAHTTP/1.1 204 OK\r\n\r\nHTTP/1.1 404 OK\r\nContent-Length: 0\r\n\r\n",
        &["GET /a -> 200", "POST /b -> 204", "GET /a -> 404"],
    );
}

#[test]
fn what_is_not_http_passes_too() {
    check(
        b"\x16\x03\x01 hello \r\n\r\n",
        b"whatever\r\n\r\n",
        &["(what the client says is not HTTP/1.1; the rest of this connection passes without being judged)"],
    );
    check(
        GET,
        b"HTTP/9 lies\r\n\r\n and more",
        &[
            "GET /a -> what came in answer is not HTTP/1.1",
            "(what the server says is not HTTP/1.1; the rest of this connection passes without being judged)",
        ],
    );
    check(
        b"GET /a HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81\x05Hello",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x05World\r\n\r\n",
        &["GET /a -> 101", "(the connection became a tunnel; the rest of this connection passes without being judged)"],
    );
}

#[test]
fn a_long_body_passes_whole_and_is_kept_in_part() {
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n".as_slice(), &body].concat();
    check(GET, &answer, &["GET /a -> 200 (not whole)"]);
}

#[test]
fn an_answer_that_breaks_off_breaks_off() {
    check(GET, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", &["GET /a -> 200"]);
    check(GET, b"", &["GET /a -> the connection was closed without an answer"]);
}

#[test]
fn a_client_that_waits_for_100_continue_gets_it_before_its_body_is_sent() {
    const HEAD: &[u8] = b"PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    let (server, heard) = server(|stream, heard| {
        heard.send(read(stream, HEAD.len())).unwrap();
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        heard.send(read(stream, 4)).unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    client.write_all(HEAD).unwrap();
    assert_eq!(read(&mut client, 25), b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"body").unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(heard.iter().take(2).collect::<Vec<_>>(), [HEAD, b"body"]);
    assert_eq!(watch.end(), ["PUT /a -> 201"]);
}

#[test]
fn a_stream_passes_piece_by_piece() {
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let (server, _heard) = server(move |stream, _| {
        read(stream, GET.len());
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n").unwrap();
        // The second piece comes only after the client has seen the first.
        wait.lock().unwrap().recv().unwrap();
        stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").unwrap();
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    client.write_all(GET).unwrap();
    let first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    assert_eq!(read(&mut client, first.len()), first);
    go.send(()).unwrap();
    assert_eq!(read(&mut client, 13), b"3\r\ntwo\r\n0\r\n\r\n");
    assert_eq!(watch.end(), ["GET /a -> 200"]);
}

#[test]
fn a_client_that_has_said_everything_still_hears_the_answer() {
    let (server, heard) = server(|stream, heard| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        heard.send(all).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nlate").unwrap();
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    client.write_all(GET).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut received = String::new();
    client.read_to_string(&mut received).unwrap();
    assert_eq!((heard.recv().unwrap().as_slice(), received.as_str()), (GET, "HTTP/1.1 200 OK\r\n\r\nlate"));
    assert_eq!(watch.end(), ["GET /a -> 200"]);
}

#[test]
fn a_reset_is_a_reset_on_the_other_side() {
    let (server, _heard) = server(|stream, _| {
        read(stream, GET.len());
        reset_on_close(stream);
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    client.write_all(GET).unwrap();
    let error = client.read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(watch.end(), ["GET /a -> the connection was reset without an answer"]);
}

#[test]
fn a_server_that_is_not_there_is_told_and_felt() {
    let nobody = unused_address();
    let watch = Watch::of(&nobody, false);
    let mut client = watch.client();
    _ = client.write_all(GET);
    // A reset or an end, depending on what came first; an answer it is not.
    assert!(!matches!(client.read(&mut [0; 10]), Ok(1..)));
    let told = watch.end();
    assert!(told[0].starts_with(&format!("(cannot connect to http://{nobody}: ")), "{told:?}");
}

#[test]
fn the_host_can_be_replaced_and_is_the_only_thing_that_is() {
    let (server, heard) = server(|stream, heard| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        heard.send(all).unwrap();
    });
    let watch = Watch::of(server.address(), true);
    let mut client = watch.client();
    client.write_all(b"GET /a HTTP/1.1\r\nX: 1\r\nHOST: h\r\n\r\nGET /b").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let expected = format!("GET /a HTTP/1.1\r\nX: 1\r\nHOST: {}\r\n\r\n", server.address());
    let heard = heard.recv().unwrap();
    assert_eq!(String::from_utf8(heard).unwrap(), expected + "GET /b");
}

#[test]
fn what_is_still_open_when_the_watch_ends_is_told() {
    let (server, heard) = server(|stream, heard| {
        heard.send(read(stream, GET.len())).unwrap();
        std::thread::sleep(Duration::from_secs(30));
    });
    let watch = Watch::of(server.address(), false);
    let mut client = watch.client();
    client.write_all(GET).unwrap();
    heard.recv().unwrap();
    assert_eq!(watch.end(), ["GET /a -> the watch ended before the reply did"]);
}

#[test]
fn a_flood_of_new_lines_keeps_nobody_waiting() {
    let (server, _heard) = server(|stream, _| {
        if read(stream, 18).starts_with(b"GET /") {
            stream.write_all(b"HTTP/1.1 204 No\r\n\r\n").unwrap();
        } else {
            // This one floods, too.
            _ = stream.write_all(&vec![b'\n'; 1 << 20]);
            _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let watch = Watch::of(server.address(), false);
    let floods: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut flood = watch.client();
            flood.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
            _ = flood.write_all(&vec![b'\n'; 1 << 20]);
            flood
        })
        .collect();
    let start = std::time::Instant::now();
    let mut client = watch.client();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(read(&mut client, 19), b"HTTP/1.1 204 No\r\n\r\n");
    // It was 8 seconds for each, and takes milliseconds.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    drop((floods, client));
    watch.end();
}

#[test]
fn an_idle_connection_makes_room_for_a_new_one() {
    let (server, _heard) = server(|stream, _| {
        while read(stream, 18).starts_with(b"GET /") {
            stream.write_all(b"HTTP/1.1 204 No\r\n\r\n").unwrap();
        }
    });
    let watch = Watch::with(server.address(), false, 4);
    let ask = |client: &mut TcpStream| {
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        read(client, 19)
    };
    let mut clients: Vec<TcpStream> = Vec::new();
    for _ in 0..12 {
        let mut client = watch.client();
        assert_eq!(ask(&mut client), b"HTTP/1.1 204 No\r\n\r\n");
        clients.push(client);
    }
    // The oldest were closed, the newest were not.
    assert_eq!(clients[0].read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(ask(clients.last_mut().unwrap()), b"HTTP/1.1 204 No\r\n\r\n");
    drop(clients);
    watch.end();
}
