//! Finds values that are known to be secret, in every encoding that leaves traces of them.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};

use crate::decode::layers;
use crate::needles::{Needles, SHORTEST, SHORTEST_FOLDED};

/// The letters of the base64 of a shorter one could belong to any text.
const SHORTEST_BASE64: usize = 6;
/// Shorter ones are not searched for across line breaks.
const SHORTEST_WRAPPED: usize = 16;

/// Of a longer one only the beginning is searched for.
const LONGEST: usize = 512;
/// How many bytes of what was learnt make a generation.
const GENERATION: usize = 1 << 20;
/// What each secret takes besides its bytes.
const OVERHEAD: usize = 64;

/// Secrets, by value.
///
/// Those that are added are known for good. Those that are learnt are kept in two generations: when the newer has 1 MiB (64
/// bytes more for each secret), the older is forgotten. Of a secret of more than 512 bytes the beginning is searched for; it is
/// taken to go on up to a blank, a quote, a backslash, `<` or `&`.
#[derive(Default)]
pub struct Known {
    given: Values,
    new: Values,
    old: Values,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} secrets)", self.len())
    }
}

impl Known {
    /// Adds a secret; of one of several lines also each line. Those of less than four bytes are too short to be found.
    pub fn add(&mut self, secret: &str) {
        self.extend([secret]);
    }

    /// Adds secrets.
    pub fn extend<'s>(&mut self, secrets: impl IntoIterator<Item = &'s str>) {
        self.given.extend(secrets.into_iter().flat_map(values));
    }

    /// Adds secrets that traffic told, which are forgotten when it has told many others.
    pub fn learn<'s>(&mut self, secrets: impl IntoIterator<Item = &'s str>) {
        for secret in secrets {
            let given = &self.given.values;
            self.new.extend(values(secret).filter(|value| !given.contains(value)));
            if self.new.size > GENERATION {
                self.old = std::mem::take(&mut self.new);
            }
        }
    }

    /// Whether it was added, or learnt lately.
    pub fn contains(&self, secret: &str) -> bool {
        let value = Value::new(secret);
        self.given.values.contains(&value) || self.new.values.contains(&value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all().map(|values| values.values.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn all(&self) -> impl Iterator<Item = &Values> {
        [&self.given, &self.new, &self.old].into_iter()
    }

    /// Where they stand, as they are.
    pub(crate) fn plain(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.all().for_each(|values| values.plain.find(text, found));
    }

    /// Where they stand in a text without blanks and with the standard alphabet of base64, as they are or in base64.
    pub(crate) fn packed(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.all().for_each(|values| values.packed.find(text, found));
    }

    /// How many bytes at the end of a text that was cut are the beginning of one.
    pub(crate) fn beginning(&self, text: &[u8]) -> usize {
        self.all().map(|values| values.plain.beginning(text)).max().unwrap_or(0)
    }
}

/// What is searched for of a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Value {
    text: String,
    /// It is only the beginning.
    goes_on: bool,
}

impl Value {
    fn new(secret: &str) -> Self {
        let mut end = secret.floor_char_boundary(LONGEST);
        let goes_on = end < secret.len();
        // Not in the middle of an escape.
        if goes_on && let Some(escape) = secret.as_bytes()[end - 12..end].iter().position(|byte| b"%&\\".contains(byte))
        {
            end -= 12 - escape;
            end = secret.floor_char_boundary(end);
        }
        Self { text: secret[..end].to_owned(), goes_on }
    }
}

/// A secret and its lines.
fn values(secret: &str) -> impl Iterator<Item = Value> {
    let lines = secret.lines().filter(|line| line.len() >= SHORTEST_FOLDED && !line.starts_with("-----"));
    let all = [secret, secret.trim()].into_iter().chain(lines.map(str::trim));
    all.filter(|value| value.len() >= SHORTEST && value.bytes().any(|byte| byte != b'*')).map(Value::new)
}

#[derive(Default)]
struct Values {
    values: BTreeSet<Value>,
    /// Of all, in bytes.
    size: usize,
    /// To be found as they are.
    plain: Needles,
    /// To be found in base64.
    packed: Needles,
}

impl Values {
    fn extend(&mut self, values: impl Iterator<Item = Value>) {
        for value in values {
            if self.values.contains(&value) {
                continue;
            }
            self.size += value.text.len() + OVERHEAD;
            forms(&value.text).iter().for_each(|form| self.plain.insert(form, value.goes_on));
            packed_forms(&value.text).iter().for_each(|form| self.packed.insert(form, value.goes_on));
            self.values.insert(value);
        }
    }
}

/// As it is, with its own encodings undone (as they are in the text), in a JSON pointer, in a form, in hexadecimal.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms: Vec<Vec<u8>> = layers(value.as_bytes()).into_iter().map(|layer| layer.bytes.into_owned()).collect();
    if value.contains(['~', '/']) {
        forms.push(value.replace('~', "~0").replace('/', "~1").into_bytes());
    }
    if value.contains(' ') {
        forms.push(value.replace(' ', "+").into_bytes());
    }
    if value.len() >= SHORTEST_BASE64 && !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        forms.push(value.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

/// What is sure to be in the base64 of any text that has the secret in it: the letters that are made of the secret alone,
/// of which there are three rows, for the three places where it may begin. And the secret itself, where lines break it.
fn packed_forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for (before, shared) in [(0, 0), (1, 2), (2, 3)].into_iter().filter(|_| value.len() >= SHORTEST_BASE64) {
        let text = [&b"--"[..before], value.as_bytes()].concat();
        let whole = text.len() * 4 / 3;
        forms.push(BASE64_STANDARD_NO_PAD.encode(&text).into_bytes()[shared..whole].to_owned());
    }
    let is_token = value.bytes().all(is_packed);
    forms.extend((value.len() >= SHORTEST_WRAPPED && is_token).then(|| value.bytes().map(standard).collect()));
    forms
}

/// A letter of a token (RFC 9110, 11.2 `token68`).
pub(crate) fn is_packed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// A letter of the alphabet of URLs in that of base64.
pub(crate) fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_overlap_are_covered_whole() {
        let mut known = Known::default();
        known.extend(["abcdefgh", "efghijkl", "abc", "hijklmno"]);
        let mut found = Vec::new();
        known.plain(b"xxabcdefghijklmnoxx", &mut found);
        assert_eq!(found.iter().map(|it| it.start).min(), Some(2));
        assert_eq!(found.iter().map(|it| it.end).max(), Some(17));
        assert!(found.windows(2).all(|two| two[0].end >= two[1].start), "{found:?}");
    }

    #[test]
    fn the_thousandth_secret_is_found_as_the_first() {
        let mut known = Known::default();
        let secrets: Vec<String> = (0..1000).map(|number| format!("secret-number-{number}-end")).collect();
        secrets.iter().for_each(|secret| known.add(secret));
        for secret in &secrets {
            let mut found = Vec::new();
            known.plain(format!("x {secret} y").as_bytes(), &mut found);
            assert!(found.contains(&(2..2 + secret.len())), "{secret}");
        }
    }

    #[test]
    fn a_beginning_is_found_at_the_end() {
        let mut known = Known::default();
        known.extend(["s3cret-one", "token-of-mine"]);
        for (text, expected) in
            [("a s3cre", 5), ("a s3c", 0), ("a s3cret-one", 10), ("a token-of-MIN", 12), ("nothing", 0), ("", 0)]
        {
            assert_eq!(known.beginning(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_learnt_is_limited_and_what_is_given_is_not_forgotten() {
        let mut known = Known::default();
        known.add("given-secret-1");
        let secret = |number: usize| format!("learnt-{number:06}-{}", "x".repeat(2000));
        (0..5000).for_each(|number| known.learn([secret(number).as_str()]));
        assert!(known.new.size + known.old.size <= 2 * (GENERATION + LONGEST + OVERHEAD), "{}", known.len());
        assert!(known.contains("given-secret-1") && known.contains(&secret(4999)) && !known.contains(&secret(0)));
    }

    /// `benches` counts what it costs (`learnt_secrets`).
    #[test]
    fn long_secrets_that_are_alike_are_told_apart() {
        let mut known = Known::default();
        for number in 0..400 {
            let secret = format!("eyJhbGciOiJIUzI1NiJ9.{number:05}.{}", "x1Y2".repeat(150));
            known.learn([secret.as_str()]);
            let mut found = Vec::new();
            known.plain(format!("a {secret} b").as_bytes(), &mut found);
            assert_eq!(found.first(), Some(&(2..2 + secret.len())));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut known = Known::default();
        known.add("hunter2-hunter2");
        assert_eq!(format!("{known:?}"), "Known(1 secrets)");
    }
}
