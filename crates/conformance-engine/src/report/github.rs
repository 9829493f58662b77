//! The report as annotations of GitHub Actions: workflow commands, which the runner reads from the log of a step.
//!
//! Each stands at the line of the example in the document. Source of the syntax, of what is escaped and how:
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>, and `ActionCommand.cs` of
//! actions/runner.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::format::terminal::escaped;
use crate::model::report::{Entry, Outcome, Report};
use crate::model::text::excerpt;
use crate::model::text::visible::escaped_lines;
use crate::report::causes::difference;
use crate::report::text::counted;
use crate::report::words::counts;

/// So many annotations of one type are shown for a step.
const SHOWN: usize = 10;

/// So many cases are named in one annotation.
const CASES: usize = 20;

/// The longest line of an annotation, in bytes.
const LINE: usize = 300;

/// Writes the report as workflow commands, one on each line. `shown` says what GitHub calls a file of the document: its
/// path in the repository.
pub fn annotations(report: &Report, shown: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for kind in ["error", "warning", "notice"] {
        let groups = groups(report, kind);
        // The last one that is shown says how many are not.
        let room = if groups.len() > SHOWN { SHOWN - 1 } else { groups.len() };
        for group in &groups[..room] {
            annotation(kind, group, &shown, &mut out);
        }
        if let Some(rest @ [_, ..]) = groups.get(room..) {
            let cases = counted(rest.iter().map(|group| group.len()).sum(), "more case");
            let places = counted(rest.len(), "more place");
            let text = format!("{cases} at {places}, which GitHub has no room for: see the summary of the job");
            // Writing to a string does not fail.
            _ = writeln!(out, "::{kind} title={}::{}", property(&cases), data(&text));
        }
    }
    _ = writeln!(out, "::notice title={}::{}", property(&report.document.title), data(&counts(report)));
    out
}

/// The entries that become annotations of this type, those at one line together, in the order of the report.
fn groups<'r>(report: &'r Report, kind: &str) -> Vec<Vec<&'r Entry>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    let mut known = BTreeMap::new();
    for entry in report.entries.iter().filter(|entry| kind_of(entry.outcome) == Some(kind)) {
        // Without a place in the document, the cases of an operation are together.
        let place = entry.at.as_ref().map(|at| (at.file.as_str(), at.line)).ok_or(entry.group());
        match known.get(&place) {
            Some(index) => {
                let group: &mut Vec<&Entry> = &mut groups[*index];
                group.push(entry);
            }
            None => {
                known.insert(place, groups.len());
                groups.push(vec![entry]);
            }
        }
    }
    groups
}

/// The type of annotation of an entry; none for what is as it should be.
fn kind_of(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Fail | Outcome::Broken => Some("error"),
        Outcome::Unreachable | Outcome::Unjudged => Some("warning"),
        Outcome::Deviates => Some("notice"),
        Outcome::Pass | Outcome::Skipped | Outcome::Unmatched => None,
    }
}

fn annotation(kind: &str, group: &[&Entry], shown: &impl Fn(&str) -> String, out: &mut String) {
    let Some(first) = group.first() else { return };
    let title = match group.len() {
        1 => format!("{}: {}", first.outcome.name(), first.id),
        many => format!("{}: {} and {}", first.outcome.name(), first.id, counted(many - 1, "more case")),
    };
    // Each difference once, so that none is hidden behind many cases of another.
    let mut alike: Vec<(String, Vec<&Entry>)> = Vec::new();
    for entry in group.iter().copied() {
        let what = what(entry);
        match alike.iter_mut().find(|(known, _)| *known == what) {
            Some((_, entries)) => entries.push(entry),
            None => alike.push((what, vec![entry])),
        }
    }
    let mut lines: Vec<String> = alike.iter().take(CASES).map(|(what, entries)| line(entries, what)).collect();
    if alike.len() > CASES {
        let more: usize = alike[CASES..].iter().map(|(_, entries)| entries.len()).sum();
        lines.push(format!("and {}", counted(more, "more case")));
    }
    let place = first.at.as_ref().map_or_else(String::new, |at| {
        let file = shown(&at.file);
        if file.is_empty() { String::new() } else { format!("file={},line={},", property(&file), at.line) }
    });
    // Writing to a string does not fail.
    _ = writeln!(out, "::{kind} {place}title={}::{}", property(&escaped(&title)), data(&lines.join("\n")));
}

/// What is wrong with a case.
fn what(entry: &Entry) -> String {
    let found: Vec<String> = entry.findings.iter().map(|finding| difference(entry, finding)).collect();
    if found.is_empty() { entry.reason.clone().unwrap_or_default() } else { found.join("; ") }
}

/// Cases that are wrong alike, on one line.
fn line(entries: &[&Entry], what: &str) -> String {
    let Some(first) = entries.first() else { return String::new() };
    let about = first.about.as_ref().map_or_else(String::new, |about| format!(" ({about})"));
    let more = match entries.len() - 1 {
        0 => String::new(),
        more => format!(" and {}", counted(more, "more case")),
    };
    excerpt(&escaped(&format!("{}{about}{more}: {what}", first.id)), LINE)
}

/// Text behind `::`, with its escapes.
pub fn data(text: &str) -> String {
    escaped_lines(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")).into_owned()
}

/// The value of a property, with its escapes.
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::mismatch::Mismatch;
    use crate::model::report::{DocumentName, Origin};
    use crate::model::suite::DocumentPlace;
    use crate::report::Format;

    /// A reason, an outcome and a place.
    type Row<'r> = (&'r str, Outcome, Option<(&'r str, u32)>);

    fn report(rows: &[Row<'_>]) -> Report {
        let entries = rows.iter().enumerate().map(|(position, (reason, outcome, at))| {
            let mut entry = Entry::new(format!("launch/{position}"), position, *outcome);
            entry.at = at.map(|(file, line)| DocumentPlace { file: file.to_owned(), line, column: 9 });
            match outcome {
                Outcome::Fail => entry.fail([&Mismatch::NoReply { reason: (*reason).to_owned() }]),
                outcome => entry.end(*outcome, (*reason).to_owned()),
            }
            entry
        });
        let document = DocumentName { title: "R".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        Report::new(Origin::Run, document, "http://h".to_owned(), "exact".to_owned(), entries.collect())
    }

    #[test]
    fn an_annotation_stands_at_its_line_and_names_all_that_ended_there() {
        let report = report(&[
            ("reset", Outcome::Fail, Some(("api/a,b.yaml", 7))),
            ("no rocket", Outcome::Unreachable, Some(("api/a,b.yaml", 7))),
            ("cut", Outcome::Fail, Some(("api/a,b.yaml", 7))),
            ("fine", Outcome::Pass, Some(("api/a,b.yaml", 9))),
            ("known", Outcome::Deviates, None),
        ]);
        let text = report.write(Format::Github).unwrap();
        let expected = "\
::error file=api/a%2Cb.yaml,line=7,title=fail%3A launch/0 and 1 more case::launch/0: expected a reply, found none: reset%0A\
launch/2: expected a reply, found none: cut
::warning file=api/a%2Cb.yaml,line=7,title=unreachable%3A launch/1::launch/1: no rocket
::notice title=deviates%3A launch/4::launch/4: known
::notice title=R::5 cases: 2 fail, 1 deviates, 1 unreachable, 1 pass
";
        assert_eq!(text, expected);
        assert!(annotations(&report, |file| format!("docs/{file}")).contains("file=docs/api/a%2Cb.yaml,line=7,"));
    }

    #[test]
    fn no_difference_is_hidden_behind_many_cases_of_another() {
        let mut rows: Vec<Row<'_>> = (0..50).map(|_| ("reset", Outcome::Fail, Some(("a.yaml", 7)))).collect();
        rows.push(("cut", Outcome::Fail, Some(("a.yaml", 7))));
        let text = report(&rows).write(Format::Github).unwrap();
        let lines = "launch/0 and 49 more cases: expected a reply, found none: reset%0A\
                     launch/50: expected a reply, found none: cut";
        assert!(text.contains(&format!("title=fail%3A launch/0 and 50 more cases::{lines}\n")), "{text}");
    }

    #[test]
    fn nothing_that_a_server_wrote_is_another_command() {
        let text = report(&[("100%\r\n::add-mask::x\u{1b}[31m", Outcome::Fail, None)]).write(Format::Github).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::notice ")), "{text}");
        assert!(text.contains("100%25") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn as_many_annotations_as_github_shows_and_the_last_counts_the_rest() {
        let rows: Vec<_> = (0..30).map(|line| ("reset", Outcome::Fail, Some(("a.yaml", line)))).collect();
        let text = report(&rows).write(Format::Github).unwrap();
        let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), 10);
        assert!(errors[9].starts_with("::error title=21 more cases::21 more cases at 21 more places"), "{text}");
        let text = report(&rows[..10]).write(Format::Github).unwrap();
        assert!(!text.contains(" more "), "{text}");
    }
}
