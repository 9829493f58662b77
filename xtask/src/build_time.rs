//! What runs on the machine of who builds our crates: build scripts and procedural macros, which `docs/build-time.md` lists
//! with what each does. One that is new, or in another version, is a problem until somebody has read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::files;
use crate::tools::{self, cargo};

/// The review.
const REVIEW: &str = "docs/build-time.md";

/// Name, version and kind, as a row of the review has them.
type Row = [String; 3];

/// How the review differs from what is used, and how many crates run something.
pub(crate) fn problems() -> Result<(Vec<String>, usize), String> {
    let text = tools::output(cargo().args(["metadata", "--format-version=1", "--locked", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let used = running(&metadata);
    let reviewed = reviewed(&files::read(&files::root().join(REVIEW))?);
    Ok((differences(&used, &reviewed), used.len()))
}

/// What published crates need to be built, for any target, and what of it runs then.
fn running(metadata: &Value) -> BTreeSet<Row> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), node)).collect();
    // An empty list of registries is `publish = false`.
    let is_published = |it: &Value| it["source"].is_null() && !it["publish"].as_array().is_some_and(Vec::is_empty);
    let mut open: Vec<String> =
        packages.iter().filter(|(_, package)| is_published(package)).map(|(id, _)| id.clone()).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        let dependencies = nodes.get(&id).map(|node| list(&node["deps"])).unwrap_or_default();
        if needed.insert(id) {
            let is_for_tests = |it: &Value| list(&it["dep_kinds"]).iter().all(|kind| kind["kind"] == "dev");
            open.extend(dependencies.iter().filter(|it| !is_for_tests(it)).map(|it| text(&it["pkg"])));
        }
    }
    let row = |package: &Value| {
        let kinds: BTreeSet<String> =
            list(&package["targets"]).iter().flat_map(|target| list(&target["kind"])).map(|kind| text(&kind)).collect();
        let kind = match (kinds.contains("custom-build"), kinds.contains("proc-macro")) {
            (false, false) => return None,
            (true, false) => "build script",
            (false, true) => "macro",
            (true, true) => "both",
        };
        // Our own have the version of the next release.
        let version = if package["source"].is_null() { "ours".to_owned() } else { text(&package["version"]) };
        Some([text(&package["name"]), version, kind.to_owned()])
    };
    needed.iter().filter_map(|id| row(packages.get(id)?)).collect()
}

/// The rows of the table, `| name | version | kind | what it does |`, whose last column is not empty.
fn reviewed(document: &str) -> BTreeSet<Row> {
    let row = |line: &str| {
        let mut columns = line.strip_prefix("| ")?.split('|').map(str::trim);
        let row = [columns.next()?, columns.next()?, columns.next()?].map(str::to_owned);
        columns.next().filter(|what| !what.is_empty()).map(|_| row)
    };
    document.lines().filter_map(row).filter(|row| row[0] != "crate").collect()
}

fn differences(used: &BTreeSet<Row>, reviewed: &BTreeSet<Row>) -> Vec<String> {
    let shown = |[name, version, kind]: &Row| format!("{name} {version} ({kind})");
    let new = used.difference(reviewed).map(|row| {
        format!(
            "{} runs while building and is not reviewed\n    hint: read it, and write into {REVIEW} what it does: \
             | {} | {} | {} | … |",
            shown(row),
            row[0],
            row[1],
            row[2]
        )
    });
    let gone = reviewed.difference(used).map(|row| format!("{REVIEW}: {} is no longer used", shown(row)));
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(id: &str, source: Option<&str>, kinds: &[&str]) -> Value {
        let targets: Vec<_> = kinds.iter().map(|kind| json!({"kind": [kind]})).collect();
        json!({"id": id, "name": id, "version": "1.0.0", "source": source, "publish": null, "targets": targets})
    }

    fn node(id: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependency = |(id, kind): &(&str, Option<&str>)| json!({"pkg": id, "dep_kinds": [{"kind": kind}]});
        json!({"id": id, "deps": dependencies.iter().map(dependency).collect::<Vec<_>>()})
    }

    fn row(name: &str, version: &str, kind: &str) -> Row {
        [name, version, kind].map(str::to_owned)
    }

    #[test]
    fn everything_that_runs_was_reviewed() {
        let (problems, count) = problems().expect("what cargo says");
        assert!(problems.is_empty() && count > 40, "{count}: {problems:#?}");
    }

    #[test]
    fn what_runs_is_found_through_normal_and_build_dependencies() {
        let metadata = json!({
            "packages": [
                package("ours", None, &["lib", "custom-build"]),
                package("macro", Some("r"), &["proc-macro"]),
                package("script", Some("r"), &["lib", "custom-build"]),
                package("plain", Some("r"), &["lib"]),
                package("deep", Some("r"), &["proc-macro", "custom-build"]),
                package("tests", Some("r"), &["proc-macro"]),
                package("unused", Some("r"), &["proc-macro"]),
            ],
            "resolve": {"nodes": [
                node("ours", &[("macro", None), ("script", Some("build")), ("plain", None), ("tests", Some("dev"))]),
                node("plain", &[("deep", None)]),
            ]},
        });
        let expected = [
            row("deep", "1.0.0", "both"),
            row("macro", "1.0.0", "macro"),
            row("ours", "ours", "build script"),
            row("script", "1.0.0", "build script"),
        ];
        assert_eq!(running(&metadata), expected.into());
    }

    #[test]
    fn what_is_new_or_changed_or_gone_is_a_problem() {
        let document = "\
            | crate | version | kind | what it does |\n|---|---|---|---|\n| a | 1.0.0 | macro | derives |\n\
            | b | 1.0.0 | build script | asks rustc |\n| c | 1.0.0 | macro | |\n";
        let reviewed = reviewed(document);
        assert_eq!(reviewed, [row("a", "1.0.0", "macro"), row("b", "1.0.0", "build script")].into());
        let check = |used: &[Row], problems: &[&str]| {
            let found = differences(&used.iter().cloned().collect(), &reviewed);
            assert_eq!(found.len(), problems.len(), "{found:?}");
            problems.iter().for_each(|part| assert!(found.iter().any(|it| it.contains(part)), "{part}: {found:?}"));
        };
        let (a, b) = (row("a", "1.0.0", "macro"), row("b", "1.0.0", "build script"));
        check(&[a.clone(), b.clone()], &[]);
        check(&[a.clone(), row("b", "1.0.1", "build script")], &["b 1.0.1 (build script) runs", "b 1.0.0 (build"]);
        check(&[a.clone(), row("b", "1.0.0", "both")], &["b 1.0.0 (both) runs", "b 1.0.0 (build script) is no longer"]);
        check(&[a.clone(), b.clone(), row("c", "1.0.0", "macro")], &["c 1.0.0 (macro) runs"]);
        check(&[a, b, row("d", "2.0.0", "macro")], &["d 2.0.0 (macro) runs"]);
        check(&[], &["a 1.0.0 (macro) is no longer", "b 1.0.0 (build script) is no longer"]);
    }
}
