//! Runs the official test suite of JSON Schema 2020-12 on our validator.

use std::fs;
use std::path::{Path, PathBuf};

use conformance_engine::schema::{Direction, Schemas};
use serde_json::{Map, Value};

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, pinned};

/// What was measured, for people.
const FIGURES: &str = "docs/json-schema.md";

/// International names and addresses, which we do not judge.
const ANNOTATIONS: [&str; 4] = ["idn-email.json", "idn-hostname.json", "iri.json", "iri-reference.json"];

pub(crate) fn run(report: &mut Report) {
    let suite =
        Tool::new("the JSON Schema test suite", || Ok(tools::source_from_pypi(&pinned::JSON_SCHEMA)?.join("json")));
    report.check("the official test suite of JSON Schema 2020-12", [&suite], |[suite]| check(suite));
}

/// The figures must be those in the documentation.
fn check(suite: &Path) -> Result<(), String> {
    let given = given(&suite.join("remotes"))?;
    let tests = suite.join("tests/draft2020-12");
    let figures = files::read(&files::root().join(FIGURES))?;
    let mut wrong = Vec::new();
    for (name, folder) in [("required", ""), ("optional", "optional"), ("formats", "optional/format")] {
        let Figure { passed, failed } = judge(&tests.join(folder), &given)?;
        let row = format!("| {name} | {} | {passed} |", passed + failed.len());
        if !figures.contains(&row) {
            wrong.push(format!("{FIGURES} has no line that begins with `{row}`; what fails:\n{}", failed.join("\n")));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

struct Figure {
    passed: usize,
    failed: Vec<String>,
}

fn judge(folder: &Path, given: &Map<String, Value>) -> Result<Figure, String> {
    let mut figure = Figure { passed: 0, failed: Vec::new() };
    for path in json_files(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if ANNOTATIONS.contains(&name.as_str()) {
            continue;
        }
        for group in read(&path)?.as_array().into_iter().flatten() {
            let schemas = Schemas::new(given);
            for test in group["tests"].as_array().into_iter().flatten() {
                let found = schemas.violations(&test["data"], &group["schema"], Direction::Unknown);
                let is_judged = found.iter().all(|violation| !violation.schema_is_broken);
                if is_judged && Value::Bool(found.is_empty()) == test["valid"] {
                    figure.passed += 1;
                } else {
                    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
                    let (group, test) = (&group["description"], &test["description"]);
                    figure.failed.push(format!("  {name}: {group}: {test}: [{}]", found.join("; ")));
                }
            }
        }
    }
    Ok(figure)
}

/// What the suite's references lead to, by address.
fn given(remotes: &Path) -> Result<Map<String, Value>, String> {
    let mut given = Map::new();
    let mut folders = vec![remotes.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let inner = entries(&folder)?.into_iter().filter(|path| path.is_dir());
        // Those of the other drafts stand beside those for all and those for ours.
        folders.extend(inner.filter(|path| folder != remotes || path.ends_with("draft2020-12") || is_for_all(path)));
        for path in json_files(&folder)? {
            let name = path.strip_prefix(remotes).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            given.insert(format!("http://localhost:1234/{name}"), read(&path)?);
        }
    }
    Ok(given)
}

fn is_for_all(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with("draft") && name != "v1"
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    Ok(entries(folder)?.into_iter().filter(is_json).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let error = |error| format!("error: cannot read {}: {error}", folder.display());
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(error)?.collect();
    let mut paths: Vec<_> = entries.map_err(error)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Value, String> {
    serde_json::from_str(&files::read(path)?).map_err(|error| format!("error: {}: {error}", path.display()))
}
