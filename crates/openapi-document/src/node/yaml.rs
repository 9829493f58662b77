//! Reads YAML (and JSON, which is YAML) into a tree with places.
//!
//! The parser is `saphyr-parser`; this file decides what a mapping, a scalar and an alias mean, and refuses what a
//! document of an API has no use for: keys twice, keys that are not strings, values without an equivalent in JSON.

use std::borrow::Cow;
use std::collections::HashMap;

use conformance_engine::events::Events;
use saphyr_parser::{Event, Marker, ScalarStyle, ScanError, Tag};
use serde_json::Number;

use super::tree::{Data, Entry, Map, Node, Numeral};
use crate::source::{At, Diagnostics, Level};

/// Deeper nesting than any real document has; it bounds every recursion over the tree.
const MAX_DEPTH: usize = 100;
/// The most values of one document, with what aliases repeat ("billion laughs") and anchors keep to be repeated. The
/// largest real documents have a quarter of it.
const MAX_VALUES: usize = 1_000_000;
/// So many characters that are repeated count as a value.
const VALUE: usize = 64;
/// After so many keys that stand twice nothing new is to be learnt.
const MAX_DUPLICATES: usize = 1000;

/// The one document in `text`; what is wrong is reported.
pub(super) fn parse(text: &str, file: u32, problems: &mut Diagnostics) -> Option<Node> {
    let mut reader = Reader::new(file, problems);
    let mut documents = 0;
    for event in Events::of(text) {
        let (event, place) = match event {
            Ok(next) => next,
            Err(error) => {
                reader.syntax_error(text, &error);
                return None;
            }
        };
        let at = reader.place(place);
        if !reader.has_room() {
            reader.give_up(at);
            return None;
        }
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    reader.problems.report(
                        "yaml-syntax",
                        at,
                        "a second YAML document begins here, and a file has one",
                        "keep one document per file",
                    );
                    return None;
                }
            }
            Event::MappingStart(anchor, _) => reader.begin(Data::Map(Map::default()), at, anchor)?,
            Event::SequenceStart(anchor, _) => reader.begin(Data::List(Vec::new()), at, anchor)?,
            Event::MappingEnd | Event::SequenceEnd => reader.end(),
            Event::Scalar(value, style, anchor, tag) => {
                if value == "<<" && matches!(style, ScalarStyle::Plain) && reader.begin_merge(at) {
                    continue;
                }
                let data = reader.scalar(&value, style, tag.as_deref(), at);
                reader.add(Node { at, data }, anchor);
            }
            Event::Alias(anchor) => reader.alias(anchor, at)?,
            _ => {}
        }
    }
    let root = reader.root.take();
    if root.is_none() {
        let message = "the document is empty";
        problems.report("yaml-syntax", At { file, ..At::START }, message, "begin with `openapi: 3.0.3`");
    }
    root
}

/// Builds the tree out of what a parser finds, one after the other.
pub(super) struct Reader<'p> {
    file: u32,
    problems: &'p mut Diagnostics,
    /// The collections that have begun and not ended, outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    /// How many values there are, those that anchors keep and aliases repeat included.
    values: usize,
    duplicates: usize,
}

struct Open {
    node: Node,
    anchor: usize,
    /// In a mapping: the key whose value comes next.
    key: Option<(String, At)>,
    /// In a mapping: the value that comes next is merged into it.
    merges: bool,
    /// The mappings to merge.
    merged: Vec<Node>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(file: u32, problems: &'p mut Diagnostics) -> Self {
        Reader { file, problems, open: Vec::new(), root: None, anchors: HashMap::new(), values: 0, duplicates: 0 }
    }

    pub(super) fn file(&self) -> u32 {
        self.file
    }

    /// The tree, once it is whole.
    pub(super) fn root(&mut self) -> Option<Node> {
        self.root.take()
    }

    /// Whether what comes next is in a mapping, or in a list; nothing if it is in neither.
    pub(super) fn is_in_mapping(&self) -> Option<bool> {
        self.open.last().map(|open| matches!(open.node.data, Data::Map(_)))
    }

    /// Whether there may be more values.
    pub(super) fn has_room(&self) -> bool {
        self.values <= MAX_VALUES && self.duplicates <= MAX_DUPLICATES
    }

    fn place(&self, marker: Marker) -> At {
        At { file: self.file, line: marker.line() as u32, column: marker.col() as u32 + 1 }
    }

    pub(super) fn begin(&mut self, data: Data, at: At, anchor: usize) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            self.problems.report("yaml-depth", at, message, "move the inner parts into components");
            return None;
        }
        self.open.push(Open { node: Node { at, data }, anchor, key: None, merges: false, merged: Vec::new() });
        Some(())
    }

    pub(super) fn end(&mut self) {
        let Some(mut done) = self.open.pop() else { return };
        match &mut done.node.data {
            Data::Map(map) => {
                for merged in done.merged {
                    let Data::Map(members) = merged.data else { continue };
                    for entry in members {
                        if map.get(&entry.key).is_none() {
                            map.push(entry);
                        }
                    }
                }
                map.shrink();
            }
            Data::List(items) => items.shrink_to_fit(),
            _ => {}
        }
        self.add(done.node, done.anchor);
    }

    /// There is more than any document has.
    fn give_up(&mut self, at: At) {
        let (message, hint) = if self.duplicates > MAX_DUPLICATES {
            (format!("more than {MAX_DUPLICATES} keys stand twice up to here"), "the rest was not read")
        } else {
            (format!("more than {MAX_VALUES} values up to here, with what aliases repeat"), "split the document")
        };
        self.problems.report("yaml-size", at, message, hint);
    }

    pub(super) fn add(&mut self, node: Node, anchor: usize) {
        self.values += 1;
        if anchor > 0 {
            self.values += measure(&node).0;
            // Reading ends at the next event.
            if self.values <= MAX_VALUES {
                self.anchors.insert(anchor, node.clone());
            }
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut parent.node.data {
            Data::List(items) => items.push(node),
            Data::Map(_) if std::mem::take(&mut parent.merges) => match node.data {
                Data::List(items) => parent.merged.extend(items),
                _ => parent.merged.push(node),
            },
            Data::Map(map) => match parent.key.take() {
                None => {
                    let at = node.at;
                    parent.key = Some((key_text(node, self.problems), at));
                }
                Some((key, at)) => {
                    if let Some(first) = map.entry(&key) {
                        self.duplicates += 1;
                        let message = format!("the key `{key}` stands twice in this mapping");
                        let notes = vec![format!("first at line {}", first.at.line)];
                        self.problems.report_with("duplicate-key", at, message, notes, "remove one of the two");
                    } else {
                        map.push(Entry { key, at, value: node });
                    }
                }
            },
            _ => {}
        }
    }

    /// Whether a `<<` here is a key; its value will be merged.
    fn begin_merge(&mut self, at: At) -> bool {
        let Some(open) = self.open.last_mut() else { return false };
        if open.key.is_some() || open.merges || !matches!(open.node.data, Data::Map(_)) {
            return false;
        }
        open.merges = true;
        let message = "`<<` merges another mapping, as in YAML 1.1; YAML 1.2, which OpenAPI is written in, does not";
        let hint = "write the members out, or use a $ref";
        self.problems.report("yaml-merge", at, message, hint).level = Level::Warning;
        true
    }

    fn alias(&mut self, anchor: usize, at: At) -> Option<()> {
        let Some(node) = self.anchors.get(&anchor) else {
            let message = "this alias refers to a value that contains it";
            self.problems.report("yaml-alias", at, message, "write the value out, or use a $ref");
            return None;
        };
        let (size, depth) = measure(node);
        self.values += size;
        if self.open.len() + depth > MAX_DEPTH {
            let message = format!("this alias nests values more than {MAX_DEPTH} deep");
            self.problems.report("yaml-depth", at, message, "use a $ref instead of aliases");
            return None;
        }
        if self.values > MAX_VALUES {
            let message = format!("the aliases up to here repeat more than {MAX_VALUES} values");
            self.problems.report("yaml-alias", at, message, "use a $ref instead of aliases");
            return None;
        }
        let node = node.clone();
        self.add(node, 0);
        Some(())
    }

    pub(super) fn scalar(&mut self, value: &str, style: ScalarStyle, tag: Option<&Tag>, at: At) -> Data {
        let is_string = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        if is_string || !matches!(style, ScalarStyle::Plain) {
            return Data::Text(value.to_owned());
        }
        match value {
            "" | "~" | "null" | "Null" | "NULL" => Data::Null,
            "true" | "True" | "TRUE" => Data::Flag(true),
            "false" | "False" | "FALSE" => Data::Flag(false),
            _ if !value.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => Data::Text(value.to_owned()),
            _ if is_not_finite(value) => {
                let message = format!("`{value}` has no equivalent in JSON");
                self.problems.report("yaml-number", at, message, "quote it if it is meant as a string");
                Data::Text(value.to_owned())
            }
            _ => {
                if let Some(octal) = yaml_11_octal(value) {
                    let message = format!("`{value}` is the number {octal} in YAML 1.1, and not in YAML 1.2");
                    let hint = "quote it if it is meant as a string, or write the number without the zero";
                    self.problems.report("yaml-number", at, message, hint).level = Level::Warning;
                }
                match number(value) {
                    Some(number) => Data::Number(Numeral::new(number, value)),
                    None => Data::Text(value.to_owned()),
                }
            }
        }
    }

    fn syntax_error(&mut self, text: &str, error: &ScanError) {
        let mut at = self.place(*error.marker());
        // What is missing at the end of the text is missed behind it, where nobody can look.
        if at.line as usize > 1 + text.matches(['\n', '\r']).count() {
            let last = text.lines().last().unwrap_or_default();
            at = At { line: text.lines().count() as u32, column: last.chars().count() as u32 + 1, ..at };
        }
        let line = text.lines().nth(at.line.saturating_sub(1) as usize).unwrap_or_default();
        let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        // JSON may be indented with tabs; there the mistake is another one.
        let is_json = text.trim_start().starts_with('{');
        if let Some(tab) = indent.chars().position(|c| c == '\t').filter(|_| !is_json) {
            let at = At { column: tab as u32 + 1, ..at };
            let message = "a tab is used as indentation, which YAML does not allow";
            self.problems.report("yaml-syntax", at, message, "indent with spaces");
        } else if error.info().contains("recursion limit") {
            let message = format!("nested more than {MAX_DEPTH} deep");
            self.problems.report("yaml-depth", at, message, "move the inner parts into components");
        } else if let Some(error) = json_error(text) {
            let (message, hint) = if error.is_eof() {
                ("not JSON: the text ends before everything is closed".to_owned(), "close every `{`, `[` and `\"`")
            } else {
                let message = error.to_string();
                let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
                (format!("not JSON: {message}"), "look at the quotes, commas and brackets here and on the line before")
            };
            self.problems.report("yaml-syntax", at, message, hint);
        } else {
            let message = format!("not YAML: {}", error.info());
            let hint = "look at the indentation, quotes and brackets here and on the line before";
            self.problems.report("yaml-syntax", at, message, hint);
        }
    }
}

/// What keeps a text that begins as JSON does (`{"`) from being JSON.
fn json_error(text: &str) -> Option<serde_json::Error> {
    let is_json = text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'));
    is_json.then(|| serde_json::from_str::<serde::de::IgnoredAny>(text).err()).flatten()
}

/// JSON writes characters beyond 16 bits as two escapes (`\ud83d\ude00`), which YAML does not know.
pub(super) fn join_surrogates(text: &str) -> Cow<'_, str> {
    if !text.trim_start().starts_with('{') || !text.contains("\\ud") && !text.contains("\\uD") {
        return Cow::Borrowed(text);
    }
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].find('\\') {
        out.push_str(&text[at..at + next]);
        at += next;
        let pair = unit(at).zip(unit(at + 6));
        let joined =
            pair.and_then(|(high, low)| char::decode_utf16([high, low]).next()?.ok()).filter(|c| c.len_utf16() == 2);
        // Any other escape is copied with the character behind it, which may be a backslash.
        let (copied, length) = match joined {
            Some(c) => (c.to_string(), 12),
            None => {
                let length = 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
                (text[at..at + length].to_owned(), length)
            }
        };
        out.push_str(&copied);
        at += length;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// A key as JSON would spell it: status codes may be written as numbers.
fn key_text(node: Node, problems: &mut Diagnostics) -> String {
    match node.data {
        Data::Text(text) => text,
        Data::Number(numeral) => numeral.to_string(),
        Data::Flag(flag) => flag.to_string(),
        Data::Null => "null".to_owned(),
        Data::List(_) | Data::Map(_) => {
            let message = format!("a key must be a string, found {}", node.describe());
            problems.report("yaml-key", node.at, message, "use a plain or quoted string");
            String::new()
        }
    }
}

/// YAML 1.2 core schema: decimal, octal and hexadecimal integers, decimal floats.
fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    if !unsigned.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b))
        || !unsigned.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = plain.parse::<u64>() {
        return Some(number.into());
    }
    if let Ok(number) = plain.parse::<i64>() {
        return Some(number.into());
    }
    plain.parse::<f64>().ok().and_then(Number::from_f64)
}

/// What YAML 1.1 reads in digits behind a zero, where YAML 1.2 reads another number.
fn yaml_11_octal(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches(['+', '-']).strip_prefix('0').filter(|digits| !digits.is_empty())?;
    let octal = u64::from_str_radix(digits, 8).ok()?;
    (octal > 7 || digits.len() > 1).then_some(octal)
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// How many values there are in `node`, long texts as several, and how deep they are nested.
fn measure(node: &Node) -> (usize, usize) {
    let inner: &mut dyn Iterator<Item = &Node> = match &node.data {
        Data::List(items) => &mut items.iter(),
        Data::Map(map) => &mut map.iter().map(|entry| &entry.value),
        Data::Text(text) => return (1 + text.len() / VALUE, 0),
        _ => return (1, 0),
    };
    let size = 1 + node.entries().map(|entry| entry.key.len() / VALUE).sum::<usize>();
    inner.map(measure).fold((size, 1), |(size, depth), (more, deeper)| (size + more, depth.max(deeper + 1)))
}
