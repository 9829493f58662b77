//! A report says where the example of a case stands in the document, in every format for people and build servers.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use conformance_engine::plan::Environment;
use conformance_engine::report::text::write_report;
use conformance_engine::report::{Format, Report};
use conformance_engine::suite::DocumentPlace;
use conformance_engine::terminal::Style;
use serde_json::json;

use support::{carry_out, json_answer, options, suite_of};
use test_support::{Server, Then, write};

#[test]
fn a_failure_is_shown_at_the_line_of_its_example() {
    let server = Server::start(|_, stream| {
        write(stream, json_answer("{}"));
        Then::KeepOpen
    });
    let case = |id: &str| {
        json!({
            "id": id, "operation": "list_rockets",
            "request": {"method": "GET", "path": "/rockets"}, "expected": {"status": 404},
        })
    };
    let mut suite = suite_of(json!([case("list_rockets/none"), case("list_rockets/derived/method.get")]));
    let place = |line| DocumentPlace { file: "api/rockets.yaml".to_owned(), line, column: 5 };
    suite.places.insert("list_rockets/none".to_owned(), place(40));
    suite.places.insert("list_rockets".to_owned(), place(12));
    let report = carry_out(&suite, &Environment::default(), &options(&server)).unwrap();

    let lines: Vec<u32> = report.entries.iter().filter_map(|entry| Some(entry.at.as_ref()?.line)).collect();
    assert_eq!(lines, [40, 12]);
    let read = Report::from_json(&report.to_json()).unwrap();
    assert!(read.entries.iter().map(|entry| &entry.at).eq(report.entries.iter().map(|entry| &entry.at)));
    let annotations = report.write(Format::Github).unwrap();
    assert!(
        annotations.contains("::error file=api/rockets.yaml,line=40,title=fail%3A list_rockets/none::"),
        "{annotations}"
    );
    assert!(annotations.contains("::error file=api/rockets.yaml,line=12,"), "{annotations}");
    let junit = report.write(Format::Junit).unwrap();
    assert!(junit.contains("file=\"api/rockets.yaml\" line=\"40\""), "{junit}");
    assert!(report.write(Format::Html).unwrap().contains("api/rockets.yaml:40:5"));
    let mut text = String::new();
    write_report(&report, Style::default(), &mut text).unwrap();
    assert!(text.contains("documented  api/rockets.yaml:40:5\n"), "{text}");
}
