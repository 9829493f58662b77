//! The report as one HTML file: no network, no other file, for a browser of any width, light or dark.
//!
//! Everything is in the page before its script runs; the script only filters. The page forbids itself everything but
//! its own style and script, so that nothing a server wrote can do anything but be read.

use std::collections::HashSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use similar::ChangeTag;

use crate::model::exchange::{Exchange, Purpose};
use crate::model::report::{Entry, Origin, Outcome, Report, Side, Verdict};
use crate::model::text::excerpt;
use crate::model::text::visible::escaped_lines;
use crate::report::causes::{causes, difference};
use crate::report::coverage;
use crate::report::diff::diff;
use crate::report::text::{counted, failed_arguments, shows_exchange, tour_text};
use crate::report::words::{counts, verdict_words};
use base64::prelude::{BASE64_STANDARD, Engine as _};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The longest body in the page, in bytes.
const BODY: usize = 32 << 10;

/// So many causes are open from the start; with more broken cases than this, none of those is.
const OPEN: usize = 10;

/// Writes the report as HTML.
pub(crate) fn write(report: &Report) -> String {
    let title = format!("{} {}", report.document.title, report.document.version);
    let broken = report.counts.broken;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(report.written_by);
                title { (verdict_words(report.verdict)) ": " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    p.quiet { (origin_words(report)) " " strong { (report.subject) } }
                    p.quiet {
                        "started " (report.started.get(..19).unwrap_or_default().replace('T', " ")) " UTC" ", took " (format!("{:.2}", report.seconds)) " s, compared at "
                        (report.level)
                        @if let Some(shard) = report.shard { ", part " (shard) }
                    }
                    p.verdict.(verdict_class(report.verdict)) { (verdict_words(report.verdict)) }
                    p { (counts(report)) }
                    @for tour in &report.tours {
                        p.quiet {
                            (tour.name)
                            @let (what, is_problem) = tour_text(tour);
                            ": " span.fail[is_problem] { (what) }
                            @for line in &tour.stays { br; (line) }
                        }
                    }
                    @if let Some(coverage) = &report.coverage { (coverage::section(coverage)) }
                    (filters(report))
                }
                main {
                    (failures(report))
                    @for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Fail) {
                        @for entry in report.entries.iter().filter(|entry| entry.outcome == outcome) {
                            (card(entry, broken <= OPEN && is_broken(entry)))
                        }
                    }
                    @if report.entries.is_empty() { p { "There is nothing in this report." } }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    // Also what is not shown: an attribute, say.
    escaped_lines(&page.into_string()).into_owned()
}

/// Nothing but this style and this script, known by their hashes.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn filters(report: &Report) -> Markup {
    let mut operations: Vec<&str> = Vec::new();
    for entry in &report.entries {
        if !operations.contains(&entry.group()) {
            operations.push(entry.group());
        }
    }
    html! {
        div.filters role="group" aria-label="Filters" hidden {
            @for outcome in Outcome::ALL {
                @if report.counts.of(outcome) > 0 {
                    button type="button" data-outcome=(outcome.name()) aria-pressed="false" {
                        span.(class(outcome)) { (outcome.name()) } " " (report.counts.of(outcome))
                    }
                }
            }
            select aria-label="Operation" {
                option value="" { "all operations" }
                @for operation in operations { option value=(operation) { (operation) } }
            }
            input type="search" placeholder="Text in the entry ( / )" aria-label="Text in the entry";
            button type="button" id="open" { "Open all" }
            button type="button" id="close" { "Close all" }
            span.quiet id="shown" aria-live="polite" {}
        }
    }
}

/// The failures, each under the first of its causes; one of each cause is open.
fn failures(report: &Report) -> Markup {
    let causes = causes(report);
    let failed: Vec<&Entry> = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).collect();
    let mut shown: HashSet<&str> = HashSet::new();
    html! {
        @if failed.len() > 1 {
            h2.causes { (counted(failed.len(), "failure")) ", " (counted(causes.len(), "cause")) }
        }
        @for (index, cause) in causes.iter().enumerate() {
            @let (new, elsewhere): (Vec<&Entry>, Vec<&Entry>) =
                cause.entries.iter().partition(|entry| shown.insert(&entry.id));
            section.cause {
                @if failed.len() > 1 {
                    h3 {
                        span.fail { (excerpt(&cause.title(), 300)) } " "
                        span.quiet { (counted(cause.entries.len(), "case")) }
                    }
                }
                @if let Some((first, alike)) = new.split_first() {
                    (card(first, index < OPEN))
                    @if !alike.is_empty() {
                        details.alike {
                            summary { (counted(alike.len(), "more case")) }
                            @for entry in alike { (card(entry, false)) }
                        }
                    }
                }
                @if !elsewhere.is_empty() {
                    p.quiet { "also " @for entry in elsewhere { a href=(anchor(&entry.id)) { (entry.id) } " " } }
                }
            }
        }
        @let arguments = failed_arguments(report);
        @if !arguments.is_empty() {
            details.others {
                summary { "Failed cases, as arguments of another run" }
                div { pre { (arguments.join("\n")) } button.copy type="button" hidden { "Copy" } }
            }
        }
    }
}

/// A link to an entry; its id may have characters that an address has not.
fn anchor(id: &str) -> String {
    format!("#{}", percent_encoding::utf8_percent_encode(&escaped_lines(id), percent_encoding::NON_ALPHANUMERIC))
}

fn card(entry: &Entry, is_open: bool) -> Markup {
    let judged = entry.judged();
    let others = entry.exchanges.iter().filter(|exchange| judged.is_none_or(|judged| !std::ptr::eq(judged, *exchange)));
    let others: Vec<_> = others.collect();
    html! {
        details.entry id=(entry.id) data-outcome=(entry.outcome.name()) data-operation=(entry.group())
            open[is_open] {
            summary {
                span.badge.(class(entry.outcome)) { (entry.outcome.name()) }
                span.id { (entry.id) }
                @if entry.kind != "documented" && entry.kind != "exchange" { span.quiet { (entry.kind) } }
                span.gist { (gist(entry)) }
            }
            div.inside {
                @if let Some(about) = &entry.about { h2 { "About" } p { (about) } }
                @if let Some(given) = &entry.given { h2 { "Given" } p { (given) } }
                @if !entry.findings.is_empty() {
                    h2 { "What is wrong" }
                    ul {
                        @for finding in &entry.findings {
                            li.fail {
                                @if finding.side == Side::Request { "request: " }
                                (difference(entry, finding))
                            }
                        }
                    }
                }
                @if let Some(reason) = &entry.reason { h2 { "Because" } p { (reason) } }
                @if shows_exchange(entry) || entry.findings.is_empty() { (expectation(entry)) }
                @if let Some(source) = &entry.source {
                    h2 { "Documented" }
                    p { "“" (source.document) "”, " (source.section) }
                } @else if let Some(at) = &entry.at {
                    h2 { "Documented" }
                    p { (at.to_string()) }
                }
                @if !entry.unjudged.is_empty() {
                    h2 { "Not judged" }
                    ul { @for what in &entry.unjudged { li { (what) } } }
                }
                @if !entry.notes.is_empty() {
                    h2 { "Notes" }
                    ul { @for note in &entry.notes { li { (note.shown()) } } }
                }
                @if let Some(judged) = judged { (exchange_pair(entry, judged)) }
                @if !others.is_empty() {
                    details.others {
                        summary {
                            @if others.len() == 1 { "1 other request" } @else { (others.len()) " other requests" }
                        }
                        @for exchange in others { (exchange_pair(entry, exchange)) }
                    }
                }
                @if let Some(curl) = &entry.curl {
                    h2 { "Repeat" }
                    div { pre { (curl) } button.copy type="button" hidden { "Copy" } }
                }
            }
        }
    }
}

/// The promise, as a diff where there is something to compare it with.
fn expectation(entry: &Entry) -> Markup {
    let Some(promise) = &entry.expected else { return html! {} };
    let reply = entry.reply().filter(|reply| reply.status == promise.status);
    let lines = promise.example.as_ref().zip(reply).and_then(|(example, reply)| diff(example, reply));
    html! {
        h2 { "Expected" }
        p { "status " (promise.statuses()) @if let Some(media_type) = &promise.media_type { ", " (media_type) } }
        @match (lines, &promise.example) {
            (Some(lines), _) => {
                p.quiet { "− documented, + received" }
                pre {
                    @for line in lines {
                        @match line.change {
                            ChangeTag::Delete => span.del { "− " (line.text) },
                            ChangeTag::Insert => span.add { "+ " (line.text) },
                            ChangeTag::Equal => span.same { "  " (line.text) },
                        }
                    }
                }
            },
            (None, Some(example)) => pre { (format!("{example:#}")) },
            (None, None) => {},
        }
    }
}

fn exchange_pair(entry: &Entry, exchange: &Exchange) -> Markup {
    let purpose = match exchange.purpose {
        Purpose::Case => "Exchange",
        Purpose::Step(_) => "Step before",
        Purpose::ProviderState(_) => "Asking for a state",
        Purpose::Setup(_) => "Making the state",
        Purpose::Cleanup(_) => "Cleaning up",
        Purpose::Unchanged(_) => "Unchanged request",
        Purpose::Towards(_) => "On the way to the state",
        Purpose::Wait => "Waiting",
        Purpose::Return => "Going back",
    };
    let is_raw = entry.findings.iter().any(|finding| finding.kind == "json");
    let request = &exchange.sent;
    html! {
        h2 { (purpose) @if let Some(detail) = exchange.purpose.detail() { ": " (detail) } }
        div.pair {
            div {
                pre {
                    (format!("{} {}\n", request.method, request.url))
                    (head(&request.headers))
                    @if let Some(body) = &request.body { "\n" (body_text(body, false)) }
                }
            }
            div {
                pre {
                    @match &exchange.reply {
                        Some(reply) => {
                            (format!("{} {} {}\n", reply.version, reply.status, reply.reason))
                            (head(&reply.headers))
                            @if !reply.body.is_unknown() { "\n" (body_text(&reply.body, is_raw)) }
                            @if reply.truncated { "\n… (more is not kept)" }
                            @if let Some(fault) = &reply.framing_fault { "\n(the body " (fault) ")" }
                        },
                        None => {
                            "no reply"
                            @if let Some(trouble) = &exchange.trouble { ": " (trouble) }
                        },
                    }
                }
                p.quiet { (format!("{:.1} ms", exchange.took.as_secs_f64() * 1000.0)) }
            }
        }
    }
}

fn head(headers: &[(String, String)]) -> Markup {
    html! { @for (name, value) in headers { (format!("{name}: {value}\n")) } }
}

/// JSON in lines, unless its very text is what is wrong with it.
fn body_text(body: &[u8], is_raw: bool) -> String {
    let text = match std::str::from_utf8(body) {
        Ok(text) => excerpt(text, BODY),
        Err(_) => format!("({} bytes, not text)", body.len()),
    };
    let value = (!is_raw).then(|| serde_json::from_str::<serde_json::Value>(&text).ok()).flatten();
    value.map_or(text, |value| format!("{value:#}"))
}

fn gist(entry: &Entry) -> String {
    let request = match entry.judged() {
        Some(exchange) => {
            let status = exchange.reply.as_ref().map_or("no reply".to_owned(), |reply| reply.status.to_string());
            format!("{} {} → {status}", exchange.sent.method, exchange.sent.target())
        }
        None => String::new(),
    };
    let first = entry.findings.first().map(|finding| difference(entry, finding)).or_else(|| entry.reason.clone());
    match first {
        Some(first) if request.is_empty() => excerpt(&first, 200),
        Some(first) => format!("{request}: {}", excerpt(&first, 200)),
        None => request,
    }
}

fn origin_words(report: &Report) -> &'static str {
    match report.origin {
        Origin::Run => "checked",
        Origin::Replay => "read from",
        Origin::Watch => "watched",
        Origin::Merged => "merged",
    }
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "pass",
        Verdict::ContractBroken => "fail",
        Verdict::CouldNotRun | Verdict::NothingRan => "warn",
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Skipped | Outcome::Unmatched => "quiet",
        _ => "warn",
    }
}

fn is_broken(entry: &Entry) -> bool {
    entry.outcome == Outcome::Broken
}
