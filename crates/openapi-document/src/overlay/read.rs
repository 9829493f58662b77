//! Reads an overlay: its actions, or everything that is wrong with it.

use std::collections::HashMap;

use super::Overlay;
use super::action::{Action, Change, Path, Version};
use super::extends;
use super::query::{Mistake, Query};
use crate::node::{self, Data, Map, Node};
use crate::source::{At, Diagnostics, Level, did_you_mean};

/// The actions of `overlay`, the file number `file`, for the document called `document`; `None` if something is wrong.
pub(super) fn read(document: &str, overlay: &Overlay<'_>, file: u32, found: &mut Diagnostics) -> Option<Vec<Action>> {
    let before = found.errors().count();
    let root = node::read_file(overlay.text, file, found)?;
    let mut reader = Reader { version: Version::V1_1, found };
    let actions = reader.overlay(&root, overlay.name, document);
    (found.errors().count() == before).then_some(actions)
}

struct Reader<'f> {
    version: Version,
    found: &'f mut Diagnostics,
}

impl Reader<'_> {
    fn overlay(&mut self, root: &Node, name: &str, document: &str) -> Vec<Action> {
        let Some(map) = self.map(root, "an overlay") else { return Vec::new() };
        let is_overlay = map.get("overlay").is_some();
        if !is_overlay && (map.get("openapi").is_some() || map.get("swagger").is_some()) {
            let hint = "give the document first, and the overlay as the overlay";
            self.found.report("overlay-version", root.at, "this is an OpenAPI document, and no overlay", hint);
            return Vec::new();
        }
        self.version(root, map);
        self.known(map, "an overlay", &["overlay", "info", "extends", "actions"]);
        if let Some(info) = self.required(root, map, "an overlay", "info").and_then(|info| self.map(info, "`info`")) {
            self.info(map.get("info").unwrap_or(root), info);
        }
        if let Some(extends) = map.get("extends")
            && let Some(text) = self.text(extends, "extends")
            && !extends::may_be(text, name, document)
        {
            let message = format!("this overlay was made for `{text}`, and is applied to {document}");
            let hint = "apply it to that document, or remove `extends`";
            self.found.report("overlay-extends", extends.at, message, hint);
        }
        let Some(actions) = self.required(root, map, "an overlay", "actions") else { return Vec::new() };
        let Data::List(items) = &actions.data else {
            self.wrong(actions, "actions", "a list");
            return Vec::new();
        };
        if items.is_empty() {
            let hint = "add an action: a `target` and an `update`, for instance";
            self.found.report("overlay-action", actions.at, "an overlay must have at least one action", hint);
        }
        let mut seen: HashMap<String, At> = HashMap::new();
        let mut all = Vec::new();
        for item in items {
            if let Some(first) = seen.get(&item.to_json_text()) {
                let notes = vec![format!("first at line {}", first.line)];
                let message = "the same action stands twice";
                self.found.report_with("overlay-action", item.at, message, notes, "remove one of the two");
            }
            seen.entry(item.to_json_text()).or_insert(item.at);
            all.extend(self.action(item));
        }
        all
    }

    fn version(&mut self, root: &Node, map: &Map) {
        const HINT: &str = "write `overlay: 1.1.0`; 1.0 and 1.1 are read";
        let Some(version) = map.get("overlay") else {
            self.found.report("overlay-version", root.at, "the overlay has no `overlay` version", HINT);
            return;
        };
        let Data::Text(text) = &version.data else {
            let message = format!("`overlay` must be a string such as 1.1.0, found {}", version.describe());
            self.found.report("overlay-version", version.at, message, HINT);
            return;
        };
        let numbers: Vec<Option<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        match numbers[..] {
            [Some(1), Some(0), Some(_)] => self.version = Version::V1_0,
            [Some(1), Some(1), Some(_)] => {}
            [Some(1), Some(_), Some(_)] => {
                let message = format!("this is an overlay of version {text}, and is read as one of 1.1");
                let hint = "what later versions added is reported where it stands";
                self.found.report("overlay-version", version.at, message, hint).level = Level::Warning;
            }
            _ => {
                let message = format!("`{text}` is not a version of overlays that is read: 1.0.N or 1.1.N");
                self.found.report("overlay-version", version.at, message, HINT);
            }
        }
    }

    fn info(&mut self, node: &Node, info: &Map) {
        for key in ["title", "version"] {
            if let Some(value) = self.required(node, info, "`info`", key) {
                self.text(value, key);
            }
        }
        if let Some(description) = info.get("description").filter(|_| self.version > Version::V1_0) {
            self.text(description, "description");
        }
        self.known(info, "`info`", &["title", "version", "description"]);
    }

    fn action(&mut self, node: &Node) -> Option<Action> {
        let map = self.map(node, "an action")?;
        self.known(map, "an action", &["target", "description", "update", "copy", "remove"]);
        if let Some(description) = map.get("description") {
            self.text(description, "description");
        }
        let target = self.required(node, map, "an action", "target").and_then(|target| self.path(target, "target"));
        let copy = map.get("copy").filter(|_| self.version > Version::V1_0).map(|copy| self.path(copy, "copy"));
        let removes = match map.get("remove").map(|remove| (remove, &remove.data)) {
            Some((_, Data::Flag(flag))) => *flag,
            Some((remove, _)) => {
                self.wrong(remove, "remove", "a boolean");
                return None;
            }
            None => false,
        };
        let change = match (removes, map.get("update"), copy) {
            (true, ..) => Change::Remove,
            (false, Some(_), Some(_)) => {
                let message = "`update` and `copy` stand in one action, where neither has an effect";
                self.found.report("overlay-action", map.entry("copy")?.at, message, "make two actions of it");
                return None;
            }
            (false, Some(update), None) => Change::Update(update.clone()),
            (false, None, Some(copy)) => Change::Copy(copy?),
            (false, None, None) => {
                let hint = "add `update`, `copy` or `remove: true`, or remove the action";
                self.found.report("overlay-action", node.at, "this action changes nothing", hint).level =
                    Level::Warning;
                return None;
            }
        };
        Some(Action { version: self.version, target: target?, change })
    }

    fn path(&mut self, node: &Node, key: &str) -> Option<Path> {
        let text = self.text(node, key)?;
        match Query::parse(text) {
            Ok(query) => Some(Path { text: text.to_owned(), at: node.at, query }),
            Err(Mistake { message, hint }) => {
                self.found.report("overlay-path", node.at, format!("`{text}` is not a JSONPath: {message}"), hint);
                None
            }
        }
    }

    /// Reports the keys that the version does not have here.
    fn known(&mut self, map: &Map, owner: &str, keys: &[&str]) {
        for entry in map.iter().filter(|entry| !entry.key.starts_with("x-")) {
            let later: &[&str] = if owner == "`info`" { &["description"] } else { &["copy"] };
            let is_later = self.version == Version::V1_0 && later.contains(&entry.key.as_str());
            if keys.contains(&entry.key.as_str()) && !is_later {
                continue;
            }
            let hint = match is_later {
                true => format!("`{}` came with version 1.1: write `overlay: 1.1.0`", entry.key),
                false => {
                    let near = did_you_mean(&entry.key, keys.iter().copied());
                    format!("{near}correct it, remove it, or prefix it with `x-`")
                }
            };
            let message = format!("{owner} has no key `{}`", entry.key);
            self.found.report("unknown-key", entry.at, message, hint).level = Level::Error;
        }
    }

    fn required<'n>(&mut self, node: &Node, map: &'n Map, owner: &str, key: &str) -> Option<&'n Node> {
        let value = map.get(key);
        if value.is_none() {
            let hint = format!("add `{key}`; the specification requires it");
            self.found.report("missing-key", node.at, format!("{owner} has no `{key}`"), hint);
        }
        value
    }

    fn map<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Map> {
        let map = node.as_map();
        if map.is_none() {
            let message = format!("{what} must be a mapping, found {}", node.describe());
            self.found.report("wrong-type", node.at, message, "write a mapping here");
        }
        map
    }

    fn text<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.wrong(node, key, "a string");
        }
        text
    }

    fn wrong(&mut self, node: &Node, key: &str, expected: &str) {
        let hint = match &node.data {
            Data::Number(_) | Data::Flag(_) if expected == "a string" => "quote it".to_owned(),
            _ => format!("write {expected} here"),
        };
        let message = format!("`{key}` must be {expected}, found {}", node.describe());
        self.found.report("wrong-type", node.at, message, hint);
    }
}
