//! Removes the import of types from the builders of a client that has none: rustc would warn of it.

use proc_macro2::Delimiter;

use crate::rust::items::{into_items, is_use};
use crate::rust::tree::{Group, Tree};

/// Removes `use super::types;` from each module in which nothing else names `types`.
pub(super) fn tidy(client: &mut [Tree]) {
    for at in 2..client.len() {
        let is_module = client[at - 2].is_word("mod") && !client[at - 1].is_word("types");
        let Tree::Group(Group { delimiter: Delimiter::Brace, trees }) = &mut client[at] else { continue };
        if is_module && mentions(trees) == 1 {
            let items = into_items(std::mem::take(trees));
            *trees = items.filter(|item| !(is_use(item) && mentions(item) == 1)).flatten().collect();
        }
    }
}

/// How often the word `types` occurs.
fn mentions(trees: &[Tree]) -> usize {
    let count = |tree: &Tree| match tree {
        Tree::Group(group) => mentions(&group.trees),
        tree => usize::from(tree.is_word("types")),
    };
    trees.iter().map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::tree::parse;

    #[track_caller]
    fn check(client: &str, expected: &str) {
        let mut client = parse(client).unwrap();
        tidy(&mut client);
        assert_eq!(client, parse(expected).unwrap());
    }

    #[test]
    fn an_import_that_nothing_uses_is_removed() {
        check(
            "pub mod builder { use super::types; use super::Client; struct A; }",
            "pub mod builder { use super::Client; struct A; }",
        );
    }

    #[test]
    fn an_import_in_use_is_kept() {
        let client = "pub mod types { use a::types; } pub mod builder { use super::types; struct A { b: types::B } }";
        check(client, client);
    }
}
