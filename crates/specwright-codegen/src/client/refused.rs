//! Finds the schema or operation that progenitor refuses.

use std::collections::HashSet;

use openapi_document::{Api, Diagnostics};
use serde_json::{Map, Value, json};

use super::progenitor::{Plan, generate};
use crate::input::Input;
use crate::lower::{components, lower};

const HINT: &str = "the client generator has no form for this; describe it by plainer schemas";

/// What the generator refuses to do for `inputs`, although it keeps every rule; `reason` is all that it says itself.
pub(crate) fn refused(inputs: &[Input<'_>], reason: &str) -> Diagnostics {
    let mut found: Vec<_> = inputs.iter().flat_map(|input| culprits(input.api).0).collect();
    if let ([], [first, ..]) = (&found[..], inputs) {
        let mut whole = Diagnostics::default();
        let message = format!("no client can be generated: {reason}");
        whole.report("generator", first.api.document().root().key_at("components"), message, HINT);
        found = first.api.locate(whole).0;
    }
    Diagnostics(found)
}

/// Finds what the generator refuses, by giving it the schemas and then the operations one at a time.
fn culprits(api: &Api<'_>) -> Diagnostics {
    let (document, operations) = (api.document(), api.operations());
    let mut found = Diagnostics::default();
    let alone = |key: &str, value: Value| {
        let mut doc = json!({ "openapi": "3.0.3", "info": { "title": "", "version": "" }, "paths": {} });
        doc[key] = value;
        doc
    };
    let mut culprits = HashSet::new();
    for entry in document.components("schemas") {
        let start =
            Map::from_iter([("start".to_owned(), json!({ "$ref": format!("#/components/schemas/{}", entry.key) }))]);
        let components = components(document, &start);
        let others =
            components["schemas"].as_object().into_iter().flat_map(Map::keys).filter(|name| **name != entry.key);
        if others.into_iter().any(|name| culprits.contains(name)) {
            continue; // what it refers to is to blame
        }
        if let Err(reason) = generate(Plan::of(alone("components", components)), None) {
            culprits.insert(entry.key.clone());
            let message = format!("no Rust type can be generated for `{}`: {reason}", entry.key);
            found.report("generator", entry.at, message, HINT);
        }
    }
    for operation in operations.iter().filter(|_| culprits.is_empty()) {
        if let Err(reason) = generate(Plan::of(lower(document, [operation])), None) {
            let message = format!("no client can be generated for `{}`: {reason}", operation.label());
            found.report("generator", operation.at, message, HINT);
        }
    }
    api.locate(found)
}
