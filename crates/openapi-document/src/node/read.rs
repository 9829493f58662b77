//! Reads the text of a document into a tree with places: JSON by its own reader, all else as YAML.

use super::tree::Node;
use super::{json, repair, yaml};
use crate::source::{At, Diagnostics, Level};

/// The one document in `text`. Problems that leave a usable tree (a key twice) are reported, and reading goes on.
pub fn read(text: &str, problems: &mut Diagnostics) -> Option<Node> {
    read_file(text, 0, problems)
}

/// The same, for one of several files.
pub(crate) fn read_file(text: &str, file: u32, problems: &mut Diagnostics) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Diagnostics::default();
    let mut root = as_json(text, file, &mut found);
    if root.is_none() {
        (root, found) = as_yaml(text, file);
    }
    problems.0.append(&mut found.0);
    root
}

fn as_json(text: &str, file: u32, found: &mut Diagnostics) -> Option<Node> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut reader = yaml::Reader::new(file, found);
    json::read(text, &mut reader)?;
    reader.root()
}

fn as_yaml(text: &str, file: u32) -> (Option<Node>, Diagnostics) {
    let joined = yaml::join_surrogates(text);
    let mut found = Diagnostics::default();
    let mut root = yaml::parse(&joined, file, &mut found);
    // libyaml, which many tools are built on, is laxer about the indentation of closing brackets.
    if root.is_none()
        && let Some((repaired, line)) = repair::closing_brackets(&joined)
    {
        let mut laxly = Diagnostics::default();
        let at = At { file, line, column: 1 };
        let message = "a closing bracket is indented no deeper than what it is the value of";
        let hint = "indent it more: YAML 1.2 asks for that, though some readers do not";
        laxly.report("yaml-syntax", at, message, hint).level = Level::Warning;
        if let Some(read) = yaml::parse(&repaired, file, &mut laxly) {
            (root, found) = (Some(read), laxly);
        }
    }
    (root, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both readers make of a text, places and problems included.
    #[track_caller]
    fn check(text: &str) {
        let mut found = Diagnostics::default();
        let json = as_json(text, 3, &mut found);
        assert!(json.is_some(), "not read as JSON: {text}");
        let (yaml, same) = as_yaml(text, 3);
        assert_eq!(format!("{json:?} {found:?}"), format!("{yaml:?} {same:?}"), "{text}");
    }

    #[test]
    fn both_readers_make_the_same_of_json() {
        for text in [
            "{}",
            " [ ] ",
            "{\"a\": [1, -2, 0, 0.50, 1e3, -0.0, 1E-2, 18446744073709551616, 1e999]}",
            "{\r\n  \"a\" : true,\r\n\t\"b\":false , \"c\":null}\n",
            r#"{"é\u00e9": "ä\n\t\"\\\/\b\f\r", "😀": "😀x", "after": ["😀", "b"]}"#,
            "{\"\\ud83d\\ude00\":\n\"\\uD83D\\uDE00x\"\n}",
            r#"{"a": {"b": 1, "b": 2, "c": {"d": []}}, "": "<<", "<<": {"x": "~"}}"#,
            r#"[{"on": "yes", "1": "0x10", "null": "null"}, "", " x ", "a: b # c"]"#,
            "{\"a\"\n:\n1\n,\n\"b\"\n:\n{\n}\n}",
        ] {
            check(text);
        }
        // As many keys as there is an index for.
        let members: Vec<String> = (0..200).map(|at| format!("\"k{}\": {at}", at * 37 % 200)).collect();
        check(&format!("{{{}}}", members.join(",\n ")));
    }

    #[test]
    fn what_is_not_strict_json_is_left_to_the_reader_of_yaml() {
        for text in [
            "{a: 1}",
            "{\"a\": 01}",
            "{\"a\": +1}",
            "{\"a\": .5}",
            "{\"a\": 1.}",
            "{\"a\": 1,}",
            "{'a': 1}",
            "{\"a\": 1} x",
            "{\"a\": 1",
            "{\"a\"",
            "[1, 2}",
            "{\"a\": \"line\nbreak\"}",
            r#"{"a": "\ud83d"}"#,
            r#"{"a": "\x41"}"#,
            "{\"a\": 1} # c",
            "{\"a\": yes}",
        ] {
            assert!(as_json(text, 0, &mut Diagnostics::default()).is_none(), "{text}");
        }
        let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        assert!(as_json(&deep, 0, &mut Diagnostics::default()).is_none());
        let mut found = Diagnostics::default();
        assert!(read(&deep, &mut found).is_none() && found.to_string().contains("nested more than"), "{found}");
    }
}
