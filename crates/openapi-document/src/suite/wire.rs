//! The ways of writing a documented request that mean the same ([`Wire`]): which of them a request can be written in, and
//! which operations try them.

use std::collections::BTreeSet;

use conformance_engine::suite::{Body, Case, Place, Request, Wire};
use serde_json::Value;

use crate::document::{Operation, is_json};

/// A way of writing is tried by at most so many operations. With fewer of them, each tries every way that its requests
/// can be written in; in a larger document the ways are spread over the operations.
const MOST: usize = 12;

/// What is tried, by the position of the operation.
pub(crate) struct Spread(BTreeSet<(usize, &'static str)>);

impl Spread {
    /// `labels` are the operations, `can` says which can be written in a way.
    ///
    /// Which operations try a way depends on their names only, so that cases keep their ids when the document changes
    /// its order or gets an operation more.
    pub(crate) fn over(labels: &[String], can: impl Fn(usize, Wire) -> bool) -> Self {
        let mut chosen = BTreeSet::new();
        for wire in Wire::ALL {
            let mut able: Vec<usize> = (0..labels.len()).filter(|position| can(*position, wire)).collect();
            able.sort_by_key(|position| (hash(wire.name(), &labels[*position]), *position));
            chosen.extend(able.into_iter().take(MOST).map(|position| (position, wire.name())));
        }
        Self(chosen)
    }

    pub(crate) fn has(&self, position: usize, wire: Wire) -> bool {
        self.0.contains(&(position, wire.name()))
    }
}

/// The same on every machine and in every version: FNV-1a, and the last step of MurmurHash3, without which names that
/// are nearly alike have nearly the same order for each way.
fn hash(way: &str, label: &str) -> u64 {
    let bytes = way.bytes().chain([0]).chain(label.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ mixed >> 33
}

/// Whether the request of `case`, which is one of `operation`, is another text when it is written in this way, and means
/// the same.
pub(crate) fn applies(wire: Wire, operation: &Operation<'_>, case: &Case) -> bool {
    let request = &case.request;
    let body = request.body.as_ref();
    let json = body.filter(|body| is_json(&body.media_type)).map(|body| (body, value(body)));
    let values = |place: Place| {
        let of_place = request.parameters.iter().filter(move |parameter| parameter.place == place);
        of_place.map(|parameter| parameter.value.as_str())
    };
    let has_header = |name: &str| {
        request
            .parameters
            .iter()
            .any(|parameter| parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case(name))
    };
    let is_readable = |text: &str| text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let has_query_credential = request.credential.as_ref().is_some_and(|credential| credential.place == Place::Query);
    match wire {
        Wire::MemberOrder => json.is_some_and(|(_, value)| any(&value, &|value| members(value).len() > 1)),
        Wire::Spaces | Wire::Lines => json.is_some_and(|(_, value)| value.is_object() || value.is_array()),
        Wire::Escapes => json.is_some_and(|(_, value)| {
            let can = |text: &str| is_readable(text) || text.contains('/');
            any(&value, &|value| value.as_str().is_some_and(can) || members(value).iter().any(|name| can(name)))
        }),
        Wire::Charset => json.is_some_and(|(body, _)| !body.media_type.contains(';')),
        Wire::MediaTypeCase | Wire::Chunked | Wire::ExpectContinue => body.is_some(),
        Wire::CanonicalNames => names(request).iter().any(|name| !is_canonical(name)),
        Wire::NoAccept | Wire::AnyAccept => {
            // Of several media types the server may choose another one.
            let successes = operation.responses.iter().filter(|response| response.is_success());
            let content = successes.flat_map(|response| response.node.entries_of("content"));
            let types: BTreeSet<&str> = content.map(|media| media.key.as_str()).collect();
            case.expected.body.is_some() && types.len() == 1 && !has_header("accept")
        }
        Wire::NoUserAgent => !has_header("user-agent"),
        Wire::PercentPath => values(Place::Path).any(is_readable),
        Wire::PercentQuery => values(Place::Query).any(is_readable) && !has_query_credential,
        Wire::PercentLowerCase => {
            let has_letter_digit = |byte: u8| byte & 0x0f > 9 && !matches!(byte, b'~' | b'.');
            let can = |text: &str| text.bytes().any(has_letter_digit);
            values(Place::Path).any(can) || values(Place::Query).any(can)
        }
        Wire::QueryOrder => {
            let query = request.parameters.iter().filter(|parameter| parameter.place == Place::Query);
            let names: Vec<&str> = query.map(|parameter| parameter.name.as_str()).collect();
            let different: BTreeSet<&str> = names.iter().copied().collect();
            names.len() > 1 && different.len() == names.len()
        }
        Wire::LowerCaseNames | Wire::Close | Wire::AbsoluteForm => true,
    }
}

/// The status by which a server may refuse the way of writing, where the document has it.
pub(crate) fn refusal(wire: Wire) -> Option<u16> {
    match wire {
        // Source: RFC 9110, 15.5.12 and 15.5.18.
        Wire::Chunked => Some(411),
        Wire::ExpectContinue => Some(417),
        _ => None,
    }
}

/// The value of a JSON body, also of one that is sent as the text it was written as.
fn value(body: &Body) -> Value {
    match &body.value {
        Value::String(text) if body.raw => serde_json::from_str(text).unwrap_or(Value::Null),
        value => value.clone(),
    }
}

fn any(value: &Value, is_it: &impl Fn(&Value) -> bool) -> bool {
    is_it(value)
        || match value {
            Value::Array(items) => items.iter().any(|item| any(item, is_it)),
            Value::Object(members) => members.values().any(|member| any(member, is_it)),
            _ => false,
        }
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flat_map(|members| members.keys()).map(String::as_str).collect()
}

/// The names of the headers that the document spells.
fn names(request: &Request) -> Vec<&str> {
    let headers = request.parameters.iter().filter(|parameter| parameter.place == Place::Header);
    let credential = request.credential.iter().filter(|credential| credential.place == Place::Header);
    headers.map(|header| header.name.as_str()).chain(credential.map(|credential| credential.name.as_str())).collect()
}

/// `X-Auth-Token`.
fn is_canonical(name: &str) -> bool {
    name.split('-').all(|word| {
        let mut letters = word.chars();
        letters.next().is_none_or(|first| !first.is_ascii_lowercase())
            && !letters.any(|other| other.is_ascii_uppercase())
    })
}
