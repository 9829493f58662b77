//! What the client generator cannot express. It would panic on most of these; each is a diagnostic here instead.
//!
//! Source: progenitor-impl 0.15.1, `method.rs` and `to_schema.rs`.

use super::names;
use crate::document::{Document, Operation, Response};
use crate::node::Node;
use crate::source::Diagnostics;
use crate::structure::Survey;

pub(super) fn check(document: &Document, operations: &[Operation<'_>], survey: &Survey<'_>, found: &mut Diagnostics) {
    for operation in operations {
        check_replies(document, operation, found);
        check_request(operation, found);
        check_parameters(document, operation, found);
        if matches!(operation.method, "options" | "trace") {
            let message = format!("the client cannot send {}", operation.method.to_uppercase());
            found.report("method", operation.at, message, "use another method, or leave the operation out");
        }
    }
    names::check(document, found);
    for reference in &survey.references {
        let is_component =
            reference.text.strip_prefix("#/components/").is_some_and(|rest| rest.split('/').count() == 2);
        if reference.text.starts_with('#') && !is_component && document.target(reference.text).is_some() {
            let message = format!("`{}` refers to something outside components", reference.text);
            found.report("reference-place", reference.at, message, "move it into components and refer to it there");
        }
    }
}

/// What one status answers, as the generator sees it.
#[derive(PartialEq)]
enum Kind {
    Typed(String),
    Bytes,
    Nothing,
}

impl Kind {
    fn of(document: &Document, response: &Response<'_>) -> Kind {
        match json_media(response.node) {
            Some(media) => {
                Kind::Typed(media.get("schema").map_or_else(String::new, |schema| type_of(document, schema)))
            }
            None if response.node.entries_of("content").next().is_some() => Kind::Bytes,
            None => Kind::Nothing,
        }
    }

    fn describe(&self) -> String {
        match self {
            Kind::Typed(name) => name.clone(),
            Kind::Bytes => "(a body that is not application/json)".to_owned(),
            Kind::Nothing => "(no body)".to_owned(),
        }
    }
}

/// Two schemas are one type if they are the same reference or the same text.
fn type_of(document: &Document, schema: &Node) -> String {
    match schema.text("$ref") {
        Some(reference) => match document.target(reference).and_then(|target| target.text("$ref")) {
            Some(_) => document.resolve(schema).map_or_else(|| reference.to_owned(), |node| node.to_json().to_string()),
            None => reference.rsplit('/').next().unwrap_or(reference).to_owned(),
        },
        None => schema.to_json().to_string(),
    }
}

fn json_media(holder: &Node) -> Option<&Node> {
    let mut content = holder.entries_of("content");
    let is_json = |name: &str| name == "application/json" || name.starts_with("application/json;");
    content.find(|entry| is_json(&entry.key)).map(|entry| &entry.value)
}

fn check_replies(document: &Document, operation: &Operation<'_>, found: &mut Diagnostics) {
    for response in &operation.responses {
        if let Some(media) = json_media(response.node)
            && media.get("schema").is_none()
        {
            let message = format!("the JSON body of status {} has no schema", response.status);
            found.report("body-schema", media.at, message, "add a schema; `{}` if nothing is known of the body");
        }
        if let Some(encoding) = json_media(response.node).and_then(|media| media.get("encoding")) {
            let message = format!("the JSON body of status {} has an `encoding`", response.status);
            found.report("body-encoding", encoding.at, message, "remove it; it means nothing for JSON");
        }
    }
    let default = operation.responses.iter().find(|response| response.status == "default");
    let successes = of_class(operation, |response| response.is_success() || response.status == "101");
    let failures = of_class(operation, Response::is_failure);
    check_class(document, operation, "success", &successes, found);
    check_class(document, operation, "error", &failures, found);

    let Some(default) = default else { return };
    let has_range = operation.responses.iter().any(|response| response.status == "2XX");
    let kind = Kind::of(document, default);
    let differs = successes.iter().any(|response| Kind::of(document, response) != kind);
    if differs && !has_range {
        let message = "`default` stands beside a success of another type, and covers unlisted successes too";
        let hint = "list the error statuses (or 4XX and 5XX) instead of `default`, or write the success as 2XX";
        found.report("default-response", default.at, message, hint);
    } else if failures.iter().any(|response| Kind::of(document, response) != kind) {
        let message = "`default` and the error statuses have bodies of different types";
        found.report("error-types", default.at, message, "give all errors of one operation the same schema");
    }
}

fn of_class<'o, 'd>(operation: &'o Operation<'d>, belongs: impl Fn(&Response<'d>) -> bool) -> Vec<&'o Response<'d>> {
    // A reference to something that is no response has its own rule.
    let is_response =
        |response: &&Response<'d>| response.listed.text("$ref").is_none_or(|text| text.contains("/responses/"));
    operation.responses.iter().filter(|response| belongs(response)).filter(is_response).collect()
}

/// One operation has one success type and one error type.
fn check_class(
    document: &Document,
    operation: &Operation<'_>,
    class: &str,
    members: &[&Response<'_>],
    found: &mut Diagnostics,
) {
    let kinds: Vec<Kind> = members.iter().map(|response| Kind::of(document, response)).collect();
    let uses = |kind: &Kind| kinds.iter().filter(|other| *other == kind).count();
    // The odd one out is where the mistake is likely to be.
    let Some(odd) = (0..kinds.len()).min_by_key(|&index| (uses(&kinds[index]), kinds[index] != Kind::Nothing)) else {
        return;
    };
    if uses(&kinds[odd]) == kinds.len() {
        return;
    }
    let is_body_missing = kinds.contains(&Kind::Nothing);
    let rule = match (class, is_body_missing) {
        (_, true) => "body-missing",
        ("error", false) => "error-types",
        _ => "success-types",
    };
    let message = format!("the {class} responses of `{}` have different bodies", operation.label());
    let notes = members.iter().zip(&kinds).map(|(response, kind)| format!("{}: {}", response.status, kind.describe()));
    let hint = format!("give all {class} statuses of one operation the same schema");
    found.report_with(rule, members[odd].at, message, notes.collect(), hint);
}

fn check_request(operation: &Operation<'_>, found: &mut Diagnostics) {
    let Some(body) = operation.body else { return };
    let mut content = body.entries_of("content");
    let Some(media) = content.next() else { return };
    if let Some(second) = content.next() {
        let message = format!("the request body has more than one media type: {} and {}", media.key, second.key);
        found.report("body-media-types", second.at, message, "keep one, JSON if possible");
    }
    let essence = media.key.split(';').next().unwrap_or_default().trim();
    const KNOWN: [&str; 4] =
        ["application/json", "application/x-www-form-urlencoded", "application/octet-stream", "text/plain"];
    if !KNOWN.contains(&essence) && essence != "text/x-markdown" {
        let message = format!("the request body is {essence}, which the client cannot send");
        found.report("body-media-types", media.at, message, format!("use one of {}", KNOWN.join(", ")));
    }
    if media.value.get("schema").is_none() {
        let message = "the request body has no schema";
        found.report("body-schema", media.value.at, message, "add a schema; `{}` if nothing is known of the body");
    }
    if let Some(encoding) = media.value.get("encoding") {
        let message = "the request body has an `encoding`, which the client cannot follow";
        found.report("body-encoding", encoding.at, message, "remove it");
    }
}

fn check_parameters(document: &Document, operation: &Operation<'_>, found: &mut Diagnostics) {
    for parameter in &operation.parameters {
        let (name, node) = (parameter.name, parameter.node);
        let expected = match parameter.place {
            "path" | "header" => "simple",
            "query" => "form",
            "cookie" => {
                let message = format!("`{name}` is a cookie parameter, which the client cannot send");
                found.report("parameter-place", parameter.at, message, "use a header or query parameter");
                continue;
            }
            _ => continue, // no place at all, for which there is a rule
        };
        if let Some(style) = node.get("style")
            && style.as_text().is_some_and(|style| style != expected)
        {
            let message =
                format!("the client cannot send `{name}` in the style `{}`", style.as_text().unwrap_or_default());
            found.report("parameter-style", style.at, message, format!("use `{expected}`, the default"));
        }
        if let Some(content) = node.get("content") {
            let message = format!("the parameter `{name}` is described by `content`");
            found.report("parameter-content", content.at, message, "describe it by `schema`");
        } else if node.get("schema").is_none() {
            let message = format!("the parameter `{name}` has no schema");
            found.report("parameter-content", node.at, message, "add a `schema`");
        }
        let schema = node.get("schema").and_then(|schema| document.resolve(schema));
        let is_object =
            schema.is_some_and(|schema| schema.text("type") == Some("object") || schema.get("properties").is_some());
        let is_list = schema.is_some_and(|schema| schema.text("type") == Some("array"));
        if is_list && parameter.place == "query" && node.flag("explode") == Some(false) {
            let message = format!("the client cannot send `{name}` as one value: it sends one for each item");
            found.report(
                "parameter-style",
                node.key_at("explode"),
                message,
                "remove `explode`, or send it in the body",
            );
        }
        if node.flag("allowReserved") == Some(true) {
            let message = format!("the client cannot send `{name}` with reserved characters: it encodes them");
            found.report("parameter-style", node.key_at("allowReserved"), message, "remove `allowReserved`");
        }
        if is_object || is_list && parameter.place != "query" {
            let kind = if is_object { "an object" } else { "a list" };
            let message = format!("`{name}` is {kind}, which the client cannot send in a {}", parameter.place);
            found.report("parameter-content", parameter.at, message, "send it in the body, or as a string");
        }
    }
}
