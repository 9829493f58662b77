//! Asks at the terminal before a call that interrupts users or cannot be undone.

use std::io::{BufRead, IsTerminal, Write};

use conformance_engine::visible::escaped;
use specwright::Failure;
use specwright::output::console::talk;

/// The question before a call that interrupts users or cannot be undone.
pub(crate) struct Question {
    /// The call, as a command: "stop graph G".
    pub(crate) what: String,
    /// What the call does to users, as a sentence.
    pub(crate) effect: &'static str,
    /// Whether `--yes` was given.
    pub(crate) is_answered: bool,
}

/// Asks at the terminal. Without one, only `--yes` confirms: no answer is not consent.
pub(crate) fn confirm(question: &Question, place: &str) -> Result<(), Failure> {
    let Question { what, effect, is_answered } = question;
    if *is_answered {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "cannot ask for confirmation to {what}, because there is no terminal; nothing was sent\nhint: add --yes"
        )));
    }
    let mut line = String::new();
    let _ = write!(std::io::stderr(), "{effect}\n{}? [y/N] ", escaped(&format!("{what} ({place})")));
    // An answer that cannot be read is not consent either.
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
