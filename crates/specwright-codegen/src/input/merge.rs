//! Merges several documents that are one API. What two of them both have is the same in each of them, word for word.

use std::collections::HashMap;

use openapi_document::document::{METHODS, Operation, are_told_apart, pascal_case, snake_case, without_names};
use openapi_document::node::{Data, Entry, Map, Node};
use openapi_document::{Api, At, Diagnostics, Document};

use super::document::Input;

/// The paths and the components of all documents; everything else is of the first.
///
/// # Errors
/// Components of one name that differ, names that are one in Rust, and requests that nothing tells apart. Each document
/// keeps the rules by itself.
pub(crate) fn merge(inputs: &[Input<'_>]) -> Result<Document, Diagnostics> {
    let [first, others @ ..] = inputs else { return Ok(Document::new(String::new(), empty())) };
    let mut found = Vec::new();
    let mut root = first.api.document().root().clone();
    for (index, input) in others.iter().enumerate() {
        let mut own = Diagnostics::default();
        for earlier in &inputs[..=index] {
            compare(earlier.api.document(), input.api.document(), &mut own);
        }
        found.extend(input.api.locate(own).0);
        add(&mut root, input.api.document().root());
    }
    let names: Vec<&str> = inputs.iter().map(|input| input.api.document().name()).collect();
    let document = Document::new(names.join(" and "), root);
    for (index, input) in others.iter().enumerate() {
        let mut own = Diagnostics::default();
        for earlier in &inputs[..=index] {
            check_operations(&document, earlier.api, input.api, &mut own);
        }
        found.extend(input.api.locate(own).0);
    }
    if found.is_empty() { Ok(document) } else { Err(Diagnostics(found).strict()) }
}

/// Reports what `second` has otherwise than `first`, although it has it under the same name.
fn compare(first: &Document, second: &Document, found: &mut Diagnostics) {
    const HINT: &str = "what two documents both have must be the same in both; give one of the two another name";
    let mut check = |what: String, a: &Node, b: &Node| {
        if let Some((at, other, how)) = difference(a, b, String::new()) {
            let message = format!("{what} is not what it is in {}", first.name());
            let notes = vec![how, format!("there: {}:{}:{}", first.name(), other.line, other.column)];
            found.report_with("documents-differ", at, message, notes, HINT);
        }
    };
    for section in second.root().entries_of("components") {
        for entry in section.value.entries() {
            let earlier = first.components(&section.key).find(|known| known.key == entry.key);
            if let Some(earlier) = earlier {
                check(format!("`{}` of components.{}", entry.key, section.key), &earlier.value, &entry.value);
            }
        }
    }
    for entry in second.root().entries_of("paths") {
        let Some(earlier) = first.root().get("paths").and_then(|paths| paths.get(&entry.key)) else { continue };
        let common = |item: &Node| {
            let kept = item.entries().filter(|member| !METHODS.contains(&member.key.as_str()));
            map_of(item.at, kept.cloned())
        };
        check(format!("what all operations of {} share", entry.key), &common(earlier), &common(&entry.value));
    }
    let absent = Node { at: At::START, data: Data::Null };
    let security = |document: &Document| document.root().get("security").unwrap_or(&absent).clone();
    check("the security of all operations".to_owned(), &security(first), &security(second));

    let names: HashMap<String, &Entry> =
        first.components("schemas").map(|entry| (pascal_case(&entry.key), entry)).collect();
    for entry in second.components("schemas") {
        let name = pascal_case(&entry.key);
        if let Some(other) = names.get(&name).filter(|other| other.key != entry.key && !name.is_empty()) {
            let message = format!("the schemas `{}` and `{}` both become `{name}` in Rust", other.key, entry.key);
            let notes = vec![format!("the other: {}:{}:{}", first.name(), other.at.line, other.at.column)];
            found.report_with("rust-name", entry.at, message, notes, "make the names differ in more than case");
        }
    }
}

/// Where `b` first differs from `a`: the place in `b`, the place in `a`, and in what.
fn difference(a: &Node, b: &Node, within: String) -> Option<(At, At, String)> {
    let member = |key: &str| if within.is_empty() { key.to_owned() } else { format!("{within}.{key}") };
    match (&a.data, &b.data) {
        (Data::Map(known), Data::Map(map)) => {
            for entry in map.iter() {
                match known.get(&entry.key) {
                    Some(value) => {
                        let found = difference(value, &entry.value, member(&entry.key));
                        if found.is_some() {
                            return found;
                        }
                    }
                    None => return Some((entry.at, a.at, format!("only here: {}", member(&entry.key)))),
                }
            }
            let missing = known.iter().find(|entry| map.get(&entry.key).is_none())?;
            Some((b.at, missing.at, format!("only there: {}", member(&missing.key))))
        }
        (Data::List(known), Data::List(items)) if known.len() == items.len() => {
            let mut pairs = known.iter().zip(items).enumerate();
            pairs.find_map(|(index, (a, b))| difference(a, b, member(&index.to_string())))
        }
        _ if a.to_json() == b.to_json() => None,
        _ => {
            let what = if within.is_empty() { String::new() } else { format!("{within} is ") };
            Some((b.at, a.at, format!("{what}{} here, and {} there", b.describe(), a.describe())))
        }
    }
}

/// Reports operations of `second` that cannot stand beside those of `first`.
fn check_operations(all: &Document, first: &Api<'_>, second: &Api<'_>, found: &mut Diagnostics) {
    let (earlier, first) = (first.operations(), first.document());
    let place = |operation: &Operation<'_>| vec![format!("the other: {}:{}", first.name(), operation.at.line)];
    for operation in second.operations() {
        if let Some(other) = earlier.iter().find(|other| snake_case(other.id) == snake_case(operation.id)) {
            let message = format!("`{}` and `{}` of {} are one name in Rust", operation.id, other.id, first.name());
            let hint = "give each operation a name of its own";
            found.report_with("operation-id", operation.at, message, place(other), hint);
        }
        let address = without_names(operation.path);
        let same = earlier.iter().filter(|other| other.method == operation.method);
        for other in same.filter(|other| without_names(other.path) == address) {
            if !are_told_apart(all, other, operation) {
                let message = format!(
                    "nothing on the wire tells `{}` from `{}` of {}",
                    operation.label(),
                    other.label(),
                    first.name()
                );
                let hint = "give each a required query parameter whose enum has one value, or a path of its own";
                found.report_with("same-address", operation.path_at, message, place(other), hint);
            } else if other.key == operation.key {
                let message = format!("{} has this key and method too", first.name());
                let hint = "give one of the two another label: the part after `#` is never sent";
                found.report_with("same-address", operation.path_at, message, place(other), hint);
            }
        }
    }
}

/// Adds paths and components that `root` does not have.
fn add(root: &mut Node, other: &Node) {
    for section in ["paths", "components"] {
        if let Some(added) = other.get(section) {
            let known = root.get(section).cloned().unwrap_or_else(empty);
            // Of components, the members of their members: schemas, parameters.
            let merged = merge_members(&known, added, 1);
            let entries = root.entries().filter(|entry| entry.key != section).cloned().collect::<Vec<_>>();
            let at = root.key_at(section);
            let entry = Entry { key: section.to_owned(), at, value: merged };
            *root = map_of(root.at, entries.into_iter().chain([entry]));
        }
    }
}

/// The members of both; those under the same key are merged in turn, `depth` levels down, and else are the same.
fn merge_members(known: &Node, added: &Node, depth: usize) -> Node {
    let own = known.entries().map(|entry| {
        let mut entry = entry.clone();
        if let Some(other) = added.get(&entry.key).filter(|_| depth > 0) {
            entry.value = merge_members(&entry.value, other, depth - 1);
        }
        entry
    });
    let new = added.entries().filter(|entry| known.get(&entry.key).is_none()).cloned();
    map_of(known.at, own.chain(new))
}

fn map_of(at: At, entries: impl Iterator<Item = Entry>) -> Node {
    let mut map = Map::default();
    entries.for_each(|entry| map.push(entry));
    Node { at, data: Data::Map(map) }
}

fn empty() -> Node {
    map_of(At::START, std::iter::empty())
}
