//! Every format that is written reads back as the same, by our reader and by other ones.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, SystemTime};

use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::exchange::{Exchange, Reply};
use conformance_engine::recorded::Recorded;
use conformance_engine::report::{DocumentName, Entry, Expectation, Format, Origin, Outcome, Report, TourResult};
use conformance_engine::traffic::recording::Recording;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};
use conformance_engine::visible::escaped_lines;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

/// One operation that knows a secret, and nothing that much could be wrong with.
const CONTRACT: &str = r#"{"title": "Rockets", "version": "1", "operations": [
    {"id": "land", "method": "POST", "path": "/rockets/{rocket}/land", "credential": {"name": "X-Key", "in": "header"},
     "responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}}], "schemas": {}}"#;

fn report(exchanges: Vec<Recorded>) -> Report {
    let contract = Contract::from_json(CONTRACT).unwrap();
    let mut watcher = Watcher::new(&contract, None, Level::Documented, JudgedSide::Both);
    let entries = exchanges.into_iter().map(|exchange| watcher.see(exchange)).collect();
    let document = DocumentName { title: "Rockets".to_owned(), version: "1".to_owned(), fingerprint: "00".to_owned() };
    Report::new(Origin::Watch, document, "a file".to_owned(), "documented".to_owned(), entries)
}

/// What is read of a recording of these exchanges.
fn read(text: &str) -> Vec<Exchange> {
    let recording = Recording::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let recorded: Result<Vec<_>, _> = recording.entries.into_iter().collect();
    let report = report(recorded.unwrap_or_else(|unreadable| panic!("{unreadable:?}\n{text}")));
    report.entries.into_iter().flat_map(|entry| entry.exchanges).collect()
}

/// Whatever a person, a server or another program can have put into a text.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{fffe}",
        "\u{1f600}",
        "\r",
        "\r\n",
        "\n\n",
        "\t",
        "\u{1b}[31m",
        "]]>",
        "<b>&amp;",
        "'",
        "\"",
        "\\",
        "{{x}}",
        "%00",
        "---",
        ": #",
        "- ",
        "~",
        "null",
        " ",
        "***",
        "\u{d7ff}\u{e000}",
    ]);
    vec(prop_oneof![odd.prop_map(str::to_owned), any::<String>(), "[ -~]{0,12}"], 0..4).prop_map(|parts| parts.concat())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"{\"rocket\": 123456789012345678901234567890, \"fuel\": 1e400}".to_vec()),
        text().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40),
    ]
}

/// Some twice, in one spelling or in two; one whose value is a secret.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name =
        prop_oneof![Just("X-A"), Just("x-a"), Just("X-Key"), Just("Content-Type"), Just("Set-Cookie"), Just("O'K!")];
    let value = prop_oneof![Just("application/json".to_owned()), "[ -~]{0,12}", "[ -~]?[\u{80}-\u{ff}]{1,3}"];
    vec((name.prop_map(str::to_owned), value), 0..5)
}

fn reply() -> impl Strategy<Value = Reply> {
    let version = prop::sample::select(vec!["HTTP/1.0", "HTTP/1.1", "HTTP/2"]);
    (100_u16..1000, text(), version, headers(), body(), option::of(text())).prop_map(
        |(status, reason, version, headers, body, framing_fault)| Reply {
            status,
            reason,
            version: version.to_owned(),
            headers,
            body: body.into(),
            framing_fault,
            ..Reply::default()
        },
    )
}

fn recorded() -> impl Strategy<Value = Recorded> {
    let method = prop_oneof![Just("POST".to_owned()), Just("GET".to_owned()), "[A-Z!#$%&'*+.^_`|~-]{1,8}"];
    let url = prop_oneof![
        Just("http://h/rockets/r-1/land".to_owned()),
        text().prop_map(|text| format!("http://h/{text}")),
        text().prop_map(|text| format!("/{text}")),
    ];
    // To the microsecond, which is what all formats have; and long before and after anybody measured anything.
    let micros = || 0_u64..4_000_000_000_000_000;
    let ended = prop_oneof![reply().prop_map(Ok), "[ -~]{1,20}".prop_map(Err)];
    (text(), method, url, headers(), body(), ended, micros(), 0_u64..100_000_000_000).prop_map(
        |(label, method, url, headers, body, ended, started, took)| {
            let mut exchange = support::exchange(&method, &url, headers, body);
            exchange.started = SystemTime::UNIX_EPOCH + Duration::from_micros(started);
            exchange.took = Duration::from_micros(took);
            match ended {
                Ok(reply) => exchange.reply = Some(reply),
                Err(trouble) => exchange.trouble = Some(trouble),
            }
            Recorded::whole(label, exchange)
        },
    )
}

/// As numbers are written in decimals, seconds may differ in what nobody can measure.
fn assert_took_the_same(one: &Exchange, other: &Exchange) {
    assert!(one.took.abs_diff(other.took) < Duration::from_micros(2), "{:?} and {:?}", one.took, other.took);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_har_file_holds_every_exchange_as_it_was(exchanges in vec(recorded(), 1..4)) {
        let report = report(exchanges);
        let written: Vec<_> = report.entries.iter().flat_map(|entry| entry.exchanges.clone()).collect();
        let read = read(&report.write(Format::Har).unwrap());
        prop_assert_eq!(written.len(), read.len());
        for (before, mut after) in written.into_iter().zip(read) {
            assert_took_the_same(&before, &after);
            after.took = before.took;
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_cassette_holds_every_exchange_but_the_order_of_different_headers(exchanges in vec(recorded(), 1..4)) {
        let report = report(exchanges);
        let written: Vec<_> = report.entries.iter().flat_map(|entry| entry.exchanges.clone()).collect();
        let text = report.write(Format::Vcr).unwrap();
        let read = read(&text);
        prop_assert_eq!(written.len(), read.len());
        for (mut before, mut after) in written.into_iter().zip(read) {
            // How long it took until nothing came has no place there.
            if before.reply.is_some() {
                assert_took_the_same(&before, &after);
            }
            after.took = before.took;
            by_name(&mut before);
            by_name(&mut after);
            prop_assert_eq!(before, after, "{}", text);
        }
    }

    #[test]
    fn a_json_report_reads_as_itself(
        exchanges in vec(recorded(), 0..3), nanos in any::<u64>(), example in any_json(), words in vec(text(), 4),
    ) {
        let mut report = report(exchanges);
        report.seconds = Duration::from_nanos(nanos).as_secs_f64();
        for (entry, word) in report.entries.iter_mut().zip(&words) {
            entry.seconds = report.seconds / 3.0;
            entry.about = Some(word.clone());
            let promise = Expectation { status: 200, or: vec![404], class: false, media_type: Some(word.clone()), example: None };
            entry.expected = Some(Expectation { example: Some(example.clone()), ..promise });
        }
        let exchanges = report.entries.iter().flat_map(|entry| entry.exchanges.clone()).collect();
        let [name, found, left, problem] = <[String; 4]>::try_from(words).unwrap();
        let stays = vec![name.clone()];
        let (found, left, problem) = (Some(found), Some(left), Some(problem));
        report.tours.push(TourResult { name, found, left, stays, problem, exchanges });
        let text = report.write(Format::Json).unwrap();
        prop_assert_eq!(Report::from_json(&text), Ok(report), "{}", text);
    }

    #[test]
    fn a_junit_report_is_xml_that_says_what_we_said(
        exchanges in vec((recorded(), prop::sample::select(Outcome::ALL.to_vec()), option::of(text())), 0..4),
    ) {
        let (exchanges, ends): (Vec<_>, Vec<_>) = exchanges.into_iter().map(|(it, ended, why)| (it, (ended, why))).unzip();
        let mut report = report(exchanges);
        for (entry, (outcome, reason)) in report.entries.iter_mut().zip(ends) {
            (entry.outcome, entry.reason) = (outcome, reason);
        }
        let text = report.write(Format::Junit).unwrap();
        let xml = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        for entry in &report.entries {
            let told = xml.descendants().filter(|node| node.has_tag_name("testcase"));
            let told: Vec<_> = told.filter(|node| is_told(node.attribute("name"), &entry.id)).collect();
            prop_assert!(told.iter().any(|node| says(*node, entry)), "{:?}\n{}", entry, text);
        }
        let count = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
        let of = |outcome| report.entries.iter().filter(|entry| entry.outcome == outcome).count();
        prop_assert_eq!(count("testcase"), report.entries.len());
        prop_assert_eq!(count("failure"), of(Outcome::Fail));
        prop_assert_eq!(count("error"), of(Outcome::Broken));
        prop_assert_eq!(count("skipped"), report.entries.len() - of(Outcome::Fail) - of(Outcome::Broken) - of(Outcome::Pass));
    }
}

fn by_name(exchange: &mut Exchange) {
    let sort = |headers: &mut Vec<(String, String)>| {
        headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
        headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    };
    sort(&mut exchange.sent.headers);
    exchange.reply.iter_mut().for_each(|reply| sort(&mut reply.headers));
}

/// With numbers as large, as small and as exact as there are.
fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(Value::from),
    ];
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text().prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let members = vec((text(), inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn says(node: roxmltree::Node<'_, '_>, entry: &Entry) -> bool {
    let child = |name: &str| node.children().find(|child| child.has_tag_name(name));
    let message = |name: &str| child(name).and_then(|child| child.attribute("message"));
    let reason = entry.reason.as_deref().unwrap_or_default();
    match entry.outcome {
        Outcome::Pass => child("failure").or(child("error")).or(child("skipped")).is_none(),
        Outcome::Fail => child("failure").is_some_and(|failure| failure.attribute("type").is_some()),
        Outcome::Broken => is_told(message("error"), reason),
        outcome => is_told(message("skipped"), format!("{}: {reason}", outcome.name()).trim_end_matches(": ")),
    }
}

/// XML has no place for control characters, and none in attributes for different kinds of space; then it is enough that
/// something is there. What is hidden is an escape.
fn is_told(found: Option<&str>, said: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    found.is_some_and(|found| found == escaped_lines(said) || !said.chars().all(is_plain))
}
