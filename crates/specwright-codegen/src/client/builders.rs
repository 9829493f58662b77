//! Removes the builders of types that no call uses: they are a third of what a user compiles.
//!
//! The generator makes one for every struct. A call uses that of its request body (`body_map`); of any other type, users
//! write the struct, whose fields are public.

use std::collections::HashSet;

use proc_macro2::Delimiter;

use crate::rust::items::{into_items, items, module};
use crate::rust::tree::{Group, Tree};

/// Removes from the module `types` the builders that nothing outside of it names.
pub(super) fn prune(client: &mut Vec<Tree>) {
    let is_types = |item: &[Tree]| module(item).is_some_and(|(name, _)| name == "types");
    let mut used = HashSet::new();
    items(client).filter(|item| !is_types(item)).for_each(|item| named(item, &mut used));
    for mut item in into_items(std::mem::take(client)) {
        if is_types(&item)
            && let Some(types) = item.last_mut().and_then(|body| body.within_mut(Delimiter::Brace))
        {
            prune_types(types, &used);
        }
        client.extend(item);
    }
}

/// Every name behind `types::builder::`.
fn named(trees: &[Tree], used: &mut HashSet<String>) {
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            Tree::Group(group) => named(&group.trees, used),
            tree if tree.is_word("builder") => {
                let path = |at: usize, word: &str| {
                    at >= 3 && trees[at - 1].is_punct(':') && trees[at - 2].is_punct(':') && trees[at - 3].is_word(word)
                };
                if path(at, "types")
                    && let [first, second, Tree::Word(name), ..] = &trees[at + 1..]
                    && first.is_punct(':')
                    && second.is_punct(':')
                {
                    used.insert(name.to_string());
                }
            }
            _ => {}
        }
    }
}

fn prune_types(types: &mut Vec<Tree>, used: &HashSet<String>) {
    let is_used = |name: &Tree| matches!(name, Tree::Word(name) if used.contains(&name.to_string()));
    for mut item in into_items(std::mem::take(types)) {
        // `impl Rocket { pub fn builder() -> builder::Rocket { … } }`
        if let [keyword, name, Tree::Group(body)] = &item[..]
            && keyword.is_word("impl")
            && body.trees.windows(2).any(|pair| pair[0].is_word("fn") && pair[1].is_word("builder"))
            && !is_used(name)
        {
            continue;
        }
        if let Some((name, inside)) = module(&item)
            && name == "builder"
        {
            // Of each item, the word before its body is the type that it is about.
            let owned = |item: &&[Tree]| item.len() >= 2 && is_used(&item[item.len() - 2]);
            let kept: Vec<Tree> = items(inside).filter(owned).flatten().cloned().collect();
            if kept.is_empty() {
                continue;
            }
            if let Some(body) = item.last_mut() {
                *body = Tree::Group(Group { delimiter: Delimiter::Brace, trees: kept });
            }
        }
        types.extend(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::tree::parse;

    #[track_caller]
    fn check(types: &str, calls: &str, expected: &str) {
        let mut client = parse(&format!("pub mod types {{ {types} }} {calls}")).unwrap();
        prune(&mut client);
        assert_eq!(client, parse(&format!("pub mod types {{ {expected} }} {calls}")).unwrap());
    }

    const ROCKET: &str = "pub struct Rocket { pub a: u8 }";
    const BUILDER: &str = "#[derive(Clone)] pub struct Rocket { a: u8 } \
        impl ::std::default::Default for Rocket { fn default() -> Self { Self { a: 1 } } } \
        impl Rocket { pub fn a(mut self) -> Self { self } } \
        impl ::std::convert::TryFrom<Rocket> for super::Rocket { type Error = E; } \
        impl ::std::convert::From<super::Rocket> for Rocket { }";

    #[test]
    fn a_builder_that_a_call_uses_is_kept() {
        let new = "impl Rocket { pub fn builder() -> builder::Rocket { Default::default() } }";
        let types = format!("{ROCKET} {new} pub mod builder {{ {BUILDER} }} pub mod error {{ }}");
        let calls =
            "pub mod builder { use super::types; struct Launch { body: Result<types::builder::Rocket, String> } }";
        check(&types, calls, &types);
        check(&types, "fn launch() -> builder::Rocket { types::Rocket }", &format!("{ROCKET} pub mod error {{ }}"));
    }

    #[test]
    fn other_methods_and_other_builders_stay() {
        let types = "impl Rocket { pub fn fuel(&self) -> u8 { 1 } } pub mod builder { pub struct Rocket { } pub struct Pad { } }";
        let expected = "impl Rocket { pub fn fuel(&self) -> u8 { 1 } } pub mod builder { pub struct Pad { } }";
        check(types, "fn pad() -> types::builder::Pad { }", expected);
    }
}
