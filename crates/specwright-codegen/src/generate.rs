//! Generates files from the text of a document. Values in, values out: nothing here touches a disk.

use std::path::PathBuf;

use openapi_document::{Api, Diagnostics, Document, check, contract, contract_text, suite, suite_text};

use crate::artefact::{Artefact, GeneratedFile};
use crate::client::{self, Partial, enums, methods};
use crate::fixtures::{httpmock, recordings, stubs};
use crate::input::{Features, Input, merge};
use crate::lower::{self, Findings};
use crate::output::header::{generated, mark};
use crate::output::{diagram, merged_document};
use crate::package::{Parts, files as crate_files};
use crate::report::{Generated, Report};
use crate::rust::tree::{Tree, parse};

/// Derives `wanted` artefacts, each for the path it is wanted at, from the document `text` that diagnostics call `name`.
///
/// # Errors
/// Every rule that the document violates, at once; then nothing is generated.
pub fn generate(name: &str, text: &str, wanted: &[(Artefact, PathBuf)]) -> Result<Vec<GeneratedFile>, Diagnostics> {
    generate_document(&Document::read(name, text)?, wanted)
}

/// Derives `wanted` artefacts from a document that was read before, perhaps of several files.
///
/// # Errors
/// As of [`generate`].
pub fn generate_document(
    document: &Document,
    wanted: &[(Artefact, PathBuf)],
) -> Result<Vec<GeneratedFile>, Diagnostics> {
    let api = Api::of(document);
    let found = check(&api).strict();
    if found.errors().next().is_some() {
        return Err(found);
    }
    derive(&[Input { api: &api, feature: None }], wanted)
}

/// Derives `wanted` artefacts from documents that have been checked. Several are one API: what they share (a schema of
/// one name) is the same in all of them, and becomes one Rust type.
///
/// # Errors
/// What keeps the documents from being one API, and what the client generator refuses.
pub fn derive(inputs: &[Input<'_>], wanted: &[(Artefact, PathBuf)]) -> Result<Vec<GeneratedFile>, Diagnostics> {
    let (merged, merged_api);
    let api = match inputs {
        [only] => only.api,
        _ => {
            merged = merge(inputs)?;
            merged_api = Api::of(&merged);
            &merged_api
        }
    };
    let features = Features::of(inputs)?;
    files(api, &features, wanted, |inner| {
        let client = client::client(api.document(), api.operations(), &features, inner);
        let client = client.map_err(|reason| client::refused(inputs, &reason))?;
        Ok(format!("{}\n{client}", enums::operations(api.operations(), &features)))
    })
}

/// Derives `wanted` artefacts as far as the document allows: what no client can have is left out and reported. Operations
/// without an id of their own get one, which is the same in all artefacts.
///
/// # Errors
/// When nothing can be made of the text at all, or a client of no operation.
pub fn generate_lenient(name: &str, text: &str, wanted: &[(Artefact, PathBuf)]) -> Result<Generated, Diagnostics> {
    generate_document_lenient(&Document::read(name, text)?, wanted)
}

/// Derives `wanted` artefacts as far as a document allows that was read before, perhaps of several files.
///
/// # Errors
/// When nothing can be made of a client of any operation.
pub fn generate_document_lenient(
    document: &Document,
    wanted: &[(Artefact, PathBuf)],
) -> Result<Generated, Diagnostics> {
    let mut findings = Findings::default();
    let document = lower::with_ids(document.with_root(document.root().clone()), &mut findings);
    let (generated, ()) = derive_leniently(&Api::of(&document), findings, wanted, |_| ())?;
    Ok(generated)
}

/// Derives `wanted` artefacts from a document in which each operation has an id, and what `look` sees in the client.
fn derive_leniently<T: Send>(
    api: &Api<'_>,
    findings: Findings,
    wanted: &[(Artefact, PathBuf)],
    look: impl Fn(&[Tree]) -> T + Sync,
) -> Result<(Generated, T), Diagnostics> {
    let inner = wanted.iter().find_map(|(artefact, _)| match artefact {
        Artefact::Client { inner } => *inner,
        _ => None,
    });
    let Partial { text, looked, has, report } = client::partial(api, findings, inner, look)?;
    let features = Features::default();
    let files = files(api, &features, wanted, |_| {
        let kept = api.operations().iter().zip(&has).filter(|(_, has)| **has).map(|(operation, _)| operation);
        Ok(format!("{}\n{text}", enums::operations(kept, &features)))
    });
    Ok((Generated { files: files?, report }, looked))
}

/// Derives a crate called `name` around the client of a document: paths are those from its folder. Strictly, or as far as
/// the document allows.
///
/// # Errors
/// As of [`generate_document`], or as of [`generate_document_lenient`]. A name that [`check_crate_name`](crate::check_crate_name)
/// refuses makes a crate that cargo refuses.
pub fn package(document: Document, name: &str, is_strict: bool) -> Result<Generated, Diagnostics> {
    let wanted = [(Artefact::Client { inner: None }, PathBuf::from("src/client.rs"))];
    let mut findings = Findings::default();
    let document = if is_strict { document } else { lower::with_ids(document, &mut findings) };
    let api = Api::of(&document);
    let (Generated { files, report }, parts) = if is_strict {
        let operations = api.operations().len();
        let files = generate_document(&document, &wanted)?;
        let text = files.first().map_or("", |client| &client.text);
        let input = Input { api: &api, feature: None };
        let client = parse(text).map_err(|reason| client::refused(&[input], &reason))?;
        let report = Report { operations, generated: operations, ..Report::default() };
        (Generated { files, report }, Parts::of(&api, &client))
    } else {
        derive_leniently(&api, findings, &wanted, |client| Parts::of(&api, client))?
    };
    let files = files.into_iter().flat_map(|client| crate_files(&api, name, client, &parts, &report)).collect();
    Ok(Generated { files, report })
}

/// `source` makes that of a client with this inner type.
fn files(
    api: &Api<'_>,
    features: &Features<'_>,
    wanted: &[(Artefact, PathBuf)],
    source: impl Fn(Option<&str>) -> Result<String, Diagnostics>,
) -> Result<Vec<GeneratedFile>, Diagnostics> {
    let (document, operations) = (api.document(), api.operations());
    let name = document.name();
    let file = |(artefact, path): &(Artefact, PathBuf)| {
        let text = match artefact {
            Artefact::Client { inner: None } => {
                let text = source(None)?;
                format!("{}// It needs {}.\n\n{text}", mark("//", name), client::needs(&text))
            }
            Artefact::Client { inner } => format!("{}\n{}", mark("//", name), source(*inner)?),
            Artefact::Methods(wanted) => format!("{}\n{}", mark("//", name), methods::methods(api, features, wanted)),
            Artefact::Enums => {
                let operations = enums::operations(operations, features);
                format!("{}\n{operations}\n{}", mark("//", name), enums::givens(document))
            }
            Artefact::Mock { fixture } => format!("{}\n{}", mark("//", name), httpmock::fixtures(api, *fixture)),
            Artefact::Stubs => format!("{}\n{}", mark("#", name), stubs::stubs(api)),
            Artefact::Cassette => format!("{}\n{}", mark("#", name), recordings::cassette(api)),
            Artefact::Har => recordings::har(api, &format!("generated {}", generated(name))),
            Artefact::Cases => suite_text(suite(api), name),
            Artefact::Contract => contract_text(contract(api), name),
            Artefact::Json => format!("{:#}\n", document.root().to_json()),
            Artefact::Diagram => diagram::diagram(document),
            Artefact::Lowered => lower::lowered(document, operations),
            Artefact::Merged => format!("{}\n{}", mark("#", name), merged_document::merged(document, operations)),
        };
        Ok(GeneratedFile { path: path.clone(), text })
    };
    wanted.iter().map(file).collect()
}
