//! A crate around the client of a document: its manifest, its first module and its page.

mod call;
pub(crate) mod crate_name;
mod dependencies;
mod manifest;
mod readme;

use std::path::PathBuf;

use openapi_document::Api;

use self::call::Call;
use self::dependencies::Used;
use crate::artefact::GeneratedFile;
use crate::output::header::mark;
use crate::report::Report;
use crate::rust::tree::Tree;

/// What the files of a crate say of its client.
pub(crate) struct Parts {
    used: Used,
    call: Option<Call>,
}

impl Parts {
    /// What the tokens of a client show.
    pub(crate) fn of(api: &Api<'_>, client: &[Tree]) -> Parts {
        Parts { used: Used::by(client), call: call::first(api, client) }
    }
}

/// The files of a crate called `name`, as paths from its folder. `client` is the source of its client.
pub(crate) fn files(
    api: &Api<'_>,
    name: &str,
    client: GeneratedFile,
    parts: &Parts,
    report: &Report,
) -> Vec<GeneratedFile> {
    let from = api.document().name();
    let root = format!(
        "{}\n#![doc = include_str!(\"../README.md\")]\n\nmod client;\n\npub use client::*;\n",
        mark("//", from)
    );
    let texts = [
        ("Cargo.toml", format!("{}\n{}", mark("#", from), manifest::manifest(api, name, &parts.used))),
        ("README.md", readme::readme(api, name, report, parts.call.as_ref())),
        ("src/lib.rs", root),
    ];
    let file = |(path, text)| GeneratedFile { path: PathBuf::from(path), text };
    texts.into_iter().map(file).chain([client]).collect()
}
