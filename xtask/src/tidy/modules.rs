//! Finds the file that each import of a crate leads to.
//!
//! An import through a re-export leads to the file that defines the item. Generated files and those that only tests
//! compile are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

use super::imports::{Contents, Import, Kind, Path, contents};
use super::source::{Source, is_generated};

/// One file imports from another.
#[derive(Debug, PartialEq, Clone)]
pub(super) struct Edge {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
    pub(super) line: usize,
    /// The path as written: `crate::run::Run`.
    pub(super) import: String,
}

/// Every import from one file to another of the same crate, the first of each kind per pair of files.
pub(super) fn edges(sources: &[Source]) -> Vec<Edge> {
    let tree = Tree::new(sources);
    let mut edges: Vec<Edge> = Vec::new();
    for file in &tree.files {
        for import in &file.contents.imports {
            for to in tree.targets(file, import) {
                let is_known = edges.iter().any(|edge| edge.from == file.path && edge.to == to);
                if !is_known && to != file.path {
                    let import_text = import.segments.join("::");
                    edges.push(Edge { from: file.path.clone(), to, line: import.line, import: import_text });
                }
            }
        }
    }
    edges
}

struct File {
    path: PathBuf,
    module: Path,
    contents: Contents,
}

#[derive(Default)]
struct Module {
    /// The file that it stands in, by its place in [`Tree::files`].
    file: usize,
    items: BTreeSet<String>,
    /// What `use` declarations bring into it, by name.
    aliases: BTreeMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
}

struct Tree {
    files: Vec<File>,
    modules: BTreeMap<Path, Module>,
}

/// What a path leads to.
#[derive(Debug, PartialEq)]
enum Target {
    Module(Path),
    /// An item that is defined in this module.
    ItemOf(Path),
}

/// How many re-exports of re-exports are followed.
const DEPTH: usize = 8;

impl Tree {
    fn new(sources: &[Source]) -> Tree {
        let has_library = sources.iter().any(|source| source.path == FilePath::new("lib.rs"));
        let is_read =
            |source: &&Source| !(is_generated(&source.path) || has_library && source.path == FilePath::new("main.rs"));
        let mut files: Vec<File> = Vec::new();
        for source in sources.iter().filter(is_read) {
            let module = module_of(&source.path);
            files.push(File { path: source.path.clone(), contents: contents(&module, &source.text), module });
        }
        let tests: Vec<Path> = files.iter().flat_map(|file| file.contents.test_modules.clone()).collect();
        files.retain(|file| !tests.iter().any(|test| file.module.starts_with(test)));

        let mut modules: BTreeMap<Path, Module> = BTreeMap::new();
        for (index, file) in files.iter().enumerate() {
            for path in std::iter::once(&file.module).chain(&file.contents.inline_modules) {
                modules.insert(path.clone(), Module { file: index, ..Module::default() });
            }
        }
        for file in &files {
            for (path, name) in &file.contents.items {
                modules.entry(path.clone()).or_default().items.insert(name.clone());
            }
            for Import { module, segments, kind, .. } in &file.contents.imports {
                let module = modules.entry(module.clone()).or_default();
                match kind {
                    Kind::Use { name, .. } => module.aliases.entry(name.clone()).or_default().push(segments.clone()),
                    Kind::Glob { .. } => module.globs.push(segments.clone()),
                    Kind::Path => {}
                }
            }
        }
        Tree { files, modules }
    }

    /// The files that an import of `file` leads to.
    fn targets(&self, file: &File, import: &Import) -> Vec<PathBuf> {
        let Some(path) = self.absolute(&import.module, &import.segments, DEPTH) else { return Vec::new() };
        let mut targets = Vec::new();
        match (self.resolve(&path, DEPTH), &import.kind) {
            (Some(Target::Module(module)), Kind::Glob { is_public }) => {
                // Of all names there, those that this file mentions; all of them, if it passes them on.
                for name in self.names_in(&module, DEPTH) {
                    if *is_public || file.contents.names.contains(&name) {
                        let path = [&module[..], &[name]].concat();
                        targets.extend(self.resolve(&path, DEPTH).map(|target| self.file_of(&target)));
                    }
                }
            }
            (Some(target), _) => targets.push(self.file_of(&target)),
            (None, _) => {}
        }
        let is_re_export = matches!(import.kind, Kind::Use { is_public: true, .. } | Kind::Glob { is_public: true });
        // A folder's `mod.rs` may re-export what is in the folder.
        targets.retain(|target| !(is_re_export && self.files[*target].module.starts_with(&file.module)));
        targets.into_iter().map(|target| self.files[target].path.clone()).collect()
    }

    fn file_of(&self, target: &Target) -> usize {
        let (Target::Module(path) | Target::ItemOf(path)) = target;
        self.modules.get(path).map_or(0, |module| module.file)
    }

    /// A path as seen from the root of the crate; nothing for one that leads out of the crate.
    fn absolute(&self, from: &Path, segments: &[String], depth: usize) -> Option<Path> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([from, rest].concat()),
            "super" => {
                let (_, parent) = from.split_last()?;
                if rest.first().is_some_and(|next| next == "super") {
                    return self.absolute(&parent.to_vec(), rest, depth);
                }
                Some([parent, rest].concat())
            }
            _ => {
                let module = self.modules.get(from)?;
                let child = [&from[..], std::slice::from_ref(first)].concat();
                if self.modules.contains_key(&child) {
                    return Some([&child[..], rest].concat());
                }
                // Through a module that is in scope here: `tools::run` after `use crate::tools`.
                let aliases = module.aliases.get(first)?;
                aliases.iter().filter(|alias| *alias != segments).find_map(|alias| {
                    let alias = self.absolute(from, alias, depth.checked_sub(1)?)?;
                    match self.resolve(&alias, depth - 1)? {
                        Target::Module(module) => Some([&module[..], rest].concat()),
                        Target::ItemOf(_) => None,
                    }
                })
            }
        }
    }

    /// What a path from the root leads to; nothing if it ends in another crate.
    fn resolve(&self, path: &[String], depth: usize) -> Option<Target> {
        let mut module = Path::new();
        for (index, name) in path.iter().enumerate() {
            let is_last = index + 1 == path.len();
            match self.find(&module, name, is_last, depth) {
                Found::Module(next) => module = next,
                Found::ItemOf(module) => return Some(Target::ItemOf(module)),
                Found::Elsewhere => return None,
                // An item that a macro defines is in the module that the path names.
                Found::Nothing => return Some(Target::ItemOf(module)),
            }
        }
        Some(Target::Module(module))
    }

    /// What a name means in a module.
    fn find(&self, module: &Path, name: &String, prefers_items: bool, depth: usize) -> Found {
        let Some(found) = self.modules.get(module) else { return Found::Nothing };
        if found.items.contains(name) && prefers_items {
            return Found::ItemOf(module.clone());
        }
        let child = [&module[..], std::slice::from_ref(name)].concat();
        let aliases = found.aliases.get(name).map_or(&[][..], Vec::as_slice);
        let Some(depth) = depth.checked_sub(1) else { return Found::Nothing };
        if self.modules.contains_key(&child) && (!prefers_items || aliases.is_empty()) {
            return Found::Module(child);
        }
        if !aliases.is_empty() {
            let mut targets =
                aliases.iter().filter_map(|alias| self.resolve(&self.absolute(module, alias, depth)?, depth));
            return match targets.next() {
                Some(Target::Module(path)) => Found::Module(path),
                Some(Target::ItemOf(path)) => Found::ItemOf(path),
                None => Found::Elsewhere,
            };
        }
        for glob in &found.globs {
            let Some(path) = self.absolute(module, glob, depth) else { continue };
            if let Some(Target::Module(path)) = self.resolve(&path, depth) {
                match self.find(&path, name, prefers_items, depth) {
                    Found::Nothing => {}
                    found => return found,
                }
            }
        }
        Found::Nothing
    }

    /// All names that a module has or re-exports.
    fn names_in(&self, module: &Path, depth: usize) -> BTreeSet<String> {
        let Some(found) = self.modules.get(module) else { return BTreeSet::new() };
        let children = self.modules.keys().filter(|path| path.split_last().is_some_and(|(_, parent)| parent == module));
        let mut names: BTreeSet<String> = children.filter_map(|path| path.last().cloned()).collect();
        names.extend(found.items.iter().chain(found.aliases.keys()).cloned());
        let Some(depth) = depth.checked_sub(1) else { return names };
        for glob in &found.globs {
            let path = self.absolute(module, glob, depth);
            if let Some(Target::Module(path)) = path.and_then(|path| self.resolve(&path, depth)) {
                names.extend(self.names_in(&path, depth));
            }
        }
        names
    }
}

enum Found {
    Module(Path),
    ItemOf(Path),
    /// An item of another crate.
    Elsewhere,
    Nothing,
}

/// `run/mod.rs` and `run.rs` are the module `run`; `lib.rs` and `main.rs` are the root.
fn module_of(path: &FilePath) -> Path {
    let mut module: Path = path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_root = module.len() == 1 && ["lib", "main"].contains(&module[0].as_str());
    if is_root || module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}
