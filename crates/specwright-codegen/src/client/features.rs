//! Marks what a Cargo feature adds to a generated module.
//!
//! Nothing is decided by names: the module is generated with the feature and without it, and what is only in the first
//! is the feature's. So without the feature the module is what would have been generated without it.

use proc_macro2::Delimiter;

use crate::rust::items::{items, keyword};
use crate::rust::tree::{Group, Tree, parse};

/// The module `all`, with `#[cfg(feature = "…")]` before each item that `base` does not have.
pub(crate) fn mark(base: &[Tree], all: &[Tree], feature: &str) -> Result<Vec<Tree>, String> {
    let attribute = parse(&format!("#[cfg(feature = {feature:?})]")).map_err(|error| {
        format!("`{feature}` cannot be written as the name of a feature: {error}") // no text is known to get here
    })?;
    marked(base, all, &attribute)
        .ok_or_else(|| format!("what the feature `{feature}` adds changes what is there without it"))
}

/// `None` unless every item of `base` is in `all`, in the same order.
fn marked(base: &[Tree], all: &[Tree], attribute: &[Tree]) -> Option<Vec<Tree>> {
    let mut missing = items(base).peekable();
    let mut out = Vec::with_capacity(all.len());
    for item in items(all) {
        let is_known = missing.peek().is_some_and(|known| push_common(known, item, attribute, &mut out));
        if is_known {
            missing.next();
        } else {
            out.extend_from_slice(attribute);
            out.extend_from_slice(item);
        }
    }
    missing.next().is_none().then_some(out)
}

/// Writes an item that is there both with and without the feature: the same, or a module or impl that the feature adds to.
/// Whether it is one.
fn push_common(base: &[Tree], all: &[Tree], attribute: &[Tree], out: &mut Vec<Tree>) -> bool {
    if base == all {
        out.extend_from_slice(all);
        return true;
    }
    let is_container = |head| keyword(head).is_some_and(|(word, _)| word == "mod" || word == "impl");
    let (Some((head, inside)), Some((all_head, all_inside))) = (with_body(base), with_body(all)) else { return false };
    if head != all_head || !is_container(head) {
        return false;
    }
    let Some(trees) = marked(inside, all_inside, attribute) else { return false };
    out.extend_from_slice(all_head);
    out.push(Tree::Group(Group { delimiter: Delimiter::Brace, trees }));
    true
}

/// What is in front of the body of an item, and what is in it.
fn with_body(item: &[Tree]) -> Option<(&[Tree], &[Tree])> {
    let (last, head) = item.split_last()?;
    Some((head, last.within(Delimiter::Brace)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, all: &str, expected: Option<&str>) {
        let [base, all] = [base, all].map(|text| parse(text).unwrap());
        assert_eq!(mark(&base, &all, "f").ok(), expected.map(|text| parse(text).unwrap()));
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
