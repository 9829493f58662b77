//! Splits Rust source into tokens, without comments and without what only tests see.
//!
//! `syn` would parse more than is needed here and less: it leaves the bodies of macros alone, where paths count too.

/// A name, a punctuation mark, `::`, or a literal (whose text is `"`).
#[derive(Debug, PartialEq, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) line: usize,
}

impl Token<'_> {
    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (length, shown) = if first.is_whitespace() {
            (first.len_utf8(), None)
        } else if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), None)
        } else if rest.starts_with("/*") {
            (block_comment(rest), None)
        } else if let Some(length) = string(rest).or_else(|| character(rest)) {
            (length, Some("\""))
        } else if first == '\'' {
            // A lifetime: the name that follows must not be taken for that of an item.
            (1 + rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len() - 1), None)
        } else if first.is_ascii_digit() {
            (name, Some("\""))
        } else if rest.starts_with("r#") {
            (2, None)
        } else if name > 0 {
            (name, Some(&rest[..name]))
        } else if rest.starts_with("::") {
            (2, Some("::"))
        } else {
            (first.len_utf8(), Some(&rest[..first.len_utf8()]))
        };
        tokens.extend(shown.map(|text| Token { text, line }));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of a comment that may contain others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match () {
            () if rest.starts_with(b"/*") => (depth, at) = (depth + 1, at + 2),
            () if rest.starts_with(b"*/") => (depth, at) = (depth - 1, at + 2),
            () => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string literal of any kind, if the text begins with one.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r"].into_iter().find(|prefix| text.starts_with(prefix)).unwrap_or("");
    let rest = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let body = rest[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", &rest[..hashes]);
        return Some(body.find(&end).map_or(text.len(), |at| text.len() - body.len() + at + end.len()));
    }
    let body = rest.strip_prefix('"')?;
    Some(quoted(body, '"').map_or(text.len(), |at| text.len() - body.len() + at))
}

/// The length of a character or byte literal, if the text begins with one. `'a` alone is a lifetime.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix("b'").or_else(|| text.strip_prefix('\''))?;
    let mut chars = body.chars();
    let first = chars.next()?;
    let is_literal = first == '\\' || chars.next() == Some('\'');
    is_literal.then(|| quoted(body, '\'').map_or(text.len(), |at| text.len() - body.len() + at))
}

/// Where the text behind the closing quote begins.
fn quoted(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        if !escaped && c == quote {
            return Some(at + c.len_utf8());
        }
        escaped = !escaped && c == '\\';
    }
    None
}

/// The tokens without items under `#[cfg(test)]`, and the names of the modules among these that are files.
pub(super) fn without_tests<'t>(tokens: &[Token<'t>]) -> (Vec<Token<'t>>, Vec<&'t str>) {
    let (mut kept, mut modules) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        let end = attribute(tokens, at);
        if end > at && is_for_tests(&tokens[at..end]) {
            let item = at;
            at = item_end(tokens, end);
            if let [.., module, name, end] = &tokens[item..at]
                && (module.text, end.text) == ("mod", ";")
            {
                modules.push(name.text);
            }
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    (kept, modules)
}

/// Where an attribute `#[…]` ends that begins at `at`; `at` itself if there is none.
fn attribute(tokens: &[Token<'_>], at: usize) -> usize {
    let is_attribute = tokens[at].text == "#" && tokens.get(at + 1).is_some_and(|token| token.text == "[");
    if is_attribute { group_end(tokens, at + 1) } else { at }
}

fn is_for_tests(attribute: &[Token<'_>]) -> bool {
    let texts: Vec<&str> = attribute.iter().map(|token| token.text).collect();
    texts.starts_with(&["#", "[", "cfg", "("]) && texts.contains(&"test") && !texts.contains(&"not")
}

/// Where the item ends that begins at `at`, with its further attributes: behind its `;` or its braces.
fn item_end(tokens: &[Token<'_>], mut at: usize) -> usize {
    while at < tokens.len() {
        match tokens[at].text {
            "#" if attribute(tokens, at) > at => at = attribute(tokens, at),
            "(" | "[" => at = group_end(tokens, at),
            // `use crate::{a, b};` goes on behind its braces.
            "{" => {
                at = group_end(tokens, at);
                return at + usize::from(tokens.get(at).is_some_and(|token| token.text == ";"));
            }
            ";" => return at + 1,
            // The item was the last of its group.
            "}" | ")" | "]" => return at,
            _ => at += 1,
        }
    }
    at
}

/// Where the group ends whose opening bracket is at `at`.
pub(super) fn group_end(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let texts: Vec<&str> = tokens(text).iter().map(|token| token.text).collect();
        assert_eq!(texts.join(" "), expected);
    }

    #[test]
    fn comments_are_left_out() {
        check("a // crate::b\n/* crate::c /* crate::d */ crate::e */ f", "a f");
        check("//! crate::a\n/// crate::b\nc", "c");
    }

    #[test]
    fn strings_are_one_token_each() {
        check(
            r####"a("crate::b \" // c", r#"crate::"d"#, b"e", br##"f"#"##, c"g")"####,
            "a ( \" , \" , \" , \" , \" )",
        );
    }

    #[test]
    fn characters_are_not_lifetimes() {
        check(r"x('a', '\'', '\u{e9}', b'\\', 'é') where &'a str", "x ( \" , \" , \" , \" , \" ) where & str");
    }

    #[test]
    fn raw_names_are_names() {
        check("r#type::r#mod", "type :: mod");
        check("radius + b", "radius + b");
    }

    #[test]
    fn lines_are_counted_through_literals_and_comments() {
        let lines: Vec<usize> = tokens("a\n\"\n\" /*\n*/ b\n c").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let text = "use a; #[cfg(test)] use b::{c, d}; #[cfg(test)] #[path = \"x\"] mod e; #[cfg(test)]\nmod tests { f }\
                    #[cfg(not(test))] fn g() {} #[cfg(all(test, unix))] fn h<A, B>(a: A) -> B { i } struct J;";
        let all = tokens(text);
        let (kept, modules) = without_tests(&all);
        let texts: Vec<&str> = kept.iter().map(|token| token.text).collect();
        assert_eq!(texts.join(" "), "use a ; # [ cfg ( not ( test ) ) ] fn g ( ) { } struct J ;");
        assert_eq!(modules, ["e"]);
    }
}
