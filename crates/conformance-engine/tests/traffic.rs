//! Judging recorded traffic: the findings, and that they survive writing and reading.

#![allow(clippy::unwrap_used)]

mod support;

use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::recorded::Recorded;
use conformance_engine::report::{DocumentName, Entry, Format, Origin, Outcome, Report, SCHEMA};
use conformance_engine::traffic::recording::Recording;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};
use proptest::prelude::*;
use serde_json::{Value, json};

fn contract() -> Contract {
    let id = json!({"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 8});
    let error = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        "rules": {"/flight": "blank"}});
    let launched = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Flight"}}},
        "rules": {"/flight": "id", "/error": "blank"}});
    let act = |name: &str, body: Value| {
        json!({"id": name, "method": "POST", "path": "/rockets/{rocket}", "constants": {"act": name},
            "parameters": [
                {"name": "rocket", "in": "path", "required": true, "schema": id},
                {"name": "speed", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                {"name": "crew", "in": "query", "style": "repeated",
                 "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
                {"name": "X-Mission", "in": "header", "required": true, "schema": {"type": "integer"}}],
            "credential": {"name": "X-Key", "in": "header"},
            "body": body, "responses": {"200": launched, "4XX": error, "401": {"rules": {"/flight": "blank"}}}})
    };
    let body = json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["fuel"], "properties": {"fuel": {"type": "string", "minLength": 2}}}}}});
    let text =
        json!({"200": {"content": {"text/*": {}, "application/json": {"schema": {"type": "array"}}}}, "204": {}});
    let contract = json!({"title": "Rockets", "version": "1", "base_paths": ["/api"], "operations": [
        act("launch", body), act("land", Value::Null),
        {"id": "list", "method": "GET", "path": "/rockets/all", "responses": text},
        {"id": "show", "method": "GET", "path": "/rockets/{rocket}.{form}", "responses": text},
    ], "schemas": {
        "Flight": {"type": "object", "properties": {"flight": {"type": "string"}, "error": {"type": "string"}}},
        "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
    }});
    let mut contract: Value = contract;
    // `null` is not how a contract says that there is no body.
    contract["operations"][1].as_object_mut().unwrap().remove("body");
    Contract::from_json(&contract.to_string()).unwrap()
}

const GOOD: [(&str, &str); 3] = [("content-type", "application/json"), ("X-Mission", "7"), ("X-Key", "k")];
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

type Headers<'h> = &'h [(&'h str, &'h str)];

/// A HAR file with one entry.
fn har(request: (&str, &str, Headers<'_>, Option<&str>), reply: (u16, Headers<'_>, &str)) -> Value {
    let headers = |headers: Headers<'_>| -> Value {
        headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let mut entry = json!({
        "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 12,
        "request": {"method": request.0, "url": request.1, "headers": headers(request.2)},
        "response": {"status": reply.0, "headers": headers(reply.1),
            "content": {"size": reply.2.len(), "text": reply.2}},
    });
    if let Some(body) = request.3 {
        entry["request"]["postData"] = json!({"mimeType": "", "text": body});
    }
    json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [entry]}})
}

fn judge(recording: Recording, side: JudgedSide) -> Vec<Entry> {
    let contract = contract();
    Watcher::new(&contract, None, Level::Documented, side).replay(recording)
}

fn line(entry: &Entry) -> String {
    let mut line = entry.outcome.name().to_owned();
    if let Some(operation) = &entry.operation {
        line += &format!(" {operation}");
    }
    for finding in &entry.findings {
        line += &format!("; {}: {}", finding.side.name(), finding.shown());
    }
    if let Some(reason) = &entry.reason {
        line += &format!("; {reason}");
    }
    line
}

#[track_caller]
fn check(request: (&str, &str, Headers<'_>, Option<&str>), reply: (u16, Headers<'_>, &str), expected: &str) {
    let recording = Recording::read(har(request, reply).to_string().as_bytes()).unwrap();
    assert_eq!(line(&judge(recording, JudgedSide::Both)[0]), expected);
}

const FUEL: Option<&str> = Some(r#"{"fuel": "kerosene"}"#);
const FLIGHT: &str = r#"{"flight": "f-1"}"#;
const LAUNCH: &str = "http://h/rockets/r-1?act=launch";

#[test]
fn an_exchange_finds_its_operation() {
    check(("POST", LAUNCH, &GOOD, FUEL), (200, &JSON, FLIGHT), "pass launch");
    check(("post", "https://h:8/api/rockets/r%2D1?x=&act=land#f", &GOOD, None), (200, &JSON, FLIGHT), "pass land");
    check(("GET", "/rockets/all", &[], None), (200, &JSON, "[]"), "pass list");
    check(("GET", "http://h/rockets/r-1.txt", &[], None), (200, &[("content-type", "text/plain")], "x"), "pass show");
}

#[test]
fn what_is_no_operation_says_why() {
    let nothing = (404, &JSON[..], "{}");
    check(("GET", "http://h/planets", &[], None), nothing, "unmatched; no operation has the path /planets");
    check(("GET", "http://h/rockets/", &[], None), nothing, "unmatched; no operation has the path /rockets/");
    let below = "unmatched; no operation has the path /x/y/rockets/all; is /x/y its base path?";
    check(("GET", "http://h/x/y/rockets/all?z=1", &[], None), nothing, below);
    check(("PUT", "http://h/rockets/r-1", &[], None), nothing, "unmatched; the path /rockets/r-1 takes POST, not PUT");
    let one_of = "unmatched; the path /rockets/{rocket} needs one of act=land, act=launch";
    check(("POST", "http://h/rockets/r-1?act=explode", &GOOD, None), nothing, one_of);
    check(("POST", "http://h/rockets/r-1", &GOOD, None), nothing, one_of);
}

#[test]
fn a_wrong_request_is_told_apart_from_a_wrong_reply() {
    let ok = (200, &JSON[..], FLIGHT);
    let url = "http://h/rockets/NO?act=launch&speed=0&crew=a&crew=b&crew=c";
    check(
        ("POST", url, &[("content-type", "application/json"), ("x-mission", "seven")], Some(r#"{"fuel": "x"}"#)),
        (200, &JSON, r#"{"flight": 1, "error": "none"}"#),
        "fail launch; request: the path variable `rocket`: expected a match of ^[a-z0-9-]+$, found \"NO\"; \
         request: the query parameter `speed`: expected at least 1, found 0; \
         request: the query parameter `crew`: expected at most 2 elements, found 3; \
         request: the header `X-Mission`: expected type integer, found seven; \
         request: /fuel: expected at least 2 characters, found 1: \"x\" (minLength); \
         reply: /error: expected nothing here (absent, null or empty), found \"none\"; \
         reply: /flight: expected an identifier (a string that is not empty), found 1; \
         reply: accepted a request that the document forbids: \
         the path variable `rocket`: expected a match of ^[a-z0-9-]+$, found \"NO\" (and 4 more)",
    );
    let accepted = |fault: &str| {
        format!("fail launch; request: {fault}; reply: accepted a request that the document forbids: {fault}")
    };
    check(("POST", LAUNCH, &GOOD, None), ok, &accepted("expected a body, found none"));
    check(
        ("POST", LAUNCH, &[("content-type", "text/plain"), ("X-Mission", "7")], FUEL),
        ok,
        "fail launch; request: expected content-type application/json, found text/plain",
    );
    check(("POST", LAUNCH, &GOOD[..1], FUEL), ok, &accepted("expected the header `X-Mission`, found none"));
    check(
        ("POST", LAUNCH, &GOOD, Some("{\"fuel\": \"ab\"}x")),
        ok,
        &accepted("expected JSON, found more after the value (line 1, column 15): x"),
    );
}

#[test]
fn a_reply_is_judged_by_its_status() {
    let request = ("POST", LAUNCH, &GOOD[..], FUEL);
    check(request, (409, &JSON, r#"{"error": "busy"}"#), "pass launch");
    check(request, (409, &JSON, "{}"), "fail launch; reply: /error: expected this member, found none (required)");
    check(request, (401, &[("content-type", "text/html")], "<html>"), "pass launch");
    let flight = "fail launch; reply: /flight: expected nothing here (absent, null or empty), found \"f-1\"";
    check(request, (401, &JSON, FLIGHT), flight);
    check(
        request,
        (502, &JSON, "oops"),
        "fail launch; reply: expected a documented status (200, 401, 4XX), found 502: oops",
    );
    check(
        request,
        (200, &[("content-type", "text/html")], "<html>"),
        "fail launch; reply: expected content-type application/json, found text/html; \
         reply: expected JSON, found markup: <html>",
    );
}

#[test]
fn what_is_not_in_the_recording_is_not_judged() {
    let mut without_body = har(("POST", LAUNCH, &GOOD, FUEL), (200, &JSON, ""));
    without_body["log"]["entries"][0]["response"]["content"] = json!({"size": 77, "mimeType": "application/json"});
    let mut without_reply = har(("POST", LAUNCH, &GOOD, FUEL), (0, &[], ""));
    without_reply["log"]["entries"][0]["response"]["_error"] = json!("net::ERR_CONNECTION_RESET");
    let blanked = har(
        ("POST", "http://h/rockets/***?act=launch&speed=%5BFiltered%5D", &[("X-Mission", "[REDACTED]"), GOOD[0]], FUEL),
        (200, &JSON, FLIGHT),
    );
    for (har, expected) in [
        (without_body, "unjudged launch; the body of the reply: the recording has only its size"),
        (without_reply, "unjudged launch; no reply: net::ERR_CONNECTION_RESET"),
        (blanked, "pass launch"),
    ] {
        let entries = judge(Recording::read(har.to_string().as_bytes()).unwrap(), JudgedSide::Both);
        assert_eq!(line(&entries[0]), expected);
    }
}

#[test]
fn whose_mistakes_count_can_be_chosen() {
    let har = har(("POST", LAUNCH, &GOOD, None), (502, &JSON, "oops")).to_string();
    let sides = |side| {
        let entry = judge(Recording::read(har.as_bytes()).unwrap(), side).remove(0);
        assert_eq!((entry.outcome, entry.notes.is_empty()), (Outcome::Fail, side == JudgedSide::Both));
        entry.findings.iter().map(|finding| finding.side.name()).collect::<Vec<_>>()
    };
    assert_eq!(sides(JudgedSide::Both), ["request", "reply"]);
    assert_eq!(sides(JudgedSide::Requests), ["request"]);
    assert_eq!(sides(JudgedSide::Replies), ["reply"]);
}

/// As Schemathesis writes it, as Ruby's VCR does (with its aliases and binary scalars), and as vcrpy does.
const CASSETTES: [&str; 3] = [
    r#"
command: 'st run'
recorded_with: 'Schemathesis 4.32.5'
http_interactions:
- id: 'eP4tZb'
  status: 'SUCCESS'
  generation: {time: 0.1, mode: negative}
  recorded_at: '2026-11-21T09:23:13.174280+00:00'
  request:
    uri: 'http://h/rockets/r-1?act=launch'
    method: 'POST'
    headers:
      "X-Mission":
      - "7"
      "X-Key":
      - "[Filtered]"
      "Content-Type":
      - "application/json"
    body:
      encoding: 'utf-8'
      string: "{\"fuel\": 7}"
  response:
    status:
      code: '409'
      message: "Conflict"
    elapsed: '0.002278'
    headers:
      "content-type":
      - "application/json"
    body:
      encoding: 'utf-8'
      base64_string: 'eyJlcnJvciI6ICJidXN5In0='
    http_version: '1.1'
- id: 'gone'
  request:
    uri: 'http://h/rockets/all'
    method: 'GET'
    headers:
  response: null
"#,
    r"
---
http_interactions:
- request:
    method: post
    uri: &u http://h/rockets/r-1?act=launch
    body: {encoding: UTF-8, string: !binary 'eyJmdWVsIjogNywg
        ImEiOiAxfQ=='}
    headers: {X-Mission: ['7'], Content-Type: [application/json]}
  response:
    status: {code: 409, message: Conflict}
    headers: {Content-Type: [application/json]}
    body: {encoding: UTF-8, string: '{}'}
    http_version: null
  recorded_at: Wed, 21 Nov 2026 09:23:13 GMT
recorded_with: VCR 6.2.0
",
    r"
interactions:
- request:
    body: null
    headers: {X-Mission: ['7']}
    method: POST
    uri: http://h/rockets/r-1?act=land
  response:
    body: {string: !!binary 'H4sIAAAAAAACA6tWSsvJTM8oUbJSUErTNVSqBQBItO1bEQAAAA=='}
    headers: {Content-Type: [application/json], Content-Encoding: [gzip]}
    status: {code: 200, message: OK}
version: 1
",
];

#[test]
fn cassettes_of_three_tools_are_read() {
    let lines = |text: &str| {
        let recording = Recording::read(text.as_bytes()).unwrap();
        judge(recording, JudgedSide::Both).iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(lines(CASSETTES[0]), ["pass launch", "unjudged list; no reply: none was recorded"]);
    assert_eq!(
        lines(CASSETTES[1]),
        ["fail launch; request: /fuel: expected a string, found a number: 7 (type); \
          reply: /error: expected this member, found none (required)"]
    );
    assert_eq!(lines(CASSETTES[2]), ["pass land"]);
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    for (text, expected) in [
        (&b"\xff"[..], "not text: bytes that are not UTF-8, from offset 0"),
        (b"{", "not JSON: EOF while parsing an object at line 1 column 1"),
        (b"a: [", "line "),
        (b"", "the file is empty"),
        (b"{\"log\": {}}", "neither a HAR file (`log.entries`) nor a VCR cassette (`http_interactions`)"),
    ] {
        let error = Recording::read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn one_bad_entry_costs_that_entry() {
    let mut har = har(("POST", LAUNCH, &GOOD, FUEL), (200, &JSON, FLIGHT));
    let entries = har["log"]["entries"].as_array_mut().unwrap();
    entries.push(json!({"request": {"method": "GET"}}));
    entries.push(json!(7));
    let lines: Vec<_> =
        judge(Recording::read(har.to_string().as_bytes()).unwrap(), JudgedSide::Both).iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "pass launch",
            "broken; the entry cannot be read: its request has no `method` or no `url`",
            "broken; the entry cannot be read: it has no `request`",
        ]
    );
}

#[test]
fn a_secret_of_one_exchange_is_in_no_report_of_any() {
    let mut file = har(("POST", LAUNCH, &[("X-Key", "s3cr3t-value")], FUEL), (200, &JSON, FLIGHT));
    let other = har(("GET", "http://h/rockets/all?x=s3cr3t-value", &[], None), (200, &JSON, "[\"s3cr3t-value\", 1]"));
    file["log"]["entries"].as_array_mut().unwrap().insert(0, other["log"]["entries"][0].clone());
    let report = report(judge(Recording::read(file.to_string().as_bytes()).unwrap(), JudgedSide::Both));
    for format in Format::ALL {
        let text = report.write(format).unwrap();
        assert!(!text.contains("s3cr3t-value"), "{}: {text}", format.name());
    }
}

fn report(entries: Vec<Entry>) -> Report {
    let document = DocumentName { title: "Rockets".to_owned(), version: "1".to_owned(), fingerprint: "00".to_owned() };
    Report::new(Origin::Replay, document, "a file".to_owned(), "documented".to_owned(), entries)
}

#[test]
fn a_line_to_repeat_traffic_names_no_secret_of_the_user() {
    let key = |scheme: &str, name: &str| json!({"scheme": scheme, "name": name, "in": "header"});
    let with = |mut one: Value, more: Value| {
        one["with"] = json!([more]);
        one
    };
    let basic = json!({"scheme": "staff", "name": "Authorization", "in": "header", "prefix": "Basic "});
    let mut named_only = key("user", "X-Key");
    named_only["named_only"] = json!(true);
    for (credential, headers, expected) in [
        (key("user", "X-Key"), [("X-Key", "k"), ("X-App-Token", "a")], ["X-Key: $SECRET", "X-App-Token: $SECRET"]),
        (
            with(key("user", "X-Key"), key("app-2", "X-App-Token")),
            [("X-Key", "k"), ("X-App-Token", "a")],
            ["X-Key: $SECRET", "X-App-Token: $SECRET"],
        ),
        (
            with(named_only, key("app", "X-App-Token")),
            [("X-Key", "k"), ("X-App-Token", "a")],
            ["X-Key: $SECRET", "X-App-Token: $SECRET"],
        ),
        (
            with(key("user", "X-Key"), basic),
            [("X-Key", "k"), ("Authorization", "Basic YTpi")],
            ["X-Key: $SECRET", "-u \"$SECRET\""],
        ),
    ] {
        let contract = json!({"title": "Locks", "version": "1", "operations": [
            {"id": "open", "method": "GET", "path": "/locks", "credential": credential, "responses": {"204": {}}}]});
        let contract = Contract::from_json(&contract.to_string()).unwrap();
        let mut watcher = Watcher::new(&contract, None, Level::Documented, JudgedSide::Both);
        let recording = har(("GET", "http://h/locks?api_key=s3cr3t-value", &headers, None), (204, &[], ""));
        let entries = watcher.replay(Recording::read(recording.to_string().as_bytes()).unwrap());
        let line = entries[0].curl.as_deref().unwrap();
        assert!(expected.iter().all(|part| line.contains(part)), "{line}");
        assert!(line.contains("?api_key=$SECRET\"") && line.matches('$').count() == 3, "{line}");
    }
}

#[test]
fn a_report_fits_its_schema_and_reads_as_itself() {
    let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let contract = contract();
    let mut watcher = Watcher::new(&contract, None, Level::Documented, JudgedSide::Both);
    let recordings = CASSETTES.iter().map(|cassette| Recording::read(cassette.as_bytes()).unwrap());
    let entries = recordings.flat_map(|recording| watcher.replay(recording)).collect();
    let mut report = report(entries);
    report.coverage = Some(watcher.coverage());
    let text = report.to_json();
    let errors: Vec<_> =
        schema.iter_errors(&serde_json::from_str(&text).unwrap()).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(Report::from_json(&text).as_ref(), Ok(&report));
    let newer = text.replace("\"report_version\": 1", "\"report_version\": 2");
    assert!(Report::from_json(&newer).unwrap_err().contains("version 2"));
}

/// One exchange of any kind, with everything awkward in it.
fn any_exchange() -> impl Strategy<Value = Recorded> {
    let target = prop_oneof![
        Just("/rockets/r-1?act=launch".to_owned()),
        Just("/rockets/all".to_owned()),
        Just("/planets".to_owned()),
        "/rockets/[a-zA-Z0-9%]{1,12}\\?act=(launch|land|x)&speed=[a-z0-9]{0,3}",
    ];
    let method = prop_oneof![Just("POST"), Just("GET"), Just("HEAD")];
    let body = || {
        prop_oneof![
            Just(b"{\"fuel\": \"ab\"}".to_vec()),
            Just(FLIGHT.as_bytes().to_vec()),
            Just(Vec::new()),
            any::<String>().prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..40),
        ]
    };
    let header = || ("[A-Za-z][A-Za-z-]{0,8}", "[ -~]{0,12}");
    let headers = || proptest::collection::vec(header(), 0..3);
    let status = prop_oneof![Just(200_u16), Just(401), Just(409), Just(204), 100_u16..600];
    (method, target, headers(), body(), proptest::option::of((status, headers(), body()))).prop_map(
        |(method, target, mut headers, body, reply)| {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
            let mut exchange = support::exchange(method, &format!("http://h{target}"), headers, body);
            match reply {
                Some((status, mut headers, body)) => {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                    exchange.reply = Some(conformance_engine::exchange::Reply {
                        status,
                        headers,
                        body: body.into(),
                        version: "HTTP/1.1".to_owned(),
                        ..Default::default()
                    });
                }
                None => exchange.trouble = Some("the connection was reset".to_owned()),
            }
            Recorded::whole("1".to_owned(), exchange)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_reads_back_and_is_judged_the_same(exchanges in proptest::collection::vec(any_exchange(), 1..4)) {
        let contract = contract();
        let mut watcher = Watcher::new(&contract, None, Level::Documented, JudgedSide::Both);
        let report = report(exchanges.into_iter().map(|exchange| watcher.see(exchange)).collect());
        for format in [Format::Har, Format::Vcr] {
            let text = report.write(format).unwrap();
            let again = judge(Recording::read(text.as_bytes()).unwrap(), JudgedSide::Both);
            prop_assert_eq!(again.len(), report.entries.len());
            for (before, after) in report.entries.iter().zip(&again) {
                prop_assert_eq!(before.outcome, after.outcome, "{}: {}\n{}", format.name(), line(before), line(after));
                prop_assert_eq!(&before.operation, &after.operation);
                prop_assert_eq!(&before.findings, &after.findings, "{}\n{}", format.name(), text);
                prop_assert_eq!(before.exchanges[0].reply.is_some(), after.exchanges[0].reply.is_some());
            }
        }
        for format in Format::ALL {
            prop_assert!(report.write(format).is_ok());
        }
    }

    #[test]
    fn a_file_that_was_changed_anywhere_panics_nobody(
        which in 0_usize..4,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..3), 1..6),
    ) {
        let text = match CASSETTES.get(which) {
            Some(cassette) => (*cassette).to_owned(),
            None => har(("POST", LAUNCH, &GOOD, FUEL), (200, &JSON, FLIGHT)).to_string(),
        };
        let mut bytes = text.into_bytes();
        for (at, byte, how) in cuts {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => _ = bytes.remove(at),
                _ => bytes.insert(at, byte),
            }
        }
        if let Ok(recording) = Recording::read(&bytes) {
            let report = report(judge(recording, JudgedSide::Both));
            for format in Format::ALL {
                prop_assert!(report.write(format).is_ok());
            }
        }
    }

    #[test]
    fn members_of_any_type_panic_nobody(place in 0_usize..12, value in prop_oneof![
        Just(Value::Null), Just(json!([])), Just(json!({})), Just(json!(-1)), Just(json!(1e300)), Just(json!("")),
        Just(json!(true)), any::<String>().prop_map(Value::from),
    ]) {
        const PLACES: [&str; 12] = [
            "/log/entries", "/log/entries/0", "/log/entries/0/request", "/log/entries/0/request/url",
            "/log/entries/0/request/method", "/log/entries/0/request/headers", "/log/entries/0/request/headers/0",
            "/log/entries/0/request/postData", "/log/entries/0/response", "/log/entries/0/response/status",
            "/log/entries/0/response/content", "/log/entries/0/time",
        ];
        let mut har = har(("POST", LAUNCH, &GOOD, FUEL), (200, &JSON, FLIGHT));
        *har.pointer_mut(PLACES[place]).unwrap() = value;
        if let Ok(recording) = Recording::read(har.to_string().as_bytes()) {
            prop_assert!(report(judge(recording, JudgedSide::Both)).write(Format::Html).is_ok());
        }
    }
}
