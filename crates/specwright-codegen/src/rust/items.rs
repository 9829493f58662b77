//! Divides tokens into items. Nothing is parsed: an item ends with its body in braces, or with a semicolon.

use proc_macro2::{Delimiter, Ident};

use super::tree::Tree;

/// The items in `trees`, one after the other; nothing is lost.
pub(crate) fn items(mut trees: &[Tree]) -> impl Iterator<Item = &[Tree]> {
    std::iter::from_fn(move || {
        let (item, rest) = trees.split_at(first(trees));
        trees = rest;
        (!item.is_empty()).then_some(item)
    })
}

/// The same, to be taken apart.
pub(crate) fn into_items(trees: Vec<Tree>) -> impl Iterator<Item = Vec<Tree>> {
    let mut trees = trees.into_iter();
    std::iter::from_fn(move || {
        let length = first(trees.as_slice());
        let item: Vec<Tree> = trees.by_ref().take(length).collect();
        (!item.is_empty()).then_some(item)
    })
}

/// How many trees the first item is; 0 if there is none.
pub(crate) fn first(trees: &[Tree]) -> usize {
    let ends = |at: usize| match &trees[at] {
        Tree::Punct(';', _) | Tree::Source(_) => true,
        Tree::Group(group) => group.delimiter == Delimiter::Brace && !ends_with_semicolon(&trees[..at]),
        _ => false,
    };
    (0..trees.len()).find(|at| ends(*at)).map_or(trees.len(), |at| at + 1)
}

/// Whether the tokens begin a `use` declaration.
pub(crate) fn is_use(item: &[Tree]) -> bool {
    keyword(item).is_some_and(|(word, _)| word == "use")
}

/// The first word that is not a visibility, and the word behind it.
pub(crate) fn keyword(item: &[Tree]) -> Option<(&Ident, Option<&Ident>)> {
    let mut words = item.iter().filter_map(|tree| match tree {
        Tree::Word(word) => Some(word),
        _ => None,
    });
    let first = words.find(|word| *word != "pub")?;
    Some((first, words.next()))
}

/// The name of a module, and what is in it.
pub(crate) fn module(item: &[Tree]) -> Option<(&Ident, &Vec<Tree>)> {
    let [.., keyword, Tree::Word(name), body] = item else { return None };
    if keyword.is_word("mod") { Some((name, body.within(Delimiter::Brace)?)) } else { None }
}

/// Whether the braces of the item are not its end: `use a::{b, c};`, `const _: () = {…};`.
fn ends_with_semicolon(item: &[Tree]) -> bool {
    keyword(item).is_some_and(|(word, next)| {
        word == "use" || word == "static" || word == "const" && next.is_none_or(|next| next != "fn")
    })
}
