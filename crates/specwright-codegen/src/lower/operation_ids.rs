//! Gives every operation an id of its own, from which a Rust name can be made.

use std::collections::HashSet;

use openapi_document::document::{METHODS, is_free_for_operation, pascal_case, snake_case};
use openapi_document::node::{Data, Entry, Map, Node};
use openapi_document::{At, Document};

use super::findings::{DOCUMENT, Findings};
use super::operations::pointer;

/// The document with ids made where there is none, where one is there twice, and where one is no name. All that is
/// generated from it agrees on them.
pub(crate) fn with_ids(document: &Document, findings: &mut Findings) -> Document {
    let mut root = document.root().clone();
    let mut taken = HashSet::new();
    // A good name is kept, wherever the operation stands.
    let mut seen: HashSet<String> = HashSet::new();
    for item in document.root().entries_of("paths") {
        let operations = item.value.entries().filter(|member| METHODS.contains(&member.key.as_str()));
        seen.extend(
            operations.filter_map(|member| member.value.text("operationId")).map(|id| pascal_case(&rust_name(id))),
        );
    }
    if let Data::Map(members) = &mut root.data {
        let changed = members.iter().map(|entry| {
            if entry.key != "paths" {
                return entry.clone();
            }
            let items = entry.value.entries().map(|item| Entry {
                value: map_of(
                    item.value.at,
                    item.value.entries().map(|member| {
                        if !METHODS.contains(&member.key.as_str()) || !item.key.starts_with('/') {
                            return member.clone();
                        }
                        with_id(&item.key, member, &seen, &mut taken, findings)
                    }),
                ),
                ..item.clone()
            });
            Entry { value: map_of(entry.value.at, items), ..entry.clone() }
        });
        *members = collected(changed);
    }
    document.with_root(root)
}

fn with_id(
    path: &str,
    member: &Entry,
    seen: &HashSet<String>,
    taken: &mut HashSet<String>,
    findings: &mut Findings,
) -> Entry {
    let Data::Map(operation) = &member.value.data else { return member.clone() };
    let given = member.value.text("operationId").filter(|id| !id.is_empty());
    let made = given.map_or_else(|| made_name(&member.key, path), rust_name);
    // A name that is written somewhere else stays there: what is made takes the next number.
    let is_own = |name: &str| given.is_some() && name == made;
    let name = free(&made, |name| {
        let name_of_builder = pascal_case(name);
        taken.contains(&name_of_builder) || !is_own(name) && seen.contains(&name_of_builder)
    });
    taken.insert(pascal_case(&name));
    if given.is_some_and(|id| snake_case(id) == name && is_plain(id)) {
        return member.clone();
    }
    let from = given.map_or_else(|| format!("{} {path}", member.key.to_uppercase()), str::to_owned);
    let steps = [DOCUMENT, "paths", path, &member.key].into_iter().chain(given.map(|_| "operationId"));
    let place = pointer(steps);
    findings.rename("operation", &from, &name, place.clone());
    if let Some(id) = given.filter(|_| name != made) {
        let message = format!("another operation has the name of `{id}` in Rust, so this one is called `{name}`");
        findings.warn("operation-id", place, message, "give each operation an id of its own");
    }
    let id = Entry {
        key: "operationId".to_owned(),
        at: member.value.key_at("operationId"),
        value: Node { at: member.value.key_at("operationId"), data: Data::Text(name) },
    };
    let others = operation.iter().filter(|entry| entry.key != "operationId").cloned();
    Entry { value: map_of(member.value.at, std::iter::once(id).chain(others)), ..member.clone() }
}

/// Whether an id can be kept as it is written.
fn is_plain(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte))
}

/// `repos_get` for `repos/get`; never empty, no keyword, and nothing that the client calls something of its own.
fn rust_name(id: &str) -> String {
    let ascii: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let name = snake_case(&ascii);
    if name.is_empty() {
        return "operation".to_owned();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("operation_{name}");
    }
    if is_free_for_operation(&name) { name } else { format!("{name}_operation") }
}

/// `get_shelves_by_id` for `GET /shelves/{id}`.
fn made_name(method: &str, path: &str) -> String {
    let path = path.split('#').next().unwrap_or(path).replace('{', "/by-").replace('}', "/");
    rust_name(&format!("{method} {path}"))
}

/// The name, or the name with the first number that is free.
fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2_u32..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

fn map_of(at: At, entries: impl Iterator<Item = Entry>) -> Node {
    Node { at, data: Data::Map(collected(entries)) }
}

fn collected(entries: impl Iterator<Item = Entry>) -> Map {
    let mut map = Map::default();
    entries.for_each(|entry| map.push(entry));
    map
}
