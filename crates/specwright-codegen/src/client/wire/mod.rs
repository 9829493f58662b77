//! Source that generated clients contain: it writes requests, sends them with credentials, and reads replies.

#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "generated code uses it")]
mod credentials;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "generated code uses it")]
mod requests;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "generated code uses it")]
#[allow(clippy::enum_variant_names, clippy::result_large_err, reason = "the names are those of progenitor-client")]
mod runtime;

/// The module `wire` of a client.
pub(super) fn requests() -> &'static str {
    without_tests(include_str!("requests.rs"))
}

/// The module `credentials` of a client, without what sets them.
pub(super) fn credentials() -> &'static str {
    without_tests(include_str!("credentials.rs"))
}

/// The module `runtime` of a client.
pub(super) fn runtime() -> &'static str {
    without_tests(include_str!("runtime.rs"))
}

fn without_tests(source: &str) -> &str {
    source.split_once("#[cfg(test)]").map_or(source, |(source, _)| source)
}
