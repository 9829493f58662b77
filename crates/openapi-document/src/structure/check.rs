//! Checks a document against the tables of its objects.

use Presence::{Expected, ExpectedUntil, Required, Since, Until};
use Want::{
    Anything, Callback, Content, Count, Flag, List, Named, Number, Object, OneOf, OneOrMore, OrReference, Paths,
    Responses, SchemaName, SchemaOrFlag, Text, Unused,
};

use super::survey::{Reference, Survey};
use super::tables::{
    CONTACT, DOCUMENT, EXAMPLE, EXTERNAL_DOCS, HEADER, INFO, LICENSE, LINK, MEDIA_TYPE, PARAMETER, PATH_ITEM, Presence,
    REQUEST_BODY, RESPONSE, SCHEMA, SECURITY_SCHEME, Shape, TAG, Want, XML,
};
use super::version::Version;
use crate::node::{Data, Entry, Map, Node};
use crate::source::{Diagnostics, Level, did_you_mean};

/// Reports every place where the document is not of the shape that its version of OpenAPI gives it, and returns what
/// stands where: only a walk that knows the shape can tell a `$ref` from example data that has a member of that name.
pub(crate) fn check<'d>(root: &'d Node, version: Version, problems: &mut Diagnostics) -> Survey<'d> {
    let mut walk = Walk { version, problems, survey: Survey::default() };
    object(root, &DOCUMENT, &mut walk);
    walk.survey
}

struct Walk<'d, 'p> {
    version: Version,
    problems: &'p mut Diagnostics,
    survey: Survey<'d>,
}

fn value<'d>(node: &'d Node, want: &Want, called: &str, walk: &mut Walk<'d, '_>) {
    let expected = match (want, &node.data) {
        (Anything, _) | (Text, Data::Text(_)) | (Flag | SchemaOrFlag, Data::Flag(_)) | (Number, Data::Number(_)) => {
            return;
        }
        (Count, Data::Number(number)) if number.as_u64().is_some() => return,
        (OneOf(words) | OneOrMore(words), Data::Text(text)) => {
            if !words.contains(&text.as_str()) {
                let message = format!("`{called}` is {text:?}, which is not one of its values");
                let hint = format!("{}use one of {}", did_you_mean(text, words.iter().copied()), words.join(", "));
                walk.problems.report("unknown-value", node.at, message, hint);
            }
            return;
        }
        (OneOrMore(words), Data::List(items)) => {
            return items.iter().for_each(|item| value(item, &OneOf(words), called, walk));
        }
        (Object(shape), Data::Map(map)) => {
            return match map.get("$ref") {
                Some(target) if shape.member("$ref", walk.version).is_none() => misplaced(target, shape.name, walk),
                _ => object(node, shape, walk),
            };
        }
        // Since 3.1, a schema may be a boolean, and a reference is one keyword of many.
        (OrReference(shape), Data::Flag(_)) if is_schema_2020(shape, walk) => return,
        (OrReference(shape), Data::Map(map)) => {
            return match map.get("$ref") {
                Some(_) if is_schema_2020(shape, walk) => object(node, shape, walk),
                Some(target) => {
                    siblings(map, walk);
                    reference(target, shape, walk);
                }
                None => object(node, shape, walk),
            };
        }
        (SchemaName, Data::Text(text)) => {
            if text.contains(['/', '#']) {
                reference(node, &SCHEMA, walk);
            }
            return;
        }
        (Unused(want), _) => {
            let message = format!("`{called}` is not used: of OpenAPI 3.2, only the new words of older objects are");
            let hint = "nothing has to be changed; what it says is neither generated nor checked";
            walk.problems.report("unsupported", node.at, message, hint);
            return value(node, want, called, walk);
        }
        (SchemaOrFlag, Data::Map(_)) => return value(node, &OrReference(&SCHEMA), called, walk),
        (List(want), Data::List(items)) => {
            let called = format!("an item of {called}");
            return items.iter().for_each(|item| value(item, want, &called, walk));
        }
        // A member that happens to be called `$ref` is an object.
        (Named(_) | Content | Paths | Responses, Data::Map(map)) if map.get("$ref").is_some_and(is_text) => {
            return map.get("$ref").into_iter().for_each(|target| misplaced(target, "mapping", walk));
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
        (Text | OneOf(_) | SchemaName, _) => "a string",
        (OneOrMore(_), _) => "a string or a list of strings",
        (Flag, _) => "a boolean",
        (Number, _) => "a number",
        (Count, _) => "a whole number, zero or more",
        (List(_), _) => "a list",
        (SchemaOrFlag, _) => "a schema or a boolean",
        (OrReference(shape), _) if is_schema_2020(shape, walk) => "a schema or a boolean",
        (Object(_) | OrReference(_) | Named(_) | Content | Paths | Responses | Callback, _) => "a mapping",
    };
    let hint = match &node.data {
        Data::Number(_) | Data::Flag(_) if expected == "a string" => "quote it".to_owned(),
        Data::Flag(flag) if called.starts_with("exclusive") && *flag => {
            "a boolean here is OpenAPI 3.0; write the limit itself, in place of `minimum` or `maximum`".to_owned()
        }
        Data::Text(text) if expected == "a boolean" && is_yaml_11_flag(text) => {
            format!("`{text}` is a string in YAML 1.2; write true or false")
        }
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

fn object<'d>(node: &'d Node, shape: &'static Shape, walk: &mut Walk<'d, '_>) {
    let Some(map) = node.as_map() else {
        let message = format!("expected {} ({}), found {}", article(shape.name), "a mapping", node.describe());
        walk.problems.report("wrong-type", node.at, message, "write a mapping here");
        return;
    };
    survey(node, map, shape, walk);
    if let Some(target) = map.get("$ref").filter(|_| shape.member("$ref", walk.version).is_some()) {
        reference(target, shape, walk);
    }
    for entry in map.iter() {
        match shape.member(&entry.key, walk.version) {
            Some((name, presence, want)) => member(entry, name, *presence, want, shape, walk),
            None if is_extension(&entry.key) => {}
            None => unknown_key(entry, shape, walk),
        }
    }
    for (name, presence, _) in shape.members {
        let is_required = match presence {
            Required | Expected => true,
            ExpectedUntil(last) => walk.version <= *last,
            _ => false,
        };
        if is_required && map.get(name).is_none() {
            let message = format!("{} has no `{name}`", article(shape.name));
            let hint = format!("add `{name}`; the specification requires it");
            let problem = walk.problems.report("missing-key", node.at, message, hint);
            if *presence != Required {
                problem.level = Level::Warning;
            }
        }
    }
}

fn member<'d>(
    entry: &'d Entry,
    name: &str,
    presence: Presence,
    want: &'static Want,
    shape: &Shape,
    walk: &mut Walk<'d, '_>,
) {
    let before = walk.problems.0.len();
    let is_absent = matches!(entry.value.data, Data::Null) && presence != Required;
    if is_absent && !matches!(want, Anything | Unused(Anything)) {
        let message = format!("`{name}` is null, and is read as if it were not there");
        walk.problems.report("wrong-type", entry.value.at, message, "remove it, or write its value");
    } else {
        value(&entry.value, want, name, walk);
        // What JSON Schema means by a word in another of its versions is read as it is meant there.
        let is_meant = match (name, &entry.value.data) {
            ("required", Data::Flag(_)) => true,
            ("exclusiveMinimum" | "exclusiveMaximum", Data::Flag(_) | Data::Number(_)) => true,
            ("type", Data::List(items)) if walk.version == Version::V3_0 => items.iter().all(is_text),
            _ => false,
        };
        let is_remark = is_remark(name, shape) || is(shape, &SCHEMA) && is_meant;
        if !is_remark {
            return;
        }
    }
    walk.problems.0[before..].iter_mut().for_each(|problem| problem.level = Level::Warning);
}

/// Whether nothing depends on a member: it is there for readers.
fn is_remark(name: &str, shape: &Shape) -> bool {
    [&INFO, &CONTACT, &LICENSE, &EXTERNAL_DOCS, &TAG, &XML].iter().any(|remark| is(shape, remark))
        || [
            "openapi",
            "description",
            "summary",
            "title",
            "tags",
            "externalDocs",
            "deprecated",
            "example",
            "examples",
            "links",
        ]
        .contains(&name)
}

/// Remembers what the rules look at later.
fn survey<'d>(node: &'d Node, map: &'d Map, shape: &Shape, walk: &mut Walk<'d, '_>) {
    let has_one_of = |keys: &[&str]| keys.iter().any(|key| map.get(key).is_some());
    if is(shape, &SCHEMA) {
        if has_one_of(&["default", "example", "examples"]) {
            walk.survey.schemas.push(node);
        }
        let is_array = map.get("type").and_then(Node::as_text) == Some("array");
        let keys = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "enum"];
        if is_array || has_one_of(&keys) {
            walk.survey.limited.push(node);
        }
        walk.survey.patterns.extend(map.get("pattern").filter(|pattern| pattern.as_text().is_some()));
    }
    if [&MEDIA_TYPE, &PARAMETER, &HEADER].iter().any(|carrier| is(shape, carrier)) {
        walk.survey.carriers.push(node);
    }
    let dialect = if is(shape, &SCHEMA) { map.get("$schema") } else { map.get("jsonSchemaDialect") };
    if let Some((dialect, text)) = dialect.and_then(|dialect| Some((dialect, dialect.as_text()?)))
        && !text.contains("json-schema.org/draft/2020-12/")
        && !text.contains("spec.openapis.org/oas/3.")
    {
        let message = format!("schemas of the dialect `{text}` are read as JSON Schema 2020-12");
        let hint = "name https://json-schema.org/draft/2020-12/schema, or remove it";
        walk.problems.report("schema-dialect", dialect.at, message, hint);
    }
    if let Some(webhooks) = map.get("webhooks").filter(|it| is(shape, &DOCUMENT) && it.entries().next().is_some()) {
        let message =
            format!("{} webhooks are checked here, and neither generated nor replayed", webhooks.entries().len());
        let hint = "nothing has to be changed: the service sends these requests, and a client does not";
        walk.problems.report("unsupported", node.key_at("webhooks"), message, hint);
    }
}

fn is_text(node: &Node) -> bool {
    node.as_text().is_some()
}

fn is(shape: &Shape, other: &Shape) -> bool {
    std::ptr::eq(shape, other)
}

fn is_schema_2020(shape: &Shape, walk: &Walk<'_, '_>) -> bool {
    is(shape, &SCHEMA) && walk.version >= Version::V3_1
}

/// Reports what stands beside a `$ref` that is not a schema's.
fn siblings(map: &Map, walk: &mut Walk<'_, '_>) {
    let version = walk.version;
    let is_allowed = |key: &str| {
        key == "$ref" || is_extension(key) || version >= Version::V3_1 && ["summary", "description"].contains(&key)
    };
    for entry in map.iter().filter(|entry| !is_allowed(&entry.key)) {
        let message =
            format!("`{}` stands beside a $ref, and whatever does is ignored in OpenAPI {version}", entry.key);
        let hint = "move it to what the reference leads to, or remove it; is the indentation right?";
        walk.problems.report("reference-sibling", entry.at, message, hint);
    }
}

/// A reference where the specification allows none.
fn misplaced<'d>(target: &'d Node, instead_of: &'static str, walk: &mut Walk<'d, '_>) {
    if let Some(text) = target.as_text() {
        walk.survey.references.push(Reference { text, at: target.at, section: None, instead_of: Some(instead_of) });
    }
}

fn reference<'d>(target: &'d Node, shape: &Shape, walk: &mut Walk<'d, '_>) {
    value(target, &Text, "$ref", walk);
    if let Some(text) = target.as_text() {
        let instead_of = [&PATH_ITEM, &MEDIA_TYPE].iter().any(|it| is(it, shape)).then_some(shape.name);
        walk.survey.references.push(Reference { text, at: target.at, section: section(shape), instead_of });
    }
}

/// Where `components` keeps objects of this shape.
fn section(shape: &Shape) -> Option<&'static str> {
    let sections: [(&Shape, &str); 10] = [
        (&SCHEMA, "schemas"),
        (&RESPONSE, "responses"),
        (&PARAMETER, "parameters"),
        (&EXAMPLE, "examples"),
        (&REQUEST_BODY, "requestBodies"),
        (&HEADER, "headers"),
        (&SECURITY_SCHEME, "securitySchemes"),
        (&LINK, "links"),
        (&PATH_ITEM, "pathItems"),
        (&MEDIA_TYPE, "mediaTypes"),
    ];
    sections.into_iter().find(|(known, _)| std::ptr::eq(shape, *known)).map(|(_, section)| section)
}

fn unknown_key(entry: &Entry, shape: &Shape, walk: &mut Walk<'_, '_>) {
    let key = entry.key.as_str();
    let known = shape.members.iter().filter(|(_, presence, _)| presence.is_known_in(walk.version));
    let near = did_you_mean(key, known.map(|(name, ..)| *name));
    let other_version = shape.members.iter().find(|(name, ..)| *name == key).map(|(_, presence, _)| *presence);
    let hint = if key == "<<" {
        "YAML merge keys are not read; write the members out or use a $ref".to_owned()
    } else if let Some(Since(first)) = other_version {
        format!("`{key}` came with OpenAPI {first}; this is a {} document", walk.version)
    } else if let (Some(Until(last)), "nullable") = (other_version, key) {
        format!("it went after OpenAPI {last}, and is read as it was meant there; write `type: [string, 'null']`")
    } else if let Some(Until(last)) = other_version {
        format!("`{key}` went after OpenAPI {last}; this is a {} document", walk.version)
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
        let hint = "write a media type such as application/json; is the indentation right?";
        walk.problems.report("media-type-format", entry.at, message, hint);
        return;
    }
    let is_reference = walk.version >= Version::V3_2;
    let want = if is_reference { OrReference(&MEDIA_TYPE) } else { Object(&MEDIA_TYPE) };
    value(&entry.value, &want, &entry.key, walk);
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

/// What YAML 1.1 reads as a boolean and YAML 1.2 as a string.
fn is_yaml_11_flag(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str())
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

fn article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U', 'X', 'x']) { "an" } else { "a" };
    format!("{article} {name}")
}
