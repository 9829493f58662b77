//! The shape of an OpenAPI 3.0 document: which members each object may have, must have, and of which kind.
//!
//! Source: OpenAPI Specification 3.0.3, section "Schema". One table per object, one check for all of them, so that a
//! misspelt key is found at its own line and not three layers further down in a deserialiser.

use crate::diagnostic::{At, Diagnostics, did_you_mean};
use crate::node::{Data, Entry, Node};

/// Reports every place where the document is not of the shape OpenAPI 3.0 gives it, and returns what stands where:
/// only a walk that knows the shape can tell a `$ref` from example data that has a member of that name.
pub(crate) fn check<'d>(root: &'d Node, problems: &mut Diagnostics) -> Survey<'d> {
    let mut walk = Walk { problems, survey: Survey::default() };
    object(root, &DOCUMENT, &mut walk);
    walk.survey
}

/// What a walk through a document came by.
#[derive(Default)]
pub(crate) struct Survey<'d> {
    pub(crate) references: Vec<Reference<'d>>,
    /// Schemas with a `default` or an `example` of their own.
    pub(crate) schemas: Vec<&'d Node>,
    /// Schemas with a lower limit.
    pub(crate) limited: Vec<&'d Node>,
    /// Regular expressions.
    pub(crate) patterns: Vec<&'d Node>,
    /// Media types, parameters and headers: what has a schema and examples side by side.
    pub(crate) carriers: Vec<&'d Node>,
}

pub(crate) struct Reference<'d> {
    pub(crate) text: &'d str,
    pub(crate) at: At,
    /// The section of `components` in which such an object is kept; none for path items.
    pub(crate) section: Option<&'static str>,
}

struct Walk<'d, 'p> {
    problems: &'p mut Diagnostics,
    survey: Survey<'d>,
}

/// What a value has to be.
enum Want {
    Anything,
    Text,
    Flag,
    Number,
    /// A whole number, zero or more.
    Count,
    OneOf(&'static [&'static str]),
    Object(&'static Shape),
    /// The object, or a Reference Object in its place.
    OrReference(&'static Shape),
    /// A schema (or a reference to one) or a boolean.
    SchemaOrFlag,
    List(&'static Want),
    /// A mapping with names of the author's choice.
    Named(&'static Want),
    /// A mapping whose keys are media types.
    Content,
    /// A mapping whose keys are paths.
    Paths,
    /// A mapping whose keys are status codes, ranges or `default`.
    Responses,
    /// A mapping whose keys are runtime expressions and whose values are path items.
    Callback,
}

struct Shape {
    /// As the specification calls it.
    name: &'static str,
    members: &'static [(&'static str, Presence, Want)],
}

#[derive(PartialEq)]
enum Presence {
    Required,
    Optional,
}
use Presence::{Optional, Required};
use Want::{
    Anything, Callback, Content, Count, Flag, List, Named, Number, Object, OneOf, OrReference, Paths, Responses,
    SchemaOrFlag, Text,
};

static DOCUMENT: Shape = Shape {
    name: "OpenAPI Object",
    members: &[
        ("openapi", Required, Text),
        ("info", Required, Object(&INFO)),
        ("servers", Optional, List(&Object(&SERVER))),
        ("paths", Required, Paths),
        ("components", Optional, Object(&COMPONENTS)),
        ("security", Optional, List(&Named(&List(&Text)))),
        ("tags", Optional, List(&Object(&TAG))),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
        ("x-lifecycle", Optional, Object(&LIFECYCLE)),
    ],
};

/// Ours: the states of a resource, and what leads from one to another.
static LIFECYCLE: Shape = Shape {
    name: "x-lifecycle",
    members: &[
        ("resource", Optional, Text),
        ("identifier", Optional, Text),
        ("states", Required, Named(&Object(&STATE))),
        ("operations", Optional, Named(&Object(&TRANSITION))),
        ("automatic", Optional, List(&Object(&TRANSITION))),
        ("givens", Optional, Named(&Object(&GIVEN))),
        ("look", Optional, Object(&LOOK)),
        ("job", Optional, Object(&LOOK)),
    ],
};

static LOOK: Shape = Shape {
    name: "look of x-lifecycle",
    members: &[
        ("paths", Required, List(&Text)),
        ("status", Required, Text),
        ("identifier", Optional, Text),
        ("answered", Optional, List(&Text)),
        ("succeeded", Optional, List(&Text)),
        ("failed", Optional, List(&Text)),
    ],
};

static STATE: Shape = Shape {
    name: "state of x-lifecycle",
    members: &[
        ("status", Optional, Text),
        ("source", Optional, OneOf(&["page", "reference"])),
        ("description", Optional, Text),
    ],
};

static TRANSITION: Shape = Shape {
    name: "transition of x-lifecycle",
    members: &[
        ("from", Optional, Anything),
        ("after", Optional, Text),
        ("through", Optional, List(&Text)),
        ("to", Optional, Text),
        ("adds", Optional, List(&Text)),
        ("once", Optional, Flag),
    ],
};

static GIVEN: Shape =
    Shape { name: "given of x-lifecycle", members: &[("state", Required, Anything), ("with", Optional, List(&Text))] };

static INFO: Shape = Shape {
    name: "Info Object",
    members: &[
        ("title", Required, Text),
        ("description", Optional, Text),
        ("termsOfService", Optional, Text),
        ("contact", Optional, Object(&CONTACT)),
        ("license", Optional, Object(&LICENSE)),
        ("version", Required, Text),
    ],
};

static CONTACT: Shape = Shape {
    name: "Contact Object",
    members: &[("name", Optional, Text), ("url", Optional, Text), ("email", Optional, Text)],
};

static LICENSE: Shape = Shape { name: "License Object", members: &[("name", Required, Text), ("url", Optional, Text)] };

static SERVER: Shape = Shape {
    name: "Server Object",
    members: &[
        ("url", Required, Text),
        ("description", Optional, Text),
        ("variables", Optional, Named(&Object(&SERVER_VARIABLE))),
    ],
};

static SERVER_VARIABLE: Shape = Shape {
    name: "Server Variable Object",
    members: &[("enum", Optional, List(&Text)), ("default", Required, Text), ("description", Optional, Text)],
};

static COMPONENTS: Shape = Shape {
    name: "Components Object",
    members: &[
        ("schemas", Optional, Named(&OrReference(&SCHEMA))),
        ("responses", Optional, Named(&OrReference(&RESPONSE))),
        ("parameters", Optional, Named(&OrReference(&PARAMETER))),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("requestBodies", Optional, Named(&OrReference(&REQUEST_BODY))),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("securitySchemes", Optional, Named(&OrReference(&SECURITY_SCHEME))),
        ("links", Optional, Named(&OrReference(&LINK))),
        ("callbacks", Optional, Named(&Callback)),
    ],
};

static PATH_ITEM: Shape = Shape {
    name: "Path Item Object",
    members: &[
        ("$ref", Optional, Text),
        ("summary", Optional, Text),
        ("description", Optional, Text),
        ("get", Optional, Object(&OPERATION)),
        ("put", Optional, Object(&OPERATION)),
        ("post", Optional, Object(&OPERATION)),
        ("delete", Optional, Object(&OPERATION)),
        ("options", Optional, Object(&OPERATION)),
        ("head", Optional, Object(&OPERATION)),
        ("patch", Optional, Object(&OPERATION)),
        ("trace", Optional, Object(&OPERATION)),
        ("servers", Optional, List(&Object(&SERVER))),
        ("parameters", Optional, List(&OrReference(&PARAMETER))),
    ],
};

static OPERATION: Shape = Shape {
    name: "Operation Object",
    members: &[
        ("tags", Optional, List(&Text)),
        ("summary", Optional, Text),
        ("description", Optional, Text),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
        ("operationId", Optional, Text),
        ("parameters", Optional, List(&OrReference(&PARAMETER))),
        ("requestBody", Optional, OrReference(&REQUEST_BODY)),
        ("responses", Required, Responses),
        ("callbacks", Optional, Named(&Callback)),
        ("deprecated", Optional, Flag),
        ("security", Optional, List(&Named(&List(&Text)))),
        ("servers", Optional, List(&Object(&SERVER))),
    ],
};

static EXTERNAL_DOCS: Shape = Shape {
    name: "External Documentation Object",
    members: &[("description", Optional, Text), ("url", Required, Text)],
};

static PARAMETER: Shape = Shape {
    name: "Parameter Object",
    members: &[
        ("name", Required, Text),
        ("in", Required, OneOf(&["query", "header", "path", "cookie"])),
        ("description", Optional, Text),
        ("required", Optional, Flag),
        ("deprecated", Optional, Flag),
        ("allowEmptyValue", Optional, Flag),
        (
            "style",
            Optional,
            OneOf(&["matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject"]),
        ),
        ("explode", Optional, Flag),
        ("allowReserved", Optional, Flag),
        ("schema", Optional, OrReference(&SCHEMA)),
        ("example", Optional, Anything),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("content", Optional, Content),
    ],
};

static HEADER: Shape = Shape {
    name: "Header Object",
    members: &[
        ("description", Optional, Text),
        ("required", Optional, Flag),
        ("deprecated", Optional, Flag),
        ("allowEmptyValue", Optional, Flag),
        ("style", Optional, OneOf(&["simple"])),
        ("explode", Optional, Flag),
        ("allowReserved", Optional, Flag),
        ("schema", Optional, OrReference(&SCHEMA)),
        ("example", Optional, Anything),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("content", Optional, Content),
    ],
};

static REQUEST_BODY: Shape = Shape {
    name: "Request Body Object",
    members: &[("description", Optional, Text), ("content", Required, Content), ("required", Optional, Flag)],
};

static MEDIA_TYPE: Shape = Shape {
    name: "Media Type Object",
    members: &[
        ("schema", Optional, OrReference(&SCHEMA)),
        ("example", Optional, Anything),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("encoding", Optional, Named(&Object(&ENCODING))),
    ],
};

static ENCODING: Shape = Shape {
    name: "Encoding Object",
    members: &[
        ("contentType", Optional, Text),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("style", Optional, OneOf(&["form", "spaceDelimited", "pipeDelimited", "deepObject"])),
        ("explode", Optional, Flag),
        ("allowReserved", Optional, Flag),
    ],
};

static RESPONSE: Shape = Shape {
    name: "Response Object",
    members: &[
        ("description", Required, Text),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("content", Optional, Content),
        ("links", Optional, Named(&OrReference(&LINK))),
        ("x-body", Optional, OneOf(&["undocumented"])),
    ],
};

static EXAMPLE: Shape = Shape {
    name: "Example Object",
    members: &[
        ("summary", Optional, Text),
        ("description", Optional, Text),
        ("value", Optional, Anything),
        ("externalValue", Optional, Text),
        ("x-given", Optional, Text),
        ("x-source", Optional, Object(&SOURCE)),
    ],
};

/// Ours: where an example is documented.
static SOURCE: Shape =
    Shape { name: "x-source", members: &[("document", Required, Text), ("section", Required, Text)] };

static LINK: Shape = Shape {
    name: "Link Object",
    members: &[
        ("operationRef", Optional, Text),
        ("operationId", Optional, Text),
        ("parameters", Optional, Named(&Anything)),
        ("requestBody", Optional, Anything),
        ("description", Optional, Text),
        ("server", Optional, Object(&SERVER)),
    ],
};

static TAG: Shape = Shape {
    name: "Tag Object",
    members: &[
        ("name", Required, Text),
        ("description", Optional, Text),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
    ],
};

static SCHEMA: Shape = Shape {
    name: "Schema Object",
    members: &[
        ("title", Optional, Text),
        ("multipleOf", Optional, Number),
        ("maximum", Optional, Number),
        ("exclusiveMaximum", Optional, Flag),
        ("minimum", Optional, Number),
        ("exclusiveMinimum", Optional, Flag),
        ("maxLength", Optional, Count),
        ("minLength", Optional, Count),
        ("pattern", Optional, Text),
        ("maxItems", Optional, Count),
        ("minItems", Optional, Count),
        ("uniqueItems", Optional, Flag),
        ("maxProperties", Optional, Count),
        ("minProperties", Optional, Count),
        ("required", Optional, List(&Text)),
        ("enum", Optional, List(&Anything)),
        ("type", Optional, OneOf(&["array", "boolean", "integer", "number", "object", "string"])),
        ("not", Optional, OrReference(&SCHEMA)),
        ("allOf", Optional, List(&OrReference(&SCHEMA))),
        ("oneOf", Optional, List(&OrReference(&SCHEMA))),
        ("anyOf", Optional, List(&OrReference(&SCHEMA))),
        ("items", Optional, OrReference(&SCHEMA)),
        ("properties", Optional, Named(&OrReference(&SCHEMA))),
        ("additionalProperties", Optional, SchemaOrFlag),
        ("description", Optional, Text),
        ("format", Optional, Text),
        ("default", Optional, Anything),
        ("nullable", Optional, Flag),
        ("discriminator", Optional, Object(&DISCRIMINATOR)),
        ("readOnly", Optional, Flag),
        ("writeOnly", Optional, Flag),
        ("example", Optional, Anything),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
        ("deprecated", Optional, Flag),
        ("xml", Optional, Object(&XML)),
        ("x-match", Optional, OneOf(&["equal", "id"])),
        ("x-present-on", Optional, OneOf(&["success", "failure"])),
    ],
};

static DISCRIMINATOR: Shape = Shape {
    name: "Discriminator Object",
    members: &[("propertyName", Required, Text), ("mapping", Optional, Named(&Text))],
};

static XML: Shape = Shape {
    name: "XML Object",
    members: &[
        ("name", Optional, Text),
        ("namespace", Optional, Text),
        ("prefix", Optional, Text),
        ("attribute", Optional, Flag),
        ("wrapped", Optional, Flag),
    ],
};

static SECURITY_SCHEME: Shape = Shape {
    name: "Security Scheme Object",
    members: &[
        ("type", Required, OneOf(&["apiKey", "http", "oauth2", "openIdConnect"])),
        ("description", Optional, Text),
        ("name", Optional, Text),
        ("in", Optional, OneOf(&["query", "header", "cookie"])),
        ("scheme", Optional, Text),
        ("bearerFormat", Optional, Text),
        ("flows", Optional, Anything),
        ("openIdConnectUrl", Optional, Text),
    ],
};

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

pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

fn article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U', 'X', 'x']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// Says that the document is of a version this crate does not read, or nothing.
pub(crate) fn check_version(root: &Node, problems: &mut Diagnostics) {
    const HINT: &str = "convert the document to OpenAPI 3.0.3, or write `openapi: 3.0.3` if that is what it is";
    let at = At { line: 1, column: 1 };
    match root.get("openapi") {
        _ if root.as_map().is_none() => {
            let message = format!("a document is a mapping, found {}", root.describe());
            problems.report("openapi-version", root.at, message, "begin with `openapi: 3.0.3`");
        }
        None if root.get("swagger").is_some() => {
            let found = root.key_at("swagger");
            problems.report("openapi-version", found, "this is a Swagger 2.0 document, and OpenAPI 3.0 is read", HINT);
        }
        None => problems.report("openapi-version", at, "the document has no `openapi` version", HINT),
        Some(version) => match version.as_text() {
            Some(text) if text == "3.0" || text.starts_with("3.0.") => {}
            Some(text) => {
                let message = format!("this is an OpenAPI {text} document, and 3.0 is read");
                problems.report("openapi-version", version.at, message, HINT);
            }
            None => {
                let message = format!("`openapi` must be a string such as 3.0.3, found {}", version.describe());
                problems.report("openapi-version", version.at, message, HINT);
            }
        },
    }
}
