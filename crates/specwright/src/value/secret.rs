//! Reads a secret from a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use secrecy::SecretString;
use specwright_redaction::name::looks_random;
use zeroize::Zeroizing;

use crate::Failure;
use crate::value::file::is_read;

/// A longer file is probably not a secret.
const LONGEST_SECRET: u64 = 64 << 10;

/// The content of a file, without the line break at its end; `-` is standard input.
///
/// # Errors
/// The file cannot be read, or is empty or too long for a secret.
pub fn secret(path: &Path) -> Result<SecretString, Failure> {
    let (shown, source): (_, Box<dyn Read>) = if path == Path::new("-") {
        ("standard input".to_owned(), Box::new(std::io::stdin()))
    } else {
        let mut shown = path.display().to_string();
        // The secret itself may have been given instead of its file.
        let has_folder = path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && folder.exists());
        if !path.exists() && !has_folder && looks_random(&shown) {
            shown = "***".to_owned();
        }
        is_read(path);
        let file = File::open(path).map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
        (shown, Box::new(file))
    };
    let mut text = Zeroizing::new(String::new());
    // Enough capacity, so that growing leaves no copy behind.
    text.reserve_exact(LONGEST_SECRET as usize + 1);
    source
        .take(LONGEST_SECRET + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    match text.trim() {
        "" => Err(Failure::usage(format!("{shown} is empty; expected a secret"))),
        secret if secret.len() as u64 > LONGEST_SECRET => {
            Err(Failure::usage(format!("{shown} is too long for a secret")))
        }
        secret => Ok(SecretString::from(secret)),
    }
}
