//! Files that flags name.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::Failure;

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
/// It cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<String, Failure> {
    is_read(path);
    std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

/// The bytes of a file; `-` is standard input.
///
/// # Errors
/// It cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(cannot)?;
        return Ok(bytes);
    }
    is_read(path);
    std::fs::read(path).map_err(cannot)
}
