//! Matches text with a pattern (ECMA-262) in time that grows with the product of both lengths, whatever the pattern.
//!
//! The crate `regex` has no backtracking, and another language of patterns: those that mean the same in both are
//! translated. What has no translation is left to the caller: references back, looks ahead and behind, Unicode
//! properties, and what only the laxer mode of ECMA 262 allows.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// What a compiled pattern may take, in bytes.
const SIZE: usize = 4 << 20;

/// A state of a compiled pattern takes about as many bytes.
const STATE: usize = 32;

/// How many steps a text may take: one for each of its bytes and each state.
const STEPS: usize = 64 << 20;

/// A longer text is not tried, however small the pattern.
const MAX_TEXT: usize = 1 << 20;

/// A pattern for the other engine, and how long a text may be for it.
#[derive(Debug)]
pub(super) struct Linear {
    regex: Regex,
    longest: usize,
}

impl Linear {
    /// Whether the text matches; nothing if that would take too long.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        (text.len() <= self.longest).then(|| self.regex.is_match(text))
    }
}

/// The pattern for the other engine, if it means the same there.
pub(super) fn compile(source: &str) -> Option<Linear> {
    let translated = translated(source)?;
    // The crate does not tell the size of what it compiled, only whether it is within a limit.
    let mut size = 1 << 10;
    while size <= SIZE {
        match RegexBuilder::new(&translated).size_limit(size).dfa_size_limit(SIZE).build() {
            Ok(regex) => return Some(Linear { regex, longest: MAX_TEXT.min(STEPS / (size / STATE)) }),
            Err(regex::Error::CompiledTooBig(_)) => size *= 2,
            Err(_) => return None,
        }
    }
    None
}

/// White space and line ends (ECMA-262, 22.2.2.9, `s`).
const SPACES: &str =
    r"\t\n\x0b\x0c\r\x20\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}";

fn translated(source: &str) -> Option<String> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => escape(&mut rest, false, &mut out)?,
            '[' => class(&mut rest, &mut out)?,
            '.' => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            '(' => {
                out.push('(');
                if rest.next_if_eq(&'?').is_some() {
                    // Names of groups serve references back, which there are none of.
                    rest.next_if_eq(&':')?;
                    out.push_str("?:");
                }
            }
            '{' => {
                let inside: String = std::iter::from_fn(|| rest.next_if(|next| *next != '}')).collect();
                rest.next()?;
                let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
                let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                if least.is_empty() || !is_number(least) || !is_number(most) {
                    return None;
                }
                out.extend(["{", &inside, "}"]);
            }
            ']' | '}' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

/// A class, after its bracket.
fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    // `[]` and `[^]` are classes there, and none here.
    if rest.peek() == Some(&']') {
        return None;
    }
    let mut before = '[';
    loop {
        let character = rest.next()?;
        match character {
            ']' => {
                out.push(']');
                return Some(());
            }
            '\\' => {
                let start = out.len();
                escape(rest, true, out)?;
                // A class in a range is no range in the laxer mode, and an error in the other.
                if out[start..].starts_with('[') && (before == '-' || rest.peek() == Some(&'-')) {
                    return None;
                }
            }
            // Operators between classes, here.
            '-' if before == '-' || rest.peek() == Some(&'-') => return None,
            '[' | '&' | '~' | '^' => out.extend(['\\', character]),
            other => out.push(other),
        }
        before = character;
    }
}

/// An escape, after its backslash.
fn escape(rest: &mut Peekable<Chars<'_>>, is_in_class: bool, out: &mut String) -> Option<()> {
    let character = rest.next()?;
    match character {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.extend(["[", SPACES, "]"]),
        'S' => out.extend(["[^", SPACES, "]"]),
        'b' if is_in_class => out.push_str(r"\x08"),
        'b' => out.push_str(r"(?-u:\b)"),
        'n' | 'r' | 't' | 'f' | 'v' => out.extend(['\\', character]),
        'x' => code(&rest.by_ref().take(2).collect::<String>(), 2, out)?,
        'u' if rest.next_if_eq(&'{').is_some() => {
            let digits: String = std::iter::from_fn(|| rest.next_if(|next| *next != '}')).collect();
            rest.next()?;
            code(&digits, digits.len(), out)?;
        }
        // A half of a pair has no character, and the other half is not looked for.
        'u' => code(&rest.by_ref().take(4).collect::<String>(), 4, out)?,
        // What is punctuation stands for itself.
        _ if character.is_ascii_punctuation() => literal(character, out),
        _ => return None,
    }
    Some(())
}

fn code(digits: &str, length: usize, out: &mut String) -> Option<()> {
    let is_hex = digits.len() == length && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    literal(char::from_u32(code)?, out);
    Some(())
}

fn literal(character: char, out: &mut String) {
    out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regress::{Flags, Regex as Other};

    use super::*;

    #[test]
    fn what_has_no_translation_is_left_to_others() {
        for source in [
            r"(a)\1",
            r"(?=a)",
            r"(?<!a)b",
            r"(?<n>a)\k<n>",
            r"\p{L}",
            r"\B",
            r"[]",
            r"[^]",
            r"a{",
            r"a{,3}",
            "]",
            "}",
            r"[\d-z]",
            r"[a--b]",
            r"\ud83d\ude00",
            r"\c",
            r"(?i:a)",
            "(",
            r"\",
            "[a",
        ] {
            assert!(compile(source).is_none(), "{source}");
        }
        assert!(compile("(a{1000}){1000}").is_none(), "it would take too much memory");
    }

    #[test]
    fn no_pattern_and_no_text_keep_it_busy() {
        let text = "a".repeat(20_000) + "!";
        for source in ["^(a+)+$", "^(a|aa)+$", "^(a*)*b", "(.*)*(.*)*x$", r"^([a-z]+\s?)*$", "^(a?){30}a{30}$"] {
            let start = std::time::Instant::now();
            assert_eq!(compile(source).unwrap().is_match(&text), Some(false), "{source}");
            assert!(start.elapsed().as_secs() < 5, "{source}: {:?}", start.elapsed());
        }
    }

    #[test]
    fn the_larger_the_pattern_the_shorter_the_text() {
        let text = "ab".repeat(1 << 19);
        let start = std::time::Instant::now();
        for (source, length, expected) in [
            ("^[ab]*a[ab]{20000}$", 1 << 20, None),
            ("^[ab]*a[ab]{20000}$", 100, Some(false)),
            ("^[ab]*a[ab]{200}b$", 1 << 14, Some(true)),
            ("^(a|b)*$", 1 << 20, Some(true)),
            ("^(?:[ab]+c?){3}$", 1 << 18, Some(true)),
        ] {
            assert_eq!(compile(source).unwrap().is_match(&text[..length]), expected, "{source}");
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_translation_means_the_same(
            source in proptest::collection::vec(prop_oneof![
                Just("a"), Just("b-"), Just("."), Just("^"), Just("$"), Just("|"), Just("(a"), Just("(?:"), Just(")"),
                Just("*"), Just("+?"), Just("?"), Just("{2}"), Just("{1,}"), Just(r"\d"), Just(r"\D"), Just(r"\w"),
                Just(r"\W"), Just(r"\s"), Just(r"\S"), Just(r"\b"), Just("[a-c"), Just("[^"), Just("]"), Just("&&"),
                Just("é"), Just(r"\."), Just(r"\-"), Just(r"\/"), Just(r"\u0062"), Just(r"\x20"), Just(r"\u{1F600}"), Just("1"),
                Just("[0-9]"), Just(r"[\w.]"), Just("[^a]"), Just("~"), Just("_"),
            ], 0..8).prop_map(|parts| parts.concat()),
            text in "[ab1_é.\\-\\n\\r\u{2028}\u{1F600} \u{a0}~&/]{0,8}",
        ) {
            let unicode = Flags { unicode: true, ..Flags::default() };
            if let (Some(ours), Ok(theirs)) = (compile(&source), Other::with_flags(&source, unicode)) {
                prop_assert_eq!(ours.is_match(&text), Some(theirs.find(&text).is_some()), "{} on {:?}", source, text);
            }
        }
    }
}
