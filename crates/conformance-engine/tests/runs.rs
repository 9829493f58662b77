//! Whole runs: how they use the endpoint, the provider states and the token, and what they report.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::text::write_report;
use conformance_engine::report::{Report, Verdict};
use conformance_engine::run::{Options, run};
use conformance_engine::suite::Suite;
use conformance_engine::terminal::Style;
use conformance_engine::{Address, Secret, Values};
use serde_json::{Value, json};

use support::{block_on, carry_out, json_answer, line, options, suite_of};
use test_support::{Server, Then, unused_address, write};

/// `POST /v1/rockets/r-1/launch`, in the state `given`, promising a mission.
fn launch(id: &str, given: Value) -> Value {
    json!({
        "id": id, "operation": "launch", "given": given,
        "source": {"document": "Launching a Rocket", "section": "Example Response"},
        "request": {
            "method": "POST", "path": "/v1/rockets/{rocket_id}/launch",
            "parameters": [{"name": "rocket_id", "in": "path", "value": "r-1"}],
            "credential": {"name": "X-Key", "in": "header"},
            "body": {"media_type": "application/json", "value": {"pad": "p-1"}},
        },
        "expected": {"status": 200, "body": {
            "media_type": "application/json", "example": {"mission": "m-1", "crew": 2}, "rules": {"/mission": "id"},
        }},
    })
}

fn lines(run: &Report) -> Vec<String> {
    run.entries.iter().map(line).collect()
}

fn with_provider() -> Environment {
    Environment { provider_states: true, ..Environment::default() }
}

/// Both the API and, under `/states`, the provider of states.
fn server(states: &'static str) -> Server {
    Server::start(move |seen, stream| {
        if seen.target().starts_with("/states") {
            write(stream, states);
        } else {
            write(stream, json_answer(r#"{"mission": "m-9", "crew": 3}"#));
        }
        Then::KeepOpen
    })
}

#[track_caller]
fn check_states(states: &'static str, expected: &str) {
    let server = server(states);
    let mut options = options(&server);
    options.provider_states = Some(Address::url(&format!("{}/states?team=a%20b", server.url)).unwrap());
    options.timeout = Duration::from_millis(700);
    let (suite, reach) = (suite_of(json!([launch("launch/ok", json!("a rocket"))])), with_provider());
    assert_eq!(lines(&carry_out(&suite, &reach, &options).unwrap()), [expected]);
}

#[test]
fn a_provider_of_states_names_what_the_request_is_about() {
    let server = server("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n{\"rocket_id\": \"r/2\", \"pad\": 7, \"x\": 1}");
    let mut options = options(&server);
    options.provider_states = Some(Address::url(&format!("{}/states?team=a%20b", server.url)).unwrap());
    options.token = Some(Secret::new("s3cret"));
    let (suite, reach) = (suite_of(json!([launch("launch/ok", json!("a rocket"))])), with_provider());
    let run = carry_out(&suite, &reach, &options).unwrap();
    assert_eq!(lines(&run), ["pass"]);

    let seen = server.requests();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].head.starts_with("POST /states?team=a%20b HTTP/1.1\r\n"), "{}", seen[0].head);
    assert_eq!(seen[0].body_text(), r#"{"state":"a rocket","action":"setup","params":{}}"#);
    assert!(!seen[0].head.contains("s3cret"), "the provider never gets the token: {}", seen[0].head);
    assert!(seen[1].head.starts_with("POST /v1/rockets/r%2F2/launch HTTP/1.1\r\n"), "{}", seen[1].head);
    assert!(seen[1].head.to_lowercase().contains("x-key: s3cret\r\n"), "{}", seen[1].head);
    assert_eq!(seen[1].body_text(), r#"{"pad":"7"}"#);
}

#[test]
fn a_provider_that_cannot_makes_the_case_unreachable() {
    check_states(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno idea",
        "unreachable: asked for the state `a rocket`: status 404 no idea",
    );
}

#[test]
fn a_provider_that_answers_nothing_has_no_values() {
    check_states("HTTP/1.1 204 No Content\r\n\r\n", "pass");
}

#[test]
fn a_provider_that_talks_nonsense_breaks_the_case() {
    check_states(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "broken: asked for the state `a rocket`: expected a JSON object, found a syntax error: expected value (line 1, column 1)",
    );
    check_states(
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[{}]",
        "broken: asked for the state `a rocket`: expected a JSON object, found an array: [{}]",
    );
}

#[test]
fn a_provider_that_fails_breaks_the_case() {
    check_states(
        "HTTP/1.1 503 Unavailable\r\nContent-Length: 4\r\n\r\nbusy",
        "broken: asked for the state `a rocket`: status 503 busy",
    );
    check_states(
        "HTTP/1.1 302 Found\r\nLocation: /v1/login\r\nContent-Length: 0\r\n\r\n",
        "broken: asked for the state `a rocket`: status 302",
    );
}

#[test]
fn a_provider_may_say_more_than_the_values() {
    check_states("HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"a\": [], \"pad\": {}, \"b\": null}", "pass");
}

#[test]
fn a_provider_must_answer_what_the_state_needs() {
    let missing = "broken: the provider of states answered no `rocket_id` for `a rocket`";
    let answer_of = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for (answer, set, alias, expected, requests) in [
        ("{}", None, None, missing, 1),
        (r#"{"rocket_id": null}"#, None, None, missing, 1),
        (r#"{"rocket_id": ["r-2"]}"#, None, None, missing, 1),
        (r#"{"rocket_id": "r-2"}"#, None, None, "pass", 2),
        (r#"{"id": "r-2"}"#, None, Some("id"), "pass", 2),
        (r#"{"id": "r-2"}"#, None, None, missing, 1),
        ("{}", Some("r-3"), None, "pass", 2),
        (
            r#"{"rocket_id": ""}"#,
            None,
            None,
            "broken: the path variable `rocket_id` is empty, which would address something else",
            1,
        ),
        (
            r#"{"rocket_id": ".."}"#,
            None,
            None,
            "broken: the path variable `rocket_id` is `..`, which would address something else",
            1,
        ),
    ] {
        let server = server(answer_of(answer).leak());
        let mut options = options(&server);
        options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
        let mut case = launch("launch/ok", json!("a rocket"));
        if let Some(alias) = alias {
            case["request"]["aliases"] = json!({alias: "rocket_id"});
        }
        let needed = [("a rocket".to_owned(), vec!["rocket_id".to_owned()])].into();
        let values = set.iter().map(|value| ("rocket_id".to_owned(), (*value).to_owned())).collect();
        let (suite, reach) = (suite_of(json!([case])), Environment { needed, values, ..with_provider() });
        assert_eq!(lines(&carry_out(&suite, &reach, &options).unwrap()), [expected], "{answer} {set:?}");
        assert_eq!(server.requests().len(), requests, "{answer} {set:?}");
    }
}

#[test]
fn a_provider_that_says_nothing_breaks_the_case() {
    check_states("", "broken: asked for the state `a rocket`: no answer within 700 ms");
}

#[test]
fn a_case_that_cannot_be_reached_is_not_sent() {
    let server = server("");
    let (suite, reach) = (suite_of(json!([launch("launch/ok", json!("a rocket"))])), Environment::default());
    let run = carry_out(&suite, &reach, &options(&server)).unwrap();
    assert_eq!(
        lines(&run),
        ["unreachable: no resource is given in the state `a rocket`, and no provider-state endpoint"],
    );
    assert_eq!((run.verdict, run.verdict.exit_code()), (Verdict::NothingRan, 4));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_endpoint_with_a_prefix_is_joined() {
    let server = server("");
    let mut options = options(&server);
    options.endpoint = Address::endpoint(&format!("{}/far/away/", server.url)).unwrap();
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null)])), Environment::default());
    carry_out(&suite, &reach, &options).unwrap();
    assert_eq!(server.requests()[0].target(), "/far/away/v1/rockets/r-1/launch");
}

#[test]
fn what_goes_over_the_wire_is_plain_and_complete() {
    let server = server("");
    let mut no_body = launch("launch/again", Value::Null);
    no_body["request"].as_object_mut().unwrap().remove("body");
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null), no_body])), Environment::default());
    carry_out(&suite, &reach, &options(&server)).unwrap();
    let heads: Vec<_> = server
        .requests()
        .into_iter()
        .map(|seen| (seen.connection, seen.head.to_lowercase(), seen.body_text()))
        .collect();
    let host = server.url.strip_prefix("http://").unwrap();
    let agent = concat!("conformance-engine/", env!("CARGO_PKG_VERSION"));
    let common = format!("post /v1/rockets/r-1/launch http/1.1\r\nhost: {host}\r\nuser-agent: {agent}\r\n");
    assert_eq!(
        heads,
        [
            (
                0,
                format!(
                    "{common}content-type: application/json\r\naccept: application/json\r\ncontent-length: 13\r\n\r\n"
                ),
                r#"{"pad":"p-1"}"#.to_owned()
            ),
            (0, format!("{common}accept: application/json\r\ncontent-length: 0\r\n\r\n"), String::new()),
        ]
    );
}

/// Notes of all cases, in their order.
fn notes(run: &Report) -> Vec<&str> {
    run.entries.iter().flat_map(|result| &result.notes).map(|note| note.text.as_str()).collect()
}

const TWICE: &str = "sent twice: the server had closed the connection without a byte in answer";

/// A server that answers `/states` with a new rocket each time, and the other requests, counted from 0, as `answer`
/// says. `given` is the state of every case.
#[track_caller]
fn check_repeats(
    given: Value,
    reach: &Environment,
    answer: impl Fn(usize) -> Then + Send + Sync + 'static,
    expected: &[&str],
    expected_notes: &[&str],
    expected_requests: &[(&str, usize)],
) {
    let (launches, setups) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Server::start(move |seen, stream| {
        if seen.target() == "/states" {
            let number = setups.fetch_add(1, Ordering::Relaxed);
            write(stream, json_answer(&format!(r#"{{"rocket_id": "r-{number}"}}"#)));
            return Then::KeepOpen;
        }
        let then = answer(launches.fetch_add(1, Ordering::Relaxed));
        if let Then::KeepOpen = then {
            write(stream, json_answer(r#"{"mission": "m-9", "crew": 3}"#));
        }
        then
    });
    let mut options = options(&server);
    options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
    let cases: Vec<_> = (0..expected.len()).map(|number| launch(&format!("launch/{number}"), given.clone())).collect();
    let suite = suite_of(json!(cases));
    let run = carry_out(&suite, reach, &options).unwrap();
    assert_eq!(lines(&run), expected);
    assert_eq!(notes(&run), expected_notes);
    let seen = server.requests();
    let launches = seen.iter().filter(|seen| seen.target() != "/states");
    let requests: Vec<_> = launches.map(|seen| (seen.target(), seen.connection)).collect();
    let requests: Vec<_> = requests
        .iter()
        .map(|(target, connection)| {
            (target.trim_start_matches("/v1/rockets/").trim_end_matches("/launch"), *connection)
        })
        .collect();
    assert_eq!(requests, expected_requests);
}

const CLOSED: &str = "fail: - expected a reply, found none: the connection was closed without an answer";

#[test]
fn a_stale_connection_is_replaced_once_and_the_report_says_so() {
    check_repeats(
        Value::Null,
        &Environment::default(),
        |number| if number == 1 { Then::Close } else { Then::KeepOpen },
        &["pass", "pass", "pass", "pass"],
        &[TWICE],
        // Connection 0 served once; the others serve one case each.
        &[("r-1", 0), ("r-1", 0), ("r-1", 1), ("r-1", 2), ("r-1", 3)],
    );
}

#[test]
fn a_server_that_answers_every_second_attempt_is_not_taken_for_healthy() {
    check_repeats(
        Value::Null,
        &Environment::default(),
        |number| if number % 2 == 1 { Then::Close } else { Then::KeepOpen },
        &["pass", "pass", CLOSED, "pass", CLOSED, "pass"],
        &[TWICE],
        &[("r-1", 0), ("r-1", 0), ("r-1", 1), ("r-1", 2), ("r-1", 3), ("r-1", 4), ("r-1", 5)],
    );
}

#[test]
fn a_reset_of_a_connection_that_served_before_is_a_close() {
    check_repeats(
        Value::Null,
        &Environment::default(),
        |number| if number == 1 { Then::Reset } else { Then::KeepOpen },
        &["pass", "pass"],
        &[TWICE],
        &[("r-1", 0), ("r-1", 0), ("r-1", 1)],
    );
}

#[test]
fn a_repeat_that_fails_is_reported_as_one() {
    check_repeats(
        Value::Null,
        &Environment::default(),
        |number| if number == 0 { Then::KeepOpen } else { Then::Close },
        &["pass", CLOSED, CLOSED],
        &[TWICE],
        &[("r-1", 0), ("r-1", 0), ("r-1", 1), ("r-1", 2)],
    );
}

#[test]
fn a_repeat_starts_from_a_state_that_was_set_up_anew() {
    check_repeats(
        json!("a rocket"),
        &with_provider(),
        |number| if number == 1 { Then::Close } else { Then::KeepOpen },
        &["pass", "pass", "pass"],
        &[TWICE],
        // Connection 0 was the first, to see that somebody is there; 1 is the provider's, although it is the same server.
        &[("r-0", 2), ("r-1", 2), ("r-2", 3), ("r-3", 4)],
    );
}

#[test]
fn what_was_given_is_not_risked_on_a_kept_connection() {
    let given = Values::from([("rocket_id".to_owned(), "r-7".to_owned())]);
    check_repeats(
        json!("a rocket"),
        &Environment { givens: [("a rocket".to_owned(), given)].into(), ..Environment::default() },
        |number| if number == 1 { Then::Close } else { Then::KeepOpen },
        &["pass", CLOSED, "pass"],
        &[],
        // On a new connection a close is no coincidence.
        &[("r-7", 0), ("r-7", 1), ("r-7", 2)],
    );
}

#[test]
fn a_first_request_is_never_sent_twice() {
    let server = Server::start(|_, _| Then::Close);
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null)])), Environment::default());
    let run = carry_out(&suite, &reach, &options(&server)).unwrap();
    assert_eq!(run.verdict, Verdict::ContractBroken);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn several_at_a_time_are_reported_in_order_and_overlap() {
    let server = Server::start(|_, stream| {
        std::thread::sleep(Duration::from_millis(300));
        write(stream, json_answer(r#"{"mission": "m-9", "crew": 3}"#));
        Then::KeepOpen
    });
    let cases: Vec<_> = (0..8).map(|number| launch(&format!("launch/{number}"), Value::Null)).collect();
    let (suite, reach) = (suite_of(json!(cases)), Environment::default());
    let mut options = options(&server);
    options.concurrency = 4;
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let mut ended = 0;
    let run = block_on(run(&plan, &options, |_| ended += 1)).unwrap();
    let ids: Vec<_> = run.entries.iter().map(|result| result.id.as_str()).collect();
    assert_eq!(ids, ["launch/0", "launch/1", "launch/2", "launch/3", "launch/4", "launch/5", "launch/6", "launch/7"]);
    assert_eq!((ended, run.verdict), (8, Verdict::Passed));
    // One by one it would take 2.4 s.
    assert!(run.seconds < 2.0, "{}", run.seconds);
    let connections: std::collections::BTreeSet<_> = server.requests().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections.len(), 4);
}

#[test]
fn nobody_there_is_no_failed_case_but_no_run() {
    let address = unused_address();
    let options = Options::new(Address::endpoint(&format!("http://{address}")).unwrap());
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null)])), Environment::default());
    let error = carry_out(&suite, &reach, &options).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot connect to {address}: ")), "{text}");
    assert!(text.contains("\nhint: is the endpoint running"), "{text}");

    let server = server("");
    let mut options = support::options(&server);
    options.provider_states = Some(Address::url(&format!("http://{address}/states")).unwrap());
    let (suite, reach) = (suite_of(json!([launch("launch/ok", json!("a rocket"))])), with_provider());
    let text = carry_out(&suite, &reach, &options).unwrap_err().to_string();
    assert!(text.contains("\nhint: is the provider of states running"), "{text}");
}

#[test]
fn credentials_refused_outright_are_no_broken_contract() {
    let server = Server::start(|_, stream| {
        write(stream, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        Then::KeepOpen
    });
    let two = suite_of(json!([launch("launch/a", Value::Null), launch("launch/b", Value::Null)]));
    let one = suite_of(json!([launch("launch/a", Value::Null)]));
    let mut expecting = launch("launch/b", Value::Null);
    expecting["expected"] = json!({"status": 401});
    let expected = suite_of(json!([launch("launch/a", Value::Null), expecting]));
    let reach = Environment::default();
    for (suite, verdict) in
        [(two, Verdict::CouldNotRun), (one, Verdict::CouldNotRun), (expected, Verdict::ContractBroken)]
    {
        let run = carry_out(&suite, &reach, &options(&server)).unwrap();
        assert_eq!(run.verdict, verdict);
    }
}

#[test]
fn a_contradiction_of_the_document_is_reported_and_not_sent() {
    let server = server("");
    let reason = "rockets.yaml:7:12: the example contradicts its own schema";
    let mut contradiction = launch("launch/b", json!("a rocket"));
    contradiction["kind"] = json!({"contradiction": {"reason": reason}});
    let suite = suite_of(json!([launch("launch/a", Value::Null), contradiction]));
    for reach in [with_provider(), Environment::default()] {
        let mut options = options(&server);
        options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
        let run = carry_out(&suite, &reach, &options).unwrap();
        assert_eq!(lines(&run), ["pass".to_owned(), format!("broken: {reason}")]);
        assert_eq!((run.verdict, run.entries[1].kind.as_str()), (Verdict::CouldNotRun, "documented"));
        let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap().to_string();
        assert!(plan.contains("cannot be judged, because the document contradicts itself\n  launch/b"), "{plan}");
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_broken_case_is_not_a_passed_run() {
    let server = server("");
    let mut unwritable = launch("launch/b", Value::Null);
    unwritable["request"]["parameters"] = json!([{"name": "X-Bad", "in": "header", "value": "a\nb"}, {"name": "rocket_id", "in": "path", "value": "r-1"}]);
    let mut unjudgeable = launch("launch/c", Value::Null);
    unjudgeable["expected"]["body"]["schema"] = json!({"properties": {"mission": {"pattern": "("}}});
    let suite = suite_of(json!([launch("launch/a", Value::Null), unwritable, unjudgeable]));
    let reach = Environment::default();
    let run = carry_out(&suite, &reach, &options(&server)).unwrap();
    let lines = lines(&run);
    assert_eq!(
        lines[..2],
        ["pass", "broken: the request cannot be sent: the value of the header `X-Bad` has a control character"]
    );
    assert!(
        lines[2].starts_with("broken: the documented schema cannot be applied: /mission: ( is not a pattern"),
        "{}",
        lines[2]
    );
    assert_eq!((run.verdict, run.verdict.exit_code()), (Verdict::CouldNotRun, 3));
}

const TOKEN: &str = "s3cret/token=";

/// How the token may come back: as it is, in JSON, percent-encoded, in a JSON pointer.
const SPELLINGS: [&str; 6] =
    ["s3cret/token=", r"s3cret\/token=", "s3cret%2Ftoken%3D", "s3cret%2ftoken%3d", "s3cret/token%3D", "s3cret~1token="];

/// Everything that a run holds and prints, for a server that echoes the token wherever it can.
fn echoed(answer: String) -> String {
    let server = Server::start(move |_, stream| {
        write(stream, &answer);
        Then::KeepOpen
    });
    let mut options = options(&server);
    options.token = Some(Secret::new(TOKEN));
    options.timeout = Duration::from_millis(700);
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null)])), Environment::default());
    let run = carry_out(&suite, &reach, &options).unwrap();
    let mut text = format!("{options:?}\n{run:?}\n");
    for result in &run.entries {
        text.extend(result.reply().map(|reply| String::from_utf8_lossy(&reply.body).into_owned()));
    }
    write_report(&run, Style::default(), &mut text).unwrap();
    text
}

#[test]
fn a_token_is_in_nothing_that_comes_out() {
    for answer in [
        "HTTP/1.1 403 s3cret/token=\r\nX-Echo: s3cret/token=\r\nX-Key: s3c\r\nContent-Length: 20\r\n\r\nno s3cret/token= no!",
        "HTTP/1.1 200 OK\r\nContent-Type: s3cret/token=\r\nContent-Length: 29\r\n\r\n{\"mission\":\"s3cret\\/token=\" } ",
        "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n{\"s3cret/token=\":1,\"crew\":\"\\u0073\"}  ",
        "HTTP/1.1 302 OK\r\nLocation: http://evil/?t=s3cret%2Ftoken%3D\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n<s3cret/tok",
    ] {
        check_echo(answer.to_owned());
    }
    for spelling in SPELLINGS {
        for body in [
            format!("not JSON: {spelling}"),
            format!(r#"{{"mission": "{spelling}", "crew": {{"{spelling}": 1}}}}"#),
            format!(r#"{{"mission": "m", "crew": 1, "{spelling}": 1, "{spelling}": 1}}"#),
        ] {
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nX-{TOKEN}: 1\r\n");
            let head = head.replace(['/', '='], "");
            check_echo(format!("{head}Content-Type: application/json\r\nX-Echo: {spelling}\r\n\r\n{body}"));
        }
    }
}

#[track_caller]
fn check_echo(answer: String) {
    let text = echoed(answer);
    for part in ["s3cret/", "s3cret\\", "s3cret~", "s3cret%", "%2Ftoken", "%2ftoken", "s3cret"] {
        let at = text.find(part);
        assert_eq!(at, None, "{}", &text[at.unwrap_or(0).saturating_sub(200)..]);
    }
    assert!(text.contains("***") && text.contains("$TOKEN"), "{text}");
}

#[test]
fn a_report_says_enough_to_argue_about_a_failure() {
    let server = Server::start(|seen, stream| {
        write(
            stream,
            match seen.target() {
                "/v1/rockets/r-7/launch" => json_answer("{\"crew\": 2, \"missionId\": \"m\u{1b}[2J-9\"}"),
                "/v1/rockets/r-8/launch" => "HTTP/1.1 409 Conflict\r\nContent-Length: 7\r\n\r\nno fuel".to_owned(),
                _ => json_answer(r#"{"mission": "m-9", "crew": 3, "pad": "p"}"#),
            },
        );
        Then::KeepOpen
    });
    let suite = suite_of(json!([
        launch("launch/ok", Value::Null),
        launch("launch/renamed", json!("a rocket")),
        launch("launch/refused", json!("an empty rocket")),
        launch("launch/lost", json!("no rocket")),
        launch("fly/ok", Value::Null),
    ]));
    let given = |id: &str| Values::from([("rocket_id".to_owned(), id.to_owned())]);
    let givens = [("a rocket".to_owned(), given("r-7")), ("an empty rocket".to_owned(), given("r-8"))].into();
    let reach = Environment { givens, ..Environment::default() };
    let selection = Selection { skip: vec!["fly/*".to_owned()], ..Selection::default() };
    let plan = Plan::new(&suite, &reach, &selection).unwrap();
    let mut options = options(&server);
    options.token = Some(Secret::new(TOKEN));
    options.token_variable = "ROCKET_TOKEN".to_owned();
    let mut run = block_on(run(&plan, &options, |_| ())).unwrap();
    run.seconds = 0.12;

    let mut text = String::new();
    write_report(&run, Style::default(), &mut text).unwrap();
    let curl = format!(
        "curl -i -H 'Content-Type: application/json' -H 'Accept: application/json' -H \"X-Key: $ROCKET_TOKEN\" \
         --data-binary '{{\"pad\":\"p-1\"}}' --noproxy '*' {}/v1/rockets",
        server.url,
    );
    let expected = r#"2 failures, 2 causes

FAIL launch/renamed
  differs     expected JSON, found a syntax error: control character (\u0000-\u001F) found while parsing a string (line 1, column 28)
  given       a rocket
  sent        POST /v1/rockets/r-7/launch {"pad":"p-1"}
  expected    200 {"mission":"m-1","crew":2}
  received    200 {"crew": 2, "missionId": "m\u{1b}[2J-9"}
  documented  "Launching a Rocket", Example Response
  repeat      CURL/r-7/launch

FAIL launch/refused
  differs     expected status 200, found 409
  given       an empty rocket
  sent        POST /v1/rockets/r-8/launch {"pad":"p-1"}
  expected    200 {"mission":"m-1","crew":2}
  received    409 no fuel
  documented  "Launching a Rocket", Example Response
  repeat      CURL/r-8/launch

UNREACHABLE launch/lost
  because     no resource is given in the state `no rocket`, and no provider-state endpoint

PASS launch/ok
  note        /pad: undocumented property: "p"
failed cases, as arguments of another run:
  --only launch/renamed \
  --only launch/refused
5 cases: 1 passed, 2 failed, 1 unreachable, 1 skipped, 0 broken (0.12 s)
"#;
    assert_eq!(text, expected.replace("CURL", &curl));

    let mut colourful = String::new();
    write_report(&run, Style { colour: true, ..Style::default() }, &mut colourful).unwrap();
    assert!(colourful.contains("\n\u{1b}[32mPASS\u{1b}[0m launch/ok\n"), "{colourful}");
    assert!(colourful.contains("\n5 cases: \u{1b}[32m1 passed\u{1b}[0m, \u{1b}[31m2 failed\u{1b}[0m, "), "{colourful}");
    assert!(!colourful.contains("\u{1b}[2J"), "{colourful}");
}

#[test]
fn bodies_of_the_same_status_are_shown_line_by_line() {
    let server = Server::start(|_, stream| {
        write(stream, json_answer(r#"{"crew": 2, "missionId": "m-9"}"#));
        Then::KeepOpen
    });
    let (suite, reach) = (suite_of(json!([launch("launch/ok", Value::Null)])), Environment::default());
    let run = carry_out(&suite, &reach, &options(&server)).unwrap();
    let mut text = String::new();
    write_report(&run, Style::default(), &mut text).unwrap();
    let expected = r#"
  differs     /mission: expected this member, for instance "m-1", found none
  sent        POST /v1/rockets/r-1/launch {"pad":"p-1"}
  expected    200
  received    200
  diff          {
              -   "mission": "m-1",
              -   "crew": 2
              +   "crew": 2,
              +   "missionId": "m-9"
                }
  note        /missionId: undocumented property: "m-9"
  documented  "#;
    assert!(text.contains(expected), "{text}");
}

/// Somebody may want to run it beside other things, on a runtime with threads.
#[test]
fn a_run_can_be_handed_to_another_thread() {
    fn check<T: Send>(_: T) {}
    let (suite, reach) = (Suite::default(), Environment::default());
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let options = Options::new(Address::endpoint("http://localhost").unwrap());
    check(run(&plan, &options, |_| ()));
}

/// The engine is meant for any suite: an empty one is no error, but proves nothing.
#[test]
fn an_empty_suite_runs_nothing() {
    let (suite, reach) = (Suite::default(), Environment::default());
    let run = carry_out(&suite, &reach, &Options::new(Address::endpoint("http://localhost:1").unwrap())).unwrap();
    assert_eq!(run.verdict, Verdict::NothingRan);
}
