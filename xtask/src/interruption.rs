//! What becomes of the programs that we have started when somebody ends us?
//!
//! At a terminal, Ctrl-C ends all of them. Whoever sends the signal to us alone, such as a CI that has waited long
//! enough, would leave servers and browsers behind.

use std::io::{stderr, stdout};
use std::process::{Command, id};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on a signal ends whatever was started from here, and then this process, with 128 and the signal's number.
pub(crate) fn ends_everything() -> Result<(), String> {
    let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]);
    let mut signals = signals.map_err(|error| format!("error: cannot wait for signals: {error}"))?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Nobody is to read that what we end has failed.
            let _silence = (stdout().lock(), stderr().lock());
            // Once more for what the main thread was about to start.
            end_children(&id().to_string());
            end_children(&id().to_string());
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Ends the children of a process, after theirs.
fn end_children(parent: &str) {
    let Ok(list) = Command::new("pgrep").args(["-P", parent]).output() else { return };
    for child in String::from_utf8_lossy(&list.stdout).lines() {
        end_children(child);
        // It may be gone already.
        let _ = Command::new("kill").args(["-KILL", child]).output();
    }
}
