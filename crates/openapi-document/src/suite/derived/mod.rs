//! Requests that break one documented constraint each, and so must be refused.
//!
//! Each is made from the first documented request that succeeds, and differs from it in one place: a server that
//! ignores the constraint answers with a success, and is caught. Only what the document says is expected: the status
//! must be documented for the operation, and of a body only what is documented for that status. Where a server may
//! honestly look at something else first (is there such a thing at all? may this caller see it?), the other documented
//! statuses that say so are accepted as well ([`Expected::or`](conformance_engine::suite::Expected::or)).
//!
//! **Invariant:** no request becomes a case that the engine's own judge of schemas does not find to be wrong, in every
//! way in which it can be read.

mod body;
mod breaks;
mod credential;
mod deriving;
mod keywords;
mod methods;
mod parameters;
mod refusal;
mod text;
mod unknown;
mod version;

use conformance_engine::suite::{Case, Request};
use serde_json::{Map, Value};

use self::deriving::{Derived, Deriving, base, required};
use super::member_rules::OneKind;
use super::setup::Linked;
use crate::document::{Document, Operation};

pub(crate) use self::methods::methods;
pub(crate) use self::unknown::gone;

/// The derived cases of one operation; `documented` are its documented ones.
pub(crate) fn derived(
    document: &Document,
    operations: &[Operation<'_>],
    operation: &Operation<'_>,
    documented: &[Case],
    kinds: &OneKind<'_>,
    linked: &Linked,
    components: &Map<String, Value>,
) -> Derived {
    let Some(base) = base(documented.iter()) else { return Derived::default() };
    let mut deriving = Deriving::new(document, operation, documented, base, kinds, linked, components);
    deriving.credential();
    deriving.unknown();
    deriving.version();
    deriving.parameters(operations);
    deriving.body();
    deriving.end()
}

/// The request without the members of its body that may be left out and come from another answer, if it has such.
pub(crate) fn plain(document: &Document, operation: &Operation<'_>, request: &Request) -> Option<Request> {
    let mut plain = request.clone();
    let body = plain.body.as_mut()?;
    let media = operation.body?.entries_of("content").find(|media| media.key == body.media_type)?;
    let required = required(document, media.value.get("schema")?);
    let members = body.value.as_object_mut()?;
    let before = members.len();
    members.retain(|name, _| required.contains(name.as_str()) || !request.aliases.values().any(|taken| taken == name));
    (members.len() < before).then_some(plain)
}
