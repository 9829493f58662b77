//! A document as a tree in which every value and every key knows its place.

use std::collections::HashMap;

use serde_json::{Number, Value};

use crate::diagnostic::At;

/// One value of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where the value begins.
    pub(crate) at: At,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// The members of a mapping, in the order of the document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    entries: Vec<Entry>,
    /// Only large mappings (paths, schemas) pay for an index.
    index: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Where the key begins.
    pub(crate) at: At,
    pub(crate) value: Node,
}

const INDEX_FROM: usize = 16;

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() < INDEX_FROM {
            self.entries.iter().find(|entry| entry.key == key)
        } else {
            self.index.get(key).map(|&position| &self.entries[position])
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        if self.entries.len() + 1 >= INDEX_FROM {
            if self.index.is_empty() {
                self.index = self.entries.iter().enumerate().map(|(at, e)| (e.key.clone(), at)).collect();
            }
            self.index.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }
}

impl Node {
    /// The member `key` of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// Where the key `key` stands, or this value itself if it has no such member.
    pub(crate) fn key_at(&self, key: &str) -> At {
        self.as_map().and_then(|map| map.entry(key)).map_or(self.at, |entry| entry.at)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)?.data {
            Data::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> std::slice::Iter<'_, Entry> {
        self.as_map().map_or([].iter(), Map::iter)
    }

    /// The members of the mapping under `key`; none if there is no such mapping.
    pub(crate) fn entries_of(&self, key: &str) -> std::slice::Iter<'_, Entry> {
        self.get(key).map_or([].iter(), Node::entries)
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list under `key`.
    pub(crate) fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The last line on which something of this value begins.
    pub(crate) fn last_line(&self) -> u32 {
        match &self.data {
            Data::List(items) => items.last().map_or(self.at.line, Node::last_line),
            Data::Map(map) => map.entries.last().map_or(self.at.line, |entry| entry.value.last_line()),
            _ => self.at.line,
        }
    }

    /// The value without its places.
    pub(crate) fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Flag(flag) => Value::Bool(*flag),
            Data::Number(number) => Value::Number(number.clone()),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(map) => Value::Object(map.iter().map(|e| (e.key.clone(), e.value.to_json())).collect()),
        }
    }

    /// What was found, for a message: "the number 1.0", "a list".
    pub(crate) fn describe(&self) -> String {
        match &self.data {
            Data::Null => "nothing".to_owned(),
            Data::Flag(flag) => format!("the boolean {flag}"),
            Data::Number(number) => format!("the number {number}"),
            Data::Text(text) if text.chars().count() > 40 => "a string".to_owned(),
            Data::Text(text) => format!("the string {text:?}"),
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a mapping".to_owned(),
        }
    }
}
