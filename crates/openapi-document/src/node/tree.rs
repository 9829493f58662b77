//! Values with their places.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use conformance_engine::json::{self, Reading};
use serde_json::{Number, Value};

use crate::source::At;

/// A step of a reference without the escapes of URIs and of JSON pointers.
pub fn unescaped(step: &str) -> Cow<'_, str> {
    if !step.bytes().any(|byte| byte == b'%' || byte == b'~') {
        return Cow::Borrowed(step);
    }
    let decoded = percent_encoding::percent_decode_str(step).decode_utf8_lossy();
    Cow::Owned(decoded.replace("~1", "/").replace("~0", "~"))
}

/// A key as a step of a JSON pointer (RFC 6901, section 3).
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

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
    Number(Numeral),
    /// A string.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A number, and how it is written where that says more than the number: more digits than fit, zeros at the end.
#[derive(Clone, Debug)]
pub struct Numeral {
    number: Number,
    written: Option<Box<str>>,
}

impl Numeral {
    /// The number that `text` is, in the notation of JSON.
    pub(crate) fn new(number: Number, text: &str) -> Numeral {
        let is_json = || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let written = (number.to_string() != text && is_json()).then(|| text.into());
        Numeral { number, written }
    }

    /// Whether the text has more to say than the number.
    pub(crate) fn is_inexact(&self) -> bool {
        self.written.is_some()
    }
}

impl std::ops::Deref for Numeral {
    type Target = Number;

    fn deref(&self) -> &Number {
        &self.number
    }
}

impl From<Number> for Numeral {
    fn from(number: Number) -> Numeral {
        Numeral { number, written: None }
    }
}

impl fmt::Display for Numeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.written {
            Some(text) => f.write_str(text),
            None => self.number.fmt(f),
        }
    }
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
        self.position_of(key).map(|at| &self.entries[at])
    }

    /// The members, in the order of the document.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// The value under `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let at = self.position_of(key)?;
        self.at_mut(at)
    }

    /// The position of the member with this key.
    pub(crate) fn position_of(&self, key: &str) -> Option<usize> {
        if self.entries.len() < INDEX_FROM {
            self.entries.iter().position(|entry| entry.key == key)
        } else {
            self.position(key).ok().map(|at| self.sorted[at] as usize)
        }
    }

    /// The value of the member at this position, to be changed.
    pub(crate) fn at_mut(&mut self, position: usize) -> Option<&mut Node> {
        self.entries.get_mut(position).map(|entry| &mut entry.value)
    }

    /// Removes the members at the positions for which `is_removed` holds.
    pub(crate) fn remove(&mut self, is_removed: impl Fn(usize) -> bool) {
        let entries = std::mem::take(self).into_iter().enumerate().filter(|(position, _)| !is_removed(*position));
        entries.for_each(|(_, entry)| self.push(entry));
    }

    /// The members, with values that can be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|entry| (entry.key.as_str(), &mut entry.value))
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

impl IntoIterator for Map {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl Node {
    /// The member `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The member `key` of a mapping, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.data {
            Data::Map(map) => map.get_mut(key),
            _ => None,
        }
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
        self.last_in(self.at.file).map_or(self.at, |last| last.max(self.at))
    }

    /// The same, for what a file holds of it.
    fn last_in(&self, file: u32) -> Option<At> {
        let own = Some(self.at).filter(|at| at.file == file);
        let inner = match &self.data {
            Data::List(items) => items.iter().rev().find_map(|item| item.last_in(file)),
            Data::Map(map) => map.entries.iter().rev().find_map(|entry| {
                let key = Some(entry.at).filter(|at| at.file == file);
                key.max(entry.value.last_in(file))
            }),
            _ => None,
        };
        own.max(inner)
    }

    /// The value without its places.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Flag(flag) => Value::Bool(*flag),
            Data::Number(numeral) => Value::Number(numeral.number.clone()),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(map) => Value::Object(map.iter().map(|e| (e.key.clone(), e.value.to_json())).collect()),
        }
    }

    /// The value with its numbers as they are written.
    pub fn to_reading(&self) -> Reading {
        match self.has_inexact_number() {
            true => json::read(self.to_json_text().as_bytes()),
            false => Reading { value: Some(self.to_json()), problems: Vec::new(), written: BTreeMap::new() },
        }
    }

    /// The value as JSON text, numbers as they are written.
    pub fn to_json_text(&self) -> String {
        let mut text = String::new();
        self.push_json(&mut text);
        text
    }

    fn push_json(&self, out: &mut String) {
        match &self.data {
            Data::Number(numeral) => out.push_str(&numeral.to_string()),
            Data::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.push_json(out);
                }
                out.push(']');
            }
            Data::Map(map) => {
                out.push('{');
                for (index, entry) in map.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    out.push_str(&Value::from(entry.key.as_str()).to_string());
                    out.push(':');
                    entry.value.push_json(out);
                }
                out.push('}');
            }
            Data::Null | Data::Flag(_) | Data::Text(_) => out.push_str(&self.to_json().to_string()),
        }
    }

    /// Whether a number in it is written in a way that [`Self::to_json`] does not keep.
    pub fn has_inexact_number(&self) -> bool {
        match &self.data {
            Data::Number(numeral) => numeral.is_inexact(),
            Data::List(items) => items.iter().any(Node::has_inexact_number),
            Data::Map(map) => map.iter().any(|entry| entry.value.has_inexact_number()),
            Data::Null | Data::Flag(_) | Data::Text(_) => false,
        }
    }

    /// A scalar as it is sent in a path, a query or a header.
    pub fn scalar(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => Some(text.clone()),
            Data::Flag(flag) => Some(flag.to_string()),
            Data::Number(numeral) => Some(numeral.to_string()),
            Data::Null | Data::List(_) | Data::Map(_) => None,
        }
    }

    /// The value that a JSON pointer, or the fragment of a URI that is one, names within this value.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |node, step| {
            let step = unescaped(step);
            match &node.data {
                Data::Map(map) => map.get(&step),
                Data::List(items) => items.get(step.parse::<usize>().ok()?),
                _ => None,
            }
        })
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
