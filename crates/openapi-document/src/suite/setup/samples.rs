//! Values that a document shows for what only a server can name.

use crate::document::{Document, Operation, raised};

/// The variables of a path whose values the document shows, and that no document can promise: a value that is listed
/// (`enum`, `const`) exists, and so does one that the exchange itself has.
pub(crate) fn samples<'o>(
    document: &'o Document,
    operation: &'o Operation<'_>,
    exchange: &'o str,
) -> impl Iterator<Item = &'o str> {
    let paths = operation.parameters.iter().filter(|parameter| parameter.place == "path" && !parameter.constant);
    let samples = paths.filter(move |parameter| {
        let own = parameter.node.get("examples").is_some_and(|examples| examples.get(exchange).is_some());
        let schema = parameter.node.get("schema").map(|schema| raised(document, schema)).unwrap_or_default();
        let is_listed = ["enum", "const"].iter().any(|word| schema.get(word).is_some());
        !own && !is_listed && schema.get("type") != Some(&"boolean".into())
    });
    samples.map(|parameter| parameter.name)
}
