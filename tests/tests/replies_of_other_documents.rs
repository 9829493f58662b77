//! Servers of other documents: a right one is never accused, a wrong one is caught by the case of its operation.
//!
//! The documents are about response headers, ranges of statuses and of media types, formats, numbers, and bodies that are
//! no JSON. Each server is a script: the reply of the right one, or another in its place.

#![allow(clippy::unwrap_used)]

use conformance_engine::Address;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::Report;
use conformance_engine::run::{Options, Outcome, run};
use openapi_document::{Api, Document, suite};
use test_support::Server;

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Harbour, version: '1'}
paths:
  /berths:
    get:
      operationId: list_berths
      responses:
        '200':
          description: all
          headers:
            X-Total: {required: true, schema: {type: integer, minimum: 0}}
            X-Kinds: {schema: {type: array, items: {type: string, enum: [quay, buoy]}}}
            Last-Modified: {schema: {type: string, maxLength: 40}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Berth'}}
              example: [{id: 08a898ae-3ff8-40e8-a7ed-03afe05aedbb, since: 2024-05-01, depth: 4.25, mooring: {kind: quay, bollards: 2}}]
            text/csv: {schema: {type: string, pattern: '^id;'}}
    post:
      operationId: reserve
      responses:
        2XX:
          description: done
          headers: {Location: {required: true, schema: {type: string, format: uri-reference}}}
          content: {'*/*': {schema: {$ref: '#/components/schemas/Berth'}}}
        default: {description: not done}
  /tide:
    get:
      operationId: tide
      responses:
        '200': {description: in cm, content: {text/plain: {schema: {type: integer, minimum: -999}, example: 12}}}
  /log:
    get:
      operationId: log
      responses:
        '200':
          description: lines
          content: {application/x-ndjson: {schema: {type: object, required: [at], properties: {at: {type: string, format: date-time}}}}}
  /chart:
    get:
      operationId: chart
      responses:
        '200': {description: a chart, content: {application/xml: {schema: {type: object}}}}
components:
  schemas:
    Berth:
      type: object
      required: [id, mooring]
      properties:
        id: {type: string, format: uuid}
        since: {type: string, format: date}
        depth: {type: number, maximum: 20.000000000000000001}
        serial: {type: integer, const: 12345678901234567890123}
        photo: {type: string, format: byte}
        address: {type: string, format: ipv6}
        pin: {type: string, writeOnly: true}
        mooring:
          oneOf: [{$ref: '#/components/schemas/Quay'}, {$ref: '#/components/schemas/Buoy'}]
          discriminator: {propertyName: kind, mapping: {quay: Quay, buoy: Buoy}}
    Quay: {type: object, required: [kind], properties: {kind: {type: string}, bollards: {type: integer}}}
    Buoy: {type: object, required: [kind], properties: {kind: {type: string}, chain: {type: string}}}
";

/// Status, lines of the head, body.
#[derive(Clone)]
struct Reply(u16, Vec<String>, String);

fn berth() -> String {
    r#"{"id": "08a898ae-3ff8-40e8-a7ed-03afe05aedbb", "since": "2024-02-29", "depth": 4.5, "mooring": {"kind": "quay", "bollards": 2}}"#
        .to_owned()
}

/// What the right server answers.
fn right(method: &str, path: &str) -> Reply {
    let reply = |status, lines: &[&str], body: String| {
        Reply(status, lines.iter().map(|line| (*line).to_owned()).collect(), body)
    };
    match (method, path) {
        ("GET", "/berths") => {
            reply(200, &["Content-Type: application/json", "X-Total: 1", "X-Kinds: quay"], format!("[{}]", berth()))
        }
        ("POST", "/berths") => reply(201, &["Content-Type: application/json", "Location: /berths/1"], berth()),
        (_, "/tide") => reply(200, &["Content-Type: text/plain"], "12".to_owned()),
        (_, "/log") => reply(
            200,
            &["Content-Type: application/x-ndjson"],
            "{\"at\": \"2024-05-01T12:00:00Z\"}\n{\"at\": \"2024-05-01T12:00:01.5+02:00\"}\n".to_owned(),
        ),
        (_, "/chart") => reply(200, &["Content-Type: application/xml"], "<chart/>".to_owned()),
        _ => reply(404, &[], String::new()),
    }
}

/// A run against a server that answers one operation in its own way.
fn ran(method: &'static str, path: &'static str, change: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> Report {
    let server = Server::start(move |request, stream| {
        let mut words = request.head.split(' ');
        let (called, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let target = target.split('?').next().unwrap().to_owned();
        let reply = right(&called, &target);
        let Reply(status, lines, body) = if called == method && target == path { change(reply) } else { reply };
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        test_support::write(stream, format!("HTTP/1.1 {status} S\r\n{lines}{length}\r\n{body}"));
        test_support::server::Then::KeepOpen
    });
    let document = Document::read("harbour.yaml", DOCUMENT).map_err(|found| found.to_string()).unwrap();
    let suite = suite(&Api::of(&document));
    let environment = Environment::default();
    // This server knows no other requests.
    let kinds = ["documented", "described"].map(str::to_owned).into();
    let selection = Selection { kinds, ..Selection::default() };
    let plan = Plan::new(&suite, &environment, &selection).unwrap();
    let options = Options::new(Address::endpoint(&server.url).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&plan, &options, |_| {})).unwrap()
}

fn failed(report: &Report) -> Vec<(String, String)> {
    let failed =
        report.entries.iter().filter(|entry| entry.outcome != Outcome::Pass && entry.outcome != Outcome::Skipped);
    let first = |entry: &conformance_engine::report::Entry| {
        entry.findings.first().map(|it| it.shown()).or(entry.reason.clone()).unwrap_or_default()
    };
    failed.map(|entry| (entry.operation.clone().unwrap_or_default(), first(entry))).collect()
}

/// Replaces the lines of the head that begin like this one, or adds it.
fn with(line: &'static str) -> impl Fn(Reply) -> Reply {
    move |Reply(status, mut lines, body)| {
        let name = line.split(':').next().unwrap();
        lines.retain(|known| !known.starts_with(name));
        if line.contains(':') {
            lines.push(line.to_owned());
        }
        Reply(status, lines, body)
    }
}

fn body(from: &'static str, to: &'static str) -> impl Fn(Reply) -> Reply {
    move |Reply(status, lines, body)| {
        assert!(body.contains(from), "{body}");
        Reply(status, lines, body.replace(from, to))
    }
}

type Change = Box<dyn Fn(Reply) -> Reply + Send + Sync>;

#[test]
fn wrong_servers_are_caught() {
    let rows: Vec<(&str, &str, &str, Change, &str)> = vec![
        ("list_berths", "GET", "/berths", Box::new(with("X-Total")), "expected the header `X-Total`, found none"),
        ("list_berths", "GET", "/berths", Box::new(with("X-Total: many")), "the header `X-Total`: expected an integer"),
        ("list_berths", "GET", "/berths", Box::new(with("X-Total: -1")), "the header `X-Total`: expected at least 0"),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(with("X-Kinds: quay, jetty")),
            "the header `X-Kinds`: /1: expected one of",
        ),
        ("list_berths", "GET", "/berths", Box::new(body("03afe05aedbb", "03afe05aedb")), "/0/id: expected a UUID"),
        ("list_berths", "GET", "/berths", Box::new(body("2024-02-29", "2023-02-29")), "/0/since: expected a date"),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("4.5", "20.000000000000000002")),
            "/0/depth: expected at most 20.000000000000000001",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("4.5", "4.5, \"serial\": 12345678901234567890124")),
            "/0/serial: expected 12345678901234567890123, found 12345678901234567890124",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("4.5", "4.5, \"photo\": \"not base64\"")),
            "/0/photo: expected text in base64",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("4.5", "4.5, \"address\": \"10.0.0.1\"")),
            "/0/address: expected an IPv6",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("4.5", "4.5, \"pin\": \"1234\"")),
            "/0/pin: expected no such member in a reply",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("\"quay\"", "\"jetty\"")),
            "/0/mooring/kind: expected one of quay, buoy",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(body("2}}", "\"two\"}}")),
            "/0/mooring/bollards: expected an integer",
        ),
        ("list_berths", "GET", "/berths", Box::new(with("Content-Type: text/csv")), "expected a match of ^id;"),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(with("Content-Type: application/problem+json")),
            "expected content-type application/json, text/csv",
        ),
        (
            "list_berths",
            "GET",
            "/berths",
            Box::new(|Reply(_, lines, body)| Reply(204, lines, body)),
            "expected status 200, found 204",
        ),
        ("reserve", "POST", "/berths", Box::new(with("Location")), "expected the header `Location`, found none"),
        (
            "reserve",
            "POST",
            "/berths",
            Box::new(with("Location: no address")),
            "the header `Location`: expected an address",
        ),
        ("reserve", "POST", "/berths", Box::new(with("Content-Type: application/vnd.b+json")), ""),
        ("reserve", "POST", "/berths", Box::new(body("\"quay\"", "1")), "/mooring"),
        (
            "reserve",
            "POST",
            "/berths",
            Box::new(|Reply(_, lines, _)| Reply(202, lines, "{}".to_owned())),
            "/id: expected this member",
        ),
        (
            "reserve",
            "POST",
            "/berths",
            Box::new(|Reply(_, lines, body)| Reply(302, lines, body)),
            "expected status 200, found 302",
        ),
        ("tide", "GET", "/tide", Box::new(body("12", "high")), "expected an integer, found a string: \"high\""),
        ("tide", "GET", "/tide", Box::new(body("12", "-1000")), "expected at least -999, found -1000"),
        ("tide", "GET", "/tide", Box::new(body("12", "")), "expected a body, found none"),
        (
            "log",
            "GET",
            "/log",
            Box::new(body("2024-05-01T12:00:01.5+02:00", "noon")),
            "/1/at: expected a date and time",
        ),
        ("log", "GET", "/log", Box::new(body("\n{", "\n[{")), "expected a sequence of JSON texts"),
        ("chart", "GET", "/chart", Box::new(body("<chart/>", "{\"chart\": 1}")), "expected XML, found"),
    ];
    let rows: Vec<_> = rows.into_iter().filter(|row| !row.4.is_empty()).collect();
    assert!(rows.len() >= 20);
    for (operation, method, path, change, expected) in rows {
        let found = failed(&ran(method, path, change));
        let is_caught = found.iter().any(|(id, text)| id == operation && text.starts_with(expected));
        assert!(is_caught, "{operation}, {expected}: found {found:?}");
    }
}

#[test]
fn right_servers_are_not_accused() {
    let rows: Vec<(&str, &str, Change)> = vec![
        ("GET", "/berths", Box::new(|reply| reply)),
        ("GET", "/berths", Box::new(with("X-Kinds"))),
        ("GET", "/berths", Box::new(with("X-Kinds: quay,buoy, quay"))),
        ("GET", "/berths", Box::new(with("X-Rate-Limit: whatever"))),
        (
            "GET",
            "/berths",
            Box::new(|Reply(status, lines, body)| {
                Reply(status, lines.iter().map(|line| line.to_uppercase().replace("QUAY", "quay")).collect(), body)
            }),
        ),
        (
            "GET",
            "/berths",
            Box::new(|Reply(status, mut lines, body)| {
                lines.push("x-kinds: buoy".to_owned());
                Reply(status, lines, body)
            }),
        ),
        (
            "GET",
            "/berths",
            Box::new(|Reply(status, mut lines, _)| {
                lines[0] = "Content-Type: text/csv; charset=utf-8".to_owned();
                Reply(status, lines, "id;since\r\n1;2\r\n".to_owned())
            }),
        ),
        ("GET", "/berths", Box::new(body("4.5", "20.000000000000000001"))),
        ("GET", "/berths", Box::new(body("4.5", "4.5, \"serial\": 12345678901234567890123"))),
        ("GET", "/berths", Box::new(body("4.5", "4.5, \"serial\": 12345678901234567890123.0"))),
        ("GET", "/berths", Box::new(body("4.5", "4.5, \"photo\": \"aGVsbG8=\", \"address\": \"fe80::1\""))),
        ("GET", "/berths", Box::new(body("\"quay\", \"bollards\": 2", "\"buoy\", \"bollards\": \"none\""))),
        ("GET", "/berths", Box::new(body("08a898ae", "08A898AE"))),
        ("POST", "/berths", Box::new(|Reply(_, lines, body)| Reply(200, lines, body))),
        ("POST", "/berths", Box::new(with("Content-Type: application/vnd.b+json"))),
        ("POST", "/berths", Box::new(with("Location: https://example.org/berths/1?a#b"))),
        (
            "POST",
            "/berths",
            Box::new(|Reply(status, mut lines, _)| {
                lines[0] = "Content-Type: application/pdf".to_owned();
                Reply(status, lines, "%PDF".to_owned())
            }),
        ),
        ("GET", "/tide", Box::new(body("12", "-999\n"))),
        ("GET", "/tide", Box::new(with("Content-Type: Text/Plain; charset=UTF-8"))),
        ("GET", "/log", Box::new(body("\n{", "\r\n\n{"))),
        (
            "GET",
            "/log",
            Box::new(|Reply(status, lines, _)| Reply(status, lines, "{\"at\":\"2024-05-01t12:00:00z\"}".to_owned())),
        ),
    ];
    assert!(rows.len() >= 15);
    for (index, (method, path, change)) in rows.into_iter().enumerate() {
        let report = ran(method, path, change);
        assert_eq!(failed(&report), [], "row {index}");
        // The chart is XML, of which the schema is not judged; and the summary counts it.
        let unjudged: Vec<_> = report.entries.iter().filter(|entry| !entry.unjudged.is_empty()).collect();
        assert!(unjudged.iter().any(|entry| entry.unjudged == ["the schema of application/xml"]), "row {index}");
        assert_eq!(report.counts.in_part, unjudged.len());
    }
}
