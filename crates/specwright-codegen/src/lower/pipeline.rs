//! Lowers any document to what progenitor takes, pass by pass.

use openapi_document::Document;
use openapi_document::document::Operation;
use serde_json::Value;

use super::findings::Findings;
use super::operations::Site;
use super::{bodies, document, parameters, references, responses, schemas};

/// A document as progenitor takes it.
pub(crate) struct Lowered {
    pub(crate) document: Value,
    /// Where each operation of the original is in the lowered document, in the same order.
    pub(crate) sites: Vec<Site>,
}

/// A pass: it changes the document, and notes what the user of the client should know.
///
/// What a pass can rely on: the document has only operations that are kept, each with an id of its own; whatever is not a
/// schema stands where it is used (no `$ref` to parameters, request bodies, responses and headers); the parameters of the
/// path item are among those of the operation; `$ref`s of schemas are `#/components/schemas/NAME` and lead somewhere.
/// Before `schemas`, schemas are as in the document: 3.0 or 3.1, inline or not.
type Pass = fn(&mut Value, &mut Findings);

const PASSES: [Pass; 5] = [schemas::size::pass, parameters::pass, bodies::pass, responses::pass, schemas::pass];

/// Lowers `operations` of a document.
pub(crate) fn lower_leniently(document: &Document, operations: &[Operation<'_>], findings: &mut Findings) -> Lowered {
    let (mut value, sites) = document::operations_in_full(document, operations, findings);
    for (site, _) in &findings.refused {
        remove_operation(&mut value, site);
    }
    references::settle(document, &mut value, findings);
    for pass in PASSES {
        let known = findings.refused.len();
        pass(&mut value, findings);
        for (site, _) in &findings.refused[known..] {
            remove_operation(&mut value, site);
        }
    }
    value["openapi"] = "3.0.3".into();
    Lowered { document: value, sites }
}

/// Removes an operation, and the path item if it was the last one there.
pub(crate) fn remove_operation(document: &mut Value, site: &Site) {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut)
        && let Some(item) = paths.get_mut(&site.path).and_then(Value::as_object_mut)
    {
        item.shift_remove(&site.method);
        if item.is_empty() {
            paths.shift_remove(&site.path);
        }
    }
}
