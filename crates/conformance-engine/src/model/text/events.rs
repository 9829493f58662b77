//! The events of a text in YAML or JSON, in memory that does not grow with the text.
//!
//! To the scanner of `saphyr-parser` any flow collection (`[…]`, `{…}`) may be a key, so it keeps all tokens of one until
//! its end. JSON, which is such a collection as a whole, is therefore read here, and what one collection of other texts may
//! have is limited.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;
use std::str::Chars;

use saphyr_parser::{BufferedInput, Event, Marker, Parser, ScalarStyle, ScanError, StrInput};
use serde::de::IgnoredAny;

/// The most characters that mean something in YAML before one collection or text has ended: also inside of a text, where
/// they mean nothing, because only the scanner knows. It keeps up to 200 bytes for each.
const MOST_KEPT: usize = 400_000;

/// The events of one text, with the places where they begin.
pub struct Events<'t>(Source<'t>);

enum Source<'t> {
    Json(Json<'t>),
    Yaml(Parser<'t, StrInput<'t>>),
    /// With how much was read since the last event. It is read character by character, which takes twice the time.
    Long(Parser<'t, BufferedInput<Counted<'t>>>, Rc<Cell<usize>>),
    /// Nothing follows an error.
    Ended,
}

impl<'t> Events<'t> {
    /// Of a text without a byte order mark.
    pub fn of(text: &'t str) -> Self {
        if text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok() {
            return Self(Source::Json(Json { rest: text, line: 1, column: 0, index: 0 }));
        }
        if text.chars().filter(means_something).count() <= MOST_KEPT {
            return Self(Source::Yaml(Parser::new_from_str(text)));
        }
        let read = Rc::new(Cell::new(0));
        let counted = Counted { chars: text.chars(), read: Rc::clone(&read) };
        Self(Source::Long(Parser::new_from_iter(counted), read))
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Result<(Event<'t>, Marker), ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = match &mut self.0 {
            Source::Ended => return None,
            Source::Json(json) => return json.next(),
            Source::Yaml(parser) => parser.next_event(),
            Source::Long(parser, read) => {
                let event = parser.next_event();
                // The scanner saw the end of the text there.
                if read.get() > MOST_KEPT {
                    let place = match &event {
                        Some(Ok((_, span))) => span.end,
                        Some(Err(error)) => *error.marker(),
                        None => Marker::default(),
                    };
                    let message = format!("more than {MOST_KEPT} brackets, commas, colons and quotes in one value");
                    self.0 = Source::Ended;
                    return Some(Err(ScanError::new(place, message)));
                }
                read.set(0);
                event
            }
        };
        event.map(|event| event.map(|(event, span)| (event, span.start)))
    }
}

/// Between two tokens of YAML, unless a line ends there, is one of these.
fn means_something(character: &char) -> bool {
    matches!(character, ',' | '[' | ']' | '{' | '}' | ':' | '?' | '!' | '&' | '*' | '"' | '\'' | '#' | '%' | '|' | '>')
}

/// The characters of a text, until too many that mean something have come.
struct Counted<'t> {
    chars: Chars<'t>,
    read: Rc<Cell<usize>>,
}

impl Iterator for Counted<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let next = self.chars.next().filter(|_| self.read.get() <= MOST_KEPT)?;
        self.read.update(|read| read + usize::from(means_something(&next)));
        Some(next)
    }
}

/// What is left of a text that is JSON.
struct Json<'t> {
    rest: &'t str,
    line: usize,
    column: usize,
    index: usize,
}

impl<'t> Json<'t> {
    fn next(&mut self) -> Option<<Events<'t> as Iterator>::Item> {
        let start = self.rest.find(|c: char| !c.is_ascii_whitespace() && !matches!(c, ',' | ':'))?;
        self.pass(start);
        let place = Marker::new(self.index, self.line, self.column);
        let bytes = self.rest.as_bytes();
        let (event, length) = match bytes.first()? {
            b'{' => (Event::MappingStart(0, None), 1),
            b'}' => (Event::MappingEnd, 1),
            b'[' => (Event::SequenceStart(0, None), 1),
            b']' => (Event::SequenceEnd, 1),
            b'"' => {
                let length = length_of_string(bytes);
                match string(&self.rest[..length]) {
                    Ok(text) => (Event::Scalar(text, ScalarStyle::DoubleQuoted, 0, None), length),
                    Err(error) => return Some(Err(ScanError::new(place, error))),
                }
            }
            _ => {
                let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}');
                let length = self.rest.find(is_end).unwrap_or(self.rest.len());
                (Event::Scalar(Cow::Borrowed(&self.rest[..length]), ScalarStyle::Plain, 0, None), length)
            }
        };
        self.pass(length);
        Some(Ok((event, place)))
    }

    /// Goes on behind so many bytes.
    fn pass(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        for character in passed.chars() {
            self.index += 1;
            self.column += 1;
            if character == '\n' {
                (self.line, self.column) = (self.line + 1, 0);
            }
        }
        self.rest = rest;
    }
}

/// Of a string in quotes at the beginning, with them.
fn length_of_string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string(quoted: &str) -> Result<Cow<'_, str>, String> {
    match quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\')) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => serde_json::from_str(quoted).map(Cow::Owned).map_err(|error| {
            let message = error.to_string();
            message.rsplit_once(" at line ").map_or(message.clone(), |(message, _)| message.to_owned())
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Kind, text, line and column of each event that has to do with a value.
    fn shown<'t>(events: impl Iterator<Item = Result<(Event<'t>, Marker), ScanError>>) -> Vec<String> {
        let events = events.map(Result::unwrap).filter_map(|(event, place)| {
            let event = match event {
                Event::MappingStart(..) => "{".to_owned(),
                Event::MappingEnd => "}".to_owned(),
                Event::SequenceStart(..) => "[".to_owned(),
                Event::SequenceEnd => "]".to_owned(),
                Event::Scalar(text, style, ..) => format!("{text:?} {style:?}"),
                _ => return None,
            };
            Some(format!("{event} {} {}", place.line(), place.col()))
        });
        events.collect()
    }

    fn as_yaml(text: &str) -> Vec<String> {
        let mut parser = Parser::new_from_str(text);
        shown(std::iter::from_fn(|| parser.next_event()).map(|event| event.map(|(event, span)| (event, span.start))))
    }

    #[test]
    fn json_has_the_events_of_yaml() {
        for text in [
            "{}",
            "[]",
            " \n[1, -2.50e+3,\ttrue , false,null]\n\n",
            r#"{"a": {"b\n\"\\": [], "": ["x", ""]}, "ü😀": "é", "c" : [[1], {"d":1}]}"#,
            "{\"a\":\r\n  \"b,:]}\",\r\n \"c\": [\r\n1\r\n]\r\n}",
        ] {
            assert!(matches!(Events::of(text).0, Source::Json(_)), "{text}");
            assert_eq!(shown(Events::of(text)), as_yaml(text), "{text}");
        }
    }

    #[test]
    fn what_yaml_cannot_say_is_read_as_json() {
        assert_eq!(
            shown(Events::of(r#"["\ud83d\ude00\/\u007f"]"#)),
            ["[ 1 0", "\"😀/\\u{7f}\" DoubleQuoted 1 1", "] 1 23"]
        );
        let error = Events::of("[1,\n \"\\ud800\"]").find_map(Result::err).unwrap();
        assert_eq!((error.marker().line(), error.marker().col()), (2, 1), "{error}");
    }

    #[test]
    fn what_is_no_json_is_yaml() {
        for text in ["{a: 1}", "[1,]", "{\"a\": 1} # b", "{\"a\": 1}\n--- 2", "a: [1]", "[01]", ""] {
            assert!(matches!(Events::of(text).0, Source::Yaml(_)), "{text}");
        }
    }

    #[test]
    fn one_value_has_a_limit_and_a_file_has_none() {
        let parts = |part: &str| part.repeat(MOST_KEPT);
        for part in ["a,", "{},", "'',", "a: b,"] {
            let text = format!("- [{}]", parts(part));
            let mut events = Events::of(&text);
            let error = events.find_map(Result::err).unwrap();
            assert!(events.next().is_none(), "{part}");
            assert!(error.info().starts_with("more than 400000 brackets"), "{part}: {error}");
        }
        let entries = format!("x:\n{}", parts("- {a: [b, c]}\n"));
        assert_eq!(Events::of(&entries).filter(Result::is_err).count(), 0);
        let prose = format!("x: |\n{}y: 1\n", parts("  one two three\n"));
        assert_eq!(shown(Events::of(&prose)).len(), 6);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~äß€]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[ -~]*", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_has_the_events_of_yaml(value in json(), is_pretty in any::<bool>()) {
            let value = serde_json::json!([value]);
            let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert_eq!(shown(Events::of(&text)), as_yaml(&text));
        }
    }
}
