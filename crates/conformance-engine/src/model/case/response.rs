//! What a document says of one reply: the forms of its body, its headers, and rules for members of the body.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a reply of one status looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Media type, or range of media types -> its schema. Empty where no body is documented.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub content: BTreeMap<String, Media>,
    /// The headers, under their names as documented.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Header>,
    /// JSON pointer -> what may be said of that member beyond its type, whatever the form of the body.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Rule>,
}

/// One form of a body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// JSON Schema 2020-12, with `$ref`s into the schemas of the contract or the suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The schema of each item of a sequence (`itemSchema` of OpenAPI 3.2), such as a line of `application/x-ndjson`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Value>,
}

/// One header of a reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// A reply without it is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What its value has to be; nothing where nothing is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The members of an object are written `name=value` and not `name,value`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explode: bool,
    /// The media type of the value, if it is described by `content`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// What one member of a reply must satisfy beyond its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// The value of the example, exactly: an error code (`x-match: equal`).
    Equal,
    /// Any non-empty string: an identifier, of which no format is documented (`x-match: id`).
    Id,
    /// Absent, null or empty: it has a value only in replies of the other kind (`x-present-on`).
    Blank,
    /// Absent, or whatever the schema permits: the example shows another thing than the one that was asked for.
    Optional,
}

/// Responses that several cases share, as a file has them.
pub(super) mod shared {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Response;

    pub(crate) fn serialize<S: Serializer>(
        replies: &BTreeMap<String, Arc<Response>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(replies.iter().map(|(status, reply)| (status, &**reply)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Arc<Response>>, D::Error> {
        let replies = BTreeMap::<String, Response>::deserialize(deserializer)?;
        Ok(replies.into_iter().map(|(status, reply)| (status, Arc::new(reply))).collect())
    }
}

/// The entry of a reply's status: of the status itself, of its range, or of all others.
///
/// Source: OpenAPI 3.1.1, Responses Object.
pub(crate) fn of_status<R>(responses: &BTreeMap<String, R>, status: u16) -> Option<&R> {
    if responses.is_empty() {
        return None;
    }
    let named = responses.get(&status.to_string()).or_else(|| responses.get(&format!("{}XX", status / 100)));
    named.or_else(|| responses.get("default"))
}
