//! The keywords of a schema, and values that break them.

use serde_json::Value;

use crate::document::{Document, parts};
use crate::node::{Data, Node};

/// A value that breaks a constraint.
pub(super) struct Break {
    /// The end of an id.
    pub(super) what: String,
    pub(super) value: Value,
    /// In words that fit after what is broken.
    pub(super) how: String,
}

impl Break {
    pub(super) fn new(what: impl Into<String>, value: Value, how: impl Into<String>) -> Self {
        Self { what: what.into(), value, how: how.into() }
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// In a body, where it has a type.
    Json,
    /// Outside of bodies, where everything is a text.
    Text,
}

/// The keywords of one schema, those of its parts (`allOf`) included.
pub(super) struct Keywords<'d> {
    parts: Vec<&'d Node>,
}

impl<'d> Keywords<'d> {
    pub(super) fn of(document: &'d Document, schema: &'d Node) -> Self {
        Self { parts: parts(document, schema) }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'d Node> {
        self.parts.iter().find_map(|part| part.get(name))
    }

    pub(super) fn text(&self, name: &str) -> Option<&'d str> {
        self.get(name)?.as_text()
    }

    /// The types that are listed, `null` left out.
    pub(super) fn types(&self) -> Vec<&'d str> {
        let Some(node) = self.get("type") else { return Vec::new() };
        let listed = node.as_text().into_iter().chain(node.items().iter().filter_map(Node::as_text));
        listed.filter(|name| *name != "null").collect()
    }

    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.get(name)?.to_json().as_u64()
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.to_json().as_f64()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Node { data: Data::Flag(true), .. }))
    }

    /// Whether a text of the document says this of the value.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let text = self.text("description").unwrap_or_default().to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}
