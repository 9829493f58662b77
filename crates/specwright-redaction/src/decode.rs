//! Undoes the encodings that a text may have been through, and knows where each byte stood before.

use std::borrow::Cow;

/// How many encodings within each other are undone.
const DEPTH: usize = 6;

/// Named character references of HTML for ASCII, and the no-break space.
/// Source: HTML Living Standard, 13.5 "Named character references".
#[rustfmt::skip]
const ENTITIES: [(&str, char); 50] = [
    ("amp", '&'), ("AMP", '&'), ("lt", '<'), ("LT", '<'), ("gt", '>'), ("GT", '>'), ("quot", '"'), ("QUOT", '"'),
    ("apos", '\''), ("plus", '+'), ("equals", '='), ("sol", '/'), ("bsol", '\\'), ("colon", ':'), ("semi", ';'),
    ("comma", ','), ("period", '.'), ("num", '#'), ("percnt", '%'), ("lpar", '('), ("rpar", ')'), ("lsqb", '['),
    ("lbrack", '['), ("rsqb", ']'), ("rbrack", ']'), ("lcub", '{'), ("lbrace", '{'), ("rcub", '}'), ("rbrace", '}'),
    ("vert", '|'), ("verbar", '|'), ("VerticalLine", '|'), ("excl", '!'), ("dollar", '$'), ("ast", '*'),
    ("midast", '*'), ("commat", '@'), ("Hat", '^'), ("lowbar", '_'), ("UnderBar", '_'), ("grave", '`'),
    ("DiacriticalGrave", '`'), ("quest", '?'), ("NewLine", '\n'), ("Tab", '\t'), ("nbsp", '\u{a0}'), ("hyphen", '-'),
    ("dash", '-'), ("sim", '~'), ("tilde", '~'),
];

/// A text without one more of its encodings.
#[derive(Debug)]
pub(crate) struct Layer<'t> {
    pub(crate) bytes: Cow<'t, [u8]>,
    /// Where decoded and encoded places part: up to the next, they go in step.
    steps: Vec<(usize, usize)>,
}

impl<'t> Layer<'t> {
    pub(crate) fn plain(text: &'t [u8]) -> Self {
        Self { bytes: Cow::Borrowed(text), steps: Vec::new() }
    }

    pub(crate) fn with_steps(bytes: Vec<u8>, steps: Vec<(usize, usize)>) -> Self {
        Self { bytes: Cow::Owned(bytes), steps }
    }

    /// The place in the encoded text.
    pub(crate) fn place(&self, at: usize) -> usize {
        let after = self.steps.partition_point(|(decoded, _)| *decoded <= at);
        let (decoded, encoded) = after.checked_sub(1).map_or((0, 0), |before| self.steps[before]);
        encoded + (at - decoded)
    }
}

/// The text, and after it the text with one more round of its encodings undone, as long as there are any.
pub(crate) fn layers(text: &[u8]) -> Vec<Layer<'_>> {
    let mut layers = vec![Layer::plain(text)];
    for _ in 1..DEPTH {
        let Some(layer) = layers.last().and_then(|last| undone(&last.bytes, Escapes::Common)) else { break };
        layers.push(layer);
    }
    layers
}

/// The place in the text that the place `at` of its layer `index` came from.
pub(crate) fn origin(layers: &[Layer<'_>], index: usize, at: usize) -> usize {
    layers[..=index].iter().rev().fold(at, |at, layer| layer.place(at))
}

/// The text with all its encodings undone, if it has any.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let layers = layers(text.as_bytes());
    let last = layers.last().filter(|_| layers.len() > 1)?;
    Some(String::from_utf8_lossy(&last.bytes).into_owned())
}

/// What is undone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// Percent-encoding, character references of HTML and XML, backslashes.
    Common,
    /// Quoted-printable, which is undone alone: `=` stands before most values.
    Quoted,
}

/// One round. `None` if there is nothing to undo.
pub(crate) fn undone<'t>(text: &[u8], escapes: Escapes) -> Option<Layer<'t>> {
    let is_common = escapes == Escapes::Common;
    let is_start = |byte: u8| if is_common { byte == b'%' || byte == b'&' || byte == b'\\' } else { byte == b'=' };
    let mut bytes: Vec<u8> = Vec::new();
    let mut steps = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|byte| is_start(*byte))) {
        at += found;
        let rest = &text[at..];
        let escape = match rest[0] {
            b'%' => percent(rest),
            b'&' => reference(rest),
            b'\\' => backslash(rest),
            _ => quoted_printable(rest),
        };
        let Some((meaning, length)) = escape else {
            at += 1;
            continue;
        };
        bytes.extend_from_slice(&text[copied..at]);
        steps.push((bytes.len(), at));
        match meaning {
            Meaning::Byte(byte) => bytes.push(byte),
            Meaning::Letter(letter) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Meaning::Nothing => {}
        }
        at += length;
        copied = at;
        steps.push((bytes.len(), at));
    }
    if copied == 0 {
        return None;
    }
    bytes.extend_from_slice(&text[copied..]);
    Some(Layer { bytes: Cow::Owned(bytes), steps })
}

enum Meaning {
    Byte(u8),
    Letter(char),
    Nothing,
}

/// `%2B`, and `%u002B` as the function `escape` of JavaScript writes it.
fn percent(rest: &[u8]) -> Option<(Meaning, usize)> {
    if matches!(rest.get(1), Some(b'u' | b'U')) {
        let unit = number(rest.get(2..6)?, 16)?;
        return Some((Meaning::Letter(char::from_u32(unit)?), 6));
    }
    Some((Meaning::Byte(u8::try_from(number(rest.get(1..3)?, 16)?).ok()?), 3))
}

/// `&plus;`, `&#43;`, `&#x2b;`, also without the semicolon that browsers do not insist on.
fn reference(rest: &[u8]) -> Option<(Meaning, usize)> {
    let (name, semicolon) = {
        let length =
            rest[1..].iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
        (&rest[1..=length], usize::from(rest.get(1 + length) == Some(&b';')))
    };
    if let Some(digits) = name.strip_prefix(b"#") {
        let (radix, start) = if matches!(digits.first(), Some(b'x' | b'X')) { (16, 1) } else { (10, 0) };
        let length = digits[start..].iter().take_while(|digit| char::from(**digit).is_digit(radix)).count();
        let letter = char::from_u32(number(&digits[start..start + length], radix)?)?;
        let is_whole = 1 + start + length == name.len();
        return Some((Meaning::Letter(letter), 2 + start + length + if is_whole { semicolon } else { 0 }));
    }
    let name = std::str::from_utf8(name).ok().filter(|_| semicolon == 1)?;
    let (_, letter) = ENTITIES.iter().find(|(known, _)| *known == name)?;
    Some((Meaning::Letter(*letter), name.len() + 2))
}

/// The escapes of JSON, JavaScript, Python, YAML, C and shells.
fn backslash(rest: &[u8]) -> Option<(Meaning, usize)> {
    let hex = |digits: usize| number(rest.get(2..2 + digits)?, 16);
    Some(match rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => {
            let length = rest[3..].iter().take(7).position(|byte| *byte == b'}')?;
            (Meaning::Letter(char::from_u32(number(&rest[3..3 + length], 16)?)?), 4 + length)
        }
        b'u' => match hex(4)? {
            high @ 0xd800..=0xdbff => {
                let low = rest.get(6..8).filter(|next| next == b"\\u").and_then(|_| number(rest.get(8..12)?, 16))?;
                let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                (Meaning::Letter(char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?), 12)
            }
            unit => (Meaning::Letter(char::from_u32(unit)?), 6),
        },
        b'U' => (Meaning::Letter(char::from_u32(hex(8)?)?), 10),
        // A byte in Python and C, a letter in JavaScript: the same for ASCII.
        b'x' => (Meaning::Byte(u8::try_from(hex(2)?).ok()?), 4),
        digit @ b'0'..=b'3' => match rest.get(1..4).and_then(|digits| number(digits, 8)) {
            Some(byte) => (Meaning::Byte(u8::try_from(byte).ok()?), 4),
            None if *digit == b'0' => (Meaning::Byte(0), 2),
            None => return None,
        },
        b'n' => (Meaning::Byte(b'\n'), 2),
        b'r' => (Meaning::Byte(b'\r'), 2),
        b't' => (Meaning::Byte(b'\t'), 2),
        b'b' => (Meaning::Byte(8), 2),
        b'f' => (Meaning::Byte(12), 2),
        // A line that goes on.
        b'\n' => (Meaning::Nothing, 2),
        punctuation if punctuation.is_ascii_punctuation() => (Meaning::Byte(*punctuation), 2),
        _ => return None,
    })
}

/// Source: RFC 2045, section 6.7.
fn quoted_printable(rest: &[u8]) -> Option<(Meaning, usize)> {
    match rest.get(1)? {
        b'\n' => Some((Meaning::Nothing, 2)),
        b'\r' if rest.get(2) == Some(&b'\n') => Some((Meaning::Nothing, 3)),
        _ => Some((Meaning::Byte(u8::try_from(number(rest.get(1..3)?, 16)?).ok()?), 3)),
    }
}

/// No sign and at least one digit, which are all digits.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let is_one = !digits.is_empty() && digits.iter().all(|digit| char::from(*digit).is_digit(radix));
    is_one.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        for (text, expected) in [
            ("a%2Bb", "a+b"),
            ("a%252Bb", "a+b"),
            ("%u002B%zz%", "+%zz%"),
            ("a&#x2b;b&#43;c&plus;d&amp;#43;", "a+b+c+d+"),
            ("&#43 &unknown; & &#xD800;", "+ &unknown; & &#xD800;"),
            (r"\u002b\x2b\053\u{2b}\U0000002b\/\'", "+++++/'"),
            (r"\ud83d\ude00 \ud83d \q", "😀 \\ud83d \\q"),
            (r"\\u002b", "+"),
            (r#"{\"a\":\"b\\\"c\"}"#, r#"{"a":"b"c"}"#),
            ("%26%23x2b%3B", "+"),
            ("%5Cu002b", "+"),
        ] {
            assert_eq!(decoded(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(decoded("plain text = 5"), None);
        let layer = undone(b"a=3Db=\r\nc=\nd=x", Escapes::Quoted).unwrap();
        assert_eq!(&*layer.bytes, b"a=bcd=x");
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "ab%2Bc%25%32Bd";
        let layers = layers(text.as_bytes());
        let last = layers.len() - 1;
        let found = std::str::from_utf8(&layers[last].bytes).unwrap();
        assert_eq!(found, "ab+c+d");
        let place = |at| origin(&layers, last, at);
        assert_eq!((place(2), place(3), place(4), place(5), place(6)), (2, 5, 6, 13, 14));
    }
}
