//! Have the checks left a secret behind in anything that they wrote?
//!
//! `crates/ges-cli/tests/secrets.rs` asks the same of every spelling and of everything that `ges` writes; here it is about
//! what other programs wrote of what they saw of us.

use std::fs;
use std::path::Path;

use crate::interop_command::Report;
use crate::tools;

/// What is in the secrets of all checks, and in nothing else.
const MARKS: [&str; 2] = ["-of-this-check", "OFTHISCHECK"];

pub(crate) fn run(report: &mut Report) {
    report.check("no secret of the checks is in what they wrote", [], |[]| {
        let mut looked = Looked { files: 0, leaks: Vec::new() };
        looked.at(&tools::scratch("")?)?;
        match looked.leaks.as_slice() {
            [] => Ok(()),
            leaks => Err(format!("in {} of {} files:\n{}", leaks.len(), looked.files, leaks.join("\n"))),
        }
    });
}

struct Looked {
    files: usize,
    leaks: Vec<String>,
}

impl Looked {
    fn at(&mut self, folder: &Path) -> Result<(), String> {
        let cannot = |error: std::io::Error| format!("error: cannot read {}: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            // What npm and pip installed, and cargo built, is not of a check.
            let is_installed = path.ends_with("node_modules") || path.join("pyvenv.cfg").exists();
            if path.is_dir() && !is_installed && !path.join("CACHEDIR.TAG").exists() {
                self.at(&path)?;
            } else if path.is_file() {
                let bytes =
                    fs::read(&path).map_err(|error| format!("error: cannot read {}: {error}", path.display()))?;
                let text = String::from_utf8_lossy(&bytes);
                self.files += 1;
                self.leaks.extend(MARKS.iter().any(|mark| text.contains(mark)).then(|| path.display().to_string()));
            }
        }
        Ok(())
    }
}
