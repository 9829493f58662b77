//! A schema stands for no more alternatives than a client can have types for.
//!
//! `allOf` over schemas that each leave a choice stands for every combination of these choices, and the client generator
//! writes them all out: ten schemas of four alternatives each are a million types.

use std::collections::HashMap;

use crate::document::{Document, Operation};
use crate::node::Node;
use crate::source::Diagnostics;

/// More combinations than any honest schema has. Two lists of five alternatives take the generator two seconds (without
/// optimisation), two of seven more than eighteen.
const MOST: u64 = 32;

pub(super) fn check(document: &Document, operations: &[Operation<'_>], found: &mut Diagnostics) {
    let mut count = Count { document, known: HashMap::new() };
    for entry in document.components("schemas") {
        count.check(&entry.value, found);
    }
    for operation in operations {
        let replies = operation.responses.iter().map(|response| response.node);
        for media in operation.body.into_iter().chain(replies).flat_map(|holder| holder.entries_of("content")) {
            media.value.get("schema").into_iter().for_each(|schema| count.check(schema, found));
        }
    }
}

struct Count<'d> {
    document: &'d Document,
    /// By place; `None` while it is being counted, which happens again in a cycle.
    known: HashMap<*const Node, Option<u64>>,
}

impl<'d> Count<'d> {
    /// Reports the schema, and those inside of it, that are the first to stand for too many.
    fn check(&mut self, schema: &'d Node, found: &mut Diagnostics) {
        let parts = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| schema.items_of(key));
        let inside = schema.entries_of("properties").map(|entry| &entry.value);
        let single = ["items", "additionalProperties", "not"].into_iter().filter_map(|key| schema.get(key));
        let before = found.0.len();
        for inner in parts.chain(inside).chain(single) {
            self.check(inner, found);
        }
        let shapes = self.shapes(schema);
        // One that only refers to such a schema, or contains one, is not to blame.
        if shapes > MOST && schema.get("allOf").is_some() && found.0.len() == before {
            let at = schema.key_at("allOf");
            let message = format!("allOf over alternatives stands for {shapes} combinations, more than {MOST}");
            let hint = "write the alternatives once, around what they share: oneOf over allOf";
            found.report("composition", at, message, hint);
        }
    }

    /// How many alternatives the schema has, all combinations counted.
    fn shapes(&mut self, schema: &'d Node) -> u64 {
        let document = self.document;
        let Some(schema) = document.resolve(schema) else { return 1 };
        match self.known.get(&std::ptr::from_ref(schema)) {
            Some(known) => return known.unwrap_or(1),
            None => self.known.insert(schema, None),
        };
        let mut shapes: u64 = 1;
        for key in ["oneOf", "anyOf"] {
            let alternatives = schema.items_of(key);
            if !alternatives.is_empty() {
                let sum = alternatives.iter().fold(0_u64, |sum, one| sum.saturating_add(self.shapes(one)));
                shapes = shapes.saturating_mul(sum);
            }
        }
        for part in schema.items_of("allOf") {
            shapes = shapes.saturating_mul(self.shapes(part));
        }
        self.known.insert(schema, Some(shapes));
        shapes
    }
}
