//! No secret is in anything that `ges` writes.
//!
//! A whole run with secrets that occur nowhere else, against a service that sends back what it was sent, in every
//! spelling. Then every output is searched for each secret, in every spelling.
//!
//! These may contain a secret, and are not searched:
//! - What a command was given: files with a secret in them, and its command line. We write neither.
//! - The answer to a sign-in, in `X-Subject-Token`: giving a token out is what it is for.
//! - The traffic that `ges observe` forwards unchanged. (Its reports are searched.)

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use test_support::client::send;
use test_support::files::empty_folder;
use test_support::process::signal;
use test_support::{Server, Then, reply};

/// With what has to be escaped in JSON, in an address, or nowhere.
const TOKEN: &str = r#"Token/9f3c+"quoted\back"=end&7d1e"#;
const WRONG_TOKEN: &str = r#"Wrong/41aa+"quoted\back"=end&c0de"#;
const SECRET_KEY: &str = r#"Key/b5d2+"quoted\back"=end&55aa"#;
const SECURITY_TOKEN: &str = r#"Security/e077+"quoted\back"=end&1b2c"#;
const PASSWORD: &str = r#"Word/6c1b+"quoted\back"=end&90fe"#;
const URL_PASSWORD: &str = "Address-83d7-word";
const ACCESS_KEY: &str = "AKPUBLIC0000000000AK";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn no_secret_is_in_anything_that_is_written() {
    let mut run = Run::start();
    calls(&mut run);
    conformance(&mut run);
    recorded_traffic(&mut run);
    passing_traffic(&mut run);
    the_emulator(run.emulator.address.clone(), &mut run);
    let Run { folder, secrets, mut written, emulator, .. } = run;
    emulator.end();
    for name in ["data", "emulate.out", "emulate.err"] {
        written.push((name.to_owned(), fs::read(folder.join(name)).unwrap()));
    }

    let mut leaks = Vec::new();
    for (name, bytes) in &written {
        leaks.extend(secrets.iter().flat_map(|secret| found(secret, bytes)).map(|leak| format!("{name}: {leak}")));
    }
    assert_eq!(leaks, Vec::<String>::new(), "{} leaks in {} artefacts", leaks.len(), written.len());
}

#[test]
fn every_spelling_is_found() {
    for (spelling, text) in spellings(TOKEN) {
        let hits = found(TOKEN, format!("before {text} behind").as_bytes());
        assert!(hits.iter().any(|hit| hit.contains(&spelling)), "{spelling}: {hits:?}");
    }
    let echoed = found(TOKEN, echo(&format!("X-Auth-Token: {TOKEN}\r\n\r\n")).as_bytes());
    assert!(echoed.len() >= spellings(TOKEN).len() - 2, "{echoed:?}");
    assert_eq!(found(TOKEN, WRONG_TOKEN.as_bytes()), Vec::<String>::new());
}

struct Run {
    folder: PathBuf,
    secrets: Vec<String>,
    /// What was written, by what.
    written: Vec<(String, Vec<u8>)>,
    emulator: Running,
    /// A service that sends back what it was sent.
    echo: Server,
    graph: String,
}

impl Run {
    fn start() -> Self {
        let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "secrets");
        for (name, secret) in [
            ("token", TOKEN),
            ("wrong", WRONG_TOKEN),
            ("key", SECRET_KEY),
            ("security", SECURITY_TOKEN),
            ("password", PASSWORD),
        ] {
            fs::write(folder.join(name), format!("{secret}\n")).unwrap();
        }
        let data = path(&folder, "data");
        let user = format!("ann:{PASSWORD}@acme");
        let emulator = Running::start(
            &folder,
            "emulate",
            &[
                "emulate",
                "--token",
                TOKEN,
                "--ak",
                ACCESS_KEY,
                "--sk",
                SECRET_KEY,
                "--iam-user",
                &user,
                "--data",
                &data,
                "--project-id",
                PROJECT,
            ],
        );

        let sign_in = format!(
            r#"{{"auth": {{"identity": {{"methods": ["password"], "password": {{"user":
            {{"name": "ann", "password": "{}", "domain": {{"name": "acme"}}}}}}}},
            "scope": {{"project": {{"id": "{PROJECT}"}}}}}}}}"#,
            in_json(PASSWORD)
        );
        let answer = http(&emulator.address, "POST /v3/auth/tokens", &[], &sign_in);
        let issued = answer.lines().find_map(|line| line.strip_prefix("x-subject-token: ")).unwrap().to_owned();
        fs::write(folder.join("issued"), &issued).unwrap();

        let answer = http(&emulator.address, "POST /_emulator/provider-states", &[], r#"{"state": "a running graph"}"#);
        let graph = answer.split(r#""graph_id":""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();

        let secrets =
            [TOKEN, WRONG_TOKEN, SECRET_KEY, SECURITY_TOKEN, PASSWORD, URL_PASSWORD, &issued].map(ToOwned::to_owned);
        Self { folder, secrets: secrets.into(), written: Vec::new(), emulator, echo: echo_server(), graph }
    }

    fn path(&self, name: &str) -> String {
        path(&self.folder, name)
    }

    /// Runs `ges` and keeps what it prints; `status` says that it did what it was meant to do.
    #[track_caller]
    fn ges(&mut self, arguments: &[&str], statuses: &[i32]) {
        let output = command(arguments).output().unwrap();
        let shown = format!(
            "{arguments:?}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.code().is_some_and(|status| statuses.contains(&status)), "{:?} {shown}", output.status);
        // The arguments tell runs apart in a failure; secrets that were given there are named by their place.
        let name: Vec<_> = arguments.iter().copied().filter(|it| !it.contains(['/', '"'])).collect();
        self.written.push((format!("stdout of ges {}", name.join(" ")), output.stdout));
        self.written.push((format!("stderr of ges {}", name.join(" ")), output.stderr));
    }

    /// The same with every report, which are kept as well.
    #[track_caller]
    fn reporting(&mut self, name: &str, arguments: &[&str], statuses: &[i32]) {
        let files = ["json", "junit", "har", "vcr", "html"].map(|kind| (kind, self.path(&format!("{name}.{kind}"))));
        let reports: Vec<_> = files.iter().map(|(kind, file)| format!("{kind}={file}")).collect();
        let mut arguments = arguments.to_vec();
        reports.iter().for_each(|report| arguments.extend(["--report", report]));
        self.ges(&arguments, statuses);
        for (_, file) in &files {
            // A run that could not start has nothing to report.
            if !statuses.contains(&3) || Path::new(file).exists() {
                self.keep(file);
            }
        }
    }

    #[track_caller]
    fn keep(&mut self, file: &str) {
        let bytes = fs::read(file).unwrap();
        let name = file.rsplit('/').next().unwrap_or_default();
        assert!(bytes.len() > 200, "{name} says nothing");
        self.written.push((name.to_owned(), bytes));
    }

    /// Each kind of credentials, as arguments.
    fn credentials(&self) -> Vec<Vec<String>> {
        let iam = format!("http://{}", self.emulator.address);
        let [token, issued, wrong, key, security, password] =
            ["token", "issued", "wrong", "key", "security", "password"].map(|name| self.path(name));
        let rows: [&[&str]; 6] = [
            &["--token-file", &token],
            &["--token", TOKEN],
            &["--token-file", &issued],
            &["--token-file", &wrong],
            &["--ak", ACCESS_KEY, "--sk-file", &key, "--security-token-file", &security],
            &["--user", "ann", "--domain", "acme", "--password-file", &password, "--iam-endpoint", &iam],
        ];
        rows.map(|row| row.iter().map(ToString::to_string).collect()).into()
    }
}

/// `show` and `stop`: done, dry, refused, not reached, and misunderstood.
fn calls(run: &mut Run) {
    let (emulator, echo, graph) = (format!("http://{}", run.emulator.address), run.echo.url.clone(), run.graph.clone());
    let with_password = emulator.replace("http://", &format!("http://ann:{URL_PASSWORD}@"));
    for credentials in run.credentials() {
        let credentials: Vec<_> = credentials.iter().map(String::as_str).collect();
        let is_wrong = credentials.iter().any(|it| it.ends_with("/wrong"));
        let turned_away: &[i32] = if is_wrong { &[3] } else { &[0] };
        let rows: [(&[&str], &str, &[i32]); 7] = [
            (&["show", "graph"], &emulator, turned_away),
            (&["show", "graph", "--output", "json"], &emulator, turned_away),
            (&["stop", "--dry-run"], &emulator, &[0]),
            (&["show", "graph"], &echo, &[1, 3, 5]),
            (&["stop", "--yes"], &echo, &[1, 3, 5]),
            (&["show", "graph"], "http://127.0.0.1:1", &[3]),
            (&["show", "graph"], &with_password, &[2]),
        ];
        for (words, endpoint, statuses) in rows {
            let rest = ["--graph-id", &graph, "--project-id", PROJECT, "--endpoint", endpoint];
            run.ges(&[words, &rest, &credentials].concat(), statuses);
        }
    }
    // An IAM that sends the password back, in all of its shapes.
    for _ in 0..6 {
        let (user, password) = (["--user", "ann", "--domain", "acme"], run.path("password"));
        let rest =
            ["--password-file", &password, "--iam-endpoint", &echo, "--endpoint", &echo, "--project-id", PROJECT];
        run.ges(&[&["show", "graph", "--graph-id", &graph], &user[..], &rest].concat(), &[1, 3, 5]);
    }
}

/// `conform`: against what passes, what refuses, and what sends back everything it was sent.
fn conformance(run: &mut Run) {
    let (emulator, echo) = (format!("http://{}", run.emulator.address), run.echo.url.clone());
    let states = format!("{emulator}/_emulator/provider-states");
    let with_password = echo.replace("http://", &format!("http://ann:{URL_PASSWORD}@"));
    for (at, credentials) in run.credentials().into_iter().enumerate() {
        if credentials[0] == "--user" {
            continue; // No flag of `conform`.
        }
        let credentials: Vec<_> = credentials.iter().map(String::as_str).collect();
        let is_wrong = credentials.iter().any(|it| it.ends_with("/wrong"));
        let rows: [(&str, &[&str], &[i32]); 4] = [
            ("states", &["--endpoint", &emulator, "--provider-states", &states], if is_wrong { &[3] } else { &[0] }),
            ("echo", &["--endpoint", &echo, "--prefer", "--project-id", PROJECT], &[1]),
            (
                "tour",
                &["--endpoint", &echo, "--graph-id", "g-1", "--project-id", PROJECT, "--deadline", "2s"],
                &[1, 3, 4],
            ),
            ("gone", &["--endpoint", "http://127.0.0.1:1", "--prefer", "--project-id", PROJECT], &[3]),
        ];
        for (name, words, statuses) in rows {
            run.reporting(&format!("{name}-{at}"), &[&["conform"], words, &credentials].concat(), statuses);
        }
        run.ges(&[&["conform", "--endpoint", &with_password, "--prefer"], &credentials[..]].concat(), &[2]);
    }
}

/// `conform replay` of a recording with secrets in it.
fn recorded_traffic(run: &mut Run) {
    let mut entries = Vec::new();
    for secret in &run.secrets {
        let (plain, percent) = (in_json(secret), percent_encoded(secret, false));
        let answer = in_json(&echo(&format!("X-Auth-Token: {secret}\r\n\r\n")));
        entries.push(format!(
            r#"{{"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "request": {{"method": "POST",
            "url": "http://h/v1.0/{PROJECT}/graphs/g/action?action_id=stop&x={percent}", "httpVersion": "HTTP/1.1",
            "headers": [{{"name": "X-Auth-Token", "value": "{plain}"}}, {{"name": "X-Other", "value": "{plain}"}}],
            "queryString": [{{"name": "action_id", "value": "stop"}}, {{"name": "x", "value": "{plain}"}}],
            "cookies": [], "headersSize": -1, "bodySize": -1,
            "postData": {{"mimeType": "application/json", "text": "{{\"x\": \"{}\"}}"}}}},
            "response": {{"status": 200, "statusText": "{percent}", "httpVersion": "HTTP/1.1",
            "headers": [{{"name": "Content-Type", "value": "application/json"}},
            {{"name": "X-Echo", "value": "{plain}"}}], "cookies": [], "redirectURL": "", "headersSize": -1,
            "bodySize": -1, "content": {{"size": -1, "mimeType": "application/json", "text": "{answer}"}}}},
            "cache": {{}}, "timings": {{"send": 0, "wait": 1, "receive": 0}}}}"#,
            in_json(&plain),
        ));
    }
    let har = format!(
        r#"{{"log": {{"version": "1.2", "creator": {{"name": "n", "version": "1"}}, "entries": [{}]}}}}"#,
        entries.join(",")
    );
    let file = run.path("given.har");
    fs::write(&file, har).unwrap();
    run.reporting("replay", &["conform", "replay", &file], &[1]);
}

/// `observe`, in front of what sends everything back.
fn passing_traffic(run: &mut Run) {
    let echo = run.echo.url.clone();
    let files = ["json", "junit", "har", "vcr", "html"].map(|kind| (kind, run.path(&format!("observe.{kind}"))));
    let reports: Vec<_> = files.iter().map(|(kind, file)| format!("{kind}={file}")).collect();
    let mut arguments = vec!["observe", "--upstream", &echo];
    reports.iter().for_each(|report| arguments.extend(["--report", report]));
    let observe = Running::start(&run.folder, "observe", &arguments);
    for secret in &run.secrets {
        strange_requests(&observe.address, secret);
    }
    observe.end();
    for (_, file) in &files {
        run.keep(file);
    }
    for name in ["observe.out", "observe.err"] {
        run.written.push((name.to_owned(), fs::read(run.folder.join(name)).unwrap()));
    }
}

/// What the emulator shows about itself after requests with secrets in places where none belong.
fn the_emulator(address: String, run: &mut Run) {
    for secret in &run.secrets {
        strange_requests(&address, secret);
    }
    for (ask, headers) in [
        ("GET /_emulator/requests", &[][..]),
        ("GET /", &[]),
        ("GET /", &["Accept: text/html"]),
        ("POST /_emulator/snapshot", &[]),
        ("GET /_emulator/no-such-thing", &[]),
    ] {
        let answer = http(&address, ask, headers, "");
        assert!(answer.len() > 200, "{ask}: {answer}");
        run.written.push((ask.to_owned(), answer.into_bytes()));
    }
    let journal = http(&address, "GET /_emulator/requests", &[], "");
    assert!(journal.matches("X-Other").count() + journal.matches("x-other").count() > 6, "{journal}");
}

/// The secret as credential, and again in the address, another header and the body.
fn strange_requests(address: &str, secret: &str) {
    let percent = percent_encoded(secret, false);
    for (header, place) in [("X-Auth-Token", "stop"), ("X-Security-Token", &percent)] {
        let all: Vec<_> = spellings(secret).into_iter().map(|(_, text)| format!("\"{}\"", in_json(&text))).collect();
        let body = format!(r#"{{"x": "{}", "all": [{}]}}"#, in_json(secret), all.join(","));
        let ask = format!("POST /v1.0/{PROJECT}/graphs/g/action?action_id={place}&x={percent}");
        let headers = [format!("{header}: {secret}"), format!("X-Other: {percent} {}", in_json(secret))];
        let headers = headers.each_ref().map(String::as_str);
        assert!(http(address, &ask, &headers, &body).starts_with("HTTP/1.1 "), "no answer");
    }
}

/// A started command that says where it listens. It is killed where a test fails.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// What it prints is in the files NAME.out and NAME.err of the folder.
    fn start(folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let file = |kind: &str| File::create(folder.join(format!("{name}.{kind}"))).unwrap();
        let child = command(arguments)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdout(file("out"))
            .stderr(file("err"))
            .spawn()
            .unwrap();
        let mut running = Self { child, address: String::new() };
        let until = Instant::now() + Duration::from_secs(60);
        while running.address.is_empty() {
            assert!(Instant::now() < until, "{}", fs::read_to_string(folder.join(format!("{name}.err"))).unwrap());
            std::thread::sleep(Duration::from_millis(20));
            let text = fs::read_to_string(folder.join(format!("{name}.out"))).unwrap();
            if let Some((line, _)) = text.split_once('\n') {
                line.strip_prefix("listening on http://").unwrap().clone_into(&mut running.address);
            }
        }
        running
    }

    /// Asks it to end, and waits.
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
    command.args(arguments).env("RUST_LOG", "trace");
    command
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// One request in JSON, and the whole answer.
fn http(address: &str, ask: &str, headers: &[&str], body: &str) -> String {
    let answer = send(address, ask, &[headers, &["Content-Type: application/json"]].concat(), body);
    format!("{}\r\n\r\n{}", answer.head, answer.body)
}

/// A service that sends back what it was sent, in every spelling, and with every second answer no JSON.
fn echo_server() -> Server {
    Server::start(|request, stream| {
        let at = request.connection;
        let request = request.text();
        let body = echo(&request);
        let body = if at.is_multiple_of(2) { body } else { format!("not JSON: {request} {body}") };
        let status = ["200 OK", "400 Bad Request", "403 Forbidden"][at % 3];
        let mut headers = "Content-Type: application/json\r\nConnection: close\r\n".to_owned();
        for (at, value) in values(&request).enumerate() {
            for (spelling, text) in spellings(value) {
                write!(headers, "X-Echo-{at}-{}: {text}\r\n", spelling.replace(' ', "-")).unwrap();
            }
        }
        test_support::write(stream, reply(status, &headers, &body));
        Then::Close
    })
}

/// The values of the headers that carry secrets.
fn values(request: &str) -> impl Iterator<Item = &str> {
    let lines = request.split("\r\n\r\n").next().unwrap_or_default().lines();
    lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.to_ascii_lowercase().ends_with("token").then_some(value)
    })
}

/// A JSON object with the headers that carry secrets, in every spelling, and with the body.
fn echo(request: &str) -> String {
    let mut members = format!("\"errorCode\": \"GES.1\", \"errorMessage\": \"{}\"", in_json(request));
    for (at, value) in values(request).enumerate() {
        for (spelling, text) in spellings(value) {
            // What JSON escapes stays as it is: its quotes are escaped already.
            let text = if spelling.starts_with("JSON") { text } else { in_json(&text) };
            write!(members, ", \"{at} {spelling}\": \"{text}\"").unwrap();
        }
    }
    format!("{{{members}}}")
}

/// Where `text` has `secret`, in which spelling.
fn found(secret: &str, text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut leaks = Vec::new();
    for (spelling, needle) in spellings(secret) {
        if let Some(at) = text.find(&needle) {
            let around: String = text[..at].chars().rev().take(120).collect();
            leaks.push(format!("{spelling}: {}{needle}", around.chars().rev().collect::<String>()));
        }
    }
    leaks
}

/// Every spelling of a secret that is searched for.
fn spellings(secret: &str) -> Vec<(String, String)> {
    let quoted = in_json(secret);
    let mut all = vec![
        ("plain".to_owned(), secret.to_owned()),
        ("JSON".to_owned(), quoted.clone()),
        ("JSON slashes".to_owned(), quoted.replace('/', "\\/")),
        ("JSON twice".to_owned(), in_json(&quoted)),
        ("percent".to_owned(), percent_encoded(secret, false)),
        ("percent lower".to_owned(), percent_encoded(secret, true)),
        ("HTML".to_owned(), secret.replace('&', "&amp;").replace('"', "&quot;")),
    ];
    // In the middle of something longer, base64 looks different three ways.
    for before in 0..3 {
        let bytes = [&b"::"[..before.min(2)], secret.as_bytes()].concat();
        let whole = bytes.len() * 4 / 3;
        let from = [0, 2, 3][before];
        all.push((format!("base64 {before}"), BASE64_STANDARD_NO_PAD.encode(&bytes)[from..whole].to_owned()));
        all.push((format!("base64url {before}"), BASE64_URL_SAFE_NO_PAD.encode(&bytes)[from..whole].to_owned()));
    }
    all
}

fn in_json(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n")
}

fn percent_encoded(text: &str, lower: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ if lower => write!(encoded, "%{byte:02x}").unwrap(),
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
        encoded
    })
}
