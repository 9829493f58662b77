//! The licences of what is shipped: that `NOTICE.md` names what has to be named, that each published crate has the texts,
//! and the texts of everything else in one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::files;
use crate::tools::{self, cargo};

/// The published commands, which are shipped as binaries.
pub(crate) const COMMANDS: [(&str, &str); 2] = [("ges-cli", "ges"), ("specwright", "specwright")];

/// A licence whose source has to be named where a binary is shipped (MPL-2.0, section 3.2).
const NAMED: &str = "MPL-2.0";

/// What is wrong with the licence files of this repository.
pub(crate) fn problems() -> Result<Vec<String>, String> {
    let packages = packages()?;
    let mut problems = Vec::new();
    let has_to_be_named = |package: &&Value| {
        let licence = package["license"].as_str().unwrap_or_default();
        licence.contains(NAMED) && !licence.contains(" OR ")
    };
    let needed: BTreeSet<&str> = packages.iter().filter(has_to_be_named).filter_map(|it| it["name"].as_str()).collect();
    let notice = files::read(&files::root().join("NOTICE.md"))?;
    let rows = notice.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let named: BTreeSet<&str> = rows.filter(|name| *name != "crate").collect();
    problems.extend(needed.difference(&named).map(|name| format!("NOTICE.md: expected a row for {name} ({NAMED})")));
    problems.extend(named.difference(&needed).map(|name| format!("NOTICE.md: {name} is not used under {NAMED}")));

    // An empty list of registries is `publish = false`.
    let is_published = |it: &&Value| it["source"].is_null() && !it["publish"].as_array().is_some_and(Vec::is_empty);
    for package in packages.iter().filter(is_published) {
        let Some(folder) = package["manifest_path"].as_str().and_then(|path| Path::new(path).parent()) else {
            continue;
        };
        for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let text = files::read(&files::root().join(name))?;
            if fs::read_to_string(folder.join(name)).ok() != Some(text) {
                let folder = files::shown(folder);
                problems.push(format!("{}/{name}: expected the text of /{name}", folder.display()));
            }
        }
    }
    Ok(problems)
}

/// The crates of others that published commands are built from.
fn shipped() -> Result<Vec<Value>, String> {
    let packages = packages()?;
    let mut tree = cargo();
    // What is used while building may end up in the binary, as Swagger UI does in that of `ges`.
    tree.args(["tree", "--locked", "--edges=normal,build", "--target=all", "--prefix=none", "--format={p}"]);
    COMMANDS
        .iter()
        .filter(|(package, _)| exists(package))
        .for_each(|(package, _)| _ = tree.args(["--package", package]));
    let tree = tools::output(&mut tree)?;
    // `name v1.2.3 (proc-macro)`
    let used: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?.strip_prefix('v')?))
        })
        .collect();
    let is_used = |package: &Value| {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        !package["source"].is_null() && used.contains(&(text("name"), text("version")))
    };
    Ok(packages.into_iter().filter(is_used).collect())
}

/// A software bill of materials of the commands, as CycloneDX (<https://cyclonedx.org/docs/1.5/json/>).
pub(crate) fn bill_of_materials() -> Result<String, String> {
    let component = |package: &Value| {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let address = format!("pkg:cargo/{name}@{version}");
        // The older form of "or".
        let licence = text("license").replace('/', " OR ");
        if version.is_empty() || licence.is_empty() {
            return Err(format!("error: {name} {version}: expected a version and a licence"));
        }
        Ok(json!({
            "type": "library", "bom-ref": address, "name": name, "version": version, "purl": address,
            "licenses": [{"expression": licence}],
        }))
    };
    let components: Vec<Value> = shipped()?.iter().map(component).collect::<Result<_, _>>()?;
    let bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components});
    Ok(format!("{bill:#}\n"))
}

/// Every crate of others that a published command is built from, with its licence and the texts in its package.
pub(crate) fn third_party() -> Result<String, String> {
    let mut list = String::from("What the commands of this archive are built from, and the licences of it.\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &shipped()? {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let licence = match text("license") {
            "" => "see its text",
            licence => licence,
        };
        // Writing to a string does not fail.
        _ = writeln!(list, "{name} {version}: {licence}; {}", text("repository"));
        let folder = Path::new(text("manifest_path")).parent().unwrap_or(Path::new(""));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().to_uppercase();
            if ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"].iter().any(|start| file.starts_with(start))
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                texts.entry(text.trim().to_owned()).or_default().push(format!("{name} {version}"));
            }
        }
    }
    for (text, holders) in texts {
        _ = write!(list, "\n{}\n{}\n\n{text}\n", "-".repeat(80), holders.join(", "));
    }
    Ok(list)
}

/// Whether a package of this name is in the workspace.
pub(crate) fn exists(package: &str) -> bool {
    files::root().join("crates").join(package).join("Cargo.toml").exists()
}

fn packages() -> Result<Vec<Value>, String> {
    let text = tools::output(cargo().args(["metadata", "--format-version=1", "--locked", "--all-features"]))?;
    let mut metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    match metadata["packages"].take() {
        Value::Array(packages) => Ok(packages),
        _ => Err("error: cargo metadata: expected `packages`, found none".to_owned()),
    }
}
