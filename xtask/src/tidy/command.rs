//! `cargo xtask tidy`: prints every problem, and fails if there is one.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::source::sources;
use super::{crates, cycles, documents, folders, modules, words};
use crate::files;

pub(crate) fn run() -> Result<ExitCode, String> {
    let mut problems = crates::check()?;
    problems.extend(words::specific()?);
    problems.extend(documents::paths()?);
    problems.extend(documents::named_tests()?);
    problems.extend(documents::mutated_files()?);
    for folder in folders()? {
        problems.extend(of_crate(&folder)?);
    }
    for problem in &problems {
        eprintln!("error: {problem}");
    }
    println!("tidy: {} problems", problems.len());
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every crate whose sources are checked, from the root of the repository.
fn folders() -> Result<Vec<String>, String> {
    let entries = fs::read_dir(files::root().join("crates"));
    let entries = entries.map_err(|error| format!("error: cannot read crates: {error}"))?;
    let crates = entries.flatten().map(|entry| format!("crates/{}", entry.file_name().to_string_lossy()));
    let mut folders: Vec<String> = crates.chain(["xtask".to_owned()]).collect();
    folders.sort();
    Ok(folders)
}

/// What is wrong with the sources of a crate.
fn of_crate(folder: &str) -> Result<Vec<String>, String> {
    let src = Path::new(folder).join("src");
    let sources = sources(&files::root().join(&src))?;
    let edges = modules::edges(&sources);
    let mut problems = cycles::cycles(&src, &edges);
    if let Some((_, order)) = folders::ORDERS.iter().find(|(name, _)| *name == folder) {
        problems.extend(folders::order(&src, order, &sources, &edges));
    } else if sources.iter().any(|source| source.path.components().count() > 1) {
        problems.push(format!("{folder}: its folders have no order in xtask/src/tidy/folders.rs"));
    }
    problems.extend(folders::sizes(&src, &sources));
    problems.extend(words::first_lines(&src, &sources));
    Ok(problems)
}
