//! Checks the order of the folders in each crate, and their size.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::modules::Edge;
use super::source::Source;

/// The stages of each crate. One may import those before it. Stages with a comma between them are peers, which do not
/// import each other. A stage is a folder of `src`, or a file right in it.
pub(super) const ORDERS: [(&str, &str); 9] = [
    ("crates/conformance-engine", "model < check, diff < redact < http < format < plan < run < report < traffic"),
    (
        "crates/ges-client",
        "percent < secret < error < endpoint, job < response < model, retry < credentials < call < client < wait, pages < blocking",
    ),
    (
        "crates/ges-emulator",
        "limits, redact < service < api, storage < auth, fault < config, gateway, journal < state < instance < control \
         < ui < router < emulator < server",
    ),
    (
        "crates/specwright-redaction",
        "decode, inflate, needles < known, name < packed, table < scan < credentials < redactor < body",
    ),
    ("crates/specwright", "error < output < value < openapi < config < commands"),
    ("crates/ges-cli", "hint < error < value < output < connection, signing < call < commands"),
    ("crates/openapi-document", "source < node < overlay < structure < document < rules < suite"),
    (
        "crates/specwright-codegen",
        "artefact, input, text < rust, output, lower < client, fixtures < package < generate",
    ),
    (
        "xtask",
        "files < tools < build_time, layout, licences < codegen, supply_chain, package, release_files, coverage < conform < tidy, docs, interop, bench, soak, walk < corpus < ci",
    ),
];

/// How many `.rs` files a folder may have.
const FILES: usize = 16;

/// Imports of a crate that go up or to a peer, and stages that the order does not know.
pub(super) fn order(folder: &Path, order: &str, sources: &[Source], edges: &[Edge]) -> Vec<String> {
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for (rank, peers) in order.split('<').enumerate() {
        ranks.extend(peers.split(',').map(|stage| (stage.trim(), rank)));
    }
    let mut problems = Vec::new();
    let src = folder.display();
    let stages: BTreeSet<String> = sources.iter().map(|source| stage(&source.path)).collect();
    let is_folder = |name: &str| sources.iter().any(|source| source.path.starts_with(name));
    for stage in stages.iter().filter(|stage| is_folder(stage) && !ranks.contains_key(stage.as_str())) {
        problems.push(format!("{src}/{stage}: has no place in the order `{order}`"));
    }
    for stage in ranks.keys().filter(|stage| !stages.contains(**stage)) {
        problems.push(format!("{src}: has no `{stage}`, which the order `{order}` names"));
    }
    for edge in edges {
        let (from, to) = (stage(&edge.from), stage(&edge.to));
        let (Some(from_rank), Some(to_rank)) = (ranks.get(from.as_str()), ranks.get(to.as_str())) else { continue };
        if from != to && from_rank <= to_rank {
            let why = if from_rank == to_rank {
                format!("`{from}` and `{to}` are peers")
            } else {
                format!("`{from}` comes before `{to}`")
            };
            problems.push(format!(
                "{src}/{}:{}: imports `{}` from {}, but {why}\nhint: the order is {order}",
                edge.from.display(),
                edge.line,
                edge.import,
                edge.to.display(),
            ));
        }
    }
    problems
}

/// Folders with more files than a reader takes in at once.
pub(super) fn sizes(folder: &Path, sources: &[Source]) -> Vec<String> {
    let mut counts: BTreeMap<&Path, usize> = BTreeMap::new();
    for source in sources {
        *counts.entry(source.path.parent().unwrap_or(Path::new(""))).or_default() += 1;
    }
    let too_many = counts.into_iter().filter(|(_, count)| *count > FILES);
    too_many
        .map(|(inner, count)| {
            let shown = folder.join(inner);
            format!("{}: has {count} .rs files, more than {FILES}\nhint: make a folder per stage", shown.display())
        })
        .collect()
}

/// The folder of `src` that a file is in, or its own name.
fn stage(path: &Path) -> String {
    let first = path.iter().next().map(Path::new).unwrap_or(path);
    first.with_extension("").display().to_string()
}
