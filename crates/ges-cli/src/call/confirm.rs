//! Asks at the terminal before a call that interrupts users or cannot be undone.

use std::io::{BufRead, IsTerminal, Write};

use crate::Failure;
use crate::output::console::talk;

/// What is asked before a call that disturbs those who use a graph.
pub(crate) struct Question {
    /// What is about to be done, as a command: "stop graph G".
    pub(crate) what: String,
    /// What that does to others, as a sentence.
    pub(crate) effect: &'static str,
    /// Whether the answer is known to be yes.
    pub(crate) is_answered: bool,
}

/// Asks at the terminal. A script cannot answer, so it has to say `--yes` beforehand: that nobody was there to object is
/// no consent.
pub(crate) fn confirm(question: &Question, place: &str) -> Result<(), Failure> {
    let Question { what, effect, is_answered } = question;
    if *is_answered {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "to {what} has to be confirmed, and there is no terminal to ask at; nothing was sent\nhint: add --yes"
        )));
    }
    let mut line = String::new();
    let _ = write!(std::io::stderr(), "{effect}\n{what} ({place})? [y/N] ");
    // What cannot be read is no consent either.
    let _ = std::io::stdin().lock().read_line(&mut line);
    if !line.ends_with('\n') {
        // Ctrl-D leaves the cursor where it was.
        talk("");
    }
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("not confirmed; nothing was sent")),
    }
}
