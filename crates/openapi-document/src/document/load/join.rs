//! Joins the files of a document, and references that stand in place of whole objects, into one tree.

use std::collections::{HashMap, HashSet};

use crate::node::{self, Data, Entry, Map, Node, escaped, unescaped};
use crate::source::{At, Diagnostics, Level};
use crate::structure::{self, Reference, Version};

/// References that lead to references that lead to further files: more rounds than any honest document takes.
const MOST_ROUNDS: usize = 50;
/// Copies in place of references may repeat content, but not multiply it without end.
const MOST_COPIED: usize = 1_000_000;

/// Follows whatever leads out of the tree, or stands where only an object can. Returns what diagnostics call each file.
pub(super) fn join(
    name: &str,
    overlays: &[String],
    version: Version,
    root: &mut Node,
    load: &mut dyn FnMut(&str) -> Result<String, String>,
    found: &mut Diagnostics,
) -> Vec<String> {
    let (folder, own) = name.rsplit_once('/').map_or((None, name), |(folder, own)| (Some(folder), own));
    let mut files = Files {
        load,
        overlays: overlays.len(),
        paths: std::iter::once(own).chain(overlays.iter().map(String::as_str)).map(str::to_owned).collect(),
        trees: std::iter::repeat_with(|| None).take(1 + overlays.len()).collect(),
        unreadable: HashMap::new(),
    };
    let mut joined = Joined { done: HashSet::new(), names: HashMap::new(), copied: 0 };
    for _ in 0..MOST_ROUNDS {
        // Most documents refer to their components only.
        if !leads_elsewhere(root, overlays.len() as u32) {
            break;
        }
        let mut edits = Edits::default();
        let survey = structure::check(root, version, &mut Diagnostics::default());
        let aliases = aliases(root);
        let (first, then): (Vec<_>, Vec<_>) = survey.references.iter().partition(|it| aliases.contains_key(&it.at));
        for reference in first.into_iter().chain(then) {
            if joined.done.contains(&reference.at) || edits.by_place.contains_key(&reference.at) {
                continue;
            }
            let alias = aliases.get(&reference.at).copied();
            if let Err((message, hint)) = joined.follow(reference, alias, root, &mut files, &mut edits, found) {
                found.report("external-reference", reference.at, message, hint);
                joined.done.insert(reference.at);
            }
        }
        if edits.by_place.is_empty() {
            break;
        }
        edits.apply(root);
        // What is copied from the other files later is as it is here.
        edits.by_place.retain(|_, edit| matches!(edit, Edit::Text(_)));
        files.trees.iter_mut().flatten().for_each(|tree| edits.apply(tree));
        joined.done.extend(edits.by_place.keys());
        edits.components.into_iter().for_each(|(section, entry)| add_component(root, section, entry));
    }
    let shown = |(index, path): (usize, &String)| match folder {
        Some(folder) if !(1..=overlays.len()).contains(&index) => format!("{folder}/{path}"),
        _ => path.clone(),
    };
    files.paths.iter().enumerate().map(shown).collect()
}

/// The files read so far.
struct Files<'l> {
    load: &'l mut dyn FnMut(&str) -> Result<String, String>,
    /// How many overlays there are. They come behind the first file, and what they hold is a part of it.
    overlays: usize,
    /// The path of each, relative to the folder of the first.
    paths: Vec<String>,
    /// All but the first, which grows while the others are read, and the overlays.
    trees: Vec<Option<Node>>,
    /// Why a path could not be read.
    unreadable: HashMap<String, String>,
}

impl Files<'_> {
    /// The file whose part a value is that stands in this one.
    fn owner(&self, file: u32) -> usize {
        if file as usize <= self.overlays { 0 } else { file as usize }
    }

    /// The file that `path` names in the file `base`, read if it was not yet.
    fn index(&mut self, base: usize, path: &str, found: &mut Diagnostics) -> Result<usize, String> {
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let folder = self.paths[base].rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut steps: Vec<&str> = Vec::new();
        for step in folder.split('/').chain(path.split('/')).filter(|step| !step.is_empty() && *step != ".") {
            match step {
                ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
                _ => steps.push(step),
            }
        }
        let path = steps.join("/");
        if let Some(reason) = self.unreadable.get(&path) {
            return Err(reason.clone());
        }
        let is_overlay = |index: usize| (1..=self.overlays).contains(&index);
        let known = self.paths.iter().enumerate().find(|(index, known)| **known == path && !is_overlay(*index));
        if let Some((known, _)) = known {
            return Ok(known);
        }
        let file = self.paths.len();
        let tree = (self.load)(&path).and_then(|text| {
            // What is wrong in it is reported at its place there.
            self.paths.push(path.clone());
            self.trees.push(None);
            node::read_file(&text, file as u32, found).ok_or_else(|| "it is not YAML".to_owned())
        });
        match tree {
            Ok(tree) => self.trees[file] = Some(tree),
            Err(reason) => {
                self.unreadable.insert(path, reason.clone());
                return Err(reason);
            }
        }
        Ok(file)
    }
}

/// What becomes of a reference.
enum Edit {
    /// Another text.
    Text(String),
    /// What it leads to, in its place.
    Copy(Node),
}

#[derive(Default)]
struct Edits {
    by_place: HashMap<At, Edit>,
    components: Vec<(&'static str, Entry)>,
}

impl Edits {
    fn apply(&mut self, node: &mut Node) {
        if let Some(target) = node.get("$ref")
            && let Some(Edit::Copy(copy)) = self.by_place.get(&target.at)
        {
            let mut copy = copy.clone();
            // What stands beside the reference of a path item counts, too.
            if let (Data::Map(own), Data::Map(map)) = (std::mem::replace(&mut node.data, Data::Null), &mut copy.data) {
                let added = own.into_iter().filter(|entry| entry.key != "$ref" && map.get(&entry.key).is_none());
                added.collect::<Vec<_>>().into_iter().for_each(|entry| map.push(entry));
            }
            *node = copy;
            return;
        }
        match &mut node.data {
            Data::Text(text) => {
                if let Some(Edit::Text(new)) = self.by_place.get(&node.at) {
                    text.clone_from(new);
                }
            }
            Data::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Data::Map(map) => map.values_mut().for_each(|(_, value)| self.apply(value)),
            _ => {}
        }
    }
}

struct Joined {
    /// References that were reported, or that lead into the tree now.
    done: HashSet<At>,
    /// The components that were made, by file, pointer and section.
    names: HashMap<(usize, String, &'static str), String>,
    /// How many values were copied.
    copied: usize,
}

impl Joined {
    /// Decides what becomes of a reference, or says why nothing can.
    fn follow(
        &mut self,
        reference: &Reference<'_>,
        alias: Option<&str>,
        root: &Node,
        files: &mut Files<'_>,
        edits: &mut Edits,
        found: &mut Diagnostics,
    ) -> Result<(), (String, &'static str)> {
        const MISSING: &str = "correct the path or the place in it, or add what is missing";
        let Reference { text, at, section, instead_of } = *reference;
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let is_word = path == text && !text.contains(['/', '.', ':']);
        let base = files.owner(at.file);
        let is_here = path.is_empty() && base == 0;
        if is_word || is_here && instead_of.is_none() && (fragment.is_empty() || fragment.starts_with('/')) {
            return Ok(());
        }
        if path.contains("://") {
            let hint = "save the file beside the document, and refer to it by its path";
            return Err((format!("`{text}` is on a network, and nothing is fetched"), hint));
        }
        let file = if path.is_empty() { Ok(base) } else { files.index(base, path, found) };
        let file = file.map_err(|reason| {
            let hint = "correct the path, or bundle the files into one document first";
            (format!("`{text}` refers to another file: {reason}"), hint)
        })?;
        let tree = files.trees.get(file).and_then(Option::as_ref).unwrap_or(root);
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            Some(fragment.to_owned())
        } else {
            anchor(tree, fragment, &mut String::new())
        };
        let place = pointer.and_then(|pointer| tree.pointer(&pointer).map(|target| (pointer.clone(), target)));
        let Some((pointer, target)) = place else {
            // In the first file, there is a rule that says so.
            return if file == 0 { Ok(()) } else { Err((format!("`{text}` refers to nothing"), MISSING)) };
        };
        let section = section.filter(|_| instead_of.is_none());
        let is_new = section.is_none_or(|section| !self.names.contains_key(&(file, pointer.clone(), section)));
        let edit = match section {
            Some(_) if file == 0 => Edit::Text(format!("#{pointer}")),
            Some(section) if alias.is_none() || !is_new => {
                let name = self.component(file, &pointer, section, root, files);
                if is_new {
                    self.copied += size(target);
                    let entry = Entry { key: name.clone(), at: target.at, value: target.clone() };
                    edits.components.push((section, entry));
                }
                Edit::Text(format!("#/components/{section}/{}", escaped(&name)))
            }
            _ => {
                if let (Some(section), Some(alias)) = (section, alias) {
                    self.names.insert((file, pointer, section), alias.to_owned());
                }
                self.copied += size(target);
                Edit::Copy(target.clone())
            }
        };
        if self.copied > MOST_COPIED {
            let hint = "let the references lead to values, and not to each other";
            return Err((format!("what `{text}` and others lead to is more than {MOST_COPIED} values"), hint));
        }
        if let Some(object) = instead_of.filter(|object| !["Path Item Object", "Media Type Object"].contains(object)) {
            let message = format!("a reference cannot stand in place of the {object}, and is read as what it leads to");
            let hint = "nothing has to be changed, but other readers may refuse it; bundle the files into one document";
            found.report("misplaced-reference", at, message, hint).level = Level::Warning;
        }
        edits.by_place.insert(at, edit);
        Ok(())
    }

    /// The name of the component that a place in another file becomes.
    fn component(
        &mut self,
        file: usize,
        pointer: &str,
        section: &'static str,
        root: &Node,
        files: &Files<'_>,
    ) -> String {
        let key = (file, pointer.to_owned(), section);
        if let Some(known) = self.names.get(&key) {
            return known.clone();
        }
        let path = files.paths[file].rsplit('/').next().unwrap_or_default();
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let base: String = unescaped(last.unwrap_or(stem)).chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let known = root.get("components").and_then(|components| components.get(section));
        let is_taken = |name: &str| {
            known.is_some_and(|known| known.get(name).is_some())
                || self.names.iter().any(|((.., other), taken)| *other == section && taken == name)
        };
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default();
        self.names.insert(key, name.clone());
        name
    }
}

/// Whether anything but a component of this file is referred to, or a whole object may be.
fn leads_elsewhere(node: &Node, overlays: u32) -> bool {
    const COPIED: [&str; 2] = ["#/components/pathItems/", "#/components/mediaTypes/"];
    let is_component = |text: &str| text.starts_with("#/components/") && !COPIED.iter().any(|it| text.starts_with(it));
    let is_outside = |text: &str| node.at.file > overlays || !is_component(text);
    let is_elsewhere = |entry: &Entry| match entry.value.as_text() {
        Some(text) => entry.key == "$ref" && is_outside(text),
        None => {
            // The schemas that a discriminator names.
            let named = entry.value.entries().filter(|_| entry.key == "mapping").filter_map(|it| it.value.as_text());
            named.into_iter().any(|text| text.contains(['/', '#']) && is_outside(text))
                || leads_elsewhere(&entry.value, overlays)
        }
    };
    node.items().iter().any(|item| leads_elsewhere(item, overlays)) || node.entries().any(is_elsewhere)
}

/// The names of components that are nothing but references to other files, by the places of these.
fn aliases(root: &Node) -> HashMap<At, &str> {
    let sections = root.entries_of("components").flat_map(|section| section.value.entries());
    let outside = sections.filter_map(|entry| {
        let target = entry.value.get("$ref")?;
        (!target.as_text()?.starts_with('#')).then_some((target.at, entry.key.as_str()))
    });
    outside.collect()
}

/// The pointer to the schema of this `$anchor`.
fn anchor(node: &Node, name: &str, pointer: &mut String) -> Option<String> {
    if ["$anchor", "$dynamicAnchor"].iter().any(|key| node.text(key) == Some(name)) {
        return Some(pointer.clone());
    }
    let steps = node.entries().map(|entry| (escaped(&entry.key), &entry.value));
    let items = node.items().iter().enumerate().map(|(index, item)| (index.to_string(), item));
    for (step, inner) in steps.chain(items) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&step);
        let found = anchor(inner, name, pointer);
        pointer.truncate(length);
        if found.is_some() {
            return found;
        }
    }
    None
}

/// How many values there are in `node`.
fn size(node: &Node) -> usize {
    let items: usize = node.items().iter().map(size).sum();
    1 + items + node.entries().map(|entry| size(&entry.value)).sum::<usize>()
}

fn add_component(root: &mut Node, section: &str, entry: Entry) {
    let at = entry.at;
    let Some(components) = member(root, "components", at) else { return };
    if let Some(Data::Map(map)) = member(components, section, at).map(|section| &mut section.data) {
        map.push(entry);
    }
}

/// The mapping under `key`, made if there is none.
fn member<'n>(node: &'n mut Node, key: &str, at: At) -> Option<&'n mut Node> {
    let Data::Map(map) = &mut node.data else { return None };
    if map.get(key).is_none() {
        map.push(Entry { key: key.to_owned(), at, value: Node { at, data: Data::Map(Map::default()) } });
    }
    map.get_mut(key)
}
