//! The members of each object of OpenAPI 3.0, 3.1 and 3.2, and of the extensions that this crate reads.
//!
//! Source: OpenAPI Specification 3.0.3, 3.1.1 and 3.2.0, section "Schema"; JSON Schema 2020-12, core and validation. One
//! table per object, one check for all of them, so that a misspelt key is found at its own line and not three layers
//! further down in a deserialiser.

use super::version::Version::{self, V3_0, V3_1, V3_2};

/// What a value has to be.
pub(super) enum Want {
    Anything,
    Text,
    Flag,
    Number,
    /// A whole number, zero or more.
    Count,
    OneOf(&'static [&'static str]),
    /// One word, or a list of them.
    OneOrMore(&'static [&'static str]),
    Object(&'static Shape),
    /// The object, or a Reference Object in its place.
    OrReference(&'static Shape),
    /// A schema (or a reference to one) or a boolean.
    SchemaOrFlag,
    /// The name of a schema, or a reference to one.
    SchemaName,
    /// The value is checked, and a warning says that nothing is made of it.
    Unused(&'static Want),
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

/// When an object has a member.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Presence {
    /// Without it, the object means nothing.
    Required,
    /// The specification requires it; without it, the object still means something.
    Expected,
    /// Expected up to this version, optional later.
    ExpectedUntil(Version),
    Optional,
    /// Unknown before this version.
    Since(Version),
    /// Unknown after this version.
    Until(Version),
}
use Presence::{Expected, ExpectedUntil, Optional, Required, Since, Until};

impl Presence {
    pub(super) fn is_known_in(self, version: Version) -> bool {
        match self {
            Since(first) => version >= first,
            Until(last) => version <= last,
            _ => true,
        }
    }
}

impl Shape {
    /// The member of this name, if the version has it: the first row that fits.
    pub(super) fn member(&self, name: &str, version: Version) -> Option<&'static (&'static str, Presence, Want)> {
        self.members.iter().find(|(known, presence, _)| *known == name && presence.is_known_in(version))
    }
}
use Want::{
    Anything, Callback, Content, Count, Flag, List, Named, Number, Object, OneOf, OneOrMore, OrReference, Paths,
    Responses, SchemaName, SchemaOrFlag, Text, Unused,
};

pub(super) static DOCUMENT: Shape = Shape {
    name: "OpenAPI Object",
    members: &[
        ("openapi", Expected, Text),
        ("info", Expected, Object(&INFO)),
        ("servers", Optional, List(&Object(&SERVER))),
        ("paths", ExpectedUntil(V3_0), Paths),
        ("webhooks", Since(V3_1), Named(&OrReference(&PATH_ITEM))),
        ("jsonSchemaDialect", Since(V3_1), Text),
        ("$self", Since(V3_2), Unused(&Text)),
        ("components", Optional, Object(&COMPONENTS)),
        ("security", Optional, List(&Named(&List(&Text)))),
        ("tags", Optional, List(&Object(&TAG))),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
        ("x-lifecycle", Optional, Object(&LIFECYCLE)),
        ("x-givens", Optional, Named(&Anything)),
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
        ("to", Optional, Anything),
        ("adds", Optional, List(&Text)),
        ("once", Optional, Flag),
    ],
};

pub(super) static GIVEN: Shape =
    Shape { name: "given of x-lifecycle", members: &[("state", Required, Anything), ("with", Optional, List(&Text))] };

pub(super) static INFO: Shape = Shape {
    name: "Info Object",
    members: &[
        ("title", Expected, Text),
        ("summary", Since(V3_1), Text),
        ("description", Optional, Text),
        ("termsOfService", Optional, Text),
        ("contact", Optional, Object(&CONTACT)),
        ("license", Optional, Object(&LICENSE)),
        ("version", Expected, Text),
    ],
};

pub(super) static CONTACT: Shape = Shape {
    name: "Contact Object",
    members: &[("name", Optional, Text), ("url", Optional, Text), ("email", Optional, Text)],
};

pub(super) static LICENSE: Shape = Shape {
    name: "License Object",
    members: &[("name", Expected, Text), ("identifier", Since(V3_1), Text), ("url", Optional, Text)],
};

pub(super) static SERVER: Shape = Shape {
    name: "Server Object",
    members: &[
        ("url", Expected, Text),
        ("name", Since(V3_2), Text),
        ("description", Optional, Text),
        ("variables", Optional, Named(&Object(&SERVER_VARIABLE))),
    ],
};

pub(super) static SERVER_VARIABLE: Shape = Shape {
    name: "Server Variable Object",
    members: &[("enum", Optional, List(&Text)), ("default", Expected, Text), ("description", Optional, Text)],
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
        ("pathItems", Since(V3_1), Named(&OrReference(&PATH_ITEM))),
        ("mediaTypes", Since(V3_2), Named(&OrReference(&MEDIA_TYPE))),
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
        ("query", Since(V3_2), Unused(&Object(&OPERATION))),
        ("additionalOperations", Since(V3_2), Unused(&Named(&Object(&OPERATION)))),
        ("servers", Optional, List(&Object(&SERVER))),
        ("parameters", Optional, List(&OrReference(&PARAMETER))),
        ("x-methods-elsewhere", Optional, List(&OneOf(&["get", "post", "put", "patch", "delete"]))),
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
        ("responses", ExpectedUntil(V3_0), Responses),
        ("callbacks", Optional, Named(&Callback)),
        ("deprecated", Optional, Flag),
        ("security", Optional, List(&Named(&List(&Text)))),
        ("servers", Optional, List(&Object(&SERVER))),
        ("x-rust-doc", Optional, Text),
        ("x-cleanup", Optional, Anything),
    ],
};

pub(super) static EXTERNAL_DOCS: Shape = Shape {
    name: "External Documentation Object",
    members: &[("description", Optional, Text), ("url", Expected, Text)],
};

pub(super) static PARAMETER: Shape = Shape {
    name: "Parameter Object",
    members: &[
        ("name", Required, Text),
        ("in", Since(V3_2), OneOf(&["query", "querystring", "header", "path", "cookie"])),
        ("in", Required, OneOf(&["query", "header", "path", "cookie"])),
        ("description", Optional, Text),
        ("required", Optional, Flag),
        ("deprecated", Optional, Flag),
        ("allowEmptyValue", Optional, Flag),
        (
            "style",
            Until(V3_1),
            OneOf(&["matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject"]),
        ),
        (
            "style",
            Since(V3_2),
            OneOf(&["matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "cookie"]),
        ),
        ("explode", Optional, Flag),
        ("allowReserved", Optional, Flag),
        ("schema", Optional, OrReference(&SCHEMA)),
        ("example", Optional, Anything),
        ("examples", Optional, Named(&OrReference(&EXAMPLE))),
        ("x-unique", Optional, Flag),
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
        ("itemSchema", Since(V3_2), Unused(&OrReference(&SCHEMA))),
        ("prefixEncoding", Since(V3_2), Unused(&List(&Object(&ENCODING)))),
        ("itemEncoding", Since(V3_2), Unused(&Object(&ENCODING))),
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
        ("encoding", Since(V3_2), Unused(&Named(&Object(&ENCODING)))),
        ("prefixEncoding", Since(V3_2), Unused(&List(&Object(&ENCODING)))),
        ("itemEncoding", Since(V3_2), Unused(&Object(&ENCODING))),
    ],
};

pub(super) static RESPONSE: Shape = Shape {
    name: "Response Object",
    members: &[
        ("summary", Since(V3_2), Text),
        ("description", ExpectedUntil(V3_1), Text),
        ("headers", Optional, Named(&OrReference(&HEADER))),
        ("content", Optional, Content),
        ("links", Optional, Named(&OrReference(&LINK))),
        ("x-body", Optional, OneOf(&["undocumented"])),
        ("x-given", Optional, Anything),
        ("x-source", Optional, Object(&SOURCE)),
    ],
};

pub(super) static EXAMPLE: Shape = Shape {
    name: "Example Object",
    members: &[
        ("summary", Optional, Text),
        ("description", Optional, Text),
        ("value", Optional, Anything),
        ("dataValue", Since(V3_2), Unused(&Anything)),
        ("serializedValue", Since(V3_2), Unused(&Text)),
        ("externalValue", Optional, Text),
        ("x-given", Optional, Anything),
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
        ("name", Expected, Text),
        ("summary", Since(V3_2), Text),
        ("parent", Since(V3_2), Text),
        ("kind", Since(V3_2), Text),
        ("description", Optional, Text),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
    ],
};

pub(super) static SCHEMA: Shape = Shape {
    name: "Schema Object",
    members: &[
        ("$ref", Since(V3_1), Text),
        ("$schema", Since(V3_1), Text),
        ("$id", Since(V3_1), Text),
        ("$anchor", Since(V3_1), Text),
        ("$dynamicRef", Since(V3_1), Text),
        ("$dynamicAnchor", Since(V3_1), Text),
        ("$vocabulary", Since(V3_1), Named(&Flag)),
        ("$comment", Since(V3_1), Text),
        ("$defs", Since(V3_1), Named(&OrReference(&SCHEMA))),
        ("title", Optional, Text),
        ("multipleOf", Optional, Number),
        ("maximum", Optional, Number),
        ("exclusiveMaximum", Until(V3_0), Flag),
        ("exclusiveMaximum", Since(V3_1), Number),
        ("minimum", Optional, Number),
        ("exclusiveMinimum", Until(V3_0), Flag),
        ("exclusiveMinimum", Since(V3_1), Number),
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
        ("const", Since(V3_1), Anything),
        ("type", Until(V3_0), OneOf(&["array", "boolean", "integer", "number", "object", "string"])),
        ("type", Since(V3_1), OneOrMore(&["array", "boolean", "integer", "null", "number", "object", "string"])),
        ("if", Since(V3_1), OrReference(&SCHEMA)),
        ("then", Since(V3_1), OrReference(&SCHEMA)),
        ("else", Since(V3_1), OrReference(&SCHEMA)),
        ("dependentRequired", Since(V3_1), Named(&List(&Text))),
        ("dependentSchemas", Since(V3_1), Named(&OrReference(&SCHEMA))),
        ("prefixItems", Since(V3_1), List(&OrReference(&SCHEMA))),
        ("contains", Since(V3_1), OrReference(&SCHEMA)),
        ("maxContains", Since(V3_1), Count),
        ("minContains", Since(V3_1), Count),
        ("patternProperties", Since(V3_1), Named(&OrReference(&SCHEMA))),
        ("propertyNames", Since(V3_1), OrReference(&SCHEMA)),
        ("unevaluatedItems", Since(V3_1), OrReference(&SCHEMA)),
        ("unevaluatedProperties", Since(V3_1), OrReference(&SCHEMA)),
        ("contentEncoding", Since(V3_1), Text),
        ("contentMediaType", Since(V3_1), Text),
        ("contentSchema", Since(V3_1), OrReference(&SCHEMA)),
        ("examples", Since(V3_1), List(&Anything)),
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
        ("nullable", Until(V3_0), Flag),
        ("discriminator", Optional, Object(&DISCRIMINATOR)),
        ("readOnly", Optional, Flag),
        ("writeOnly", Optional, Flag),
        ("example", Optional, Anything),
        ("externalDocs", Optional, Object(&EXTERNAL_DOCS)),
        ("deprecated", Optional, Flag),
        ("xml", Optional, Object(&XML)),
        ("x-unique", Optional, Flag),
        ("x-match", Optional, OneOf(&["equal", "id"])),
        ("x-present-on", Optional, OneOf(&["success", "failure"])),
    ],
};

pub(super) static DISCRIMINATOR: Shape = Shape {
    name: "Discriminator Object",
    members: &[
        ("propertyName", Expected, Text),
        ("mapping", Optional, Named(&SchemaName)),
        ("defaultMapping", Since(V3_2), SchemaName),
    ],
};

pub(super) static XML: Shape = Shape {
    name: "XML Object",
    members: &[
        ("name", Optional, Text),
        ("namespace", Optional, Text),
        ("prefix", Optional, Text),
        ("attribute", Optional, Flag),
        ("wrapped", Optional, Flag),
        ("nodeType", Since(V3_2), OneOf(&["element", "attribute", "text", "cdata", "none"])),
    ],
};

pub(super) static SECURITY_SCHEME: Shape = Shape {
    name: "Security Scheme Object",
    members: &[
        ("type", Since(V3_1), OneOf(&["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"])),
        ("type", Expected, OneOf(&["apiKey", "http", "oauth2", "openIdConnect"])),
        ("description", Optional, Text),
        ("name", Optional, Text),
        ("in", Optional, OneOf(&["query", "header", "cookie"])),
        ("scheme", Optional, Text),
        ("bearerFormat", Optional, Text),
        ("flows", Optional, Anything),
        ("openIdConnectUrl", Optional, Text),
        ("oauth2MetadataUrl", Since(V3_2), Text),
        ("deprecated", Since(V3_2), Flag),
        ("x-token", Optional, Flag),
    ],
};
