//! Small questions about JSON values: what kind, equal, how to show, where.
//!
//! Numbers are compared by value (`1` equals `1.0`, and `u64::MAX` is not rounded to a float first);
//! everything shown is cut at a limit, since a server decides how long it is.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde_json::{Map, Number, Value};

use crate::model::json::Numeral;
pub(crate) use crate::model::json::{push_index, push_name};
use crate::model::text::cut;

/// The longest excerpt of a value in a message, in bytes of its JSON text.
pub(crate) const SHOWN: usize = 120;

/// The JSON type with its article, as a sentence needs it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The value as compact JSON, cut after a limit.
pub(crate) fn shown(value: &Value) -> String {
    shown_up_to(value, SHOWN)
}

/// The value as compact JSON, cut after `limit` bytes. The rest is never serialised.
pub(crate) fn shown_up_to(value: &Value, limit: usize) -> String {
    let mut out = Bounded { bytes: Vec::new(), limit };
    match serde_json::to_writer(&mut out, value) {
        Ok(()) => String::from_utf8_lossy(&out.bytes).into_owned(),
        Err(_) => cut(&String::from_utf8_lossy(&out.bytes), limit) + "…",
    }
}

/// `found a number: 5`, or only `found null`.
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        other => format!("{}: {}", kind(other), shown(other)),
    }
}

/// Equal as JSON values: members in any order, numbers by value.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| member(b, name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// Compares by value.
pub(crate) fn compare_numbers(a: &Number, b: &Number) -> Ordering {
    Numeral::from(a).order(&b.into())
}

/// A value, where it stands in a whole, and the numbers of that whole that are written otherwise than the value has them.
#[derive(Clone, Copy)]
pub(crate) struct Written<'v> {
    pub(crate) value: &'v Value,
    pub(crate) pointer: &'v str,
    pub(crate) numbers: &'v BTreeMap<String, String>,
}

impl Written<'_> {
    /// Equal as JSON values, with numbers as they are written.
    pub(crate) fn equals(&self, other: &Written<'_>) -> bool {
        if self.numbers.is_empty() && other.numbers.is_empty() {
            return equal(self.value, other.value);
        }
        self.canonical() == other.canonical()
    }

    /// One text per JSON value, the same for equal values: what makes `uniqueItems` linear.
    pub(crate) fn canonical(&self) -> String {
        let mut out = String::new();
        write_canonical(self.value, self.numbers, &mut self.pointer.to_owned(), &mut out);
        out
    }

    /// The value as compact JSON, cut after a limit.
    pub(crate) fn shown(&self) -> String {
        match (self.value, self.numbers.get(self.pointer)) {
            (Value::Number(_), Some(written)) => cut(written, SHOWN),
            (value, _) => shown(value),
        }
    }
}

fn write_canonical(value: &Value, numbers: &BTreeMap<String, String>, pointer: &mut String, out: &mut String) {
    let length = pointer.len();
    match value {
        Value::Number(number) => {
            let written = numbers.get(pointer).map(String::as_str);
            _ = write!(out, "{}", Numeral { number, written }.decimal());
        }
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                push_index(pointer, index);
                write_canonical(element, numbers, pointer, out);
                pointer.truncate(length);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in sorted {
                _ = write!(out, "{name:?}:");
                push_name(pointer, name);
                write_canonical(member, numbers, pointer, out);
                pointer.truncate(length);
                out.push(',');
            }
            out.push('}');
        }
        Value::String(text) => _ = write!(out, "{text:?}"),
        Value::Null | Value::Bool(_) => _ = write!(out, "{value}"),
    }
}

/// A member by its name. Most objects are small, and then looking through them is a fraction of the work of a hash.
pub(crate) fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    const SMALL: usize = 12;
    if members.len() > SMALL {
        return members.get(name);
    }
    members.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A member of what may be no object.
pub(crate) fn member_of<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    member(value.as_object()?, name)
}

pub(crate) fn is_identifier(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

pub(crate) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Takes bytes until it is full, then refuses: the serialiser stops there.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = room.min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_equal(a: &str, b: &str, expected: bool) {
        let (a, b): (Value, Value) = (serde_json::from_str(a).unwrap(), serde_json::from_str(b).unwrap());
        assert_eq!(equal(&a, &b), expected);
        let canonical = |value| Written { value, pointer: "", numbers: &BTreeMap::new() }.canonical();
        assert_eq!(canonical(&a) == canonical(&b), expected, "{} {}", canonical(&a), canonical(&b));
    }

    #[test]
    fn numbers_are_equal_by_value() {
        check_equal("1", "1.0", true);
        check_equal("10000000000000000000", "1e19", true);
        check_equal("18446744073709551615", "18446744073709551614", false);
        check_equal("9007199254740993", "9007199254740992.0", false);
        check_equal("0", "-0.0", true);
        check_equal("0.1", "1e-1", true);
        check_equal("-1", "18446744073709551615", false);
    }

    #[test]
    fn members_are_equal_in_any_order_and_elements_are_not() {
        check_equal(r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1.0,2],"a":1}"#, true);
        check_equal("[1,2]", "[2,1]", false);
        check_equal(r#"["a,b"]"#, r#"["a","b"]"#, false);
        check_equal("1", "\"1\"", false);
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(shown_up_to(&json!("äöü"), 4), "\"ä…");
        assert_eq!(shown_up_to(&json!([1, 2]), 5), "[1,2]");
        assert_eq!(shown_up_to(&json!([1, 2]), 4), "[1,2…");
    }
}
