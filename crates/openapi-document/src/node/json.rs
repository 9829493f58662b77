//! Reads strict JSON into a tree with places: what the reader of YAML makes of it, for a fraction of the work.
//!
//! Source: RFC 8259. Whatever is not strict JSON, or beyond a limit, is left to the reader of YAML, which says what is wrong.

use saphyr_parser::ScalarStyle;

use super::tree::{Data, Map, Node};
use super::yaml::Reader;
use crate::source::At;

/// Gives a text to the reader; `None` if it is not strict JSON.
pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Option<()> {
    let mut scan = Scan { text, at: 0, line: 1, known: 0, column: 0 };
    loop {
        let place = scan.place(reader)?;
        match scan.peek()? {
            b'{' => {
                scan.at += 1;
                reader.begin(Data::Map(Map::default()), place, 0)?;
                scan.space();
                if scan.peek()? != b'}' {
                    scan.key(reader)?;
                    continue;
                }
            }
            b'[' => {
                scan.at += 1;
                reader.begin(Data::List(Vec::new()), place, 0)?;
                scan.space();
                if scan.peek()? != b']' {
                    continue;
                }
            }
            b'"' => {
                let text = scan.string()?;
                reader.add(Node { at: place, data: Data::Text(text) }, 0);
            }
            _ => {
                let data = reader.scalar(scan.word()?, ScalarStyle::Plain, None, place);
                reader.add(Node { at: place, data }, 0);
            }
        }
        // What ends behind the value.
        loop {
            scan.space();
            let Some(is_mapping) = reader.is_in_mapping() else {
                return (scan.at == text.len()).then_some(());
            };
            match (scan.peek()?, is_mapping) {
                (b'}', true) | (b']', false) => {
                    scan.at += 1;
                    reader.end();
                }
                (b',', _) => {
                    scan.at += 1;
                    if is_mapping {
                        scan.key(reader)?;
                    }
                    break;
                }
                _ => return None,
            }
        }
    }
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// The byte of this line whose column is known.
    known: usize,
    /// The characters before it.
    column: u32,
}

impl<'t> Scan<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.at += 1;
            let is_break = byte == b'\n' || byte == b'\r' && self.peek() != Some(b'\n');
            if is_break {
                (self.line, self.known, self.column) = (self.line + 1, self.at, 0);
            }
        }
    }

    /// The place of what comes next, if there is still room for it.
    fn place(&mut self, reader: &Reader<'_>) -> Option<At> {
        self.space();
        self.column += self.text.get(self.known..self.at)?.chars().count() as u32;
        self.known = self.at;
        reader.has_room().then_some(At { file: reader.file(), line: self.line, column: self.column + 1 })
    }

    /// A key, and the colon behind it.
    fn key(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let at = self.place(reader)?;
        let key = self.string()?;
        reader.add(Node { at, data: Data::Text(key) }, 0);
        self.space();
        (self.peek()? == b':').then(|| self.at += 1)
    }

    /// A string, from its opening to its closing quote.
    fn string(&mut self) -> Option<String> {
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let length = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            let plain = rest.get(..length)?;
            self.at += length + 1;
            match rest.as_bytes().get(length)? {
                b'"' if out.is_empty() => return Some(plain.to_owned()),
                b'"' => {
                    out.push_str(plain);
                    out.shrink_to_fit();
                    return Some(out);
                }
                b'\\' => {
                    out.push_str(plain);
                    out.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    /// The character that an escape stands for, behind its backslash.
    fn escape(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xe000).contains(&first) {
                    return char::from_u32(first.into());
                }
                // Characters beyond 16 bits are two escapes.
                self.text.get(self.at..)?.starts_with("\\u").then(|| self.at += 2)?;
                char::decode_utf16([first, self.unit()?]).next()?.ok()?
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    }

    /// A number, or one of the three words.
    fn word(&mut self) -> Option<&'t str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
        let word = rest.get(..length.unwrap_or(rest.len()))?;
        self.at += word.len();
        (matches!(word, "true" | "false" | "null") || is_number(word)).then_some(word)
    }
}

/// Source: RFC 8259, section 6.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
