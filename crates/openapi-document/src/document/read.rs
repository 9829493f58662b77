//! Reads one document and follows its references.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use conformance_engine::schema::{Direction, Schemas};
use serde_json::{Map, Value, json};

use super::raised::raised;
use super::reference::{references_elsewhere, schema_name};
use super::{join, path_variables};
use crate::node::{self, Entry, Node};
use crate::source::Diagnostics;
use crate::structure::{self, Version};

/// A well-formed OpenAPI document (3.0, 3.1, or as much of 3.2 as is known), whether or not it keeps the rules.
pub struct Document {
    /// What diagnostics call each file; the first is the one with the root.
    files: Vec<String>,
    version: Version,
    root: Node,
    /// Violations that did not keep the document from being read.
    pub(crate) found: Diagnostics,
    /// The regular expressions that nothing can read.
    unreadable: OnceLock<HashSet<String>>,
}

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
        let mut found = Diagnostics::default();
        let root = node::read(text, &mut found);
        let version = root.as_ref().and_then(|root| structure::check_version(root, &mut found));
        let Some((mut root, version)) = root.zip(version) else {
            return Err(found.located(&[name.to_owned()], |_| None));
        };
        let files = join::join(name, version, &mut root, load, &mut found);
        let mut document = Document { files, version, root, found, unreadable: OnceLock::new() };
        path_variables::declare(&mut document);
        Ok(document)
    }

    /// A document put together from others.
    pub fn new(name: String, root: Node) -> Document {
        let version = structure::check_version(&root, &mut Diagnostics::default()).unwrap_or_default();
        Document { files: vec![name], version, root, found: Diagnostics::default(), unreadable: OnceLock::new() }
    }

    /// The same document with another tree, made of this one's.
    #[must_use]
    pub fn with_root(&self, root: Node) -> Document {
        let (files, found) = (self.files.clone(), self.found.clone());
        Document { files, version: self.version, root, found, unreadable: OnceLock::new() }
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

    pub(super) fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Whether a regular expression can be read as one of ECMA 262.
    pub(crate) fn can_read_pattern(&self, pattern: &str) -> bool {
        let unreadable = self.unreadable.get_or_init(|| {
            let mut patterns = HashSet::new();
            collect_patterns(&self.root, &mut patterns);
            let components = Map::new();
            let schemas = Schemas::new(&components);
            let empty = Value::String(String::new());
            patterns.retain(|pattern| {
                let found = schemas.violations(&empty, &json!({ "pattern": pattern }), Direction::Unknown);
                found.iter().any(|violation| violation.schema_is_broken)
            });
            patterns
        });
        !unreadable.contains(pattern)
    }

    /// The members of `components.<section>`.
    pub fn components(&self, section: &str) -> std::slice::Iter<'_, Entry> {
        self.root.get("components").map_or([].iter(), |components| components.entries_of(section))
    }

    /// `components.schemas` as JSON Schema 2020-12 ([`raised`](super::raised())), for judging values, and the schemas that references find elsewhere, each under its
    /// [`schema_name`].
    pub fn schemas(&self) -> Map<String, Value> {
        let mut schemas: Map<_, _> =
            self.components("schemas").map(|entry| (entry.key.clone(), raised(self, &entry.value))).collect();
        let mut elsewhere = BTreeSet::new();
        references_elsewhere(&self.root, &mut elsewhere);
        for reference in elsewhere {
            if let (Some(name), Some(node)) = (schema_name(reference), self.target(reference)) {
                schemas.insert(name.to_owned(), raised(self, node));
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
        self.root.pointer(reference.strip_prefix('#')?)
    }
}

/// The value of every member called `pattern`; more than the patterns of schemas does no harm.
fn collect_patterns(node: &Node, found: &mut HashSet<String>) {
    node.items().iter().for_each(|item| collect_patterns(item, found));
    for entry in node.entries() {
        match entry.value.as_text() {
            Some(text) if entry.key == "pattern" => {
                found.insert(text.to_owned());
            }
            _ => collect_patterns(&entry.value, found),
        }
    }
}
