//! Values that a document shows for what only a server can name.

use conformance_engine::suite::Case;

use crate::document::{Document, Operation, is_listed, variable_names};

/// The variables of a path whose values the document shows, and that no document can promise: a value that is listed
/// (`enum`, `const`) exists, and so does one that the exchange itself has.
pub(crate) fn samples<'o>(document: &'o Document, operation: &'o Operation<'_>, case: &Case) -> Vec<&'o str> {
    let exchange = case.id.rsplit('/').next().unwrap_or_default();
    // An example that several statuses have is a case for each: `NAME.STATUS`.
    let is_status = |text: &str| operation.responses.iter().any(|response| response.status == text);
    let plain = exchange.rsplit_once('.').filter(|(_, status)| is_status(status)).map(|(name, _)| name);
    let paths = operation.parameters.iter().filter(|parameter| parameter.place == "path" && !parameter.constant);
    let samples = paths.filter(|parameter| {
        let examples = parameter.node.get("examples");
        let has = |name: &str| examples.is_some_and(|examples| examples.get(name).is_some());
        let is_listed = parameter.node.get("schema").is_some_and(|schema| is_listed(document, schema));
        !has(exchange) && !plain.is_some_and(has) && !is_listed
    });
    samples.map(|parameter| parameter.name).collect()
}

/// The value for the item that an operation is about, which the last variable of its path names, is a sample.
pub(crate) fn is_sampled(document: &Document, operation: &Operation<'_>, case: &Case) -> bool {
    let item = variable_names(operation.path).last();
    item.is_some_and(|item| samples(document, operation, case).contains(&item))
}
