//! Shows on the terminal how far a run is, and that it waits.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use conformance_engine::run::{Waiting, Watch};
use conformance_engine::visible::escaped;

use crate::output::console::talk;

/// A progress line on standard error, if it is a terminal and does not mix with data on standard output.
pub struct Progress {
    is_shown: bool,
    done: usize,
    total: usize,
}

impl Progress {
    /// For so many steps.
    pub fn new(total: usize) -> Progress {
        Progress { is_shown: std::io::stderr().is_terminal() && !std::io::stdout().is_terminal(), done: 0, total }
    }

    /// Shows the next step.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        if self.is_shown {
            let what: String = escaped(what).chars().take(60).collect();
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
pub fn clear_line() {
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// Says that a run waits: a line that changes on a terminal, elsewhere a line a minute.
#[derive(Debug, Default)]
pub struct SignOfLife {
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
        let text = escaped(&text);
        let minute = since.as_secs() / 60;
        let said = self.minute.swap(minute, Ordering::Relaxed);
        if std::io::stderr().is_terminal() {
            if since >= Duration::from_secs(1) {
                let _ = write!(std::io::stderr(), "\r\x1b[K{}", text.chars().take(78).collect::<String>());
            }
        } else if minute > said {
            talk(text);
        }
    }
}
