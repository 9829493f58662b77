//! What journeys show beyond one reply after another: the state afterwards, two requests at the same time, a second
//! resource, and status requests for what does not exist.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use conformance_engine::Address;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::run::run;
use conformance_engine::suite::Suite;
use serde_json::{Value, json};

use support::{block_on, line, options};
use test_support::{Server, Then, json_reply, write};

/// A door that is shut.
fn suite(kind: &Value, expected: &Value) -> Suite {
    let request = |method: &str, path: &str| json!({"method": method, "path": path, "parameters": [{"name": "door", "in": "path", "value": "d-0"}]});
    let looks = kind["sent"] == "resource" || kind["sent"] == "job";
    let sent = if looks { request("GET", "/doors/{door}") } else { request("POST", "/doors/{door}/shut") };
    let ids = json!({"media_type": "application/json", "rules": {"/job": "id"}});
    let suite = json!({
        "title": "Doors", "version": "1",
        "cases": [
            {"id": "shut/ok", "operation": "shut", "given": "an open door", "request": request("POST", "/doors/{door}/shut"),
                "expected": {"status": 200, "body": ids}},
            {"id": "shut/case", "operation": if looks { "look" } else { "shut" }, "given": "an open door", "request": sent,
                "kind": {"journey": kind}, "expected": expected},
        ],
        "lifecycle": {
            "resource": "door", "identifier": "door",
            "states": [{"name": "open", "status": "O"}, {"name": "shut", "status": "S"}, {"name": "closing", "status": "C"}],
            "operations": {"shut": {"from": ["open"], "through": ["closing"], "to": "shut"}},
            "givens": {"an open door": {"state": "open"}, "a shut door": {"state": "shut"}},
            "look": {"paths": ["/doors/{door}"], "status": "/status"},
            "job": {"paths": ["/jobs/{job}"], "identifier": "job", "answered": ["job"], "status": "/status",
                "succeeded": ["ok"], "failed": ["no"]},
        },
    });
    Suite::from_json(&suite.to_string()).unwrap()
}

/// Doors by number, and what they show; each set-up makes another.
#[derive(Default)]
struct Doors(Mutex<BTreeMap<String, String>>);

impl Doors {
    fn another(&self) -> (u16, Value) {
        let mut doors = self.0.lock().unwrap();
        let name = format!("d-{}", doors.len() + 1);
        doors.insert(name.clone(), "O".to_owned());
        (200, json!({"door": name}))
    }

    fn status(&self, door: &str) -> (u16, Value) {
        let doors = self.0.lock().unwrap();
        doors.get(door).map_or((404, json!({})), |status| (200, json!({"status": status})))
    }

    /// Shuts an open door, which then shows this status.
    fn shut(&self, door: &str, status: &str) -> (u16, Value) {
        let mut doors = self.0.lock().unwrap();
        match doors.get_mut(door) {
            Some(known) if known == "O" => *known = status.to_owned(),
            _ => return (409, json!({})),
        }
        (200, json!({"job": format!("job-of-{door}")}))
    }
}

/// What a server answers to one request for a door or a job: its method, and what comes behind `/doors/`.
type Answers = dyn Fn(&Doors, &str, &str) -> Option<(u16, Value)> + Send + Sync;

/// The outcome of the case; `answers` may answer in place of a right server.
#[track_caller]
fn check(kind: &Value, expected: &Value, answers: Box<Answers>, outcome: &str) {
    let doors = Doors::default();
    let server = Server::start(move |seen, stream| {
        let target = seen.target();
        let method = seen.head.split(' ').next().unwrap_or_default();
        let rest = target.strip_prefix("/doors/").unwrap_or(target);
        let (status, body) = answers(&doors, method, rest).unwrap_or_else(|| match rest.strip_suffix("/shut") {
            _ if target == "/states" => doors.another(),
            Some(door) => doors.shut(door, "S"),
            None if target.starts_with("/jobs/job-of-") => (200, json!({"status": "ok"})),
            None => doors.status(rest),
        });
        write(stream, json_reply(&format!("{status} X"), &body.to_string()));
        Then::KeepOpen
    });
    let suite = suite(kind, expected);
    let reach = Environment { provider_states: true, ..Environment::default() };
    let only = Selection { only: vec!["shut/case".to_owned()], ..Selection::default() };
    let plan = Plan::new(&suite, &reach, &only).unwrap();
    let mut options = options(&server);
    options.patience = Duration::from_millis(300);
    options.timeout = Duration::from_secs(2);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let report = block_on(run(&plan, &options, |_| ())).unwrap();
    let entry = report.entries.iter().find(|entry| entry.id == "shut/case").unwrap();
    assert_eq!(line(entry), outcome, "{:?}", entry.notes);
}

fn right() -> Box<Answers> {
    Box::new(|_, _, _| None)
}

fn success() -> Value {
    json!({"status": 200, "or": [409], "body": {"media_type": "application/json", "rules": {"/job": "id"}}})
}

fn kind(sent: &str) -> Value {
    json!({"shows": "it", "sent": sent, "ends": "shut"})
}

#[test]
fn the_state_afterwards_is_looked_up() {
    let kind = json!({"shows": "it", "ends": "shut"});
    check(&kind, &success(), right(), "pass");
    let stays: Box<Answers> = Box::new(|doors, _, rest| {
        Some(doors.shut(rest.strip_suffix("/shut")?, "O")).filter(|(status, _)| *status == 200)
    });
    let found = "fail: - expected the door to be shut afterwards, found a status that means open";
    check(&kind, &success(), stays, found);
    // On the way and of another kind than the document knows: neither says that it is wrong.
    for status in ["C", "?"] {
        check(
            &kind,
            &success(),
            Box::new(move |doors, _, rest| Some(doors.shut(rest.strip_suffix("/shut")?, status))),
            "pass",
        );
    }
    // Not served.
    check(&kind, &success(), Box::new(|_, method, _| (method == "GET").then(|| (404, json!({})))), "pass");
}

#[test]
fn of_two_at_once_on_one_thing_exactly_one_takes_effect() {
    check(&kind("twice"), &success(), right(), "pass");
    let both: Box<Answers> = Box::new(|doors, _, rest| {
        let (status, body) = doors.shut(rest.strip_suffix("/shut")?, "S");
        Some(if status == 200 { (status, body) } else { (200, json!({"job": "another"})) })
    });
    let found = "fail: - expected one of two requests at the same time to be refused, found two that succeeded";
    check(&kind("twice"), &success(), both, found);
    let neither: Box<Answers> = Box::new(|_, _, rest| rest.ends_with("/shut").then(|| (409, json!({}))));
    check(&kind("twice"), &success(), neither, "fail: - expected status 200, found 409: {}");
    let breaks: Box<Answers> = Box::new(|doors, _, rest| {
        let (status, body) = doors.shut(rest.strip_suffix("/shut")?, "S");
        Some(if status == 200 { (status, body) } else { (500, json!({})) })
    });
    check(&kind("twice"), &success(), breaks, "fail: - expected status 200, found 500: {}");
}

#[test]
fn two_at_once_really_are() {
    let meeting = Barrier::new(2);
    let waits: Box<Answers> = Box::new(move |_, _, rest| {
        if rest.ends_with("/shut") {
            meeting.wait();
        }
        None
    });
    check(&kind("both"), &success(), waits, "pass");
}

#[test]
fn two_at_once_on_two_things_take_effect_with_identifiers_of_their_own() {
    check(&kind("both"), &success(), right(), "pass");
    let same: Box<Answers> = Box::new(|doors, _, rest| {
        let (status, _) = doors.shut(rest.strip_suffix("/shut")?, "S");
        Some((status, json!({"job": "job-of-both"})))
    });
    let found =
        "fail: /job expected a new identifier from shut/case, found job-of-both, which shut/case already returned";
    check(&kind("both"), &success(), same, found);
    let first = Mutex::new(true);
    let one: Box<Answers> = Box::new(move |_, _, rest| {
        let is_first = rest.ends_with("/shut") && std::mem::take(&mut *first.lock().unwrap());
        is_first.then(|| (409, json!({})))
    });
    check(&kind("both"), &success(), one, "fail: - expected status 200, found 409: {}");
}

#[test]
fn a_second_thing_is_not_touched() {
    let kind = json!({"shows": "it", "after": ["shut/ok"], "sent": "second", "ends": "shut"});
    let only = json!({"status": 200, "body": {"media_type": "application/json"}});
    check(&kind, &only, right(), "pass");
    let every: Box<Answers> = Box::new(|doors, _, rest| {
        let answer = doors.shut(rest.strip_suffix("/shut")?, "S");
        doors.0.lock().unwrap().values_mut().for_each(|status| *status = "S".to_owned());
        Some(answer)
    });
    check(&kind, &only, every, "fail: - expected status 200, found 409: {}");
}

#[test]
fn what_does_not_exist_is_looked_up_where_what_exists_is_reported() {
    let none = json!({"status": 404, "class": true});
    let resource = json!({"shows": "it", "sent": "resource"});
    check(&resource, &none, right(), "pass");
    let anything: Box<Answers> = Box::new(|_, method, _| (method == "GET").then(|| (200, json!({"status": "O"}))));
    check(&resource, &none, anything, r#"fail: - expected status 404, found 200: {"status":"O"}"#);
    let nothing: Box<Answers> = Box::new(|_, method, _| (method == "GET").then(|| (404, json!({}))));
    check(&resource, &none, nothing, "unreachable: no status of a door is served");
    let job = json!({"shows": "it", "after": ["shut/ok"], "sent": "job"});
    check(&job, &none, right(), "pass");
    let anything: Box<Answers> =
        Box::new(|_, _, rest| rest.starts_with("/jobs/").then(|| (200, json!({"status": "ok"}))));
    check(&job, &none, anything, r#"fail: - expected status 404, found 200: {"status":"ok"}"#);
}

#[test]
fn without_a_provider_of_states_there_is_no_second_thing() {
    let suite = suite(&kind("both"), &success());
    let mut reach = Environment { resource: Some("d-7".to_owned()), ..Environment::default() };
    let unreached = |reach: &Environment| {
        let plan = Plan::new(&suite, reach, &Selection::default()).unwrap();
        format!("{:?}", plan.entries[1].disposition)
    };
    let why = r#"Unreachable("needs two resources in the state `an open door`: only a provider-state endpoint sets them up")"#;
    assert_eq!(unreached(&reach), why);
    reach.resource = None;
    reach.givens = [("an open door".to_owned(), [("door".to_owned(), "d-7".to_owned())].into())].into();
    assert_eq!(unreached(&reach), why);
}
