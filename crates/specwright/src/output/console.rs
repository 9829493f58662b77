//! Writes data to standard output and messages to standard error; a closed pipe is not an error.

use std::borrow::Cow;
use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use conformance_engine::visible;

use crate::Failure;
use crate::output::secrets::{without_secrets, without_secrets_of};

/// Writes data and flushes it. A closed pipe (`| head`) is not an error. What controls a terminal or hides text is
/// escaped; formats with escapes of their own have none of it.
///
/// # Errors
/// The data is lost for another reason, such as a full disk.
pub fn data(text: impl fmt::Display) -> Result<(), Failure> {
    let text = text.to_string();
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(safe(&text).as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::cannot_start(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes JSON as data, with its own escapes for what controls a terminal or hides text.
///
/// # Errors
/// As of [`data`].
pub fn json(text: impl fmt::Display) -> Result<(), Failure> {
    data(format_args!("{}\n", visible::escaped_json(&text.to_string())))
}

/// Writes a message to standard error. A message that cannot be written is dropped.
/// A terminal gets lines that fit.
pub fn talk(text: impl fmt::Display) {
    let text = text.to_string();
    let text = safe(&text);
    #[cfg(feature = "run")]
    let text = crate::output::terminal::fitting(&text);
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Text that a terminal only shows: of control sequences, our own colours alone, where there are colours.
fn safe(text: &str) -> Cow<'_, str> {
    #[cfg(feature = "run")]
    if text.contains('\x1b') && crate::output::terminal::has_colours() {
        return Cow::Owned(crate::output::terminal::escaped_between_colours(text));
    }
    visible::escaped_lines(text)
}

/// Text for standard output, in lines that fit if that is a terminal.
pub fn on_terminal(text: String) -> String {
    #[cfg(feature = "run")]
    let text = crate::output::terminal::on_terminal(text);
    text
}

/// Says why a command failed, and returns its exit status.
pub fn report(failure: &Failure) -> ExitCode {
    talk(format_args!("error: {}", without_secrets(&failure.message)));
    ExitCode::from(failure.exit)
}

/// A value from outside on one line, with what is hidden escaped; `-` for none.
pub fn shown(value: &str) -> String {
    let value = value.trim();
    if value.is_empty() { "-".to_owned() } else { visible::escaped(value).into_owned() }
}

/// What the parser of the command line says: a mistake, the help or the version; and its exit status.
pub fn parsed(said: &clap::Error) -> ExitCode {
    let rendered = said.render().to_string();
    let text = if said.use_stderr() { without_secrets_of(said) } else { rendered.clone() };
    let exit = ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2));
    if visible::escaped_lines(&text) == rendered {
        // With its colours.
        let _ = said.print();
    } else if said.use_stderr() {
        talk(text.trim_end());
    } else {
        return data(text).map_or_else(|failure| report(&failure), |()| exit);
    }
    exit
}

/// The text that `write` writes.
pub fn text(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text
}
