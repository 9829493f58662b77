//! `cargo xtask walk`: adds the operation that spec/README.md describes to a copy of the repository, and tests it.
//!
//! Exactly the `diff` blocks of the page are applied. Each begins with `--- FILE`; the lines after it are context (a
//! space first), removed (`-`) or added (`+`), and have no line numbers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::files;
use crate::tools::{self, cargo};

const PAGE: &str = "spec/README.md";

/// What stands for the values that the page leaves to the published page of the operation.
const EXAMPLES: [(&str, &str); 6] = [
    ("<the page's function section>", "This API is used to clear a graph."),
    ("<the page's words>", "Example response"),
    ("<the page's title>", "Clearing a Graph (2.2.16)"),
    ("<the page's job>", "ff8080816025a0a1016025a5a2700099"),
    ("<the page's code>", "GES.7001"),
    ("<the page's message>", "The graph is not running."),
];

/// What has to succeed after the edits, as arguments of cargo.
const CHECKS: [&[&str]; 3] = [
    &["check", "--workspace", "--all-targets"],
    &["test", "-q", "-p", "ges-client", "-p", "ges-conformance", "-p", "ges-emulator", "--lib"],
    &["test", "-q", "-p", "tests", "--test", "documented_exchanges", "--test", "documents_and_emulator"],
];

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Leave out each edit in turn, and fail if nothing notices (slow)
    #[arg(long)]
    each: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let walked = walk(arguments);
    // cargo names what it builds by paths from the root of a workspace, and so takes what it built in the copy for what it
    // would build here: what is newer than the files here counts as current.
    tools::run(cargo().args(["clean", "--workspace", "--quiet"]))?;
    walked
}

fn walk(arguments: &Arguments) -> Result<ExitCode, String> {
    let edits = edits(&files::read(&files::root().join(PAGE))?)?;
    let copy = files::scratch("walk")?;
    try_edits(&copy, edits.iter())?;
    println!("{} edits: generated, compiled and tested", edits.len());
    if arguments.each {
        for (left_out, edit) in edits.iter().enumerate().filter(|(_, edit)| edit.is_code()) {
            let others = edits.iter().enumerate().filter(|(number, _)| *number != left_out).map(|(_, edit)| edit);
            match try_edits(&copy, others) {
                Ok(()) => return Err(format!("error: {edit} can be forgotten: everything passes without it")),
                Err(_) => println!("{edit}: noticed when left out"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies the repository, applies the edits, and does what the page says.
fn try_edits<'a>(copy: &Path, edits: impl Iterator<Item = &'a Edit>) -> Result<(), String> {
    copy_repository(copy)?;
    for edit in edits {
        let path = copy.join(&edit.file);
        let text = edit.apply(&files::read(&path)?)?;
        files::write(&path, &text)?;
    }
    tools::run(in_copy(copy).args(["xtask", "codegen"]))?;
    for check in CHECKS {
        tools::run(in_copy(copy).args(check))?;
    }
    tools::run(in_copy(copy).args(["run", "-q", "-p", "ges-cli", "--", "conform"]))
}

/// cargo in the copy. It shares the target folder, so that dependencies are built once.
fn in_copy(copy: &Path) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", files::root().join("target"));
    cargo
}

/// Makes `copy` hold the files that git tracks, as they are now. What has not changed is not written, so that cargo
/// builds no more than it must.
fn copy_repository(copy: &Path) -> Result<(), String> {
    let tracked =
        tools::output(tools::tool("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let tracked: BTreeSet<&str> = tracked.split('\0').filter(|file| !file.is_empty()).collect();
    for file in tracked {
        let (from, to) = (files::root().join(file), copy.join(file));
        // A file that git tracks may have been deleted.
        let Ok(bytes) = std::fs::read(&from) else { continue };
        if std::fs::read(&to).is_ok_and(|current| current == bytes) {
            continue;
        }
        let written = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&to, bytes));
        written.map_err(|error| format!("error: cannot write {}: {error}", to.display()))?;
    }
    Ok(())
}

/// One block of the page.
#[derive(Debug)]
struct Edit {
    /// The line of the page on which it begins.
    line: usize,
    file: PathBuf,
    before: String,
    after: String,
}

impl std::fmt::Display for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PAGE}:{}: the edit of {}", self.line, self.file.display())
    }
}

impl Edit {
    /// Whether something has to notice that it was forgotten. What only people read is not looked at by a test.
    fn is_code(&self) -> bool {
        self.file.extension().is_none_or(|extension| extension != "md")
    }

    fn apply(&self, text: &str) -> Result<String, String> {
        // Context begins at the beginning of a line. Two that follow each other share no character.
        let is_line_start = |at: usize| at == 0 || text[..at].ends_with('\n');
        let places: Vec<usize> =
            text.match_indices(&self.before).map(|(at, _)| at).filter(|at| is_line_start(*at)).collect();
        match places.len() {
            1 => Ok([&text[..places[0]], &self.after, &text[places[0] + self.before.len()..]].concat()),
            count => Err(format!(
                "error: {self}: its context must occur once in the file, and occurs {count} times\n{}\
                 hint: bring the block up to date with the file",
                self.before
            )),
        }
    }
}

/// The blocks of a page.
fn edits(page: &str) -> Result<Vec<Edit>, String> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut is_inside = false;
    for (number, line) in page.lines().enumerate() {
        let wrong = |what: &str| format!("error: {PAGE}:{}: {what}: {line}", number + 1);
        if !is_inside {
            is_inside = line == "```diff";
            continue;
        }
        if let Some(file) = line.strip_prefix("--- ") {
            let file = PathBuf::from(file);
            edits.push(Edit { line: number + 1, file, before: String::new(), after: String::new() });
            continue;
        }
        if line == "```" {
            is_inside = false;
            continue;
        }
        let edit = edits.last_mut().ok_or_else(|| wrong("expected `--- FILE` first"))?;
        let (mark, text) = line.split_at_checked(1).unwrap_or((" ", ""));
        let text = EXAMPLES.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        if text.contains("<the page's") {
            return Err(wrong("xtask/src/walk.rs has no example for this value"));
        }
        if !["+", "-", " "].contains(&mark) {
            return Err(wrong("expected a space, `-` or `+` first"));
        }
        if mark != "+" {
            edit.before.push_str(&format!("{text}\n"));
        }
        if mark != "-" {
            edit.after.push_str(&format!("{text}\n"));
        }
    }
    if edits.is_empty() { Err(format!("error: {PAGE} has no `diff` block")) } else { Ok(edits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(block: &str) -> Result<Edit, String> {
        edits(&format!("text\n```diff\n{block}\n```\n")).map(|mut edits| edits.remove(0))
    }

    #[test]
    fn every_block_of_the_page_fits_its_file() {
        for edit in edits(&files::read(&files::root().join(PAGE)).unwrap()).unwrap() {
            let text = files::read(&files::root().join(&edit.file)).unwrap();
            edit.apply(&text).unwrap();
        }
    }

    #[test]
    fn an_edit_adds_and_removes_lines_beside_its_context() {
        let edit = edit("--- a.rs\n one\n-two\n+2").unwrap();
        assert_eq!(edit.apply("zero\none\ntwo\nthree\n").unwrap(), "zero\none\n2\nthree\n");
    }

    #[test]
    fn a_context_that_is_missing_or_ambiguous_is_named() {
        let edit = edit("--- a.rs\n one\n+two").unwrap();
        for text in ["none\n", "one\none\n"] {
            let error = edit.apply(text).unwrap_err();
            assert!(
                error.starts_with("error: spec/README.md:3: the edit of a.rs: its context must occur once"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_block_that_cannot_be_read_is_named() {
        assert!(edit("one").unwrap_err().contains("expected `--- FILE` first"));
        assert!(edit("--- a.rs\none").unwrap_err().contains("expected a space"));
        assert!(edit("--- a.rs\n+<the page's colour>").unwrap_err().contains("no example"));
    }
}
