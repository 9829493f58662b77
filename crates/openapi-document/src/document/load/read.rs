//! Reads a document, and the other files that it refers to.

use super::{join, path_variables};
use crate::document::resolve::Document;
use crate::node;
use crate::overlay::{self, Overlay};
use crate::source::Diagnostics;
use crate::structure;

impl Document {
    /// Reads a document from YAML or JSON. `name` is what diagnostics call it, usually the path.
    ///
    /// # Errors
    /// When nothing can be made of the text at all: it is not YAML, or not OpenAPI 3.
    pub fn read(name: &str, text: &str) -> Result<Document, Diagnostics> {
        Document::read_with(name, text, &mut |_| Err("one document is read".to_owned()))
    }

    /// Reads a document that may refer to other files. `load` is given the path of each, relative to the folder of the
    /// first (`paths/lamps.yaml`), and returns its text, or why it does not. Nothing is fetched from a network.
    ///
    /// What is referred to becomes a part of the one tree: a component, or, where the specification has no components of
    /// its kind (path items), a copy in place of the reference. Places stay those of the files.
    ///
    /// # Errors
    /// When nothing can be made of the first text at all. Another file that cannot be read is a violation among others.
    pub fn read_with(
        name: &str,
        text: &str,
        load: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Document, Diagnostics> {
        Document::read_overlaid(name, text, &[], load)
    }

    /// The same, changed by overlays: each is applied to what those before it made of the first text, before anything else is
    /// read from it. What they add keeps its place in them; a relative reference in it is one of the document.
    ///
    /// # Errors
    /// When nothing can be made of the first text, or something in an overlay cannot be done.
    pub fn read_overlaid(
        name: &str,
        text: &str,
        overlays: &[Overlay<'_>],
        load: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Document, Diagnostics> {
        let names: Vec<String> = overlays.iter().map(|overlay| overlay.name.to_owned()).collect();
        let mut found = Diagnostics::default();
        let mut root = node::read(text, &mut found);
        if let Some(whole) = &mut root
            && !overlay::apply(name, whole, overlays, &mut found)
        {
            root = None;
        }
        let version = root.as_ref().and_then(|root| structure::check_version(root, &mut found));
        let Some((mut root, version)) = root.zip(version) else {
            let files: Vec<String> = std::iter::once(name.to_owned()).chain(names).collect();
            return Err(found.located(&files, |_| None));
        };
        let files = join::join(name, &names, version, &mut root, load, &mut found);
        let mut document = Document::of(files, version, root, found);
        path_variables::declare(&mut document);
        Ok(document)
    }
}
