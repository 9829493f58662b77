//! The report as Markdown, small enough for a comment on a pull request: the counts, the failures by cause, the failed
//! cases.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::format::terminal::escaped;
use crate::model::report::{Counts, Entry, Outcome, Report};
use crate::model::text::excerpt;
use crate::model::text::visible::escaped_lines;
use crate::report::causes::{Cause, by_reason, causes};
use crate::report::text::{counted, entry_lines, failed_arguments, shows_exchange, tour_text};
use crate::report::words::{counts, verdict_words};

/// So many causes are shown with an exchange. (A comment on GitHub has room for 65536 characters.)
const CAUSES: usize = 20;

/// So many ids are listed in one place.
const IDS: usize = 100;

/// So many operations are in the table.
const OPERATIONS: usize = 200;

/// The longest exchange, in bytes.
const EXCHANGE: usize = 2000;

/// Writes the report as Markdown.
pub(crate) fn write(report: &Report) -> String {
    rendered(report, false)
}

/// The report as Markdown with a table of the operations, as the summary of a step of GitHub Actions; `room` is the most
/// bytes that it may have. What does not fit is left out, and the last line says so.
pub fn summary(report: &Report, room: usize) -> String {
    const CUT: &str = "\n\n**There is more, which has no room here: see the other reports.**\n";
    let mut text = rendered(report, true);
    if text.len() > room {
        // Between two causes: inside of one, a fence could stay open.
        let most = (0..=room.saturating_sub(CUT.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let end = ["\n\n- **", "\n\n####"].iter().filter_map(|start| text[..most].rfind(start)).max();
        text.truncate(end.unwrap_or(0));
        text.push_str(if room < CUT.len() { "" } else { CUT });
    }
    text
}

fn rendered(report: &Report, with_table: bool) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    _ = whole(report, with_table, &mut text);
    escaped_lines(&text).into_owned()
}

/// Outcomes by operation, those with failures first.
fn table(report: &Report, out: &mut String) -> std::fmt::Result {
    let mut operations: Vec<(&str, Counts)> = Vec::new();
    let mut known = HashMap::new();
    for entry in &report.entries {
        let index = *known.entry(entry.group()).or_insert(operations.len());
        if index == operations.len() {
            operations.push((entry.group(), Counts::default()));
        }
        operations[index].1.count(entry);
    }
    operations.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.fail + counts.broken));
    let outcomes: Vec<Outcome> = Outcome::ALL.into_iter().filter(|it| report.counts.of(*it) > 0).collect();
    let names: String = outcomes.iter().map(|outcome| format!(" {} |", outcome.name())).collect();
    writeln!(out, "\n| operation |{names}\n|---|{}", "---:|".repeat(outcomes.len()))?;
    for (operation, counts) in operations.iter().take(OPERATIONS) {
        let cells: String = outcomes.iter().map(|outcome| format!(" {} |", counts.of(*outcome))).collect();
        // A bar in code would end the cell.
        writeln!(out, "| {} |{cells}", plain(&excerpt(operation, 200)))?;
    }
    match operations.len().saturating_sub(OPERATIONS) {
        0 => Ok(()),
        more => writeln!(out, "\nand {}", counted(more, "more operation")),
    }
}

fn whole(report: &Report, with_table: bool, out: &mut String) -> std::fmt::Result {
    let title = format!("{} {}", report.document.title, report.document.version);
    writeln!(out, "### {}: {}\n", verdict_words(report.verdict), plain(&title))?;
    writeln!(out, "{}. Checked: {}, compared at {}.", counts(report), code(&report.subject), plain(&report.level))?;
    if with_table && !report.entries.is_empty() {
        table(report, out)?;
    }
    for tour in &report.tours {
        let (what, _) = tour_text(tour);
        writeln!(out, "\n{}: {}", code(&tour.name), plain(&what))?;
        tour.stays.iter().try_for_each(|line| writeln!(out, "{}", plain(line)))?;
    }
    let all = causes(report);
    if !all.is_empty() {
        let failed = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).count();
        writeln!(out, "\n#### {}, {}", counted(failed, "failure"), counted(all.len(), "cause"))?;
    }
    let mut shown = HashSet::new();
    for (index, cause) in all.iter().enumerate() {
        self::cause(cause, index < CAUSES, &mut shown, out)?;
    }
    let others = Outcome::ALL.into_iter().filter(|it| !matches!(it, Outcome::Fail | Outcome::Pass | Outcome::Skipped));
    for outcome in others {
        let groups = by_reason(report, outcome);
        if !groups.is_empty() {
            writeln!(out, "\n#### {} {}\n", report.counts.of(outcome), outcome.name())?;
        }
        for group in groups {
            let reason = group.first().and_then(|entry| entry.reason.as_deref()).unwrap_or_default();
            let reason = if reason.is_empty() { String::new() } else { format!("{}: ", plain(reason)) };
            writeln!(out, "- {reason}{}", ids(&group))?;
        }
    }
    let failed = failed_arguments(report);
    if !failed.is_empty() {
        let more = if failed.len() > IDS { format!(" (the first {IDS})") } else { String::new() };
        let list = failed[..failed.len().min(IDS)].join("\n");
        let list = list.trim_end_matches('\\');
        details(&format!("Failed cases, as arguments of another run{more}"), "sh", list, out)?;
    }
    Ok(())
}

fn cause<'r>(
    cause: &Cause<'r>,
    with_exchange: bool,
    shown: &mut HashSet<&'r str>,
    out: &mut String,
) -> std::fmt::Result {
    let title = excerpt(&cause.title(), 300);
    writeln!(out, "\n- **{}** ({})  ", plain(&title), counted(cause.entries.len(), "case"))?;
    writeln!(out, "  {}", ids(&cause.entries))?;
    let Some(entry) = cause.entries.iter().find(|entry| shows_exchange(entry) && !shown.contains(entry.id.as_str()))
    else {
        return Ok(());
    };
    shown.insert(&entry.id);
    if !with_exchange {
        return Ok(());
    }
    let lines = excerpt(&entry_lines(entry), EXCHANGE);
    details(&format!("<code>{}</code>", html(&entry.id)), "text", &lines, out)
}

/// Text that opens at a click.
fn details(summary: &str, language: &str, text: &str, out: &mut String) -> std::fmt::Result {
    // A fence is longer than every run of backticks in it.
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    write!(
        out,
        "\n<details><summary>{summary}</summary>\n\n{fence}{language}\n{}\n{fence}\n\n</details>\n",
        text.trim_end()
    )
}

fn ids(entries: &[&Entry]) -> String {
    let (shown, rest) = entries.split_at(entries.len().min(IDS));
    let shown: Vec<String> = shown.iter().map(|entry| code(&entry.id)).collect();
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

/// Text as code: nothing in it is Markdown.
fn code(text: &str) -> String {
    let text = escaped(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text of others: nothing in it is Markdown, HTML or a mention.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in escaped(text).chars() {
        match character {
            // Source: CommonMark 0.31, section 2.4: every ASCII punctuation character may be escaped by a backslash.
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~' | '!' => {
                plain.extend(['\\', character]);
            }
            // GitHub makes mentions of names behind it, escaped or not; a comment between them prevents that.
            '@' => plain.push_str("@<!-- -->"),
            other => plain.push(other),
        }
    }
    plain
}

fn html(text: &str) -> String {
    escaped(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::mismatch::Mismatch;
    use crate::model::report::DocumentName;
    use crate::model::report::Origin;

    fn report(reason: &str, failing: usize) -> String {
        let entries = (0..failing).map(|at| {
            let mut entry = Entry::new(format!("launch/{at}"), at, Outcome::Fail);
            entry.fail([&Mismatch::NoReply { reason: reason.to_owned() }]);
            entry
        });
        let document = DocumentName { title: "R <1>".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        let mut report =
            Report::new(Origin::Run, document, "http://h".to_owned(), "exact".to_owned(), entries.collect());
        let mut lost = Entry::new("land/ok".to_owned(), failing, Outcome::Unreachable);
        lost.end(Outcome::Unreachable, reason.to_owned());
        report.entries.push(lost);
        report.counts.add(Outcome::Unreachable);
        report.write(crate::report::Format::Markdown).unwrap()
    }

    #[test]
    fn nothing_that_a_server_wrote_is_markup() {
        let text = report("<img src=x> [a](b) `c` @team\n# d ```", 2);
        assert!(text.contains("### The contract is broken: R \\<1\\> 1\n"), "{text}");
        let said = r"\<img src=x\> \[a\](b) \`c\` @<!-- -->team\\n\# d \`\`\`";
        assert!(
            text.contains(&format!("- **expected a reply, found none: {said}** (2 cases)  \n  `launch/0`, `launch/1`")),
            "{text}"
        );
        assert!(text.contains(&format!("\n#### 1 unreachable\n\n- {said}: `land/ok`\n")), "{text}");
        assert!(text.contains("```sh\n--only launch/0 \\\n--only launch/1\n```"), "{text}");
    }

    #[test]
    fn a_summary_has_a_row_for_each_operation_and_fits() {
        let mut entries = Vec::new();
        for (operation, outcome) in [("a|b", Outcome::Pass), ("land", Outcome::Fail), ("land", Outcome::Pass)] {
            let mut entry = Entry::new(format!("{operation}/{}", entries.len()), entries.len(), outcome);
            entry.operation = Some(operation.to_owned());
            if outcome == Outcome::Fail {
                entry.fail([&Mismatch::NoReply { reason: "reset".to_owned() }]);
            }
            entries.push(entry);
        }
        let document = DocumentName { title: "R".to_owned(), version: "1".to_owned(), fingerprint: String::new() };
        let report = Report::new(Origin::Run, document, "http://h".to_owned(), "exact".to_owned(), entries);
        let text = summary(&report, 1 << 20);
        let table = "\n| operation | fail | pass |\n|---|---:|---:|\n| land | 1 | 1 |\n| a\\|b | 0 | 1 |\n";
        assert!(text.contains(table), "{text}");
        assert!(text.contains("expected a reply, found none: reset"), "{text}");
        for room in 0..=text.len() {
            let cut = summary(&report, room);
            assert!(cut.len() <= room, "{} of {room}", cut.len());
            assert_eq!(cut.matches("```").count() % 2, 0, "{cut}");
        }
        assert_eq!(summary(&report, text.len()), text);
        assert!(summary(&report, text.len() - 1).ends_with("see the other reports.**\n"));
    }

    #[test]
    fn a_page_of_many_failures_fits_in_a_comment() {
        let text = report(&"x".repeat(5000), 3000);
        assert!(
            text.len() < 65536 && text.contains("and 2900 more") && text.contains("(the first 100)"),
            "{}",
            text.len()
        );
    }
}
