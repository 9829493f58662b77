//! Finds values that are known to be secret, in every encoding that leaves traces of them.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};

use crate::decode::layers;

/// Shorter values are not searched for: replacing every `t` would hide the text and no secret.
pub(crate) const SHORTEST: usize = 4;
/// Shorter ones are searched for in their own case only: they may be ordinary words.
const SHORTEST_FOLDED: usize = 6;
/// The letters of the base64 of a shorter one could belong to any text.
const SHORTEST_BASE64: usize = 6;
/// Shorter ones are not searched for across line breaks.
const SHORTEST_WRAPPED: usize = 16;

/// Secrets, by value.
///
/// They are kept in groups that double in size, so that adding one at a time takes no longer than adding all at once.
#[derive(Default)]
pub struct Known {
    values: BTreeSet<String>,
    groups: Vec<Group>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} secrets)", self.values.len())
    }
}

impl Known {
    /// Adds a secret; of one of several lines also each line. Those of less than four bytes are too short to be found.
    pub fn add(&mut self, secret: &str) {
        self.extend([secret]);
    }

    /// Adds secrets.
    pub fn extend<'s>(&mut self, secrets: impl IntoIterator<Item = &'s str>) {
        let mut new = Vec::new();
        for secret in secrets {
            let lines = secret.lines().filter(|line| line.len() >= SHORTEST_FOLDED && !line.starts_with("-----"));
            for value in [secret, secret.trim()].into_iter().chain(lines.map(str::trim)) {
                if value.len() >= SHORTEST
                    && value.bytes().any(|byte| byte != b'*')
                    && self.values.insert(value.to_owned())
                {
                    new.push(value.to_owned());
                }
            }
        }
        if new.is_empty() {
            return;
        }
        while let Some(last) = self.groups.pop_if(|last| last.values.len() <= 2 * new.len()) {
            new.extend(last.values);
        }
        self.groups.push(Group::new(new));
    }

    /// Whether it is known already.
    pub fn contains(&self, secret: &str) -> bool {
        self.values.contains(secret)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Where they stand, as they are.
    pub(crate) fn plain(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.groups.iter().for_each(|group| group.plain.find(text, found));
    }

    /// Where they stand in a text without blanks and with the standard alphabet of base64, as they are or in base64.
    pub(crate) fn packed(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.groups.iter().for_each(|group| group.packed.find(text, found));
    }

    /// How many bytes at the end of a text that was cut are the beginning of one.
    pub(crate) fn beginning(&self, text: &[u8]) -> usize {
        self.groups.iter().map(|group| group.plain.beginning(text)).max().unwrap_or(0)
    }
}

struct Group {
    values: Vec<String>,
    plain: Needles,
    packed: Needles,
}

impl Group {
    fn new(values: Vec<String>) -> Self {
        let plain = Needles::new(values.iter().flat_map(|value| forms(value)).collect());
        let packed = Needles::new(values.iter().flat_map(|value| packed_forms(value)).collect());
        Self { values, plain, packed }
    }
}

/// Texts to find, in any case, unless they are short.
struct Needles {
    /// In order, without those that occur twice.
    needles: Vec<Vec<u8>>,
    /// The same in lower case.
    lower: Vec<Vec<u8>>,
    longest: usize,
    /// `None` if there are more than can be searched for; then everything is a secret.
    automaton: Option<AhoCorasick>,
}

impl Needles {
    fn new(needles: BTreeSet<Vec<u8>>) -> Self {
        let needles: Vec<Vec<u8>> = needles.into_iter().collect();
        let mut builder = AhoCorasick::builder();
        // The automaton that is quick to make: most are asked a few times only.
        builder.kind(Some(AhoCorasickKind::ContiguousNFA));
        builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true);
        let mut lower: Vec<Vec<u8>> = needles.iter().map(|needle| needle.to_ascii_lowercase()).collect();
        lower.sort();
        let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
        Self { automaton: builder.build(&needles).ok(), lower, longest, needles }
    }

    fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        if self.needles.is_empty() || text.is_empty() {
            return;
        }
        let Some(automaton) = &self.automaton else { return found.push(0..text.len()) };
        for hit in automaton.find_overlapping_iter(text) {
            let needle = &self.needles[hit.pattern()];
            if needle.len() >= SHORTEST_FOLDED || text[hit.range()] == **needle {
                // What one covers need not be remembered for the other.
                match found.last_mut().filter(|last| hit.start() <= last.end && hit.start() >= last.start) {
                    Some(last) => last.end = last.end.max(hit.end()),
                    None => found.push(hit.range()),
                }
            }
        }
    }

    fn beginning(&self, text: &[u8]) -> usize {
        let tail = text[text.len() - text.len().min(self.longest)..].to_ascii_lowercase();
        let starts = 0..(tail.len() + 1).saturating_sub(SHORTEST);
        let is_beginning = |start: &usize| {
            let tail = &tail[*start..];
            let after = self.lower.partition_point(|needle| needle.as_slice() < tail);
            self.lower.get(after).is_some_and(|needle| needle.starts_with(tail))
        };
        starts.into_iter().find(is_beginning).map_or(0, |start| tail.len() - start)
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
        assert!(known.groups.len() < 12, "{}", known.groups.len());
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
    fn debug_shows_no_secret() {
        let mut known = Known::default();
        known.add("hunter2-hunter2");
        assert_eq!(format!("{known:?}"), "Known(1 secrets)");
    }
}
