//! Writes data to standard output and messages to standard error; a closed pipe is not an error.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use crate::Failure;

/// Writes data and flushes it. A closed pipe (`| head`) is not an error.
///
/// # Errors
/// The data is lost for another reason, such as a full disk.
pub fn data(text: impl fmt::Display) -> Result<(), Failure> {
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
pub fn talk(text: impl fmt::Display) {
    let text = text.to_string();
    #[cfg(feature = "run")]
    let text = crate::output::terminal::fitting(text);
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says why a command failed, and returns its exit status.
pub fn report(failure: &Failure) -> ExitCode {
    talk(format_args!("error: {}", failure.message));
    ExitCode::from(failure.exit)
}

/// A value from outside on one line, with control characters escaped; `-` for none.
pub fn shown(value: &str) -> String {
    let value = value.trim();
    if value.is_empty() {
        return "-".to_owned();
    }
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        if is_plain(character) {
            text.push(character);
        } else {
            text.extend(character.escape_default());
        }
    }
    text
}

/// Neither a control character nor one that changes the direction of the text.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The text that `write` writes.
pub fn text(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text
}
