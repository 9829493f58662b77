//! Marks what a Cargo feature adds to a generated module.
//!
//! Nothing is decided by names: the module is generated with the feature and without it, and what is only in the first
//! is the feature's. So without the feature the module is what would have been generated without it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::items::items;

/// The module `all`, with `#[cfg(feature = "…")]` before each item that `base` does not have.
pub(crate) fn gate(base: TokenStream, all: TokenStream, feature: &str) -> Result<TokenStream, String> {
    let attribute: TokenStream = format!("#[cfg(feature = {feature:?})]").parse().map_err(|error| {
        format!("`{feature}` cannot be written as the name of a feature: {error}") // no text is known to get here
    })?;
    marked(base, all, &attribute)
        .ok_or_else(|| format!("what the feature `{feature}` adds changes what is there without it"))
}

/// `None` unless every item of `base` is in `all`, in the same order.
fn marked(base: TokenStream, all: TokenStream, attribute: &TokenStream) -> Option<TokenStream> {
    let mut missing = items(base).peekable();
    let mut out = TokenStream::new();
    for item in items(all) {
        match missing.peek().and_then(|known| common(known, &item, attribute)) {
            Some(item) => {
                missing.next();
                out.extend(item);
            }
            None => {
                out.extend(attribute.clone());
                out.extend(item);
            }
        }
    }
    missing.next().is_none().then_some(out)
}

/// The item as it is both with and without the feature: the same, or a module or impl that the feature adds to.
fn common(base: &[TokenTree], all: &[TokenTree], attribute: &TokenStream) -> Option<Vec<TokenTree>> {
    if same(base, all) {
        return Some(all.to_vec());
    }
    let (TokenTree::Group(inside), head) = base.split_last()? else { return None };
    let (TokenTree::Group(all_inside), all_head) = all.split_last()? else { return None };
    let is_container = |head: &[TokenTree]| {
        let mut words = head.iter().filter(|tree| matches!(tree, TokenTree::Ident(_))).map(ToString::to_string);
        words.find(|word| word != "pub").is_some_and(|word| word == "mod" || word == "impl")
    };
    if inside.delimiter() != Delimiter::Brace || !same(head, all_head) || !is_container(head) {
        return None;
    }
    let body = marked(inside.stream(), all_inside.stream(), attribute)?;
    let mut item = all_head.to_vec();
    item.push(TokenTree::Group(Group::new(Delimiter::Brace, body)));
    Some(item)
}

fn same(a: &[TokenTree], b: &[TokenTree]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_tree(a, b))
}

fn same_tree(a: &TokenTree, b: &TokenTree) -> bool {
    match (a, b) {
        (TokenTree::Group(a), TokenTree::Group(b)) => {
            a.delimiter() == b.delimiter() && {
                let (mut a, mut b) = (a.stream().into_iter(), b.stream().into_iter());
                loop {
                    match (a.next(), b.next()) {
                        (None, None) => break true,
                        (Some(a), Some(b)) if same_tree(&a, &b) => {}
                        _ => break false,
                    }
                }
            }
        }
        (TokenTree::Ident(a), TokenTree::Ident(b)) => a == b,
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char() && a.spacing() == b.spacing(),
        (TokenTree::Literal(a), TokenTree::Literal(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::gate;

    #[track_caller]
    fn check(base: &str, all: &str, expected: Option<&str>) {
        let gated = gate(base.parse().unwrap(), all.parse().unwrap(), "f").ok().map(|tokens| tokens.to_string());
        let expected = expected.map(|text| text.parse::<proc_macro2::TokenStream>().unwrap().to_string());
        assert_eq!(gated, expected);
    }

    #[test]
    fn what_is_new_is_marked_and_nothing_else() {
        check("struct A;", "struct A;", Some("struct A;"));
        check(
            "struct A;",
            "/// B. \n struct B { a: u8 } struct A;",
            Some("#[cfg(feature = \"f\")] /// B. \n struct B { a: u8 } struct A;"),
        );
        check(
            "use a::{b, c}; const _: () = {}; pub mod m { impl A { fn a() {} } }",
            "use a::{b, c}; const _: () = {}; pub mod m { use d; impl A { fn a() {} const fn b() {} } }",
            Some(
                "use a::{b, c}; const _: () = {}; \
                 pub mod m { #[cfg(feature = \"f\")] use d; impl A { fn a() {} #[cfg(feature = \"f\")] const fn b() {} } }",
            ),
        );
    }

    #[test]
    fn what_differs_cannot_be_marked() {
        check("struct A { a: u8 }", "struct A { a: u8, b: u8 }", None);
        check("struct A; struct B;", "struct B; struct A;", None);
        check("fn a() { 1 }", "fn a() { 2 }", None);
    }
}
