//! Checks a document against the tables of its objects.

use Presence::Required;
use Want::{
    Anything, Callback, Content, Count, Flag, List, Named, Number, Object, OneOf, OrReference, Paths, Responses,
    SchemaOrFlag, Text,
};

use super::survey::{Reference, Survey};
use super::tables::{
    DOCUMENT, EXAMPLE, HEADER, LINK, MEDIA_TYPE, PARAMETER, PATH_ITEM, Presence, REQUEST_BODY, RESPONSE, SCHEMA,
    SECURITY_SCHEME, Shape, Want,
};
use crate::node::{Data, Entry, Node};
use crate::source::{Diagnostics, did_you_mean};

/// Reports every place where the document is not of the shape OpenAPI 3.0 gives it, and returns what stands where:
/// only a walk that knows the shape can tell a `$ref` from example data that has a member of that name.
pub(crate) fn check<'d>(root: &'d Node, problems: &mut Diagnostics) -> Survey<'d> {
    let mut walk = Walk { problems, survey: Survey::default() };
    object(root, &DOCUMENT, &mut walk);
    walk.survey
}

struct Walk<'d, 'p> {
    problems: &'p mut Diagnostics,
    survey: Survey<'d>,
}

fn value<'d>(node: &'d Node, want: &Want, called: &str, walk: &mut Walk<'d, '_>) {
    let expected = match (want, &node.data) {
        (Anything, _) | (Text, Data::Text(_)) | (Flag | SchemaOrFlag, Data::Flag(_)) | (Number, Data::Number(_)) => {
            return;
        }
        (Count, Data::Number(number)) if number.as_u64().is_some() => return,
        (OneOf(words), Data::Text(text)) => {
            if !words.contains(&text.as_str()) {
                let message = format!("`{called}` is {text:?}, which is not one of its values");
                let hint = format!("{}use one of {}", did_you_mean(text, words.iter().copied()), words.join(", "));
                walk.problems.report("unknown-value", node.at, message, hint);
            }
            return;
        }
        (Object(shape), Data::Map(_)) => return object(node, shape, walk),
        (OrReference(shape), Data::Map(map)) => {
            return match map.get("$ref") {
                Some(target) => {
                    let beside = map.iter().filter(|entry| entry.key != "$ref" && !is_extension(&entry.key));
                    beside.for_each(|entry| {
                        let message = format!(
                            "`{}` stands beside a $ref, and whatever does is ignored in OpenAPI 3.0",
                            entry.key
                        );
                        let hint = "move it to what the reference leads to, or remove it; is the indentation right?";
                        walk.problems.report("reference-sibling", entry.at, message, hint);
                    });
                    reference(target, shape, walk);
                }
                None => object(node, shape, walk),
            };
        }
        (SchemaOrFlag, Data::Map(_)) => return value(node, &OrReference(&SCHEMA), called, walk),
        (List(want), Data::List(items)) => {
            let called = format!("an item of {called}");
            return items.iter().for_each(|item| value(item, want, &called, walk));
        }
        (Named(want), Data::Map(map)) => {
            return map.iter().for_each(|entry| value(&entry.value, want, &entry.key, walk));
        }
        (Content, Data::Map(map)) => return map.iter().for_each(|entry| media_type(entry, walk)),
        (Paths, Data::Map(map)) => return map.iter().for_each(|entry| path(entry, walk)),
        (Responses, Data::Map(map)) => return map.iter().for_each(|entry| response(entry, walk)),
        (Callback, Data::Map(map)) => {
            return map.iter().filter(|entry| entry.key != "$ref" && !is_extension(&entry.key)).for_each(|entry| {
                object(&entry.value, &PATH_ITEM, walk);
            });
        }
        (Text | OneOf(_), _) => "a string",
        (Flag, _) => "a boolean",
        (Number, _) => "a number",
        (Count, _) => "a whole number, zero or more",
        (List(_), _) => "a list",
        (SchemaOrFlag, _) => "a schema or a boolean",
        (Object(_) | OrReference(_) | Named(_) | Content | Paths | Responses | Callback, _) => "a mapping",
    };
    let hint = match &node.data {
        Data::Number(_) | Data::Flag(_) if expected == "a string" => "quote it".to_owned(),
        Data::List(_) if called == "type" => {
            "type lists are OpenAPI 3.1; write one type, and `nullable: true` for null".to_owned()
        }
        Data::Number(_) if called.starts_with("exclusive") => {
            "a number here is OpenAPI 3.1; write `minimum` or `maximum` and a boolean".to_owned()
        }
        _ => format!("write {expected} here"),
    };
    walk.problems.report(
        "wrong-type",
        node.at,
        format!("`{called}` must be {expected}, found {}", node.describe()),
        hint,
    );
}

fn object<'d>(node: &'d Node, shape: &Shape, walk: &mut Walk<'d, '_>) {
    let Some(map) = node.as_map() else {
        let message = format!("expected {} ({}), found {}", article(shape.name), "a mapping", node.describe());
        walk.problems.report("wrong-type", node.at, message, "write a mapping here");
        return;
    };
    let is = |this: &Shape| std::ptr::eq(shape, this);
    if is(&SCHEMA) && (map.get("default").is_some() || map.get("example").is_some()) {
        walk.survey.schemas.push(node);
    }
    if is(&SCHEMA) && ["minimum", "minLength", "minItems", "minProperties"].iter().any(|key| map.get(key).is_some()) {
        walk.survey.limited.push(node);
    }
    if is(&SCHEMA) {
        walk.survey.patterns.extend(map.get("pattern").filter(|pattern| pattern.as_text().is_some()));
    }
    if is(&MEDIA_TYPE) || is(&PARAMETER) || is(&HEADER) {
        walk.survey.carriers.push(node);
    }
    if let Some(target) = map.get("$ref").filter(|_| is(&PATH_ITEM)) {
        reference(target, shape, walk);
    }
    for entry in map.iter() {
        match shape.members.iter().find(|(name, ..)| *name == entry.key) {
            Some((name, _, want)) => value(&entry.value, want, name, walk),
            None if is_extension(&entry.key) => {}
            None => unknown_key(entry, shape, walk),
        }
    }
    for (name, presence, _) in shape.members {
        if *presence == Required && map.get(name).is_none() {
            let message = format!("{} has no `{name}`", article(shape.name));
            walk.problems.report(
                "missing-key",
                node.at,
                message,
                format!("add `{name}`; the specification requires it"),
            );
        }
    }
}

fn reference<'d>(target: &'d Node, shape: &Shape, walk: &mut Walk<'d, '_>) {
    value(target, &Text, "$ref", walk);
    if let Some(text) = target.as_text() {
        walk.survey.references.push(Reference { text, at: target.at, section: section(shape) });
    }
}

/// Where `components` keeps objects of this shape.
fn section(shape: &Shape) -> Option<&'static str> {
    let sections: [(&Shape, &str); 8] = [
        (&SCHEMA, "schemas"),
        (&RESPONSE, "responses"),
        (&PARAMETER, "parameters"),
        (&EXAMPLE, "examples"),
        (&REQUEST_BODY, "requestBodies"),
        (&HEADER, "headers"),
        (&SECURITY_SCHEME, "securitySchemes"),
        (&LINK, "links"),
    ];
    sections.into_iter().find(|(known, _)| std::ptr::eq(shape, *known)).map(|(_, section)| section)
}

fn unknown_key(entry: &Entry, shape: &Shape, walk: &mut Walk<'_, '_>) {
    const LATER: &[&str] = &[
        "const",
        "if",
        "then",
        "else",
        "contains",
        "prefixItems",
        "patternProperties",
        "propertyNames",
        "dependentSchemas",
        "unevaluatedProperties",
        "$defs",
        "$schema",
        "$id",
        "$anchor",
        "examples",
        "webhooks",
        "jsonSchemaDialect",
        "contentMediaType",
        "contentEncoding",
        "identifier",
        "pathItems",
    ];
    let key = entry.key.as_str();
    let near = did_you_mean(key, shape.members.iter().map(|(name, ..)| *name));
    let hint = if key == "<<" {
        "YAML merge keys are not read; write the members out or use a $ref".to_owned()
    } else if near.is_empty() && LATER.contains(&key) {
        format!("`{key}` came with OpenAPI 3.1; this is a 3.0 document")
    } else {
        format!("{near}correct it, remove it, or prefix it with `x-`")
    };
    walk.problems.report(
        "unknown-key",
        entry.at,
        format!("{} has no member called `{key}`", article(shape.name)),
        hint,
    );
}

fn path<'d>(entry: &'d Entry, walk: &mut Walk<'d, '_>) {
    if is_extension(&entry.key) {
        return;
    }
    if !entry.key.starts_with('/') {
        let message = format!("a path begins with `/`, found `{}`", entry.key);
        walk.problems.report("path-format", entry.at, message, "begin it with a slash");
    }
    object(&entry.value, &PATH_ITEM, walk);
}

fn media_type<'d>(entry: &'d Entry, walk: &mut Walk<'d, '_>) {
    let is_plain = entry.key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let is_named = entry.key.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    if !is_plain || !is_named {
        let message = format!("`{}` is not a media type", entry.key);
        walk.problems.report("media-type-format", entry.at, message, "write a media type such as application/json");
    }
    object(&entry.value, &MEDIA_TYPE, walk);
}

fn response<'d>(entry: &'d Entry, walk: &mut Walk<'d, '_>) {
    let key = entry.key.as_str();
    if is_extension(key) {
        return;
    }
    let bytes = key.as_bytes();
    let digit = |byte: &u8| byte.is_ascii_digit();
    let is_status =
        bytes.len() == 3 && matches!(bytes[0], b'1'..=b'5') && (bytes[1..].iter().all(digit) || &bytes[1..] == b"XX");
    if key != "default" && !is_status {
        let message = format!("`{key}` is not a status code");
        walk.problems.report(
            "status-format",
            entry.at,
            message,
            "use a code such as 404, a range such as 4XX, or `default`",
        );
    }
    value(&entry.value, &OrReference(&RESPONSE), key, walk);
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

fn article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U', 'X', 'x']) { "an" } else { "a" };
    format!("{article} {name}")
}
