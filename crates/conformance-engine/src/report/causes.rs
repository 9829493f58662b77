//! Groups failures by cause, so that each cause is read once, however many cases show it.
//!
//! Two failures have the same cause if they differ from the document in the same way at the same place: the same kind of
//! difference at the same member, the same status in place of the same one, the same transport fault. What one server
//! wrote into two replies (identifiers, times) makes no difference. It is a guess, and the reports say no more than that.

use std::collections::{HashMap, HashSet};

use crate::model::exchange::{Purpose, Reply};
use crate::model::report::{Entry, Finding, Outcome, Report, Side};

/// Failures that probably have one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause<'r> {
    /// What is wrong in all of them, as the first of them shows it.
    pub findings: Vec<&'r Finding>,
    /// The failures, in the order of the report. One with several findings may have several causes.
    pub entries: Vec<&'r Entry>,
}

impl Cause<'_> {
    /// What is wrong, on one line.
    pub fn title(&self) -> String {
        let (Some(first), Some(entry)) = (self.findings.first(), self.entries.first()) else {
            let reason = self.entries.first().and_then(|entry| entry.reason.clone());
            return reason.unwrap_or_else(|| "it failed".to_owned());
        };
        let more = match self.findings.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        // The same status in place of the same one has many causes.
        let place = changed(entry).filter(|_| is_status(first)).map_or_else(String::new, |place| format!(" ({place})"));
        format!("{}{place}{more}", difference(entry, first))
    }
}

/// The causes of all failures, the most frequent first. Every failure is in at least one.
pub fn causes(report: &Report) -> Vec<Cause<'_>> {
    let failed: Vec<&Entry> = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).collect();
    let refused = refused(report, &failed);
    let mut indexes: HashMap<String, usize> = HashMap::new();
    let mut causes: Vec<(Vec<&Finding>, Vec<usize>)> = Vec::new();
    for (at, entry) in failed.iter().copied().enumerate() {
        let keys = entry.findings.iter().map(|finding| (key(report, entry, finding, &refused), Some(finding)));
        let plain = entry.findings.is_empty().then(|| (entry.reason.clone().unwrap_or_default(), None));
        for (key, finding) in keys.chain(plain) {
            let index = *indexes.entry(key).or_insert(causes.len());
            if index == causes.len() {
                causes.push((finding.into_iter().collect(), Vec::new()));
            }
            if causes[index].1.last() != Some(&at) {
                causes[index].1.push(at);
            }
        }
    }
    // What the same failures show is one cause: a body that is another one altogether lacks every member.
    let mut merged: Vec<(Vec<&Finding>, Vec<usize>)> = Vec::new();
    let mut holders: HashMap<Vec<usize>, usize> = HashMap::new();
    for (findings, entries) in causes {
        let index = *holders.entry(entries.clone()).or_insert(merged.len());
        match merged.get_mut(index) {
            Some((known, _)) => known.extend(findings),
            None => merged.push((findings, entries)),
        }
    }
    merged.sort_by_key(|(_, entries)| (usize::MAX - entries.len(), entries.first().copied()));
    let entries = |all: Vec<usize>| all.into_iter().map(|at| failed[at]).collect();
    merged.into_iter().map(|(findings, all)| Cause { findings, entries: entries(all) }).collect()
}

/// Entries that ended alike for the same reason, in the order of the report.
pub(crate) fn by_reason(report: &Report, outcome: Outcome) -> Vec<Vec<&Entry>> {
    let mut indexes: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for entry in report.entries.iter().filter(|entry| entry.outcome == outcome) {
        // Without a reason, what there is to say is in the entry.
        let index = match entry.reason.as_deref() {
            Some(reason) => *indexes.entry(reason).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(index) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// A finding with its place. Of a wrong status the received body is left out: it is shown elsewhere.
pub(crate) fn difference(entry: &Entry, finding: &Finding) -> String {
    match (&entry.expected, entry.reply()) {
        (Some(expected), Some(reply)) if is_status(finding) => {
            format!("expected status {}, found {}", expected.statuses(), reply.status)
        }
        _ => finding.shown(),
    }
}

/// A pointer in which every index is `*`: the elements of a list have one place.
pub(crate) fn pattern(pointer: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').map(|part| if is_index(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

fn is_status(finding: &Finding) -> bool {
    finding.kind == "status" && finding.side == Side::Reply
}

/// The refusals with which documented requests failed, each with its operation.
fn refused(report: &Report, failed: &[&Entry]) -> HashSet<String> {
    let judged = failed.iter().filter(|entry| entry.findings.iter().any(is_status));
    let plain = judged.map(|entry| (judged_case(report, entry), entry)).filter(|(case, _)| changed(case).is_none());
    let replies = plain.filter_map(|(case, entry)| Some((case, entry.reply().filter(|reply| reply.status >= 400)?)));
    replies.map(|(case, reply)| refusal(case.group(), reply)).collect()
}

fn refusal(operation: &str, reply: &Reply) -> String {
    format!("{operation} {} {}", reply.status, normal(&reply.text(EXCERPT)))
}

/// How much of a reply tells it from another, in bytes.
const EXCERPT: usize = 300;

/// The same for findings that probably have one cause.
fn key(report: &Report, entry: &Entry, finding: &Finding, refused: &HashSet<String>) -> String {
    let Finding { kind, pointer, message, .. } = finding;
    let case = judged_case(report, entry);
    let operation = case.group();
    match (pointer.as_deref().filter(|pointer| !pointer.is_empty()), entry.reply()) {
        _ if finding.side == Side::Request => {
            format!("request {operation} {kind} {}", pattern(pointer.as_deref().unwrap_or_default()))
        }
        _ if kind == "deviation" => kind.clone(),
        (_, Some(reply)) if is_status(finding) => {
            let found = reply.status;
            let expected = entry.expected.as_ref().map(|it| it.statuses()).unwrap_or_default();
            let place = changed(case).filter(|_| !refused.contains(&refusal(operation, reply)));
            match (found, place) {
                // What was asked for made no difference.
                (401 | 403..=405 | 429 | 500.., None) | (500.., Some(_)) => {
                    format!("status {found} {}", normal(&reply.text(EXCERPT)))
                }
                (400.., place) => {
                    let place = place.unwrap_or_default();
                    format!("status {expected} {found} {place} {}", normal(&reply.text(EXCERPT)))
                }
                // Another success than the documented one has nothing to do with what the case changes.
                (200..300, _) if entry.expected.as_ref().is_some_and(|it| it.status < 400) => {
                    format!("status {operation} 2XX {found}")
                }
                // Which success it is in place of a refusal depends on the operation.
                (200..300, Some(place)) => {
                    format!("status {} 2XX {place}", entry.expected.as_ref().map_or(0, |it| it.status))
                }
                (_, Some(place)) => format!("status {expected} {found} {place}"),
                (_, None) => format!("status {operation} {expected} {found}"),
            }
        }
        // The values differ from operation to operation.
        (Some(pointer), _) if ["value", "length", "not new"].contains(&kind.as_str()) => {
            format!("{kind} {operation} {}", pattern(pointer))
        }
        // An item of a list has the schema of a thing by itself.
        (Some(pointer), _) => {
            let pattern = pattern(pointer);
            let inner = pattern.rsplit_once("/*/").map_or(pattern.trim_start_matches('/'), |(_, inner)| inner);
            format!("{kind} {inner} {}", normal(&without_quoted(message)))
        }
        (None, _) => format!("{kind} {}", normal(message)),
    }
}

/// The case that was judged: of a journey that fails on its way, the step.
fn judged_case<'r>(report: &'r Report, entry: &'r Entry) -> &'r Entry {
    let step = entry.judged().and_then(|exchange| match &exchange.purpose {
        Purpose::Step(step) => report.entries.iter().find(|entry| entry.id == *step),
        _ => None,
    });
    step.unwrap_or(entry)
}

/// What is different in the request of a case from the documented one: `body.pad` of `launch/derived/body.pad.type`.
fn changed(entry: &Entry) -> Option<&str> {
    if !["derived", "permitted"].contains(&entry.kind.as_str()) {
        return None;
    }
    let name = entry.id.rsplit('/').next()?;
    Some(name.rsplit_once('.').map_or(name, |(place, _)| place))
}

/// The same for texts that differ in values of replies only.
pub(crate) fn alike(text: &str) -> String {
    normal(&without_quoted(text))
}

/// Without what stands between double quotes: values of an example or a reply.
fn without_quoted(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Numbers, identifiers and times as `#`: words with a digit that have eight characters or more, or nothing but digits.
/// Codes of errors are shorter.
fn normal(text: &str) -> String {
    let is_of_word = |character: char| character.is_alphanumeric() || "-_".contains(character);
    let mut normal = String::with_capacity(text.len());
    let mut word = String::new();
    for character in text.chars().map(Some).chain([None]) {
        match character.filter(|character| is_of_word(*character)) {
            Some(part) => word.push(part),
            None => {
                let has_digit = word.contains(|part: char| part.is_ascii_digit());
                let is_long = word.len() >= 8 || word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() != 4;
                normal.push_str(if has_digit && is_long { "#" } else { &word });
                word.clear();
                normal.extend(character);
            }
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::model::exchange::{Exchange, Sent};
    use crate::model::report::{DocumentName, Expectation, Origin};

    /// A case: its id, its kind, the documented status, and either the status that came instead and the body, or places at
    /// which members are missing.
    type Row = (&'static str, &'static str, u16, Result<(u16, &'static str), &'static [&'static str]>);

    fn entry((id, kind, expected, found): &Row, purpose: Purpose) -> Entry {
        let mut entry = Entry::new((*id).to_owned(), 0, Outcome::Pass);
        entry.kind = (*kind).to_owned();
        entry.operation = id.split('/').next().map(ToOwned::to_owned);
        entry.expected =
            Some(Expectation { status: *expected, or: Vec::new(), class: false, media_type: None, example: None });
        let finding = |kind: &str, pointer: Option<&str>, message: String| Finding {
            side: Side::Reply,
            kind: kind.to_owned(),
            pointer: pointer.map(ToOwned::to_owned),
            message,
        };
        let (status, body) = found.unwrap_or((*expected, "{}"));
        match found {
            Ok((status, body)) => entry.fail([finding("status", None, format!("found {status}: {body}"))]),
            Err(places) => entry.fail(places.iter().map(|place| {
                finding("missing", Some(place), format!("expected this member, for instance \"{id}\", found none"))
            })),
        }
        let reply = Reply { status, body: body.as_bytes().to_vec().into(), ..Reply::default() };
        let sent =
            Sent { method: "GET".to_owned(), url: "http://h/".to_owned(), headers: Vec::new(), body: None, wire: None };
        let took = Duration::ZERO;
        entry.exchanges =
            vec![Exchange { purpose, sent, reply: Some(reply), trouble: None, started: SystemTime::now(), took }];
        entry
    }

    /// `expected` has the ids of each cause.
    #[track_caller]
    fn check(rows: &[Row], expected: &[&[&str]]) {
        let entries = rows.iter().map(|row| {
            let step = row.0.split_once("/journey/").and_then(|(_, name)| name.split_once("_then_"));
            let step = step.map(|(step, _)| Purpose::Step(step.replace('+', "/")));
            entry(row, step.unwrap_or(Purpose::Case))
        });
        let document = DocumentName { title: "R".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        let report = Report::new(Origin::Run, document, String::new(), "documented".to_owned(), entries.collect());
        let found = causes(&report);
        let found: Vec<Vec<&str>> =
            found.iter().map(|cause| cause.entries.iter().map(|entry| entry.id.as_str()).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_validated_is_one_cause_for_each_place() {
        check(
            &[
                ("launch/derived/body.pad.type", "derived", 400, Ok((200, "a"))),
                ("launch/derived/body.pad.too_long", "derived", 400, Ok((201, "b"))),
                ("land/derived/credential.missing", "derived", 401, Ok((200, "c"))),
                ("launch/derived/credential.wrong", "derived", 401, Ok((202, "d"))),
                ("land/journey/land/derived/credential.missing_then_ok", "journey", 401, Ok((200, "c"))),
                ("launch/no_fuel", "documented", 409, Ok((200, "e"))),
                ("land/no_pad", "documented", 409, Ok((200, "e"))),
            ],
            &[
                &[
                    "land/derived/credential.missing",
                    "launch/derived/credential.wrong",
                    "land/journey/land/derived/credential.missing_then_ok",
                ],
                &["launch/derived/body.pad.type", "launch/derived/body.pad.too_long"],
                &["launch/no_fuel"],
                &["land/no_pad"],
            ],
        );
    }

    #[test]
    fn one_schema_and_one_wrong_success_are_one_cause_each() {
        check(
            &[
                ("list/ok", "documented", 200, Err(&["/0/pad", "/1/pad"])),
                ("page/ok", "documented", 200, Err(&["/items/0/pad"])),
                ("launch/ok", "documented", 201, Err(&["/pad"])),
                ("launch/other", "documented", 201, Err(&["/crew/pad"])),
            ],
            &[&["list/ok", "page/ok", "launch/ok"], &["launch/other"]],
        );
        check(
            &[
                ("launch/ok", "documented", 201, Ok((200, "a"))),
                ("launch/permitted/body.pad.absent", "permitted", 201, Ok((200, "a"))),
                ("launch/permitted/wire.close", "permitted", 201, Ok((200, "a"))),
                ("land/ok", "documented", 201, Ok((200, "a"))),
                ("launch/derived/body.pad.type", "derived", 400, Ok((200, "a"))),
            ],
            &[
                &["launch/ok", "launch/permitted/body.pad.absent", "launch/permitted/wire.close"],
                &["land/ok"],
                &["launch/derived/body.pad.type"],
            ],
        );
    }

    #[test]
    fn a_server_that_is_down_or_elsewhere_is_one_cause() {
        for (status, body) in [(503, "try 2026-11-30T10:00:00Z"), (404, "no route 4c5f882d-a813")] {
            check(
                &[
                    ("launch/ok", "documented", 200, Ok((status, body))),
                    ("launch/derived/body.pad.type", "derived", 400, Ok((status, body))),
                    ("launch/permitted/body.pad.enum", "permitted", 200, Ok((status, body))),
                    ("land/ok", "documented", 200, Ok((status, body))),
                ],
                &[&["launch/ok", "launch/derived/body.pad.type", "launch/permitted/body.pad.enum", "land/ok"]],
            );
        }
        // Identifiers make no difference, and codes do.
        check(
            &[
                ("launch/ok", "documented", 200, Ok((500, "E.1001 in 8f3a2b1c9d"))),
                ("land/ok", "documented", 200, Ok((500, "E.1001 in 77aa11bb22"))),
                ("fly/ok", "documented", 200, Ok((500, "E.1002 in 77aa11bb22"))),
            ],
            &[&["launch/ok", "land/ok"], &["fly/ok"]],
        );
    }

    #[test]
    fn a_variation_fails_for_itself_unless_the_plain_request_does_too() {
        check(
            &[
                ("launch/permitted/body.absent", "permitted", 200, Ok((400, "bad"))),
                ("land/permitted/header.accept", "permitted", 200, Ok((400, "bad"))),
                ("fly/ok", "documented", 200, Ok((400, "bad"))),
                ("fly/permitted/body.absent", "permitted", 200, Ok((400, "bad"))),
            ],
            &[
                &["fly/ok", "fly/permitted/body.absent"],
                &["launch/permitted/body.absent"],
                &["land/permitted/header.accept"],
            ],
        );
    }

    #[test]
    fn a_place_in_a_reply_is_one_cause_and_what_is_always_together_is_too() {
        check(
            &[
                ("launch/ok", "documented", 200, Err(&["/crew/0/name", "/crew/1/name"])),
                ("land/ok", "documented", 200, Err(&["/crew/7/name", "/pad", "/fuel"])),
                ("fly/ok", "documented", 200, Err(&["/pad", "/fuel"])),
                ("fly/up", "documented", 200, Err(&["/mission/1a"])),
            ],
            &[&["launch/ok", "land/ok"], &["land/ok", "fly/ok"], &["fly/up"]],
        );
    }
}
