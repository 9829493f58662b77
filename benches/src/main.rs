//! The workloads of `cargo xtask bench gate`: `benches NAME COUNT` runs one of them COUNT times.
//!
//! For `cargo xtask bench gate`, which counts instructions. What is not done each time (starting a service, connecting) is
//! done before, whatever the count: the difference between two counts is the thing itself.

#![allow(clippy::unwrap_used)]

mod document;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use bytes::Bytes;
use conformance_engine::check::{Level, compare};
use conformance_engine::exchange::Reply;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::schema::Schemas;
use conformance_engine::{Known, Secret};
use ges_client::Client;
use ges_client::credentials::Token;
use ges_emulator::{Config, Emulator, Limits, ProviderState};
use http::Request;
use openapi_document::{Api, Document, check, contract, suite};
use specwright_codegen::Artefact;
use specwright_redaction::{Format, Redactor};

/// Name, how often it is done when it is counted, and what it is.
type Workload = (&'static str, u32, fn(u32));

/// A new one is a line here and a run of
/// `cargo xtask bench gate --accept`.
const WORKLOADS: [Workload; 9] = [
    ("codegen_of_five_operations", 2, five_operations),
    ("reading_of_100_operations", 1, one_reading),
    ("plan_of_100_operations", 1, one_plan),
    ("emulator_request", 500, one_request),
    ("client_call", 200, one_call),
    ("comparison", 500, one_comparison),
    ("redact", 200, one_redaction),
    ("redact_hostile", 1, hostile_redaction),
    ("redact_learnt", 1, learnt_secrets),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => WORKLOADS.iter().for_each(|(name, count, _)| println!("{name} {count}")),
        [name, count] => {
            let (.., work) = WORKLOADS.iter().find(|(known, ..)| known == name).expect("one of those listed");
            work(count.parse().expect("a number"));
        }
        _ => panic!("expected NAME COUNT, or nothing to list the names"),
    }
}

/// Everything that is derived from the document of the five operations.
fn five_operations(count: u32) {
    let text = include_str!("../../spec/ges.yaml");
    let wanted = [Artefact::Client { inner: None }, Artefact::Enums, Artefact::Cases, Artefact::Merged];
    let wanted = wanted.map(|artefact| (artefact, PathBuf::new()));
    for _ in 0..count {
        black_box(specwright_codegen::generate("spec/ges.yaml", black_box(text), &wanted).unwrap());
    }
}

/// A document of a hundred operations is read, and checked against all rules.
fn one_reading(count: u32) {
    let text = document::document(100);
    for _ in 0..count {
        let document = Document::read("document.json", black_box(&text)).unwrap();
        assert!(black_box(check(&Api::of(&document))).0.is_empty());
    }
}

/// All that follows from a hundred operations is derived, and the run of it is planned.
fn one_plan(count: u32) {
    let document = Document::read("document.json", &document::document(100)).unwrap();
    let credentials = Known::of(Some(&Secret::new("a token")), &BTreeMap::new(), false);
    let environment = Environment { credentials, ..Environment::default() };
    for _ in 0..count {
        let api = Api::of(black_box(&document));
        black_box(contract(&api));
        let suite = suite(&api);
        let plan = Plan::new(&suite, &environment, &Selection::default()).unwrap();
        assert!(black_box(plan).steps().count() > 100);
    }
}

/// A restart: a token is checked, an address and a body are read, a job is made and ends, an answer is written, and the
/// journal forgets the oldest. Without a socket.
fn one_request(count: u32) {
    // As many jobs and entries of the journal as there can be, from the first one that is counted.
    let limits = Limits { jobs: 10, journal: 10, ..Limits::default() };
    let emulator = Emulator::new(Config { limits, tokens: vec!["token".to_owned()], ..Config::default() });
    let given = emulator.set_up(ProviderState::RunningGraph);
    let address = format!("/v1.0/{}/graphs/{}/action?action_id=restart", given.project_id, given.graph_id);
    let request = || {
        let request = Request::post(&address).header("x-auth-token", "token").header("host", "localhost");
        emulator.answer(request.body(Bytes::from_static(b"{}")).unwrap())
    };
    (0..20).for_each(|_| assert_eq!(request().status(), 200));
    (0..count).for_each(|_| drop(black_box(request())));
}

/// The start of a graph from a backup, with a token, over a connection that is kept. The other end of it is in this
/// process and costs some hundred instructions.
fn one_call(count: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let endpoint = format!("http://{}", answering());
        let project = "0123456789abcdef0123456789abcdef";
        // As long as real ones are.
        let token = Token::new("M".repeat(2_000)).unwrap();
        let ges = Client::builder().endpoint(endpoint).project_id(project).credentials(token).build().unwrap();
        for _ in 0..20 + count {
            let start = ges.start_graph("4c5f882d-a813-4d78-a8e3-6d3212ddd121");
            let start = start.body_map(|body| body.graph_backup_id("08a898ae-3ff8-40e8-a7ed-03afe05aedbb".to_owned()));
            assert!(black_box(start.send().await).unwrap().job_id.is_some());
        }
    });
}

/// The address of a server that gives every request on one connection the same answer, and reads no more than the end of
/// its body.
fn answering() -> SocketAddr {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 44\r\n\r\n\
        {\"jobId\":\"ff8080816025a0a1016025a5a2700007\"}";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 8192];
        let mut end = 0;
        while let Ok(read @ 1..) = stream.read(&mut buffer[end..]) {
            end += read;
            if buffer[..end].ends_with(b"}") {
                stream.write_all(ANSWER).unwrap();
                end = 0;
            }
        }
    });
    address
}

/// A good reply, judged by status, media type, schema and example.
fn one_comparison(count: u32) {
    let suite = ges_conformance::suite().unwrap();
    let schemas = Schemas::new(&suite.schemas);
    let case = suite.cases.iter().find(|case| case.id == "create_backup/accepted").unwrap();
    let reply = Reply {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())],
        ..Reply::default()
    };
    // A reply keeps the JSON that was read from it, so each comparison gets bytes of its own.
    let reply = || {
        let body =
            br#"{"job_id": "ff8080816025a0a1016025a5a2700007", "backup_id": "08a898ae-3ff8-40e8-a7ed-03afe05aedbb"}"#;
        Reply { body: body.to_vec().into(), ..reply.clone() }
    };
    assert!(compare(case, &schemas, &reply(), Level::Documented).mismatches.is_empty());
    for _ in 0..count {
        black_box(compare(black_box(case), &schemas, black_box(&reply()), Level::Documented));
    }
}

/// Secrets are kept out of one exchange, of which one header and one member are secrets, by a run that knows twenty others.
fn one_redaction(count: u32) {
    let mut redactor = Redactor::new();
    // As long as real ones are.
    redactor.known.add(&"MIIabc".repeat(300));
    (0..20).for_each(|number| redactor.known.add(&format!("a-secret-of-this-run-{number}")));
    let body = r#"{"graph": {"id": "4c5f882d-a813-4d78-a8e3-6d3212ddd121", "name": "graph", "status": "200", "adminPass": "one",
        "created": "2026-01-02T03:04:05", "sizeTypeIndex": 1, "vpcId": "2b3e7f0d-5f1c-4b5e-8f0e-1d2c3b4a5968", "edges": 100000}}"#;
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("x-request-id", "ff8080816025a0a1016025a5a2700007"),
        ("x-auth-token", "another-one"),
        ("server", "api-gateway"),
        ("strict-transport-security", "max-age=31536000; includeSubdomains;"),
    ];
    for _ in 0..count {
        let mut url = "https://ges.example.com/v2/0123456789abcdef0123456789abcdef/graphs?limit=10&offset=0".to_owned();
        redactor.text(&mut url, Format::Any);
        for (name, value) in headers {
            let mut value = value.to_owned();
            redactor.header(name, &mut value, false);
            black_box(value);
        }
        let body = body.as_bytes().to_vec();
        black_box(redactor.body(&body, "application/json").unwrap());
        black_box((url, body));
    }
}

/// Texts of 20 kB in which something begins everywhere and ends nowhere, among two hundred secrets. What goes back over a
/// text, or over the secrets, for each beginning takes many times as much.
fn hostile_redaction(count: u32) {
    const LENGTH: usize = 20_000;
    let pieces = [
        "name=\"a\" value='a{\"key\": [\"token:\n <tag key=a>://\\u0041%41&#65;eyJ, password",
        "<token>",
        "key='a",
        "\"key\": '",
        "token:",
        "{\"token\":[",
        "name=\"token\"",
        "… ",
        "%25",
        "QUJDQUJD",
        "=\n",
        ",auth:",
        "eyJ.",
        "eyJ-",
        "password:\r",
        "{auth:x ",
        "pat=x|",
        "\"key\":x|",
        "-----BEGIN PRIVATE KEY",
        "[\"token\",'",
        "[\"token\",'a",
        "(\"a\",",
        "- name: password\n",
        "- value: x\n",
        "<name>password</name>",
        "<value>x",
        "a,token\n",
        "a,token\n\"",
    ];
    let mut redactor = Redactor::new();
    (0..200).for_each(|number| redactor.known.add(&format!("secret-number-{number}")));
    let texts = pieces.map(|piece| piece.repeat(LENGTH / piece.len()));
    for _ in 0..count {
        for text in &texts {
            black_box(redactor.text(&mut text.clone(), Format::Any));
        }
    }
}

/// A thousand long secrets that begin alike are learnt, and each is found; three hundred begin the next one each, and nothing
/// but their letter is searched.
fn learnt_secrets(count: u32) {
    for _ in 0..count {
        let mut redactor = Redactor::new();
        for number in 0..1000 {
            let secret = format!("eyJhbGciOiJIUzI1NiJ9.{number:05}.{}", "x1Y2".repeat(150));
            redactor.known.learn([secret.as_str()]);
            assert!(redactor.known(&mut format!("a {secret} b")));
        }
        let mut redactor = Redactor::new();
        (6..306).for_each(|length| redactor.known.learn([format!("{}0", "a".repeat(length)).as_str()]));
        (6..306).for_each(|length| redactor.known.learn(["b".repeat(length).as_str()]));
        assert!(redactor.known(&mut format!("{} {}", "a".repeat(20_000), "b".repeat(20_000))));
    }
}
