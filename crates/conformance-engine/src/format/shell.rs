//! Texts as words of a command line, the same for every POSIX shell (dash, bash, zsh) and for fish.
//!
//! A line is one line and has no hidden character, so that what is pasted is what was shown. Nothing is expanded but our
//! own variables: `'…'` holds everything but an apostrophe and, for fish, a backslash before either; both stand outside.
//! What is hidden is written by `printf` in octal, which every shell has. `$'…'` is not POSIX: dash runs what is in it.
//!
//! Source: POSIX.1-2017, Shell Command Language, 2.2 (Quoting), and `printf`, Extended Description; fish 4.0, "Quotes".

use std::fmt::Write as _;

use crate::model::text::visible::is_hidden;

/// A text as one word; `None` if no shell can hold it: it has a NUL, or ends in a line break that `$(…)` would drop.
pub fn word(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    // At the beginning, zsh and fish would expand these.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:=@%+,".contains(&byte);
    if !text.is_empty() && !text.starts_with(['=', '%']) && text.bytes().all(is_plain) {
        return Some(text.to_owned());
    }
    if text.is_empty() {
        return Some("''".to_owned());
    }
    if text.contains(is_hidden) {
        return printed(text);
    }
    let mut out = String::new();
    quote(text, &mut out);
    Some(out)
}

/// A text as the output of `printf`, one word. `None` as of [`word`].
pub(super) fn printed(text: &str) -> Option<String> {
    // All of it, because fish 3.6 misreads `'$'` behind `"$(…)"` in one word.
    let is_writable = !text.contains('\0') && !text.ends_with('\n');
    is_writable.then(|| format!("\"$(printf '{}')\"", printf(text.as_bytes())))
}

/// A flag and its value: `--only 'a b'`, or `--only=-x` where the value would be taken for a flag.
pub fn flag(name: &str, value: &str) -> Option<String> {
    let separator = if value.starts_with('-') { "=" } else { " " };
    Some(format!("{name}{separator}{}", word(value)?))
}

/// The format with which `printf` writes these bytes. It needs no quoting within `'…'`.
pub(super) fn printf(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => out.push_str("%%"),
            // A format does not begin like a flag.
            b' '..=b'~' if !b"'\\$!".contains(byte) && (at > 0 || *byte != b'-') => out.push(char::from(*byte)),
            _ => _ = write!(out, "\\{byte:03o}"),
        }
    }
    out
}

/// Adds a text without hidden characters in quotes.
fn quote(text: &str, out: &mut String) {
    let mut is_open = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        // In quotes, fish reads `\'` and `\\` as escapes.
        let mut is_escape = || characters.peek().is_none_or(|next| matches!(next, '\'' | '\\'));
        let stands_outside = character == '\'' || character == '\\' && is_escape();
        if is_open == stands_outside {
            out.push('\'');
            is_open = !is_open;
        }
        if stands_outside {
            out.push('\\');
        }
        out.push(character);
    }
    if is_open {
        out.push('\'');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(word(text).as_deref(), expected);
        if let Some(word) = word(text) {
            assert!(!word.contains(is_hidden), "{word:?}");
        }
    }

    #[test]
    fn a_word_is_what_it_was_for_every_shell() {
        check("ff808081e220a8390000e4d971771b69", Some("ff808081e220a8390000e4d971771b69"));
        check("", Some("''"));
        check("it's $HOME", Some(r"'it'\''s $HOME'"));
        check("x; rm -rf ~ #", Some("'x; rm -rf ~ #'"));
        check("`id` $(id) !! *?[a]{b,c}", Some("'`id` $(id) !! *?[a]{b,c}'"));
        check(r"C:\dir\", Some(r"'C:\dir'\\"));
        check(r"\'\\", Some(r"\\\'\\\\"));
        check("=ls", Some("'=ls'"));
        check("%self", Some("'%self'"));
        check("a\nb", Some(r#""$(printf 'a\012b')""#));
        check("\u{1b}[2J%", Some(r#""$(printf '\033[2J%%')""#));
        check("a\u{202e}$b", Some(r#""$(printf 'a\342\200\256\044b')""#));
        check("-\r\n-%'", Some(r#""$(printf '\055\015\012-%%\047')""#));
        check("ends\n", None);
        check("a\0b", None);
        check("Größe 図", Some("'Größe 図'"));
    }

    #[test]
    fn a_value_is_no_flag() {
        assert_eq!(flag("--only", "a/b").as_deref(), Some("--only a/b"));
        assert_eq!(flag("--only", "--help").as_deref(), Some("--only=--help"));
        assert_eq!(flag("--only", "-x y").as_deref(), Some("--only='-x y'"));
    }
}
