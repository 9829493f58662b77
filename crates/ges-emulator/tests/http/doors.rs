//! What comes in at the door: hosts, framing, unusual methods and targets, over a raw connection.

use crate::wire::{Answer, PATIENCE, Server, fill};
use ges_emulator::{Config, Limits, Listeners, ProviderState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Everything that comes back for these bytes, until the other side has nothing more to say.
async fn all_of(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.connect().await;
    // The other side may hang up while this is being sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answers = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answers)).await.expect("an end");
    String::from_utf8_lossy(&answers).into_owned()
}

/// The statuses of the answers in a text.
fn statuses(answers: &str) -> Vec<u16> {
    let status = |(at, _): (usize, _)| answers.get(at + 9..at + 12)?.parse().ok();
    answers.match_indices("HTTP/1.1 ").chain(answers.match_indices("HTTP/1.0 ")).filter_map(status).collect()
}

/// No host that could be understood in two ways leads to the control API, or to anything else.
#[tokio::test]
async fn an_ambiguous_host_is_answered_with_400() {
    let server = Server::start(Config::default()).await;
    let here = server.address;
    let other = "Host: evil.com\r\n";
    let own = format!("Host: {here}\r\n");
    let mut rows = vec![
        ("/_emulator/health".to_owned(), String::new()),
        ("/_emulator/health".to_owned(), format!("{own}{other}")),
        ("/_emulator/health".to_owned(), format!("{other}{own}")),
        ("/_emulator/health".to_owned(), format!("{own}{own}")),
        ("/_emulator/health".to_owned(), format!("{own}X-Between: x\r\nHOST: localhost\r\n")),
        (format!("http://{here}/_emulator/health"), String::new()),
        (format!("http://{here}/_emulator/health"), other.to_owned()),
        ("http://evil.com/_emulator/health".to_owned(), own.clone()),
        (format!("http://user@{here}/_emulator/health"), own.clone()),
        (format!("http://user@{here}/_emulator/health"), format!("Host: user@{here}\r\n")),
    ];
    for host in ["", "a b", "localhost, evil.com", "localhost,localhost", "user@localhost", "localhost:80:80"] {
        rows.push(("/_emulator/health".to_owned(), format!("Host: {host}\r\n")));
    }
    for (target, headers) in &rows {
        for method in ["GET", "POST", "HEAD", "OPTIONS"] {
            // What follows is not read as another request.
            let request =
                format!("{method} {target} HTTP/1.1\r\n{headers}\r\nGET /_emulator/health HTTP/1.1\r\n{own}\r\n");
            let answers = all_of(&server, request.as_bytes()).await;
            assert_eq!(statuses(&answers), [400], "{request}{answers}");
            assert!(answers.to_ascii_lowercase().contains("connection: close"), "{answers}");
        }
    }
    for target in ["/v2/p/graphs", "/", "/docs", "/v3/projects", "*"] {
        let answers = all_of(&server, format!("GET {target} HTTP/1.1\r\n{own}{other}\r\n").as_bytes()).await;
        assert_eq!(statuses(&answers), [400], "{target} {answers}");
    }
    // HTTP/1.0 has no such rule, and two names are as ambiguous there.
    for (headers, status) in [("", 200), (&*own, 200), (other, 403), (&*format!("{own}{other}"), 400)] {
        let answers = all_of(&server, format!("GET /_emulator/health HTTP/1.0\r\n{headers}\r\n").as_bytes()).await;
        assert_eq!(statuses(&answers), [status], "{headers} {answers}");
    }
    for same in [format!("http://{here}/_emulator/health"), "/_emulator/health".to_owned()] {
        let answers = all_of(&server, format!("GET {same} HTTP/1.1\r\n{own}\r\n").as_bytes()).await;
        assert_eq!(statuses(&answers), [200], "{same} {answers}");
    }
}

/// Two readers of these could disagree about where a request ends.
#[tokio::test]
async fn a_request_whose_end_is_ambiguous_is_refused_or_the_last_of_its_connection() {
    let server = Server::start(Config::default()).await;
    let hidden = "POST /_emulator/reset HTTP/1.1\r\nHost: ges\r\nContent-Length: 0\r\n\r\n";
    let chunked = format!("0\r\n\r\n{hidden}");
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 5;\r\n",
        "Content-Length: \r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 99999999999999999999999999\r\n",
        "Content-Length : 5\r\n",
        " Content-Length: 5\r\n",
        "X: a\r\n Content-Length: 5\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\u{b}chunked\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: x,chunked\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer\u{0}Encoding: chunked\r\n",
    ] {
        let request =
            format!("POST /v2/p/graphs/g/stop HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n{headers}\r\n{chunked}");
        let answers = all_of(&server, request.as_bytes()).await;
        let found = statuses(&answers);
        assert!(found.len() <= 1 && found.first() != Some(&200), "{headers:?}: {found:?} {answers}");
    }
}

/// A client that closes its side after the request has all its answers.
#[tokio::test]
async fn who_has_said_everything_is_answered() {
    let server = Server::start(Config::default()).await;
    let request = "GET /_emulator/health HTTP/1.1\r\nHost: ges\r\n\r\n";
    for count in (1..=3).cycle().take(60) {
        let answers = all_of(&server, request.repeat(count).as_bytes()).await;
        assert_eq!(statuses(&answers), vec![200; count], "{answers}");
    }
    // With a wait in between as well.
    server.call("POST /_emulator/faults", r#"{"latency_ms": 50}"#).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let show = fill("GET /v2/{project_id}/graphs/{graph_id} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n\r\n", &given);
    assert_eq!(statuses(&all_of(&server, show.as_bytes()).await), [200]);
}

/// A chunk is a number of hexadecimal digits, as many bytes, and a line end.
#[tokio::test]
async fn broken_chunks_end_the_connection() {
    let server = Server::start(Config::default()).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let line = fill("POST /v2/{project_id}/graphs/{graph_id}/backups", &given);
    let next = "GET /_emulator/health HTTP/1.1\r\nHost: ges\r\n\r\n";
    let head = format!("{line} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for body in [
        "x\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\r\n{}X\r\n0\r\n\r\n",
        "2\n{}\n0\n\n",
        "\r\n2\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "10000000000000002\r\n{}\r\n0\r\n\r\n",
        "2;a=\u{1}\n\r\n{}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
    ] {
        let answers = all_of(&server, format!("{head}{body}{next}").as_bytes()).await;
        let found = statuses(&answers);
        assert!(found.len() <= 1 && found.first().is_none_or(|status| *status == 400), "{body:?}: {found:?} {answers}");
    }
    for body in ["2\r\n{}\r\n0\r\n\r\n", "02;a=b\r\n{}\r\n000\r\n\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: x\r\n\r\n"]
    {
        let answers = all_of(&server, format!("{head}{body}{next}").as_bytes()).await;
        assert_eq!(statuses(&answers), [200, 200], "{body:?}: {answers}");
    }
}

/// Names in capitals or encoded, dots and slashes: none is another spelling of the control API, on a public address or here.
#[tokio::test]
async fn a_path_has_one_spelling() {
    let everywhere = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let mut server = Server::start_on(everywhere, Config::default()).await;
    server.address.set_ip([127, 0, 0, 1].into());
    let here = server.address;
    for path in [
        "/_emulator/health",
        "/_emulator/health?",
        "/_emulator/",
        "/_emulator/health/",
        "/_emulator/../_emulator/health",
        "/_emulator/%68ealth",
        "/%5Femulator/health",
        "/%5femulator/health",
        "/_EMULATOR/health",
        "//_emulator/health",
        "/./_emulator/health",
        "/v2/../_emulator/health",
        "/v2/..%2f_emulator/health",
        "/v2/%2e%2e/_emulator/health",
        "/_emulator%2fhealth",
        "/_emulator\\health",
        "/_emulator;x/health",
        "/_emulator/health;x",
        "/docs/../_emulator/health",
        "/?/_emulator/health",
        "/%00/_emulator/health",
        "/_emulator/health%00",
        "/_emulator/health#x",
        &format!("http://{here}/_emulator/health"),
        &format!("http://{here}//_emulator/health"),
        "",
        "_emulator/health",
        "*",
    ] {
        for method in ["GET", "POST", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "QUERY"] {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n");
            let answers = all_of(&server, request.as_bytes()).await;
            let found = statuses(&answers);
            assert!(matches!(found[..], [400 | 403 | 404 | 405] | []), "{request}{answers}");
            assert!(!answers.contains("transitions"), "{request}{answers}");
        }
    }
    // On loopback, only the one spelling is the control API.
    let server = Server::start(Config::default()).await;
    for (path, status) in [
        ("/_emulator/health", 200),
        ("/_emulator/%68ealth", 404),
        ("/%5Femulator/health", 404),
        ("/_emulator/../_emulator/health", 404),
        ("//_emulator/health", 404),
        ("/_Emulator/health", 404),
        ("/_emulator/health/", 404),
    ] {
        assert_eq!(server.call(&format!("GET {path}"), "").await.status, status, "{path}");
    }
}

/// What the emulator does not do is refused, or not done.
#[tokio::test]
async fn no_protocol_but_http_1_is_spoken() {
    let server = Server::start(Config::default()).await;
    for (request, expected) in [
        // As if it had not been asked to change the protocol (RFC 9110, 7.8).
        (
            "GET /_emulator/health HTTP/1.1\r\nHost: ges\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
            &[200][..],
        ),
        ("GET /_emulator/health HTTP/1.1\r\nHost: ges\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", &[200]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]),
        ("GET /_emulator/health HTTP/1.2\r\nHost: ges\r\n\r\n", &[400]),
        ("GET /_emulator/health HTTP/0.9\r\nHost: ges\r\n\r\n", &[400]),
        ("GET /_emulator/health\r\n", &[400]),
        ("GET  /_emulator/health HTTP/1.1\r\nHost: ges\r\n\r\n", &[400]),
        ("GET /_emulator/ health HTTP/1.1\r\nHost: ges\r\n\r\n", &[400]),
        ("GET\t/_emulator/health HTTP/1.1\r\nHost: ges\r\n\r\n", &[400]),
        ("CONNECT ges:443 HTTP/1.1\r\nHost: ges:443\r\n\r\n", &[404]),
        ("OPTIONS * HTTP/1.1\r\nHost: ges\r\n\r\n", &[404]),
        ("TRACE /v2/p/graphs HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: secret\r\n\r\n", &[405]),
        ("GET /v2/p/graphs HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: a\r\n b\r\n\r\n", &[400]),
        ("GET /v2/p/graphs HTTP/1.1\r\nHost: ges\r\nX-Auth-Token\r\n\r\n", &[400]),
        ("GET /v2/p/graphs HTTP/1.1\r\nHost: ges\r\nX Auth: t\r\n\r\n", &[400]),
        ("GET /v2/p/graphs HTTP/1.1\r\nHost: ges\r\n: t\r\n\r\n", &[400]),
        ("GET /v2/p/graphs HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\rX: y\r\n\r\n", &[400]),
        ("GET /v2/p/graphs?limit=1&limit=2 HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n\r\n", &[400]),
        ("GET /v2/p/graphs?limit=1&%6cimit=2 HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n\r\n", &[400]),
    ] {
        let answers = all_of(&server, request.as_bytes()).await;
        let found = statuses(&answers);
        assert!(
            found == expected || expected.is_empty() && found.iter().all(|status| *status >= 400),
            "{request}{answers}"
        );
        assert!(!answers.contains("secret"), "{answers}");
    }
}

/// Sends all of a request before it reads anything, as simple clients do. The status of the answer.
async fn send_first(server: &Server, path: &str, length: usize, chunked: bool) -> u16 {
    let mut stream = server.connect().await;
    let kind = if chunked { "Transfer-Encoding: chunked".to_owned() } else { format!("Content-Length: {length}") };
    let head = format!("POST {path} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\n{kind}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("room for a head");
    let part = vec![b' '; 1 << 20];
    for _ in 0..length / part.len() {
        if chunked {
            stream.write_all(format!("{:x}\r\n", part.len()).as_bytes()).await.expect("room for a chunk");
        }
        stream.write_all(&part).await.expect("room for a part");
        if chunked {
            stream.write_all(b"\r\n").await.expect("room for a chunk");
        }
    }
    if chunked {
        stream.write_all(b"0\r\n\r\n").await.expect("room for the end");
    }
    Answer::read(&mut stream).await.expect("an answer").status
}

#[tokio::test]
async fn whoever_sends_a_body_that_is_too_large_reads_the_413() {
    let server = Server::start(Config::default()).await;
    for (path, length, chunked) in [
        ("/_emulator/snapshot", 64 << 20, false),
        ("/_emulator/snapshot", 64 << 20, true),
        ("/_emulator/restore", 66 << 20, false),
        ("/v2/p/graphs/g/stop", 64 << 20, false),
        ("/v3/auth/tokens", 2 << 20, true),
    ] {
        assert_eq!(send_first(&server, path, length, chunked).await, 413, "{path}, in chunks: {chunked}");
    }
    // Beyond what is discarded, the connection is closed, and the answer is there for whoever reads it.
    let limits = Limits { body_bytes: 10, snapshot_bytes: 1 << 20, ..Limits::default() };
    let server = Server::start(Config { limits, ..Config::default() }).await;
    assert_eq!(send_first(&server, "/_emulator/graphs", 8 << 20, false).await, 413);
}

#[tokio::test]
async fn a_body_that_is_not_asked_for_does_not_cost_the_answer() {
    let server = Server::start(Config::default()).await;
    for head in ["GET / HTTP/9.9\r\nHost: ges\r\n\r\n", "GET /_emulator/health HTTP/1.1\r\n\r\n", "\0\0\0\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(head.as_bytes()).await.expect("room for a head");
        stream.write_all(&vec![b'x'; 4 << 20]).await.expect("room for more");
        assert_eq!(Answer::read(&mut stream).await.expect("an answer").status, 400, "{head:?}");
    }
}

#[tokio::test]
async fn a_body_in_a_content_coding_is_refused_everywhere() {
    let server = Server::start(Config::default()).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    for (path, status) in [
        ("/_emulator/graphs", 415),
        ("/_emulator/restore", 415),
        ("/_emulator/provider-states", 415),
        ("/v3/auth/tokens", 400),
        ("/v2/{project_id}/graphs/{graph_id}/stop", 400),
        ("/v1.0/{project_id}/graphs/{graph_id}/action?action_id=stop", 400),
    ] {
        for coding in ["gzip", "identity, br"] {
            let line = fill(&format!("POST {path} HTTP/1.1"), &given);
            let headers = format!("Host: ges\r\nX-Auth-Token: t\r\nContent-Encoding: {coding}\r\nContent-Length: 2");
            let answer = server.send(&format!("{line}\r\n{headers}\r\n\r\n{{}}")).await;
            assert_eq!(answer.status, status, "{path} {coding}: {}", answer.body);
            assert!(
                answer.body.contains(&format!("the content coding `{coding}`, which is not read")),
                "{}",
                answer.body
            );
        }
    }
}

/// The documentation is the same for everybody: on a public address as well, with credentials or without, and nothing of this
/// emulator is in it. The listener of the control API does not have it.
#[tokio::test]
async fn the_documentation_is_public_and_says_nothing_of_this_emulator() {
    /// "to read\n", by gzip.
    const PACKED: &[u8] =
        &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 201, 87, 40, 74, 77, 76, 225, 2, 0, 13, 43, 209, 16, 8, 0, 0, 0];
    let service = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let control = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_address = control.local_addr().unwrap();
    let config = Config { reference: Some(PACKED), tokens: vec!["secret".to_owned()], ..Config::default() };
    let mut server = Server::start_on(Listeners { service, control: Some(control), tls: None }, config).await;
    server.address.set_ip([127, 0, 0, 1].into());
    for headers in ["Host: ges.example\r\n", "Host: ges\r\nOrigin: https://evil.com\r\nX-Auth-Token: wrong\r\n"] {
        let answer = server.send(&format!("GET /docs HTTP/1.1\r\n{headers}\r\n")).await;
        assert_eq!((answer.status, &*answer.body), (200, "to read\n"), "{headers}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    server.address = control_address;
    assert_eq!(server.call("GET /docs", "").await.status, 404);
    drop(TcpStream::connect(control_address).await);
}
