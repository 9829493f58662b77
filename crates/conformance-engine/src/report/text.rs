//! Writes the report of a run, a replay or an observation as text.
//!
//! Failures come first, one block for each cause; then what else is not good, then what passed, then the failed cases
//! and the counts. What a server wrote is shown with its control characters escaped, and cut where it is long.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};

use serde_json::Value;
use similar::ChangeTag;

use crate::check::value::shown_up_to;
use crate::format::shell;
use crate::format::terminal::{BOLD, GREEN, RED, Style, YELLOW, escaped};
use crate::format::wrap::{wrapped, wrapped_shell};
use crate::model::exchange::Purpose;
use crate::model::report::{Entry, Expectation, Finding, Origin, Outcome, Report, Side, TourResult, Verdict};
use crate::model::text::excerpt;
use crate::report::causes::{alike, by_reason, causes, difference, pattern};
use crate::report::coverage;
use crate::report::diff::{Line, diff};
use crate::report::words::unit;

/// The longest body on one line, in bytes.
const LINE: usize = 300;

/// The longest diff, in lines.
const DIFF_LINES: usize = 60;

/// So many cases that ended alike are named under the first of them; all are in the list of failures or in the plan.
const ALIKE: usize = 8;

/// The columns before the text of a line under an entry.
const INDENT: usize = 14;

/// Writes failures and whatever else is not good, every entry that passed, and the summary.
pub fn write_report(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    write_details(report, style, out)?;
    for entry in report.entries.iter().filter(|entry| entry.outcome == Outcome::Pass) {
        write_entry(entry, style, out)?;
    }
    write_summary(report, style, out)
}

/// Writes one entry: a line if it passed, all details if it did not, nothing if it was skipped (the summary counts it).
pub fn write_entry(entry: &Entry, style: Style, out: &mut impl Write) -> fmt::Result {
    if entry.outcome == Outcome::Skipped {
        return Ok(());
    }
    write_name(entry, style, out)?;
    Lines { style, out }.entry(entry)
}

/// What was said of cases that passed, in the order in which it came up: the same is said once.
#[derive(Debug, Default)]
pub struct Said {
    /// Label, text, and how many cases it was said of.
    all: Vec<(&'static str, String, usize)>,
    /// Where it is in `all`, by what two cases say alike: values of replies make no difference.
    known: HashMap<String, usize>,
}

impl Said {
    /// Counts it; whether it was not said before.
    fn is_new(&mut self, label: &'static str, text: &str) -> bool {
        let index = *self.known.entry(format!("{label} {}", alike(text))).or_insert(self.all.len());
        match self.all.get_mut(index) {
            Some((.., count)) => *count += 1,
            None => self.all.push((label, text.to_owned(), 1)),
        }
        index + 1 == self.all.len() && self.all[index].2 == 1
    }

    /// Writes what was said of more than one case, with their number.
    pub fn write_repeated(&self, style: Style, out: &mut impl Write) -> fmt::Result {
        let mut lines = Lines { style, out };
        let mut repeated = self.all.iter().filter(|(.., count)| *count > 1);
        repeated.try_for_each(|(label, text, count)| lines.line(label, &format!("in {count} cases: {text}")))
    }
}

/// Writes the line of a case that has just ended, and of one that passed what was not said before. What else there is to say
/// is in [`write_details`]. Nothing if it was not sent.
pub fn write_progress(entry: &Entry, said: &mut Said, style: Style, out: &mut impl Write) -> fmt::Result {
    match entry.outcome {
        Outcome::Pass => {
            write_name(entry, style, out)?;
            let unjudged = entry.unjudged.iter().map(|what| ("not judged", what.clone()));
            let mut lines = Lines { style, out };
            for (label, text) in unjudged.chain(entry.notes.iter().map(|note| ("note", note.shown()))) {
                if said.is_new(label, &text) {
                    lines.line(label, &text)?;
                }
            }
            Ok(())
        }
        Outcome::Skipped | Outcome::Unreachable => Ok(()),
        _ => write_name(entry, style, out),
    }
}

/// Writes every failure, grouped by cause, and what else did not pass, grouped by reason.
pub fn write_details(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    let causes = causes(report);
    let failed = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).count();
    let gap = |out: &mut dyn Write, is_first: &mut bool| if std::mem::take(is_first) { Ok(()) } else { writeln!(out) };
    let mut is_first = true;
    if failed > 1 {
        let (failures, count) = (counted(failed, "failure"), counted(causes.len(), "cause"));
        writeln!(out, "{}", style.paint(BOLD, &format!("{failures}, {count}")))?;
        is_first = false;
    }
    let mut shown: HashSet<&str> = HashSet::new();
    for cause in &causes {
        gap(out, &mut is_first)?;
        let new = cause.entries.iter().find(|entry| !shown.contains(entry.id.as_str()));
        let Some(entry) = new.or(cause.entries.first()) else { continue };
        write_name(entry, style, out)?;
        let mut lines = Lines { style, out };
        if new.is_some() {
            lines.entry(entry)?;
        } else {
            let findings: Vec<&Finding> = cause.findings.clone();
            lines.findings(entry, &findings)?;
            lines.line("details", "above")?;
        }
        shown.insert(&entry.id);
        lines.alike(cause.entries.iter().filter(|other| other.id != entry.id).copied())?;
    }
    let others = Outcome::ALL.into_iter().filter(|it| !matches!(it, Outcome::Fail | Outcome::Pass | Outcome::Skipped));
    for outcome in others {
        for group in by_reason(report, outcome) {
            let Some((entry, alike)) = group.split_first() else { continue };
            gap(out, &mut is_first)?;
            write_name(entry, style, out)?;
            let mut lines = Lines { style, out };
            lines.entry(entry)?;
            lines.alike(alike.iter().copied())?;
        }
    }
    if is_first { Ok(()) } else { writeln!(out) }
}

/// Writes which cases failed, how many entries ended in which way, what became of the tours, and what follows from it
/// all.
pub fn write_summary(report: &Report, style: Style, out: &mut impl Write) -> fmt::Result {
    let is_run = report.origin == Origin::Run;
    let failed = failed_arguments(report);
    if !failed.is_empty() {
        writeln!(out, "failed cases, as arguments of another run:")?;
        failed.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    } else if report.counts.fail > 1 {
        let failed = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail);
        let ids: Vec<&str> = failed.map(|entry| entry.id.as_str()).collect();
        for (index, line) in wrapped(&escaped(&ids.join(", ")), 8, style.columns).iter().enumerate() {
            writeln!(out, "{}{line}", if index == 0 { "failed: " } else { "        " })?;
        }
    }
    let total = report.entries.len() + report.omitted;
    let in_part = match report.counts.in_part {
        0 => String::new(),
        count => format!(" ({count} in part)"),
    };
    let passed = format!("{} passed{in_part}", report.counts.pass);
    let mut counts = vec![(passed, (report.counts.pass > 0).then_some(GREEN))];
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
        let colour = match outcome {
            _ if count == 0 => None,
            Outcome::Fail => Some(RED),
            Outcome::Skipped | Outcome::Unmatched => None,
            _ => Some(YELLOW),
        };
        if count > 0 || always {
            counts.push((format!("{count} {words}"), colour));
        }
    }
    let counts: Vec<String> =
        counts.into_iter().map(|(text, colour)| colour.map_or(text.clone(), |it| style.paint(it, &text))).collect();
    let [one, many] = unit(report.origin);
    let unit = if total == 1 { one } else { many };
    writeln!(out, "{total} {unit}: {} ({:.2} s)", counts.join(", "), report.seconds)?;
    // What was watched is shown as it passes.
    if report.omitted > 0 && report.origin != Origin::Watch {
        writeln!(out, "{} of them are counted and not listed", report.omitted)?;
    }
    if !report.left_behind.is_empty() {
        let left = report.left_behind.iter().map(|(operation, count)| format!("{count} of {operation}"));
        writeln!(out, "left behind: {}", escaped(&left.collect::<Vec<_>>().join(", ")))?;
    }
    for tour in &report.tours {
        write_tour(tour, style, out)?;
    }
    if let Some(coverage) = &report.coverage {
        coverage::write_text(coverage, style.columns, out)?;
    }
    if report.credentials_were_refused() {
        writeln!(out, "every reply was 401: the credentials were refused outright")?;
        writeln!(out, "hint: check the token; this run says nothing about the API")?;
    } else if report.verdict == Verdict::NothingRan {
        writeln!(out, "{}", if is_run { "no case ran" } else { "no exchange was judged" })?;
    }
    Ok(())
}

/// The failed cases of a run, if there are several, as lines of arguments for a shell.
pub(crate) fn failed_arguments(report: &Report) -> Vec<String> {
    let failed = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail);
    let lines: Vec<Option<String>> = failed.map(|entry| shell::flag("--only", &entry.id)).collect();
    if report.origin != Origin::Run || lines.len() < 2 {
        return Vec::new();
    }
    let unwritable = lines.iter().filter(|line| line.is_none()).count();
    let mut lines: Vec<String> = lines.into_iter().flatten().collect();
    let last = lines.len().saturating_sub(1);
    lines.iter_mut().take(last).for_each(|line| line.push_str(" \\"));
    if unwritable > 0 {
        lines.push(format!("# and {}, with an id that cannot be quoted", counted(unwritable, "more case")));
    }
    lines
}

fn write_tour(tour: &TourResult, style: Style, out: &mut impl Write) -> fmt::Result {
    let name = escaped(&tour.name);
    let (text, is_problem) = tour_text(tour);
    for (index, line) in wrapped(&format!("{name}: {}", escaped(&text)), 2, style.columns).iter().enumerate() {
        let line = if is_problem { style.paint(RED, line) } else { line.clone() };
        writeln!(out, "{}{line}", if index == 0 { "" } else { "  " })?;
    }
    for line in &tour.stays {
        writeln!(out, "  {}", escaped(line))?;
    }
    Ok(())
}

/// What became of the resource of a tour, and whether that is a problem.
pub(crate) fn tour_text(tour: &TourResult) -> (String, bool) {
    let looks = || tour.exchanges.iter().filter(|exchange| exchange.purpose == Purpose::Wait);
    match (&tour.problem, &tour.found) {
        (Some(problem), _) => (problem.clone(), true),
        (None, Some(found)) if tour.was_observed() => (format!("found {found}, and {found} again"), false),
        (None, Some(found)) => {
            let why = match looks().find_map(|look| look.reply.as_ref()) {
                Some(reply) => format!("looking it up was answered {}", reply.status),
                None if looks().next().is_some() => "looking it up was not answered".to_owned(),
                None => "it is not looked up".to_owned(),
            };
            (format!("its state is not known, because {why}; it was taken to be {found}"), false)
        }
        (None, None) => ("its state is not known".to_owned(), true),
    }
}

/// `FAIL land_rocket/no_pad`
fn write_name(entry: &Entry, style: Style, out: &mut impl Write) -> fmt::Result {
    let colour = match entry.outcome {
        Outcome::Pass => GREEN,
        Outcome::Fail => RED,
        _ => YELLOW,
    };
    let word = entry.outcome.name().to_uppercase();
    let name = format!("{}{}", escaped(&entry.id), escaped(&address(entry)));
    let lines = wrapped(&name, word.len() + 1, style.columns);
    let word = style.paint(colour, &word);
    writeln!(out, "{word} {}", lines.join("\n    "))
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

/// `1 case`, `2 cases`
pub fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Of what passed, is known to deviate or was never sent, the exchange is not shown; nor of a case that only has to leave
/// the list of deviations.
pub(crate) fn shows_exchange(entry: &Entry) -> bool {
    let is_only_listed = !entry.findings.is_empty() && entry.findings.iter().all(|finding| finding.kind == "deviation");
    matches!(entry.outcome, Outcome::Fail | Outcome::Broken | Outcome::Unjudged)
        && !entry.exchanges.is_empty()
        && !is_only_listed
}

/// The documented body against the received one, if both can be compared and differ.
pub(crate) fn body_diff(entry: &Entry) -> Option<Vec<Line>> {
    let (expected, reply) = (entry.expected.as_ref()?, entry.reply()?);
    let example = expected.example.as_ref().filter(|_| reply.status == expected.status && !is_refusal(entry))?;
    diff(example, reply)
}

/// Lines under an entry: a label, then text.
struct Lines<'o, W> {
    style: Style,
    out: &'o mut W,
}

impl<W: Write> Lines<'_, W> {
    fn entry(&mut self, entry: &Entry) -> fmt::Result {
        let findings: Vec<&Finding> = entry.findings.iter().collect();
        self.findings(entry, &findings)?;
        if let Some(reason) = &entry.reason {
            self.line("because", reason)?;
        }
        for what in &entry.unjudged {
            self.line("not judged", what)?;
        }
        if shows_exchange(entry) {
            self.exchange(entry)?;
        }
        for note in &entry.notes {
            self.line("note", &note.shown())?;
        }
        if !shows_exchange(entry) {
            return Ok(());
        }
        let source = entry.source.as_ref().map(|source| format!("\"{}\", {}", source.document, source.section));
        if let Some(documented) = source.or_else(|| entry.at.as_ref().map(ToString::to_string)) {
            self.line("documented", &documented)?;
        }
        match &entry.curl {
            // A comment that were broken would go on as a command.
            Some(curl) if curl.starts_with('#') => self.lines("repeat", vec![escaped(curl).into_owned()]),
            Some(curl) => self.lines("repeat", wrapped_shell(&escaped(curl), INDENT, self.style.columns)),
            None => Ok(()),
        }
    }

    /// Findings of the same kind at the same place of a list are one line.
    fn findings(&mut self, entry: &Entry, findings: &[&Finding]) -> fmt::Result {
        let place =
            |finding: &Finding| (finding.side.name(), finding.kind.clone(), finding.pointer.as_deref().map(pattern));
        let mut done = HashSet::new();
        for finding in findings.iter().filter(|finding| finding.pointer.is_none() || done.insert(place(finding))) {
            let label = match finding.side {
                Side::Request => "request",
                Side::Reply => "differs",
            };
            let alike = findings.iter().filter(|other| finding.pointer.is_some() && place(other) == place(finding));
            let more = match alike.count().saturating_sub(1) {
                0 => String::new(),
                more => format!(" (and {more} more like this)"),
            };
            self.line(label, &format!("{}{more}", difference(entry, finding)))?;
        }
        Ok(())
    }

    /// The cases that ended in the same way.
    fn alike<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>) -> fmt::Result {
        let names: Vec<&str> = entries.map(|entry| entry.id.as_str()).collect();
        let (shown, rest) = names.split_at(names.len().min(ALIKE));
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        if shown.is_empty() { Ok(()) } else { self.line("likewise", &format!("{}{more}", shown.join(", "))) }
    }

    fn exchange(&mut self, entry: &Entry) -> fmt::Result {
        if let Some(given) = &entry.given {
            self.line("given", given)?;
        }
        if let Some(about) = &entry.about {
            let label = match &*entry.kind {
                "described" => "judged",
                "permitted" => "permits",
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
        let diff = body_diff(entry);
        if let Some(expected) = &entry.expected {
            // A diff shows both bodies.
            let whole = || expectation(entry, expected);
            self.line("expected", &diff.as_ref().map_or_else(whole, |_| expected.statuses()))?;
        }
        let Some(reply) = &exchange.reply else {
            return self.line("received", "no reply");
        };
        let text = if diff.is_some() { String::new() } else { reply.text(LINE) };
        match &reply.framing_fault {
            // `204` alone would read as if nothing were wrong with it.
            Some(fault) if text.is_empty() => self.line("received", &format!("{} (the body {fault})", reply.status))?,
            _ => self.line("received", format!("{} {text}", reply.status).trim_end())?,
        }
        diff.map_or(Ok(()), |lines| self.diff(&lines))
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
    fn diff(&mut self, lines: &[Line]) -> fmt::Result {
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
            let text = excerpt(&escaped(&line.text), LINE);
            let words = text.trim_start_matches(' ');
            let inner = text.len() - words.len();
            for (part, words) in wrapped(words, INDENT + 2 + inner, self.style.columns).iter().enumerate() {
                let text = format!("{} {:inner$}{words}", if part == 0 { sign } else { " " }, "");
                let text = if colour.is_empty() { text } else { self.style.paint(colour, &text) };
                writeln!(self.out, "  {:10}  {}", if part == 0 { label } else { "" }, text.trim_end())?;
            }
        }
        Ok(())
    }

    fn line(&mut self, label: &str, text: &str) -> fmt::Result {
        self.lines(label, wrapped(&escaped(text), INDENT, self.style.columns))
    }

    fn lines(&mut self, label: &str, lines: Vec<String>) -> fmt::Result {
        for (index, line) in lines.iter().enumerate() {
            writeln!(self.out, "{}", format!("  {:10}  {line}", if index == 0 { label } else { "" }).trim_end())?;
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::check::mismatch::Mismatch;
    use crate::model::exchange::{Exchange, Reply, Sent};
    use crate::model::report::DocumentName;

    #[track_caller]
    fn check_tour(looks: &[Option<u16>], found: Option<&str>, problem: Option<&str>, expected: &str) {
        let look = |status: &Option<u16>| Exchange {
            purpose: Purpose::Wait,
            sent: Sent::default(),
            reply: status.map(|status| Reply { status, ..Reply::default() }),
            trouble: None,
            started: SystemTime::now(),
            took: Duration::ZERO,
        };
        let tour = TourResult {
            name: "rocket_id=r-1".to_owned(),
            found: found.map(ToOwned::to_owned),
            problem: problem.map(ToOwned::to_owned),
            exchanges: looks.iter().map(look).collect(),
            ..TourResult::default()
        };
        assert_eq!(tour_text(&tour).0, expected);
    }

    #[test]
    fn what_is_said_of_many_cases_is_written_once_and_counted() {
        let style = Style { colour: false, columns: None };
        let (mut said, mut text) = (Said::default(), String::new());
        for note in ["a body: {\"a\": 1}", "a body: {\"a\": 23}", "another", "a body: {\"a\": 4}"] {
            let mut entry = Entry::new("launch/ok".to_owned(), 0, Outcome::Pass);
            entry.note(note);
            write_progress(&entry, &mut said, style, &mut text).unwrap();
        }
        said.write_repeated(style, &mut text).unwrap();
        let lines: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let pass = "PASS launch/ok";
        let expected =
            [pass, "note a body: {\"a\": 1}", pass, pass, "note another", pass, "note in 3 cases: a body: {\"a\": 1}"];
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn a_state_that_was_not_seen_is_not_claimed() {
        check_tour(&[Some(200)], Some("landed"), None, "found landed, and landed again");
        let unknown = "its state is not known, because";
        check_tour(
            &[Some(404), None],
            Some("landed"),
            None,
            &format!("{unknown} looking it up was answered 404; it was taken to be landed"),
        );
        check_tour(
            &[None],
            Some("landed"),
            None,
            &format!("{unknown} looking it up was not answered; it was taken to be landed"),
        );
        check_tour(&[], Some("landed"), None, &format!("{unknown} it is not looked up; it was taken to be landed"));
        check_tour(&[Some(404)], Some("landed"), Some("it is left flying"), "it is left flying");
    }

    fn report(origin: Origin, entries: Vec<Entry>) -> String {
        let document = DocumentName { title: "R".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        let mut report = Report::new(origin, document, String::new(), "documented".to_owned(), entries);
        report.seconds = 0.0;
        let mut text = String::new();
        write_report(&report, Style { columns: Some(60), ..Style::default() }, &mut text).unwrap();
        text
    }

    #[test]
    fn what_ended_for_one_reason_is_one_block() {
        let lost = (0..12).map(|at| {
            let mut entry = Entry::new(format!("launch/{at}"), at, Outcome::Unreachable);
            entry.reason = Some("no resource is given in the state `a rocket on the pad`".to_owned());
            entry
        });
        let expected = "UNREACHABLE launch/0
  because     no resource is given in the state `a rocket on
              the pad`
  likewise    launch/1, launch/2, launch/3, launch/4,
              launch/5, launch/6, launch/7, launch/8 and 3
              more

12 cases: 0 passed, 0 failed, 12 unreachable, 0 skipped, 0 broken (0.00 s)
no case ran
";
        assert_eq!(report(Origin::Run, lost.collect()), expected);
    }

    #[test]
    fn a_failure_with_two_causes_is_shown_once() {
        let missing = |at: usize, places: &[&str]| {
            let mut entry = Entry::new(format!("exchange/{at}"), at, Outcome::Fail);
            let missing = |place: &&str| Mismatch::Missing { pointer: (*place).to_owned(), expected: "1".to_owned() };
            entry.fail(&places.iter().map(missing).collect::<Vec<_>>());
            entry
        };
        let entries =
            vec![missing(1, &["/crew/0/name", "/crew/1/name", "/crew/2/name"]), missing(2, &["/crew/0/name", "/pad"])];
        let expected = "2 failures, 2 causes

FAIL exchange/1
  differs     /crew/0/name: expected this member, for
              instance 1, found none (and 2 more like this)
  likewise    exchange/2

FAIL exchange/2
  differs     /crew/0/name: expected this member, for
              instance 1, found none
  differs     /pad: expected this member, for instance 1,
              found none

failed: exchange/1, exchange/2
2 exchanges: 0 passed, 2 failed (0.00 s)
";
        assert_eq!(report(Origin::Replay, entries), expected);
    }
}
