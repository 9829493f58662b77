//! Is one thing led through its states, and brought back, whatever happens on the way?
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance_engine::Stop;
use conformance_engine::plan::{Plan, Reach, Selection};
use conformance_engine::run::{Options, Run, Verdict, run};
use conformance_engine::suite::Suite;
use serde_json::json;

use support::{Server, Then, block_on, line, say};

/// A valve that is opened and closed; closing leaves a report behind, which opening needs.
fn suite() -> Suite {
    let case = |id: &str, given: &str, status: u16, body: serde_json::Value| {
        let operation = id.split('/').next().unwrap();
        json!({
            "id": id, "operation": operation, "given": given,
            "request": {"method": "POST", "path": format!("/valves/{{valve_id}}/{operation}"),
                "parameters": [{"name": "valve_id", "in": "path", "value": "v-0"}],
                "body": body, "aliases": {"report_id": "report"}},
            "expected": {"status": status, "body": {
                "media_type": "application/json", "example": if status == 200 { json!({"job": "j"}) } else { json!({"code": "c"}) },
                "rules": if status == 200 { json!({"/job": "id", "/report_id": "id"}) } else { json!({}) },
            }},
        })
    };
    let report = json!({"media_type": "application/json", "value": {"report": "r-0"}});
    let mut then_refused = case("close/refused", "an open valve", 409, json!(null));
    then_refused["id"] = json!("close/journey/ok_then_close_refused");
    then_refused["kind"] = json!({"journey": {"shows": "a closed valve is closed", "after": ["close/ok"]}});
    let suite = json!({
        "title": "Valves", "version": "1",
        "cases": [
            case("open/ok", "a closed valve with a report", 200, report.clone()),
            case("open/refused", "an open valve", 409, report),
            case("close/ok", "an open valve", 200, json!(null)),
            case("close/refused", "a closed valve", 409, json!(null)),
            case("open/gone", "no valve", 404, json!(null)),
            case("close/stuck", "a stuck valve", 409, json!(null)),
            then_refused,
        ],
        "lifecycle": {
            "resource": "valve", "identifier": "valve_id",
            "states": [{"name": "open", "status": "O"}, {"name": "closed", "status": "C"}, {"name": "turning", "status": "T"}],
            "operations": {
                "open": {"from": ["closed"], "through": ["turning"], "to": "open"},
                "close": {"from": ["open"], "through": ["turning"], "to": "closed", "adds": ["report"]},
            },
            "givens": {
                "an open valve": {"state": "open"}, "a closed valve": {"state": "closed"},
                "a closed valve with a report": {"state": "closed", "with": ["report"]},
                "a stuck valve": {"state": "stuck"}, "no valve": {"state": null},
            },
            "look": {"paths": ["/look/{valve_id}", "/old/look/{valve_id}"], "status": "/valve/status"},
            "job": {"paths": ["/jobs/{job}"], "identifier": "job", "answered": ["job"], "status": "/status",
                "succeeded": ["done"], "failed": ["failed"]},
        },
    });
    Suite::from_json(&suite.to_string()).unwrap()
}

/// What the server is like.
#[derive(Clone, Copy, Default)]
struct Nature {
    starts_closed: bool,
    /// Looks until a turn has ended.
    turns: usize,
    serves_jobs: bool,
    serves_looks: bool,
    /// Closing is refused with 500.
    cannot_close: bool,
    /// A closed valve can be closed again, and is open then.
    swings: bool,
}

struct Valve {
    is_open: bool,
    turning: usize,
    count: usize,
    reports: Vec<String>,
}

fn server(nature: Nature) -> (Server, Arc<Mutex<Valve>>) {
    let valve = Valve { is_open: !nature.starts_closed, turning: 0, count: 0, reports: Vec::new() };
    let valve = Arc::new(Mutex::new(valve));
    let inside = Arc::clone(&valve);
    let server = Server::start(move |seen, stream| {
        let mut valve = inside.lock().unwrap();
        let (status, body) = answer(&mut valve, nature, seen.target(), &seen.body);
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        say(stream, head + &body);
        Then::Go
    });
    (server, valve)
}

fn answer(valve: &mut Valve, nature: Nature, target: &str, body: &str) -> (u16, String) {
    let is_looking = target.starts_with("/jobs/") || target.contains("/look/");
    if is_looking && valve.turning > 0 {
        valve.turning -= 1;
    }
    let refused = |status| (status, json!({"code": "refused"}).to_string());
    if target.starts_with("/jobs/") && nature.serves_jobs {
        let status = if valve.turning > 0 { "under way" } else { "done" };
        return (200, json!({"status": status}).to_string());
    }
    if target == "/old/look/v-7" && nature.serves_looks {
        let status = if valve.turning > 0 {
            "T"
        } else if valve.is_open {
            "O"
        } else {
            "C"
        };
        return (200, json!({"valve": {"status": status}}).to_string());
    }
    let Some(operation) = target.strip_prefix("/valves/v-7/") else { return refused(404) };
    if valve.turning > 0 {
        return refused(423);
    }
    let is_known = body.contains("report") && valve.reports.iter().any(|report| body.contains(report));
    match operation {
        "open" if valve.is_open => return refused(409),
        "open" if !is_known => return refused(422),
        "close" if nature.cannot_close => return refused(500),
        "close" if !valve.is_open && !nature.swings => return refused(409),
        _ => valve.is_open = !valve.is_open,
    }
    valve.count += 1;
    valve.turning = nature.turns;
    let report = format!("report-{}", valve.count);
    let answer = json!({"job": format!("j-{}", valve.count), "report_id": report});
    if !valve.is_open {
        valve.reports.push(report);
    }
    (200, answer.to_string())
}

fn tour<'a>(suite: &'a Suite, reach: &'a Reach, server: &Server, change: impl FnOnce(&mut Options)) -> Run<'a> {
    let plan = Plan::new(suite, reach, &Selection::default()).unwrap();
    let mut options = server.options();
    options.patience = Duration::from_millis(600);
    change(&mut options);
    block_on(run(&plan, &options, |_| ())).unwrap()
}

fn reach() -> Reach {
    Reach { resource: Some("v-7".to_owned()), ..Reach::default() }
}

const STUCK: &str = "unreachable: no documented operation leaves a valve stuck";

/// All cases but the one that nothing leads to, and where the valve is afterwards.
#[track_caller]
fn check(nature: Nature, expected: &[&str], verdict: Verdict) {
    let (server, valve) = server(nature);
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let lines: Vec<_> = run.results.iter().map(|result| format!("{} {}", result.case.id, line(result))).collect();
    assert_eq!(lines, expected, "{:?}", server.seen().iter().map(|seen| seen.target().to_owned()).collect::<Vec<_>>());
    assert_eq!(run.verdict(), verdict);
    assert_eq!(valve.lock().unwrap().is_open, !nature.starts_closed, "it is brought back: {:?}", run.tours);
}

fn all_passed() -> Vec<String> {
    let suite = suite();
    let line = |id: &str| format!("{id} {}", if id == "close/stuck" { STUCK } else { "pass" });
    suite.cases.iter().map(|case| line(&case.id)).collect()
}

#[track_caller]
fn check_passed(nature: Nature) {
    let expected = all_passed();
    check(nature, &expected.iter().map(String::as_str).collect::<Vec<_>>(), Verdict::Passed);
}

#[test]
fn every_case_that_can_be_reached_is_from_one_thing() {
    check_passed(Nature { serves_looks: true, serves_jobs: true, ..Nature::default() });
}

#[test]
fn it_waits_by_looking_at_the_job() {
    check_passed(Nature { turns: 4, serves_jobs: true, ..Nature::default() });
}

#[test]
fn it_waits_by_looking_at_the_thing_where_jobs_are_not_served() {
    check_passed(Nature { turns: 4, serves_looks: true, ..Nature::default() });
}

#[test]
fn where_nobody_can_look_it_takes_the_state_to_be_the_usual_one() {
    check_passed(Nature::default());
}

#[test]
fn it_begins_where_the_thing_is_found() {
    let nature = Nature { starts_closed: true, serves_looks: true, ..Nature::default() };
    let (server, valve) = server(nature);
    valve.lock().unwrap().reports.push("r-0".to_owned());
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let lines: Vec<_> = run.results.iter().map(|result| format!("{} {}", result.case.id, line(result))).collect();
    // Nothing is known of the reports that are there already, and without one it cannot be opened.
    assert!(lines.contains(&"close/refused pass".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("open/ok unreachable: the valve has no report")), "{lines:?}");
    assert_eq!(run.tours[0].found.as_deref(), Some("closed"));
    assert_eq!(run.tours[0].left.as_deref(), Some("closed"));
}

#[test]
fn what_a_failure_leaves_out_of_reach_is_no_pass() {
    let fail = r#"fail: - expected status 200, found 500: {"code":"refused"}"#;
    let why = "close was answered 500";
    check(
        Nature { cannot_close: true, serves_looks: true, ..Nature::default() },
        &[
            &format!("open/ok unreachable: the valve has no report, and none can be made from here: {why}"),
            "open/refused pass",
            &format!("close/ok {fail}"),
            &format!("close/refused unreachable: the valve is open and cannot be brought to be closed: {why}"),
            "open/gone pass",
            &format!("close/stuck {STUCK}"),
            &format!("close/journey/ok_then_close_refused {fail}"),
        ],
        Verdict::ContractBroken,
    );
}

#[test]
fn it_looks_where_the_thing_is_after_an_answer_that_was_not_the_documented_one() {
    let nature = Nature { swings: true, serves_looks: true, serves_jobs: true, ..Nature::default() };
    let (server, valve) = server(nature);
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let failed: Vec<_> = run.results.iter().filter(|result| line(result).starts_with("fail")).collect();
    assert_eq!(
        failed.iter().map(|it| it.case.id.as_str()).collect::<Vec<_>>(),
        ["close/refused", "close/journey/ok_then_close_refused",]
    );
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
}

#[test]
fn a_run_that_is_told_to_end_brings_the_thing_back() {
    let nature = Nature { serves_looks: true, serves_jobs: true, turns: 3, ..Nature::default() };
    let (server, valve) = server(nature);
    let (suite, reach) = (suite(), reach());
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let mut options = server.options();
    options.stop = Stop::default();
    let stop = options.stop.clone();
    let run = block_on(run(&plan, &options, |result| {
        if result.case.operation == "close" && result.case.expected.status == 409 && line(result) == "pass" {
            stop.now("somebody said so");
        }
    }))
    .unwrap();
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
    assert_eq!(run.verdict(), Verdict::CouldNotRun);
    let broken = run.results.iter().filter(|result| line(result) == "broken: not sent, because somebody said so");
    assert!(broken.count() > 0);
}

#[test]
fn a_run_that_ends_in_the_middle_of_a_change_waits_for_its_end_before_it_goes_back() {
    let nature = Nature { serves_looks: true, turns: 6, ..Nature::default() };
    let (inner, valve) = server(nature);
    drop(inner);
    let (stop, inside) = (Stop::default(), Arc::clone(&valve));
    let told = stop.clone();
    let server = Server::start(move |seen, stream| {
        let (status, body) = answer(&mut inside.lock().unwrap(), nature, seen.target(), &seen.body);
        if seen.target().ends_with("/close") && status == 200 {
            told.now("somebody said so");
        }
        let length = body.len();
        say(
            stream,
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"),
        );
        Then::Go
    });
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |options| {
        options.stop = stop;
        options.patience = Duration::from_secs(5);
    });
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
    assert_eq!(run.tours[0].problem, None);
    // What was under way is held against nobody.
    let lines: Vec<_> = run.results.iter().map(line).collect();
    assert!(!lines.iter().any(|line| line.starts_with("fail")), "{lines:?}");
    assert!(lines.iter().any(|line| line == "broken: not sent to its end, because somebody said so"), "{lines:?}");
}

#[test]
fn a_deadline_ends_a_run_that_waits_for_ever() {
    let nature = Nature { serves_looks: true, serves_jobs: true, turns: usize::MAX, ..Nature::default() };
    let (server, _) = server(nature);
    let (suite, reach) = (suite(), reach());
    let start = Instant::now();
    let run = tour(&suite, &reach, &server, |options| {
        options.patience = Duration::from_secs(2);
        options.deadline = Some(Duration::from_millis(300));
    });
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_ne!(run.verdict(), Verdict::Passed);
    assert!(run.tours[0].problem.is_some(), "{:?}", run.tours);
}

#[test]
fn what_is_given_in_a_state_is_brought_back_between_cases() {
    let (server, valve) = server(Nature { serves_looks: true, serves_jobs: true, ..Nature::default() });
    let mut given = Reach::default();
    given.givens.insert("an open valve".to_owned(), [("valve_id".to_owned(), "v-7".to_owned())].into());
    let suite = suite();
    let run = tour(&suite, &given, &server, |_| ());
    let passed = run.results.iter().filter(|result| line(result) == "pass").map(|result| result.case.id.as_str());
    assert_eq!(passed.collect::<Vec<_>>(), ["open/refused", "close/ok", "close/journey/ok_then_close_refused"]);
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
}

#[test]
fn the_plan_of_a_tour_says_what_is_sent_and_what_it_does() {
    let (suite, reach) = (suite(), reach());
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let expected = r#"6 of 7 cases run, in this order
  open/gone                            POST /valves/g-4/open
                                         given no valve (valve_id=g-4)
                                         refused with 404, no effect
then, with valve_id=v-7 (taken to be open, which is looked up first; from another state the order is another)
  open/refused                         POST /valves/v-7/open
                                         body {"report":"r-0"}
                                         open: refused with 409, no effect
  (for close/journey/ok_then_close_refused)  POST /valves/v-7/close
                                         open -> closed: disruptive: leaves the valve closed, adds a report
  close/journey/ok_then_close_refused  POST /valves/v-7/close
                                         closed: refused with 409, no effect
  open/ok                              POST /valves/v-7/open
                                         body {"report":"r-0"}
                                         closed -> open: disruptive: leaves the valve open
  close/ok                             POST /valves/v-7/close
                                         open -> closed: disruptive: leaves the valve closed, adds a report
  (back)                               POST /valves/v-7/open
                                         body {"report":"r-0"}
                                         closed -> open: disruptive: leaves the valve open
  each report of close stays: no documented operation removes one
cannot be reached
  close/stuck                          no documented operation leaves a valve stuck
"#;
    assert_eq!(plan.to_string(), expected);
}
