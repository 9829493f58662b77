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

/// The schema lists the values that it permits: by `enum` or `const`, also of alternatives, or as a Boolean.
pub(crate) fn is_listed(document: &Document, schema: &Node) -> bool {
    let parts = parts(document, schema);
    parts.iter().any(|part| {
        let alternatives = ["oneOf", "anyOf"].iter().map(|word| part.items_of(word)).filter(|all| !all.is_empty());
        let all_list = |all: &[Node]| all.iter().all(|one| self::parts(document, one).into_iter().any(lists));
        lists(part) || alternatives.into_iter().any(all_list)
    })
}

fn lists(part: &Node) -> bool {
    part.get("enum").is_some() || part.get("const").is_some() || part.text("type") == Some("boolean")
}
