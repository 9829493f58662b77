//! The credentials that an operation takes.

use conformance_engine::suite::{Credential, Place};

use crate::document::{Document, Operation};
use crate::node::Node;

/// Where the first security requirement that one value can satisfy wants it; nothing where none is required.
pub fn credential(document: &Document, operation: &Operation<'_>) -> Option<Credential> {
    let all = security(document, operation).filter(|credential| !credential.optional)?;
    let mut single = all.alternatives().filter_map(|members| match members[..] {
        // Of an HTTP scheme that is not known, it is not known how a value of it is made.
        [only] if only.unsupported.is_none() && (!only.named_only || only.prefix.is_empty()) => Some(only.clone()),
        _ => None,
    });
    single.next().map(|only| Credential { or: Vec::new(), ..only })
}

/// The alternatives of what an operation requires, or of what all do; nothing where a request without any is right.
pub(crate) fn security(document: &Document, operation: &Operation<'_>) -> Option<Credential> {
    let requirements = operation.node.get("security").or_else(|| document.root().get("security"))?.items();
    let is_free = |requirement: &&Node| requirement.as_map().is_some_and(|map| map.is_empty());
    // What comes after it never has to be sent.
    let before = requirements.iter().take_while(|requirement| !is_free(requirement));
    let mut alternatives = before.filter_map(|requirement| {
        let mut members = requirement.entries().map(|entry| scheme(document, &entry.key));
        let first = members.next()?;
        Some(Credential { with: members.collect(), ..first })
    });
    let first = alternatives.next()?;
    let or = alternatives.collect();
    Some(Credential { or, optional: requirements.iter().any(|requirement| is_free(&requirement)), ..first })
}

/// Every alternative of what an operation requires, each without the others, and whether a request without any is right.
pub(crate) fn alternatives(document: &Document, operation: &Operation<'_>) -> (Vec<Credential>, bool) {
    let requirements = operation.node.get("security").or_else(|| document.root().get("security"));
    let requirements = requirements.map_or(&[][..], Node::items);
    let mut is_optional = false;
    let mut all = Vec::new();
    for requirement in requirements {
        let mut members = requirement.entries().map(|entry| scheme(document, &entry.key));
        match members.next() {
            Some(first) => all.push(Credential { with: members.collect(), ..first }),
            None => is_optional = true,
        }
    }
    (all, is_optional)
}

/// What one security scheme asks for.
///
/// Sources: OpenAPI 3.0.3, Security Scheme Object; RFC 6750 for what comes of `oauth2` and `openIdConnect`; the registry of
/// HTTP authentication schemes.
fn scheme(document: &Document, name: &str) -> Credential {
    let credential = |place: Place, called: &str, prefix: &str| Credential {
        scheme: name.to_owned(),
        name: called.to_owned(),
        place,
        prefix: prefix.to_owned(),
        instead: None,
        named_only: false,
        unsupported: None,
        with: Vec::new(),
        or: Vec::new(),
        optional: false,
        subject: false,
    };
    let unsupported = |reason: &str| Credential {
        unsupported: Some(format!("the security scheme `{name}` {reason}")),
        ..credential(Place::Header, "", "")
    };
    let in_authorization = |prefix: &str| credential(Place::Header, "Authorization", prefix);
    let found = document.components("securitySchemes").find(|entry| entry.key == name);
    let Some(found) = found.and_then(|entry| document.resolve(&entry.value)) else {
        return unsupported("is not described");
    };
    let text = |key| found.text(key).unwrap_or_default();
    // A key may be anything, so a token is not sent as one unless the document says that it is.
    let named_only = found.flag("x-token") != Some(true);
    let key = |place, called: &str| Credential { named_only, ..credential(place, called, "") };
    match text("type") {
        "apiKey" => match (text("in"), text("name")) {
            (_, "") => unsupported("is an apiKey without a `name`"),
            ("header", called) => key(Place::Header, called),
            ("query", called) => key(Place::Query, called),
            ("cookie", called) => key(Place::Cookie, called),
            (place, _) => unsupported(&format!("is an apiKey in `{place}`, which is no place for one")),
        },
        "oauth2" | "openIdConnect" => in_authorization("Bearer "),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => in_authorization("Basic "),
            "bearer" => in_authorization("Bearer "),
            // Each request needs an answer of its own to what the server asked.
            "digest" | "hoba" | "mutual" | "negotiate" | "scram-sha-1" | "scram-sha-256" => {
                unsupported(&format!("is the HTTP scheme `{}`, which is not supported", text("scheme")))
            }
            "" => unsupported("is of the type http and names no `scheme`"),
            _ => Credential { named_only: true, ..in_authorization(&format!("{} ", text("scheme"))) },
        },
        "mutualTLS" => unsupported("is mutualTLS, and no client certificate is sent"),
        other => unsupported(&format!("is of the type `{other}`, which is not known")),
    }
}
