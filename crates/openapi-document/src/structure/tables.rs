//! The members of each object of OpenAPI 3.0, and of the extensions that this crate reads.
//!
//! Source: OpenAPI Specification 3.0.3, section "Schema". One table per object, one check for all of them, so that a
//! misspelt key is found at its own line and not three layers further down in a deserialiser.

/// What a value has to be.
pub(super) enum Want {
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

pub(super) struct Shape {
    /// As the specification calls it.
    pub(super) name: &'static str,
    pub(super) members: &'static [(&'static str, Presence, Want)],
}

#[derive(PartialEq)]
pub(super) enum Presence {
    Required,
    Optional,
}
use Presence::{Optional, Required};
use Want::{
    Anything, Callback, Content, Count, Flag, List, Named, Number, Object, OneOf, OrReference, Paths, Responses,
    SchemaOrFlag, Text,
};

pub(super) static DOCUMENT: Shape = Shape {
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
pub(super) static LIFECYCLE: Shape = Shape {
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

pub(super) static LOOK: Shape = Shape {
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

pub(super) static STATE: Shape = Shape {
    name: "state of x-lifecycle",
    members: &[
        ("status", Optional, Text),
        ("source", Optional, OneOf(&["page", "reference"])),
        ("description", Optional, Text),
    ],
};

pub(super) static TRANSITION: Shape = Shape {
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

pub(super) static GIVEN: Shape =
    Shape { name: "given of x-lifecycle", members: &[("state", Required, Anything), ("with", Optional, List(&Text))] };

pub(super) static INFO: Shape = Shape {
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

pub(super) static CONTACT: Shape = Shape {
    name: "Contact Object",
    members: &[("name", Optional, Text), ("url", Optional, Text), ("email", Optional, Text)],
};

pub(super) static LICENSE: Shape =
    Shape { name: "License Object", members: &[("name", Required, Text), ("url", Optional, Text)] };

pub(super) static SERVER: Shape = Shape {
    name: "Server Object",
    members: &[
        ("url", Required, Text),
        ("description", Optional, Text),
        ("variables", Optional, Named(&Object(&SERVER_VARIABLE))),
    ],
};

pub(super) static SERVER_VARIABLE: Shape = Shape {
    name: "Server Variable Object",
    members: &[("enum", Optional, List(&Text)), ("default", Required, Text), ("description", Optional, Text)],
};

pub(super) static COMPONENTS: Shape = Shape {
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

pub(super) static PATH_ITEM: Shape = Shape {
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

pub(super) static OPERATION: Shape = Shape {
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
        ("x-rust-doc", Optional, Text),
    ],
};

pub(super) static EXTERNAL_DOCS: Shape = Shape {
    name: "External Documentation Object",
    members: &[("description", Optional, Text), ("url", Required, Text)],
};

pub(super) static PARAMETER: Shape = Shape {
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

pub(super) static HEADER: Shape = Shape {
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

pub(super) static REQUEST_BODY: Shape = Shape {
    name: "Request Body Object",
    members: &[("description", Optional, Text), ("content", Required, Content), ("required", Optional, Flag)],
};

pub(super) static MEDIA_TYPE: Shape = Shape {
    name: "Media Type Object",
    members: &[
        ("schema", Optional, OrReference(&SCHEMA)),
        ("example", Optional, Anything),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("encoding", Optional, Named(&Object(&ENCODING))),
    ],
};

pub(super) static ENCODING: Shape = Shape {
    name: "Encoding Object",
    members: &[
        ("contentType", Optional, Text),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("style", Optional, OneOf(&["form", "spaceDelimited", "pipeDelimited", "deepObject"])),
        ("explode", Optional, Flag),
        ("allowReserved", Optional, Flag),
    ],
};

pub(super) static RESPONSE: Shape = Shape {
    name: "Response Object",
    members: &[
        ("description", Required, Text),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("content", Optional, Content),
        ("links", Optional, Named(&OrReference(&LINK))),
        ("x-body", Optional, OneOf(&["undocumented"])),
    ],
};

pub(super) static EXAMPLE: Shape = Shape {
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
pub(super) static SOURCE: Shape =
    Shape { name: "x-source", members: &[("document", Required, Text), ("section", Required, Text)] };

pub(super) static LINK: Shape = Shape {
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

pub(super) static TAG: Shape = Shape {
    name: "Tag Object",
    members: &[
        ("name", Required, Text),
        ("description", Optional, Text),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
    ],
};

pub(super) static SCHEMA: Shape = Shape {
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

pub(super) static DISCRIMINATOR: Shape = Shape {
    name: "Discriminator Object",
    members: &[("propertyName", Required, Text), ("mapping", Optional, Named(&Text))],
};

pub(super) static XML: Shape = Shape {
    name: "XML Object",
    members: &[
        ("name", Optional, Text),
        ("namespace", Optional, Text),
        ("prefix", Optional, Text),
        ("attribute", Optional, Flag),
        ("wrapped", Optional, Flag),
    ],
};

pub(super) static SECURITY_SCHEME: Shape = Shape {
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
