//! How text looks on this terminal: its width and its colours.

use std::io::IsTerminal;

pub use conformance_engine::terminal::Style;
use conformance_engine::terminal::wrapped;
use conformance_engine::visible::escaped_lines;

/// A message in lines that fit, if standard error is a terminal.
pub(super) fn fitting(text: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return text.to_owned();
    }
    let mut lines = Vec::new();
    for line in text.split('\n') {
        // A line that is indented already, or coloured, has its own form. A command in a hint is copied as a whole.
        let has_command = line.starts_with("hint: ") && line.contains('`');
        let is_plain = !line.starts_with(' ') && !line.contains('\x1b') && !has_command;
        lines.push(wrapped(line, 2, Some(columns()).filter(|_| is_plain)).join("\n  "));
    }
    lines.join("\n")
}

/// Text in which our own colours stay, and every other control character is an escape.
pub(super) fn escaped_between_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        let (before, from) = rest.split_at(at);
        out += &escaped_lines(before);
        let sequence = Style::SEQUENCES.iter().find(|sequence| from.starts_with(**sequence));
        let length = sequence.map_or(1, |sequence| sequence.len());
        out += &sequence.map_or_else(|| escaped_lines(&from[..length]), |sequence| (*sequence).into());
        rest = &from[length..];
    }
    out + &escaped_lines(rest)
}

/// Whether standard output or standard error is coloured.
pub(super) fn has_colours() -> bool {
    is_coloured() || error_style().colour
}

/// Text for standard output, each line in lines that fit, if that is a terminal: programs read it by lines.
pub(super) fn on_terminal(text: String) -> String {
    if std::io::stdout().is_terminal() { fitted(&text) } else { text }
}

/// Text of which each line that is too long goes on below its second column, or a little deeper than it begins.
pub fn fitted(text: &str) -> String {
    let columns = columns();
    text.split('\n').map(|line| hung(line, columns)).collect::<Vec<_>>().join("\n")
}

fn hung(line: &str, columns: usize) -> String {
    let begins = line.len() - line.trim_start_matches(' ').len();
    let (start, rest) = line.split_at(begins);
    // A second column stands behind two blanks or more.
    let second =
        rest.find("  ").map(|gap| begins + gap + rest[gap..].len() - rest[gap..].trim_start_matches(' ').len());
    let indent = second.filter(|indent| *indent <= columns * 2 / 3).unwrap_or(begins + 2);
    let lines = wrapped(rest, begins, Some(columns));
    let Some((first, _)) = lines.split_first().filter(|(_, others)| !others.is_empty()) else { return line.to_owned() };
    let more = rest.get(first.len()..).unwrap_or_default().trim_start_matches(' ');
    let more = wrapped(more, indent, Some(columns)).join(&format!("\n{:indent$}", ""));
    format!("{start}{}\n{:indent$}{more}", first.trim_end(), "")
}

/// The style of messages on standard error.
pub fn error_style() -> Style {
    Style { colour: may_be_coloured(std::io::stderr().is_terminal()), columns: Some(columns()) }
}

/// Whether standard output may be coloured: it is a terminal that supports colour, and `NO_COLOR` is not set
/// (<https://no-color.org>).
pub fn is_coloured() -> bool {
    may_be_coloured(std::io::stdout().is_terminal())
}

fn may_be_coloured(is_terminal: bool) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The style of reports on standard output.
pub fn style() -> Style {
    Style { colour: is_coloured(), columns: Some(columns()) }
}

/// How wide lines are: as the terminal, or 80 columns where there is none; the number of `COLUMNS` precedes both.
/// Longer lines than 120 columns are hard to read.
fn columns() -> usize {
    const USUAL: usize = 80;
    let named = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    let terminal = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    named.or_else(terminal).unwrap_or(USUAL).clamp(40, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_colours_stay() {
        for (text, expected) in [
            ("\x1b[31mFAIL\x1b[0m a", "\x1b[31mFAIL\x1b[0m a"),
            ("\x1b[1m\x1b[2J\x1b[0m", "\x1b[1m\\u{1b}[2J\x1b[0m"),
            ("\x1b]0;x\x07\n", "\\u{1b}]0;x\\u{7}\n"),
            ("\x1b[8mhidden\x1b[0m", "\\u{1b}[8mhidden\x1b[0m"),
            ("a\x1b", "a\\u{1b}"),
        ] {
            assert_eq!(escaped_between_colours(text), expected);
        }
    }

    #[test]
    fn a_long_line_goes_on_below_its_second_column() {
        for (line, expected) in [
            ("short  line", "short  line"),
            ("  name  one two three four five six", "  name  one two three four five\n        six"),
            ("    names: one, two, three, four, five", "    names: one, two, three, four,\n      five"),
            ("a line of many words without columns", "a line of many words without\n  columns"),
            ("", ""),
        ] {
            assert_eq!(hung(line, 34), expected);
        }
    }
}
