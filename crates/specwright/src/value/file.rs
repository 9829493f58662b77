//! Files that flags name, read whole, up to limits.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::Failure;

/// The longest file that is read whole. Every one of them is a value in memory afterwards, and takes several times that.
const LONGEST: usize = 128 << 20;

/// The most values of a file in JSON. In memory each takes about a hundred bytes, and in the file two.
const MOST_VALUES: usize = 2_000_000;

/// What this process reads: nothing is written there.
static INPUTS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Remembers that a file is an input.
pub fn is_read(path: &Path) {
    INPUTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(path.canonicalize().ok().filter(|path| path.is_file()));
}

/// Whether a file is an input of this process, by whatever path.
pub fn is_input(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| INPUTS.lock().unwrap_or_else(PoisonError::into_inner).contains(&path))
}

/// The text of a file.
///
/// # Errors
/// It cannot be read, is too long, or is not UTF-8.
pub fn read(path: &Path) -> Result<String, Failure> {
    let not_text = |_| Failure::usage(format!("cannot read {}: stream did not contain valid UTF-8", path.display()));
    String::from_utf8(bytes(path)?).map_err(not_text)
}

/// The bytes of a file; `-` is standard input.
///
/// # Errors
/// It cannot be read, or is too long.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::usage(format!("cannot read {}: {error}", path.display()));
    is_read(path);
    let (mut bytes, most) = (Vec::new(), LONGEST as u64 + 1);
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().take(most).read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    read.map_err(|error| cannot(&error))?;
    if bytes.len() > LONGEST {
        return Err(cannot(&format!("it has more than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// The text of a file in JSON, if it does not have more values than memory should hold.
///
/// # Errors
/// The same, and too many values.
pub fn json(path: &Path) -> Result<String, Failure> {
    let text = read(path)?;
    if values(&text) > MOST_VALUES {
        return Err(Failure::usage(format!("{} has more than {MOST_VALUES} values", path.display())));
    }
    Ok(text)
}

/// About how many values a JSON text has: one for each comma, bracket and brace outside of strings.
fn values(text: &str) -> usize {
    let (mut count, mut is_string, mut is_escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b',' | b'[' | b'{' if !is_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_text_are_counted_without_those_in_strings() {
        assert_eq!(values(r#"{"a": [1, 2, "x,[{\",,"], "b": {}}"#), 6);
        assert_eq!(values(r#""\\", 1"#), 1);
    }
}
