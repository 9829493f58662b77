//! Finds the operations that a diagnostic concerns: by its place, and through references.

use std::collections::HashMap;
use std::ops::Range;

use super::operation::{METHODS, Operation};
use super::resolve::Document;
use crate::node::Node;
use crate::source::{At, Diagnostic};

/// The operation at each place of a document.
pub(super) struct Owners {
    /// From, to, and the index of the operation; in reading order.
    spans: Vec<(At, At, usize)>,
    /// The path keys, each with its first operation.
    keys: HashMap<At, usize>,
}

impl Owners {
    pub(super) fn of(document: &Document, operations: &[Operation<'_>]) -> Owners {
        let spans = operations.iter().enumerate();
        let mut spans: Vec<_> = spans
            .flat_map(|(index, operation)| {
                let (key, from, to) = (operation.at, operation.node.at, operation.last_at);
                // What a reference leads to stands elsewhere.
                let elsewhere = key.file != from.file || from < key;
                let parts = if elsewhere { [Some((key, key)), Some((from, to))] } else { [Some((key, to)), None] };
                parts.into_iter().flatten().map(move |(from, to)| (from, to, index))
            })
            .collect();
        if document.files().len() > 1 {
            spans.extend(parts_elsewhere(operations));
        }
        spans.sort_unstable();
        let mut keys = HashMap::new();
        for (index, operation) in operations.iter().enumerate() {
            keys.entry(operation.path_at).or_insert(index);
        }
        Owners { spans, keys }
    }

    /// The operation within which the place is; of a path key, its first operation.
    pub(super) fn at(&self, at: At) -> Option<usize> {
        let before = self.spans.partition_point(|(from, ..)| *from <= at);
        let within = before.checked_sub(1).map(|last| self.spans[last]).filter(|(_, to, _)| at <= *to);
        within.map(|(.., index)| index).or_else(|| self.keys.get(&at).copied())
    }
}

/// What stands in operations and comes from another file, if it is a part of one operation only.
fn parts_elsewhere(operations: &[Operation<'_>]) -> Vec<(At, At, usize)> {
    let mut owners: HashMap<(At, At), Option<usize>> = HashMap::new();
    for (index, operation) in operations.iter().enumerate() {
        elsewhere(operation.node, &mut |from, to| {
            let owner = owners.entry((from, to)).or_insert(Some(index));
            *owner = owner.filter(|owner| *owner == index);
        });
    }
    owners.into_iter().filter_map(|((from, to), owner)| Some((from, to, owner?))).collect()
}

/// Calls `add` with the beginning and the end of each part within `node` that is of another file than what it is in.
fn elsewhere(node: &Node, add: &mut impl FnMut(At, At)) {
    let items = node.items().iter().map(|item| (item.at, item));
    for (key, value) in items.chain(node.entries().map(|entry| (entry.at, &entry.value))) {
        let last = value.last_at();
        if key.file != node.at.file {
            add(key, if last.file == key.file { last.max(key) } else { key });
        }
        if value.at.file != key.file {
            add(value.at, last);
        }
        elsewhere(value, add);
    }
}

/// For each operation the diagnostics that concern it, in reading order: those within it or within what its path item
/// says of all its operations, and those within whatever these refer to, directly or through other references.
pub(super) fn concerning<'f>(
    document: &Document,
    operations: &[Operation<'_>],
    found: impl IntoIterator<Item = &'f Diagnostic>,
) -> Vec<Vec<&'f Diagnostic>> {
    let mut found: Vec<&Diagnostic> = found.into_iter().collect();
    found.sort_by_key(|problem| problem.at);
    let mut links = Links { document, found: &found, parts: Vec::new(), known: HashMap::new() };
    let roots: Vec<usize> = operations.iter().map(|operation| links.operation(operation)).collect();
    // The list grows while it is read: each part adds those that it refers to and that are new.
    let mut next = 0;
    while next < links.parts.len() {
        let references = std::mem::take(&mut links.parts[next].references);
        links.parts[next].leads_to = references.into_iter().filter_map(|text| links.target(&text)).collect();
        next += 1;
    }
    // Which operation looked at a part last.
    let mut seen = vec![usize::MAX; links.parts.len()];
    let reached = |root: usize| {
        let mut indices = Vec::new();
        let mut open = vec![root];
        while let Some(part) = open.pop() {
            if std::mem::replace(&mut seen[part], root) != root {
                indices.extend(links.parts[part].found.iter().cloned().flatten());
                open.extend(&links.parts[part].leads_to);
            }
        }
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().map(|index| found[index]).collect()
    };
    roots.into_iter().map(reached).collect()
}

/// What stands together, and what it refers to.
#[derive(Default)]
struct Part {
    /// The diagnostics within, by their indices.
    found: Vec<Range<usize>>,
    /// The references within, as written.
    references: Vec<String>,
    /// The parts that these lead to.
    leads_to: Vec<usize>,
}

struct Links<'d, 'f> {
    document: &'d Document,
    found: &'f [&'f Diagnostic],
    parts: Vec<Part>,
    /// The target of each reference, by its place in memory.
    known: HashMap<*const Node, usize>,
}

impl Links<'_, '_> {
    fn operation(&mut self, operation: &Operation<'_>) -> usize {
        let mut part = Part::default();
        self.add(operation.path_at, operation.path_at, &mut part);
        self.add(operation.at, operation.at, &mut part);
        self.add_node(operation.at, operation.node, &mut part);
        for entry in operation.item.entries().filter(|entry| !METHODS.contains(&entry.key.as_str())) {
            self.add_node(entry.at, &entry.value, &mut part);
        }
        let security = operation.node.get("security").or_else(|| self.document.root().get("security"));
        for scheme in security.into_iter().flat_map(Node::items).flat_map(Node::entries) {
            part.references.push(format!("#/components/securitySchemes/{}", scheme.key));
        }
        self.parts.push(part);
        self.parts.len() - 1
    }

    fn target(&mut self, reference: &str) -> Option<usize> {
        let target = self.document.target(reference)?;
        // A reference to the whole document is no part of it.
        if std::ptr::eq(target, self.document.root()) {
            return None;
        }
        if let Some(known) = self.known.get(&std::ptr::from_ref(target)) {
            return Some(*known);
        }
        let mut part = Part::default();
        let holder = reference.rfind('/').and_then(|slash| self.document.target(&reference[..slash]));
        let entry = holder.and_then(|holder| holder.entries().find(|entry| std::ptr::eq(&entry.value, target)));
        self.add_node(entry.map_or(target.at, |entry| entry.at), target, &mut part);
        self.parts.push(part);
        self.known.insert(target, self.parts.len() - 1);
        Some(self.parts.len() - 1)
    }

    fn add_node(&self, key: At, node: &Node, part: &mut Part) {
        let is_here = key.file == node.at.file && key <= node.at;
        self.add(key, if is_here { node.last_at() } else { key }, part);
        if !is_here {
            self.add(node.at, node.last_at(), part);
        }
        if self.document.files().len() > 1 {
            elsewhere(node, &mut |from, to| self.add(from, to, part));
        }
        references(node, &mut part.references);
    }

    fn add(&self, from: At, to: At, part: &mut Part) {
        let start = self.found.partition_point(|problem| problem.at < from);
        let end = self.found.partition_point(|problem| problem.at <= to);
        if start < end {
            part.found.push(start..end);
        }
    }
}

/// The text of every `$ref` within, and of every schema that a discriminator names.
fn references(node: &Node, found: &mut Vec<String>) {
    node.items().iter().for_each(|item| references(item, found));
    for entry in node.entries() {
        match (entry.key.as_str(), entry.value.as_text()) {
            ("$ref", Some(text)) => found.push(text.to_owned()),
            ("discriminator", _) => {
                let named = entry.value.entries_of("mapping").filter_map(|schema| schema.value.as_text());
                found.extend(named.map(|name| match name.contains('/') {
                    true => name.to_owned(),
                    false => format!("#/components/schemas/{name}"),
                }));
            }
            _ => references(&entry.value, found),
        }
    }
}
