//! Writes how much of a contract was exercised: as lines of text, as Markdown, as a section of the HTML page.

use std::fmt::{self, Write};

use maud::{Markup, html};

use crate::format::terminal::escaped;
use crate::format::wrap::wrapped;
pub use crate::model::coverage::{Count, Coverage, Excluded, Item, Kind, MOST_EXCLUDED, Minimum, Missing};
use crate::model::text::excerpt;

/// So many items are listed in Markdown. (A comment on GitHub has room for 65536 characters.)
const LISTED: usize = 100;

/// So many items are listed on the page.
const SHOWN: usize = 5000;

/// The longest name or reason, in bytes.
const LINE: usize = 300;

/// Writes the counts on one line, and how to see what is missing: `coverage: operations 5/5, statuses 9/12, …`.
pub fn write_text(coverage: &Coverage, columns: Option<usize>, out: &mut impl Write) -> fmt::Result {
    let text = format!("coverage: {}", counts(coverage));
    writeln!(out, "{}", wrapped(&text, 2, columns).join("\n  "))?;
    match coverage.missing_in_all() {
        0 => Ok(()),
        missing => writeln!(out, "{missing} not covered: --report html=FILE, json=FILE or markdown=FILE names them"),
    }
}

/// Writes a table of the counts and what is missing, for a comment on a pull request.
pub fn write_markdown(coverage: &Coverage, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "#### Coverage\n\n| kind | covered | of |\n|---|--:|--:|")?;
    for (kind, count) in &coverage.counts {
        writeln!(out, "| {} | {} | {} |", kind.name(), count.covered, count.total)?;
    }
    if !coverage.missing.is_empty() {
        writeln!(out, "\n<details><summary>Not covered: {}</summary>\n", coverage.missing_in_all())?;
        for missing in coverage.missing.iter().take(LISTED) {
            writeln!(out, "- {}", markdown(&line(missing)))?;
        }
        rest(coverage.missing.len(), LISTED, out)?;
        writeln!(out, "\n</details>")?;
    }
    let excluded = coverage.excluded.len() + coverage.excluded_unlisted;
    if excluded > 0 {
        writeln!(out, "\n<details><summary>Not counted: {excluded}</summary>\n")?;
        for it in coverage.excluded.iter().take(LISTED) {
            writeln!(out, "- {}", markdown(&format!("{}: {}", it.item, it.reason)))?;
        }
        rest(excluded, LISTED, out)?;
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn rest(all: usize, shown: usize, out: &mut impl Write) -> fmt::Result {
    if all > shown { writeln!(out, "- and {} more", all - shown) } else { Ok(()) }
}

/// A folded section of the page; what is missing comes first.
pub(crate) fn section(coverage: &Coverage) -> Markup {
    let excluded = coverage.excluded.len() + coverage.excluded_unlisted;
    html! {
        details.others id="coverage" {
            summary { "coverage: " (counts(coverage)) }
            div {
                @if !coverage.missing.is_empty() {
                    h2 { "Not covered: " (coverage.missing_in_all()) }
                    ul {
                        @for missing in coverage.missing.iter().take(SHOWN) { li { (line(missing)) } }
                        @if coverage.missing.len() > SHOWN { li { "and " (coverage.missing.len() - SHOWN) " more" } }
                    }
                }
                @if excluded > 0 {
                    h2 { "Not counted: " (excluded) }
                    ul {
                        @for it in &coverage.excluded { li { (format!("{}: {}", it.item, it.reason)) } }
                        @if coverage.excluded_unlisted > 0 { li { "and " (coverage.excluded_unlisted) " more" } }
                    }
                }
                h2 { "Covered" }
                ul {
                    @for (kind, count) in &coverage.counts {
                        li { (kind.name()) " " (count.covered) " of " (count.total) }
                    }
                }
            }
        }
    }
}

fn counts(coverage: &Coverage) -> String {
    let counts = coverage.counts.iter();
    let counts: Vec<_> = counts.map(|(kind, it)| format!("{} {}/{}", kind.name(), it.covered, it.total)).collect();
    if counts.is_empty() { "the contract has nothing to cover".to_owned() } else { counts.join(", ") }
}

/// `create_order (statuses 2, members 7): it has no case`.
fn line(missing: &Missing) -> String {
    let inside = missing.inside.iter().map(|(kind, count)| format!("{} {count}", kind.name()));
    let inside: Vec<_> = inside.collect();
    let inside = if inside.is_empty() { String::new() } else { format!(" (with it {})", inside.join(", ")) };
    let reason = missing.reason.as_ref().map(|reason| format!(": {}", excerpt(reason, LINE))).unwrap_or_default();
    format!("{}{inside}{reason}", excerpt(&missing.item.to_string(), LINE))
}

/// On one line, with nothing that Markdown would read as its own.
fn markdown(text: &str) -> String {
    let mut plain = String::new();
    for character in escaped(text).chars() {
        if "\\`*_{}[]<>#|~&!".contains(character) {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coverage() -> Coverage {
        let value = json!({"contract": "c",
            "counts": {"operations": {"covered": 1, "total": 2}, "members": {"covered": 3, "total": 7}},
            "missing": [
                {"kind": "operations", "operation": "<b>", "inside": {"members": 3}, "reason": "it has no case"},
                {"kind": "members", "operation": "show", "status": "200", "name": "/x_y/*"}],
            "excluded": [{"kind": "states", "name": "gone", "reason": "no operation starts or ends in it"}]});
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn text_has_the_counts_and_says_where_the_rest_is() {
        let mut text = String::new();
        write_text(&coverage(), None, &mut text).unwrap();
        let expected = "coverage: operations 1/2, members 3/7\n\
                        5 not covered: --report html=FILE, json=FILE or markdown=FILE names them\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn markdown_names_what_is_missing_and_escapes_it() {
        let mut text = String::new();
        write_markdown(&coverage(), &mut text).unwrap();
        assert!(text.contains("| operations | 1 | 2 |\n| members | 3 | 7 |\n"), "{text}");
        assert!(text.contains("- \\<b\\> (with it members 3): it has no case\n- show: 200 /x\\_y/\\*\n"), "{text}");
        assert!(
            text.contains("Not counted: 1</summary>\n\n- state gone: no operation starts or ends in it\n"),
            "{text}"
        );
    }

    #[test]
    fn the_section_of_the_page_has_what_is_missing_first() {
        let page = section(&coverage()).into_string();
        let places = ["&lt;b&gt;", "Not counted: 1", "Covered"].map(|text| page.find(text).unwrap());
        assert!(places.is_sorted(), "{page}");
    }
}
