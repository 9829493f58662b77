//! Collects the schemas that operations refer to as components, wherever they stand in the document.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use openapi_document::Document;
use openapi_document::document::unescaped;
use openapi_document::node::Node;
use serde_json::{Map, Value, json};

use super::findings::Findings;
use super::operations::{pointer, put};
use super::plain::{holds_schemas_by_name, with_references};
use super::shape::{PARTS, has_parts_beside};

/// Adds each schema that is referred to, directly or not, under `components.schemas`, and makes every reference one to
/// there. What leads nowhere is any JSON.
pub(super) fn settle(document: &Document, value: &mut Value, findings: &mut Findings) {
    let mut known = Schemas {
        document,
        names: HashMap::new(),
        taken: Map::new(),
        open: Vec::new(),
        bases: Vec::new(),
        known_bases: HashSet::new(),
        builds: false,
        findings,
    };
    // A component keeps its name, whatever else needs one.
    for entry in document.components("schemas") {
        let reference = pointer(["components", "schemas", &entry.key]);
        known.taken.insert(entry.key.clone(), Value::Null);
        known.names.insert(format!("#{reference}"), entry.key.clone());
    }
    let mut schemas = Map::new();
    known.settle(value, &mut Vec::new(), false);
    let subtypes = subtypes(document);
    loop {
        while let Some((name, reference)) = known.open.pop() {
            if let Some(node) = document.target(&reference) {
                let mut schema = with_references(node);
                known.builds = builds(&schema);
                known.settle(
                    &mut schema,
                    &mut vec!["components".to_owned(), "schemas".to_owned(), name.clone()],
                    false,
                );
                known.builds = false;
                schemas.insert(name, schema);
            }
        }
        let Some(base) = known.bases.pop() else { break };
        for (subtype, is_alias) in subtypes.get(base.as_str()).into_iter().flatten() {
            // Another name of a component is needed only by what refers to it.
            if !is_alias {
                known.name_of(subtype);
            }
            known.add_base(subtype);
        }
    }
    // In the order of the document, then those from elsewhere.
    let mut ordered = Map::new();
    for name in document.components("schemas").map(|entry| &entry.key) {
        ordered.extend(schemas.remove_entry(name));
    }
    schemas.sort_keys();
    ordered.extend(schemas);
    put(value, &["components", "schemas"], ordered);
}

struct Schemas<'d, 'f> {
    document: &'d Document,
    /// By reference, as a JSON pointer behind `#`.
    names: HashMap<String, String>,
    /// Names that are used, each once its schema is wanted with `true`.
    taken: Map<String, Value>,
    /// Schemas still to be added: name and reference.
    open: Vec<(String, String)>,
    /// References to schemas that values are of, whose subtypes are still to be added.
    bases: Vec<String>,
    known_bases: HashSet<String>,
    /// Whether the component whose references are rewritten builds on those of its `allOf`.
    builds: bool,
    findings: &'f mut Findings,
}

impl Schemas<'_, '_> {
    /// Rewrites the references within. `is_names`: the keys of `value` are names of the author's, not members of an object
    /// of OpenAPI.
    fn settle(&mut self, value: &mut Value, steps: &mut Vec<String>, is_names: bool) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str).filter(|_| !is_names) {
            match self.name_of(reference) {
                Some(name) => {
                    // What a component builds on is no value of its own.
                    let is_part = self.builds
                        && (steps.len() == 3 || matches!(&steps[..], [_, _, _, keyword, _] if keyword == "allOf"));
                    let is_base = |node: &Node| node.get("discriminator").is_some() && !lists_alternatives(node);
                    if !is_part && self.document.target(reference).is_some_and(is_base) {
                        self.add_base(reference);
                    }
                    value["$ref"] = format!("#/components/schemas/{name}").into();
                }
                None => {
                    let message = format!("`{reference}` leads to no schema, so any JSON is taken there");
                    let place = pointer(steps.iter().map(String::as_str));
                    self.findings.warn("dangling-reference", place, message, "correct the reference");
                    *value = json!({});
                }
            }
        }
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match key.as_str() {
                        "mapping" if !is_names => self.settle_mapping(member),
                        "default" | "enum" | "const" if !is_names => {}
                        _ => {
                            steps.push(key.clone());
                            self.settle(member, steps, !is_names && are_names(key));
                            steps.pop();
                        }
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    steps.push(index.to_string());
                    self.settle(item, steps, false);
                    steps.pop();
                }
            }
            _ => {}
        }
    }

    fn add_base(&mut self, reference: &str) {
        let reference = canonical(&steps(reference));
        if self.known_bases.insert(reference.clone()) {
            self.bases.push(reference);
        }
    }

    /// A discriminator refers without `$ref`, by reference or by name.
    fn settle_mapping(&mut self, mapping: &mut Value) {
        for (_, target) in mapping.as_object_mut().into_iter().flatten() {
            let Some(text) = target.as_str() else { continue };
            let reference = if text.contains('#') { text.to_owned() } else { format!("#/components/schemas/{text}") };
            if let Some(name) = self.name_of(&reference) {
                *target = format!("#/components/schemas/{name}").into();
            }
        }
    }

    /// The name of the component that a reference leads to.
    fn name_of(&mut self, reference: &str) -> Option<String> {
        self.document.target(reference)?;
        let steps = steps(reference);
        let canonical = canonical(&steps);
        let name = match self.names.get(&canonical) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(&steps);
                self.names.insert(canonical.clone(), name.clone());
                name
            }
        };
        if self.taken.insert(name.clone(), Value::Bool(true)) != Some(Value::Bool(true)) {
            self.open.push((name.clone(), canonical));
        }
        Some(name)
    }

    /// A name from the last steps of a reference that say something: `Shelf_place` for
    /// `#/components/schemas/Shelf/properties/place`.
    fn free_name(&self, steps: &[Cow<'_, str>]) -> String {
        const SILENT: [&str; 16] = [
            "components",
            "schemas",
            "properties",
            "paths",
            "responses",
            "content",
            "schema",
            "items",
            "allOf",
            "oneOf",
            "anyOf",
            "application/json",
            "requestBody",
            "parameters",
            "$defs",
            "definitions",
        ];
        let telling = steps.iter().map(AsRef::as_ref).filter(|step| !SILENT.contains(step));
        let name = telling.collect::<Vec<&str>>().join("_");
        let mut free = name.clone();
        let mut number = 2;
        while self.taken.contains_key(&free) {
            free = format!("{name}_{number}");
            number += 1;
        }
        free
    }
}

fn lists_alternatives(schema: &Node) -> bool {
    schema.get("oneOf").or_else(|| schema.get("anyOf")).is_some()
}

/// The steps of a reference, without what escapes them.
fn steps(reference: &str) -> Vec<Cow<'_, str>> {
    reference.trim_start_matches("#/").split('/').map(unescaped).collect()
}

/// The one form of a reference: there are several that lead to the same place.
fn canonical(steps: &[Cow<'_, str>]) -> String {
    format!("#{}", pointer(steps.iter().map(AsRef::as_ref)))
}

/// By the reference to a component, those to the components that build on it, and whether each is only another name of it.
fn subtypes(document: &Document) -> HashMap<String, Vec<(String, bool)>> {
    let mut found: HashMap<String, Vec<(String, bool)>> = HashMap::new();
    for entry in document.components("schemas") {
        let own = format!("#{}", pointer(["components", "schemas", &entry.key]));
        let is_alias = entry.value.get("$ref").is_some() && !PARTS.iter().any(|key| entry.value.get(key).is_some());
        let parts = entry.value.get("allOf").into_iter().flat_map(Node::items);
        for base in parts.chain([&entry.value]).filter_map(|part| part.text("$ref")) {
            found.entry(canonical(&steps(base))).or_default().push((own.clone(), is_alias));
        }
    }
    found
}

/// Whether a component builds on what it refers to: it says more of the value, so that it is no other name of it.
fn builds(schema: &Value) -> bool {
    if schema.get("$ref").is_some() {
        return has_parts_beside(schema);
    }
    let says = |schema: &Value| {
        ["$ref", "properties", "required", "patternProperties", "additionalProperties", "allOf", "oneOf", "anyOf"]
            .iter()
            .any(|key| match &schema[*key] {
                Value::Object(members) => !members.is_empty(),
                Value::Array(parts) => !parts.is_empty(),
                Value::Bool(others) => !others,
                said => said.is_string(),
            })
    };
    let mut own = schema.clone();
    let parts = own.as_object_mut().and_then(|own| own.shift_remove("allOf")).unwrap_or_default();
    let parts = parts.as_array().into_iter().flatten().filter(|part| says(part)).count();
    parts + usize::from(says(&own)) > 1
}

/// Whether the keys below this key are names.
fn are_names(key: &str) -> bool {
    holds_schemas_by_name(key) || matches!(key, "paths" | "responses" | "content" | "headers" | "encoding" | "schemas")
}
