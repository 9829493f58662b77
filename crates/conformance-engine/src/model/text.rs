//! Cuts text at a limit, between characters.

/// The text up to `limit` bytes, with `…` where something was left out. Never splits a character.
pub(crate) fn excerpt(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    cut(text, limit) + "…"
}

pub(crate) fn cut(text: &str, limit: usize) -> String {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // Replacement characters at the end come from cutting inside a character.
    text[..end].trim_end_matches('\u{fffd}').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(excerpt("äöü", 3), "ä…");
    }
}
