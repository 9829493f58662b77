//! Which versions of OpenAPI are read.

use crate::node::Node;
use crate::source::{At, Diagnostics};

/// A version of the OpenAPI Specification. The third number changes no meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// OpenAPI 3.0.
    #[default]
    V3_0,
    /// OpenAPI 3.1: schemas are JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2.
    V3_2,
}

/// The version of a document; or that this crate does not read it.
pub(crate) fn check_version(root: &Node, problems: &mut Diagnostics) -> Option<Version> {
    const HINT: &str = "convert the document to OpenAPI 3.0.3, or write `openapi: 3.0.3` if that is what it is";
    let (at, message, hint) = match root.get("openapi") {
        _ if root.as_map().is_none() => {
            let message = format!("a document is a mapping, found {}", root.describe());
            (root.at, message, "begin with `openapi: 3.0.3`")
        }
        None if root.get("swagger").is_some() => {
            let message = "this is a Swagger 2.0 document, and OpenAPI 3.0 is read".to_owned();
            (root.key_at("swagger"), message, HINT)
        }
        None => (At::START, "the document has no `openapi` version".to_owned(), HINT),
        Some(version) => match version.as_text() {
            Some(text) if text == "3.0" || text.starts_with("3.0.") => return Some(Version::V3_0),
            Some(text) => (version.at, format!("this is an OpenAPI {text} document, and 3.0 is read"), HINT),
            None => {
                let message = format!("`openapi` must be a string such as 3.0.3, found {}", version.describe());
                (version.at, message, HINT)
            }
        },
    };
    problems.report("openapi-version", at, message, hint);
    None
}
