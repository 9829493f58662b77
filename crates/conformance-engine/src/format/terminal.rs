//! Text for a terminal: colours, and characters that must not reach it as they are.

pub use crate::format::wrap::wrapped;
pub(crate) use crate::model::text::visible::escaped;

/// How the report looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours, for terminals.
    pub colour: bool,
    /// Lines are broken after so many columns; never if there is no limit.
    pub columns: Option<usize>,
}

pub(crate) const BOLD: &str = "\x1b[1m";
pub(crate) const RED: &str = "\x1b[31m";
pub(crate) const GREEN: &str = "\x1b[32m";
pub(crate) const YELLOW: &str = "\x1b[33m";
const PLAIN: &str = "\x1b[0m";

impl Style {
    /// What a coloured report has of control sequences; nothing else of a report controls a terminal.
    pub const SEQUENCES: [&str; 5] = [BOLD, RED, GREEN, YELLOW, PLAIN];

    pub(crate) fn paint(self, colour: &str, text: &str) -> String {
        if self.colour { format!("{colour}{text}{PLAIN}") } else { text.to_owned() }
    }
}
