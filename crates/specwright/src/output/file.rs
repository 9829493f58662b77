//! Files that are written where they differ, and what differs.

use std::fs;
use std::path::Path;

use crate::Failure;

/// Writes `text`, unless the file has it already; returns whether it was written.
///
/// # Errors
/// The file or its folder cannot be written.
pub fn write(path: &Path, text: &str) -> Result<bool, Failure> {
    if fs::read_to_string(path).is_ok_and(|current| current == text) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| Failure::cannot_start(format!("cannot create {}: {error}", folder.display())))?;
    }
    fs::write(path, text)
        .map_err(|error| Failure::cannot_start(format!("cannot write {}: {error}", path.display())))?;
    Ok(true)
}

/// The first lines in which the file at `path` differs from `text`; `None` if it does not.
pub fn difference(path: &Path, text: &str) -> Option<String> {
    const SHOWN: usize = 3;
    let current = match fs::read_to_string(path) {
        Ok(current) if current == text => return None,
        Ok(current) => current,
        Err(error) => return Some(format!("  cannot be read: {error}\n")),
    };
    let (mut old, mut new) = (current.split('\n'), text.split('\n'));
    let mut line = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => {
                let removed = a.into_iter().chain(old).take(SHOWN).map(|text| format!("  - {text}\n"));
                let added = b.into_iter().chain(new).take(SHOWN).map(|text| format!("  + {text}\n"));
                return Some(format!("  line {line}:\n{}", removed.chain(added).collect::<String>()));
            }
        }
    }
}
