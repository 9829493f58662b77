//! Texts that are cut at a limit between characters, names as they compare, and identifiers of one shape with others that
//! belong to nothing.

#[cfg(feature = "yaml")]
pub mod events;
pub mod visible;

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

/// A name without what styles of writing differ in: letters and digits alone, in lower case.
pub fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a name, lower case: split at what is not a letter or digit, and where a capital begins a word.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|index| chars[index]);
        let after = chars.get(index + 1);
        let begins = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|a| a.is_lowercase())));
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// An identifier of the same shape that belongs to nothing: each digit and letter becomes another of its kind, but for
/// those that say which kind of UUID it is. A short number becomes one of nine digits, because numbers are often given out
/// one after the other.
pub fn absent_like(identifier: &str) -> String {
    if (1..9).contains(&identifier.len()) && identifier.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("9{identifier:0>8}");
    }
    let is_uuid = identifier.len() == 36
        && identifier.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        });
    let is_hexadecimal = identifier.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let mut absent = String::new();
    for (at, c) in identifier.char_indices() {
        let shifted = |first: u8, count: u8, by: u8| char::from(first + (c as u8 - first + by) % count);
        absent.push(match c {
            _ if is_uuid && matches!(at, 14 | 19) => c,
            '0'..='9' => shifted(b'0', 10, 7),
            'a'..='f' if is_hexadecimal => shifted(b'a', 6, 5),
            'A'..='F' if is_hexadecimal => shifted(b'A', 6, 5),
            'a'..='z' => shifted(b'a', 26, 11),
            'A'..='Z' => shifted(b'A', 26, 11),
            other => other,
        });
    }
    if absent == identifier { absent + "0" } else { absent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(excerpt("äöü", 3), "ä…");
    }

    #[test]
    fn an_absent_identifier_looks_like_a_present_one() {
        for (identifier, expected) in [
            ("4c5f882d-a813-4d78-a8e3-6d3212ddd121", "1b2e559c-f580-4c45-a5d0-3c0989ccc898"),
            ("Rocket-17", "Cznvpe-84"),
            ("17", "900000017"),
            ("123456789", "890123456"),
            ("beef", "adde"),
            ("BEEF", "ADDE"),
            ("Fleet-7", "Qwppe-4"),
            ("the-rockets-northern-fleet-number-17", "esp-cznvped-yzcespcy-qwppe-yfxmpc-84"),
            ("…", "…0"),
        ] {
            assert_eq!(absent_like(identifier), expected);
        }
    }
}
