//! Ends the programs that we started when a signal ends us.
//!
//! Ctrl-C at a terminal reaches all of them. A signal to this process alone, as a CI sends it after a timeout, would
//! leave servers and browsers running.

use std::io::{stderr, stdout};
use std::process::{Command, id};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on a signal ends all child processes, then this one, with exit status 128 plus the signal's number.
pub(crate) fn end_children_on_signal() -> Result<(), String> {
    let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]);
    let mut signals = signals.map_err(|error| format!("error: cannot wait for signals: {error}"))?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Locked, so that the main thread does not report the ended programs as failures.
            let _silence = (stdout().lock(), stderr().lock());
            // Twice, for a program that the main thread was about to start.
            end_children(&id().to_string());
            end_children(&id().to_string());
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Ends the descendants of a process, the deepest first.
pub(crate) fn end_children(parent: &str) {
    let Ok(list) = Command::new("pgrep").args(["-P", parent]).output() else { return };
    for child in String::from_utf8_lossy(&list.stdout).lines() {
        end_children(child);
        // Fails only if the child has ended already.
        let _ = Command::new("kill").args(["-KILL", child]).output();
    }
}
