//! Reads a document with the files beside it.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use openapi_document::{Diagnostics, Document, Overlay};

use crate::Failure;
use crate::output::diagnostics;
use crate::value::file;

/// The flags that name a document.
#[derive(clap::Args, Debug)]
pub struct DocumentFlags {
    /// OpenAPI document, YAML or JSON; - is standard input. Files that it refers to are read from its folder
    #[arg(value_name = "DOC", value_hint = ValueHint::FilePath)]
    pub document: PathBuf,
    /// OpenAPI Overlay that changes the document before anything else is done; its file is not changed (repeatable: one
    /// after the other)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub overlay: Vec<PathBuf>,
}

impl DocumentFlags {
    /// The document, whatever is wrong with it; diagnostics if nothing can be made of it at all.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self) -> Result<Result<Document, Diagnostics>, Failure> {
        overlaid(&self.document, &self.overlay)
    }

    /// The document. What is wrong with one that nothing can be made of is printed.
    ///
    /// # Errors
    /// A file cannot be read, or nothing can be made of it.
    pub fn document(&self) -> Result<Document, Failure> {
        usable(&self.document, self.read()?)
    }
}

/// The document at `path`. What is wrong with one that nothing can be made of is printed.
///
/// # Errors
/// A file cannot be read, or nothing can be made of it.
pub fn document(path: &Path) -> Result<Document, Failure> {
    usable(path, read(path)?)
}

fn usable(path: &Path, read: Result<Document, Diagnostics>) -> Result<Document, Failure> {
    read.map_err(|found| {
        diagnostics::print(&found, diagnostics::LIMIT);
        Failure::usage(format!("{} cannot be read as an OpenAPI document", shown(path)))
    })
}

/// The document at `path`, with the files in its folder, and in folders in it, that it refers to. Standard input (`-`)
/// may refer to files in the current folder.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<Result<Document, Diagnostics>, Failure> {
    overlaid(path, &[])
}

/// The same, changed by the overlays in these files.
fn overlaid(path: &Path, overlays: &[PathBuf]) -> Result<Result<Document, Diagnostics>, Failure> {
    let names: Vec<String> = overlays.iter().map(|path| shown(path)).collect();
    let texts = overlays.iter().map(|path| self::text(path)).collect::<Result<Vec<_>, _>>()?;
    let overlays: Vec<Overlay<'_>> = names.iter().zip(&texts).map(|(name, text)| Overlay { name, text }).collect();
    let text = text(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut load = |other: &str| beside(folder, other);
    Ok(Document::read_overlaid(&shown(path), &text, &overlays, &mut load))
}

/// The name of a document in messages.
fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// The text of a file. What is not UTF-8 is named by its line.
fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(file::bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        Failure::usage(format!("{}:{line}: not UTF-8\nhint: save the file as UTF-8", shown(path)))
    })
}

/// The text of another file, if it is in the folder.
fn beside(folder: &Path, path: &str) -> Result<String, String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    // Links are followed first: none leads out of the folder.
    let file = folder.join(path).canonicalize().map_err(|error| format!("cannot read {path}: {error}"))?;
    if !file.starts_with(&folder) {
        return Err(format!("{path} is outside of the document's folder"));
    }
    text(&file).map_err(|failure| failure.message.replace("\nhint: ", "; "))
}
