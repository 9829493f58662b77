//! The regular expressions of JSONPath.
//!
//! Source: RFC 9485.

use regex::{Regex, RegexBuilder};

/// The I-Regexp `pattern`, for a whole text or for a part of one; `None` if it is none.
pub(super) fn compile(pattern: &str, is_whole: bool) -> Option<Regex> {
    let mut translated = String::with_capacity(pattern.len() + 8);
    let mut is_in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                translated.push(c);
                translated.extend(chars.next());
                continue;
            }
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            // Section 4: neither a line feed nor a carriage return.
            '.' if !is_in_class => {
                translated.push_str("[^\\n\\r]");
                continue;
            }
            _ => {}
        }
        translated.push(c);
    }
    let anchored = if is_whole { format!("^(?:{translated})$") } else { translated };
    RegexBuilder::new(&anchored).size_limit(1 << 20).build().ok()
}
