//! Finds a name that is there twice in one scope of generated code: that of an item, a field, a variant or a method.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Spacing};

use super::items::items;
use super::tree::{Tree, text};

/// What is there twice, and where; the first such thing.
pub(crate) fn first(trees: &[Tree]) -> Option<String> {
    scope(trees, "the client")
}

/// The items of a module.
fn scope(trees: &[Tree], of: &str) -> Option<String> {
    // Types and values may share a name; methods belong to what is in front of their block.
    let mut seen: HashSet<(&str, String)> = HashSet::new();
    for item in items(trees) {
        let item = without_attributes(item);
        let Some(at) =
            item.iter().position(|tree| is_any(tree, &["struct", "enum", "type", "mod", "trait", "fn", "impl", "use"]))
        else {
            continue;
        };
        let keyword = ["struct", "enum", "type", "mod", "trait", "fn", "impl", "use"];
        let keyword = keyword.into_iter().find(|word| item[at].is_word(word))?;
        let body = item.last().and_then(|last| last.within(Delimiter::Brace));
        match keyword {
            "use" => {}
            "impl" => {
                let head = text(&item[at..item.len() - 1]);
                for function in items(body.map_or(&[], Vec::as_slice)) {
                    let name = function.windows(2).find(|pair| pair[0].is_word("fn")).map(|pair| text(&pair[1..]));
                    if let Some(name) = name
                        && !seen.insert(("fn", format!("{head}::{name}")))
                    {
                        return Some(format!("`{}` has two methods `{}`", head.trim(), name.trim()));
                    }
                }
            }
            _ => {
                let name = text(item.get(at + 1..at + 2)?);
                let space = if keyword == "fn" { "fn" } else { "type" };
                if !seen.insert((space, name.clone())) {
                    return Some(format!("`{}` is there twice in {of}", name.trim()));
                }
                let inside = body.map_or(&[][..], Vec::as_slice);
                let twice = match keyword {
                    "mod" => scope(inside, &format!("the module `{}`", name.trim())),
                    "struct" | "enum" => member(inside, name.trim()),
                    _ => None,
                };
                if twice.is_some() {
                    return twice;
                }
            }
        }
    }
    None
}

/// The fields of a struct, or the variants of an enum.
fn member(trees: &[Tree], of: &str) -> Option<String> {
    let mut seen = HashSet::new();
    let mut depth = 0_i32;
    let mut is_start = true;
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            Tree::Punct('<', _) => depth += 1,
            Tree::Punct('>', _) if !(at > 0 && matches!(trees[at - 1], Tree::Punct('-', Spacing::Joint))) => depth -= 1,
            Tree::Punct(',', _) if depth == 0 => is_start = true,
            Tree::Word(word) if is_start && word != "pub" => {
                is_start = false;
                if !seen.insert(word.to_string()) {
                    return Some(format!("`{of}` has two members `{word}`"));
                }
            }
            _ => {}
        }
    }
    None
}

fn without_attributes(item: &[Tree]) -> &[Tree] {
    let mut rest = item;
    while let [Tree::Punct('#', _), Tree::Group(_), behind @ ..] = rest {
        rest = behind;
    }
    rest
}

fn is_any(tree: &Tree, words: &[&str]) -> bool {
    words.iter().any(|word| tree.is_word(word))
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::first;

    #[track_caller]
    fn check(source: &str, expected: Option<&str>) {
        assert_eq!(first(&parse(source).unwrap()).as_deref(), expected);
    }

    #[test]
    fn what_is_twice_in_one_scope_is_found() {
        check(
            "struct A; fn A() {} mod b { struct A; } enum C { A, B } impl C { fn a() {} } impl D { fn a() {} }",
            None,
        );
        check("impl X for C { fn a() {} } impl Y for C { fn a() {} } struct P { pub a: Vec<A, B>, pub b: A }", None);
        check("mod types { struct A { a: u8 } enum A { B } }", Some("`A` is there twice in the module `types`"));
        check("impl C { fn a() {} } impl C { pub fn a() {} }", Some("`impl C` has two methods `a`"));
        check("enum C { #[a(b, c)] A(u8), B, A }", Some("`C` has two members `A`"));
        check("pub struct C { pub a: M<X, Y>, #[x] pub a: u8 }", Some("`C` has two members `a`"));
    }
}
