//! Writes the report of a replay, an observation or merged shards as text.
//!
//! One block per entry, of which each line says one thing, and a line that counts.

use std::fmt::{self, Write};

use crate::check::value::shown_up_to;
use crate::format::terminal::{Style, escaped};
use crate::model::report::{Entry, Origin, Outcome, Report, Side};
use crate::model::text::excerpt;

/// The longest body on one line, in bytes.
const LINE: usize = 300;

/// Writes every entry that is not simply good or not asked for, then how many there are of which kind.
pub fn write_report(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    for entry in &report.entries {
        write_entry(entry, style, out)?;
    }
    write_counts(report, style, out)
}

/// Writes one entry: a line if it is good, everything there is to know if it is not.
pub fn write_entry(entry: &Entry, style: Style, out: &mut impl Write) -> fmt::Result {
    if entry.outcome == Outcome::Skipped {
        return Ok(());
    }
    let word = entry.outcome.name().to_uppercase();
    let colour = match entry.outcome {
        Outcome::Pass => "\x1b[32m",
        Outcome::Fail => "\x1b[31m",
        _ => "\x1b[33m",
    };
    let word = if style.colour { format!("{colour}{word}\x1b[0m") } else { word };
    let request = if entry.kind == "exchange" { described(entry) } else { String::new() };
    writeln!(out, "{word} {}{}", escaped(&entry.id), escaped(&request))?;
    lines(entry, out)
}

/// Writes how many entries ended in which way, and what follows from it.
pub fn write_counts(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    let total = report.entries.len() + report.omitted;
    let what = match (report.origin, total) {
        (Origin::Run, 1) => "case",
        (Origin::Run, _) => "cases",
        (_, 1) => "exchange",
        _ => "exchanges",
    };
    write!(out, "{total} {what}: ")?;
    let is_good = report.verdict.exit_code() == 0;
    let passed = format!("{} passed", report.counts.pass);
    match (style.colour, is_good) {
        (true, true) => write!(out, "\x1b[32m{passed}\x1b[0m")?,
        (true, false) => write!(out, "\x1b[31m{passed}\x1b[0m")?,
        (false, _) => write!(out, "{passed}")?,
    }
    let always = [Outcome::Fail];
    let others = [
        (Outcome::Fail, "failed"),
        (Outcome::Deviates, "known to deviate"),
        (Outcome::Unreachable, "unreachable"),
        (Outcome::Unmatched, "of no operation"),
        (Outcome::Unjudged, "not judged"),
        (Outcome::Skipped, "skipped"),
        (Outcome::Broken, "broken"),
    ];
    for (outcome, words) in others {
        let count = report.counts.of(outcome);
        if count > 0 || always.contains(&outcome) {
            write!(out, ", {count} {words}")?;
        }
    }
    writeln!(out, " ({:.2} s)", report.seconds)?;
    if report.omitted > 0 {
        writeln!(out, "{} of them are counted and not listed", report.omitted)?;
    }
    if report.counts.pass + report.counts.fail + report.counts.deviates == 0 {
        writeln!(out, "nothing was judged, so nothing is known")?;
    }
    Ok(())
}

/// The lines under an entry, as one text without colours.
pub(crate) fn entry_lines(entry: &Entry) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    _ = lines(entry, &mut text);
    text
}

/// `stop_rocket  POST /rockets/r-1/stop  200`
fn described(entry: &Entry) -> String {
    let Some(exchange) = entry.judged() else { return String::new() };
    let operation = entry.operation.as_ref().map_or_else(String::new, |operation| format!(" {operation}"));
    let status = exchange.reply.as_ref().map_or_else(|| "no reply".to_owned(), |reply| reply.status.to_string());
    format!("{operation}  {} {}  {status}", exchange.request.method, excerpt(&exchange.request.url, LINE))
}

fn lines(entry: &Entry, out: &mut impl Write) -> fmt::Result {
    let mut line = |label: &str, text: &str| writeln!(out, "  {label:10}  {}", escaped(text));
    let is_told = !matches!(entry.outcome, Outcome::Pass | Outcome::Unmatched | Outcome::Skipped);
    if let Some(about) = entry.about.as_ref().filter(|_| is_told) {
        line("about", about)?;
    }
    if let Some(given) = entry.given.as_ref().filter(|_| is_told) {
        line("given", given)?;
    }
    if is_told && let Some(exchange) = entry.judged() {
        let body = exchange.request.body.as_ref().map(|body| format!(" {}", excerpt(&body.shown(), LINE)));
        if entry.kind != "exchange" || body.is_some() {
            let request = &exchange.request;
            line("sent", &format!("{} {}{}", request.method, request.url, body.unwrap_or_default()))?;
        }
        if let Some(promise) = &entry.expected {
            let example = promise.example.as_ref().map(|example| shown_up_to(example, LINE));
            let or: String = promise.or.iter().map(|status| format!(" or {status}")).collect();
            line("expected", format!("{}{or} {}", promise.status, example.unwrap_or_default()).trim_end())?;
        }
        match &exchange.reply {
            Some(reply) => {
                let body = reply.body.as_ref().map_or_else(String::new, |body| excerpt(&body.shown(), LINE));
                line("received", format!("{} {body}", reply.status).trim_end())?;
            }
            None => line("received", exchange.trouble.as_deref().unwrap_or("no reply"))?,
        }
    }
    for finding in &entry.findings {
        let label = match finding.side {
            Side::Request => "request",
            Side::Reply => "differs",
        };
        line(label, &finding.shown())?;
    }
    if let Some(reason) = &entry.reason {
        line("because", reason)?;
    }
    for note in &entry.notes {
        line("note", &note.shown())?;
    }
    if is_told {
        if let Some(source) = &entry.source {
            line("documented", &format!("\"{}\", {}", source.document, source.section))?;
        }
        if let Some(curl) = &entry.curl {
            line("repeat", curl)?;
        }
    }
    Ok(())
}
