//! Reads the security schemes of a document as credentials that a client can send.

use openapi_document::Document;
use openapi_document::document::Operation;
use openapi_document::node::Node;

/// Where a client sends the credential of a security scheme.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// A token in `Authorization`, behind this text.
    Authorization(String),
    /// User name and password in `Authorization` (RFC 7617).
    Basic,
    /// A header of this name.
    Header(String),
    /// A query parameter of this name.
    Query(String),
    /// A cookie of this name.
    Cookie(String),
    /// Nowhere: the connection has it (`mutualTLS`).
    Connection,
}

/// A security scheme that an operation takes.
#[derive(Debug)]
pub(crate) struct Scheme {
    /// What the document says of it.
    pub(crate) description: Option<String>,
    /// Where its credential goes, or why a client cannot send it.
    pub(crate) place: Result<Place, String>,
}

/// The alternatives of what an operation takes, each with the schemes that go together; an empty one is a request without
/// credentials.
pub(crate) fn requirements<'d>(document: &'d Document, operation: &Operation<'d>) -> Vec<Vec<&'d str>> {
    let requirements = operation.node.get("security").or_else(|| document.root().get("security"));
    let requirements = requirements.map(Node::items).unwrap_or_default();
    requirements.iter().map(|one| one.entries().map(|entry| entry.key.as_str()).collect()).collect()
}

/// The security scheme of this name.
///
/// Sources: OpenAPI 3.0.3, Security Scheme Object; RFC 6750 for what comes of `oauth2` and `openIdConnect`; the registry of
/// HTTP authentication schemes.
pub(crate) fn scheme(document: &Document, name: &str) -> Scheme {
    let found = document.components("securitySchemes").find(|entry| entry.key == name);
    let found = found.and_then(|entry| document.resolve(&entry.value));
    let description = found.and_then(|found| found.text("description")).map(str::to_owned);
    let place = found.map_or_else(|| Err("it is not described".to_owned()), place);
    Scheme { description, place }
}

fn place(scheme: &Node) -> Result<Place, String> {
    let text = |key| scheme.text(key).unwrap_or_default();
    match text("type") {
        "apiKey" => match (text("in"), text("name")) {
            (_, "") => Err("it is an apiKey without a `name`".to_owned()),
            ("header", name) if !is_token(name) => Err(format!("`{name}` is not the name of a header")),
            ("header", name) => Ok(Place::Header(name.to_owned())),
            ("query", name) => Ok(Place::Query(name.to_owned())),
            ("cookie", name) if !is_token(name) => Err(format!("`{name}` is not the name of a cookie")),
            ("cookie", name) => Ok(Place::Cookie(name.to_owned())),
            (place, _) => Err(format!("it is an apiKey in `{place}`, which is no place for one")),
        },
        "oauth2" | "openIdConnect" => Ok(Place::Authorization("Bearer ".to_owned())),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => Ok(Place::Basic),
            "bearer" => Ok(Place::Authorization("Bearer ".to_owned())),
            "" => Err("it is of the type http and names no `scheme`".to_owned()),
            // Each request needs an answer of its own to what the server asked.
            "digest" | "hoba" | "mutual" | "negotiate" | "scram-sha-1" | "scram-sha-256" => {
                Err(format!("the HTTP scheme `{}` takes more than one request", text("scheme")))
            }
            _ if !is_token(text("scheme")) => Err(format!("`{}` is not an HTTP scheme", text("scheme"))),
            _ => Ok(Place::Authorization(format!("{} ", text("scheme")))),
        },
        "mutualTLS" => Ok(Place::Connection),
        other => Err(format!("the type `{other}` is not known")),
    }
}

/// A token of RFC 9110, 5.6.2: a name of a header, a cookie or a scheme.
fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scheme: &str, expected: Result<Place, &str>) {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents: {{securitySchemes: {{s: {scheme}}}}}\n"
        );
        let document = Document::read("s.yaml", &text).unwrap_or_else(|found| panic!("{found}"));
        assert_eq!(super::scheme(&document, "s").place, expected.map_err(str::to_owned), "{scheme}");
    }

    #[test]
    fn each_type_has_its_place() {
        let bearer = || Ok(Place::Authorization("Bearer ".to_owned()));
        check("{type: http, scheme: bearer}", bearer());
        check("{type: http, scheme: BEARER, bearerFormat: JWT}", bearer());
        check("{type: oauth2, flows: {}}", bearer());
        check("{type: openIdConnect, openIdConnectUrl: 'http://localhost'}", bearer());
        check("{type: http, scheme: Basic}", Ok(Place::Basic));
        check("{type: http, scheme: Token}", Ok(Place::Authorization("Token ".to_owned())));
        check("{type: apiKey, in: header, name: X-Key}", Ok(Place::Header("X-Key".to_owned())));
        check("{type: apiKey, in: query, name: 'a key'}", Ok(Place::Query("a key".to_owned())));
        check("{type: apiKey, in: cookie, name: sid}", Ok(Place::Cookie("sid".to_owned())));
        check("{type: mutualTLS}", Ok(Place::Connection));
    }

    #[test]
    fn what_a_client_cannot_send_has_a_reason() {
        check("{type: http, scheme: digest}", Err("the HTTP scheme `digest` takes more than one request"));
        check("{type: apiKey, in: header, name: 'a key'}", Err("`a key` is not the name of a header"));
        check("{type: apiKey, in: body, name: a}", Err("it is an apiKey in `body`, which is no place for one"));
        check("{type: smoke}", Err("the type `smoke` is not known"));
    }
}
