//! Gives every operation an id of its own, from which a Rust name can be made.

use std::collections::HashSet;

use openapi_document::Document;
use openapi_document::document::{METHODS, is_free_for_operation, pascal_case, snake_case};
use openapi_document::node::{Data, Entry, Node};

use super::findings::{DOCUMENT, Findings};
use super::operations::pointer;

/// The document with ids made where there is none, where one is there twice, and where one is no name. All that is
/// generated from it agrees on them.
pub(crate) fn with_ids(document: Document, findings: &mut Findings) -> Document {
    let mut taken = HashSet::new();
    // A good name is kept, wherever the operation stands.
    let mut seen: HashSet<String> = HashSet::new();
    for item in document.root().entries_of("paths") {
        let operations = item.value.entries().filter(|member| METHODS.contains(&member.key.as_str()));
        seen.extend(
            operations.filter_map(|member| member.value.text("operationId")).map(|id| pascal_case(&rust_name(id))),
        );
    }
    let mut ids: Vec<(String, String, Entry)> = Vec::new();
    for item in document.root().entries_of("paths").filter(|item| item.key.starts_with('/')) {
        for member in item.value.entries().filter(|member| METHODS.contains(&member.key.as_str())) {
            let id = new_id(&item.key, member, &seen, &mut taken, findings);
            ids.extend(id.map(|id| (item.key.clone(), member.key.clone(), id)));
        }
    }
    document.changed(|root| {
        let Some(paths) = root.get_mut("paths") else { return };
        for (path, method, id) in ids {
            let operation = paths.get_mut(&path).and_then(|item| item.get_mut(&method));
            if let Some(Data::Map(members)) = operation.map(|operation| &mut operation.data) {
                let others = std::mem::take(members).into_iter().filter(|entry| entry.key != "operationId");
                std::iter::once(id).chain(others).for_each(|entry| members.push(entry));
            }
        }
    })
}

/// The id that an operation gets, if it does not keep its own.
fn new_id(
    path: &str,
    member: &Entry,
    seen: &HashSet<String>,
    taken: &mut HashSet<String>,
    findings: &mut Findings,
) -> Option<Entry> {
    member.value.as_map()?;
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
        return None;
    }
    let from = given.map_or_else(|| format!("{} {path}", member.key.to_uppercase()), str::to_owned);
    let steps = [DOCUMENT, "paths", path, &member.key].into_iter().chain(given.map(|_| "operationId"));
    let place = pointer(steps);
    findings.rename("operation", &from, &name, place.clone());
    if let Some(id) = given.filter(|_| name != made) {
        let message = format!("another operation has the name of `{id}` in Rust, so this one is called `{name}`");
        findings.warn("operation-id", place, message, "give each operation an id of its own");
    }
    let at = member.value.key_at("operationId");
    Some(Entry { key: "operationId".to_owned(), at, value: Node { at, data: Data::Text(name) } })
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
