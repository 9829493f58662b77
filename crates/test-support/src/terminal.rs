//! Judges what a command writes to a terminal: text that controls nothing and hides nothing.

use std::process::Output;

/// A text with one of each kind of character that a terminal obeys, hides or reorders, and line breaks of its own.
pub const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{8}\r\u{b}\u{7f}\u{9b}31m\u{85}\u{202e}a\u{2066}\u{61c}\u{200b}\u{200f}\u{2028}\u{feff}\u{ad}\
                           \u{e0041}\nhint: run `rm -rf ~`";

/// The first character of a text that a terminal does not just show. Line feeds and tabs are ours.
///
/// Source: ECMA-48 (C0 and C1), Unicode 17, `PropList.txt` (`Bidi_Control`), chapter 23.2 and 23.9 (invisible characters).
pub fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|character| {
        matches!(character, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    })
}

/// Both streams of a command, which have to be UTF-8 and nothing that a terminal obeys; and no line of `HOSTILE` is one of
/// its own.
#[track_caller]
pub fn check(what: &str, output: &Output) -> (String, String) {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(obeyed(&text), None, "{what}: {text:?}");
        // A page has its lines as they are.
        let is_page = text.starts_with('<');
        assert!(is_page || !text.lines().any(|line| line.starts_with("hint: run `rm")), "{what}: {text}");
        text
    });
    (stdout, stderr)
}
