//! Reads JSON strictly, and names everything that is wrong with it.
//!
//! `serde_json` parses; around it stand the questions that a lenient reader does not ask: a byte order mark,
//! members that occur twice, bytes after the end. Nesting is limited (to 127 levels), so a hostile body cannot
//! exhaust the stack.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::model::text::excerpt;

/// How many duplicate members are listed; one is enough to be wrong.
const DUPLICATES: usize = 10;

/// What was read from a body, and why it is not strict JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The value, if there is one. Present also beside problems that leave no doubt about it (a byte order mark,
    /// bytes after the end; of a member that occurs twice the last one counts).
    pub value: Option<Value>,
    /// What is wrong, in reading order. Empty means strict JSON.
    pub problems: Vec<Problem>,
}

/// One reason why a body is not strict JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// No bytes, or only white space.
    Empty,
    /// The body starts with a byte order mark, which RFC 8259 forbids.
    ByteOrderMark,
    /// The bytes are not UTF-8, from this offset on.
    NotUtf8 {
        /// The offset of the first byte that does not belong.
        offset: usize,
    },
    /// Markup where JSON was promised: usually the error page of something in between.
    Html {
        /// How it begins.
        text: String,
    },
    /// The value does not end.
    Truncated {
        /// Where the text stops.
        line: usize,
        /// Where the text stops.
        column: usize,
    },
    /// Any other break of the grammar.
    Syntax {
        /// What the parser says.
        message: String,
        /// Where, counted from 1.
        line: usize,
        /// Where, counted from 1.
        column: usize,
    },
    /// Something follows the value.
    TrailingBytes {
        /// How it begins.
        text: String,
        /// Where it begins, counted from 1.
        line: usize,
        /// Where it begins, counted from 1.
        column: usize,
    },
    /// Nested more than 127 levels deep.
    TooDeep,
    /// A member occurs twice in one object: readers disagree which one counts.
    DuplicateMember {
        /// The JSON pointer of the member.
        pointer: String,
    },
}

/// Reads a body as strict JSON.
pub fn read(body: &[u8]) -> Reading {
    let mut problems = Vec::new();
    let body = match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            problems.push(Problem::ByteOrderMark);
            rest
        }
        None => body,
    };
    let value = read_text(body, &mut problems);
    Reading { value, problems }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing"),
            Self::ByteOrderMark => f.write_str("a byte order mark before the value"),
            Self::NotUtf8 { offset } => write!(f, "bytes that are not UTF-8, from offset {offset}"),
            Self::Html { text } => write!(f, "markup: {text}"),
            Self::Truncated { line, column } => {
                write!(f, "a value that does not end (line {line}, column {column})")
            }
            Self::Syntax { message, line, column } => {
                write!(f, "a syntax error: {message} (line {line}, column {column})")
            }
            Self::TrailingBytes { text, line, column } => {
                write!(f, "more after the value (line {line}, column {column}): {text}")
            }
            Self::TooDeep => f.write_str("nesting of more than 127 levels"),
            Self::DuplicateMember { pointer } => write!(f, "the member {pointer} twice"),
        }
    }
}

fn read_text(body: &[u8], problems: &mut Vec<Problem>) -> Option<Value> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            problems.push(Problem::NotUtf8 { offset: error.valid_up_to() });
            return None;
        }
    };
    let start = text.trim_ascii_start();
    if start.is_empty() {
        problems.push(Problem::Empty);
        return None;
    }
    if start.starts_with('<') {
        problems.push(Problem::Html { text: excerpt(start, 60) });
        return None;
    }

    let duplicates = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = match (Strict { place: &Place::Root, duplicates: &duplicates }).deserialize(&mut deserializer) {
        Ok(value) => value,
        Err(error) => {
            problems.push(problem_of(&error));
            return None;
        }
    };
    problems.extend(duplicates.into_inner().into_iter().map(|pointer| Problem::DuplicateMember { pointer }));
    if let Err(error) = deserializer.end() {
        let (line, column) = (error.line(), error.column());
        let rest = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let rest = rest.get(column.saturating_sub(1)..).unwrap_or(rest);
        problems.push(Problem::TrailingBytes { text: excerpt(rest, 60), line, column });
    }
    Some(value)
}

fn problem_of(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        return Problem::Truncated { line, column };
    }
    let message = error.to_string();
    // The parser has no question for this one; its own position is cut off, since ours follows.
    if message.starts_with("recursion limit exceeded") {
        return Problem::TooDeep;
    }
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Problem::Syntax { message, line, column }
}

/// Where a value stands. Only a member that occurs twice is ever asked for its pointer.
enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Element(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn push_to(&self, pointer: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.push_to(pointer);
                push_name(pointer, name);
            }
            Self::Element(parent, index) => {
                parent.push_to(pointer);
                push_index(pointer, *index);
            }
        }
    }
}

/// Builds a [`Value`] and remembers the pointer of each member that occurs twice.
#[derive(Clone, Copy)]
struct Strict<'s> {
    place: &'s Place<'s>,
    duplicates: &'s RefCell<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        loop {
            let place = &Place::Element(self.place, array.len());
            match elements.next_element_seed(Strict { place, ..self })? {
                Some(element) => array.push(element),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value_seed(Strict { place: &Place::Member(self.place, &name), ..self })?;
            match object.entry(name) {
                Entry::Vacant(entry) => _ = entry.insert(member),
                Entry::Occupied(mut entry) => {
                    let mut duplicates = self.duplicates.borrow_mut();
                    if duplicates.len() < DUPLICATES {
                        let mut pointer = String::new();
                        Place::Member(self.place, entry.key()).push_to(&mut pointer);
                        duplicates.push(pointer);
                    }
                    entry.insert(member);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Appends one member name to a JSON pointer.
pub(crate) fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return pointer.push_str(name);
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Appends one array index to a JSON pointer.
pub(crate) fn push_index(pointer: &mut String, index: usize) {
    _ = write!(pointer, "/{index}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: impl AsRef<[u8]>, problems: &[&str], has_value: bool) {
        let reading = read(body.as_ref());
        let found: Vec<_> = reading.problems.iter().map(ToString::to_string).collect();
        assert_eq!(found, problems);
        assert_eq!(reading.value.is_some(), has_value);
    }

    #[test]
    fn plain_json_is_read_as_serde_json_reads_it() {
        let text = r#" {"a": [1, -2, 2.5, 1e3, "x\n", null, true, {}], "b": 18446744073709551615} "#;
        let reading = read(text.as_bytes());
        assert_eq!(reading.value, Some(serde_json::from_str(text).unwrap()));
        assert_eq!(reading.problems, []);
    }

    #[test]
    fn an_empty_body_is_not_json() {
        check("", &["nothing"], false);
        check(" \r\n", &["nothing"], false);
    }

    #[test]
    fn a_byte_order_mark_is_named_and_the_rest_is_read() {
        check("\u{feff}{}", &["a byte order mark before the value"], true);
    }

    #[test]
    fn other_encodings_are_named() {
        check(b"\"\xe4\"", &["bytes that are not UTF-8, from offset 1"], false);
        check(b"\xff\xfe{\0}\0", &["bytes that are not UTF-8, from offset 0"], false);
    }

    #[test]
    fn an_error_page_is_markup() {
        check("<html><body>502</body></html>", &["markup: <html><body>502</body></html>"], false);
    }

    #[test]
    fn a_value_that_stops_is_truncated() {
        check(r#"{"a": "#, &["a value that does not end (line 1, column 6)"], false);
        check(r#"["ab"#, &["a value that does not end (line 1, column 4)"], false);
    }

    #[test]
    fn broken_grammar_is_placed() {
        check("{'a': 1}", &["a syntax error: key must be a string (line 1, column 2)"], false);
        check("[1,\n2,]", &["a syntax error: trailing comma (line 2, column 3)"], false);
        check("NaN", &["a syntax error: expected value (line 1, column 1)"], false);
        check("[1e999]", &["a syntax error: number out of range (line 1, column 6)"], false);
        check("[01]", &["a syntax error: invalid number (line 1, column 3)"], false);
    }

    #[test]
    fn bytes_after_the_value_are_shown() {
        check("{}\n {}", &["more after the value (line 2, column 2): {}"], true);
        check("{} \0", &["more after the value (line 1, column 4): \0"], true);
        check("1 ä", &["more after the value (line 1, column 3): ä"], true);
    }

    #[test]
    fn a_member_that_occurs_twice_is_named_with_its_place() {
        check(
            r#"{"a": 1, "b": [0, {"c/d": 1, "c/d": 2}], "a": 3}"#,
            &["the member /b/1/c~1d twice", "the member /a twice"],
            true,
        );
    }

    #[test]
    fn only_some_duplicates_are_listed() {
        let body = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(1000));
        assert_eq!(read(body.as_bytes()).problems.len(), DUPLICATES);
    }

    #[test]
    fn deep_nesting_is_refused_without_exhausting_the_stack() {
        check("[".repeat(1_000_000), &["nesting of more than 127 levels"], false);
        check("{\"a\":".repeat(1_000_000), &["nesting of more than 127 levels"], false);
    }
}
