//! Finds the schema or operation that progenitor refuses.

use openapi_document::{Api, Diagnostics};

use super::culprits::{halve, with_operations, with_schemas};
use super::progenitor::try_out;
use crate::input::Input;
use crate::lower::{Marks, lower_with_sites};

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

/// Finds what the generator refuses among the schemas, and if it refuses none of them, among the operations.
fn culprits(api: &Api<'_>) -> Diagnostics {
    let (document, operations) = (api.document(), api.operations());
    let (lowered, sites) = lower_with_sites(document, operations);
    let mut found = Diagnostics::default();
    let schemas = lowered["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let names: Vec<&String> = schemas.keys().collect();
    let mut refused = Vec::new();
    halve(&names, &|some| try_out(with_schemas(&schemas, some), &Marks::new()), &mut refused);
    for (name, reason) in &refused {
        let entry = document.components("schemas").find(|entry| entry.key == **name);
        let at = entry.map_or(document.root().at, |entry| entry.at);
        found.report("generator", at, format!("no Rust type can be generated for `{name}`: {reason}"), HINT);
    }
    if refused.is_empty() {
        let mut refused = Vec::new();
        halve(&sites, &|some| try_out(with_operations(&lowered, some), &Marks::new()), &mut refused);
        for (site, reason) in refused {
            let index = sites.iter().position(|known| *known == site);
            let Some(operation) = index.map(|index| &operations[index]) else { continue };
            let message = format!("no client can be generated for `{}`: {reason}", operation.label());
            found.report("generator", operation.at, message, HINT);
        }
    }
    api.locate(found)
}
