//! Finds the repository, and reads and writes its files.

use std::fs;
use std::path::{Path, PathBuf};

use specwright::output::file;

/// The root of the repository that this xtask was built from.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Writes `text`, unless the file has it already; returns whether it was written.
pub(crate) fn write(path: &Path, text: &str) -> Result<bool, String> {
    file::write(path, text).map_err(|failure| format!("error: {}", failure.message))
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
