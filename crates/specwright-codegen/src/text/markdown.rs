//! Markdown of a foreign document as documentation in which nothing runs and nothing refers to an item.
//!
//! rustdoc runs every code block that is not marked otherwise, resolves each `[name]` as an item, and warns of HTML tags and
//! bare addresses (`rustdoc::broken_intra_doc_links`, `invalid_html_tags`, `bare_urls`). Blocks are those of CommonMark 0.31,
//! sections 4.4 (indented code) and 4.5 (fenced code).

use std::fmt::Write;

use conformance_engine::visible::is_hidden;

/// What rustdoc leaves alone.
const LABEL: &str = "text";
/// The examples that the client generator writes itself.
const OWN_LABEL: &str = "ignore";

/// A description of the document as documentation: code is text, and what is no link to a page is no link.
///
/// The result does not begin with a block of code, so that it can follow other words on their line.
pub(crate) fn documentation(description: &str) -> String {
    let mut out = String::with_capacity(description.len());
    blocks(description, false, |line, out| spans(line, false, out), &mut out);
    if out.starts_with("```") {
        out.insert(0, '\n');
    }
    out
}

/// The first line of a description, as documentation on one line.
pub(crate) fn line(description: &str) -> String {
    let (first, mut out) = (single_line(description), String::new());
    if first.starts_with("~~~") {
        out.push('\\');
    }
    spans(&first, false, &mut out);
    out
}

/// The first line of a text, as it is but for what nobody sees.
pub(crate) fn single_line(text: &str) -> String {
    plain(text.trim_start().split(['\n', '\r']).next().unwrap_or_default()).trim().to_owned()
}

/// Documentation of our own with texts of a document in it: no code block runs, and nothing is a tag. Links stay.
pub(crate) fn inert(documentation: &str) -> String {
    let mut out = String::with_capacity(documentation.len());
    blocks(documentation, true, |line, out| spans(line, true, out), &mut out);
    out
}

/// Whether [`inert`] could change anything.
pub(crate) fn is_suspicious(documentation: &str) -> bool {
    ["```", "~~~", "    ", "<"].iter().any(|start| documentation.contains(start))
        || documentation.contains(|c: char| c != '\n' && is_removed(c) || c == '\t')
}

/// A text of the document as a span of code on one line.
pub(crate) fn code(text: &str) -> String {
    let text: String = text.escape_debug().collect::<String>().replace("\\\"", "\"").replace("\\'", "'");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Writes the blocks of a text: those of code at the margin, between fences of their own; lines of prose through `prose`.
fn blocks(text: &str, has_own: bool, prose: impl Fn(&str, &mut String), out: &mut String) {
    let text = plain(text);
    let mut is_first = true;
    let mut line_break = |out: &mut String| {
        if !std::mem::take(&mut is_first) {
            out.push('\n');
        }
    };
    let (mut is_after_blank, mut is_in_list) = (true, false);
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some((fence, length, info)) = opened(line) {
            let is_end = |line: &&str| {
                let rest = contained(line).1.trim_end();
                rest.len() >= length && rest.chars().all(|c| c == fence)
            };
            let code: Vec<&str> = lines.by_ref().take_while(|line| !is_end(line)).collect();
            let label = if has_own && info == OWN_LABEL { OWN_LABEL } else { LABEL };
            line_break(out);
            block(&code, label, out);
            (is_after_blank, is_in_list) = (false, false);
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let is_blank = indent == line.len();
        if indent >= 4 && !is_blank && is_after_blank && !is_in_list {
            let mut code = vec![&line[4..]];
            // A blank line belongs to the block if more of the block follows.
            let mut blanks = 0;
            while let Some(next) = lines.peek().filter(|next| next.starts_with("    ") || next.trim().is_empty()) {
                let is_blank = next.trim().is_empty();
                blanks = if is_blank { blanks + 1 } else { 0 };
                code.push(next.get(4..).unwrap_or_default());
                lines.next();
            }
            code.truncate(code.len() - blanks);
            line_break(out);
            block(&code, LABEL, out);
            (0..blanks).for_each(|_| out.push('\n'));
            is_after_blank = blanks > 0;
            continue;
        }
        line_break(out);
        let (containers, rest) = contained(line);
        let has_marker = containers.contains(|c: char| !matches!(c, ' ' | '>'));
        if has_marker || indent == 0 && is_after_blank && !is_blank {
            is_in_list = has_marker;
        }
        is_after_blank = is_blank;
        out.push_str(&containers);
        prose(rest, out);
    }
}

/// A block of code at the margin, which ends whatever came before it.
fn block(code: &[&str], label: &str, out: &mut String) {
    let longest = code.iter().map(|line| longest_run(line)).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    let _ = writeln!(out, "{fence}{label}");
    code.iter().for_each(|line| {
        let _ = writeln!(out, "{line}");
    });
    out.push_str(&fence);
}

/// The character and the length of a fence that begins at this line, and what it says of the code.
fn opened(line: &str) -> Option<(char, usize, &str)> {
    let (_, rest) = contained(line);
    let fence = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = rest.trim_start_matches(fence);
    let length = rest.len() - info.len();
    // A span of code on one line.
    let is_span = fence == '`' && info.contains('`');
    (length >= 3 && !is_span).then_some((fence, length, info.trim()))
}

/// The quotes and list items that a line begins with, and the rest of it. White space is as little as keeps the rest from
/// being a block of indented code.
fn contained(line: &str) -> (String, &str) {
    let trimmed = line.trim_start_matches(' ');
    let mut rest = trimmed;
    let mut containers = " ".repeat((line.len() - rest.len()).min(3));
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let marker = match rest[digits..].chars().next() {
            Some('.' | ')') if (1..10).contains(&digits) => digits + 1,
            Some('-' | '*' | '+' | '>') if digits == 0 => 1,
            _ => return (containers, rest),
        };
        let behind = rest[marker..].trim_start_matches(' ');
        let spaces = rest.len() - marker - behind.len();
        if spaces == 0 && !rest.starts_with('>') {
            return (containers, rest);
        }
        containers.push_str(&rest[..marker]);
        containers.push_str(if spaces > 4 { " " } else { &rest[marker..marker + spaces] });
        rest = behind;
    }
}

/// A line without what makes rustdoc look for a tag and, unless links are our own, for an item or an address; code spans end
/// where they begin.
fn spans(line: &str, has_links: bool, out: &mut String) {
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\\' if rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) => 2,
            '`' => code_span(rest).unwrap_or_else(|| {
                out.push('\\');
                1
            }),
            '[' if has_links => 1,
            '<' | '[' => link(rest).unwrap_or_else(|| {
                out.push('\\');
                1
            }),
            'h' if !has_links && (rest.starts_with("http://") || rest.starts_with("https://")) => {
                let length = address(rest);
                let _ = write!(out, "<{}>", &rest[..length]);
                rest = &rest[length..];
                continue;
            }
            _ => first.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
}

/// The length of the code span that `text` begins with.
fn code_span(text: &str) -> Option<usize> {
    let fence = text.len() - text.trim_start_matches('`').len();
    let mut at = fence;
    while let Some(start) = text[at..].find('`').map(|found| at + found) {
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        at = start + run;
        if run == fence {
            return Some(at);
        }
    }
    None
}

/// The length of the link to a page that `text` begins with: `<https://…>` or `[words](https://…)`.
fn link(text: &str) -> Option<usize> {
    let (start, end) = if text.starts_with('<') {
        (1, '>')
    } else {
        let words = text[1..].find(['[', ']', '<', '\\'])?;
        let has_spans = text[1..1 + words].matches('`').count().is_multiple_of(2);
        (text[1 + words..].starts_with("](") && has_spans).then_some((words + 3, ')'))?
    };
    let target = &text[start..];
    let length = target.find(end)?;
    let is_page = target.starts_with("http://") || target.starts_with("https://");
    let is_whole = !target[..length].contains([' ', '<', '(', '\\']);
    (is_page && is_whole).then_some(start + length + 1)
}

/// The length of the address that `text` begins with, without the punctuation behind it.
fn address(text: &str) -> usize {
    let end = text.find([' ', '<', '>', '"', '\'', '`', '\\', '[', ']', '(', ')', '|']).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '}']).len()
}

/// A text without tabs, carriage returns, and characters that rustc refuses in comments.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || !is_removed(*c)).collect()
}

/// What nobody sees; among it is what changes the direction of the text (`text_direction_codepoint_in_comment`).
fn is_removed(c: char) -> bool {
    is_hidden(c)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(description: &str, expected: &str) {
        let found = documentation(description);
        assert_eq!(found, expected);
        assert_eq!(documentation(&found), expected, "done twice");
        assert_eq!(inert(&found), expected, "and looked at again");
    }

    #[test]
    fn every_block_of_code_is_text() {
        check("a\n```\nx\n```\nb", "a\n```text\nx\n```\nb");
        check("a\n```rust,should_panic\nx\n```", "a\n```text\nx\n```");
        check("a\n ~~~~ rust\nx\n~~~\n~~~~ \nb", "a\n```text\nx\n~~~\n```\nb");
        check("a\n~~~\n```\n~~~", "a\n````text\n```\n````");
        check("> - ```\n> x\n> ```\nb", "\n```text\n> x\n```\nb");
        check("1. ```rust\n   x\n   ```", "\n```text\n   x\n```");
    }

    #[test]
    fn a_block_that_does_not_end_ends_with_the_description() {
        check("a\n```\nx", "a\n```text\nx\n```");
        check("a\n```", "a\n```text\n```");
    }

    #[test]
    fn indented_code_is_fenced_and_indented_prose_is_less_so() {
        check("a\n\n    x\n\n      y\n\nb", "a\n\n```text\nx\n\n  y\n```\n\nb");
        check("a\n    b", "a\n   b");
        check("a\n\n\tx", "a\n\n```text\nx\n```");
        check("- a\n\n      b\n\nc\n\n    x", "- a\n\n   b\n\nc\n\n```text\nx\n```");
        check("-      a\n>      b\n> 1.      c", "- a\n> b\n> 1. c");
    }

    #[test]
    fn what_looks_like_an_item_or_a_tag_is_escaped() {
        check("see [Thing] or [`Thing`][x], Vec<T> <br/>", "see \\[Thing] or \\[`Thing`]\\[x], Vec\\<T> \\<br/>");
        check("[a]: https://example.com/a", "\\[a]: <https://example.com/a>");
        check("[a](b::c) [d](#e)", "\\[a](b::c) \\[d](#e)");
        check("`[a] <b>` and ``c ` d`` but `e", "`[a] <b>` and ``c ` d`` but \\`e");
        check("```inline``` `` ` ``", "\n```inline``` `` ` ``");
    }

    #[test]
    fn addresses_are_links() {
        check("at https://example.com/a_b?c=d.", "at <https://example.com/a_b?c=d>.");
        check("(http://example.com)", "(<http://example.com>)");
        check(
            "<https://example.com> [the `x`](https://example.com/a)",
            "<https://example.com> [the `x`](https://example.com/a)",
        );
        check("[![a](https://b.example)](https://c.example)", "\\[![a](https://b.example)](<https://c.example>)");
    }

    #[test]
    fn nothing_that_we_write_around_a_text_makes_it_a_tag() {
        for (text, expected) in [
            ("Sends a `GET` request to `/a`<script>alert(1)</script>`", "`/a`\\<script>alert(1)\\</script>\\`"),
            ("Version: <img src=x onerror=alert(1)>", "Version: \\<img src=x onerror=alert(1)>"),
            ("Version: <!-- [`a`](super::a)", "Version: \\<!-- [`a`](super::a)"),
            ("Version: <?php", "\\<?php"),
            ("Version: <a href=javascript:alert(1)>", "\\<a href=javascript:alert(1)>"),
            ("Version: <javascript:alert(1)>", "\\<javascript:alert(1)>"),
            ("Version: <https://example.com>", "<https://example.com>"),
            ("Version: `` ` <b> ``<b>", "`` ` <b> ``\\<b>"),
            ("Version: \u{200b}\u{202e}1", "Version: 1"),
            ("one `a\ntwo` <b> `c`", "one \\`a\ntwo` <b> `c\\`"),
        ] {
            let found = inert(text);
            assert!(found.ends_with(expected), "{found}");
            assert!(is_suspicious(text) || found == text, "{text}");
        }
    }

    #[test]
    fn characters_that_rustc_refuses_are_left_out() {
        check("a\u{202e}b\rc\0", "ab\nc");
        assert!(is_suspicious("a\rb") && is_suspicious("a\u{2066}") && !is_suspicious("a\nb"));
    }

    #[test]
    fn a_line_begins_no_block() {
        assert_eq!(line("```rust\nx"), "\\`\\`\\`rust");
        assert_eq!(line("~~~"), "\\~~~");
        assert_eq!(line("      a [b]\rc"), "a \\[b]");
    }

    #[test]
    fn a_value_is_one_span_of_code() {
        assert_eq!(code("on"), "`on`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("\n```\n"), "````\\n```\\n````");
        assert_eq!(code("`\""), "`` `\" ``");
    }

    #[test]
    fn examples_of_the_client_generator_stay() {
        let own = "Stop it\n\nArguments:\n- `id`\n```ignore\nlet a = b()\n    .c();\n```";
        assert_eq!(inert(own), own);
        assert_eq!(inert("a `/x\n```\nb"), "a \\`/x\n```text\nb\n```");
        let own = "Builds a [`Job`](super::Job) of `Vec<u8>`.";
        assert_eq!(inert(own), own);
    }
}
