//! Puts names as they are on the wire back into generated code.

use proc_macro2::Literal;

use crate::lower::{DIGITS, MARK, Marks};
use crate::rust::tree::Tree;

/// Replaces each marked name in a literal by what it stands for.
pub(super) fn restore(trees: &mut [Tree], marks: &Marks) {
    for tree in trees {
        match tree {
            Tree::Group(group) => restore(&mut group.trees, marks),
            Tree::Literal(text) if text.contains(MARK) => *text = restored(text, marks),
            _ => {}
        }
    }
}

/// The same, of a text.
pub(super) fn restored(text: &str, marks: &Marks) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, from) = rest.split_at(at);
        let length = MARK.len_utf8();
        let end = from[length..].find(|c| !DIGITS.contains(&c)).map_or(from.len(), |end| length + end);
        let (mark, behind) = from.split_at(end);
        out.push_str(before);
        match marks.get(mark) {
            Some((rust, wire)) => {
                let keep = out.len().saturating_sub(rust.len());
                // In front of the mark stands the name itself, in capitals or not.
                if out.get(keep..).is_some_and(|name| name.eq_ignore_ascii_case(rust)) {
                    out.truncate(keep);
                }
                let literal = Literal::string(wire).to_string();
                // Without the quotes around it; one at the end of the text itself is escaped, and stays.
                out.push_str(&literal[1..literal.len() - 1]);
            }
            // The document has such characters itself.
            None => out.push_str(mark),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
