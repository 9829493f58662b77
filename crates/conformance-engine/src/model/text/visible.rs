//! Text from outside as text that is only read: no character of it moves the cursor, hides or reorders what is shown.
//!
//! Every way out uses these functions: terminals, reports, diagnostics, and JSON that may be shown on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character controls or hides text instead of being seen: C0, DEL and C1; line and paragraph separators; what
/// changes the direction of text; what has no width or no form, such as tags and the empty pattern of Braille. Variation selectors stay, because symbols
/// are written with them.
///
/// Source: Unicode 17, `DerivedCoreProperties.txt` (`Default_Ignorable_Code_Point`) and `PropList.txt` (`Bidi_Control`).
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The text on one line, each hidden character as an escape: `\n`, `\r`, `\t`, else `\u{1b}`.
pub fn escaped(text: &str) -> Cow<'_, str> {
    replaced(text, is_hidden, |character, out| match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => out.extend(other.escape_unicode()),
    })
}

/// The same of a text whose line breaks and tabs are its own and stay.
pub fn escaped_lines(text: &str) -> Cow<'_, str> {
    replaced(text, is_hidden_in_lines, |character, out| out.extend(character.escape_unicode()))
}

/// JSON of the same value in which hidden characters are escapes. Outside of strings JSON has none but line breaks.
///
/// Source: RFC 8259, section 7 (a character beyond the basic plane is a surrogate pair).
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    replaced(json, is_hidden_in_lines, |character, out| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn is_hidden_in_lines(character: char) -> bool {
    !matches!(character, '\n' | '\t') && is_hidden(character)
}

/// The text with another form of some characters; the text itself if it has none of them.
fn replaced(text: &str, is_replaced: fn(char) -> bool, form: fn(char, &mut String)) -> Cow<'_, str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    // Most texts are ASCII to their end.
    let start = text.bytes().position(|byte| !is_plain(&byte)).unwrap_or(text.len());
    let Some(first) = text[start..].find(is_replaced) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..start + first]);
    for character in text[start + first..].chars() {
        if is_replaced(character) { form(character, &mut out) } else { out.push(character) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_shown_and_what_is_seen_stays() {
        for (text, expected) in [
            ("a\u{1b}[31mb", r"a\u{1b}[31mb"),
            ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
            ("\u{1b}]52;c;cm0gLXJm\u{1b}\\", r"\u{1b}]52;c;cm0gLXJm\u{1b}\"),
            ("a\u{9b}2Jb\u{9d}0;x\u{9c}", r"a\u{9b}2Jb\u{9d}0;x\u{9c}"),
            ("over\rwritten\u{8}\u{7f}", r"over\rwritten\u{8}\u{7f}"),
            ("two\nlines\tand\u{b}\u{c}\u{85}more", r"two\nlines\tand\u{b}\u{c}\u{85}more"),
            ("\0", r"\u{0}"),
            ("adm\u{202e}nimda\u{202c}", r"adm\u{202e}nimda\u{202c}"),
            ("\u{2066}a\u{2069}\u{61c}\u{200f}", r"\u{2066}a\u{2069}\u{61c}\u{200f}"),
            ("pass\u{200b}word\u{feff}\u{2060}", r"pass\u{200b}word\u{feff}\u{2060}"),
            ("a\u{2028}b\u{2029}c", r"a\u{2028}b\u{2029}c"),
            ("a\u{e0001}\u{e0041}\u{e007f}", r"a\u{e0001}\u{e0041}\u{e007f}"),
            ("soft\u{ad}hyphen\u{3164}\u{fff9}", r"soft\u{ad}hyphen\u{3164}\u{fff9}"),
            ("\u{2800}\u{2801}", "\\u{2800}\u{2801}"),
            ("Größe 図 ❤\u{fe0f} नि \u{301}", "Größe 図 ❤\u{fe0f} नि \u{301}"),
            (r"C:\new {a} \u{1b}", r"C:\new {a} \u{1b}"),
        ] {
            assert_eq!(escaped(text), expected);
            assert!(!escaped_lines(text).contains(is_hidden_in_lines), "{text:?}");
        }
        assert_eq!(escaped_lines("a\n\tb\r\u{202e}"), "a\n\tb\\u{d}\\u{202e}");
    }

    #[test]
    fn json_keeps_its_value() {
        for text in ["\u{1b}\u{7f}\u{9b}", "\u{202e}\u{2028}\u{feff}", "\u{e0041}\u{1d173}", "a\nb\t\\\"", "", "図"] {
            for shown in [serde_json::json!({ text: [text] }).to_string(), format!("{:#}", serde_json::json!([text]))] {
                let escaped = escaped_json(&shown);
                assert!(!escaped.contains(is_hidden_in_lines), "{escaped:?}");
                let (one, other): (serde_json::Value, serde_json::Value) =
                    (serde_json::from_str(&escaped).unwrap(), serde_json::from_str(&shown).unwrap());
                assert_eq!(one, other);
            }
        }
    }
}
