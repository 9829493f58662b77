//! Tells values that a machine made from those that a person reads.

/// Whether a value looks like one that a machine made to be secret: long, without blanks, letters and digits mixed in a way
/// that makes no words. `spring-2026-a1`, `photos2024/image001.jpg` and `NOT_FOUND` are words.
pub fn looks_random(value: &str) -> bool {
    // Most of what is long ends here, in its first letters.
    if !value.bytes().all(is_random) {
        return false;
    }
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let is_mixed = || {
        has(u8::is_ascii_digit) && value.len() >= 8
            || value.len() >= 16 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
    };
    is_mixed() && has(u8::is_ascii_alphabetic) && !value.contains("://") && !is_date(value) && !reads_as_words(value)
}

/// Whether a value that looks so can have this byte.
pub(crate) fn is_random(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=-_.~:".contains(&byte)
}

/// `2026-01-02T03:04:05Z`
pub(crate) fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' && bytes[7] == b'-'
}

/// Whether a value is made of words and small numbers.
pub(crate) fn reads_as_words(value: &str) -> bool {
    let mut has_word = false;
    value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).all(|part| {
        has_word |= part.chars().take_while(|c| c.is_alphabetic()).count() >= 3;
        is_word(part)
    }) && has_word
}

/// `image001`, `2nd`, `PROJECT`, `createdAt`
fn is_word(part: &str) -> bool {
    const WITH_NUMBERS: [&str; 9] = ["i18n", "l10n", "a11y", "k8s", "e2e", "p2p", "b2b", "b2c", "m2m"];
    if WITH_NUMBERS.contains(&part) {
        return true;
    }
    let is_digit = |c: char| c.is_ascii_digit();
    let letters = part.trim_start_matches(is_digit);
    let before = part.len() - letters.len();
    let inner = letters.trim_end_matches(is_digit);
    let after = letters.len() - inner.len();
    if inner.is_empty() {
        return before <= 8;
    }
    if before > 4 || after > 4 || before > 0 && after > 0 || inner.contains(is_digit) || inner.len() > 40 {
        return false;
    }
    let capitals = inner.chars().filter(|c| c.is_uppercase()).count();
    // A word for each capital, which is long enough for one.
    let words = if capitals == inner.chars().count() {
        1
    } else {
        capitals + usize::from(!inner.starts_with(char::is_uppercase))
    };
    let letters = inner.chars().count();
    2 * letters >= 5 * words && letters <= 14 * words || letters <= 2
}
