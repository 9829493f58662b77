//! Finds the repository, and reads and writes its files.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository that this xtask was built from.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Writes `text`, unless the file has it already; returns whether it was written.
pub(crate) fn write(path: &Path, text: &str) -> Result<bool, String> {
    if fs::read_to_string(path).is_ok_and(|current| current == text) {
        return Ok(false);
    }
    let shown = path.display();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("error: cannot create {}: {error}", folder.display()))?;
    }
    fs::write(path, text).map_err(|error| format!("error: cannot write {shown}: {error}"))?;
    Ok(true)
}

/// The first lines in which the file at `path` differs from `text`; `None` if it does not.
pub(crate) fn difference(path: &Path, text: &str) -> Option<String> {
    let current = match fs::read_to_string(path) {
        Ok(current) if current == text => return None,
        Ok(current) => current,
        Err(error) => return Some(format!("  cannot be read: {error}\n")),
    };
    const SHOWN: usize = 3;
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

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("error: cannot read {}: {error}", path.display()))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        format!("error: {}:{line}: not UTF-8\nhint: save the file as UTF-8", path.display())
    })
}

/// `path` as seen from the root of the repository, for messages.
pub(crate) fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(root()).unwrap_or(path).to_owned()
}

/// A folder below `target/xtask`, created if it does not exist.
pub(crate) fn scratch(name: &str) -> Result<PathBuf, String> {
    let folder = root().join("target/xtask").join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("error: cannot create {}: {error}", folder.display()))?;
    Ok(folder)
}
