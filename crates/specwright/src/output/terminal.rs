//! How text looks on this terminal: its width and its colours.

use std::io::IsTerminal;

pub use conformance_engine::terminal::Style;
use conformance_engine::terminal::wrapped;

/// A message in lines that fit, if standard error is a terminal.
pub(super) fn fitting(text: String) -> String {
    if !std::io::stderr().is_terminal() {
        return text;
    }
    let mut lines = Vec::new();
    for line in text.split('\n') {
        // A line that is indented already, or coloured, has its own form.
        let is_plain = !line.starts_with(' ') && !line.contains('\x1b');
        lines.push(wrapped(line, 2, Some(columns()).filter(|_| is_plain)).join("\n  "));
    }
    lines.join("\n")
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
