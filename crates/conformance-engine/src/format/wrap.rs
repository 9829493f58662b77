//! Breaks long lines of text where a terminal ends.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A line is never narrower than this, however deep it is indented.
const NARROWEST: usize = 20;

/// A word is broken after one of the first, else of the second, if there is one in the second half of the line.
const BREAKS: [&[char]; 2] = [&[',', '/', '&', '?', ';', '}', ')'], &['_', '-', '.']];

/// `text` in lines that fit beside an indent of so many columns; one line if there is no limit.
pub fn wrapped(text: &str, indent: usize, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else { return vec![text.to_owned()] };
    let room = columns.saturating_sub(indent).max(NARROWEST);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            let is_split_anyway = word.width() > room && line.width() < room / 2;
            if line.width() + 1 + word.width() <= room || is_split_anyway {
                line.push(' ');
            } else {
                lines.push(std::mem::take(&mut line));
            }
        }
        line.push_str(word);
        while line.width() > room {
            let rest = line.split_off(end(&line, room));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

/// The words of a shell line, in lines that the shell reads as one. A word is never broken, so that the lines can be
/// copied.
pub(crate) fn wrapped_shell(line: &str, indent: usize, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else { return vec![line.to_owned()] };
    // Room for ` \`.
    let room = columns.saturating_sub(indent + 2).max(NARROWEST);
    let mut lines: Vec<String> = Vec::new();
    let words = shell_words(line);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        // A flag stays with its value, if both fit.
        let fits = |value: &str| word.width() + 1 + value.width() <= room;
        let value = words.next_if(|next| word.starts_with('-') && !next.starts_with('-') && fits(next));
        let part = value.map_or_else(|| (*word).to_owned(), |value| format!("{word} {value}"));
        match lines.last_mut() {
            Some(last) if last.width() + 1 + part.width() <= room => {
                last.push(' ');
                last.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    let last = lines.len().saturating_sub(1);
    lines.iter_mut().take(last).for_each(|line| line.push_str(" \\"));
    lines
}

/// The words of a shell line as they are written, quotes included.
pub(crate) fn shell_words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    for (at, character) in line.char_indices() {
        match (character, quote) {
            _ if is_escaped => is_escaped = false,
            // In `'…'` a backslash is itself.
            ('\\', None | Some('"')) => is_escaped = true,
            ('\'' | '"', None) => quote = Some(character),
            (end, Some(open)) if end == open => quote = None,
            (' ', None) => {
                words.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[start..]);
    words
}

/// Where a word that is too long is broken, in bytes.
fn end(word: &str, room: usize) -> usize {
    let (mut columns, mut end) = (0, word.len());
    for (at, character) in word.char_indices() {
        columns += character.width().unwrap_or(0);
        if columns > room {
            end = at;
            break;
        }
    }
    let at = BREAKS.iter().find_map(|breaks| word[..end].rfind(*breaks).filter(|at| *at > end / 2));
    // A character wider than the room would never fit.
    at.map_or_else(|| end.max(word.chars().next().map_or(0, char::len_utf8)), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, indent: usize, columns: usize, expected: &[&str]) {
        assert_eq!(wrapped(text, indent, Some(columns)), expected);
    }

    #[test]
    fn lines_end_between_words_or_else_where_the_terminal_does() {
        check("", 4, 40, &[""]);
        check("the rocket  is on the pad", 10, 30, &["the rocket  is on", "the pad"]);
        check("POST /rockets/r-1/launch?pad=p-1&crew=2", 0, 24, &["POST /rockets/r-1/", "launch?pad=p-1&crew=2"]);
        check(&"x".repeat(45), 0, 20, &[&"x".repeat(20), &"x".repeat(20), "xxxxx"]);
        check("火箭火箭火箭火箭火箭火箭", 0, 20, &["火箭火箭火箭火箭火箭", "火箭"]);
        assert_eq!(wrapped(&"long ".repeat(50), 2, None), ["long ".repeat(50)]);
    }

    #[test]
    fn a_shell_line_is_broken_between_its_words() {
        let line = r#"curl -H 'a b: c\' -H "d \" e" -d 'it'\''s x'"$(printf '\012')" http://h/long/path"#;
        assert_eq!(shell_words(line).len(), 8);
        let lines = wrapped_shell(line, 0, Some(36));
        assert_eq!(lines[0], r#"curl -H 'a b: c\' -H "d \" e" \"#);
        assert_eq!(lines.join(" ").replace(" \\ ", " "), line);
        assert!(lines.iter().all(|line| line.len() <= 36), "{lines:?}");
    }
}
