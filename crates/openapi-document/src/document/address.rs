//! What tells operations with one method and path apart.

use super::operation::{Operation, constant_value, only_value};
use super::resolve::Document;
use super::schema::parts;
use crate::node::Node;

/// `/v2/{}/engines/{}`: two paths that differ in the names of their variables are one address.
pub fn without_names(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut in_name = false;
    for c in path.chars() {
        in_name = if c == '{' { true } else { in_name && c != '}' };
        if !in_name || c == '{' {
            out.push(c);
        }
    }
    out
}

/// The names of the variables of a path, in its order. Braces that do not match are passed over; a rule reports them.
pub fn variable_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// Whether every request shows which of the two it is for.
pub fn are_told_apart(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let by_constant = |one: &Operation<'_>, other: &Operation<'_>| {
        let known = marks(document, other);
        marks(document, one).iter().any(|(place, name, value)| {
            let same = known.iter().find(|(p, n, _)| p == place && n == name);
            same.is_none_or(|(.., known)| known != value)
        })
    };
    let media_types = |operation: &Operation<'_>| -> Vec<String> {
        let content = operation.body.map_or([].iter(), |body| body.entries_of("content"));
        content.map(|media| media.key.to_ascii_lowercase()).collect()
    };
    let needs_body = |operation: &Operation<'_>| operation.body.is_some_and(|body| body.flag("required") == Some(true));
    // A query parameter that the other does not document is in none of its requests.
    let by_parameter = |one: &Operation<'_>, other: &Operation<'_>| {
        let queries = |operation: &Operation<'_>, name: &str| {
            operation.parameters.iter().any(|it| it.place == "query" && it.name == name)
                || operation.constants.iter().any(|it| it.name == name)
        };
        let mut required = one.parameters.iter().filter(|it| it.required && it.place == "query");
        required.any(|it| !queries(other, it.name))
    };
    let (in_a, in_b) = (media_types(a), media_types(b));
    let by_media_type = needs_body(a) && needs_body(b) && !in_a.iter().any(|media_type| in_b.contains(media_type));
    let by_presence = needs_body(a) && b.body.is_none() || needs_body(b) && a.body.is_none();
    by_constant(a, b)
        || by_constant(b, a)
        || by_parameter(a, b)
        || by_parameter(b, a)
        || by_media_type
        || by_presence
        || bodies_differ(document, a, b)
        || bodies_differ(document, b, a)
}

/// What every request of an operation has in its query or its headers: place, name and value.
fn marks(document: &Document, operation: &Operation<'_>) -> Vec<(&'static str, String, String)> {
    let queries =
        operation.constants.iter().map(|constant| ("query", constant.name.to_owned(), constant.value.clone()));
    let headers = operation.parameters.iter().filter(|parameter| parameter.required && parameter.place == "header");
    let headers = headers.filter_map(|header| {
        Some(("header", header.name.to_ascii_lowercase(), constant_value(document, header.node)?))
    });
    queries.chain(headers).collect()
}

/// Whether every request of an operation has this value in its query or in a header.
pub(crate) fn has_constant(document: &Document, operation: &Operation<'_>, name: &str, value: &str) -> bool {
    marks(document, operation).iter().any(|(place, known, found)| {
        found == value && if *place == "header" { known.eq_ignore_ascii_case(name) } else { known == name }
    })
}

/// Must a body of `a` have a member that no body of `b` has, or one with a value that `b` does not allow there?
fn bodies_differ(document: &Document, a: &Operation<'_>, b: &Operation<'_>) -> bool {
    let (Some(body_a), Some(body_b)) = (json_schema(document, a), json_schema(document, b)) else { return false };
    let (parts_a, parts_b) = (parts(document, body_a), parts(document, body_b));
    let property = |parts: &[&'_ Node], name: &str| -> Option<serde_json::Value> {
        parts.iter().find_map(|part| part.get("properties")?.get(name)).map(|member| {
            let only = document.resolve(member).and_then(only_value);
            only.map_or(serde_json::Value::Null, Node::to_json)
        })
    };
    parts_a.iter().flat_map(|part| part.items_of("required")).filter_map(Node::as_text).any(|name| {
        match (property(&parts_a, name), property(&parts_b, name)) {
            (_, None) => true,
            (Some(a), Some(b)) => !a.is_null() && !b.is_null() && a != b,
            (None, _) => false,
        }
    })
}

fn json_schema<'d>(document: &'d Document, operation: &Operation<'d>) -> Option<&'d Node> {
    let body = operation.body.filter(|body| body.flag("required") == Some(true))?;
    let media = body.get("content")?.entries().next()?;
    document.resolve(media.value.get("schema")?)
}
