//! Schemas that are composed of others.

use super::resolve::Document;
use crate::node::Node;

/// A schema and what it is composed of by `allOf`.
pub(crate) fn parts<'d>(document: &'d Document, schema: &'d Node) -> Vec<&'d Node> {
    let mut parts = Vec::new();
    let mut open = vec![schema];
    while let Some(part) = open.pop() {
        // More parts than any honest schema has: the rest of a cycle.
        if parts.len() < 100
            && let Some(part) = document.resolve(part)
        {
            open.extend(part.items_of("allOf"));
            parts.push(part);
        }
    }
    parts
}
