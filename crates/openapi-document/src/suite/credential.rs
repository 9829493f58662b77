//! The credential that an operation takes.

use conformance_engine::suite::{Credential, Place};

use crate::document::{Document, Operation};

/// Where the first security requirement that a token can satisfy wants it.
pub fn credential(document: &Document, operation: &Operation<'_>) -> Option<Credential> {
    let requirements = operation.node.get("security").or_else(|| document.root().get("security"))?.items();
    if requirements.iter().any(|requirement| requirement.as_map().is_some_and(|map| map.is_empty())) {
        return None;
    }
    requirements.iter().find_map(|requirement| {
        let mut schemes = requirement.entries();
        let (only, None) = (schemes.next()?, schemes.next()) else { return None };
        let scheme = document.components("securitySchemes").find(|entry| entry.key == only.key)?;
        let scheme = document.resolve(&scheme.value)?;
        let header = |prefix: &str| Credential {
            name: "Authorization".to_owned(),
            place: Place::Header,
            prefix: prefix.to_owned(),
            instead: None,
        };
        match scheme.text("type")? {
            "apiKey" => Some(Credential {
                name: scheme.text("name")?.to_owned(),
                place: match scheme.text("in")? {
                    "query" => Place::Query,
                    "cookie" => Place::Cookie,
                    _ => Place::Header,
                },
                prefix: String::new(),
                instead: None,
            }),
            "http" if scheme.text("scheme")?.eq_ignore_ascii_case("basic") => Some(header("Basic ")),
            _ => Some(header("Bearer ")),
        }
    })
}
