//! The report as a VCR cassette in the very shape that Schemathesis 4 writes, so that what reads its cassettes reads
//! ours. What it has no place for (the case, the operation) stands beside it under names of its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::format::yaml::quoted;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::exchange_json::Content;
use crate::model::report::{Entry, Outcome, Report};

/// Writes the report as a cassette.
pub(crate) fn write(report: &Report) -> String {
    let mut out = String::new();
    _ = writeln!(out, "command: {}", quoted(&format!("{} {}", report.written_by, report.subject)));
    _ = writeln!(out, "recorded_with: {}", quoted(&report.written_by));
    out.push_str("seed: null\n");
    out.push_str("http_interactions:");
    let mut is_empty = true;
    let mut known = BTreeSet::new();
    for entry in &report.with_tours() {
        for exchange in &entry.exchanges {
            is_empty = false;
            interaction(report, entry, exchange, &mut known, &mut out);
        }
    }
    if is_empty {
        out.push_str(" []");
    }
    out.push('\n');
    out
}

fn interaction(report: &Report, entry: &Entry, exchange: &Exchange, known: &mut BTreeSet<String>, out: &mut String) {
    let purpose = exchange.purpose.name();
    let is_judged = entry.judged().is_some_and(|judged| std::ptr::eq(judged, exchange));
    let is_negative = is_judged && entry.is_wrong_on_purpose();
    let mode = if is_negative { "negative" } else { "positive" };
    let phase = if entry.kind == "journey" { "stateful" } else { "examples" };
    let status = match (is_judged, entry.outcome, &exchange.reply) {
        (_, _, None) => "ERROR",
        (true, Outcome::Fail, _) => "FAILURE",
        (true, Outcome::Pass | Outcome::Deviates, _) => "SUCCESS",
        _ => "SKIP",
    };
    let mut id = if is_judged { entry.id.clone() } else { format!("{}#{purpose}", entry.id) };
    for number in 2.. {
        if known.insert(id.clone()) {
            break;
        }
        id = format!("{}#{purpose}-{number}", entry.id);
    }
    _ = write!(out, "\n- id: {}\n  status: '{status}'", quoted(&id));
    // A step of a journey that failed is not what the case promises.
    if is_judged && exchange.purpose == Purpose::Case && entry.kind != "exchange" {
        _ = write!(out, "\n  case: {}", quoted(&entry.id));
    }
    if let Some(operation) = entry.operation.as_ref().filter(|_| purpose != "state") {
        _ = write!(out, "\n  operation: {}", quoted(operation));
    }
    _ = write!(out, "\n  purpose: '{purpose}'");
    if let Some(detail) = exchange.purpose.detail() {
        _ = write!(out, "\n  purpose_detail: {}", quoted(detail));
    }
    _ = write!(out, "\n  generation:\n    time: 0.0\n    mode: {mode}\n  components: {{}}");
    _ = write!(out, "\n  phase:\n    name: '{phase}'\n    data: {{}}");
    let started = exchange.started_text().unwrap_or_else(|| report.started.clone());
    _ = write!(out, "\n  recorded_at: {}", quoted(&started.replace('Z', "+00:00")));
    checks(entry, is_judged, out);
    let request = &exchange.sent;
    let (uri, method) = (quoted(&request.url), quoted(&request.method));
    _ = write!(out, "\n  request:\n    uri: {uri}\n    method: {method}");
    headers(&request.headers, out);
    if let Some(content) = &request.body {
        body(content, out);
    }
    let Some(reply) = &exchange.reply else {
        out.push_str("\n  response: null");
        if let Some(trouble) = &exchange.trouble {
            _ = write!(out, "\n  trouble: {}", quoted(trouble));
        }
        return;
    };
    _ = write!(
        out,
        "\n  response:\n    status:\n      code: '{}'\n      message: {}",
        reply.status,
        quoted(&reply.reason)
    );
    _ = write!(out, "\n    elapsed: '{:.6}'", exchange.took.as_secs_f64());
    headers(&reply.headers, out);
    if !reply.body.is_unknown() {
        body(&reply.body, out);
    }
    if reply.truncated || reply.body.is_unknown() {
        // The whole size is not known; that the body is not whole has to be.
        out.push_str("\n    truncated_from: -1");
    }
    if let Some(fault) = &reply.framing_fault {
        _ = write!(out, "\n    framing_fault: {}", quoted(fault));
    }
    let version = reply.version.strip_prefix("HTTP/").unwrap_or("1.1");
    _ = write!(out, "\n    http_version: {}", quoted(version));
}

fn checks(entry: &Entry, is_judged: bool, out: &mut String) {
    let is_checked = is_judged && matches!(entry.outcome, Outcome::Pass | Outcome::Fail | Outcome::Deviates);
    if !is_checked {
        out.push_str("\n  checks: []");
        return;
    }
    out.push_str("\n  checks:");
    if entry.findings.is_empty() {
        out.push_str("\n    - name: 'contract'\n      status: 'SUCCESS'\n      message: ~");
    }
    for finding in &entry.findings {
        _ = write!(
            out,
            "\n    - name: {}\n      status: 'FAILURE'\n      message: {}",
            quoted(&finding.kind),
            quoted(&finding.shown())
        );
    }
}

/// A mapping has each name once; several values of one name stand together.
fn headers(headers: &[(String, String)], out: &mut String) {
    if headers.is_empty() {
        out.push_str("\n    headers: {}");
        return;
    }
    out.push_str("\n    headers:");
    let mut known = BTreeSet::new();
    for (name, _) in headers.iter().filter(|(name, _)| known.insert(name.to_ascii_lowercase())) {
        _ = write!(out, "\n      {}:", quoted(name));
        for (_, value) in headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)) {
            _ = write!(out, "\n      - {}", quoted(value));
        }
    }
}

fn body(bytes: &[u8], out: &mut String) {
    _ = match Content::from(bytes) {
        Content::Text(text) => write!(out, "\n    body:\n      encoding: 'utf-8'\n      string: {}", quoted(&text)),
        Content::Base64(text) => write!(out, "\n    body:\n      encoding: 'utf-8'\n      base64_string: '{text}'"),
    };
}
