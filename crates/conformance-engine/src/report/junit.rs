//! The report as JUnit XML: one suite per operation, one test per case. Read by Jenkins, GitLab and many others.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report as Xml, TestCase, TestCaseStatus, TestSuite};

use crate::format::terminal::escaped;
use crate::model::report::{Entry, Outcome, Report};
use crate::model::text::visible::escaped_lines;
use crate::report::causes::{Cause, causes, difference};
use crate::report::text::{counted, entry_lines};

/// Writes the report as JUnit XML.
///
/// # Errors
/// Never in practice: writing to memory does not fail.
pub(crate) fn write(report: &Report) -> Result<String, String> {
    let mut xml = Xml::new(report.document.title.as_str());
    xml.set_time(duration(report.seconds));
    let causes = causes(report);
    let mut suites: Vec<TestSuite> = Vec::new();
    for entry in &report.entries {
        let group = entry.group();
        let index = match suites.iter().position(|suite| suite.name.as_str() == group) {
            Some(index) => index,
            None => {
                suites.push(suite(report, group));
                suites.len() - 1
            }
        };
        suites[index].add_test_case(test(entry, &causes));
    }
    for suite in &mut suites {
        let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(time);
    }
    xml.add_test_suites(suites);
    let text = xml.to_string().map_err(|error| error.to_string())?;
    // What XML cannot hold and the library leaves in; and what would hide or reorder the rest.
    Ok(escaped_lines(&text.replace(['\u{fffe}', '\u{ffff}'], "")).into_owned())
}

fn suite(report: &Report, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
    // Without fraction and zone, in UTC, as the schema of Jenkins wants it.
    let started = report.started.get(..19).unwrap_or_default();
    suite.extra.insert("timestamp".into(), started.into());
    suite.add_property(Property::new("endpoint", report.subject.as_str()));
    suite.add_property(Property::new("document.version", report.document.version.as_str()));
    suite.add_property(Property::new("match", report.level.as_str()));
    if let Some(shard) = report.shard {
        suite.add_property(Property::new("shard", shard.to_string()));
    }
    suite
}

fn test(entry: &Entry, causes: &[Cause<'_>]) -> TestCase {
    let told = told(entry, causes);
    let first =
        || entry.findings.first().map_or_else(|| entry.outcome.name().to_owned(), |finding| difference(entry, finding));
    let status = match entry.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail => non_success(NonSuccessKind::Failure, &kind(entry), &first(), &told),
        Outcome::Broken => {
            non_success(NonSuccessKind::Error, "broken", entry.reason.as_deref().unwrap_or_default(), &told)
        }
        Outcome::Deviates | Outcome::Unreachable | Outcome::Skipped | Outcome::Unmatched | Outcome::Unjudged => {
            let mut status = TestCaseStatus::skipped();
            let reason = entry.reason.as_deref().unwrap_or_default();
            status.set_message(format!("{}: {reason}", entry.outcome.name()).trim_end_matches(": "));
            status
        }
    };
    let has_more = !entry.notes.is_empty() || !entry.unjudged.is_empty() || matches!(entry.outcome, Outcome::Deviates);
    let mut test = TestCase::new(entry.id.as_str(), status);
    test.set_classname(entry.group());
    test.set_time(duration(entry.seconds));
    if let Some(at) = &entry.at {
        // GitLab links a test to its file.
        test.extra.insert("file".into(), at.file.as_str().into());
        test.extra.insert("line".into(), at.line.to_string().into());
    }
    if has_more && !matches!(entry.outcome, Outcome::Fail | Outcome::Broken) {
        test.set_system_out(told);
    }
    test
}

/// The lines of an entry; of a failure, which others probably have the same cause.
fn told(entry: &Entry, causes: &[Cause<'_>]) -> String {
    let mut text = String::new();
    for (index, cause) in causes.iter().enumerate() {
        if cause.entries.iter().any(|other| std::ptr::eq(*other, entry)) {
            let (number, count) = (index + 1, causes.len());
            text += &format!(
                "cause {number} of {count}: {} ({})\n",
                escaped(&cause.title()),
                counted(cause.entries.len(), "case")
            );
        }
    }
    text + &entry_lines(entry)
}

fn kind(entry: &Entry) -> String {
    entry.findings.first().map_or_else(|| "fail".to_owned(), |finding| finding.kind.clone())
}

fn non_success(kind: NonSuccessKind, name: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name);
    status.set_message(message);
    status.set_description(description);
    status
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
