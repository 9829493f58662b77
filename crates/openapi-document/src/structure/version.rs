//! Which versions of OpenAPI are read.

use std::fmt;

use crate::node::{Data, Node};
use crate::source::{At, Diagnostics, Level};

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

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V3_0 => "3.0",
            Version::V3_1 => "3.1",
            Version::V3_2 => "3.2",
        })
    }
}

/// The version of a document; or that this crate does not read it.
pub(crate) fn check_version(root: &Node, problems: &mut Diagnostics) -> Option<Version> {
    const HINT: &str =
        "convert the document to OpenAPI 3.0, 3.1 or 3.2, or write `openapi: 3.0.3` if that is what it is";
    let (at, message, hint) = match root.get("openapi") {
        _ if root.as_map().is_none() => {
            let message = format!("a document is a mapping, found {}", root.describe());
            (root.at, message, "begin with `openapi: 3.0.3`")
        }
        None if root.get("swagger").is_some() => {
            let message = "this is a Swagger 2.0 document, and OpenAPI 3.0 to 3.2 are read".to_owned();
            (root.key_at("swagger"), message, HINT)
        }
        None => (At::START, "the document has no `openapi` version".to_owned(), HINT),
        Some(version) => {
            let text = match &version.data {
                Data::Text(text) => text.clone(),
                // `openapi: 3.1`, unquoted; that it is no string has a rule of its own.
                Data::Number(number) => number.to_string(),
                _ => String::new(),
            };
            let minor = text.strip_prefix("3.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
            match minor {
                Some(0) => return Some(Version::V3_0),
                Some(1) => return Some(Version::V3_1),
                Some(2) => return Some(Version::V3_2),
                Some(_) => {
                    let message = format!("this is an OpenAPI {text} document, and is read as 3.2");
                    let hint = "what later versions added is reported where it stands";
                    problems.report("openapi-version", version.at, message, hint).level = Level::Warning;
                    return Some(Version::V3_2);
                }
                None if text.is_empty() => {
                    let message = format!("`openapi` must be a string such as 3.0.3, found {}", version.describe());
                    (version.at, message, HINT)
                }
                None => (version.at, format!("this is an OpenAPI {text} document, and 3.0 to 3.2 are read"), HINT),
            }
        }
    };
    problems.report("openapi-version", at, message, hint);
    None
}
