//! What the document says of replies: the forms of their bodies, their headers, and rules for members.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use conformance_engine::contract::{Header, Media, Response};
use conformance_engine::suite::{Case, ExpectedBody, Kind};
use serde_json::Value;

use super::member_rules::{OneKind, member_rules};
use crate::document::{self, Document, Operation, is_json, raised};
use crate::node::{Entry, Node};

/// What the document says of replies, found once for all cases of an operation.
#[derive(Default)]
pub(crate) struct Known<'d>(HashMap<*const document::Response<'d>, Arc<Response>>);

impl<'d> Known<'d> {
    fn of(&mut self, document: &Document, of: &'d document::Response<'d>, kinds: &OneKind<'_>) -> &Arc<Response> {
        self.0.entry(of).or_insert_with(|| Arc::new(response(document, of, kinds)))
    }
}

/// Adds to a case what the document says of its replies beyond the body of the case itself.
///
/// Nothing is added where that is all: one form of the body, no headers, one status.
pub(crate) fn complete<'d>(
    document: &'d Document,
    operation: &'d Operation<'d>,
    kinds: &OneKind<'_>,
    known: &mut Known<'d>,
    case: &mut Case,
) {
    let expected = &mut case.expected;
    let range = |status: u16| format!("{}XX", status / 100);
    let of = |key: &str| operation.responses.iter().find(|response| response.status == key);
    let of_status = |status: u16| of(&status.to_string()).or_else(|| of(&range(status))).or_else(|| of("default"));
    let own = match expected.class {
        true => of(&range(expected.status)).or_else(|| of("default")),
        false => of_status(expected.status),
    };
    let in_class = |response: &&document::Response<'_>| {
        expected.class && response.code().is_some_and(|code| code / 100 == expected.status / 100)
    };
    let others = expected.or.iter().filter_map(|status| of_status(*status));
    // Where any refusal will do, each that is documented is one.
    let any = matches!(case.kind, Kind::Derived { any_refusal: true, .. });
    let may_refuse = |response: &&document::Response<'_>| {
        any && (response.status.starts_with('4') || matches!(response.status, "501" | "default"))
    };
    let others = others.chain(operation.responses.iter().filter(|it| in_class(it) || may_refuse(it)));
    let mut replies: BTreeMap<String, Arc<Response>> =
        others.map(|it| (it.status.to_owned(), Arc::clone(known.of(document, it, kinds)))).collect();
    if let Some(own) = own {
        let found = known.of(document, own, kinds);
        let has_more = found.content.len() > 1 || found.content.values().any(|media| media.items.is_some());
        if has_more || !found.headers.is_empty() || !replies.is_empty() {
            replies.insert(own.status.to_owned(), Arc::clone(found));
        }
    }
    expected.replies = replies;
}

/// What the document says of a reply of one status.
pub(crate) fn response(document: &Document, response: &document::Response<'_>, kinds: &OneKind<'_>) -> Response {
    let mut rules = BTreeMap::new();
    let schema = response.node.entries_of("content").min_by_key(|media| !is_json(&media.key));
    let schema = schema.and_then(|media| media.value.get("schema"));
    let is_documented = response.extension("x-body").and_then(Node::as_text) != Some("undocumented");
    let schema = schema.filter(|_| is_documented);
    let schema_itself = schema.and_then(|schema| document.resolve(schema));
    if let Some(schema) = schema {
        member_rules(document, schema, None, String::new(), &mut rules);
    }
    // Of a status class that is neither, nothing is known.
    if response.is_success() {
        kinds.success_rules(schema_itself, &mut rules);
    } else if response.is_failure() {
        kinds.failure_rules(schema_itself, &mut rules);
    }
    let content = if is_documented { content(document, response.node) } else { BTreeMap::new() };
    // Source: OpenAPI 3.0.3, Response Object: a header of this name is ignored.
    let headers = response.node.entries_of("headers").filter(|entry| !entry.key.eq_ignore_ascii_case("content-type"));
    let headers =
        headers.filter_map(|entry| Some((entry.key.clone(), header(document, document.resolve(&entry.value)?))));
    Response { content, headers: headers.collect(), rules }
}

fn header(document: &Document, node: &Node) -> Header {
    let media = node.entries_of("content").next();
    let schema = node.get("schema").or_else(|| media.and_then(|media| media.value.get("schema")));
    Header {
        required: node.flag("required").unwrap_or(false),
        schema: schema.map(|schema| bare(raised(document, schema))),
        explode: node.flag("explode").unwrap_or(false),
        media_type: media.map(|media| media.key.clone()),
    }
}

/// The documented forms of a body.
pub(crate) fn content(document: &Document, holder: &Node) -> BTreeMap<String, Media> {
    let schema = |entry: &Entry, key: &str| entry.value.get(key).map(|schema| bare(raised(document, schema)));
    let media = |entry: &Entry| {
        (plain_media_type(&entry.key), Media { schema: schema(entry, "schema"), items: schema(entry, "itemSchema") })
    };
    holder.entries_of("content").map(media).collect()
}

/// A media type as replies are compared with it: in lower case, and without its charset.
pub(crate) fn plain_media_type(key: &str) -> String {
    let parts = key.split(';').map(|part| part.trim().to_ascii_lowercase());
    let parts = parts.filter(|part| !part.is_empty() && !part.starts_with("charset="));
    parts.collect::<Vec<_>>().join(";")
}

/// The schemas in what is said of a reply.
pub(crate) fn schemas_of_response(response: &Response) -> impl Iterator<Item = &Value> {
    let headers = response.headers.values().filter_map(|header| header.schema.as_ref());
    let media = response.content.values().flat_map(|media| [media.schema.as_ref(), media.items.as_ref()]);
    media.flatten().chain(headers)
}

/// A schema without what decides nothing: descriptions, examples, extensions.
pub(crate) fn bare(schema: Value) -> Value {
    const SILENT: [&str; 7] = ["description", "title", "example", "default", "externalDocs", "xml", "deprecated"];
    match schema {
        Value::Object(keywords) => {
            let is_silent = |name: &str| SILENT.contains(&name) || name.starts_with("x-") && name != "x-written";
            let spoken = keywords.into_iter().filter(|(name, _)| !is_silent(name));
            let spoken = spoken.map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    // Names of members, whatever they are called.
                    ("properties" | "patternProperties" | "dependentSchemas" | "$defs", Value::Object(members)) => {
                        Value::Object(members.into_iter().map(|(name, member)| (name, bare(member))).collect())
                    }
                    ("enum" | "const" | "required" | "dependentRequired" | "discriminator" | "x-written", value) => {
                        value
                    }
                    (_, value) => bare(value),
                };
                (name, value)
            });
            Value::Object(spoken.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(bare).collect()),
        other => other,
    }
}

/// What is documented of the body of a refusal: its schema, and what only a success has. Even where nothing is documented, a
/// refusal has no value that only a success has.
pub(crate) fn refusal_body<'d>(
    document: &'d Document,
    kinds: &OneKind<'d>,
    response: &document::Response<'d>,
) -> Option<ExpectedBody> {
    let is_described = response.extension("x-body").and_then(Node::as_text) != Some("undocumented");
    let media = response.node.entries_of("content").filter(|_| is_described).find(|media| is_json(&media.key));
    let schema = media.and_then(|media| media.value.get("schema"));
    let mut rules = BTreeMap::new();
    kinds.failure_rules(schema.and_then(|schema| document.resolve(schema)), &mut rules);
    let is_other = is_described && media.is_none() && response.node.entries_of("content").next().is_some();
    (!is_other && (media.is_some() || !rules.is_empty())).then(|| ExpectedBody {
        media_type: media.map_or_else(|| "application/json".to_owned(), |media| plain_media_type(&media.key)),
        undocumented: media.is_none(),
        schema: schema.map(|schema| raised(document, schema)),
        example: None,
        rules,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_schema_only_what_decides_is_kept() {
        let schema = json!({"description": "d", "type": "object", "x-match": "id", "enum": [{"description": "kept"}],
            "properties": {"description": {"title": "t", "type": "string"}, "x-y": {"example": 1}},
            "allOf": [{"$ref": "#/a", "deprecated": true}], "additionalProperties": false});
        let expected = json!({"type": "object", "enum": [{"description": "kept"}],
            "properties": {"description": {"type": "string"}, "x-y": {}},
            "allOf": [{"$ref": "#/a"}], "additionalProperties": false});
        assert_eq!(bare(schema), expected);
    }
}
