//! A case: a documented request, the state it is made in, and the reply that the document promises.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use self::altered::{Altered, Instead};
pub use self::wire::Wire;

mod altered;
mod wire;

mod response;

pub(crate) use response::of_status;
pub use response::{Header, Media, Response, Rule};

/// A request, the state it is made in, and the reply that the document promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `operation_id/example_name`, for instance `launch_rocket/not_fuelled`. Never changes with a description.
    pub id: String,
    /// The `operationId`.
    pub operation: String,
    /// What the case comes from.
    #[serde(default, skip_serializing_if = "Kind::is_documented")]
    pub kind: Kind,
    /// The provider state the exchange was documented in (`x-given`), if the document names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Where the exchange is documented (`x-source`), if the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What to send.
    pub request: Request,
    /// What the document promises in return.
    pub expected: Expected,
}

impl Case {
    pub(crate) fn problems(&self) -> impl Iterator<Item = String> {
        let request = &self.request;
        let rules = self.expected.body.iter().flat_map(|body| body.rules.keys());
        let no_pointers = rules.filter(|pointer| !pointer.is_empty() && !pointer.starts_with('/'));
        [
            self.id.is_empty().then(|| "the id is empty".to_owned()),
            (request.method.is_empty() || !request.method.bytes().all(|byte| byte.is_ascii_uppercase()))
                .then(|| format!("`{}` is not a method in upper case", request.method)),
            (!request.path.starts_with('/') || request.path.contains(['?', '#']))
                .then(|| format!("`{}` is not a path without query and fragment", request.path)),
            (!(100..1000).contains(&self.expected.status))
                .then(|| format!("{} is not an HTTP status", self.expected.status)),
        ]
        .into_iter()
        .flatten()
        .chain(no_pointers.map(|pointer| format!("the rule for `{pointer}` is not under a JSON pointer")))
    }
}

/// What a case comes from, and what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Kind {
    /// An example of the document.
    #[default]
    Documented,
    /// An example that its own schema refuses. Nothing is sent: whichever of the two a server keeps, it breaks the other.
    Contradiction {
        /// The place in the document, and what contradicts what, in words.
        reason: String,
    },
    /// An operation without a response example: the reply is judged by status, media type and schema.
    Described,
    /// A documented request that breaks one documented constraint, and so must be refused.
    Derived {
        /// The constraint and how it is broken, in words: `the query parameter "action" is left out`.
        breaks: String,
        /// Every refusal will do (4xx, 501): the document leaves open which one it is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        any_refusal: bool,
    },
    /// A documented request that succeeds, changed or written in a way that the document permits, and so must succeed.
    Permitted {
        /// What is permitted, in words: `the optional member "note" is left out`.
        allows: String,
    },
    /// A documented effect: requests that change something, then one whose reply shows what they did. The request of
    /// the case is the last of them.
    Journey {
        /// The effect, in words: `after land_rocket the rocket is on the ground`.
        shows: String,
        /// The cases whose requests come before, in this order, on the same thing; each must be answered as it is
        /// documented.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        after: Vec<String>,
        /// The case also looks at the whole run: no two replies may give the same new identifier ([`Rule::Id`]).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unique: bool,
        /// How the request of the case is sent.
        #[serde(default, skip_serializing_if = "Sending::is_once")]
        sent: Sending,
        /// The state that the resource is in afterwards. It is looked up where a status is served.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<String>,
        /// The identifiers that the first step answers are used: those of later steps do not replace them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        older: bool,
    },
}

/// How the request of a journey is sent, after its steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sending {
    /// Once, to the resource of its steps.
    #[default]
    Once,
    /// Once, to a second resource in the same state; the steps go to the first.
    Second,
    /// Twice at the same time, to one resource.
    Twice,
    /// At the same time to two resources in the same state.
    Both,
    /// As a status request for a resource that does not exist, after one for a resource that does.
    Resource,
    /// As a status request for a job that does not exist, after one for a job that does.
    Job,
}

impl Sending {
    /// Once, to the resource of its steps.
    pub fn is_once(&self) -> bool {
        *self == Self::Once
    }
}

impl Kind {
    /// One word: `documented`, `described`, `permitted`, `derived` or `journey`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Documented | Self::Contradiction { .. } => "documented",
            Self::Described => "described",
            Self::Permitted { .. } => "permitted",
            Self::Derived { .. } => "derived",
            Self::Journey { .. } => "journey",
        }
    }

    /// What a permitted case is about, a derived case breaks, or a journey shows.
    pub fn about(&self) -> Option<&str> {
        match self {
            Self::Documented => None,
            Self::Described => Some("no response example: status, media type and schema are compared"),
            Self::Contradiction { reason } => Some(reason),
            Self::Permitted { allows } => Some(allows),
            Self::Derived { breaks, .. } => Some(breaks),
            Self::Journey { shows, .. } => Some(shows),
        }
    }

    /// Whether a reply with this status refuses what a derived case broke, whichever status is documented for it.
    pub fn is_refused_with(&self, status: u16) -> bool {
        // Source: RFC 9110, section 15.6.2: 501 is the answer to a method that no resource has.
        matches!(self, Self::Derived { any_refusal: true, .. }) && ((400..500).contains(&status) || status == 501)
    }

    /// The cases whose requests come before the case's own.
    pub fn steps(&self) -> &[String] {
        match self {
            Self::Journey { after, .. } => after,
            _ => &[],
        }
    }

    /// How the request of the case is sent.
    pub fn sending(&self) -> Sending {
        match self {
            Self::Journey { sent, .. } => *sent,
            _ => Sending::Once,
        }
    }

    /// The case needs two resources in its state.
    pub fn needs_two(&self) -> bool {
        matches!(self.sending(), Sending::Second | Sending::Both)
    }

    /// The state that a journey leaves the resource in.
    pub fn ends(&self) -> Option<&str> {
        match self {
            Self::Journey { ends, .. } => ends.as_deref(),
            _ => None,
        }
    }

    /// The identifiers of the first step are used.
    pub fn is_older(&self) -> bool {
        matches!(self, Self::Journey { older: true, .. })
    }

    /// An example of the document.
    pub fn is_documented(&self) -> bool {
        *self == Self::Documented
    }
}

/// A place in the published documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the page.
    pub document: String,
    /// The section of that page.
    pub section: String,
}

/// A documented request. Values that only an endpoint can know are replaced before it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method, upper case.
    pub method: String,
    /// The path with its variables in braces, without query and without fragment.
    pub path: String,
    /// The values for path, query and header, in document order; constants of the operation included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Where the credential goes, if the operation asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// The body, if the documented request has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Other names of values: a value called KEY also fills the parameter or top-level body member called VALUE.
    /// Taken from the document's links (a `pad_id` that one operation answers is the `launch_pad_id` of another).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// Optional parameters that have an example and are not sent: an example shows how such a value is written, not
    /// that the documented reply is one to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsent: Vec<String>,
    /// The request is written in another way that means the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Wire>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The document has it.
    #[default]
    Documented,
    /// The document has none; it was made from the schema, and is sent.
    Made,
    /// It was made from the schema and could name something that exists: only a static mock is sent it, an endpoint
    /// gets the value that the user sets.
    Open,
}

impl Origin {
    /// The document has the value.
    pub fn is_documented(&self) -> bool {
        *self == Self::Documented
    }
}

/// One value outside the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name as it is on the wire.
    pub name: String,
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// The documented value, already serialised (not yet percent-encoded, unless [`Self::encoded`]).
    pub value: String,
    /// What stands before the value in a path: `;name=` in the style `matrix`, `.` in the style `label`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The value is percent-encoded already: its separators, or reserved characters, are sent as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encoded: bool,
    /// A constant tells operations apart (`action=launch`); nothing may replace it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub constant: bool,
    /// Whether the document has the value.
    #[serde(default, skip_serializing_if = "Origin::is_documented")]
    pub origin: Origin,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Into the path, in place of `{name}`.
    Path,
    /// Into the query string.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

impl Place {
    /// As a document writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// Where the value of a security scheme goes, and what may or must go with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What the document calls the security scheme.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scheme: String,
    /// The header's or query parameter's name.
    pub name: String,
    /// A header, a query parameter or a cookie.
    #[serde(rename = "in")]
    pub place: Place,
    /// What stands before the token in that header (`Bearer `), usually nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What goes there instead of the token: an invalid credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
    /// Only a value for this very scheme goes there, never the token: it is not known that a token is one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named_only: bool,
    /// Why no value of this scheme can be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// The credentials that are required together with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Credential>,
    /// The alternatives, each with what is required together with it, in the order of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<Credential>,
    /// The document allows requests without a credential as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The case is about this credential: without a value of it, nothing is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subject: bool,
}

impl Credential {
    /// The alternatives in the order of the document, this one first; each is what is required together.
    pub fn alternatives(&self) -> impl Iterator<Item = Vec<&Credential>> {
        std::iter::once(self).chain(&self.or).map(|first| std::iter::once(first).chain(&first.with).collect())
    }

    /// Every credential that a request may carry.
    pub fn all(&self) -> impl Iterator<Item = &Credential> {
        self.alternatives().flatten()
    }

    /// Whether a request may carry a credential under this name, which is that of a header, a parameter or a cookie.
    pub fn is_called(&self, name: &str) -> bool {
        self.all().any(|one| !one.name.is_empty() && one.name.eq_ignore_ascii_case(name))
    }
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The media type the document gives it.
    pub media_type: String,
    /// The documented value. A string under a media type that is not JSON is sent as it is.
    pub value: Value,
    /// The value is a string and sent as it is, whatever the media type: how a derived case sends what is no JSON.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
    /// Members that no value from elsewhere replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    /// There is no example: the value was composed from what the schema has (examples, defaults, enums).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub composed: bool,
    /// JSON pointer -> where the value comes from, for those that the document does not have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub made: BTreeMap<String, Origin>,
}

/// What the document promises about a reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The HTTP status.
    pub status: u16,
    /// Every status of the same class will do: the document has `2XX`, or `default`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub class: bool,
    /// Other documented statuses that will do: they say the same of a request that a derived case broke, or refuse
    /// values that were made. Their replies are judged by [`Expected::replies`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<u16>,
    /// Statuses that refuse such a request as well, although they are not documented for the operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fitting: Vec<u16>,
    /// Refusals that may have another reason than what the case is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ambiguous: Option<Ambiguous>,
    /// What the request presumes, and neither a call of the run nor a documented state gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presumes: Option<Presumed>,
    /// The media type and body, or nothing where the document describes no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<ExpectedBody>,
    /// `200`, `4XX` or `default` -> what the document says of such a reply beyond `body`: of the case's own status where
    /// there are headers or further media types, and of the other statuses that will do.
    /// Many cases have the same, which are there once.
    #[serde(default, with = "response::shared", skip_serializing_if = "BTreeMap::is_empty")]
    pub replies: BTreeMap<String, Arc<Response>>,
    /// JSON pointer -> a number of the example as it is written, where it is no `f64`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub written: BTreeMap<String, String>,
}

/// What a request that should succeed presumes. For want of it a right server refuses the request, and the reply tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presumed {
    /// Values of the document that name something which nothing says that it exists, by their places, as the keys of
    /// [`SetupStep::takes`](crate::model::suite::SetupStep::takes) are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The statuses that may say that there is no such thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<u16>,
    /// The documented statuses that may say that it is in another state, whoever made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<u16>,
}

/// Refusals that may have another reason than what a case is about: there is no such thing as its path names, or there is one
/// already. The case's request without its change tells them apart: where that is refused alike, nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambiguous {
    /// Their statuses.
    pub statuses: Vec<u16>,
    /// The case with the unchanged request.
    pub unchanged: String,
}

impl Expected {
    /// Whether a reply with this status is the documented one.
    pub fn has_status(&self, status: u16) -> bool {
        status == self.status || self.class && status / 100 == self.status / 100
    }

    /// What the document says of a reply with this status beyond [`Expected::body`].
    pub fn reply(&self, status: u16) -> Option<&Response> {
        of_status(&self.replies, status).map(Arc::as_ref)
    }
}

impl Request {
    /// Whether the path has a variable of this name with a value that is part of the operation.
    pub fn has_constant(&self, name: &str) -> bool {
        self.parameters.iter().any(|it| it.place == Place::Path && it.name == name && it.constant)
    }

    /// The names of values that only the user has ([`Origin::Open`]).
    pub fn open(&self) -> impl Iterator<Item = &str> {
        let is_open = |parameter: &&Parameter| parameter.origin == Origin::Open && !parameter.constant;
        let parameters = self.parameters.iter().filter(is_open).map(|parameter| parameter.name.as_str());
        let members = self.body.iter().flat_map(|body| {
            let names = body.made.iter().filter(|(_, origin)| **origin == Origin::Open);
            names
                .filter_map(|(pointer, _)| pointer.strip_prefix('/'))
                .filter(|name| !body.fixed.iter().any(|it| it == name))
        });
        parameters.chain(members)
    }

    /// The names of values that were made from schemas and are sent.
    pub fn made(&self) -> impl Iterator<Item = &str> {
        let is_made = |origin: Origin| origin == Origin::Made;
        let parameters = self.parameters.iter().filter(move |parameter| is_made(parameter.origin));
        let members = self.body.iter().flat_map(|body| &body.made).filter(move |(_, origin)| is_made(**origin));
        parameters.map(|parameter| parameter.name.as_str()).chain(members.map(|(pointer, _)| pointer.as_str()))
    }
}

/// What the document promises about the body of a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBody {
    /// The media type, without its charset.
    pub media_type: String,
    /// Whether there is a body, and of which media type, is not documented. If one comes that is JSON, the rules hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undocumented: bool,
    /// The schema in JSON Schema 2020-12, with `$ref`s into [`Suite::schemas`](crate::model::suite::Suite::schemas).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The documented example.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// JSON pointer -> what may be said of that member beyond its type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Rule>,
}

/// A member that is `null` is there; only one that is missing is not.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
