//! The parts of a request in the other ways of writing that mean the same ([`Wire`]).

use std::borrow::Cow;

use crate::model::case::Wire;

/// The header that is the way of writing.
pub(crate) fn own_header(wire: Wire) -> Option<(&'static str, &'static str)> {
    match wire {
        Wire::Chunked => Some(("Transfer-Encoding", "chunked")),
        Wire::ExpectContinue => Some(("Expect", "100-continue")),
        Wire::Close => Some(("Connection", "close")),
        _ => None,
    }
}

/// The names of headers in the letter case that is asked for.
pub(crate) fn spell(wire: Option<Wire>, headers: &mut [(String, String)]) {
    for (name, _) in headers {
        match wire {
            Some(Wire::LowerCaseNames) => *name = name.to_ascii_lowercase(),
            Some(Wire::CanonicalNames) => *name = canonical(name),
            _ => {}
        }
    }
}

/// `x-auth-token` as `X-Auth-Token`.
fn canonical(name: &str) -> String {
    let mut starts = true;
    let letters = name.chars().map(|letter| {
        let spelled = if starts { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        starts = letter == '-';
        spelled
    });
    letters.collect()
}

/// The media type of a body as it is written.
pub(crate) fn media_type(wire: Option<Wire>, media_type: &str) -> Cow<'_, str> {
    match wire {
        Some(Wire::Charset) => format!("{media_type}; charset=utf-8").into(),
        Some(Wire::MediaTypeCase) => {
            // The values of its parameters may have a letter case.
            let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
            let separator = if parameters.is_empty() { "" } else { ";" };
            let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
            let mut letters = kind.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
            let kind: String = first.chain(letters).collect();
            format!("{kind}/{}{separator}{parameters}", subtype.to_ascii_uppercase()).into()
        }
        _ => media_type.into(),
    }
}

/// A percent-encoded value as it is written at a place where unreserved characters are encoded by `own`.
pub(crate) fn percent(wire: Option<Wire>, own: Wire, encoded: String) -> String {
    match wire {
        Some(Wire::PercentLowerCase) if encoded.contains('%') => lower_case_digits(&encoded),
        Some(Wire::PercentLowerCase) => {
            // Only some unreserved characters have a letter among their digits: `-` is %2d.
            lower_case_digits(&encode_first(&encoded, |byte| {
                byte.is_ascii_alphanumeric() && (byte & 0x0f) > 9 || matches!(byte, b'-' | b'_')
            }))
        }
        Some(way) if way == own => encode_first(&encoded, |byte| byte.is_ascii_alphanumeric()),
        _ => encoded,
    }
}

/// The text with the first character that `is_it` percent-encoded.
fn encode_first(encoded: &str, is_it: impl Fn(u8) -> bool) -> String {
    let mut bytes = encoded.bytes().enumerate();
    let mut found = None;
    while let Some((at, byte)) = bytes.next() {
        if byte == b'%' {
            _ = bytes.nth(1);
        } else if is_it(byte) {
            found = Some((at, byte));
            break;
        }
    }
    match found {
        Some((at, byte)) => format!("{}%{byte:02X}{}", &encoded[..at], &encoded[at + 1..]),
        None => encoded.to_owned(),
    }
}

fn lower_case_digits(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len());
    let mut digits = 0;
    for letter in encoded.chars() {
        text.push(if digits > 0 { letter.to_ascii_lowercase() } else { letter });
        digits = if letter == '%' { 2 } else { usize::saturating_sub(digits, 1) };
    }
    text
}

/// A JSON text as it is written.
pub(crate) fn json(wire: Option<Wire>, text: String) -> String {
    match wire {
        Some(Wire::MemberOrder) => reversed(&text),
        Some(Wire::Spaces) => spaced(&text, &[" "]),
        Some(Wire::Lines) => format!("\r\n{}\n", spaced(&text, &["\n\t", "\r\n", "\t"])),
        Some(Wire::Escapes) => escaped(&text),
        _ => text,
    }
}

/// The text with white space between its tokens: `{ }`.
fn spaced(text: &str, spaces: &[&str]) -> String {
    let mut next = spaces.iter().copied().cycle();
    let mut space = || next.next().unwrap_or_default();
    let mut spaced = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    for (token, is_string) in tokens(text) {
        match token.chars().next().filter(|_| !is_string) {
            Some('}' | ']') if !matches!(before, '{' | '[') => spaced.extend([space(), token]),
            Some('{' | '[' | ',') => spaced.extend([token, space()]),
            Some(':') => spaced.extend([space(), token, space()]),
            _ => spaced.push_str(token),
        }
        before = token.chars().next().unwrap_or(' ');
    }
    spaced
}

/// The text with the first letter of each string, and each slash, as an escape.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for (token, is_string) in tokens(text) {
        if !is_string {
            escaped.push_str(token);
            continue;
        }
        let (mut has_one, mut is_behind_backslash) = (false, false);
        for letter in token.chars() {
            match letter {
                _ if is_behind_backslash => escaped.push(letter),
                '/' => escaped.push_str("\\/"),
                letter if !has_one && letter.is_ascii_alphanumeric() => {
                    has_one = true;
                    escaped.push_str(&format!("\\u{:04x}", u32::from(letter)));
                }
                letter => escaped.push(letter),
            }
            // A letter behind a backslash is part of an escape, and so are the digits of `\u00e4`.
            is_behind_backslash = letter == '\\' && !is_behind_backslash;
            has_one |= letter == '\\';
        }
    }
    escaped
}

/// The text with the members of each object in reverse.
fn reversed(text: &str) -> String {
    let mut open: Vec<Vec<String>> = vec![vec![String::new()]];
    for (token, is_string) in tokens(text) {
        match token.chars().next().filter(|_| !is_string) {
            Some('{' | '[') => open.push(vec![String::new()]),
            Some(',') => open.last_mut().into_iter().for_each(|parts| parts.push(String::new())),
            Some(end @ ('}' | ']')) => {
                let mut parts = if open.len() > 1 { open.pop().unwrap_or_default() } else { return text.to_owned() };
                if end == '}' {
                    parts.reverse();
                }
                let (start, inside) = (if end == '}' { '{' } else { '[' }, parts.join(","));
                push_last(&mut open, &format!("{start}{inside}{end}"));
            }
            _ => push_last(&mut open, token),
        }
    }
    match open.as_slice() {
        [whole] => whole.join(","),
        // Not JSON: as it is.
        _ => text.to_owned(),
    }
}

fn push_last(open: &mut [Vec<String>], text: &str) {
    if let Some(part) = open.last_mut().and_then(|parts| parts.last_mut()) {
        part.push_str(text);
    }
}

/// The tokens of a JSON text without its white space, each with whether it is a string. What is no JSON is taken apart
/// somehow, and loses nothing but white space.
fn tokens(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = rest.chars().next()?;
        let length = match first {
            '"' => {
                let mut is_escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, letter)| {
                    let ends = *letter == '"' && !is_escaped;
                    is_escaped = *letter == '\\' && !is_escaped;
                    ends
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(|c: char| "{}[],:\" \t\r\n".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some((token, first == '"'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[track_caller]
    fn check_json(wire: Wire, text: &str, expected: &str) {
        assert_eq!(json(Some(wire), text.to_owned()), expected);
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            assert_eq!(serde_json::from_str::<Value>(expected).unwrap(), value, "it means the same");
        }
    }

    #[test]
    fn json_is_written_otherwise_and_means_the_same() {
        check_json(Wire::MemberOrder, r#"{"a":1,"b":{"c":[1,2],"d":"x,y"}}"#, r#"{"b":{"d":"x,y","c":[1,2]},"a":1}"#);
        check_json(Wire::MemberOrder, r#"[{"a":"}","b":2},3]"#, r#"[{"b":2,"a":"}"},3]"#);
        check_json(Wire::MemberOrder, "{\"a\": 1, ", "{\"a\": 1, ");
        check_json(Wire::Spaces, "{}", "{ }");
        check_json(Wire::Spaces, r#"{"a":[],"b":"c:d"}"#, r#"{ "a" : [ ], "b" : "c:d" }"#);
        check_json(Wire::Lines, r#"{"a":1}"#, "\r\n{\n\t\"a\"\r\n:\t1\n\t}\n");
        check_json(Wire::Escapes, r#"{"a":"b/\"c"}"#, r#"{"\u0061":"\u0062\/\"c"}"#);
        check_json(Wire::Escapes, r#"["\u00e4b","\\n","-"]"#, r#"["\u00e4b","\\n","-"]"#);
        // A number stays as it was written.
        check_json(Wire::MemberOrder, r#"{"a":1.10e400,"b":0}"#, r#"{"b":0,"a":1.10e400}"#);
        check_json(Wire::Close, r#"{"a": 1}"#, r#"{"a": 1}"#);
    }

    #[test]
    fn media_types_and_percent_encoding_are_written_otherwise() {
        assert_eq!(media_type(Some(Wire::Charset), "application/json"), "application/json; charset=utf-8");
        assert_eq!(media_type(Some(Wire::MediaTypeCase), "a/b+json; v=Ab"), "A/B+JSON; v=Ab");
        let path = |wire, text: &str| percent(Some(wire), Wire::PercentPath, text.to_owned());
        assert_eq!(path(Wire::PercentPath, "-%2Fab"), "-%2F%61b");
        assert_eq!(path(Wire::PercentQuery, "ab"), "ab");
        assert_eq!(path(Wire::PercentLowerCase, "a%2FB"), "a%2fB");
        assert_eq!(path(Wire::PercentLowerCase, "ab-c"), "ab%2dc");
        assert_eq!(path(Wire::PercentLowerCase, "0aK"), "0a%4b");
        assert_eq!(path(Wire::PercentLowerCase, "01"), "01");
    }
}
