//! Endpoints that ask for patience, or are not there yet.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use conformance_engine::Address;
use conformance_engine::plan::Environment;
use conformance_engine::report::{Report, Verdict};
use conformance_engine::run::{Options, Waiting, Watch};
use serde_json::{Value, json};

use support::{carry_out, json_answer, line, options, suite_of};
use test_support::{Server, Then, reply, unused_address, write};

fn case(status: u16, given: Value) -> Value {
    json!({
        "id": "list/ok", "operation": "list", "given": given,
        "request": {"method": "POST", "path": "/lamps"}, "expected": {"status": status},
    })
}

fn busy(status: &str, retry_after: &str) -> String {
    reply(status, &format!("Retry-After: {retry_after}\r\n"), "")
}

/// What comes of one case that expects `status`, where it is answered by these and then by 200.
#[track_caller]
fn check(
    answers: Vec<String>,
    status: u16,
    budget: Duration,
    expected: &str,
    notes: &[&str],
    requests: usize,
) -> Report {
    let server = Server::replying(answers.into_iter().chain([json_answer("{}")]));
    let mut options = options(&server);
    options.max_retry_wait = budget;
    let run = carry_out(&suite_of(json!([case(status, Value::Null)])), &Environment::default(), &options).unwrap();
    let found: Vec<_> = run.entries[0].notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!((line(&run.entries[0]).as_str(), &found[..]), (expected, notes));
    assert_eq!(server.requests().len(), requests);
    run
}

const LONG: Duration = Duration::from_secs(20);
const BODY: &str = "undocumented body: {}";

#[test]
fn what_asks_to_try_again_later_is_tried_again() {
    let begun = Instant::now();
    let note = "asked to try again later (Retry-After) once, and waited 1 s";
    check(vec![busy("429 Too Many Requests", "1")], 200, LONG, "pass", &[BODY, note], 2);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let twice = vec![busy("503 Service Unavailable", "0"), busy("429 Too Many Requests", "0")];
    let note = "asked to try again later (Retry-After) 2 times, and waited 0.3 s";
    check(twice, 200, LONG, "pass", &[BODY, note], 3);
    let date = |ahead| httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(ahead));
    let run = check_passes(busy("503 Service Unavailable", &date(2)));
    assert!((0.9..2.5).contains(&run.seconds), "{}", run.seconds);
    check_passes(busy("503 Service Unavailable", &date(0)));
}

/// Waits for an unknown time.
#[track_caller]
fn check_passes(answer: String) -> Report {
    let server = Server::replying([answer, json_answer("{}")]);
    let suite = suite_of(json!([case(200, Value::Null)]));
    let run = carry_out(&suite, &Environment::default(), &options(&server)).unwrap();
    assert_eq!((run.verdict, server.requests().len()), (Verdict::Passed, 2));
    run
}

#[test]
fn patience_has_an_end() {
    let fails = |status: u16| format!("fail: - expected status 200, found {status} without a body");
    let note = "Retry-After asks for 3600 s more; a case waits at most 20 s in all";
    check(vec![busy("429 Too Many Requests", "3600")], 200, LONG, &fails(429), &[note], 1);
    let notes = [
        "asked to try again later (Retry-After) 2 times, and waited 0.3 s",
        "Retry-After asks for 0 s more; a case waits at most 0.6 s in all",
    ];
    let always = vec![busy("503 Service Unavailable", "0"); 9];
    check(always, 200, Duration::from_millis(600), &fails(503), &notes, 3);
}

#[test]
fn what_does_not_ask_for_it_gets_no_patience() {
    let fails = |status: u16| format!("fail: - expected status 200, found {status} without a body");
    check(vec![reply("503 Service Unavailable", "", "")], 200, LONG, &fails(503), &[], 1);
    check(vec![busy("500 Internal Server Error", "1")], 200, LONG, &fails(500), &[], 1);
    // It is what the case expects.
    check(vec![busy("429 Too Many Requests", "5")], 429, LONG, "pass", &[], 1);
}

#[test]
fn a_provider_of_states_may_ask_for_patience_too() {
    let server = Server::start(|seen, stream| {
        let is_first = seen.number == 0;
        write(stream, if is_first { busy("503 Service Unavailable", "0") } else { json_answer("{}") });
        Then::KeepOpen
    });
    let mut options = options(&server);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let reach = Environment { provider_states: true, ..Environment::default() };
    let run = carry_out(&suite_of(json!([case(200, json!("a lamp"))])), &reach, &options).unwrap();
    assert_eq!((line(&run.entries[0]).as_str(), server.requests().len()), ("pass", 3));
}

#[test]
fn an_endpoint_is_waited_for_until_it_answers() {
    let address = unused_address();
    let mut options = Options::new(Address::endpoint(&format!("http://{address}/lamps")).unwrap());
    options.wait_for_endpoint = Some(Duration::from_secs(20));
    let serving = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(400));
        let listener = std::net::TcpListener::bind(address).unwrap();
        let mut targets = Vec::new();
        // First it is a port without a service, then a gateway without one, then the service.
        drop(listener.accept().unwrap());
        for answer in [reply("502 Bad Gateway", "", ""), reply("404 Not Found", "", ""), json_answer("{}")] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
            let (head, _) = test_support::message::read(&mut reader).unwrap();
            targets.push(head.lines().next().unwrap().to_owned());
            write(&mut stream, answer.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        }
        targets
    });
    let run = carry_out(&suite_of(json!([case(200, Value::Null)])), &Environment::default(), &options).unwrap();
    assert_eq!(run.verdict, Verdict::Passed);
    let get = "GET /lamps HTTP/1.1";
    assert_eq!(serving.join().unwrap(), [get, get, "POST /lamps/lamps HTTP/1.1"]);
}

#[derive(Debug, Default)]
struct Log(Mutex<Vec<String>>);

impl Watch for Log {
    fn waiting(&self, wait: &Waiting<'_>) {
        self.0.lock().unwrap().push(format!("{} of at most {} s", wait.what, wait.longest.as_secs()));
    }
}

#[test]
fn an_endpoint_that_never_answers_is_given_up_and_the_watch_is_told() {
    let address = unused_address();
    let mut options = Options::new(Address::endpoint(&format!("http://{address}")).unwrap());
    options.wait_for_endpoint = Some(Duration::from_secs(1));
    let log = Arc::new(Log::default());
    options.watch = Some(log.clone());
    let error = carry_out(&suite_of(json!([case(200, Value::Null)])), &Environment::default(), &options).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(&format!("no answer within 1 s: cannot connect to {address}: ")), "{text}");
    let told = log.0.lock().unwrap();
    assert!(told.len() >= 2 && told[0] == format!("http://{address} of at most 1 s"), "{told:?}");
}

#[test]
fn the_watch_is_told_of_a_wait_for_the_endpoint() {
    let server = Server::replying([busy("429 Too Many Requests", "2"), json_answer("{}")]);
    let (mut options, log) = (options(&server), Arc::new(Log::default()));
    options.watch = Some(log.clone());
    carry_out(&suite_of(json!([case(200, Value::Null)])), &Environment::default(), &options).unwrap();
    let told = log.0.lock().unwrap();
    assert!(told.len() >= 2, "{told:?}");
    assert_eq!(told[0], "the endpoint, which answered 429 to list of at most 2 s");
}
