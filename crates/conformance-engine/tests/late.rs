//! Endpoints that are late, or ask for time: what comes next is not accused of it.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::sync::Mutex;
use std::time::Duration;

use conformance_engine::Address;
use conformance_engine::plan::Environment;
use conformance_engine::report::Report;
use conformance_engine::run::Options;
use conformance_engine::suite::Suite;
use serde_json::{Value, json};

use support::{carry_out, json_answer, line, options, suite_of};
use test_support::{Server, Then, json_reply, reply, write};

/// A lock gate that is raised and lowered, and two journeys of both.
fn suite() -> Suite {
    let case = |id: &str, given: &str, kind: Value| {
        let operation = id.split('/').next().unwrap();
        let mut case = json!({
            "id": id, "operation": operation, "given": given,
            "request": {"method": "POST", "path": format!("/gates/{{gate}}/{operation}"),
                "parameters": [{"name": "gate", "in": "path", "value": "g-0"}]},
            "expected": {"status": 202, "body": {"media_type": "application/json", "rules": {"/job": "id"}}},
        });
        if !kind.is_null() {
            case["kind"] = json!({"journey": kind});
        }
        case
    };
    let suite = json!({
        "title": "Gates", "version": "1",
        "cases": [
            case("raise/ok", "a lowered gate", json!(null)),
            case("lower/ok", "a raised gate", json!(null)),
            case("lower/journey/after_raise", "a lowered gate", json!({"shows": "it", "after": ["raise/ok"]})),
            case("raise/journey/ends", "a lowered gate", json!({"shows": "it", "ends": "raised"})),
        ],
        "lifecycle": {
            "resource": "gate", "identifier": "gate",
            "states": [{"name": "raised", "status": "up"}, {"name": "lowered", "status": "down"}],
            "operations": {"raise": {"from": ["lowered"], "to": "raised"}, "lower": {"from": ["raised"], "to": "lowered"}},
            "givens": {"a raised gate": {"state": "raised"}, "a lowered gate": {"state": "lowered"}},
            "look": {"paths": ["/gates/{gate}"], "status": "/position"},
            "job": {"paths": ["/jobs/{job}"], "identifier": "job", "answered": ["job"], "status": "/status",
                "succeeded": ["done"], "failed": ["failed"]},
        },
    });
    Suite::from_json(&suite.to_string()).unwrap()
}

/// Gates whose jobs have this status, and that show this position; an operation is refused while a job is under way.
fn gates(job: &'static str, position: Option<&'static str>) -> Server {
    let is_busy = Mutex::new(false);
    Server::start(move |seen, stream| {
        let mut is_busy = is_busy.lock().unwrap();
        let target = seen.target();
        let answer = match target {
            "/states" => {
                *is_busy = false;
                (200, json!({"gate": "g-1"}))
            }
            _ if target.starts_with("/jobs/") => (200, json!({"status": job})),
            _ if seen.head.starts_with("GET ") => match position {
                Some(position) => (200, json!({"position": position})),
                None => (404, json!({})),
            },
            _ if *is_busy => (409, json!({"error": "busy"})),
            _ => {
                *is_busy = job != "done";
                (202, json!({"job": "j-1"}))
            }
        };
        write(stream, json_reply(&format!("{} X", answer.0), &answer.1.to_string()));
        Then::KeepOpen
    })
}

fn options_for(server: &Server) -> Options {
    let mut options = options(server);
    options.patience = Duration::from_millis(100);
    options
}

/// Each case on a line, with its notes and what it leaves unjudged.
fn lines(report: &Report) -> Vec<String> {
    let entries = report.entries.iter().map(|entry| {
        let notes = entry.notes.iter().map(|note| format!(" ({})", note.text)).collect::<String>();
        let unjudged = entry.unjudged.iter().map(|what| format!(" [{what}]")).collect::<String>();
        format!("{} {}{notes}{unjudged}", entry.id, line(entry))
    });
    entries.collect()
}

#[track_caller]
fn check_provided(server: &Server, expected: &[&str]) {
    let mut options = options_for(server);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let reach = Environment { provider_states: true, ..Environment::default() };
    assert_eq!(lines(&carry_out(&suite(), &reach, &options).unwrap()), expected);
}

#[test]
fn a_job_that_is_late_accuses_no_step_that_comes_after_it() {
    let server = gates("running", Some("down"));
    check_provided(
        &server,
        &[
            "raise/ok pass",
            "lower/ok pass",
            "lower/journey/after_raise unreachable: cannot be judged: the job of raise had not ended within 100 ms",
            "raise/journey/ends pass [the state afterwards, because the job of raise had not ended within 100 ms]",
        ],
    );
    let lowered = server.requests().iter().filter(|request| request.target().ends_with("/lower")).count();
    assert_eq!(lowered, 1);
}

#[test]
fn a_job_that_failed_accuses_no_step_that_comes_after_it() {
    check_provided(
        &gates("failed", Some("down")),
        &[
            "raise/ok pass",
            "lower/ok pass",
            "lower/journey/after_raise unreachable: cannot be judged: the job of raise ended with status `failed`",
            "raise/journey/ends pass [the state afterwards, because the job of raise ended with status `failed`]",
        ],
    );
}

#[test]
fn an_effect_that_does_not_come_is_the_failure_of_its_own_case() {
    let state = "fail: - expected the gate to be raised afterwards, found a status that means lowered";
    check_provided(
        &gates("done", Some("down")),
        &["raise/ok pass", "lower/ok pass", "lower/journey/after_raise pass", &format!("raise/journey/ends {state}")],
    );
}

#[test]
fn on_a_tour_each_case_says_the_lateness_once_and_none_is_accused() {
    let reach = Environment { resource: Some("g-1".to_owned()), ..Environment::default() };
    for position in [Some("down"), None] {
        let server = gates("running", position);
        let report = carry_out(&suite(), &reach, &options_for(&server)).unwrap();
        let lines = lines(&report);
        assert!(lines.iter().all(|line| !line.contains(" fail")), "{lines:#?}");
        let late = "the job of raise had not ended within 100 ms";
        assert!(lines.iter().all(|line| line.matches(late).count() == 1), "{lines:#?}");
        let lowered = server.requests().iter().filter(|request| request.target().ends_with("/lower")).count();
        assert_eq!(lowered, 0, "{lines:#?}");
    }
}

fn lamp(given: Value, status: u16) -> Suite {
    suite_of(json!([{
        "id": "list/ok", "operation": "list", "given": given,
        "request": {"method": "POST", "path": "/lamps"}, "expected": {"status": status},
    }]))
}

#[test]
fn too_many_requests_are_repeated_after_a_while_also_where_none_is_named() {
    let busy = || reply("429 Too Many Requests", "", "");
    let server = Server::replying([busy(), json_answer("{}")]);
    let report = carry_out(&lamp(json!(null), 200), &Environment::default(), &options(&server)).unwrap();
    let note = "asked to try again later (429 without Retry-After) once, and waited 0.5 s";
    assert_eq!(lines(&report), [format!("list/ok pass (undocumented body: {{}}) ({note})")]);
    // The budget counts, and so does a refusal that is documented.
    let mut impatient = options(&server);
    impatient.max_retry_wait = Duration::from_millis(400);
    let server = Server::replying([busy(), json_answer("{}")]);
    impatient.endpoint = options(&server).endpoint;
    let report = carry_out(&lamp(json!(null), 200), &Environment::default(), &impatient).unwrap();
    assert_eq!(lines(&report), ["list/ok fail: - expected status 200, found 429 without a body"]);
    assert_eq!(server.requests().len(), 1);
    let server = Server::replying([busy(), json_answer("{}")]);
    let report = carry_out(&lamp(json!(null), 429), &Environment::default(), &options(&server)).unwrap();
    assert_eq!(lines(&report), ["list/ok pass"]);
}

#[test]
fn the_status_of_a_provider_of_states_is_not_one_that_the_case_expects() {
    let server = Server::start(|seen, stream| {
        let busy = || reply("503 Service Unavailable", "Retry-After: 0\r\n", "");
        write(stream, if seen.number == 1 { json_answer("{}") } else { busy() });
        Then::KeepOpen
    });
    let mut options = options(&server);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let reach = Environment { provider_states: true, ..Environment::default() };
    let report = carry_out(&lamp(json!("a lamp"), 503), &reach, &options).unwrap();
    assert_eq!(line(&report.entries[0]), "pass");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn what_is_not_there_says_nothing_of_other_resources() {
    let case = |id: &str, given: &str, status: u16| {
        json!({
            "id": id, "operation": "raise", "given": given, "kind": {"journey": {"shows": "it", "ends": "raised"}},
            "request": {"method": "POST", "path": "/gates/{gate}/raise",
                "parameters": [{"name": "gate", "in": "path", "value": "g-0"}]},
            "expected": {"status": status},
        })
    };
    let mut document = serde_json::to_value(suite()).unwrap();
    document["cases"] = json!([case("raise/first", "a lowered gate", 202), case("raise/next", "a raised gate", 202)]);
    document["lifecycle"].as_object_mut().unwrap().remove("job");
    let suite = Suite::from_json(&document.to_string()).unwrap();
    // The first gate is hidden from status requests; the second one does not move.
    let server = Server::start(|seen, stream| {
        let answer = match seen.target() {
            "/states" if seen.body_text().contains("a lowered gate") => (200, json!({"gate": "g-1"})),
            "/states" => (200, json!({"gate": "g-2"})),
            "/gates/g-2" => (200, json!({"position": "down"})),
            "/gates/g-1" => (404, json!({})),
            _ => (202, json!({})),
        };
        write(stream, json_reply(&format!("{} X", answer.0), &answer.1.to_string()));
        Then::KeepOpen
    });
    let mut options = options_for(&server);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let reach = Environment { provider_states: true, ..Environment::default() };
    let report = carry_out(&suite, &reach, &options).unwrap();
    let outcomes: Vec<_> = report.entries.iter().map(line).collect();
    let found = "fail: - expected the gate to be raised afterwards, found a status that means lowered";
    assert_eq!(outcomes, ["pass", found]);
}

#[test]
fn a_request_that_closes_its_connection_is_no_reason_to_give_up_the_others() {
    let request = |number: usize| {
        let mut case = json!({
            "id": format!("list/{number}"), "operation": "list",
            "request": {"method": "GET", "path": "/lamps"}, "expected": {"status": 200},
        });
        if number == 1 {
            case["request"]["wire"] = json!("close");
        }
        case
    };
    let suite = suite_of(json!((0..5).map(request).collect::<Vec<_>>()));
    for closes in [true, false] {
        let server = Server::start(move |seen, stream| {
            write(stream, json_answer("{}"));
            let asks = seen.head.to_lowercase().contains("connection: close");
            if asks && closes { Then::Close } else { Then::KeepOpen }
        });
        let report = carry_out(&suite, &Environment::default(), &options(&server)).unwrap();
        assert!(report.entries.iter().all(|entry| line(entry) == "pass"));
        let connections: std::collections::BTreeSet<_> =
            server.requests().iter().map(|request| request.connection).collect();
        assert_eq!(connections.len(), 2, "{closes}");
    }
}
