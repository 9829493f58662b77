//! Source that generated clients contain: what writes requests and reads replies that progenitor's library has no form for.

#[cfg(test)]
#[allow(dead_code, reason = "generated code uses it")]
mod replies;
#[cfg(test)]
#[allow(dead_code, reason = "generated code uses it")]
mod requests;

/// The module `wire` of a client, without its tests.
pub(super) fn requests() -> &'static str {
    let source = include_str!("requests.rs");
    source.split_once("#[cfg(test)]").map_or(source, |(source, _)| source)
}

/// The module `replies` of a client.
pub(super) const REPLIES: &str = include_str!("replies.rs");
