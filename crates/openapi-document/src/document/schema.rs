//! Schemas that are composed of others.

use super::resolve::Document;
use crate::node::Node;

/// A schema and what it is composed of by `allOf`.
pub(crate) fn parts<'d>(document: &'d Document, schema: &'d Node) -> Vec<&'d Node> {
    let mut parts: Vec<&Node> = Vec::new();
    let mut open = vec![schema];
    while let Some(part) = open.pop() {
        // More parts than any honest schema has. One that is part of two others says nothing new the second time.
        if parts.len() < 100
            && let Some(part) = document.resolve(part)
            && !parts.iter().any(|known| std::ptr::eq(*known, part))
        {
            open.extend(part.items_of("allOf"));
            parts.push(part);
        }
    }
    parts
}
