//! Holds the component schemas of one document.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::pattern::Patterns;
use super::reference::{COMPONENTS, Index};

/// Which way a value travels: it decides whether `readOnly` and `writeOnly` members are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server: `readOnly` members are not required.
    Request,
    /// From the server: `writeOnly` members are not required.
    Reply,
    /// Unknown: all are required.
    Unknown,
}

/// The component schemas of one document, with every pattern compiled at most once.
#[derive(Debug)]
pub struct Schemas<'a> {
    pub(super) components: &'a Map<String, Value>,
    pub(super) patterns: Patterns,
    index: OnceLock<Index>,
}

impl<'a> Schemas<'a> {
    /// `components` is what `#/components/schemas/NAME` refers to. A schema that is called like a whole reference
    /// (`#/paths/…`, `https://example.org/rocket.json`) is what this refers to.
    pub fn new(components: &'a Map<String, Value>) -> Self {
        Self { components, patterns: Patterns::default(), index: OnceLock::new() }
    }

    /// What `reference` points at, if it is there: a component, or what stands under the whole text of the reference.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let (component, _, pointer) = self.component(reference)?;
        component.pointer(&decoded(pointer))
    }

    /// The component that `reference` leads to, as much of the reference as names it, and the pointer from there.
    pub(super) fn component<'r>(&self, reference: &'r str) -> Option<(&'a Value, &'r str, &'r str)> {
        let path = reference.strip_prefix(COMPONENTS).unwrap_or(reference);
        if let Some(schema) = self.components.get(path) {
            return Some((schema, reference, ""));
        }
        let (name, pointer) = path.split_at(path.find('/').unwrap_or(path.len()));
        let unescaped = |name: &str| self.components.get(&name.replace("~1", "/").replace("~0", "~"));
        let schema = unescaped(name).or_else(|| unescaped(&decoded(name)))?;
        Some((schema, &reference[..reference.len() - pointer.len()], pointer))
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of_components(self.components))
    }
}

/// A fragment without the escapes of addresses.
pub(super) fn decoded(fragment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(fragment).decode_utf8_lossy()
}
