//! Small pieces of text.

/// As much of a text as a comment of one line can hold: what follows would be code, or, after `\r`, no Rust at all.
pub(crate) fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

/// Adds as many spaces.
pub(crate) fn pad(indent: usize, out: &mut String) {
    const SPACES: &str = "                                                                ";
    let mut left = indent;
    while left > 0 {
        let now = left.min(SPACES.len());
        out.push_str(&SPACES[..now]);
        left -= now;
    }
}
