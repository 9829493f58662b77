//! Checks words: those that generic crates may not know, and the first line of each file.

use super::crates::GENERIC;
use super::source::{Source, is_generated, visit};
use crate::files;

/// Words that only a particular API uses.
const SPECIFIC: [&str; 3] = ["ges", "graph", "huawei"];

/// Lines in the generic crates that name a particular API, and files of the emulator that name the document.
pub(super) fn specific() -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for name in GENERIC {
        visit(&files::root().join("crates").join(name).join("src"), &mut |path, text| {
            for (index, line) in text.lines().enumerate() {
                let lower = line.to_lowercase();
                let mut words = lower.split(|c: char| !c.is_alphanumeric());
                if let Some(word) = words.find(|word| SPECIFIC.contains(word)) {
                    let path = files::shown(path);
                    problems.push(format!("{}:{}: `{word}` in a crate for any API", path.display(), index + 1));
                }
            }
        })?;
    }
    visit(&files::root().join("crates/ges-emulator/src"), &mut |path, text| {
        if text.contains("spec/") {
            let path = files::shown(path);
            problems.push(format!("{}: names spec/, which the emulator must not read", path.display()));
        }
    })?;
    Ok(problems)
}

/// Files that do not begin with a plain sentence about what they are.
pub(super) fn first_lines(folder: &std::path::Path, sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| !is_generated(&source.path)) {
        if let Err(found) = first_line(&source.text) {
            let path = folder.join(&source.path);
            problems.push(format!("{}:1: {found}", path.display()));
        }
    }
    problems
}

/// The first paragraph is a sentence, and no question; or the file begins with its crate's README.
fn first_line(text: &str) -> Result<(), &'static str> {
    let first = text.lines().next().unwrap_or_default();
    if first.starts_with("#![") && first.contains("doc = include_str!(\"") {
        return Ok(());
    }
    let lines = text.lines().map_while(|line| line.strip_prefix("//! "));
    let paragraph = lines.collect::<Vec<&str>>().join(" ");
    match paragraph.chars().last() {
        None => Err("does not begin with `//!` and what the file is"),
        Some(_) if paragraph.contains('?') => {
            Err("begins with a question instead of a sentence, such as `//! Polls a job until it settles.`")
        }
        Some('.' | ':') => Ok(()),
        Some(_) => Err("does not begin with a whole sentence"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_a_sentence() {
        assert_eq!(first_line("//! Polls a job until it settles.\n"), Ok(()));
        assert_eq!(
            first_line("//! Polls a job until it settles,\n//! or a limit is reached.\n//!\n//! Why?\n"),
            Ok(())
        );
        assert_eq!(first_line("#![doc = include_str!(\"../README.md\")]\n"), Ok(()));
        assert_eq!(first_line("#![cfg_attr(feature = \"run\", doc = include_str!(\"../README.md\"))]\n"), Ok(()));
        assert_eq!(
            first_line("//! Has it ended?\n"),
            Err("begins with a question instead of a sentence, such as `//! Polls a job until it settles.`")
        );
        assert_eq!(first_line("//! Polls\n\nuse std::fs;\n"), Err("does not begin with a whole sentence"));
        assert_eq!(first_line("use std::fs;\n"), Err("does not begin with `//!` and what the file is"));
    }
}
