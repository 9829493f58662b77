//! Where does one Rust item end and the next begin?
//!
//! Items are told apart without being parsed: an item ends with its body in braces, or with a semicolon.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The items in `tokens`, one after the other; nothing is lost.
pub(crate) fn items(tokens: TokenStream) -> impl Iterator<Item = Vec<TokenTree>> {
    let mut tokens = tokens.into_iter();
    std::iter::from_fn(move || {
        let mut item = Vec::new();
        for tree in tokens.by_ref() {
            let ends = match &tree {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !ends_with_semicolon(&item),
                _ => false,
            };
            item.push(tree);
            if ends {
                return Some(item);
            }
        }
        (!item.is_empty()).then_some(item)
    })
}

/// What a group holds. The group is gone, so nobody else has its tokens, and they are moved and not copied.
pub(crate) fn opened(group: Group) -> TokenStream {
    group.stream()
}

/// Takes the body in braces off an item that has one.
pub(crate) fn take_body(item: &mut Vec<TokenTree>) -> Option<TokenStream> {
    match item.pop()? {
        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => Some(opened(body)),
        last => {
            item.push(last);
            None
        }
    }
}

/// Whether the tokens begin a `use` declaration.
pub(crate) fn is_use(item: &[TokenTree]) -> bool {
    keyword(item).is_some_and(|(word, _)| word == "use")
}

/// Whether the braces of the item are not its end: `use a::{b, c};`, `const _: () = {…};`.
fn ends_with_semicolon(item: &[TokenTree]) -> bool {
    keyword(item).is_some_and(|(word, next)| match word.as_str() {
        "use" | "static" => true,
        "const" => next.is_none_or(|next| next != "fn"),
        _ => false,
    })
}

/// The first word that is not a visibility, and the word behind it.
fn keyword(item: &[TokenTree]) -> Option<(String, Option<String>)> {
    let mut words = item.iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    let first = words.by_ref().find(|word| word != "pub")?;
    Some((first, words.next()))
}
