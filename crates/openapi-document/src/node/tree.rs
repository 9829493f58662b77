//! Values with their places.

use serde_json::{Number, Value};

use crate::source::At;

/// One value of a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value begins.
    pub at: At,
    /// The value itself.
    pub data: Data,
}

/// A value as JSON has it.
#[derive(Clone, Debug)]
pub enum Data {
    /// `null`, or nothing at all.
    Null,
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// The members of a mapping, in the order of the document.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// The positions of the members in the order of their keys. Only large mappings (paths, schemas) pay for it.
    sorted: Vec<u32>,
}

/// A member of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub at: At,
    /// The value.
    pub value: Node,
}

const INDEX_FROM: usize = 16;

impl Map {
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The member with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() < INDEX_FROM {
            self.entries.iter().find(|entry| entry.key == key)
        } else {
            self.position(key).ok().map(|at| &self.entries[self.sorted[at] as usize])
        }
    }

    /// The members, in the order of the document.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a member; the caller makes sure that its key is new.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let first = if self.sorted.is_empty() { 0 } else { self.entries.len() - 1 };
        if self.entries.len() >= INDEX_FROM {
            for added in first..self.entries.len() {
                let at = self.position(&self.entries[added].key).unwrap_or_else(|at| at);
                self.sorted.insert(at, added as u32);
            }
        }
    }

    /// Where `key` is in `sorted`, or where it would have to be.
    fn position(&self, key: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|&at| self.entries[at as usize].key.as_str().cmp(key))
    }

    /// Gives back what was reserved for more members.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.sorted.shrink_to_fit();
    }
}

impl Node {
    /// The member `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// Where the key `key` stands, or this value itself if it has no such member.
    pub fn key_at(&self, key: &str) -> At {
        self.as_map().and_then(|map| map.entry(key)).map_or(self.at, |entry| entry.at)
    }

    /// The string under `key`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// The boolean under `key`.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)?.data {
            Data::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The value, if it is a mapping.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value, if it is a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a mapping; none for anything else.
    pub fn entries(&self) -> std::slice::Iter<'_, Entry> {
        self.as_map().map_or([].iter(), Map::iter)
    }

    /// The members of the mapping under `key`; none if there is no such mapping.
    pub fn entries_of(&self, key: &str) -> std::slice::Iter<'_, Entry> {
        self.get(key).map_or([].iter(), Node::entries)
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list under `key`.
    pub fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// Where the last value or key within this value begins. What an alias repeats, or another file holds, stands
    /// elsewhere.
    pub fn last_at(&self) -> At {
        let within = |last: At| if last.file == self.at.file { last.max(self.at) } else { self.at };
        match &self.data {
            Data::List(items) => items.last().map_or(self.at, |item| within(item.last_at())),
            Data::Map(map) => map.entries.last().map_or(self.at, |entry| within(entry.at.max(entry.value.last_at()))),
            _ => self.at,
        }
    }

    /// The value without its places.
    pub fn to_json(&self) -> Value {
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
    pub fn describe(&self) -> String {
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
