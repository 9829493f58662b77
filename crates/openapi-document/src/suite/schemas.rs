//! The schemas that other schemas refer to.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::document::{Document, raised, references, schema_name};

/// What `schemas` refer to, and what that refers to, each under its [`schema_name`].
pub(crate) fn referenced_schemas<'v>(
    document: &Document,
    schemas: impl Iterator<Item = &'v Value>,
) -> Map<String, Value> {
    let mut wanted = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    schemas.for_each(|schema| references(schema, &mut open));
    let mut schemas: HashMap<String, Value> = HashMap::new();
    while let Some(reference) = open.pop() {
        let Some(name) = schema_name(&reference).map(str::to_owned) else { continue };
        if wanted.insert(name.clone())
            && let Some(entry) = document.target(&reference)
        {
            let schema = raised(document, entry);
            references(&schema, &mut open);
            schemas.insert(name, schema);
        }
    }
    wanted.into_iter().filter_map(|name| schemas.remove(&name).map(|schema| (name, schema))).collect()
}
