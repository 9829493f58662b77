//! Reads one document and follows its references.

use std::collections::BTreeSet;

use super::reference::{references_elsewhere, schema_name, unescaped};
use crate::node::{self, Data, Entry, Node};
use crate::source::Diagnostics;
use crate::structure::{self, Version};

/// A well-formed OpenAPI 3.0 document, whether or not it keeps the rules.
pub struct Document {
    /// What diagnostics call each file; the first is the one with the root.
    files: Vec<String>,
    version: Version,
    root: Node,
    /// Violations that did not keep the document from being read.
    pub(crate) found: Diagnostics,
}

impl Document {
    /// Reads a document from YAML or JSON. `name` is what diagnostics call it, usually the path.
    ///
    /// # Errors
    /// When nothing can be made of the text at all: it is not YAML, or not OpenAPI 3.0.
    pub fn read(name: &str, text: &str) -> Result<Document, Diagnostics> {
        let mut found = Diagnostics::default();
        let root = node::read(text, &mut found);
        let version = root.as_ref().and_then(|root| structure::check_version(root, &mut found));
        let files = vec![name.to_owned()];
        match root.zip(version) {
            Some((root, version)) => Ok(Document { files, version, root, found }),
            None => Err(found.located(&files, |_| None)),
        }
    }

    /// A document put together from others.
    pub fn new(name: String, root: Node) -> Document {
        let version = structure::check_version(&root, &mut Diagnostics::default()).unwrap_or_default();
        Document { files: vec![name], version, root, found: Diagnostics::default() }
    }

    /// What diagnostics call it.
    pub fn name(&self) -> &str {
        self.files.first().map_or("", String::as_str)
    }

    /// What diagnostics call each of its files; [`At::file`](crate::At::file) is an index into these.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The version of OpenAPI that it is written in.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The whole document as a tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The members of `components.<section>`.
    pub fn components(&self, section: &str) -> std::slice::Iter<'_, Entry> {
        self.root.get("components").map_or([].iter(), |components| components.entries_of(section))
    }

    /// `components.schemas` as JSON, for judging values, and the schemas that references find elsewhere, each under its
    /// [`schema_name`].
    pub fn schemas(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut schemas: serde_json::Map<_, _> =
            self.components("schemas").map(|entry| (entry.key.clone(), entry.value.to_json())).collect();
        let mut elsewhere = BTreeSet::new();
        references_elsewhere(&self.root, &mut elsewhere);
        for reference in elsewhere {
            if let (Some(name), Some(node)) = (schema_name(reference), self.target(reference)) {
                schemas.insert(name.to_owned(), node.to_json());
            }
        }
        schemas
    }

    /// Follows references until something else stands there; `None` for a reference that leads nowhere.
    pub fn resolve<'d>(&'d self, node: &'d Node) -> Option<&'d Node> {
        let mut node = node;
        // More hops than any honest chain has: a longer one is a cycle.
        for _ in 0..1000 {
            match node.text("$ref") {
                None => return Some(node),
                Some(reference) => node = self.target(reference)?,
            }
        }
        None
    }

    /// What a local reference (`#/components/schemas/Name`) points at.
    pub fn target(&self, reference: &str) -> Option<&Node> {
        let pointer = reference.strip_prefix('#')?;
        if pointer.is_empty() {
            return Some(&self.root);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(&self.root, |node, step| {
            let step = unescaped(step);
            match &node.data {
                Data::Map(map) => map.get(&step),
                Data::List(items) => items.get(step.parse::<usize>().ok()?),
                _ => None,
            }
        })
    }
}
