//! Finds what a reference means: an address, an anchor or a pointer, among the schemas given. Nothing is fetched.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::check::value::{member_of, push_index, push_name};

pub(super) const COMPONENTS: &str = "#/components/schemas/";

/// Deeper schemas have no identifiers: as deep as a judgement goes.
const MAX_DEPTH: usize = 300;

/// What references are relative to: a schema with an `$id`, a component, or the schema that was given.
#[derive(Clone, Debug)]
pub(super) struct Resource<'s> {
    /// Its `$id`, made absolute; of a component without one, the reference to it; otherwise empty.
    pub(super) address: Cow<'s, str>,
    pub(super) root: &'s Value,
}

impl<'s> Resource<'s> {
    /// A part of this resource that begins another by its `$id`, as that resource.
    pub(super) fn within(self, part: &'s Value) -> Self {
        match identifier(part) {
            Some(id) if !std::ptr::eq(part, self.root) => {
                Self { address: resolved(&self.address, id).into(), root: part }
            }
            _ => self,
        }
    }

    /// The schema at a JSON pointer, and the resource that it belongs to.
    pub(super) fn pointer(self, pointer: &str) -> Option<(&'s Value, Self)> {
        let (mut value, mut resource) = (self.root, self);
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            value = match value {
                Value::Object(members) => members.get(&name)?,
                Value::Array(elements) => elements.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
            resource = resource.within(value);
        }
        Some((value, resource))
    }
}

/// The identifiers within one schema, or within all components.
#[derive(Debug, Default)]
pub(super) struct Index {
    resources: HashMap<String, Place>,
    /// By the address of their resource, and their name.
    anchors: HashMap<(String, String), Place>,
    dynamic: HashSet<(String, String)>,
    /// Anchors of the document itself: of all resources without an address.
    shared: HashMap<String, Place>,
}

/// Where something stands. It borrows nothing, so that who owns the schemas can own their index.
#[derive(Clone, Debug)]
struct Place {
    /// The component; nothing for the schema that was given.
    component: Option<String>,
    pointer: String,
    /// The resource around it.
    resource: String,
    address: String,
}

impl Index {
    pub(super) fn of_schema(schema: &Value) -> Self {
        let mut index = Self::default();
        index.add(schema, None, String::new());
        index
    }

    pub(super) fn of_components(components: &Map<String, Value>) -> Self {
        let mut index = Self::default();
        for (name, schema) in components {
            index.add(schema, Some(name), address(name));
        }
        index
    }

    fn add(&mut self, schema: &Value, component: Option<&str>, address: String) {
        let place = |pointer: &str, resource: &str, address: &str| Place {
            component: component.map(str::to_owned),
            pointer: pointer.to_owned(),
            resource: resource.to_owned(),
            address: address.to_owned(),
        };
        if !address.is_empty() {
            self.resources.entry(address.clone()).or_insert_with(|| place("", "", &address));
        }
        let mut waiting = vec![(schema, String::new(), String::new(), address, 0)];
        while let Some((schema, pointer, mut resource, mut address, depth)) = waiting.pop() {
            let Value::Object(members) = schema else { continue };
            if let Some(id) = identifier(schema) {
                resource.clone_from(&pointer);
                address = resolved(&address, id);
                self.resources.entry(address.clone()).or_insert_with(|| place(&pointer, &resource, &address));
            }
            for keyword in ["$anchor", "$dynamicAnchor"] {
                let Some(name) = members.get(keyword).and_then(Value::as_str) else { continue };
                let key = (address.clone(), name.to_owned());
                let anchor = place(&pointer, &resource, &address);
                if is_document(&address) {
                    self.shared.entry(name.to_owned()).or_insert_with(|| anchor.clone());
                }
                if keyword == "$dynamicAnchor" {
                    self.dynamic.insert(key.clone());
                    self.anchors.insert(key, anchor);
                } else {
                    self.anchors.entry(key).or_insert(anchor);
                }
            }
            if depth < MAX_DEPTH {
                waiting.extend(subschemas(members).into_iter().map(|(steps, part)| {
                    (part, pointer.clone() + &steps, resource.clone(), address.clone(), depth + 1)
                }));
            }
        }
    }
}

/// The indexes of both sets of schemas, with the schemas: first the one that was given.
#[derive(Clone, Copy)]
pub(super) struct Known<'i, 's> {
    pub(super) schema: (&'s Value, &'i Index),
    pub(super) components: (&'s Map<String, Value>, &'i Index),
}

impl<'s> Known<'_, 's> {
    pub(super) fn resource(&self, address: &str) -> Option<Resource<'s>> {
        self.places(|index| index.resources.get(address)).map(|(_, resource)| resource)
    }

    pub(super) fn anchor(&self, resource: &Resource<'s>, name: &str) -> Option<(&'s Value, Resource<'s>)> {
        let key = (resource.address.clone().into_owned(), name.to_owned());
        self.places(|index| index.anchors.get(&key)).or_else(|| {
            let shared = is_document(&resource.address).then(|| self.places(|index| index.shared.get(name)));
            shared.flatten()
        })
    }

    pub(super) fn dynamic_anchor(&self, resource: &Resource<'s>, name: &str) -> Option<(&'s Value, Resource<'s>)> {
        let key = (resource.address.clone().into_owned(), name.to_owned());
        self.places(|index| index.dynamic.get(&key).and_then(|key| index.anchors.get(key)))
    }

    fn places<'k>(&'k self, find: impl Fn(&'k Index) -> Option<&'k Place>) -> Option<(&'s Value, Resource<'s>)> {
        let place = find(self.schema.1).or_else(|| find(self.components.1))?;
        let home = match &place.component {
            Some(name) => self.components.0.get(name)?,
            None => self.schema.0,
        };
        let resource = Resource { address: place.address.clone().into(), root: home.pointer(&place.resource)? };
        Some((home.pointer(&place.pointer)?, resource))
    }
}

/// What a component is the resource of. One that is called like an address stands at this address.
fn address(name: &str) -> String {
    if name.contains("://") || name.starts_with("urn:") || name.starts_with('#') {
        return name.to_owned();
    }
    let mut address = COMPONENTS[..COMPONENTS.len() - 1].to_owned();
    push_name(&mut address, name);
    address
}

/// Whether what has this address is a part of the document itself.
fn is_document(address: &str) -> bool {
    address.is_empty() || address.starts_with('#')
}

/// The `$id` of a schema. One that is a fragment (as in older drafts) begins no resource.
fn identifier(schema: &Value) -> Option<&str> {
    member_of(schema, "$id")?.as_str().filter(|id| !id.starts_with('#'))
}

/// The schemas right within a schema, each with a pointer to it. What stands in an `enum` or under a word that is unknown
/// is no schema.
fn subschemas(members: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (keyword, value) in members {
        let pointer = || {
            let mut pointer = String::new();
            push_name(&mut pointer, keyword);
            pointer
        };
        match (keyword.as_str(), value) {
            (
                "items"
                | "contains"
                | "unevaluatedItems"
                | "additionalProperties"
                | "propertyNames"
                | "unevaluatedProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contentSchema",
                _,
            ) => found.push((pointer(), value)),
            ("prefixItems" | "allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                found.extend(schemas.iter().enumerate().map(|(index, schema)| {
                    let mut pointer = pointer();
                    push_index(&mut pointer, index);
                    (pointer, schema)
                }));
            }
            (
                "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
                Value::Object(schemas),
            ) => {
                found.extend(schemas.iter().map(|(name, schema)| {
                    let mut pointer = pointer();
                    push_name(&mut pointer, name);
                    (pointer, schema)
                }));
            }
            _ => {}
        }
    }
    found
}

/// `reference` as it is meant at `base`, both without their fragments (RFC 3986, section 5.2). Either may be relative.
pub(super) fn resolved(base: &str, reference: &str) -> String {
    let (base, reference) = (without_fragment(base), without_fragment(reference));
    if reference.is_empty() {
        return base.to_owned();
    }
    if scheme(reference) > 0 {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_at(scheme(base));
    if reference.starts_with("//") {
        return format!("{scheme}{reference}");
    }
    let authority = match rest.strip_prefix("//") {
        Some(host) => 2 + host.find(['/', '?']).unwrap_or(host.len()),
        None => 0,
    };
    let (authority, rest) = rest.split_at(authority);
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let (to, query) = reference.split_at(reference.find('?').unwrap_or(reference.len()));
    let merged = match path.rfind('/') {
        _ if to.is_empty() => path.to_owned(),
        _ if to.starts_with('/') => without_dots(to),
        Some(slash) => without_dots(&format!("{}{to}", &path[..=slash])),
        None if authority.is_empty() => without_dots(to),
        None => without_dots(&format!("/{to}")),
    };
    format!("{scheme}{authority}{merged}{query}")
}

fn without_fragment(address: &str) -> &str {
    address.split_once('#').map_or(address, |(address, _)| address)
}

/// How long the scheme of an address is, with its colon.
fn scheme(address: &str) -> usize {
    let is_scheme = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    };
    address.find(':').filter(|colon| is_scheme(&address[..*colon])).map_or(0, |colon| colon + 1)
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    let mut names = path.split('/').skip(usize::from(is_absolute)).peekable();
    while let Some(name) = names.next() {
        let is_last = names.peek().is_none();
        match name {
            "." | ".." => {
                if name == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            name => kept.push(name),
        }
    }
    format!("{}{}", if is_absolute { "/" } else { "" }, kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_as_rfc_3986_says() {
        for (base, reference, expected) in [
            ("http://a/b/c/d;p?q", "g", "http://a/b/c/g"),
            ("http://a/b/c/d;p?q", "./g/", "http://a/b/c/g/"),
            ("http://a/b/c/d;p?q", "/g", "http://a/g"),
            ("http://a/b/c/d;p?q", "//g", "http://g"),
            ("http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"),
            ("http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y"),
            ("http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"),
            ("http://a/b/c/d;p?q", "..", "http://a/b/"),
            ("http://a/b/c/d;p?q", "../../../g", "http://a/g"),
            ("http://a/b/c/d;p?q", "mid:g", "mid:g"),
            ("http://a", "b", "http://a/b"),
            ("urn:example:a", "#b", "urn:example:a"),
            ("", "./list", "list"),
            ("#/components/schemas/A", "list", "list"),
            ("list", "tree", "tree"),
        ] {
            assert_eq!(resolved(base, reference), expected, "{base} {reference}");
        }
    }
}
