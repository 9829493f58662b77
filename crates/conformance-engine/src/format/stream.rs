//! Reads the entries of a recording one after the other, so that a file of any size takes the memory of one entry.
//!
//! One entry has limits as well: it is skipped, and said to be, before it takes more memory than they allow.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The most values of one entry. A value takes about a hundred bytes, and in a file two.
pub(crate) const MOST_VALUES: usize = 200_000;

/// The most text of one entry, in bytes.
pub(crate) const MOST_TEXT: usize = 32 << 20;

/// The lists of entries that there are: HAR's, and those of cassettes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum List {
    Har,
    /// `http_interactions`, as Ruby's VCR calls it.
    Vcr,
    /// `interactions`, as vcrpy calls it.
    Interactions,
}

impl List {
    pub(crate) const CASSETTES: [(&'static str, List); 2] =
        [("http_interactions", List::Vcr), ("interactions", List::Interactions)];
}

/// One entry, or why it is not read.
pub(crate) type Found = Result<Value, String>;

/// What a file says beside its entries.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) creator: Value,
    pub(crate) recorded_with: Value,
    /// The lists that are there, also those without an entry.
    pub(crate) lists: Vec<List>,
}

/// Gives every entry of a JSON text to `take`.
pub(crate) fn json(source: impl Read, take: &mut dyn FnMut(List, Found)) -> Result<Around, String> {
    let mut around = Around::default();
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    let result = Top { around: &mut around, take }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match result {
        Ok(()) => Ok(around),
        // What the reader found, in its own words.
        Err(error) if error.is_io() => Err(io::Error::from(error).to_string()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

/// Gives every entry of a YAML text to `take`.
pub(crate) fn yaml(text: &str, take: &mut dyn FnMut(List, Value)) -> Result<Around, String> {
    let list_of = |names: &[&str]| match names {
        ["log", "entries"] => Some(List::Har),
        [name] => List::CASSETTES.iter().find(|(known, _)| known == name).map(|(_, list)| *list),
        _ => None,
    };
    let root = crate::format::yaml::read_with(text, &mut |names, value| match list_of(names) {
        Some(list) => {
            take(list, value);
            None
        }
        None => Some(value),
    })?;
    let at = |pointer: &str| root.pointer(pointer).cloned().unwrap_or_default();
    let is_list = |pointer: &str| root.pointer(pointer).is_some_and(Value::is_array);
    let mut lists: Vec<List> = if is_list("/log/entries") { vec![List::Har] } else { Vec::new() };
    lists.extend(List::CASSETTES.iter().filter(|(name, _)| is_list(&format!("/{name}"))).map(|(_, list)| *list));
    Ok(Around { creator: at("/log/creator"), recorded_with: at("/recorded_with"), lists })
}

/// Visits objects, and passes over everything else.
macro_rules! ignoring_others {
    ($what:literal) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str($what)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
}

struct Top<'t> {
    around: &'t mut Around,
    take: &'t mut dyn FnMut(List, Found),
}

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    ignoring_others!("a recording");

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let cassette = List::CASSETTES.iter().find(|(known, _)| *known == name);
            if name == "log" {
                members.next_value_seed(Log { around: self.around, take: self.take })?;
            } else if let Some((_, list)) = cassette {
                members.next_value_seed(Entries { list: *list, around: self.around, take: self.take })?;
            } else if name == "recorded_with" {
                self.around.recorded_with = members.next_value_seed(bounded())?.unwrap_or_default();
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Log<'t> {
    around: &'t mut Around,
    take: &'t mut dyn FnMut(List, Found),
}

impl<'de> DeserializeSeed<'de> for Log<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Log<'_> {
    type Value = ();

    ignoring_others!("the log of a HAR file");

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "entries" => {
                    members.next_value_seed(Entries { list: List::Har, around: self.around, take: self.take })?;
                }
                "creator" => self.around.creator = members.next_value_seed(bounded())?.unwrap_or_default(),
                _ => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

struct Entries<'t> {
    list: List,
    around: &'t mut Around,
    take: &'t mut dyn FnMut(List, Found),
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    ignoring_others!("the entries of a recording");

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.around.lists.push(self.list);
        while let Some(entry) = elements.next_element_seed(bounded())? {
            (self.take)(self.list, entry.ok_or_else(too_large));
        }
        Ok(())
    }
}

pub(crate) fn too_large() -> String {
    format!("it has more than {MOST_VALUES} values, or more than {} MiB of text", MOST_TEXT >> 20)
}

/// A value, or nothing if it is larger than an entry may be; then the rest of it is passed over.
fn bounded() -> Outermost {
    Outermost
}

struct Outermost;

impl<'de> DeserializeSeed<'de> for Outermost {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        let left = Left { values: Cell::new(MOST_VALUES), text: Cell::new(MOST_TEXT), is_over: Cell::new(false) };
        let value = Bounded(&left).deserialize(deserializer)?;
        Ok(Some(value).filter(|_| !left.is_over.get()))
    }
}

struct Left {
    values: Cell<usize>,
    text: Cell<usize>,
    is_over: Cell<bool>,
}

impl Left {
    fn take(&self, values: usize, text: usize) -> bool {
        match (self.values.get().checked_sub(values), self.text.get().checked_sub(text)) {
            (Some(values), Some(text)) if !self.is_over.get() => {
                self.values.set(values);
                self.text.set(text);
                true
            }
            _ => {
                self.is_over.set(true);
                false
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Bounded<'l>(&'l Left);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0.take(1, 0) {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null)
        }
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(if self.0.take(0, value.len()) { value.into() } else { Value::Null })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            if self.0.is_over.get() {
                array = Vec::new();
            } else {
                array.push(element);
            }
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            self.0.take(0, name.len());
            let member = members.next_value_seed(self)?;
            if self.0.is_over.get() {
                object = Map::new();
            } else {
                object.insert(name, member);
            }
        }
        Ok(Value::Object(object))
    }
}

/// UTF-8 text, without a byte order mark, from bytes that are checked as they come.
pub(crate) struct Text<R> {
    inner: R,
    bytes: Vec<u8>,
    /// What was given away, and up to where the bytes are text.
    at: usize,
    end: usize,
    /// The offset of `bytes` in the source.
    offset: u64,
}

impl<R: Read> Text<R> {
    pub(crate) fn new(inner: R) -> io::Result<Self> {
        let mut text = Self { inner, bytes: Vec::new(), at: 0, end: 0, offset: 0 };
        text.fill()?;
        if text.bytes.starts_with(b"\xef\xbb\xbf") {
            text.at = 3;
        }
        Ok(text)
    }

    /// The first character that is no white space, as far as the first piece goes.
    pub(crate) fn first(&self) -> Option<u8> {
        self.bytes[self.at..self.end].trim_ascii_start().first().copied()
    }

    /// Reads the next piece, behind what is left of a character.
    fn fill(&mut self) -> io::Result<()> {
        const PIECE: usize = 64 << 10;

        self.offset += self.end as u64;
        self.bytes.drain(..self.end);
        let left = self.bytes.len();
        (&mut self.inner).take(PIECE as u64).read_to_end(&mut self.bytes)?;
        let wrong = |at: usize| {
            let message = format!("not text: bytes that are not UTF-8, from offset {}", self.offset + at as u64);
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        (self.at, self.end) = (0, self.bytes.len());
        if let Err(error) = std::str::from_utf8(&self.bytes) {
            // A character may go on in the next piece; at the end there is none.
            if error.error_len().is_some() || self.bytes.len() == left {
                return Err(wrong(error.valid_up_to()));
            }
            self.end = error.valid_up_to();
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.end {
            self.fill()?;
        }
        let count = out.len().min(self.end - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> Result<String, String> {
        let mut text = String::new();
        let mut reader = Text::new(bytes).map_err(|error| error.to_string())?;
        reader.read_to_string(&mut text).map_err(|error| error.to_string()).map(|_| text)
    }

    #[test]
    fn text_is_checked_also_where_pieces_meet() {
        for before in (65_530..65_540).chain([0, 1, 131_071]) {
            let text = "a".repeat(before) + "äöü€😀";
            assert_eq!(text_of(text.as_bytes()), Ok(text.clone()));
            assert_eq!(text_of(format!("\u{feff}{text}").as_bytes()), Ok(text.clone()));
            let cut = &text.as_bytes()[..text.len() - 1];
            let expected = format!("not text: bytes that are not UTF-8, from offset {}", text.len() - 4);
            assert_eq!(text_of(cut), Err(expected.clone()));
            assert_eq!(text_of(&[cut, b"x"].concat()), Err(expected));
        }
        assert_eq!(text_of(b""), Ok(String::new()));
    }

    /// The entries as they are given, with `!` for one that is too large.
    fn entries(text: &str) -> Result<(Vec<String>, Vec<List>), String> {
        let mut found = Vec::new();
        let around = json(text.as_bytes(), &mut |list, entry| {
            found.push(format!("{list:?} {}", entry.map_or_else(|_| "!".to_owned(), |entry| entry.to_string())));
        })?;
        Ok((found, around.lists))
    }

    #[test]
    fn entries_come_one_by_one_whatever_is_around_them() {
        let text = r#"{"a": [1, {"entries": [0]}], "log": {"creator": {"name": "x"}, "entries": [{"b": [1.5, "c"]}, 2], "pages": [3]},
            "interactions": [], "http_interactions": {"entries": [4]}, "recorded_with": "y"}"#;
        let expected = vec![r#"Har {"b":[1.5,"c"]}"#.to_owned(), "Har 2".to_owned()];
        assert_eq!(entries(text), Ok((expected, vec![List::Har, List::Interactions])));
        for nothing in ["[]", "1", "{}", "\"log\"", r#"{"log": 1, "interactions": {}}"#, "[[{}], 2]"] {
            assert_eq!(entries(nothing), Ok((vec![], vec![])), "{nothing}");
        }
        assert_eq!(entries("{} x").unwrap_err(), "not JSON: trailing characters at line 1 column 4");
        assert!(entries(r#"{"log": {"entries": [1, "#).is_err());
    }

    #[test]
    fn an_entry_without_measure_costs_that_entry() {
        let many = "0,".repeat(MOST_VALUES);
        let long = "x".repeat(MOST_TEXT + 1);
        let text = format!(r#"{{"log": {{"entries": [1, {{"a": [{many}0]}}, 2, {{"b": "{long}"}}, [3]]}}}}"#);
        assert_eq!(entries(&text).unwrap().0, ["Har 1", "Har !", "Har 2", "Har !", "Har [3]"]);
    }
}
