//! Splits a name into its words.

use super::table::{ABOUT, AROUND, CODES, FORMS, KEY, KEYS, OWNERS, SECRETS, WHOLE};

/// The words of a name, in lower case and without accents; a word made of several known ones is split.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, &letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let previous = index.checked_sub(1).map(|before| letters[before]);
        let next = letters.get(index + 1);
        // `aB`, `ABc`, `a1`: a new word begins.
        let is_hump = letter.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase()
                    || previous.is_ascii_digit()
                    || next.is_some_and(|next| next.is_lowercase()) && previous.is_uppercase()
            });
        let is_digit = letter.is_ascii_digit() != previous.is_some_and(|previous| previous.is_ascii_digit());
        if (is_hump || is_digit) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase().map(unaccented));
    }
    words.extend((!word.is_empty()).then_some(word));
    words.iter().flat_map(|word| split(word)).collect()
}

/// The letter that stands for it where there are no accents: `contraseña`, `hasło`, `пароль`, of full width.
pub(super) fn unaccented(letter: char) -> char {
    const ACCENTED: [(&str, char); 23] = [
        ("àáâãäåāăą", 'a'),
        ("çćč", 'c'),
        ("ďđð", 'd'),
        ("èéêëēęěẽ", 'e'),
        ("ğģ", 'g'),
        ("ìíîïīıĩ", 'i'),
        ("ķ", 'k'),
        ("ĺľłļ", 'l'),
        ("ñńňņ", 'n'),
        ("òóôõöøőōơ", 'o'),
        ("ŕř", 'r'),
        ("śšşșſ", 's'),
        ("ťțţ", 't'),
        ("ùúûüűůūũư", 'u'),
        ("ýÿ", 'y'),
        ("źżž", 'z'),
        ("ά", 'α'),
        ("έ", 'ε'),
        ("ή", 'η'),
        ("ίϊΐ", 'ι'),
        ("ό", 'ο'),
        ("ύϋ", 'υ'),
        ("ώ", 'ω'),
    ];
    match letter {
        // The Kelvin sign lowers to `k` by itself; letters of full width do not.
        'ａ'..='ｚ' => char::from_u32(letter as u32 - 'ａ' as u32 + 'a' as u32).unwrap_or(letter),
        'ẩ' | 'ậ' | 'ấ' | 'ầ' => 'a',
        _ if letter.is_ascii() => letter,
        _ => ACCENTED.iter().find(|(accented, _)| accented.contains(letter)).map_or(letter, |(_, plain)| *plain),
    }
}

/// `accesstoken` is `access` and `token`; `tokentype` is `token` and `type`; `tokenize` is one word.
fn split(word: &str) -> Vec<String> {
    let parts = |at: usize| vec![word[..at].to_owned(), word[at..].to_owned()];
    if SECRETS.contains(&singular(word)) || WHOLE.contains(&word) || word.len() > 60 {
        return vec![word.to_owned()];
    }
    let ends =
        |end: &str| word.strip_suffix(end).or_else(|| word.strip_suffix('s').and_then(|word| word.strip_suffix(end)));
    for secret in SECRETS.iter().filter(|secret| secret.len() >= 4) {
        if let Some(before) = ends(secret).filter(|before| !before.is_empty()) {
            let mut all = split(before);
            all.push((*secret).to_owned());
            return all;
        }
        if let Some(after) = word.strip_prefix(secret) {
            let known = |list: &[&str]| list.contains(&after);
            // Nothing else begins with so long a word: `passwortwiederholung`.
            if known(ABOUT)
                || known(AROUND)
                || known(FORMS)
                || SECRETS.contains(&singular(after))
                || after.starts_with("expir")
                || secret.len() >= 8
            {
                return parts(secret.len());
            }
        }
    }
    let short = WHOLE.iter().chain(KEY).copied().chain(["pwd", "sk", "keys", "code", "otp", "auth"]);
    for secret in short {
        let owners = if secret == "keys" || KEY.contains(&secret) {
            KEYS
        } else if secret == "code" {
            CODES
        } else {
            OWNERS
        };
        if word.strip_suffix(secret).is_some_and(|before| owners.contains(&before)) {
            return parts(word.len() - secret.len());
        }
    }
    // `nextpagetoken` has come here without `token`.
    for cursor in ["page", "prompt", "completion"] {
        if word.strip_suffix(cursor).is_some_and(|before| !before.is_empty()) {
            return parts(word.len() - cursor.len());
        }
    }
    vec![word.to_owned()]
}

/// Without the `s` of a plural.
pub(super) fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if SECRETS.contains(&one) && !SECRETS.contains(&word) || matches!(one, "key" | "code") => one,
        _ => word,
    }
}
