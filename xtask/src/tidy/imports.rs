//! Reads modules, items, `use` declarations and paths out of one source file.

use std::collections::BTreeSet;

use super::tokens::{Token, group_end, tokens, without_tests};

/// Names of modules from the root of a crate: `run::poll`.
pub(super) type Path = Vec<String>;

/// What a file contains, with everything in the module that it stands in.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Modules that are written out in this file, besides the file's own.
    pub(super) inline_modules: Vec<Path>,
    /// Modules that are compiled for tests only, and files of their own.
    pub(super) test_modules: Vec<Path>,
    /// `fn`, `struct` and so on, at the top of their module.
    pub(super) items: Vec<(Path, String)>,
    pub(super) imports: Vec<Import>,
    /// Every name in the file.
    pub(super) names: BTreeSet<String>,
}

/// A path that a file writes, in a `use` declaration or elsewhere.
#[derive(Debug, PartialEq, Clone)]
pub(super) struct Import {
    /// Where it stands.
    pub(super) module: Path,
    /// As written: `crate`, `run`, `Run`.
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, PartialEq, Clone)]
pub(super) enum Kind {
    /// `use` of one item, under this name.
    Use { name: String, is_public: bool },
    /// `use path::*`.
    Glob { is_public: bool },
    /// A path in a type, an expression or a macro.
    Path,
}

/// Reads a file whose module is `module`.
pub(super) fn contents(module: &Path, text: &str) -> Contents {
    let all = tokens(text);
    let (tokens, test_modules) = without_tests(&all);
    let child = |name: &str| [&module[..], &[name.to_owned()]].concat();
    let mut contents = Contents {
        test_modules: test_modules.into_iter().map(child).collect(),
        names: tokens.iter().filter(|token| token.is_name()).map(|token| token.text.to_owned()).collect(),
        ..Contents::default()
    };
    read(&mut contents, module, &tokens);
    contents
}

fn read(contents: &mut Contents, module: &Path, tokens: &[Token<'_>]) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let is_name = |at: usize| tokens.get(at).is_some_and(Token::is_name);
    let (mut at, mut depth) = (0, 0_usize);
    while at < tokens.len() {
        match text(at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "mod" if is_name(at + 1) && text(at + 2) == "{" => {
                let inner = [&module[..], &[text(at + 1).to_owned()]].concat();
                let end = group_end(tokens, at + 2);
                contents.inline_modules.push(inner.clone());
                read(contents, &inner, &tokens[at + 3..end - 1]);
                at = end;
                continue;
            }
            "use" if text(at + 1) != "<" => {
                let mut tree = UseTree {
                    module,
                    tokens,
                    at: at + 1,
                    is_public: is_public(tokens, at),
                    imports: &mut contents.imports,
                };
                tree.read(&[]);
                at = tree.at;
                continue;
            }
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union"
                if depth == 0 && is_name(at + 1) =>
            {
                contents.items.push((module.clone(), text(at + 1).to_owned()));
            }
            "macro_rules" if text(at + 1) == "!" => contents.items.push((module.clone(), text(at + 2).to_owned())),
            // `pub(in crate::run)` imports nothing.
            "in" if at >= 2 && (text(at - 2), text(at - 1)) == ("pub", "(") => {
                at += 1;
                while is_name(at) || text(at) == "::" {
                    at += 1;
                }
                continue;
            }
            _ if is_name(at) && text(at + 1) == "::" => {
                let line = tokens[at].line;
                let begins = at == 0 || !["::", "."].contains(&text(at - 1));
                let mut segments = vec![text(at).to_owned()];
                while text(at + 1) == "::" && is_name(at + 2) {
                    segments.push(text(at + 2).to_owned());
                    at += 2;
                }
                if begins && segments.len() > 1 {
                    contents.imports.push(Import { module: module.clone(), segments, line, kind: Kind::Path });
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Whether `pub`, `pub(crate)` or alike stands before this token.
fn is_public(tokens: &[Token<'_>], at: usize) -> bool {
    let text = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].text);
    text(1) == "pub" || (text(1) == ")" && (2..8).any(|back| (text(back), text(back + 1)) == ("(", "pub")))
}

/// Reads a `use` declaration, to its `;`.
struct UseTree<'r, 't> {
    module: &'r Path,
    tokens: &'r [Token<'t>],
    at: usize,
    is_public: bool,
    imports: &'r mut Vec<Import>,
}

impl UseTree<'_, '_> {
    fn read(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let is_public = self.is_public;
        while let Some(&Token { text, line }) = self.tokens.get(self.at) {
            self.at += 1;
            match text {
                "::" => {}
                "{" => {
                    while self.tokens.get(self.at).is_some_and(|token| token.text != "}") {
                        self.read(&segments);
                        self.at += usize::from(self.tokens.get(self.at).is_some_and(|token| token.text == ","));
                    }
                    self.at += 1;
                    return;
                }
                "*" => return self.push(segments, line, Kind::Glob { is_public }),
                "as" => {
                    let name = self.tokens.get(self.at).map_or("_", |token| token.text).to_owned();
                    self.at += 1;
                    return self.push(segments, line, Kind::Use { name, is_public });
                }
                // In a group, `self` is what the group is of.
                "self" if !prefix.is_empty() => {}
                _ if self.tokens[self.at - 1].is_name() => segments.push(text.to_owned()),
                _ => return,
            }
            let next = self.tokens.get(self.at).map_or(";", |token| token.text);
            if [",", "}", ";"].contains(&next) {
                let name = segments.last().cloned().unwrap_or_default();
                return self.push(segments, line, Kind::Use { name, is_public });
            }
        }
    }

    fn push(&mut self, segments: Vec<String>, line: usize, kind: Kind) {
        self.imports.push(Import { module: self.module.clone(), segments, line, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each import as `line module: path`, with `as name` where it has another and `pub` where others see it.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let shown = |import: &Import| {
            let path = import.segments.join("::");
            let (public, path) = match &import.kind {
                Kind::Path => (false, path),
                Kind::Glob { is_public } => (*is_public, path + "::*"),
                Kind::Use { name, is_public } if path.ends_with(name) => (*is_public, path),
                Kind::Use { name, is_public } => (*is_public, format!("{path} as {name}")),
            };
            format!("{} {}: {}{path}", import.line, import.module.join("::"), if public { "pub " } else { "" })
        };
        let found: Vec<String> = contents(&vec!["m".to_owned()], text).imports.iter().map(shown).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_use_declaration_is_read_with_its_nested_groups() {
        check(
            "use crate::{a::{self, B as C, d::*}, e};\npub(crate) use super::super::f;",
            &[
                "1 m: crate::a",
                "1 m: crate::a::B as C",
                "1 m: crate::a::d::*",
                "1 m: crate::e",
                "2 m: pub super::super::f",
            ],
        );
    }

    #[test]
    fn paths_count_in_types_expressions_and_macros() {
        check(
            "fn f(a: &crate::b::C) -> d::E {\n  json!({ \"x\": super::g() }); h.i::<J>() }",
            &["1 m: crate::b::C", "1 m: d::E", "2 m: super::g"],
        );
    }

    #[test]
    fn visibility_is_no_import() {
        check("pub(in crate::a) fn f() {} pub(crate) struct B;", &[]);
    }

    #[test]
    fn an_inline_module_is_a_module_of_its_own() {
        check("mod inner { use super::a; } use self::b;", &["1 m::inner: super::a", "1 m: self::b"]);
    }
}
