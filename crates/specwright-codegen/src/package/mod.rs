//! A crate around the client of a document: its manifest, its first module and its page.

mod call;
pub(crate) mod crate_name;
mod dependencies;
mod manifest;
mod readme;

use std::path::PathBuf;

use openapi_document::Api;

use crate::artefact::GeneratedFile;
use crate::output::header::mark;
use crate::report::Report;
use crate::rust::tree::parse;

/// The files of a crate called `name`, as paths from its folder. `client` is the source of its client.
///
/// # Errors
/// When the client is no Rust, which nothing known leads to.
pub(crate) fn files(
    api: &Api<'_>,
    name: &str,
    client: GeneratedFile,
    report: &Report,
) -> Result<Vec<GeneratedFile>, String> {
    let tokens = parse(&client.text)?;
    let from = api.document().name();
    let root = format!(
        "{}\n#![doc = include_str!(\"../README.md\")]\n\nmod client;\n\npub use client::*;\n",
        mark("//", from)
    );
    let call = call::first(api, &tokens);
    let texts = [
        ("Cargo.toml", format!("{}\n{}", mark("#", from), manifest::manifest(api, name, &tokens))),
        ("README.md", readme::readme(api, name, report, call.as_ref())),
        ("src/lib.rs", root),
    ];
    let file = |(path, text)| GeneratedFile { path: PathBuf::from(path), text };
    Ok(texts.into_iter().map(file).chain([client]).collect())
}
