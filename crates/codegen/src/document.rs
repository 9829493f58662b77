//! One document, read: its tree, its references, its operations.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostic::Diagnostics;
use crate::node::{Data, Entry, Node};
use crate::operations::{self, Operation};
use crate::{rules, shape, yaml};

/// A document that could be read: OpenAPI 3.0, well-formed. Whether it keeps the rules is another question.
pub struct Document {
    name: String,
    root: Node,
    /// Violations that did not keep the document from being read.
    found: Diagnostics,
}

impl Document {
    /// Reads a document from YAML or JSON. `name` is what diagnostics call it, usually the path.
    ///
    /// # Errors
    /// When nothing can be made of the text at all: it is not YAML, or not OpenAPI 3.0.
    pub fn read(name: &str, text: &str) -> Result<Document, Diagnostics> {
        let mut found = Diagnostics::default();
        let root = yaml::read(text, &mut found);
        if let Some(root) = &root {
            shape::check_version(root, &mut found);
        }
        let unreadable = found.0.iter().any(|problem| problem.rule == "openapi-version");
        match root {
            Some(root) if !unreadable => Ok(Document { name: name.to_owned(), root, found }),
            _ => Err(Document::finish(name, found, None)),
        }
    }

    /// A document put together from others.
    pub(crate) fn of(name: String, root: Node) -> Document {
        Document { name, root, found: Diagnostics::default() }
    }

    /// What diagnostics call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Every rule that the document violates, in reading order: of OpenAPI 3.0, of this project, and of the client
    /// generator.
    pub fn check(&self) -> Diagnostics {
        let mut found = self.found.clone();
        let survey = shape::check(&self.root, &mut found);
        let operations = self.operations();
        rules::check(self, &operations, &survey, &mut found);
        Document::finish(&self.name, found, Some(&operations))
    }

    /// Puts diagnostics into reading order and says for each in which file and operation it is.
    fn finish(name: &str, mut found: Diagnostics, operations: Option<&[Operation<'_>]>) -> Diagnostics {
        for problem in &mut found.0 {
            name.clone_into(&mut problem.file);
            if problem.operation.is_none() {
                let line = problem.at.line;
                let owner = operations
                    .unwrap_or_default()
                    .iter()
                    .find(|op| op.path_at.line == line || (op.at.line..=op.last_line).contains(&line));
                problem.operation = owner.map(Operation::label);
            }
        }
        found.0.sort_by_key(|problem| problem.at);
        found.0.dedup_by(|b, a| a.rule == b.rule && a.at == b.at && a.message == b.message);
        found
    }

    /// Completes diagnostics that were found after the check.
    pub(crate) fn finish_own(&self, found: Diagnostics) -> Diagnostics {
        Document::finish(&self.name, found, Some(&self.operations()))
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        operations::all(self)
    }

    /// The members of `components.<section>`.
    pub(crate) fn components(&self, section: &str) -> std::slice::Iter<'_, Entry> {
        self.root.get("components").map_or([].iter(), |components| components.entries_of(section))
    }

    /// `components.schemas` as JSON, for judging values; and what schemas elsewhere are referred to, each under its
    /// [`schema_name`].
    pub(crate) fn schemas(&self) -> serde_json::Map<String, serde_json::Value> {
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
    pub(crate) fn resolve<'d>(&'d self, node: &'d Node) -> Option<&'d Node> {
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
    pub(crate) fn target(&self, reference: &str) -> Option<&Node> {
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

/// What the target of a reference is called among the schemas of a suite: a component by its name, everything else in
/// the document by the reference itself. Bundlers leave a schema where it stood first, and refer to that place
/// (`#/paths/~1a/get/responses/200/content/application~1json/schema`).
pub(crate) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/").or(Some(reference).filter(|it| it.starts_with("#/")))
}

/// The references that may lead to a schema that is no component.
fn references_elsewhere<'d>(node: &'d Node, found: &mut BTreeSet<&'d str>) {
    node.items().iter().for_each(|item| references_elsewhere(item, found));
    node.entries().for_each(|entry| references_elsewhere(&entry.value, found));
    if let Some(reference) = node.text("$ref") {
        // `#/components/SECTION/NAME` is a component.
        let is_component = reference.starts_with("#/components/") && reference.matches('/').count() == 3;
        if !is_component {
            found.insert(reference);
        }
    }
}

/// A step of a reference without the escapes of URIs and of JSON pointers.
pub(crate) fn unescaped(step: &str) -> Cow<'_, str> {
    if !step.bytes().any(|byte| byte == b'%' || byte == b'~') {
        return Cow::Borrowed(step);
    }
    let decoded = percent_encoding::percent_decode_str(step).decode_utf8_lossy();
    Cow::Owned(decoded.replace("~1", "/").replace("~0", "~"))
}

/// The text of every `$ref` within.
pub(crate) fn references(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            found.extend(members.get("$ref").and_then(serde_json::Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
