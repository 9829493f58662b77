//! Writes the failures of a run as a list of known deviations, whose reasons are to be filled in.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::format::terminal::escaped;
use crate::format::yaml::quoted;
use crate::model::report::{Entry, Outcome, Report};
use crate::model::text::excerpt;
use crate::report::causes::causes;
use crate::report::text::counted;
use crate::run::Deviations;

/// The failures of `report` as a list that [`Deviations::read`] reads once each has a reason, grouped by cause; and what
/// deviates and is in `known` already, with the reason that it has.
pub fn baseline(report: &Report, known: &Deviations) -> String {
    let title = format!("{} {}", report.document.title, report.document.version);
    let mut text = format!(
        "# Known deviations of {} from {}.\n# Fill in each reason: a list with an empty one is refused. \
         `until` (YYYY-MM-DD) is optional.\n",
        escaped(&report.subject),
        escaped(&title)
    );
    let mut written: HashSet<&str> = HashSet::new();
    // Writing to a string does not fail.
    let add = |text: &mut String, id: &str, reason: &str, until: Option<String>| {
        _ = write!(text, "- id: {}\n  reason: {}\n", scalar(id), scalar(reason));
        if let Some(until) = until {
            _ = writeln!(text, "  until: {until}");
        }
    };
    let deviating = report.entries.iter().filter(|entry| entry.outcome == Outcome::Deviates);
    for listed in deviating.filter_map(|entry| known.about(&entry.id)) {
        if written.insert(&listed.id) {
            add(&mut text, &listed.id, &listed.reason, listed.until());
        }
    }
    for cause in causes(report) {
        // What passes although it is listed leaves the list.
        let passes = |entry: &Entry| entry.findings.iter().all(|finding| finding.kind == "deviation");
        let entries: Vec<&&Entry> =
            cause.entries.iter().filter(|entry| !passes(entry) && written.insert(&entry.id)).collect();
        if !entries.is_empty() {
            let title = excerpt(&escaped(&cause.title()), 200);
            _ = write!(text, "\n# {title} ({})\n", counted(entries.len(), "case"));
        }
        entries.into_iter().for_each(|entry| add(&mut text, &entry.id, "", None));
    }
    if written.is_empty() {
        text.push_str("[]\n");
    }
    text
}

/// A YAML scalar: plain where that is plainly safe, else in quotes.
fn scalar(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.contains('/') && text.bytes().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::mismatch::Mismatch;
    use crate::model::report::{DocumentName, Origin};
    use crate::model::suite::Suite;

    const IDS: [&str; 4] = ["land/ok", "launch/derived/body.pad.type", "launch/ok: now", "launch/*"];

    fn suite() -> Suite {
        let case = |id: &&str| {
            serde_json::json!({"id": id, "operation": "launch", "expected": {"status": 200},
                "request": {"method": "GET", "path": "/"}})
        };
        let cases: Vec<_> = IDS.iter().map(case).collect();
        Suite::from_json(&serde_json::json!({"title": "R", "version": "1", "cases": cases}).to_string()).unwrap()
    }

    fn report(outcomes: [Outcome; 4]) -> Report {
        let entry = |(at, outcome): (usize, Outcome)| {
            let mut entry = Entry::new(IDS[at].to_owned(), at, outcome);
            if matches!(outcome, Outcome::Fail | Outcome::Deviates) {
                entry.fail([&Mismatch::Framing { reason: "broke\noff".to_owned(), received: at }]);
                entry.outcome = outcome;
            }
            entry
        };
        let entries = outcomes.into_iter().enumerate().map(entry).collect();
        let document = DocumentName { title: "R".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        Report::new(Origin::Run, document, "http://h\n".to_owned(), "documented".to_owned(), entries)
    }

    #[test]
    fn a_baseline_is_a_list_once_its_reasons_are_filled_in() {
        let known = "- {id: land/*, reason: 'it \"lands\"', until: 2027-01-31}";
        let known = Deviations::read(known, &suite()).unwrap();
        let text = baseline(&report([Outcome::Deviates, Outcome::Fail, Outcome::Fail, Outcome::Fail]), &known);
        let error = Deviations::read(&text, &suite()).unwrap_err().to_string();
        assert_eq!(
            error.lines().next(),
            Some("entry 2 (launch/derived/body.pad.type): `reason` is empty: say why the failure is accepted")
        );
        assert_eq!(error.lines().count(), 3, "{error}");
        let filled = text.replace("reason: \"\"", "reason: later");
        let read = Deviations::read(&filled, &suite()).unwrap();
        assert_eq!(read.len(), 4, "{filled}");
        let land = read.about("land/ok").unwrap();
        assert_eq!((land.reason.as_str(), land.until().as_deref()), ("it \"lands\"", Some("2027-01-31")));
        assert!(text.contains("\n# the body broke\\noff (received: 1 bytes) (3 cases)\n"), "{text}");
    }

    #[test]
    fn without_failures_the_baseline_is_an_empty_list() {
        let text = baseline(&report([Outcome::Pass; 4]), &Deviations::default());
        assert!(Deviations::read(&text, &suite()).unwrap().is_empty(), "{text}");
    }
}
