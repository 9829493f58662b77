//! What of a document exchanges cover: of a recording, of a run, and of several reports together.

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::coverage::{Coverage, Kind};
use conformance_engine::report::{Format, Report, Shard, merge};
use conformance_engine::run::{Options, run};
use conformance_engine::traffic::watcher::JudgedSide;
use conformance_engine::{Address, Secret};
use test_support::emulator::{RunningEmulator, TOKEN};

use crate::service::{Recorded, exchange, har, report};

fn coverage(recorded: &[Recorded]) -> Coverage {
    report(har(recorded), JudgedSide::Both).coverage.unwrap()
}

fn counts(coverage: &Coverage) -> String {
    let counts = coverage.counts.iter();
    counts
        .map(|(kind, count)| format!("{} {}/{}", kind.name(), count.covered, count.total))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The exchanges cover these counts.
#[track_caller]
fn check(exchanges: &[(&str, &str)], expected: &str) {
    let recorded = exchanges.iter().enumerate();
    let recorded: Vec<_> = recorded.map(|(at, (request, reply))| exchange(at as u64, request, reply)).collect();
    assert_eq!(counts(&coverage(&recorded)), expected);
}

/// Nothing but this, of what the document has.
fn of(covered: &[(&str, usize)]) -> String {
    let totals = [
        ("operations", 7),
        ("statuses", 11),
        ("parameters", 6),
        ("members", 21),
        ("values", 13),
        ("headers", 2),
        ("examples", 1),
        ("states", 3),
    ];
    let given: BTreeMap<&str, usize> = covered.iter().copied().collect();
    assert!(given.keys().all(|name| totals.iter().any(|(known, _)| known == name)));
    let counts = totals.iter().map(|(name, total)| format!("{name} {}/{total}", given.get(name).unwrap_or(&0)));
    counts.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_occurs_in_right_messages_is_covered() {
    check(&[], &of(&[]));
    check(&[("GET /orders/latest", "204")], &of(&[("operations", 1), ("statuses", 1), ("headers", 1)]));
    let created = [("operations", 1), ("statuses", 1), ("members", 2)];
    check(&[(r#"POST /orders {"item": "tea"}"#, r#"201 {"order_id": "o-1"}"#)], &of(&created));
    let noted = [("operations", 1), ("statuses", 1), ("members", 3), ("values", 1)];
    check(&[(r#"POST /orders {"item": "tea", "note": "red"}"#, r#"201 {"order_id": "o-1"}"#)], &of(&noted));
    let listed = [("operations", 1), ("statuses", 1), ("parameters", 2), ("values", 1), ("members", 1)];
    check(&[("GET /orders?state=paid&limit=1", r#"200 {"orders": []}"#)], &of(&listed));
    // The first element has another member than the second.
    let nested = [("operations", 1), ("statuses", 1), ("members", 6), ("values", 2)];
    let orders = r#"200 {"orders": [{"state": "open"}, {"state": "paid", "customer": {"name": "n", "tags": {"x": {"since": "y"}}}}]}"#;
    check(&[("GET /orders", orders)], &of(&nested));
    // Twice the same is no more.
    check(&[("GET /orders", orders), ("GET /orders", orders)], &of(&nested));
}

#[test]
fn what_is_wrong_or_not_judged_covers_less() {
    // The request is wrong, so nothing of it counts; the reply to it does.
    let refused = [("operations", 1), ("statuses", 1), ("members", 1)];
    check(&[(r#"POST /orders {"item": "t", "note": "red"}"#, r#"400 {"error": "no"}"#)], &of(&refused));
    // The reply is wrong.
    let broken = [("operations", 1), ("statuses", 1), ("members", 1)];
    check(&[(r#"POST /orders {"item": "tea"}"#, r#"201 {"id": "o-1"}"#)], &of(&broken));
    // The status is not documented.
    check(&[("GET /orders/latest", "500")], &of(&[("operations", 1)]));
    // There is no reply, or no operation.
    check(&[("GET /orders/latest", "0")], &of(&[]));
    check(&[("PUT /orders/latest", "405")], &of(&[]));
}

#[test]
fn states_are_covered_by_what_is_accepted_and_by_look_ups() {
    let paid = [("operations", 1), ("statuses", 1), ("parameters", 1), ("members", 1), ("states", 1)];
    check(&[("POST /orders/o-1/pay", r#"200 {"payment_id": "p-1"}"#)], &of(&paid));
    let looked = [("operations", 1), ("statuses", 1), ("parameters", 1), ("members", 1), ("values", 1), ("states", 1)];
    check(&[("GET /orders/o-1", r#"200 {"state": "shipped"}"#)], &of(&looked));
    // Refused: nothing is known of the state.
    let refused = [("operations", 1), ("statuses", 1), ("parameters", 1), ("members", 1)];
    check(&[("POST /orders/o-1/pay", r#"409 {"error": "no"}"#)], &of(&refused));
}

#[test]
fn an_example_is_covered_by_its_case() {
    let named = Recorded {
        case: Some("create_order/one"),
        ..exchange(0, r#"POST /orders {"item": "tea", "note": "blue"}"#, r#"201 {"order_id": "o-1"}"#)
    };
    let expected = [("operations", 1), ("statuses", 1), ("members", 3), ("values", 1), ("examples", 1)];
    assert_eq!(counts(&coverage(&[named])), of(&expected));
}

#[test]
fn what_is_missing_is_named_once() {
    let coverage = coverage(&[exchange(0, "GET /orders/o-1", r#"200 {"state": "open", "customer": {}}"#)]);
    let named = |kind: Kind, operation: &str| {
        let missing = coverage.missing.iter().filter(|it| it.item.kind == kind);
        let missing = missing.filter(|it| it.item.operation.as_deref() == Some(operation));
        missing.map(|it| it.item.to_string()).collect::<Vec<_>>()
    };
    // What is below a member that is missing is counted there.
    let members = ["show_order: 200 /customer/name", "show_order: 200 /customer/tags", "show_order: 200 /parent"];
    assert_eq!(named(Kind::Members, "show_order"), members);
    assert_eq!(named(Kind::Statuses, "show_order"), ["show_order: status 404"]);
    let values = ["paid", "shipped", "shipping"].map(|value| format!("show_order: 200 /state = \"{value}\""));
    assert_eq!(named(Kind::Values, "show_order"), values);
    let ship = coverage.missing.iter().find(|it| it.item.operation.as_deref() == Some("ship_order")).unwrap();
    let inside = [(Kind::Statuses, 2), (Kind::Parameters, 1), (Kind::Members, 1)];
    assert_eq!((ship.item.kind, &ship.inside), (Kind::Operations, &BTreeMap::from(inside)));
    // What cannot be covered has its reason.
    let excluded = coverage.excluded.iter().map(|it| format!("{}: {}", it.item, it.reason));
    let excluded: Vec<_> = excluded.collect();
    assert!(excluded.contains(&"state lost: no operation starts or ends in it".to_owned()), "{excluded:?}");
    let parent = "show_order: 200 /parent/*: the schema refers to itself; its members are counted once".to_owned();
    assert!(excluded.contains(&parent), "{excluded:?}");
}

/// All kinds of exchanges, right and wrong.
fn traffic() -> Vec<Recorded> {
    [
        (r#"POST /orders {"item": "tea", "note": "red"}"#, r#"201 {"order_id": "o-1"}"#),
        (r#"POST /orders {"item": "t"}"#, r#"400 {"error": "short"}"#),
        (r#"POST /orders {"item": "tea", "note": "blue"}"#, r#"201 {"order_id": "o-2"}"#),
        ("GET /orders?state=open", r#"200 {"orders": [{"state": "open", "parent": {"state": "paid"}}]}"#),
        ("GET /orders?state=paid&limit=7", r#"200 {"orders": [{"state": "paid", "customer": {"name": "n"}}]}"#),
        ("GET /orders/o-1", r#"200 {"state": "open", "customer": {"tags": {"a": {}}}}"#),
        ("GET /orders/o-9", r#"404 {"error": "none"}"#),
        ("POST /orders/o-1/pay", r#"200 {"payment_id": "p-1"}"#),
        ("POST /orders/o-1/ship", "200"),
        ("POST /orders/o-1/ship", r#"409 {"error": "shipped"}"#),
        ("GET /orders/latest", "204"),
        ("DELETE /orders/o-1", "405"),
        ("PUT /orders/o-1", "405"),
    ]
    .iter()
    .enumerate()
    .map(|(at, (request, reply))| exchange(at as u64, request, reply))
    .collect()
}

#[test]
fn parts_of_a_recording_cover_together_what_the_whole_covers() {
    let traffic = traffic();
    let whole = coverage(&traffic);
    // Every way to divide the traffic in two, and some in more.
    for mask in 0..1_u32 << traffic.len() {
        let part = |is_in: bool| -> Vec<Recorded> {
            let chosen = traffic.iter().enumerate().filter(|(at, _)| (mask >> at & 1 == 1) == is_in);
            chosen.map(|(_, recorded)| recorded.clone()).collect()
        };
        if mask % 37 == 0 {
            let merged = coverage(&part(true)).merge(coverage(&part(false))).unwrap();
            assert_eq!(merged, whole, "{mask:b}");
        }
    }
    let single = traffic.iter().map(|recorded| coverage(std::slice::from_ref(recorded)));
    let merged = single.reduce(|all, next| all.merge(next).unwrap()).unwrap();
    assert_eq!(merged, whole);
}

#[test]
fn reports_of_one_document_are_merged_with_their_coverage() {
    let traffic = traffic();
    let (first, second) = traffic.split_at(6);
    let of = |recorded: &[Recorded]| report(har(recorded), JudgedSide::Both);
    let merged = merge(vec![("a.json".to_owned(), of(first)), ("b.json".to_owned(), of(second))]).unwrap();
    assert_eq!(merged.coverage.as_ref(), of(&traffic).coverage.as_ref());
    assert_eq!(merged.entries.len(), traffic.len());
    assert_eq!(merged.counts, of(&traffic).counts);
    // As JSON it reads as itself, and the page says what is missing.
    assert_eq!(Report::from_json(&merged.to_json()).unwrap(), merged);
    assert!(merged.write(Format::Html).unwrap().contains("Not covered: "));
    let error = merge(vec![("a.json".to_owned(), of(first))]).unwrap_err();
    assert!(error.contains("there is no other to merge it with"), "{error}");
}

/// A run of everything against the emulator, or of one part of it.
async fn run_of(service: &RunningEmulator, shard: Option<Shard>) -> Report {
    let suite = ges_conformance::suite().unwrap();
    let reach = Environment { provider_states: true, ..Environment::default() };
    let plan = Plan::new(&suite, &reach, &Selection { shard, ..Selection::default() }).unwrap();
    let mut options = Options::new(Address::endpoint(&service.endpoint).unwrap());
    options.provider_states = Some(Address::url(&format!("{}/_emulator/provider-states", service.endpoint)).unwrap());
    options.token = Some(Secret::new(TOKEN));
    options.contract = Some(Arc::new(ges_conformance::contract().unwrap()));
    run(&plan, &options, |_| ()).await.unwrap()
}

#[tokio::test]
async fn the_shards_of_a_run_cover_together_what_the_run_covers() {
    let service = RunningEmulator::with_token();
    let whole = run_of(&service, None).await;
    let whole = whole.coverage.unwrap();
    let operations = whole.counts[&Kind::Operations];
    assert_eq!((operations.covered, operations.total), (5, 5));
    let examples = whole.counts[&Kind::Examples];
    let suite = ges_conformance::suite().unwrap();
    let documented = suite.cases.iter().filter(|case| case.kind.is_documented()).count();
    assert_eq!((examples.covered, examples.total), (documented, documented));
    for count in [1, 3] {
        let mut shards = Vec::new();
        for index in 1..=count {
            shards.push((index.to_string(), run_of(&service, Some(Shard { index, count })).await));
        }
        let merged = merge(shards).unwrap().coverage.unwrap();
        assert_eq!(merged, whole, "{count} shards");
    }
}
