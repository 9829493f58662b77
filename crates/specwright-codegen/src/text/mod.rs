//! Small pieces of text.

pub(crate) mod markdown;

use openapi_document::document::snake_case;

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

/// The method and the module of an operation: its id in snake case, with an underscore behind a keyword.
pub(crate) fn operation_name(id: &str) -> String {
    let name = snake_case(id);
    if is_keyword(&name) { name + "_" } else { name }
}

/// Whether Rust reserves the word.
pub(crate) fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = " abstract as async await become box break const continue crate do dyn else enum extern false \
        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
        super trait true try type typeof unsafe unsized use virtual where while yield ";
    KEYWORDS.contains(&format!(" {name} "))
}
