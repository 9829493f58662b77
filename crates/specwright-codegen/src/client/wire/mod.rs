//! Source that generated clients contain: it writes requests, sends them with credentials, and reads replies.

use proc_macro2::Delimiter;

use crate::rust::tree::{Group, Tree, parse};

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

/// The module `wire` of a client, with what a document adds to it.
pub(super) fn requests(more: &str) -> Result<Vec<Tree>, String> {
    module("#[allow(dead_code, clippy::all)] mod wire", include_str!("requests.rs"), more)
}

/// The module `credentials` of a client, with what sets them.
pub(super) fn credentials(setters: &str) -> Result<Vec<Tree>, String> {
    let head = "#[allow(dead_code, non_upper_case_globals, clippy::all)] mod credentials";
    module(head, include_str!("credentials.rs"), setters)
}

/// The module `runtime` of a client.
pub(super) fn runtime() -> Result<Vec<Tree>, String> {
    module("#[allow(dead_code, clippy::all)] mod runtime", include_str!("runtime.rs"), "")
}

fn module(head: &str, source: &'static str, more: &str) -> Result<Vec<Tree>, String> {
    let source = source.split_once("#[cfg(test)]").map_or(source, |(source, _)| source);
    let mut trees = vec![Tree::Source(source)];
    trees.extend(parse(more)?);
    let mut module = parse(head)?;
    module.push(Tree::Group(Group { delimiter: Delimiter::Brace, trees }));
    Ok(module)
}
