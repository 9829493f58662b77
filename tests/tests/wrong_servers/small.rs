//! Small documents of other APIs, each with right servers that differ where the document lets them, and with wrong ones.

use std::collections::BTreeSet;
use std::sync::Mutex;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::{Outcome, Report};
use conformance_engine::run::{Options, run};
use conformance_engine::{Address, Known, Secret, suite::Suite};
use openapi_document::{Api, Document};
use serde_json::{Value, json};
use test_support::{Request, Server, Then, reply, write};

use crate::block_on;

/// Status, media type, body.
type Answer = (u16, &'static str, Value);

/// What a server answers, with the names of what it has so far.
type Serve = fn(&mut BTreeSet<String>, &Request) -> Answer;

fn json_of(status: u16, body: Value) -> Answer {
    (status, "application/json", body)
}

/// The report of a run with these credentials.
fn report(document: &str, token: Option<&str>, schemes: &[(&str, &str)], serve: Serve) -> Report {
    let document = Document::read("small.yaml", document).unwrap();
    let suite: Suite = openapi_document::suite(&Api::of(&document));
    let names = Mutex::new(BTreeSet::new());
    let server = Server::start(move |seen, stream| {
        let (status, media_type, body) = serve(&mut names.lock().unwrap(), seen);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write(stream, reply(&format!("{status} X"), &format!("Content-Type: {media_type}\r\n"), &body));
        Then::KeepOpen
    });
    let token = token.map(Secret::new);
    let credentials = schemes.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    let known = Known::of(token.as_ref(), &credentials, false);
    let reach = Environment { credentials: known, ..Environment::default() };
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let options = Options { token, credentials, ..Options::new(Address::endpoint(&server.url).unwrap()) };
    block_on(run(&plan, &options, |_| ())).unwrap()
}

/// The path and the query, whichever way they are written.
fn target(seen: &Request) -> String {
    let target = seen.target();
    let target = target.split_once("://").map_or(target, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let target = format!("/{}", target.trim_start_matches('/'));
    percent_encoding::percent_decode_str(&target).decode_utf8_lossy().into_owned()
}

/// The value of a header.
fn header<'r>(seen: &'r Request, name: &str) -> Option<&'r str> {
    let mut lines = seen.head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn ids(report: &Report, outcome: Outcome) -> Vec<&str> {
    report.entries.iter().filter(|entry| entry.outcome == outcome).map(|entry| entry.id.as_str()).collect()
}

#[track_caller]
fn check_right(report: &Report) {
    let failed = report.entries.iter().filter(|entry| matches!(entry.outcome, Outcome::Fail | Outcome::Broken));
    let failed: Vec<_> = failed.map(|entry| (&entry.id, &entry.reason, &entry.findings)).collect();
    assert!(failed.is_empty() && report.counts.pass > 0, "{failed:#?}");
}

#[track_caller]
fn check_wrong(report: &Report, case: &str, message: &str) {
    let found = report.entries.iter().find(|entry| entry.id == case).unwrap_or_else(|| panic!("no case {case}"));
    let messages = found.findings.iter().map(|it| format!("{} {}", it.pointer.as_deref().unwrap_or("-"), it.message));
    let messages: Vec<_> = messages.collect();
    let is_caught = found.outcome == Outcome::Fail && messages.iter().any(|text| text.contains(message));
    assert!(is_caught, "{case}: {:?} {:?} {messages:?}", found.outcome, found.reason);
}

const JARS: &str = r#"
openapi: 3.1.0
info: {title: Jars, version: '1'}
paths:
  /jars:
    post:
      operationId: add_jar
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string, minLength: 2}, note: {type: string}}}
            example: {name: plums, note: sweet}
      responses:
        '201': {description: d, content: {application/json: {schema: {type: object}, example: {id: j-1}}}}
        '400': {description: d}
        '422':
          description: d
          content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}
  /jars/{jar_id}:
    get:
      operationId: show_jar
      parameters: [{name: jar_id, in: path, required: true, schema: {type: string, pattern: '^j-[0-9]+$'}, example: j-1}]
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object}, example: {id: j-1}}}}
        '400': {description: d}
  /jars/{jar_id}/open:
    post:
      operationId: open_jar
      parameters: [{name: jar_id, in: path, required: true, schema: {type: string}, example: j-1}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [force], properties: {force: {type: integer, maximum: 9}}}
            example: {force: 3}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object}, example: {open: true}}}}
        '400': {description: d}
        '404': {description: d}
"#;

/// A jar of each name is added once, jar 1 is opened once, and what is wrong is refused.
fn jars(names: &mut BTreeSet<String>, seen: &Request) -> Answer {
    let body = serde_json::from_slice::<Value>(&seen.body).unwrap_or_default();
    let wrong = || json_of(400, json!({"error": "wrong"}));
    match (seen.method(), target(seen).as_str()) {
        ("POST", "/jars") => {
            let is_sound = body.get("note").is_none_or(Value::is_string);
            let Some(name) = body["name"].as_str().filter(|name| name.chars().count() > 1 && is_sound) else {
                return json_of(422, json!({"why": "the name"}));
            };
            if names.insert(name.to_owned()) { json_of(201, json!({"id": "j-1"})) } else { json_of(409, json!({})) }
        }
        ("POST", "/jars/j-1/open") => {
            if !names.contains("opened") && body["force"].as_i64().is_some_and(|force| force <= 9) {
                names.insert("opened".to_owned());
                return json_of(200, json!({"open": true}));
            }
            if names.contains("opened") { json_of(404, json!({})) } else { wrong() }
        }
        ("GET", "/jars/j-1") => json_of(200, json!({"id": "j-1"})),
        ("GET", _) => json_of(404, json!({})),
        ("POST", target) if target.ends_with("/open") => json_of(404, json!({})),
        _ => json_of(405, json!({})),
    }
}

#[test]
fn a_refusal_that_the_unchanged_request_meets_too_is_not_judged() {
    let report = report(JARS, None, &[], jars);
    check_right(&report);
    let unjudged = ids(&report, Outcome::Unjudged);
    for id in
        ["add_jar/permitted/body.note.absent", "open_jar/derived/body.force.missing", "open_jar/permitted/wire.spaces"]
    {
        assert!(unjudged.contains(&id), "{id}: {unjudged:#?}");
    }
    let reason = |id: &str| report.entries.iter().find(|entry| entry.id == id).unwrap().reason.clone().unwrap();
    assert_eq!(
        reason("add_jar/permitted/body.note.absent"),
        "refused with 409, which may have another reason: the unchanged request, of add_jar/example, is now answered 409 \
         as well"
    );
}

#[test]
fn an_unknown_address_is_refused_with_404_whatever_is_documented() {
    let report = report(JARS, None, &[], jars);
    let broken: Vec<_> = report.entries.iter().filter(|it| it.id.starts_with("show_jar/derived/path.")).collect();
    assert!(!broken.is_empty() && broken.iter().all(|entry| entry.outcome == Outcome::Pass));
    let notes = |text: &str| broken.iter().any(|entry| entry.notes.iter().any(|note| note.text == text));
    assert!(notes("refused with 404, which is not documented, where 400 says it best"));
}

#[test]
fn a_permitted_request_that_is_refused_by_itself_is_a_failure() {
    fn serve(_: &mut BTreeSet<String>, seen: &Request) -> Answer {
        let body = seen.body_text();
        let is_refused = target(seen) == "/jars" && body.contains("plums") && !body.contains("note");
        if is_refused { json_of(409, json!({})) } else { jars(&mut BTreeSet::new(), seen) }
    }
    let case = "add_jar/permitted/body.note.absent";
    check_wrong(&report(JARS, None, &[], serve), case, "expected status 201, found 409");
}

#[test]
fn a_server_that_remembers_one_request_only_is_right() {
    // It answers the same request as before alike, and refuses another one in its place, once.
    fn serve(names: &mut BTreeSet<String>, seen: &Request) -> Answer {
        let answer = jars(&mut BTreeSet::new(), seen);
        let is_other = answer.0 == 201 && !seen.body_text().contains("sweet");
        if is_other && names.remove("shown") {
            return answer;
        }
        if is_other {
            return json_of(409, json!({}));
        }
        names.insert("shown".to_owned());
        answer
    }
    check_right(&report(JARS, None, &[], serve));
}

#[test]
fn another_documented_refusal_is_judged_by_what_is_documented_of_it() {
    fn serve(names: &mut BTreeSet<String>, seen: &Request) -> Answer {
        let answer = jars(names, seen);
        if answer.0 == 422 { json_of(422, json!({"why": 7})) } else { answer }
    }
    check_right(&report(JARS, None, &[], jars));
    check_wrong(&report(JARS, None, &[], serve), "add_jar/derived/body.name.missing", "string");
}

#[test]
fn a_request_without_a_body_may_be_refused_for_its_media_type() {
    fn serve(names: &mut BTreeSet<String>, seen: &Request) -> Answer {
        let is_nothing = seen.method() == "POST" && header(seen, "content-type").is_none();
        if is_nothing { json_of(415, json!({})) } else { jars(names, seen) }
    }
    check_right(&report(JARS, None, &[], serve));
    let accepts: Serve = |names, seen| {
        let is_nothing = seen.method() == "POST" && header(seen, "content-type").is_none();
        if is_nothing { json_of(201, json!({"id": "j-1"})) } else { jars(names, seen) }
    };
    check_wrong(&report(JARS, None, &[], accepts), "add_jar/derived/body.missing", "expected status");
}

const RANGES: &str = r#"
openapi: 3.1.0
info: {title: Bells, version: '1'}
paths:
  /bells:
    get:
      operationId: list_bells
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1}, example: 3}]
      responses:
        '200': {description: d, content: {application/json: {schema: {type: array}, example: []}}}
        4XX:
          description: d
          content: {application/json: {schema: {type: object, required: [code], properties: {code: {type: integer}}}}}
"#;

fn bells(_: &mut BTreeSet<String>, seen: &Request) -> Answer {
    let target = target(seen);
    match target.split_once("limit=").map(|(_, limit)| limit.parse::<u32>()) {
        _ if seen.method() != "GET" => json_of(405, json!({"code": 405})),
        None => json_of(200, json!([])),
        Some(Ok(1..)) => json_of(200, json!([])),
        // Any of the class will do.
        _ => json_of(416, json!({"code": 416})),
    }
}

#[test]
fn a_refusal_of_a_documented_range_is_judged_by_the_range() {
    fn serve(names: &mut BTreeSet<String>, seen: &Request) -> Answer {
        let answer = bells(names, seen);
        if answer.0 == 416 { json_of(416, json!({"message": "no"})) } else { answer }
    }
    check_right(&report(RANGES, None, &[], bells));
    check_wrong(&report(RANGES, None, &[], serve), "list_bells/derived/query.limit.too_small", "code");
}

const DOORS: &str = r#"
openapi: 3.1.0
info: {title: Doors, version: '1'}
security: [{bearer: []}, {key: []}, {}]
paths:
  /doors:
    get:
      operationId: list_doors
      responses:
        '200': {description: d, content: {application/json: {schema: {type: array}, example: []}}}
        '401': {description: d}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
"#;

fn doors(_: &mut BTreeSet<String>, seen: &Request) -> Answer {
    let is_known = match (header(seen, "authorization"), header(seen, "x-key")) {
        (None, None) => true,
        (token, key) => token == Some("Bearer t") || key == Some("k"),
    };
    if seen.method() != "GET" { json_of(405, json!({})) } else { json_of(if is_known { 200 } else { 401 }, json!([])) }
}

#[test]
fn each_alternative_of_the_credentials_is_permitted_and_none_where_none_has_to_be() {
    let right = report(DOORS, Some("t"), &[("key", "k")], doors);
    check_right(&right);
    let passed = ids(&right, Outcome::Pass);
    for id in ["credential.bearer", "credential.key", "credential.none"] {
        assert!(passed.contains(&format!("list_doors/permitted/{id}").as_str()), "{passed:#?}");
    }
    let refuses_keys: Serve = |names, seen| {
        if header(seen, "x-key").is_some() { json_of(401, json!({})) } else { doors(names, seen) }
    };
    let report_of = |serve| report(DOORS, Some("t"), &[("key", "k")], serve);
    check_wrong(&report_of(refuses_keys), "list_doors/permitted/credential.key", "expected status 200, found 401");
    let refuses_strangers: Serve = |names, seen| {
        let is_stranger = header(seen, "x-key").is_none() && header(seen, "authorization").is_none();
        if is_stranger { json_of(401, json!({})) } else { doors(names, seen) }
    };
    check_wrong(
        &report_of(refuses_strangers),
        "list_doors/permitted/credential.none",
        "expected status 200, found 401",
    );
    // What there is no value for is not sent, and said.
    let poor = report(DOORS, Some("t"), &[], doors);
    check_right(&poor);
    let lacking = poor.entries.iter().find(|entry| entry.id == "list_doors/permitted/credential.key").unwrap();
    let reason = "needs --credential key=VALUE: the operation asks for it";
    assert_eq!((lacking.outcome, lacking.reason.as_deref()), (Outcome::Unreachable, Some(reason)));
}

#[test]
fn a_token_is_sent_as_a_key_only_where_the_document_says_that_it_is_one() {
    let document = DOORS.replace("[{bearer: []}, {key: []}, {}]", "[{key: []}]");
    let all = report(&document, Some("t"), &[], |_, _| json_of(500, json!({"error": "sent"})));
    assert!(ids(&all, Outcome::Unreachable).contains(&"list_doors/example"));
    let sent = all.entries.iter().flat_map(|entry| &entry.exchanges);
    assert!(sent.into_iter().all(|exchange| exchange.sent.headers.iter().all(|(_, value)| !value.contains("***"))));
    let document = document.replace("name: X-Key}", "name: X-Key, x-token: true}");
    check_right(&report(&document, Some("k"), &[], |_, seen| {
        match (seen.method(), header(seen, "x-key") == Some("k")) {
            ("GET", true) => json_of(200, json!([])),
            ("GET", false) => json_of(401, json!({})),
            _ => json_of(405, json!({})),
        }
    }));
}

const MAPS: &str = r#"
openapi: 3.1.0
info: {title: Maps, version: '1'}
paths:
  /map:
    get:
      operationId: show_map
      responses:
        '200':
          description: d
          content:
            application/json; profile=short: {schema: {type: object, required: [name]}, example: {name: n}}
            application/json; profile=long: {schema: {type: object, required: [area]}, example: {area: 3}}
"#;

#[test]
fn media_types_that_differ_in_a_parameter_are_told_apart() {
    let long: Serve = |_, seen| match seen.method() {
        "GET" => (200, "application/json; profile=\"long\"; charset=utf-8", json!({"area": 1})),
        _ => json_of(405, json!({})),
    };
    check_right(&report(MAPS, None, &[], long));
    let mixed: Serve = |_, _| (200, "application/json;profile=long", json!({"name": "n"}));
    check_wrong(&report(MAPS, None, &[], mixed), "show_map/example", "area");
    let other: Serve = |_, _| (200, "application/json;profile=wide", json!({"name": "n", "area": 1}));
    check_wrong(&report(MAPS, None, &[], other), "show_map/example", "profile=wide");
}
