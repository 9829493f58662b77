//! Checks which crates depend on which.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::tools;

/// Crates that know no particular API.
pub(super) const GENERIC: [&str; 7] = [
    "conformance-engine",
    "environment-proxy",
    "openapi-document",
    "specwright-redaction",
    "specwright",
    "specwright-codegen",
    "specwright-mock",
];
/// Crates that are published, but for the generator itself.
const SHIPPED: [&str; 11] = [
    "conformance-engine",
    "environment-proxy",
    "ges-cli",
    "ges-client",
    "ges-conformance",
    "ges-emulator",
    "ges-mock",
    "openapi-document",
    "specwright-redaction",
    "specwright",
    "specwright-mock",
];
/// What each crate may depend on of this workspace, outside of its tests.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("environment-proxy", &[]),
    ("specwright-redaction", &[]),
    ("conformance-engine", &["environment-proxy", "specwright-redaction"]),
    ("openapi-document", &["conformance-engine"]),
    ("specwright-codegen", &["conformance-engine", "openapi-document"]),
    ("specwright", &["conformance-engine", "openapi-document", "specwright-redaction", "specwright-codegen"]),
    ("ges-client", &["environment-proxy", "specwright-redaction"]),
    ("ges-conformance", &["conformance-engine"]),
    ("ges-emulator", &["specwright-redaction"]),
    ("specwright-mock", &["conformance-engine"]),
    ("ges-mock", &["specwright-mock"]),
    ("ges-cli", &["conformance-engine", "ges-client", "ges-conformance", "ges-emulator", "specwright"]),
    ("test-support", &["ges-emulator"]),
];
/// Edges that may not exist even through other crates, and why.
const FORBIDDEN: [(&str, &[&str], &str); 4] = [
    ("ges-conformance", &["ges-client"], "the suite must be able to accuse the client"),
    ("conformance-engine", &["ges-client"], "the suite must be able to accuse the client"),
    ("ges-emulator", &["ges-client", "ges-conformance", "conformance-engine"], "two independent readings of the pages"),
    (
        "ges-client",
        &["ges-conformance", "ges-emulator", "conformance-engine"],
        "a client depends on nothing else of ours but small shared libraries",
    ),
];

/// Package -> what it depends on outside of its tests.
type Edges = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check() -> Result<Vec<String>, String> {
    let text = tools::output(tools::cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("error: cargo metadata: {error}"))?;
    let mut problems = not_allowed(&edges(&metadata, |_| true));
    problems.extend(forbidden(&transitive(built(&metadata))));
    Ok(problems)
}

/// Each package with those of its dependencies that `is_meant`.
fn edges(metadata: &Value, is_meant: impl Fn(&Value) -> bool) -> Edges {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let edges = packages.map(|package| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let dependencies = dependencies.filter(|dependency| dependency["kind"] != "dev" && is_meant(dependency));
        let names = dependencies.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned).collect();
        (package["name"].as_str().unwrap_or_default().to_owned(), names)
    });
    edges.collect()
}

/// Each package with what is built for it: an optional dependency counts for the package that turns it on.
fn built(metadata: &Value) -> Edges {
    let mut edges = edges(metadata, |dependency| dependency["optional"] != true);
    let packages = || metadata["packages"].as_array().into_iter().flatten();
    for package in packages() {
        let mut turned_on = BTreeSet::new();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let is_built = dependency["kind"] != "dev" && dependency["optional"] != true;
            let Some(used) = packages().find(|used| is_built && used["name"] == dependency["name"]) else { continue };
            let mut features: Vec<&str> =
                dependency["features"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            features.extend((dependency["uses_default_features"] == true).then_some("default"));
            let mut seen = BTreeSet::new();
            while let Some(feature) = features.pop() {
                match feature.strip_prefix("dep:") {
                    Some(name) => _ = turned_on.insert(name.to_owned()),
                    None if seen.insert(feature) => {
                        let further = used["features"][feature].as_array().into_iter().flatten();
                        features.extend(further.filter_map(Value::as_str));
                    }
                    None => {}
                }
            }
        }
        edges.entry(package["name"].as_str().unwrap_or_default().to_owned()).or_default().extend(turned_on);
    }
    edges
}

/// With the dependencies of dependencies, as far as they are packages of the workspace.
fn transitive(mut edges: Edges) -> Edges {
    loop {
        let known = edges.clone();
        for names in edges.values_mut() {
            let further: Vec<String> = names.iter().filter_map(|name| known.get(name)).flatten().cloned().collect();
            names.extend(further);
        }
        if edges == known {
            return edges;
        }
    }
}

/// Edges between the packages in `crates/` that the table does not have.
fn not_allowed(edges: &Edges) -> Vec<String> {
    let is_ours = |name: &String| ALLOWED.iter().any(|(known, _)| known == name);
    let mut problems = Vec::new();
    for (from, allowed) in ALLOWED {
        for to in edges.get(from).into_iter().flatten().filter(|to| is_ours(to) && !allowed.contains(&to.as_str())) {
            problems.push(format!("`{from}` depends on `{to}`, which xtask/src/tidy/crates.rs does not allow"));
        }
    }
    problems
}

fn forbidden(edges: &Edges) -> Vec<String> {
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
        for to in ["specwright-codegen", "xtask", "test-support", "progenitor", "progenitor-impl"] {
            forbid(from, to, "who uses a published crate does not build the generator, nor what tests need");
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edges(pairs: &[(&str, &[&str])]) -> Edges {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        pairs.iter().map(|(from, to)| ((*from).to_owned(), names(to))).collect()
    }

    #[test]
    fn only_edges_of_the_table_are_allowed() {
        let allowed = edges(&[("ges-cli", &["ges-client", "serde"]), ("ges-client", &["reqwest"])]);
        assert_eq!(not_allowed(&allowed), [""; 0]);
        let problems = not_allowed(&edges(&[("ges-mock", &["ges-client"])]));
        assert!(
            matches!(&problems[..], [one] if one.starts_with("`ges-mock` depends on `ges-client`")),
            "{problems:?}"
        );
    }

    #[test]
    fn an_optional_dependency_is_built_for_who_turns_it_on() {
        let user = |name: &str, features: &[&str], default: bool| {
            json!({ "name": name, "features": {}, "dependencies": [{
                "name": "tool", "kind": null, "optional": false, "features": features, "uses_default_features": default,
            }] })
        };
        let features = json!({ "default": ["all"], "all": ["some", "dep:generator"], "some": ["dep:reader"] });
        let optional = |name: &str| json!({ "name": name, "kind": null, "optional": true, "features": [] });
        let tool = json!({ "name": "tool", "features": features, "dependencies": [optional("generator"), optional("reader")] });
        let packages = [tool, user("lean", &[], false), user("reads", &["some"], false), user("whole", &[], true)];
        let expected: &[(&str, &[&str])] = &[
            ("tool", &[]),
            ("lean", &["tool"]),
            ("reads", &["reader", "tool"]),
            ("whole", &["generator", "reader", "tool"]),
        ];
        assert_eq!(built(&json!({ "packages": packages })), edges(expected));
    }

    #[test]
    fn forbidden_edges_are_found_through_other_packages() {
        let through = edges(&[("ges-conformance", &["helper"]), ("helper", &["ges-client"]), ("ges-client", &[])]);
        let problems = forbidden(&transitive(through));
        assert_eq!(
            problems,
            ["`ges-conformance` depends on `ges-client`: the suite must be able to accuse the client"]
        );
    }
}
