//! Writes the result of a run as text.
//!
//! What a server wrote is shown with its control characters escaped, and cut where it is long.

use std::fmt::{self, Write};

use serde_json::Value;
use similar::ChangeTag;

use crate::check::mismatch::Mismatch;
use crate::check::value::shown_up_to;
use crate::format::curl::curl;
use crate::format::terminal::{GREEN, RED, Style, YELLOW, escaped};
use crate::model::note::Note;
use crate::model::report::Verdict;
use crate::model::suite::{Case, Kind};
use crate::model::text::excerpt;
use crate::report::diff::diff;
use crate::run::result::{CaseResult, Outcome, Run};

/// The longest body on one line, in bytes.
const LINE: usize = 300;

/// The longest diff, in lines.
const DIFF_LINES: usize = 60;

/// Writes the whole report: every case that was asked for in the order of the plan, then the summary.
pub fn write_run(run: &Run<'_>, style: Style, out: &mut impl Write) -> fmt::Result {
    for result in &run.results {
        write_case(result, style, out)?;
    }
    write_summary(run, style, out)
}

/// Writes one case: a line if it passed, everything there is to know if it did not, and nothing if nobody asked for it
/// (the summary counts it).
pub fn write_case(result: &CaseResult<'_>, style: Style, out: &mut impl Write) -> fmt::Result {
    let (word, colour) = match result.outcome {
        Outcome::Pass => ("PASS", GREEN),
        Outcome::Fail { .. } => ("FAIL", RED),
        Outcome::Deviates { .. } => ("DEVIATES", YELLOW),
        Outcome::Unreachable { .. } => ("UNREACHABLE", YELLOW),
        Outcome::Skipped => return Ok(()),
        Outcome::Broken { .. } => ("BROKEN", YELLOW),
    };
    writeln!(out, "{} {}", style.paint(colour, word), escaped(&result.case.id))?;
    let mut lines = Lines { style, out };
    match &result.outcome {
        Outcome::Pass | Outcome::Skipped => lines.notes(&result.notes),
        Outcome::Unreachable { reason } => lines.line("because", reason),
        // What was not sent has nothing to show.
        Outcome::Broken { reason } if result.exchanges.is_empty() => lines.line("because", reason),
        Outcome::Broken { reason } => {
            lines.exchange(result)?;
            lines.line("because", reason)?;
            lines.notes(&result.notes)
        }
        Outcome::Fail { mismatches } => lines.failure(result, mismatches),
        Outcome::Deviates { mismatches, reason } => {
            for mismatch in mismatches {
                lines.line("differs", &difference(mismatch))?;
            }
            lines.line("accepted", reason)
        }
    }
}

/// Writes how many cases ended in which way, and what follows from it.
pub fn write_summary(run: &Run<'_>, style: Style, out: &mut impl Write) -> fmt::Result {
    let counts = run.counts();
    let total = run.results.len();
    let cases = if total == 1 { "case" } else { "cases" };
    let colour = if run.verdict() == Verdict::Passed { GREEN } else { RED };
    let passed = style.paint(colour, &format!("{} passed", counts.passed));
    let deviating =
        if counts.deviating == 0 { String::new() } else { format!("{} known to deviate, ", counts.deviating) };
    let took = run.took.as_secs_f64();
    writeln!(
        out,
        "{total} {cases}: {passed}, {} failed, {deviating}{} unreachable, {} skipped, {} broken ({took:.2} s)",
        counts.failed, counts.unreachable, counts.skipped, counts.broken,
    )?;
    for tour in &run.tours {
        if let Some(problem) = &tour.problem {
            writeln!(out, "{}: {}", escaped(&tour.name), style.paint(RED, &escaped(problem)))?;
        } else if let Some(found) = &tour.found {
            let found = escaped(found);
            let how = if tour.was_seen { "found" } else { "taken to be" };
            writeln!(out, "{}: {how} {found}, and {found} again", escaped(&tour.name))?;
        }
        for line in &tour.stays {
            writeln!(out, "  {}", escaped(line))?;
        }
    }
    match run.verdict() {
        _ if run.credentials_were_refused() => {
            writeln!(out, "every reply was 401: the credentials were refused outright")?;
            writeln!(out, "hint: check the token; this run says nothing about the API")
        }
        Verdict::NothingRan => writeln!(out, "no case ran"),
        _ => Ok(()),
    }
}

/// Lines under a case: a label, then text.
struct Lines<'o, W> {
    style: Style,
    out: &'o mut W,
}

impl<W: Write> Lines<'_, W> {
    fn failure(&mut self, result: &CaseResult<'_>, mismatches: &[Mismatch]) -> fmt::Result {
        self.exchange(result)?;
        for mismatch in mismatches {
            self.line("differs", &difference(mismatch))?;
        }
        self.notes(&result.notes)?;
        let same_status = result.reply().is_some_and(|reply| reply.status == result.held_against.expected.status);
        if same_status {
            self.diff(result)?;
        }
        if let Some(source) = &result.held_against.source {
            self.line("documented", &format!("\"{}\", {}", source.document, source.section))?;
        }
        match result.sent() {
            Some(sent) => self.line("repeat", &curl(sent)),
            None => Ok(()),
        }
    }

    fn exchange(&mut self, result: &CaseResult<'_>) -> fmt::Result {
        if let Some(given) = &result.case.given {
            self.line("given", given)?;
        }
        match &result.case.kind {
            Kind::Documented => {}
            Kind::Derived { breaks } => self.line("broken", breaks)?,
            Kind::Journey { shows, after, .. } => {
                self.line("shows", shows)?;
                if result.held_against.id != result.case.id {
                    self.line("in step", &result.held_against.id)?;
                } else if !after.is_empty() {
                    let (shown, rest) = after.split_at(after.len().min(3));
                    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                    self.line("after", &format!("{}{more}", shown.join(", ")))?;
                }
            }
        }
        if let Some(sent) = result.sent() {
            let body = sent.text(LINE).map_or_else(String::new, |body| format!(" {body}"));
            self.line("sent", &format!("{} {}{body}", sent.method, sent.target))?;
            self.line("expected", &expectation(result.held_against))?;
        }
        match result.reply() {
            Some(reply) => {
                let text = reply.text(LINE);
                match &reply.framing_fault {
                    // `204` alone would read as if nothing were wrong with it.
                    Some(fault) if text.is_empty() => {
                        self.line("received", &format!("{} (the body {fault})", reply.status))
                    }
                    _ => self.line("received", format!("{} {text}", reply.status).trim_end()),
                }
            }
            None if result.sent().is_some() => self.line("received", "no reply"),
            None => Ok(()),
        }
    }

    fn notes(&mut self, notes: &[Note]) -> fmt::Result {
        for note in notes {
            let place = if note.pointer.is_empty() { String::new() } else { format!("{}: ", note.pointer) };
            self.line("note", &format!("{place}{}", note.text))?;
        }
        Ok(())
    }

    /// The documented body against the received one, line by line.
    fn diff(&mut self, result: &CaseResult<'_>) -> fmt::Result {
        if is_failure(result.held_against) {
            return Ok(());
        }
        let example = result.held_against.expected.body.as_ref().and_then(|body| body.example.as_ref());
        let (Some(example), Some(reply)) = (example, result.reply()) else { return Ok(()) };
        let lines = diff(example, &reply.body).unwrap_or_default();
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

fn difference(mismatch: &Mismatch) -> String {
    match mismatch {
        // The lines above show the body already.
        Mismatch::Status { expected, found, .. } => format!("expected status {expected}, found {found}"),
        other => match other.pointer() {
            None | Some("") => other.to_string(),
            Some(pointer) => format!("{pointer}: {other}"),
        },
    }
}

fn expectation(case: &Case) -> String {
    let or = case.expected.or.iter().map(|status| format!(" or {status}"));
    let status = case.expected.status.to_string() + &or.collect::<String>();
    match &case.expected.body {
        None => status,
        Some(body) if body.undocumented => status,
        Some(body) => match &body.example {
            Some(Value::Object(members)) if is_failure(case) => {
                // The members are documented, their values belong to another failure.
                let members: Vec<_> = members.keys().map(|name| format!("\"{name}\": …")).collect();
                format!("{status} {{{}}}", members.join(", "))
            }
            Some(example) => format!("{status} {}", shown_up_to(example, LINE)),
            None => format!("{status} {}", body.media_type),
        },
    }
}

fn is_failure(case: &Case) -> bool {
    matches!(case.kind, Kind::Derived { .. }) && case.expected.status >= 400
}
