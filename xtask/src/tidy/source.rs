//! Reads the source files of a crate.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;

/// One `.rs` file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    /// From `src`: `run/poll.rs`.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// All `.rs` files below `folder`, sorted by path.
pub(super) fn sources(folder: &Path) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    visit(folder, &mut |path, text| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let path = path.strip_prefix(folder).unwrap_or(path).to_owned();
            sources.push(Source { path, text: text.to_owned() });
        }
    })?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// Calls `look` with each file below `folder`.
pub(super) fn visit(folder: &Path, look: &mut impl FnMut(&Path, &str)) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("error: cannot read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() {
            visit(&path, look)?;
        } else {
            look(&path, &files::read(&path)?);
        }
    }
    Ok(())
}

/// Whether `cargo xtask codegen` writes this file.
pub(super) fn is_generated(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("generated"))
}
