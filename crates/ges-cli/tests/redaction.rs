//! Every secret of a run is tainted with a marker, and everything that the run leaves behind is searched for it, after every
//! encoding is undone, again and again.
//!
//! Unlike `secrets.rs`, which searches for given spellings, this undoes encodings with code of its own; the service encodes
//! secrets in ways that nobody listed, and gives out secrets of its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use test_support::client::send;
use test_support::files::empty_folder;
use test_support::process::signal;
use test_support::{Server, Then};

/// In every secret, and nowhere else.
const TAINT: &str = "ta1nt";
/// In secrets that only a later request tells: they are in lines that were printed before it.
const LATER: &str = "l4ter";
const TOKEN: &str = "ta1nt+tok/en==&\"x\"<1>";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// The token in encodings and formats, as one service or another writes them.
fn echoes(token: &str) -> Vec<(&'static str, Vec<u8>)> {
    let each = |write: &dyn Fn(char) -> String| token.chars().map(write).collect::<String>().into_bytes();
    let json = format!("{{\"errorMessage\": {}, \"errorCode\": \"GES.1\"}}", serde_json::Value::from(token));
    let base64 = BASE64_STANDARD.encode(format!("the value was {token}, which is wrong"));
    let wrapped: Vec<String> =
        base64.as_bytes().chunks(19).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    vec![
        ("", json.clone().into_bytes()),
        ("", gzip(json.as_bytes())),
        ("Content-Encoding: gzip\r\n", gzip(json.as_bytes())),
        ("Content-Encoding: gzip\r\n", gzip(json.as_bytes())[..60].to_vec()),
        ("Content-Encoding: deflate\r\n", json.clone().into_bytes()),
        ("Content-Encoding: zstd\r\n", gzip(json.as_bytes())),
        ("Content-Encoding: gzip, gzip\r\n", gzip(&gzip(json.as_bytes()))),
        ("", gzip(&gzip(json.as_bytes()))),
        ("", each(&|c| format!("&#x{:x};", c as u32))),
        ("", each(&|c| format!("&#{};", c as u32))),
        ("", each(&|c| format!("\\u{:04x}", c as u32))),
        ("", each(&|c| format!("%{:02x}", c as u32))),
        ("", each(&|c| format!("%25{:02X}", c as u32))),
        ("", token.replace('+', "&#43;").replace('<', "&lt;").replace('"', "&#34;").into_bytes()),
        ("", token.replace('/', "%2F").into_bytes()),
        ("", base64.into_bytes()),
        ("", wrapped.join("\r\n").into_bytes()),
        ("", format!("{{'error': 'bad token', 'was': '{token}'}}").into_bytes()),
        ("", format!("<error><was>{}</was></error>", token.replace('&', "&amp;").replace('<', "&lt;")).into_bytes()),
        ("", json.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("", token.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()),
        ("", token.replace('=', "=3D").replace('+', "=2B").into_bytes()),
        // Secrets of the service.
        (
            "Set-Cookie: sid=ta1nt-cookie-1; Path=/\r\nX-Subject-Token: ta1nt-issued-1\r\n",
            b"{\"jobId\": \"j\"}".to_vec(),
        ),
        ("", br#"{"jobId": "j", "adminPass": "ta1nt-pass-1", "tokens": ["ta1nt-list-1", "ta1nt-list-2"]}"#.to_vec()),
        ("Location: /next?code=ta1nt-code-1#access_token=ta1nt-code-2\r\n", b"{'secretKey': 'ta1nt-key-1',}".to_vec()),
        ("Content-Type: text/csv\r\n", b"user,password\nann,ta1nt-table\n".to_vec()),
        ("X-Again: l4ter-token-1\r\n", br#"{"note": "l4ter-token-1"}"#.to_vec()),
        ("", br#"{"jobId": "j", "session_token": "l4ter-token-1"}"#.to_vec()),
    ]
}

#[test]
fn no_taint_is_in_anything_that_is_written() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "redaction");
    let file = |name: &str| folder.join(name).display().to_string();
    let server = Server::start(|request, stream| {
        let all = echoes(TOKEN);
        let (headers, body) = &all[request.number % all.len()];
        let status = if request.number.is_multiple_of(2) { "200 OK" } else { "400 Bad Request" };
        let type_ = if headers.contains("Content-Type") { "" } else { "Content-Type: application/json\r\n" };
        let head =
            format!("HTTP/1.1 {status}\r\n{type_}{headers}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        test_support::write(stream, [head.as_bytes(), body].concat());
        Then::Close
    });
    let kinds = ["json", "junit", "har", "vcr", "html", "markdown"];
    let reports = |name: &str| -> Vec<String> {
        kinds
            .iter()
            .flat_map(|kind| ["--report".to_owned(), format!("{kind}={}", file(&format!("{name}.{kind}")))])
            .collect()
    };

    // Runs, until every echo was sent.
    for run in 0..3 {
        let mut conform =
            command(&["conform", "--endpoint", &server.url, "--project-id", PROJECT, "--prefer", "--token", TOKEN]);
        let output = conform.args(reports(&format!("conform-{run}"))).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(folder.join(format!("conform-{run}.out")), [output.stdout, output.stderr].concat()).unwrap();
    }
    assert!(server.requests().len() >= echoes(TOKEN).len(), "{} requests", server.requests().len());

    // The same, with other requests, through a proxy; and what it recorded, again from the file.
    let mut arguments = vec!["observe".to_owned(), "--upstream".to_owned(), server.url.clone()];
    arguments.extend(reports("observe"));
    let observe = Running::start(&folder, "observe", &arguments);
    let requests = requests();
    for _ in 0..2 {
        for (ask, header, body) in &requests {
            send(&observe.address, ask, &[header, "Content-Type: application/json"], body);
        }
    }
    observe.end();
    let mut replay = command(&["conform", "replay", &file("observe.har")]);
    let output = replay.args(reports("replay")).output().unwrap();
    assert!(output.status.code().is_some_and(|status| status < 2), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(folder.join("replay.out"), [output.stdout, output.stderr].concat()).unwrap();

    // The emulator, with its log, its journal and its page.
    let emulate = ["emulate", "--log", "--token", TOKEN].map(ToOwned::to_owned);
    let emulator = Running::start(&folder, "emulate", &emulate);
    for (ask, header, body) in &requests {
        send(&emulator.address, ask, &[header, "Content-Type: application/json"], body);
    }
    for (name, ask) in [("journal", "GET /_emulator/requests"), ("page", "GET /")] {
        fs::write(folder.join(name), send(&emulator.address, ask, &[], "").body).unwrap();
    }
    emulator.end();

    // Mistakes on the command line.
    for (index, arguments) in mistakes().iter().enumerate() {
        let output = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
            .env("GES_TOKEN", "ta1nt-of-env")
            .output()
            .unwrap();
        assert!(!output.stderr.is_empty() || !output.stdout.is_empty(), "{arguments:?}");
        fs::write(folder.join(format!("mistake.{index}")), [output.stdout, output.stderr].concat()).unwrap();
    }

    let mut artefacts = 0;
    let mut leaks = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        artefacts += 1;
        let mut seen = BTreeSet::new();
        let is_log = path.extension().is_some_and(|kind| kind == "err");
        let bytes = if is_log { bytes } else { String::from_utf8_lossy(&bytes).replace(LATER, TAINT).into_bytes() };
        leaks.extend(tainted(&bytes, 0, &mut seen).into_iter().map(|leak| format!("{}: {leak}", path.display())));
    }
    assert!(artefacts >= 3 * kinds.len() + 8, "{artefacts}");
    assert_eq!(leaks, Vec::<String>::new(), "{} leaks", leaks.len());
}

/// Requests with secrets in them that their names tell, and the same again where no name does.
fn requests() -> Vec<(String, String, String)> {
    let line = |rest: &str| format!("POST /v2/{PROJECT}/graphs/g/{rest}");
    let mut all =
        vec![(line("stop?note=l4ter-query-1"), "X-Note: l4ter-head-01".to_owned(), "l4ter-body-01 said".to_owned())];
    // The service sends this one back.
    all.insert(0, (line("stop"), format!("X-Auth-Token: {TOKEN}"), String::new()));
    let rows = [
        ("stop?token=l4ter-query-1", "X-Id: 1", "{'passwd': 'l4ter-body-01'}"),
        ("stop", "X-SK: l4ter-head-01", ""),
        ("stop?a=1;api%255Fkey=ta1nt-query-2#sig=ta1nt-query-3", "X-SK: ta1nt-head-01", ""),
        ("stop", "x-session-id: ta1nt-head-02", "{'passwd': 'ta1nt-body-01'}"),
        ("stop", "Authorization: Bearer ta1nt-head-03==", "{\"PASSWORD\": \"ta1nt-body-02\",}"),
        ("stop", "Cookie: a=ta1nt-head-04; b=ta1nt-head-05", "user=x&pwd=ta1nt with blanks&y=1"),
        (
            "stop",
            "Referer: http://u:ta1nt-head-06@h/?code=ta1nt-head-07",
            "{\"a\": 1}\n{\"clientSecret\": \"ta1nt-body-03\"}\n",
        ),
        ("stop", "X-Api-Key: ta1nt-head-08", "<login><Password>ta1nt-body-04</Password></login>"),
        ("stop", "X-Access-Key: ta1nt-head-09", "password: ta1nt-body-05\nuser: x\n"),
        (
            "stop",
            "Ocp-Apim-Subscription-Key: ta1nt-head-10",
            "{\"token\": {\"id\": \"ta1nt-body-06\"}, \"user\": {\"name\": \"x\"}}",
        ),
        ("stop", "X-Note: ta1nt-head-10 &#116;a1nt-head-10", "it was ta1nt-body-0\\u0036 and ta1nt%2Dbody-06"),
        ("no/such/path", "Proxy-Authorization: Digest username=\"x\", response=\"ta1nt-head-11\"", "sk=ta1nt-body-07"),
    ];
    all.extend(rows.map(|(rest, header, body)| (line(rest), header.to_owned(), body.to_owned())));
    let basic = format!("Authorization: Basic {}", BASE64_STANDARD.encode("ann:ta1nt-basic-1"));
    all.push((line("stop"), basic, "again: ta1nt-basic-1".to_owned()));
    all.push((
        "POST /login".to_owned(),
        "X-Id: 2".to_owned(),
        "{\"auth\": {\"passphrase\": \"ta1nt-login\"}}".to_owned(),
    ));
    all
}

fn mistakes() -> Vec<Vec<String>> {
    let rows: [&[&str]; 12] = [
        &["emulate", "--help"],
        &["show", "graph", "--help"],
        &["conform", "--token", "ta1nt", "horse-ta1nt"],
        &["conform", "--endpoint", "http://127.0.0.1:1/?api_key=ta1nt-in-query"],
        &["conform", "--endpoint", "http://u:ta1nt@127.0.0.1:1/"],
        &[
            "conform",
            "--endpoint",
            "http://127.0.0.1:1",
            "--provider-states",
            "http://127.0.0.1:1/?sig=ta1nt-sig",
            "--wait-for-endpoint",
            "1s",
        ],
        &["conform", "--provider-states", "shop.example/?token=ta1nt-token"],
        &["conform", "--endpoint", "http://127.0.0.1:1", "--token", "ta1nt-two\nta1nt-lines"],
        &["emulate", "--iam-user", "ta1nt-without-colon"],
        &["show", "graph", "--user", "ann:ta1nt-word", "--graph-id", "g", "--endpoint", "http://127.0.0.1:1"],
        &["conform", "--credential", "ta1nt-and-nothing-else"],
        &["observe", "--upstream", "http://h/?access_token=ta1nt-token"],
    ];
    rows.map(|row| row.iter().map(ToString::to_string).collect()).into()
}

/// Where the marker is, in the bytes or in what they stand for.
fn tainted(bytes: &[u8], depth: usize, seen: &mut BTreeSet<Vec<u8>>) -> Vec<String> {
    if depth > 5 || bytes.len() < TAINT.len() || !seen.insert(bytes.to_vec()) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find(TAINT) {
        let around = lower[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>();
        return vec![format!("{around}[{}]", lower[at..].chars().take(40).collect::<String>())];
    }
    let variants = undone(&text);
    // All one after the other; each alone, too, where there is not much to read.
    let mut inner: Vec<Vec<u8>> = Vec::new();
    if text.len() <= 2048 {
        inner.extend(variants.into_iter().map(String::into_bytes));
    } else {
        let broken = text.replace(['\n', '\r', ' '], "");
        inner.extend([all_undone(&text), broken.replace("\\n", "").replace("\\r", "")].map(String::into_bytes));
    }
    inner.push(inflated(bytes));
    // Base64, from each letter of a run that could be the first, and hexadecimal.
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    for run in text.split(|c: char| !is_letter(c)).filter(|run| run.len() >= 12) {
        let standard = run.replace('-', "+").replace('_', "/");
        for start in 0..4 {
            let whole = standard.len() - (standard.len() - start) % 4;
            inner.extend(BASE64_STANDARD.decode(&standard[start..whole]));
        }
        let digits: Option<Vec<u8>> =
            (0..run.len() / 2).map(|at| u8::from_str_radix(&run[2 * at..2 * at + 2], 16).ok()).collect();
        inner.extend(digits);
    }
    let is_worth = |bytes: &&Vec<u8>| {
        let plain = bytes.iter().take(32).filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
        plain * 10 >= bytes.len().min(32) * 7 || bytes.starts_with(b"\x1f\x8b")
    };
    inner.iter().filter(is_worth).flat_map(|inner| tainted(inner, depth + 1, seen)).take(3).collect()
}

/// The text with every encoding undone, one after the other.
fn all_undone(text: &str) -> String {
    let mut text = text.to_owned();
    for encoding in ENCODINGS {
        text = without(&text, encoding).unwrap_or(text);
    }
    ESCAPES.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

/// What begins an escape, how many digits it has (none: up to its end), in which base.
const ENCODINGS: [(&str, usize, u32, &str); 5] =
    [("%", 2, 16, ""), ("\\u", 4, 16, ""), ("\\x", 2, 16, ""), ("&#x", 0, 16, ";"), ("&#", 0, 10, ";")];
const ESCAPES: [(&str, &str); 7] =
    [("&amp;", "&"), ("&lt;", "<"), ("&quot;", "\""), ("\\/", "/"), ("\\\"", "\""), ("\\\\", "\\"), ("=\n", "")];

fn without(text: &str, (start, digits, radix, end): (&str, usize, u32, &str)) -> Option<String> {
    let mut pieces = text.split(start);
    let mut undone = pieces.next().unwrap_or_default().to_owned();
    let mut any = false;
    for piece in pieces {
        let length = if digits > 0 { Some(digits) } else { piece.find(end) };
        let code = length.and_then(|length| piece.get(..length)).and_then(|code| u32::from_str_radix(code, radix).ok());
        match code.and_then(char::from_u32).zip(length) {
            Some((letter, length)) => {
                any = true;
                undone.push(letter);
                undone.push_str(&piece[length + end.len()..]);
            }
            None => undone.extend([start, piece]),
        }
    }
    any.then_some(undone)
}

/// The text with one more encoding undone, each in its own way.
fn undone(text: &str) -> Vec<String> {
    let encodings = ENCODINGS.into_iter().chain([("=", 2, 16, "")]);
    let mut all: Vec<String> = encodings.filter_map(|encoding| without(text, encoding)).collect();
    all.extend(ESCAPES.iter().filter(|(from, _)| text.contains(from)).map(|(from, to)| text.replace(from, to)));
    // Lines that were broken.
    all.extend(text.contains('\n').then(|| text.replace(['\n', '\r', ' '], "")));
    all
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// As much as can be read.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    _ = flate2::read::GzDecoder::new(bytes).take(1 << 20).read_to_end(&mut text);
    text
}

#[test]
fn the_search_undoes_what_it_says() {
    for (_, echo) in echoes(TOKEN).iter().take(22) {
        let in_report = serde_json::json!({"body": BASE64_STANDARD.encode(echo)}).to_string();
        // UTF-16 is not undone.
        let is_readable = echo.get(1) != Some(&0);
        assert_eq!(
            !tainted(in_report.as_bytes(), 0, &mut BTreeSet::new()).is_empty(),
            is_readable,
            "{}",
            String::from_utf8_lossy(echo)
        );
    }
}

/// A started command that says where it listens. It is killed where a test fails.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(folder: &Path, name: &str, arguments: &[String]) -> Self {
        let file = |kind: &str| File::create(folder.join(format!("{name}.{kind}"))).unwrap();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let child = command(&arguments).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let mut running = Self { child, address: String::new() };
        let until = Instant::now() + Duration::from_secs(60);
        while running.address.is_empty() {
            assert!(Instant::now() < until, "{name} does not start");
            std::thread::sleep(Duration::from_millis(20));
            let text = fs::read_to_string(folder.join(format!("{name}.out"))).unwrap();
            if let Some((line, _)) = text.split_once('\n') {
                line.strip_prefix("listening on http://").unwrap().clone_into(&mut running.address);
            }
        }
        running
    }

    fn end(mut self) {
        signal(&self.child, "-TERM");
        assert!(self.child.wait().unwrap().code().is_some());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = test_support::process::command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    command.args(arguments);
    command
}
