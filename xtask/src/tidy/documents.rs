//! Checks that what the documents name exists: paths, crates and tests.

use std::fs;

use crate::files;

const DOCUMENTS: [&str; 10] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "NOTICE.md",
    "docs/ci.md",
    "docs/untested.md",
    "fuzz/README.md",
    "spec/README.md",
];

/// Paths in backticks that do not exist, and crates that ARCHITECTURE.md does not mention.
pub(super) fn paths() -> Result<Vec<String>, String> {
    let root = files::root();
    let mut problems = Vec::new();
    for document in DOCUMENTS {
        let text = files::read(&root.join(document))?;
        for (index, line) in text.lines().enumerate() {
            // Every second piece is inside backticks.
            for quoted in line.split('`').skip(1).step_by(2).filter(|quoted| is_path(quoted)) {
                if !root.join(quoted).exists() {
                    problems.push(format!("{document}:{}: `{quoted}` does not exist", index + 1));
                }
            }
        }
        if document == "ARCHITECTURE.md" {
            let crates =
                fs::read_dir(root.join("crates")).map_err(|error| format!("error: cannot read crates: {error}"))?;
            for entry in crates.flatten() {
                let name = format!("`crates/{}`", entry.file_name().to_string_lossy());
                if !text.contains(&name) {
                    problems.push(format!("{document}: does not mention {name}"));
                }
            }
        }
    }
    Ok(problems)
}

/// Tests that `SECURITY.md` names after their file, `tests/some.rs`: `a_sentence`, and that do not exist.
pub(super) fn named_tests() -> Result<Vec<String>, String> {
    const DOCUMENT: &str = "SECURITY.md";
    let mut problems = Vec::new();
    let mut count = 0;
    for (index, line) in files::read(&files::root().join(DOCUMENT))?.lines().enumerate() {
        let mut file = None;
        for quoted in line.split('`').skip(1).step_by(2) {
            if is_path(quoted) && quoted.ends_with(".rs") {
                // `paths` checks that it exists.
                file = Some((quoted, fs::read_to_string(files::root().join(quoted)).unwrap_or_default()));
            } else if let Some((path, text)) = &file {
                count += 1;
                let is_there = text.match_indices(&format!("fn {quoted}(")).any(|(at, _)| {
                    let before = text[..at].trim_end_matches("async ").trim_end();
                    before.rsplit('\n').next().is_some_and(|line| line.contains("test") && line.ends_with(']'))
                });
                if !is_there {
                    problems.push(format!("{DOCUMENT}:{}: there is no test `{quoted}` in {path}", index + 1));
                }
            }
        }
    }
    if count == 0 {
        problems.push(format!("{DOCUMENT} names no test"));
    }
    Ok(problems)
}

/// Globs of `.cargo/mutants.toml` that match no file.
pub(super) fn mutated_files() -> Result<Vec<String>, String> {
    const DOCUMENT: &str = ".cargo/mutants.toml";
    let mut problems = Vec::new();
    for (index, line) in files::read(&files::root().join(DOCUMENT))?.lines().enumerate() {
        let Some(glob) = line.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix("\",")) else { continue };
        let exists = match glob.strip_suffix("/*.rs") {
            Some(folder) => files::root().join(folder).is_dir(),
            None => files::root().join(glob).is_file(),
        };
        if !exists {
            problems.push(format!("{DOCUMENT}:{}: `{glob}` matches no file", index + 1));
        }
    }
    Ok(problems)
}

/// Whether a quoted text is the path of a file or folder of this repository.
fn is_path(quoted: &str) -> bool {
    const TOP: [&str; 10] =
        ["benches/", "crates/", "examples/", "spec/", "xtask/", "tests/", "fuzz/", ".ci/", ".cargo/", ".github/"];
    let is_plain = quoted.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    is_plain && TOP.iter().any(|top| quoted.starts_with(top))
}
