//! A tour drives one resource through its states and restores the initial one, whatever happens.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance_engine::Secret;
use conformance_engine::exchange::Purpose;
use conformance_engine::plan::{Disposition, Environment, Plan, Selection, Size};
use conformance_engine::report::{Report, Verdict};
use conformance_engine::run::Stop;
use conformance_engine::run::{Options, run};
use conformance_engine::suite::Suite;
use serde_json::json;

use support::{block_on, json_answer, line, options};
use test_support::{Server, Then, write};

/// A valve that is opened and closed; closing leaves a report behind, which opening needs.
fn suite() -> Suite {
    suite_with(|_| ())
}

fn suite_with(change: impl FnOnce(&mut serde_json::Value)) -> Suite {
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
    let mut suite = json!({
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
    change(&mut suite);
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
    /// Nothing that is answered names a job.
    hides_jobs: bool,
    /// Whoever looks sees this status.
    shows: Option<&'static str>,
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
        let (status, body) = answer(&mut valve, nature, seen.target(), &seen.body_text());
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        write(stream, head + &body);
        Then::KeepOpen
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
        let status = if let Some(status) = nature.shows {
            status
        } else if valve.turning > 0 {
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
    let job = if nature.hides_jobs { json!(null) } else { json!(format!("j-{}", valve.count)) };
    let answer = json!({"job": job, "report_id": report});
    if !valve.is_open {
        valve.reports.push(report);
    }
    (200, answer.to_string())
}

fn tour(suite: &Suite, reach: &Environment, server: &Server, change: impl FnOnce(&mut Options)) -> Report {
    let plan = Plan::new(suite, reach, &Selection::default()).unwrap();
    let mut options = options(server);
    options.patience = Duration::from_millis(600);
    change(&mut options);
    block_on(run(&plan, &options, |_| ())).unwrap()
}

fn reach() -> Environment {
    Environment { resource: Some("v-7".to_owned()), ..Environment::default() }
}

const STUCK: &str = "unreachable: no documented operation leaves a valve stuck";

/// All cases but the one that nothing leads to, and where the valve is afterwards.
#[track_caller]
fn check(nature: Nature, expected: &[&str], verdict: Verdict) {
    let (server, valve) = server(nature);
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let lines: Vec<_> = run.entries.iter().map(|result| format!("{} {}", result.id, line(result))).collect();
    assert_eq!(
        lines,
        expected,
        "{:?}",
        server.requests().iter().map(|seen| seen.target().to_owned()).collect::<Vec<_>>()
    );
    assert_eq!(run.verdict, verdict);
    assert_eq!(valve.lock().unwrap().is_open, !nature.starts_closed, "it is brought back: {:?}", run.tours);
    assert_eq!(run.tours[0].problem, None);
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
    let lines: Vec<_> = run.entries.iter().map(|result| format!("{} {}", result.id, line(result))).collect();
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
    let failed: Vec<_> = run.entries.iter().filter(|result| line(result).starts_with("fail")).collect();
    assert_eq!(
        failed.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
        ["close/refused", "close/journey/ok_then_close_refused",]
    );
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
}

#[test]
fn where_nobody_can_look_a_success_that_fails_otherwise_had_its_effect() {
    let fail = "fail: /job expected an identifier (a string that is not empty), found null";
    check(
        Nature { hides_jobs: true, ..Nature::default() },
        &[
            &format!("open/ok {fail}"),
            "open/refused pass",
            &format!("close/ok {fail}"),
            "close/refused pass",
            "open/gone pass",
            &format!("close/stuck {STUCK}"),
            &format!("close/journey/ok_then_close_refused {fail}"),
        ],
        Verdict::ContractBroken,
    );
}

#[test]
fn a_thing_in_a_state_that_nobody_knows_is_left_alone() {
    let why = "the state is unknown: status `?` is not in x-lifecycle";
    let (server, valve) = server(Nature { serves_looks: true, shows: Some("?"), ..Nature::default() });
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    for result in &run.entries {
        let expected = if result.id == "open/gone" { "pass".to_owned() } else { format!("unreachable: {why}") };
        assert_eq!(line(result).replace(STUCK, &format!("unreachable: {why}")), expected, "{}", result.id);
    }
    assert!(valve.lock().unwrap().is_open);
    assert_eq!(valve.lock().unwrap().count, 0);
}

/// With a second journey that begins with a close.
fn suite_with_two_journeys() -> Suite {
    suite_with(|suite| {
        let mut journey = suite["cases"][0].clone();
        journey["id"] = json!("close/journey/ok_then_open");
        journey["given"] = json!("an open valve");
        journey["kind"] = json!({"journey": {"shows": "a closed valve opens", "after": ["close/ok"]}});
        suite["cases"].as_array_mut().unwrap().push(journey);
    })
}

#[test]
fn where_nobody_can_look_each_request_of_a_journey_had_its_own_effect() {
    // The journey fails in its first step, which closes; its last request would have opened.
    let (server, valve) = server(Nature { hides_jobs: true, ..Nature::default() });
    let (suite, reach) = (suite_with_two_journeys(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let found = run.entries.iter().map(|result| line(result).split(' ').next().unwrap_or_default().to_owned());
    let expected = ["fail:", "pass", "fail:", "pass", "pass", "unreachable:", "fail:", "fail:"];
    assert_eq!(found.collect::<Vec<_>>(), expected, "{:?}", run.entries.iter().map(line).collect::<Vec<_>>());
    assert!(run.entries.iter().all(|result| !line(result).contains("expected status")));
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
}

#[test]
fn after_a_failure_a_journey_begins_anew() {
    // After the first journey the valve is open again, and should not be.
    let (suite, reach) = (suite_with_two_journeys(), reach());
    let (server, _) = server(Nature { swings: true, serves_looks: true, serves_jobs: true, ..Nature::default() });
    let run = tour(&suite, &reach, &server, |_| ());
    let lines: Vec<_> = run.entries.iter().map(|result| format!("{} {}", result.id, line(result))).collect();
    assert_eq!(lines.last().map(String::as_str), Some("close/journey/ok_then_open pass"), "{lines:?}");
    assert!(lines[6].starts_with("close/journey/ok_then_close_refused fail"), "{lines:?}");
}

#[test]
fn a_request_that_is_sent_once_for_two_cases_is_shown_with_both() {
    let (server, _) = server(Nature { serves_looks: true, serves_jobs: true, ..Nature::default() });
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |_| ());
    let result = |id: &str| run.entries.iter().find(|result| result.id == id).unwrap();
    let (twin, journey) = (result("close/refused"), result("close/journey/ok_then_close_refused"));
    let statuses = twin.exchanges.iter().map(|exchange| exchange.reply.as_ref().map(|reply| reply.status));
    assert_eq!(statuses.collect::<Vec<_>>(), [Some(409)]);
    assert_eq!(twin.exchanges.first(), journey.exchanges.iter().rfind(|it| it.purpose == Purpose::Case));
    let notes: Vec<_> = twin.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["sent once for this case and for close/journey/ok_then_close_refused"]);
}

#[test]
fn what_is_sent_on_the_way_and_what_is_seen_there_shows_no_token() {
    let server = Server::start(|seen, stream| {
        let token = seen.head.lines().find_map(|line| line.strip_prefix("x-key: ")).unwrap_or_default();
        write(stream, json_answer(&json!({"valve": {"status": token}, "job": token}).to_string()));
        Then::KeepOpen
    });
    let suite = suite_with(|suite| {
        let credential = json!({"name": "x-key", "in": "header"});
        suite["lifecycle"]["look"]["credential"] = credential.clone();
        for case in suite["cases"].as_array_mut().unwrap() {
            case["request"]["credential"] = credential.clone();
        }
    });
    let reach = reach();
    let run = tour(&suite, &reach, &server, |options| options.token = Some(Secret::new("s3cr3t-token".to_owned())));
    assert!(server.requests().iter().any(|seen| seen.head.contains("s3cr3t-token")), "it is sent");
    assert!(!run.tours[0].exchanges.is_empty());
    let bodies = run.tours[0].exchanges.iter().filter_map(|exchange| Some(exchange.reply.as_ref()?.text(1000)));
    let shown = format!("{:?} {:?} {}", run.tours, run.entries, bodies.collect::<String>());
    assert!(shown.contains(r#""status":"***""#), "{shown}");
    assert!(!shown.contains("s3cr3t-token"), "{shown}");
}

#[test]
fn a_run_that_is_told_to_end_brings_the_thing_back() {
    let nature = Nature { serves_looks: true, serves_jobs: true, turns: 3, ..Nature::default() };
    let (server, valve) = server(nature);
    let (suite, reach) = (suite(), reach());
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let mut options = options(&server);
    options.stop = Stop::default();
    let stop = options.stop.clone();
    let run = block_on(run(&plan, &options, |result| {
        let expected = result.expected.as_ref().map(|expected| expected.status);
        if result.operation.as_deref() == Some("close") && expected == Some(409) && line(result) == "pass" {
            stop.now("somebody said so");
        }
    }))
    .unwrap();
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
    assert_eq!(run.verdict, Verdict::CouldNotRun);
    let broken = run.entries.iter().filter(|result| line(result) == "broken: not sent, because somebody said so");
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
        let (status, body) = answer(&mut inside.lock().unwrap(), nature, seen.target(), &seen.body_text());
        if seen.target().ends_with("/close") && status == 200 {
            told.now("somebody said so");
        }
        let length = body.len();
        write(
            stream,
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"),
        );
        Then::KeepOpen
    });
    let (suite, reach) = (suite(), reach());
    let run = tour(&suite, &reach, &server, |options| {
        options.stop = stop;
        options.patience = Duration::from_secs(5);
    });
    assert!(valve.lock().unwrap().is_open, "{:?}", run.tours);
    assert_eq!(run.tours[0].problem, None);
    // What was under way is held against nobody.
    let lines: Vec<_> = run.entries.iter().map(line).collect();
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
    assert_ne!(run.verdict, Verdict::Passed);
    assert!(run.tours[0].problem.is_some(), "{:?}", run.tours);
}

#[test]
fn what_is_given_in_a_state_is_brought_back_between_cases() {
    let (server, valve) = server(Nature { serves_looks: true, serves_jobs: true, ..Nature::default() });
    let mut given = Environment::default();
    given.givens.insert("an open valve".to_owned(), [("valve_id".to_owned(), "v-7".to_owned())].into());
    let suite = suite();
    let run = tour(&suite, &given, &server, |_| ());
    let passed = run.entries.iter().filter(|result| line(result) == "pass").map(|result| result.id.as_str());
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
    assert_eq!(plan.disruptive(), ["open", "close"]);
    assert_eq!(plan.size(), Size { requests: 7, waits: 4 });
    for (entry, moves) in plan.entries.iter().map(|entry| (entry, &plan.tours[0].moves)) {
        let planned = moves.iter().find(|planned| planned.purpose == Purpose::Case && planned.case.id == entry.case.id);
        assert!(planned.is_none_or(|planned| planned.address == plan.address(entry)), "{}", entry.case.id);
    }
}

#[test]
fn a_plan_of_nothing_disturbs_nothing() {
    let (suite, reach) = (suite(), Environment::default());
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    assert_eq!((plan.disruptive(), plan.size()), (vec![], Size::default()));
}

#[test]
fn a_provider_is_asked_once_for_each_case_and_waited_for_after_each_step() {
    let (suite, reach) = (suite(), Environment { provider_states: true, ..Environment::default() });
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    assert_eq!(plan.disruptive(), ["open", "close"]);
    // Two for each case, and one for the first step of the journey.
    assert_eq!(plan.size(), Size { requests: 15, waits: 1 });
}

#[test]
fn what_was_not_asked_for_is_only_sent_on_the_way() {
    let (suite, reach) = (suite(), reach());
    let only = Selection { only: vec!["close/refused".to_owned()], ..Selection::default() };
    let plan = Plan::new(&suite, &reach, &only).unwrap();
    let purposes: Vec<_> = plan.tours[0].moves.iter().map(|planned| &planned.purpose).collect();
    assert_eq!(purposes, [&Purpose::Towards("closed".to_owned()), &Purpose::Case, &Purpose::Return]);
    let dispositions: Vec<_> = plan.entries.iter().map(|entry| entry.disposition.clone()).collect();
    assert_eq!(
        dispositions.iter().filter(|disposition| **disposition == Disposition::Skipped).count(),
        6,
        "{dispositions:?}"
    );
    assert_eq!(dispositions[3], Disposition::Tour(0));
}

#[test]
fn each_thing_that_is_given_in_a_state_is_led_for_the_cases_of_that_state() {
    let values = |valve: &str| [("valve_id".to_owned(), valve.to_owned())].into();
    let mut reach = Environment::default();
    reach.givens.insert("a closed valve with a report".to_owned(), values("v-8"));
    reach.givens.insert("an open valve".to_owned(), values("v-7"));
    let suite = suite();
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let led = plan.entries.iter().map(|entry| match &entry.disposition {
        Disposition::Tour(index) => plan.tours[*index].values["valve_id"].as_str(),
        _ => "",
    });
    assert_eq!(led.collect::<Vec<_>>(), ["v-8", "v-7", "v-7", "", "", "", "v-7"]);
    let sent = |index: usize| {
        let moves = plan.tours[index].moves.iter().filter(|planned| planned.purpose == Purpose::Case);
        moves.map(|planned| planned.case.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(sent(0), ["open/ok"]);
    assert_eq!(sent(1), ["open/refused", "close/journey/ok_then_close_refused", "close/ok"]);
}

#[test]
fn what_may_be_left_out_is_left_out_on_the_way() {
    let suite = suite_with(|suite| {
        let mut plain = suite["cases"][0]["request"].clone();
        plain.as_object_mut().unwrap().remove("body");
        suite["lifecycle"]["operations"]["open"]["plain"] = plain;
    });
    let reach = reach();
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let opened = plan.tours[0].moves.iter().filter(|planned| planned.case.id == "open/ok");
    let opened: Vec<_> = opened.map(|planned| (&planned.purpose, planned.body.as_deref())).collect();
    assert_eq!(opened, [(&Purpose::Case, Some(r#"{"report":"r-0"}"#)), (&Purpose::Return, None)]);
}
