//! Do the crates depend only on what they may, and do the documents speak only of what exists?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::{files, tools};

/// Crates that know no particular API.
const GENERIC: [&str; 2] = ["codegen", "conformance-engine"];
/// Words that only a particular API would bring along.
const SPECIFIC_WORDS: [&str; 3] = ["ges", "graph", "huawei"];
/// What people install or depend on.
const SHIPPED: [&str; 6] =
    ["conformance-engine", "ges-cli", "ges-client", "ges-conformance", "ges-emulator", "ges-mock"];
/// Who may not depend on whom, and why.
const FORBIDDEN: [(&str, &[&str], &str); 4] = [
    ("ges-conformance", &["ges-client"], "the suite must be able to accuse the client"),
    ("conformance-engine", &["ges-client"], "the suite must be able to accuse the client"),
    ("ges-emulator", &["ges-client", "ges-conformance", "conformance-engine"], "two independent readings of the pages"),
    ("ges-client", &["ges-conformance", "ges-emulator", "conformance-engine"], "a client brings nothing but itself"),
];
const DOCUMENTS: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/untested.md",
    "fuzz/README.md",
    "spec/README.md",
];

pub(crate) fn run() -> Result<ExitCode, String> {
    let edges = edges()?;
    let mut problems = forbidden_edges(&edges);
    problems.extend(specific_words()?);
    problems.extend(documents()?);
    problems.extend(named_tests()?);
    for problem in &problems {
        eprintln!("error: {problem}");
    }
    println!("tidy: {} problems", problems.len());
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Package -> everything it depends on outside of tests, directly or through other packages of the workspace.
fn edges() -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let text = tools::output(tools::cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let mut edges = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let dependencies = dependencies.filter(|dependency| dependency["kind"] != "dev");
        let names = dependencies.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned).collect();
        edges.insert(package["name"].as_str().unwrap_or_default().to_owned(), names);
    }
    loop {
        let before: usize = edges.values().map(BTreeSet::len).sum();
        let known = edges.clone();
        for names in edges.values_mut() {
            let further: Vec<String> = names.iter().filter_map(|name| known.get(name)).flatten().cloned().collect();
            names.extend(further);
        }
        if edges.values().map(BTreeSet::len).sum::<usize>() == before {
            return Ok(edges);
        }
    }
}

fn forbidden_edges(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut forbid = |from: &str, to: &str, why: &str| {
        if edges.get(from).is_some_and(|names| names.contains(to)) {
            problems.push(format!("`{from}` depends on `{to}`: {why}"));
        }
    };
    for (from, targets, why) in FORBIDDEN {
        targets.iter().for_each(|to| forbid(from, to, why));
    }
    for from in GENERIC {
        edges.keys().filter(|name| name.starts_with("ges-")).for_each(|to| forbid(from, to, "it is for any API"));
    }
    for from in SHIPPED {
        for to in ["codegen", "xtask", "progenitor", "progenitor-impl"] {
            forbid(from, to, "nobody should have to build the generator");
        }
    }
    problems
}

/// Lines in the generic crates that name a particular API.
fn specific_words() -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for name in GENERIC {
        visit(&files::root().join("crates").join(name).join("src"), &mut |path, text| {
            for (index, line) in text.lines().enumerate() {
                let lower = line.to_lowercase();
                let mut words = lower.split(|c: char| !c.is_alphanumeric());
                if let Some(word) = words.find(|word| SPECIFIC_WORDS.contains(word)) {
                    problems.push(format!(
                        "{}:{}: `{word}` in a crate for any API",
                        files::shown(path).display(),
                        index + 1
                    ));
                }
            }
        })?;
    }
    // The emulator reads the pages, not the document made from them.
    visit(&files::root().join("crates/ges-emulator/src"), &mut |path, text| {
        if text.contains("spec/") {
            problems.push(format!("{}: names spec/, which the emulator must not read", files::shown(path).display()));
        }
    })?;
    Ok(problems)
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &str)) -> Result<(), String> {
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

/// Paths in backticks that do not exist, and crates that the map of the code forgot.
fn documents() -> Result<Vec<String>, String> {
    let root = files::root();
    let mut problems = Vec::new();
    for document in DOCUMENTS {
        let text = files::read(&root.join(document))?;
        for (index, line) in text.lines().enumerate() {
            // Every second piece between backticks is inside of them.
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

/// Tests that `SECURITY.md` names behind their file, `tests/some.rs`: `a_sentence`, and that are not there.
fn named_tests() -> Result<Vec<String>, String> {
    const DOCUMENT: &str = "SECURITY.md";
    let mut problems = Vec::new();
    let mut count = 0;
    for (index, line) in files::read(&files::root().join(DOCUMENT))?.lines().enumerate() {
        let mut file = None;
        for quoted in line.split('`').skip(1).step_by(2) {
            if is_path(quoted) && quoted.ends_with(".rs") {
                // That it exists is asked elsewhere.
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

/// Whether a quoted text means a file or folder of this repository.
fn is_path(quoted: &str) -> bool {
    const TOP: [&str; 7] = ["crates/", "spec/", "xtask/", "tests/", "fuzz/", ".ci/", ".cargo/"];
    let is_plain = quoted.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    is_plain && TOP.iter().any(|top| quoted.starts_with(top))
}
