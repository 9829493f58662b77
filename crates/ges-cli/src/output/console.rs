//! Writes data to standard output and messages to standard error; a closed pipe is not an error.

use std::fmt;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use conformance_engine::terminal::Style;
use conformance_engine::terminal::wrapped;

use conformance_engine::run::{Waiting, Watch};

use crate::Failure;

/// Writes data and flushes it. A closed pipe (`| head`) is not an error.
///
/// # Errors
/// The data is lost for another reason, such as a full disk.
pub(crate) fn data(text: impl fmt::Display) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::cannot_start(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a message to standard error. A message that cannot be written is dropped.
/// A terminal gets lines that fit.
pub(crate) fn talk(text: impl fmt::Display) {
    let text = text.to_string();
    if !std::io::stderr().is_terminal() {
        let _ = writeln!(std::io::stderr(), "{text}");
        return;
    }
    for line in text.split('\n') {
        // A line that is indented already, or coloured, has its own form.
        let is_plain = !line.starts_with(' ') && !line.contains('\x1b');
        let lines = wrapped(line, 2, Some(columns()).filter(|_| is_plain));
        let _ = writeln!(std::io::stderr(), "{}", lines.join("\n  "));
    }
}

/// The style of messages on standard error.
pub(crate) fn error_style() -> Style {
    Style { colour: may_be_coloured(std::io::stderr().is_terminal()), columns: Some(columns()) }
}

/// Whether standard output may be coloured: it is a terminal that supports colour, and `NO_COLOR` is not set
/// (<https://no-color.org>).
pub(crate) fn is_coloured() -> bool {
    may_be_coloured(std::io::stdout().is_terminal())
}

fn may_be_coloured(is_terminal: bool) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The style of reports on standard output.
pub(crate) fn style() -> Style {
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

/// A progress line on standard error, if it is a terminal and does not mix with data on standard output.
pub(crate) struct Progress {
    is_shown: bool,
    done: usize,
    total: usize,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Progress {
        Progress { is_shown: std::io::stderr().is_terminal() && !std::io::stdout().is_terminal(), done: 0, total }
    }

    pub(crate) fn next(&mut self, what: &str) {
        self.done += 1;
        if self.is_shown {
            let what: String = what.chars().filter(|c| !c.is_control()).take(60).collect();
            let _ = write!(std::io::stderr(), "\r\x1b[K{}/{} {what}", self.done, self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// Clears a progress line, if standard error is a terminal.
pub(crate) fn clear_line() {
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// Says that a run waits: a line that changes on a terminal, elsewhere a line a minute.
#[derive(Debug, Default)]
pub(crate) struct SignOfLife {
    /// The minute of the wait that was said last.
    minute: AtomicU64,
}

impl Watch for SignOfLife {
    fn waiting(&self, wait: &Waiting<'_>) {
        let Waiting { what, since, longest } = *wait;
        let seconds = |duration: Duration| humantime::format_duration(Duration::from_secs(duration.as_secs()));
        let text = format!(
            "waiting for {what}: {} of at most {}",
            seconds(since),
            seconds(longest.max(Duration::from_secs(1)))
        );
        let text = text.chars().filter(|c| !c.is_control());
        let minute = since.as_secs() / 60;
        let said = self.minute.swap(minute, Ordering::Relaxed);
        if std::io::stderr().is_terminal() {
            if since >= Duration::from_secs(1) {
                let _ = write!(std::io::stderr(), "\r\x1b[K{}", text.take(78).collect::<String>());
            }
        } else if minute > said {
            talk(text.collect::<String>());
        }
    }
}

/// The text that `write` writes.
pub(crate) fn text(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text
}
