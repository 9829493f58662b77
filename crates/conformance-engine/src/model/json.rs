//! Reads JSON strictly, and names everything that is wrong with it.
//!
//! `serde_json` parses; around it stand the questions that a lenient reader does not ask: a byte order mark,
//! members that occur twice, bytes after the end. Nesting is limited (to 127 levels), so a hostile body cannot
//! exhaust the stack.

mod decimal;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

pub(crate) use self::decimal::Numeral;
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
    /// JSON pointer -> a number of the value as it is written, where that is neither an integer of 64 bits nor the
    /// shortest text of an `f64`.
    pub written: BTreeMap<String, String>,
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
    let (value, written) = read_text(body, &mut problems).unzip();
    Reading { value, problems, written: written.unwrap_or_default() }
}

/// The numbers of `value`, which was read from `text`, that it does not hold as they are written.
fn written_numbers(value: &Value, text: &str) -> BTreeMap<String, String> {
    let mut tokens = tokens(text);
    let mut written = BTreeMap::new();
    add_written(value, &mut String::new(), &mut tokens, &mut written);
    written
}

fn add_written<'t>(
    value: &Value,
    pointer: &mut String,
    tokens: &mut impl Iterator<Item = &'t str>,
    written: &mut BTreeMap<String, String>,
) {
    let length = pointer.len();
    match value {
        Value::Number(number) => {
            let Some(token) = tokens.next() else { return };
            if number.is_f64() && token != number.to_string() {
                written.insert(pointer.clone(), token.to_owned());
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                push_index(pointer, index);
                add_written(element, pointer, tokens, written);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                push_name(pointer, name);
                add_written(member, pointer, tokens, written);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The numbers in a JSON text, in reading order.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut is_in_text = false;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if is_in_text => at += 1,
                b'"' => is_in_text = !is_in_text,
                b'-' | b'0'..=b'9' if !is_in_text => {
                    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                    let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
                    let token = text.get(at..at + length);
                    at += length;
                    return token;
                }
                _ => {}
            }
            at += 1;
        }
        None
    })
}

/// The text with another number in place of each that is beyond every `f64`: the parser refuses those, JSON does not.
fn within_range(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    for token in tokens(text) {
        let start = token.as_ptr() as usize - rest.as_ptr() as usize;
        let is_beyond = token.parse().is_ok_and(|number: f64| number.is_infinite());
        out.push_str(&rest[..start]);
        out.push_str(match is_beyond {
            true if token.starts_with('-') => "-1.7976931348623157e308",
            true => "1.7976931348623157e308",
            false => token,
        });
        rest = &rest[start + token.len()..];
    }
    out + rest
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

fn read_text(body: &[u8], problems: &mut Vec<Problem>) -> Option<(Value, BTreeMap<String, String>)> {
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

    let noticed = Noticed::default();
    let (value, rest) = match parse(text, &noticed) {
        Err(error) if error.to_string().starts_with("number out of range") => parse(&within_range(text), &noticed),
        parsed => parsed,
    }
    .map_err(|error| problems.push(problem_of(&error)))
    .ok()?;
    let duplicates = noticed.duplicates.into_inner();
    // The members that are kept are in another order than the text then, and the body is wrong anyway.
    let written =
        if noticed.float.get() && duplicates.is_empty() { written_numbers(&value, text) } else { BTreeMap::new() };
    problems.extend(duplicates.into_iter().map(|pointer| Problem::DuplicateMember { pointer }));
    if let Some((line, column)) = rest {
        let rest = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let rest = rest.get(column.saturating_sub(1)..).unwrap_or(rest);
        problems.push(Problem::TrailingBytes { text: excerpt(rest, 60), line, column });
    }
    Some((value, written))
}

/// The value that a text begins with, and where anything else follows.
fn parse(text: &str, noticed: &Noticed) -> Result<(Value, Option<(usize, usize)>), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    noticed.duplicates.borrow_mut().clear();
    let value = (Strict { place: &Place::Root, noticed }).deserialize(&mut deserializer)?;
    Ok((value, deserializer.end().err().map(|error| (error.line(), error.column()))))
}

/// What is noticed on the way.
#[derive(Default)]
struct Noticed {
    /// The pointer of each member that occurs twice.
    duplicates: RefCell<Vec<String>>,
    /// There is a number that is no integer of 64 bits.
    float: Cell<bool>,
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

/// Builds a [`Value`] and remembers what is to be noticed.
#[derive(Clone, Copy)]
struct Strict<'s> {
    place: &'s Place<'s>,
    noticed: &'s Noticed,
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
        self.noticed.float.set(true);
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
                    let mut duplicates = self.noticed.duplicates.borrow_mut();
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

    #[track_caller]
    fn check_written(text: &str, expected: &[(&str, &str)]) {
        let reading = read(text.as_bytes());
        assert_eq!(reading.problems, [], "{text}");
        let written: Vec<_> = reading.written.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn numbers_are_known_as_they_are_written() {
        check_written("[1, -2, 18446744073709551615, 0.1, 19.99, 0.0]", &[]);
        check_written("[1.50, 1e3]", &[("/0", "1.50"), ("/1", "1e3")]);
        check_written("18446744073709551616", &[("", "18446744073709551616")]);
        check_written(
            r#"{"a\"1": "2.00000000000000000001", "b": [0.1, {"c/d": 0.10000000000000000000001}], "e": -1e999}"#,
            &[("/b/1/c~1d", "0.10000000000000000000001"), ("/e", "-1e999")],
        );
        check_written("9007199254740993.5", &[("", "9007199254740993.5")]);
        check_written("1e-400", &[("", "1e-400")]);
        let value = read(b"[1e999, 2]").value;
        assert_eq!(value, Some(serde_json::json!([f64::MAX, 2])));
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
