//! Finds values that are known to be secret, in every encoding that leaves traces of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

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

    fn needles(&self) -> impl Iterator<Item = &(Needles, Needles)> {
        self.all().flat_map(|values| &values.groups).map(Group::needles)
    }

    /// Where they stand, as they are.
    pub(crate) fn plain(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.needles().for_each(|(plain, _)| plain.find(text, found));
    }

    /// Where they stand in a text without blanks and with the standard alphabet of base64, as they are or in base64.
    pub(crate) fn packed(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.needles().for_each(|(_, packed)| packed.find(text, found));
    }

    /// How many bytes at the end of a text that was cut are the beginning of one.
    pub(crate) fn beginning(&self, text: &[u8]) -> usize {
        self.needles().map(|(plain, _)| plain.beginning(text)).max().unwrap_or(0)
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

/// They are kept in groups that double in size, so that adding one at a time takes no longer than adding all at once.
#[derive(Default)]
struct Values {
    values: BTreeSet<Value>,
    /// Of all, in bytes.
    size: usize,
    groups: Vec<Group>,
}

impl Values {
    fn extend(&mut self, values: impl Iterator<Item = Value>) {
        let mut new: Vec<Value> = values.filter(|value| self.values.insert(value.clone())).collect();
        if new.is_empty() {
            return;
        }
        self.size += new.iter().map(|value| value.text.len() + OVERHEAD).sum::<usize>();
        let is_merged =
            |last: &mut Group, new: &[Value]| last.needles.get().is_none() || last.values.len() <= 2 * new.len();
        while let Some(mut last) = self.groups.pop_if(|last| is_merged(last, &new)) {
            last.values.append(&mut new);
            new = last.values;
        }
        self.groups.push(Group { values: new, needles: OnceLock::new() });
    }
}

struct Group {
    values: Vec<Value>,
    /// To be found as they are, and in base64: made when they are first searched for.
    needles: OnceLock<(Needles, Needles)>,
}

impl Group {
    fn needles(&self) -> &(Needles, Needles) {
        let all = |forms: fn(&str) -> Vec<Vec<u8>>| {
            let forms =
                self.values.iter().flat_map(|value| forms(&value.text).into_iter().map(|form| (form, value.goes_on)));
            // In order: of two that are the same, one that goes on comes last.
            Needles::new(forms.collect::<BTreeSet<_>>().into_iter().collect())
        };
        self.needles.get_or_init(|| (all(forms), all(packed_forms)))
    }
}

/// Texts to find, in any case, unless they are short.
struct Needles {
    /// In order, without those that occur twice.
    needles: Vec<Vec<u8>>,
    /// Those of which more follows.
    go_on: BTreeSet<usize>,
    /// The same in lower case.
    lower: Vec<Vec<u8>>,
    longest: usize,
    /// `None` if there are more than can be searched for; then everything is a secret.
    automaton: Option<AhoCorasick>,
}

impl Needles {
    fn new(forms: BTreeMap<Vec<u8>, bool>) -> Self {
        let go_on = forms.values().enumerate().filter(|(_, goes_on)| **goes_on).map(|(index, _)| index).collect();
        let needles: Vec<Vec<u8>> = forms.into_keys().collect();
        let mut builder = AhoCorasick::builder();
        // The automaton that is quick to make: most are asked a few times only.
        builder.kind(Some(AhoCorasickKind::ContiguousNFA));
        builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true);
        let mut lower: Vec<Vec<u8>> = needles.iter().map(|needle| needle.to_ascii_lowercase()).collect();
        lower.sort();
        let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
        Self { automaton: builder.build(&needles).ok(), lower, longest, go_on, needles }
    }

    fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        if self.needles.is_empty() || text.is_empty() {
            return;
        }
        let Some(automaton) = &self.automaton else { return found.push(0..text.len()) };
        for hit in automaton.find_overlapping_iter(text) {
            let needle = &self.needles[hit.pattern()];
            if found.last().is_some_and(|last| last.start <= hit.start() && hit.end() <= last.end) {
                continue;
            }
            if needle.len() >= SHORTEST_FOLDED || text[hit.range()] == **needle {
                let mut range = hit.range();
                if self.go_on.contains(&hit.pattern().as_usize()) {
                    let rest = &text[range.end..];
                    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`\\<&".contains(byte);
                    range.end += rest.iter().position(is_end).unwrap_or(rest.len());
                }
                // What one covers need not be remembered for the other.
                match found.last_mut().filter(|last| range.start <= last.end && range.start >= last.start) {
                    Some(last) => last.end = last.end.max(range.end),
                    None => found.push(range),
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
        assert!(known.given.groups.len() < 12, "{}", known.given.groups.len());
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
        let groups = || known.all().flat_map(|values| &values.groups);
        assert!(groups().all(|group| group.needles.get().is_none()), "nothing was searched for yet");
        assert!(groups().count() <= 3, "{}", groups().count());
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut known = Known::default();
        known.add("hunter2-hunter2");
        assert_eq!(format!("{known:?}"), "Known(1 secrets)");
    }
}
