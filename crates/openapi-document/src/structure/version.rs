//! Which versions of OpenAPI are read.

use crate::node::Node;
use crate::source::{At, Diagnostics};

/// Says that the document is of a version this crate does not read, or nothing.
pub(crate) fn check_version(root: &Node, problems: &mut Diagnostics) {
    const HINT: &str = "convert the document to OpenAPI 3.0.3, or write `openapi: 3.0.3` if that is what it is";
    let at = At { line: 1, column: 1 };
    match root.get("openapi") {
        _ if root.as_map().is_none() => {
            let message = format!("a document is a mapping, found {}", root.describe());
            problems.report("openapi-version", root.at, message, "begin with `openapi: 3.0.3`");
        }
        None if root.get("swagger").is_some() => {
            let found = root.key_at("swagger");
            problems.report("openapi-version", found, "this is a Swagger 2.0 document, and OpenAPI 3.0 is read", HINT);
        }
        None => problems.report("openapi-version", at, "the document has no `openapi` version", HINT),
        Some(version) => match version.as_text() {
            Some(text) if text == "3.0" || text.starts_with("3.0.") => {}
            Some(text) => {
                let message = format!("this is an OpenAPI {text} document, and 3.0 is read");
                problems.report("openapi-version", version.at, message, HINT);
            }
            None => {
                let message = format!("`openapi` must be a string such as 3.0.3, found {}", version.describe());
                problems.report("openapi-version", version.at, message, HINT);
            }
        },
    }
}
