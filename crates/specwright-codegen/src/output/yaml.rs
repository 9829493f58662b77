//! Writes a JSON value as YAML that a person can review: block style, quotes only where YAML needs them.
//!
//! Its own reader is the judge: a test reads every text back and compares the values.

use serde_json::Value;

use crate::text::pad;

/// `value` as a YAML document.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

/// Writes a value at the beginning of a line.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                pad(indent, out);
                scalar(key, out);
                out.push(':');
                after_key(member, indent, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pad(indent, out);
                out.push('-');
                match item {
                    // The first member shares the line of the dash.
                    Value::Object(members) if !members.is_empty() => {
                        let start = out.len();
                        block(item, indent + 2, out);
                        out.replace_range(start..start + indent + 2, " ");
                    }
                    _ => after_key(item, indent, out),
                }
            }
        }
        _ => {
            pad(indent, out);
            inline(value, out);
            out.push('\n');
        }
    }
}

/// Writes a value behind `key:` or `-`, on the same line if it fits there.
fn after_key(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push('\n');
            block(value, indent + 2, out);
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            out.push('\n');
            block(value, indent + 2, out);
        }
        Value::String(text) if is_literal(text) => {
            out.push_str(" |-\n");
            for line in text.split('\n') {
                if !line.is_empty() {
                    pad(indent + 2, out);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        _ => {
            out.push(' ');
            inline(value, out);
            out.push('\n');
        }
    }
}

fn inline(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => scalar(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                inline(item, out);
            }
            out.push(']');
        }
        // Numbers, booleans, null and `{}` are spelled as in JSON.
        _ => out.push_str(&value.to_string()),
    }
}

/// Several lines, none of which a literal block would change.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.ends_with('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|c| {
            c == '\n' || !c.is_control() && c != '\u{feff}' && c != '\u{85}' && c != '\u{2028}' && c != '\u{2029}'
        })
        && text.split('\n').all(|line| !line.is_empty() || !line.starts_with(' '))
}

/// What YAML, or a reader of an older one, takes for something else than text.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A string as plain scalar where that is safe, else in the quotes of JSON, which YAML reads alike.
fn scalar(text: &str, out: &mut String) {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _./-()$+*'".contains(&b))
        && !text.ends_with(' ')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain {
        out.push_str(text);
    } else {
        out.push_str(&Value::String(text.to_owned()).to_string().replace('\u{7f}', "\\u007f"));
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::{Diagnostics, node};
    use serde_json::{Value, json};

    use super::write;

    #[track_caller]
    fn check(value: Value, expected: &str) {
        let text = write(&value);
        assert_eq!(text, expected);
        let mut problems = Diagnostics::default();
        let read = node::read(&text, &mut problems).map(|node| node.to_json());
        assert_eq!((read, problems), (Some(value), Diagnostics::default()), "\n{text}");
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_value() {
        check(json!({"a": {"b": [1, true, null, 2.5]}}), "a:\n  b: [1, true, null, 2.5]\n");
        check(
            json!({"list": [{"a": 1, "b": {"c": []}}, {"d": {}}]}),
            "list:\n  - a: 1\n    b:\n      c: []\n  - d: {}\n",
        );
        check(json!({"nested": [[1], [{"a": 2}]]}), "nested:\n  - [1]\n  -\n    - a: 2\n");
    }

    #[test]
    fn strings_that_look_like_something_else_are_quoted() {
        for text in [
            "",
            " a",
            "a ",
            "true",
            "No",
            "null",
            "~",
            "1",
            "1.0",
            "2024-01-01",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "'a'",
            "[a]",
            "{a}",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "a\tb",
            "a\u{7f}b",
            "\u{feff}",
            "a\u{2028}b",
            "é",
            "\\",
            "\"",
            "a,b",
            "?",
            "y",
        ] {
            let written = write(&json!({ text: [text, {"k": text}] }));
            let read = node::read(&written, &mut Diagnostics::default()).map(|node| node.to_json());
            assert_eq!(read, Some(json!({ text: [text, {"k": text}] })), "\n{written}");
        }
    }

    #[test]
    fn several_lines_are_a_literal_block_where_that_changes_nothing() {
        check(json!({"a": "one\n\ntwo\n  three: #"}), "a: |-\n  one\n\n  two\n    three: #\n");
        for text in ["a\n", "\na", " a\nb", "a\n\n", "a\r\nb", "a\n\tb", "\ta\nb", "a\n ", "a\n \nb", "a\u{85}\nb"] {
            let written = write(&json!({ "a": text }));
            let read = node::read(&written, &mut Diagnostics::default()).map(|node| node.to_json());
            assert_eq!(read, Some(json!({ "a": text })), "\n{written}");
        }
    }
}
