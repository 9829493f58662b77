//! What recordings show of a server: identifiers that repeat, requests that it may not accept, states.

use conformance_engine::traffic::watcher::JudgedSide;

use crate::service::{Recorded, exchange, har, line, report, report_of, vcr};

/// The exchanges, as requests and replies a second apart, give these lines; in a HAR file and in a cassette.
#[track_caller]
fn check(exchanges: &[(&str, &str)], expected: &[&str]) {
    let recorded = exchanges.iter().enumerate();
    let recorded: Vec<_> = recorded.map(|(at, (request, reply))| exchange(at as u64 * 1000, request, reply)).collect();
    check_recorded(&recorded, expected);
    let lines: Vec<_> = report(vcr(&recorded), JudgedSide::Both).entries.iter().map(line).collect();
    assert_eq!(lines, expected, "in a cassette");
}

#[track_caller]
fn check_recorded(recorded: &[Recorded], expected: &[&str]) {
    let lines: Vec<_> = report(har(recorded), JudgedSide::Both).entries.iter().map(line).collect();
    assert_eq!(lines, expected);
}

const CREATE: &str = r#"POST /orders {"item": "tea"}"#;
const ONE: &str = r#"201 {"order_id": "o-1"}"#;
const TWO: &str = r#"201 {"order_id": "o-2"}"#;
const PAY: &str = "POST /orders/o-1/pay";
const SHIP: &str = "POST /orders/o-1/ship";
const LOOK: &str = "GET /orders/o-1";
const PAID: &str = r#"200 {"payment_id": "p-1"}"#;
const AGAIN: &str = r#"200 {"payment_id": "p-2"}"#;
const BUSY: &str = r#"409 {"error": "no"}"#;

const PAID_TWICE: &str = "fail; reply: accepted pay_order on order o-1 in the state paid (known from exchange/1); the document allows it in: open";

#[test]
fn a_new_thing_has_an_identifier_of_its_own() {
    check(&[(CREATE, ONE), (CREATE, TWO)], &["pass", "pass"]);
    let repeated = "fail; reply: /order_id: expected a new identifier from exchange/2, found o-1, which exchange/1 already returned";
    check(&[(CREATE, ONE), (CREATE, ONE)], &["pass", repeated]);
    // Of another kind of thing.
    check(&[(CREATE, r#"201 {"order_id": "7"}"#), (PAY, r#"200 {"payment_id": "7"}"#)], &["pass", "pass"]);
    // A refusal gives nothing.
    check(&[(CREATE, r#"400 {"error": "o-1"}"#), (CREATE, ONE)], &["pass", "pass"]);
    // What the request names is not new.
    let named = r#"POST /orders {"item": "o-1"}"#;
    check(&[(named, ONE), (named, ONE)], &["pass", "pass"]);
    // A recorder blanked it out.
    let blank = r#"201 {"order_id": "***"}"#;
    check(&[(CREATE, blank), (CREATE, blank)], &["pass", "pass"]);
}

#[test]
fn a_success_to_a_request_that_the_document_forbids_is_the_servers_failure() {
    let accepted = |fault: &str, more: &str| {
        format!("fail; request: {fault}; reply: accepted a request that the document forbids: {fault}{more}")
    };
    let short = accepted(r#"/item: expected at least 2 characters, found 1: "t" (minLength)"#, "");
    check(&[(r#"POST /orders {"item": "t"}"#, ONE)], &[&short]);
    let missing = accepted("/item: expected this member, found none (required)", "");
    check(&[("POST /orders {}", ONE)], &[&missing]);
    check(&[("POST /orders", ONE)], &[&accepted("expected a body, found none", "")]);
    let limit = accepted("the query parameter `limit`: expected at least 1, found 0", "");
    check(&[("GET /orders?limit=0", r#"200 {"orders": []}"#)], &[&limit]);
    // It was refused, so the server is right, and the client is not.
    let client = r#"fail; request: /item: expected at least 2 characters, found 1: "t" (minLength)"#;
    check(&[(r#"POST /orders {"item": "t"}"#, r#"400 {"error": "short"}"#)], &[client]);
}

#[test]
fn what_the_client_did_wrong_is_not_said_of_the_server() {
    let of = |request: &str, reply: &str, side| {
        let report = report(har(&[exchange(0, request, reply)]), side);
        line(&report.entries[0])
    };
    let wrong = r#"POST /orders {"item": "t"}"#;
    assert_eq!(of(wrong, r#"400 {"error": "short"}"#, JudgedSide::Replies), "pass");
    let fault = r#"/item: expected at least 2 characters, found 1: "t" (minLength)"#;
    let accepted = format!("fail; reply: accepted a request that the document forbids: {fault}");
    assert_eq!(of(wrong, ONE, JudgedSide::Replies), accepted);
    assert_eq!(of(wrong, ONE, JudgedSide::Requests), format!("fail; request: {fault}"));
    assert_eq!(of(CREATE, ONE, JudgedSide::Requests), "pass");
}

#[test]
fn a_success_without_the_required_credential_is_held_against_the_server() {
    let accepted = "fail; reply: accepted a request that the document forbids: the request has no header `X-Api-Key`";
    check(&[(LOOK, r#"200 {"state": "open"}"#), ("GET !/orders", r#"200 {"orders": []}"#)], &["pass", accepted]);
    // A recorder that shows no credential at all leaves them out.
    check(&[("GET !/orders", r#"200 {"orders": []}"#)], &["pass"]);
}

#[test]
fn what_a_server_says_to_undocumented_operations_is_not_held_against_it() {
    for (request, reply) in [
        ("PATCH /orders/o-1", "405"),
        ("PUT /orders", "501"),
        ("GET /invoices", "404"),
        ("HEAD /orders", "405"),
        // A path without variables comes first, and it does not take this method.
        ("DELETE /orders/latest", "405"),
        ("DELETE /orders/latest", "404"),
    ] {
        check(&[(request, reply)], &["unmatched"]);
    }
    // Of a documented operation it is.
    let documented = "fail; reply: expected a documented status (204), found 405";
    check(&[("DELETE /orders/o-1", "405")], &[documented]);
    check(&[("DELETE /orders/latest", "204")], &["pass"]);
}

#[test]
fn an_operation_is_accepted_in_the_states_that_allow_it() {
    check(&[(PAY, PAID), (SHIP, "200")], &["pass", "pass"]);
    check(&[(PAY, PAID), (PAY, AGAIN)], &["pass", PAID_TWICE]);
    check(&[(PAY, PAID), (PAY, BUSY), (SHIP, "200")], &["pass", "pass", "pass"]);
    let shipped = "fail; reply: accepted ship_order on order o-1 in the state shipped or shipping (known from exchange/2); \
                   the document allows it in: paid";
    check(&[(PAY, PAID), (SHIP, "200"), (SHIP, "200")], &["pass", "pass", shipped]);
    // Another order has a state of its own.
    check(&[(PAY, PAID), ("POST /orders/o-2/pay", AGAIN)], &["pass", "pass"]);
    // A look-up shows the state as well.
    check(&[(LOOK, r#"200 {"state": "paid"}"#), (PAY, PAID)], &["pass", PAID_TWICE]);
}

#[test]
fn what_is_not_certain_of_a_state_is_no_failure() {
    // The recording starts in the middle.
    check(&[(SHIP, "200")], &["pass"]);
    // A look-up in between shows that somebody acted.
    check(&[(PAY, PAID), (LOOK, r#"200 {"state": "open"}"#), (PAY, AGAIN)], &["pass", "pass", "pass"]);
    // The order was deleted, and another one has its identifier.
    check(&[(PAY, PAID), ("DELETE /orders/o-1", "204"), (PAY, AGAIN)], &["pass", "pass", "pass"]);
    // An operation that the document does not have may do anything to it.
    check(&[(PAY, PAID), ("PUT /orders/o-1", "200"), (PAY, AGAIN)], &["pass", "unmatched", "pass"]);
    check(&[(PAY, PAID), ("POST /orders/o-1/refund", "200"), (PAY, AGAIN)], &["pass", "unmatched", "pass"]);
    // Whether it took effect is not known.
    let lost = [exchange(0, PAY, PAID), exchange(1000, SHIP, "0"), exchange(2000, PAY, AGAIN)];
    check_recorded(&lost, &["pass", "unjudged", "pass"]);
    let lines: Vec<_> = report(vcr(&lost), JudgedSide::Both).entries.iter().map(line).collect();
    assert_eq!(lines, ["pass", "broken", "pass"], "a cassette without a status cannot be read");
    // No operation leads to this state, so it may end by itself.
    check(&[(LOOK, r#"200 {"state": "open"}"#), (SHIP, "200")], &["pass", "pass"]);
}

#[test]
fn what_was_seen_long_before_is_a_note() {
    let recorded = [exchange(0, PAY, PAID), exchange(300_000, PAY, AGAIN)];
    let entries = report(har(&recorded), JudgedSide::Both).entries;
    assert_eq!(line(&entries[1]), "pass");
    let note = &entries[1].notes[0].text;
    assert!(note.ends_with("299 s passed in between, so somebody else may have acted"), "{note}");
}

#[test]
fn requests_that_are_under_way_together_may_take_effect_in_either_order() {
    let together =
        |first: Recorded, second: Recorded| [Recorded { took: 500, ..first }, Recorded { took: 500, ..second }];
    // Shipped after it was paid.
    check_recorded(&together(exchange(10, SHIP, "200"), exchange(0, PAY, PAID)), &["pass", "pass"]);
    // One of them had to be refused.
    check_recorded(&together(exchange(0, PAY, PAID), exchange(10, PAY, AGAIN)), &["pass", PAID_TWICE]);
}

/// The exchanges of GES, a second apart, give these lines.
#[track_caller]
fn check_ges(exchanges: &[(&str, &str)], expected: &[&str]) {
    let recorded = exchanges.iter().enumerate();
    let recorded: Vec<_> = recorded.map(|(at, (request, reply))| exchange(at as u64 * 1000, request, reply)).collect();
    let (contract, suite) = (ges_conformance::contract().unwrap(), ges_conformance::suite().unwrap());
    let lines: Vec<_> =
        report_of(&contract, &suite, har(&recorded), JudgedSide::Replies).entries.iter().map(line).collect();
    assert_eq!(lines, expected);
}

const UPGRADE: &str = r#"POST /v1.0/p1/graphs/g-1/action?action_id=upgrade {"upgradeVersion": "2.3.4"}"#;
const LATER: &str = r#"POST /v1.0/p1/graphs/g-1/action?action_id=upgrade {"upgradeVersion": "2.3.5"}"#;
const STOP: &str = "POST /v2/p1/graphs/g-1/stop";
const SUCCEEDED: &str = r#"200 {"job_id": "j-1", "status": "success"}"#;
const JOB: &str = "GET /v2/p1/graphs/g-1/jobs/j-1/status";
const FIRST: &str = r#"200 {"jobId": "j-1"}"#;
const SECOND: &str = r#"200 {"jobId": "j-2"}"#;
const STOPPING: &str = r#"200 {"job_id": "j-1"}"#;
const STOPPED: &str = r#"200 {"job_id": "j-2"}"#;

#[test]
fn what_can_succeed_once_is_not_accepted_again_after_its_job_succeeded() {
    let twice =
        "fail; reply: accepted upgrade_graph on graph g-1 once more, which cannot succeed twice (it did in exchange/1)";
    check_ges(&[(UPGRADE, FIRST), (JOB, SUCCEEDED), (UPGRADE, SECOND)], &["pass", "pass", twice]);
    // To a later version.
    check_ges(&[(UPGRADE, FIRST), (JOB, SUCCEEDED), (LATER, SECOND)], &["pass", "pass", "pass"]);
    // The first may not have succeeded.
    check_ges(&[(UPGRADE, FIRST), (UPGRADE, SECOND)], &["pass", "pass"]);
    let failed = r#"200 {"job_id": "j-1", "status": "failed"}"#;
    check_ges(&[(UPGRADE, FIRST), (JOB, failed), (UPGRADE, SECOND)], &["pass", "pass", "pass"]);
}

#[test]
fn a_job_that_failed_leaves_the_state_unknown() {
    let again = "fail; reply: accepted stop_graph on graph g-1 in the state stopped or stopping (known from exchange/1); \
                 the document allows it in: running";
    check_ges(&[(STOP, STOPPING), (STOP, STOPPED)], &["pass", again]);
    check_ges(&[(STOP, STOPPING), (JOB, SUCCEEDED), (STOP, STOPPED)], &["pass", "pass", again]);
    let failed = r#"200 {"job_id": "j-1", "status": "failed"}"#;
    check_ges(&[(STOP, STOPPING), (JOB, failed), (STOP, STOPPED)], &["pass", "pass", "pass"]);
    // The same operation under another version of the API.
    let start = "POST /v2/p1/graphs/g-1/start";
    check_ges(&[(STOP, STOPPING), (start, STOPPED), (STOP, r#"200 {"job_id": "j-3"}"#)], &["pass", "pass", "pass"]);
    // A project of another tenant may have a graph of the same identifier.
    let other = "POST /v2/p2/graphs/g-1/stop";
    check_ges(&[(STOP, STOPPING), (other, STOPPED)], &["pass", "pass"]);
}
