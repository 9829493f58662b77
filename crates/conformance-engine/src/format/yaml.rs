//! Reads YAML as far as it can be JSON: files of ours and of other tools, not API documents.
//!
//! Numbers stay text: who asks for one knows what it should be, and nothing is lost on the way (`1.10` is a version).

use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use crate::model::text::events::Events;
use crate::model::text::visible::is_hidden;

/// Deeper nesting than any real file has.
const MAX_DEPTH: usize = 100;

/// Aliases may repeat values, but not multiply them without end.
const MAX_ALIASED: usize = 1_000_000;

/// The most values that are kept at once: of an entry, or of a file without entries, and for aliases to repeat.
const MAX_KEPT: usize = 500_000;

/// A long text counts as a value for each so many bytes.
const VALUE: usize = 64;

/// The member under which a `!!binary` scalar keeps its base64 text.
pub(crate) const BINARY: &str = "!binary";

/// Reads the first document in `text`. Scalars are strings, booleans or null; a `!!binary` is an object with the one
/// member [`BINARY`].
pub(crate) fn read(text: &str) -> Result<Value, String> {
    read_with(text, &mut |_, value| Some(value))
}

/// The same, where `take` may take the items of lists that are members of the outermost mapping or, as `log.entries`, of
/// a mapping in it: it gets the names, and gives back what is to stay in its place.
pub(crate) fn read_with(text: &str, take: &mut dyn FnMut(&[&str], Value) -> Option<Value>) -> Result<Value, String> {
    let mut reader = Reader { open: Vec::new(), root: None, anchors: HashMap::new(), aliased: 0, kept: 0, take };
    for event in Events::of(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, place) = event.map_err(|error| {
            let place = error.marker();
            format!("line {}, column {}: not read as YAML: {}", place.line(), place.col() + 1, error.info())
        })?;
        let line = place.line();
        if reader.kept > MAX_KEPT {
            return Err(format!("line {line}: more than {MAX_KEPT} values belong together up to here"));
        }
        match event {
            Event::MappingStart(anchor, _) => reader.begin(Value::Object(Map::new()), anchor, line)?,
            Event::SequenceStart(anchor, _) => reader.begin(Value::Array(Vec::new()), anchor, line)?,
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(done) = reader.open.pop() {
                    reader.add(done.value, done.anchor);
                }
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" && reader.is_at_key() => {
                return Err(format!("line {line}: `<<` is of YAML 1.1; write out the members that it merges"));
            }
            Event::Scalar(text, style, anchor, tag) => reader.add(scalar(&text, style, tag.as_deref()), anchor),
            Event::Alias(anchor) => reader.alias(anchor, line)?,
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    reader.root.ok_or_else(|| "the file is empty".to_owned())
}

struct Reader<'t> {
    /// Collections that have begun and not ended, outermost first.
    open: Vec<Open>,
    root: Option<Value>,
    anchors: HashMap<usize, Value>,
    aliased: usize,
    /// How many values there are, without those that were taken.
    kept: usize,
    take: &'t mut dyn FnMut(&[&str], Value) -> Option<Value>,
}

struct Open {
    value: Value,
    anchor: usize,
    key: Option<String>,
}

impl Reader<'_> {
    fn begin(&mut self, value: Value, anchor: usize, line: usize) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("line {line}: nested more than {MAX_DEPTH} deep"));
        }
        self.open.push(Open { value, anchor, key: None });
        Ok(())
    }

    fn add(&mut self, value: Value, anchor: usize) {
        self.kept += match &value {
            Value::String(text) => 1 + text.len() / VALUE,
            _ => 1,
        };
        if anchor > 0 {
            self.kept += measure(&value).0;
            // Reading ends at the next event.
            if self.kept <= MAX_KEPT {
                self.anchors.insert(anchor, value.clone());
            }
        }
        let Some(value) = self.taken(value) else { return };
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(value);
            return;
        };
        match &mut parent.value {
            Value::Array(elements) => elements.push(value),
            Value::Object(members) => match parent.key.take() {
                // A key that is not text can only be found by its source text.
                None => parent.key = Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)),
                Some(key) => _ = members.insert(key, value),
            },
            _ => {}
        }
    }

    /// The value, unless it is an item of a list that `take` takes it from.
    fn taken(&mut self, value: Value) -> Option<Value> {
        let (depth, list) = (self.open.len(), self.open.last().is_some_and(|open| open.value.is_array()));
        if !list || !(2..=3).contains(&depth) {
            return Some(value);
        }
        let names: Option<Vec<&str>> = self.open[..depth - 1].iter().map(|open| open.key.as_deref()).collect();
        let Some(names) = names else { return Some(value) };
        let size = measure(&value).0;
        let kept = (self.take)(&names, value);
        self.kept -= if kept.is_none() { size.min(self.kept) } else { 0 };
        kept
    }

    /// The next value is a key.
    fn is_at_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.key.is_none() && open.value.is_object())
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), String> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err(format!("line {line}: this alias refers to a value that contains it"));
        };
        let (size, depth) = measure(value);
        self.aliased += size;
        self.kept += size;
        if self.aliased > MAX_ALIASED || self.kept > MAX_KEPT || self.open.len() + depth > MAX_DEPTH {
            return Err(format!("line {line}: the aliases up to here repeat too much"));
        }
        let value = value.clone();
        // `add` counts the outermost one again.
        self.kept -= 1;
        self.add(value, 0);
        Ok(())
    }
}

/// How many values there are in this one, and how deep they lie.
fn measure(value: &Value) -> (usize, usize) {
    let inner: Vec<_> = match value {
        Value::Array(elements) => elements.iter().map(measure).collect(),
        Value::Object(members) => members.values().map(measure).collect(),
        // A long text is copied as well.
        Value::String(text) => return (1 + text.len() / VALUE, 0),
        _ => return (1, 0),
    };
    let size = inner.iter().map(|(size, _)| size).sum::<usize>() + 1;
    (size, inner.iter().map(|(_, depth)| depth).max().map_or(1, |depth| depth + 1))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    match tag {
        Some(tag) if tag.suffix == "binary" => {
            return Value::Object(Map::from_iter([(BINARY.to_owned(), Value::from(text))]));
        }
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => return Value::from(text),
        _ if !matches!(style, ScalarStyle::Plain) => return Value::from(text),
        _ => {}
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text => Value::from(text),
    }
}

/// A text as a YAML scalar in double quotes, on one line, whatever it contains.
pub(crate) fn quoted(text: &str) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // What YAML calls printable, without what is hidden or taken for a line break or byte order mark.
            ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. if !is_hidden(character) => {
                out.push(character);
            }
            other => {
                let code = u32::from(other);
                _ = match code {
                    0..0x100 => write!(out, "\\x{code:02X}"),
                    0x100..0x1_0000 => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_text_unless_they_say_otherwise() {
        let text = "a: 1.10\nb: '~'\nc: ~\nd: true\ne: [x, {f: !!binary 'aGk='}]\ng: &h {i: 1}\nj: *h\n200: ok\n";
        let expected = json!({"a": "1.10", "b": "~", "c": null, "d": true, "e": ["x", {"f": {"!binary": "aGk="}}],
            "g": {"i": "1"}, "j": {"i": "1"}, "200": "ok"});
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_no_yaml_is_placed() {
        let error = read("a: 1\nb: [1\nc: 2").unwrap_err();
        assert!(error.starts_with("line "), "{error}");
        assert_eq!(read(""), Err("the file is empty".to_owned()));
        let merge = "line 3: `<<` is of YAML 1.1; write out the members that it merges";
        assert_eq!(read("a: &a {b: c}\nd:\n  <<: *a\n"), Err(merge.to_owned()));
        assert!(read("\"<<\": 1\na: <<\n").is_ok());
    }

    #[test]
    fn aliases_and_depth_have_limits() {
        let mut bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for (name, of) in "bcdefghi".chars().zip("abcdefgh".chars()) {
            bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(","));
        }
        assert!(read(&bomb).unwrap_err().contains("repeat too much"));
        assert!(read(&"[".repeat(5000)).is_err());
        assert!(read("a: &a [*a]").is_err());
    }

    proptest! {
        #[test]
        fn a_quoted_text_reads_as_itself(text in any::<String>()) {
            prop_assert_eq!(read(&format!("a: {}\n", quoted(&text))), Ok(json!({ "a": text })));
        }
    }
}
