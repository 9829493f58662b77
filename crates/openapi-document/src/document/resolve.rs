//! A document, and where its references lead.

use std::collections::HashSet;
use std::sync::OnceLock;

use conformance_engine::schema::{Direction, Schemas};
use serde_json::{Map, Value, json};

use crate::node::{Entry, Node};
use crate::source::Diagnostics;
use crate::structure::{self, Version};

/// References that lead to one another before a value comes; more than any honest chain has.
pub(crate) const MAX_HOPS: usize = 100;

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
    /// A document of these files, with what was found while they were read.
    pub(super) fn of(files: Vec<String>, version: Version, root: Node, found: Diagnostics) -> Document {
        Document { files, version, root, found, unreadable: OnceLock::new() }
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

    /// The same document with its tree changed where it is.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Node)) -> Document {
        change(&mut self.root);
        self.unreadable = OnceLock::new();
        self
    }

    /// The same document under another name, for files that do not depend on where it lies.
    #[must_use]
    pub fn named(mut self, name: &str) -> Document {
        if let Some(first) = self.files.first_mut() {
            name.clone_into(first);
        }
        self
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

    /// Follows references until something else stands there; `None` for a reference that leads nowhere.
    pub fn resolve<'d>(&'d self, node: &'d Node) -> Option<&'d Node> {
        let mut node = node;
        for _ in 0..=MAX_HOPS {
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
