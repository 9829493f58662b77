//! How the parts of an exchange are written in a JSON report.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

/// RFC 3339, to the microsecond.
pub(crate) fn rfc_3339(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(|_| String::new(), |time| format!("{time:.6}"))
}

pub(super) fn unknown_time() -> SystemTime {
    SystemTime::UNIX_EPOCH
}

pub(super) fn is_unknown_time(time: &SystemTime) -> bool {
    *time == SystemTime::UNIX_EPOCH
}

/// RFC 3339.
pub(super) mod time {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{Deserialize, SystemTime, rfc_3339};

    pub(crate) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc_3339(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = text.parse::<jiff::Timestamp>().map_err(D::Error::custom)?;
        SystemTime::try_from(time).map_err(D::Error::custom)
    }
}

/// A number with a fraction.
pub(super) mod seconds {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{Deserialize, Duration};

    pub(crate) fn serialize<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(took.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A list of `{name, value}`.
pub(super) mod headers {
    use serde::{Deserializer, Serializer};

    use super::{Cow, Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Header<'h> {
        name: Cow<'h, str>,
        value: Cow<'h, str>,
    }

    pub(crate) fn serialize<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(headers.iter().map(|(name, value)| Header { name: name.into(), value: value.into() }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
        let headers = Vec::<Header<'_>>::deserialize(deserializer)?;
        Ok(headers.into_iter().map(|header| (header.name.into_owned(), header.value.into_owned())).collect())
    }
}

/// The bytes of a body as they can be written in a text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Content<'c> {
    /// They are UTF-8.
    Text(Cow<'c, str>),
    /// They are not.
    Base64(String),
}

impl<'c> From<&'c [u8]> for Content<'c> {
    fn from(bytes: &'c [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(Cow::Borrowed(text)),
            Err(_) => Self::Base64(BASE64_STANDARD.encode(bytes)),
        }
    }
}

impl Content<'_> {
    fn into_bytes(self) -> Result<Vec<u8>, base64::DecodeError> {
        match self {
            Self::Text(text) => Ok(text.into_owned().into_bytes()),
            Self::Base64(text) => BASE64_STANDARD.decode(text),
        }
    }
}

/// `{text}` or `{base64}`.
pub(super) mod bytes {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{Content, Deserialize, Serialize};
    use crate::model::body::Body;

    pub(crate) fn serialize<S: Serializer>(body: &Body, serializer: S) -> Result<S::Ok, S::Error> {
        Content::from(&**body).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Body, D::Error> {
        Content::deserialize(deserializer)?.into_bytes().map(Body::from).map_err(D::Error::custom)
    }
}

/// `{text}` or `{base64}`, if there is a body.
pub(super) mod optional_bytes {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{Content, Deserialize, Serialize};

    pub(crate) fn serialize<S: Serializer>(body: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        body.as_deref().map(Content::from).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let content = Option::<Content<'_>>::deserialize(deserializer)?;
        content.map(|content| content.into_bytes().map_err(D::Error::custom)).transpose()
    }
}
