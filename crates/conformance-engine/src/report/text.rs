//! Writes the report of a run, a replay or an observation as text.
//!
//! One block per entry, of which each line says one thing; then a line of counts. What a server wrote is shown with its
//! control characters escaped, and cut where it is long.

use std::fmt::{self, Write};

use serde_json::Value;
use similar::ChangeTag;

use crate::check::value::shown_up_to;
use crate::format::terminal::{GREEN, RED, Style, YELLOW, escaped};
use crate::model::exchange::Purpose;
use crate::model::report::{Entry, Expectation, Finding, Origin, Outcome, Report, Side, TourResult, Verdict};
use crate::model::text::excerpt;
use crate::report::coverage;
use crate::report::diff::diff;

/// The longest body on one line, in bytes.
const LINE: usize = 300;

/// The longest diff, in lines.
const DIFF_LINES: usize = 60;

/// Writes every entry that was asked for, then the summary.
pub fn write_report(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    for entry in &report.entries {
        write_entry(entry, style, out)?;
    }
    write_summary(report, style, out)
}

/// Writes one entry: a line if it passed, all details if it did not, nothing if it was skipped (the summary counts it).
pub fn write_entry(entry: &Entry, style: Style, out: &mut impl Write) -> fmt::Result {
    if entry.outcome == Outcome::Skipped {
        return Ok(());
    }
    let colour = match entry.outcome {
        Outcome::Pass => GREEN,
        Outcome::Fail => RED,
        _ => YELLOW,
    };
    let word = style.paint(colour, &entry.outcome.name().to_uppercase());
    writeln!(out, "{word} {}{}", escaped(&entry.id), escaped(&address(entry)))?;
    Lines { style, out }.entry(entry)
}

/// Writes how many entries ended in which way, what became of the tours, and what follows from it all.
pub fn write_summary(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    let total = report.entries.len() + report.omitted;
    let is_run = report.origin == Origin::Run;
    let one = match report.origin {
        Origin::Run => ["case", "cases"],
        Origin::Merged => ["entry", "entries"],
        Origin::Replay | Origin::Watch => ["exchange", "exchanges"],
    };
    let colour = if report.verdict == Verdict::Passed { GREEN } else { RED };
    let passed = style.paint(colour, &format!("{} passed", report.counts.pass));
    write!(out, "{total} {}: {passed}", one[usize::from(total != 1)])?;
    let others = [
        (Outcome::Fail, "failed", true),
        (Outcome::Deviates, "known to deviate", false),
        (Outcome::Unreachable, "unreachable", is_run),
        (Outcome::Unmatched, "of no operation", false),
        (Outcome::Unjudged, "not judged", false),
        (Outcome::Skipped, "skipped", is_run),
        (Outcome::Broken, "broken", is_run),
    ];
    for (outcome, words, always) in others {
        let count = report.counts.of(outcome);
        if count > 0 || always {
            write!(out, ", {count} {words}")?;
        }
    }
    writeln!(out, " ({:.2} s)", report.seconds)?;
    // What was watched is shown as it passes.
    if report.omitted > 0 && report.origin != Origin::Watch {
        writeln!(out, "{} of them are counted and not listed", report.omitted)?;
    }
    for tour in &report.tours {
        write_tour(tour, style, out)?;
    }
    if let Some(coverage) = &report.coverage {
        coverage::write_text(coverage, out)?;
    }
    if report.credentials_were_refused() {
        writeln!(out, "every reply was 401: the credentials were refused outright")?;
        writeln!(out, "hint: check the token; this run says nothing about the API")?;
    } else if report.verdict == Verdict::NothingRan {
        writeln!(out, "{}", if is_run { "no case ran" } else { "no exchange was judged" })?;
    }
    Ok(())
}

fn write_tour(tour: &TourResult, style: Style, out: &mut impl Write) -> fmt::Result {
    if let Some(problem) = &tour.problem {
        writeln!(out, "{}: {}", escaped(&tour.name), style.paint(RED, &escaped(problem)))?;
    } else if let Some(found) = &tour.found {
        let found = escaped(found);
        let how = if tour.was_observed() { "found" } else { "taken to be" };
        writeln!(out, "{}: {how} {found}, and {found} again", escaped(&tour.name))?;
    }
    for line in &tour.stays {
        writeln!(out, "  {}", escaped(line))?;
    }
    Ok(())
}

/// The lines under an entry, as one text without colours.
pub(crate) fn entry_lines(entry: &Entry) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    _ = Lines { style: Style::default(), out: &mut text }.entry(entry);
    text
}

/// Of an exchange that is no case: ` stop_rocket  POST /rockets/r-1/stop  200`.
fn address(entry: &Entry) -> String {
    let Some(exchange) = entry.judged().filter(|_| entry.kind == "exchange") else { return String::new() };
    let operation = entry.operation.as_ref().map_or_else(String::new, |operation| format!(" {operation}"));
    let status = exchange.reply.as_ref().map_or_else(|| "no reply".to_owned(), |reply| reply.status.to_string());
    format!("{operation}  {} {}  {status}", exchange.sent.method, excerpt(&exchange.sent.url, LINE))
}

/// Lines under an entry: a label, then text.
struct Lines<'o, W> {
    style: Style,
    out: &'o mut W,
}

impl<W: Write> Lines<'_, W> {
    fn entry(&mut self, entry: &Entry) -> fmt::Result {
        // Of what passed, is known to deviate or was never sent, the exchange is not shown.
        let is_shown =
            matches!(entry.outcome, Outcome::Fail | Outcome::Broken | Outcome::Unjudged) && !entry.exchanges.is_empty();
        if is_shown {
            self.exchange(entry)?;
        }
        for finding in &entry.findings {
            let label = match finding.side {
                Side::Request => "request",
                Side::Reply => "differs",
            };
            self.line(label, &difference(entry, finding))?;
        }
        if let Some(reason) = &entry.reason {
            self.line("because", reason)?;
        }
        for note in &entry.notes {
            self.line("note", &note.shown())?;
        }
        if is_shown {
            self.diff(entry)?;
            if let Some(source) = &entry.source {
                self.line("documented", &format!("\"{}\", {}", source.document, source.section))?;
            }
            if let Some(curl) = &entry.curl {
                self.line("repeat", curl)?;
            }
        }
        Ok(())
    }

    fn exchange(&mut self, entry: &Entry) -> fmt::Result {
        if let Some(given) = &entry.given {
            self.line("given", given)?;
        }
        if let Some(about) = &entry.about {
            let label = match &*entry.kind {
                "described" => "judged",
                _ if entry.is_wrong_on_purpose() => "breaks",
                _ => "shows",
            };
            self.line(label, about)?;
        }
        let Some(exchange) = entry.judged() else { return Ok(()) };
        match &exchange.purpose {
            Purpose::Step(step) => self.line("in step", step)?,
            _ => self.steps(entry)?,
        }
        let sent = &exchange.sent;
        let body = sent.text(LINE).map(|body| format!(" {body}"));
        if entry.kind != "exchange" || body.is_some() {
            self.line("sent", &format!("{} {}{}", sent.method, sent.target(), body.unwrap_or_default()))?;
        }
        if let Some(expected) = &entry.expected {
            self.line("expected", &expectation(entry, expected))?;
        }
        let Some(reply) = &exchange.reply else {
            return self.line("received", "no reply");
        };
        let text = reply.text(LINE);
        match &reply.framing_fault {
            // `204` alone would read as if nothing were wrong with it.
            Some(fault) if text.is_empty() => self.line("received", &format!("{} (the body {fault})", reply.status)),
            _ => self.line("received", format!("{} {text}", reply.status).trim_end()),
        }
    }

    /// The steps of a journey that came before the judged one.
    fn steps(&mut self, entry: &Entry) -> fmt::Result {
        let steps = entry.exchanges.iter().filter_map(|exchange| match &exchange.purpose {
            Purpose::Step(step) => Some(step.as_str()),
            _ => None,
        });
        let mut steps: Vec<&str> = steps.collect();
        steps.dedup();
        let (shown, rest) = steps.split_at(steps.len().min(3));
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        if shown.is_empty() { Ok(()) } else { self.line("after", &format!("{}{more}", shown.join(", "))) }
    }

    /// The documented body against the received one, line by line.
    fn diff(&mut self, entry: &Entry) -> fmt::Result {
        let (Some(expected), Some(reply)) = (&entry.expected, entry.reply()) else { return Ok(()) };
        let example = expected.example.as_ref().filter(|_| reply.status == expected.status && !is_refusal(entry));
        let lines = example.and_then(|example| diff(example, reply)).unwrap_or_default();
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { "diff" } else { "" };
            if index == DIFF_LINES {
                return self.line(label, "… (more is not shown)");
            }
            let (sign, colour) = match line.change {
                ChangeTag::Delete => ("-", RED),
                ChangeTag::Insert => ("+", GREEN),
                ChangeTag::Equal => (" ", ""),
            };
            let text = format!("{sign} {}", escaped(&excerpt(&line.text, LINE)));
            let text = if colour.is_empty() { text } else { self.style.paint(colour, &text) };
            writeln!(self.out, "  {label:10}  {}", text.trim_end())?;
        }
        Ok(())
    }

    fn line(&mut self, label: &str, text: &str) -> fmt::Result {
        writeln!(self.out, "  {label:10}  {}", escaped(text))
    }
}

/// A finding with its place. Of a wrong status the received body is left out: the lines above show it.
fn difference(entry: &Entry, finding: &Finding) -> String {
    match (&entry.expected, entry.reply()) {
        (Some(expected), Some(reply)) if finding.kind == "status" && finding.side == Side::Reply => {
            format!("expected status {}, found {}", expected.status, reply.status)
        }
        _ => finding.shown(),
    }
}

fn expectation(entry: &Entry, expected: &Expectation) -> String {
    let body = match (&expected.example, &expected.media_type) {
        (Some(Value::Object(members)), _) if is_refusal(entry) => {
            // The members are documented, their values belong to another failure.
            let members: Vec<_> = members.keys().map(|name| format!("\"{name}\": …")).collect();
            format!("{{{}}}", members.join(", "))
        }
        (Some(example), _) => shown_up_to(example, LINE),
        (None, Some(media_type)) if !is_refusal(entry) => media_type.clone(),
        (None, _) => String::new(),
    };
    format!("{} {body}", expected.statuses()).trim_end().to_owned()
}

/// The case expects that a request that is wrong on purpose is refused.
fn is_refusal(entry: &Entry) -> bool {
    entry.is_wrong_on_purpose() && entry.expected.as_ref().is_some_and(|expected| expected.status >= 400)
}
