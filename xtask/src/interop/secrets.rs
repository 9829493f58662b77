//! Searches the output of all other checks for their secrets.
//!
//! `crates/ges-cli/tests/secrets.rs` searches what `ges` itself writes, for every spelling of a secret. Here it is what
//! other programs wrote.

use std::fs;
use std::path::{Path, PathBuf};

use super::check::Report;
use crate::files;

/// Part of each secret that the checks use, and of nothing else.
const MARKS: [&str; 2] = ["-of-this-check", "OFTHISCHECK"];

pub(crate) fn run(report: &mut Report) {
    report.check("no secret of the checks is in what they wrote", [], |[]| {
        let mut written = Vec::new();
        collect(&files::scratch("")?, &mut written)?;
        let mut leaks = Vec::new();
        for path in &written {
            let bytes = fs::read(path).map_err(|error| format!("error: cannot read {}: {error}", path.display()))?;
            let text = String::from_utf8_lossy(&bytes);
            leaks.extend(MARKS.iter().any(|mark| text.contains(mark)).then(|| path.display().to_string()));
        }
        if leaks.is_empty() {
            return Ok(());
        }
        Err(format!("in {} of {} files:\n{}", leaks.len(), written.len(), leaks.join("\n")))
    });
}

/// The files in a folder that checks wrote. Those that npm, pip and cargo installed are not theirs, nor is the copy of this
/// repository that `cargo xtask walk` makes.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("error: cannot read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let is_installed =
            path.ends_with("node_modules") || path.join("pyvenv.cfg").exists() || path.join("CACHEDIR.TAG").exists();
        let is_copy = path == crate::files::root().join("target/xtask/walk");
        if path.is_dir() && !is_installed && !is_copy {
            collect(&path, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
