//! The packages that a generated client uses, and which features of each, read from its tokens.

use std::collections::BTreeSet;

use crate::rust::tree::{Tree, parse, string_literal};

/// A package that generated code may use.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    has_default_features: bool,
    /// Features that are always on.
    features: &'static [&'static str],
    /// Features that are on where the client has the word.
    words: &'static [(&'static str, &'static str)],
}

const fn plain(name: &'static str, version: &'static str) -> Package {
    Package { name, version, has_default_features: true, features: &[], words: &[] }
}

/// All that progenitor and this crate write code for, in the order of a manifest. A test compares the versions with
/// those of this workspace, in which the generated code is tested.
pub(super) const PACKAGES: [Package; 8] = [
    plain("base64", "0.23"),
    Package { has_default_features: false, features: &["serde", "std"], ..plain("chrono", "0.4") },
    plain("rand", "0.10"),
    plain("regress", "0.12"),
    Package { has_default_features: false, words: &[("json", "json"), ("query", "query")], ..plain("reqwest", "0.13") },
    Package { features: &["derive"], ..plain("serde", "1") },
    plain("serde_json", "1"),
    Package { features: &["serde"], ..plain("uuid", "1") },
];

/// Whether a client may depend on a package of this name.
pub(super) fn is_one(name: &str) -> bool {
    PACKAGES.iter().any(|package| package.module() == name.replace('-', "_"))
}

impl Package {
    fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The line of a manifest, with the features that a client with these words needs.
    pub(super) fn line(&self, words: &BTreeSet<String>) -> String {
        let used = self.words.iter().filter(|(word, _)| words.contains(*word)).map(|(_, feature)| *feature);
        let features: BTreeSet<&str> = self.features.iter().copied().chain(used).collect();
        let features: Vec<String> = features.into_iter().map(|feature| format!("\"{feature}\"")).collect();
        let mut keys = vec![format!("version = \"{}\"", self.version)];
        if !self.has_default_features {
            keys.push("default-features = false".to_owned());
        }
        if !features.is_empty() {
            keys.push(format!("features = [{}]", features.join(", ")));
        }
        match &keys[..] {
            [_] => format!("{} = \"{}\"\n", self.name, self.version),
            keys => format!("{} = {{ {} }}\n", self.name, keys.join(", ")),
        }
    }
}

/// What of [`PACKAGES`] a client names, and the methods that it calls.
pub(super) struct Used {
    pub(super) packages: Vec<&'static Package>,
    pub(super) words: BTreeSet<String>,
}

impl Used {
    pub(super) fn by(client: &[Tree]) -> Used {
        let (mut roots, mut words) = (BTreeSet::new(), BTreeSet::new());
        collect(client, &mut roots, &mut words);
        Used { packages: PACKAGES.iter().filter(|package| roots.contains(&package.module())).collect(), words }
    }
}

/// The first words of paths, and the names of methods.
fn collect(trees: &[Tree], roots: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    for (at, tree) in trees.iter().enumerate() {
        let is_colon = |at: usize| trees.get(at).is_some_and(|tree| tree.is_punct(':'));
        match tree {
            Tree::Word(word) => {
                let behind_path = at >= 2 && is_colon(at - 1) && is_colon(at - 2);
                // `a::b`, but not `::a::b`, where what stands before `::` is no path.
                let continues = behind_path
                    && at
                        .checked_sub(3)
                        .is_some_and(|at| matches!(trees[at], Tree::Word(_)) || trees[at].is_punct('>'));
                if is_colon(at + 1) && is_colon(at + 2) && !continues {
                    roots.insert(word.to_string());
                }
                let is_called =
                    at > 0 && trees[at - 1].is_punct('.') && matches!(trees.get(at + 1), Some(Tree::Group(_)));
                if is_called {
                    words.insert(word.to_string());
                }
            }
            // `#[serde(with = "::a::b")]`
            Tree::Literal(text) if at >= 2 && trees[at - 1].is_punct('=') && text.contains("::") => {
                if let Some(inside) = string_literal(text).and_then(|path| parse(&path).ok()) {
                    collect(&inside, roots, words);
                }
            }
            Tree::Group(group) => collect(&group.trees, roots, words),
            Tree::Source(text) => {
                if let Ok(inside) = parse(text) {
                    collect(&inside, roots, words);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(client: &str, expected: &[&str]) {
        let tokens = parse(client).unwrap();
        let Used { packages, words } = Used::by(&tokens);
        assert_eq!(packages.iter().map(|package| package.line(&words)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_package_is_needed_where_a_path_begins_with_it() {
        check(
            "fn f(serde: regress::Regex) { a::uuid::b(); x::<::rand::R>::regress::c() }",
            &["rand = \"0.10\"\n", "regress = \"0.12\"\n"],
        );
        check(
            "#[doc = \"serde::x\"] #[serde(with = \"::uuid::serde\", default = \"chrono\")] struct A;",
            &[
                "serde = { version = \"1\", features = [\"derive\"] }\n",
                "uuid = { version = \"1\", features = [\"serde\"] }\n",
            ],
        );
    }

    #[test]
    fn a_feature_is_needed_where_its_function_is_called() {
        let line = |features: &str| format!("reqwest = {{ version = \"0.13\", default-features = false{features} }}\n");
        check("let json = reqwest::get(query); wire::form(body.json)", &[&line("")]);
        check("reqwest::Client::post(url).json(&body).query(&q)", &[&line(", features = [\"json\", \"query\"]")]);
    }

    #[test]
    fn versions_are_those_of_this_workspace() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).unwrap();
        let listed = manifest.split_once("[workspace.dependencies]").unwrap().1.split("\n[").next().unwrap();
        for package in &PACKAGES {
            let line = listed.lines().find(|line| line.split([' ', '=']).next() == Some(package.name));
            let line = line.unwrap_or_else(|| panic!("[workspace.dependencies] has no {}", package.name));
            assert_eq!(line.split('"').nth(1), Some(package.version), "{line}");
        }
    }
}
