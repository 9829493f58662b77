//! Finds many texts in another one at once, in any case.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};

/// All are at least as long: so many letters are looked at to see whether one may begin.
pub(crate) const SHORTEST: usize = 4;
/// Shorter ones are found in their own case only: they may be ordinary words.
pub(crate) const SHORTEST_FOLDED: usize = 6;
/// Bits of the smallest filter, as a power of two.
const LEAST_BITS: u32 = 13;

/// Texts to find. One can be added at any time, at a cost that depends on its length alone; a search takes time that depends on
/// the text that is searched, and hardly on how many there are.
#[derive(Default)]
pub(crate) struct Needles {
    /// By their lower case.
    needles: BTreeMap<Vec<u8>, Needle>,
    /// Which four letters one may begin with, by a hash of them: a bit each.
    filter: Vec<u64>,
    longest: usize,
}

#[derive(Default)]
struct Needle {
    /// As they were given, where only that is a hit.
    exact: Vec<Vec<u8>>,
    /// A text that begins so goes on to its end.
    goes_on: bool,
    /// The lengths of those that it begins with, its own last.
    begins: Vec<usize>,
}

impl Needles {
    pub(crate) fn insert(&mut self, text: &[u8], goes_on: bool) {
        if text.len() < SHORTEST {
            return;
        }
        let lower = text.to_ascii_lowercase();
        self.longest = self.longest.max(text.len());
        let begins = |lower: &Vec<u8>| lower[..SHORTEST].iter().fold(0, |before, byte| before << 8 | u32::from(*byte));
        let own = begins(&lower);
        if !self.needles.contains_key(&lower) {
            self.link(&lower);
        }
        let needle = self.needles.entry(lower).or_default();
        needle.goes_on |= goes_on;
        if text.len() < SHORTEST_FOLDED && !needle.exact.iter().any(|known| known == text) {
            needle.exact.push(text.to_vec());
        }
        // One bit in sixteen is set at most.
        if self.needles.len() * 16 > self.filter.len() * 64 {
            let words = (self.needles.len() * 32).next_power_of_two().max(1 << LEAST_BITS) / 64;
            self.filter = vec![0; words];
            let all: Vec<u32> = self.needles.keys().map(begins).collect();
            all.into_iter().for_each(|begins| self.mark(begins));
        } else {
            self.mark(own);
        }
    }

    /// Adds a new one, and tells those that begin with it.
    fn link(&mut self, lower: &[u8]) {
        let before = self.needles.range::<[u8], _>((Bound::Unbounded, Bound::Excluded(lower))).next_back();
        // All that this one begins with are also what the one before it in a dictionary begins with.
        let mut begins = before.map_or_else(Vec::new, |(known, needle)| {
            let shared = shared(known, lower);
            needle.begins.iter().copied().filter(|length| *length <= shared).collect()
        });
        begins.push(lower.len());
        let after = self.needles.range_mut::<[u8], _>((Bound::Excluded(lower), Bound::Unbounded));
        for (_, needle) in after.take_while(|(known, _)| known.starts_with(lower)) {
            let at = needle.begins.partition_point(|length| *length < lower.len());
            needle.begins.insert(at, lower.len());
        }
        self.needles.insert(lower.to_vec(), Needle { begins, ..Needle::default() });
    }

    fn mark(&mut self, begins: u32) {
        let (word, bit) = self.place(begins);
        self.filter[word] |= bit;
    }

    fn place(&self, begins: u32) -> (usize, u64) {
        let hash = begins.wrapping_mul(0x9e37_79b1) as usize >> 4;
        ((hash / 64) & (self.filter.len() - 1), 1 << (hash & 63))
    }

    /// Where one may begin.
    fn candidates<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let mut begins = 0;
        let is_any = !self.needles.is_empty();
        text.iter().enumerate().filter_map(move |(at, byte)| {
            begins = begins << 8 | u32::from(byte.to_ascii_lowercase());
            if !is_any || at + 1 < SHORTEST {
                return None;
            }
            let (word, bit) = self.place(begins);
            (self.filter[word] & bit != 0).then_some(at + 1 - SHORTEST)
        })
    }

    /// Adds where they stand to `found`.
    pub(crate) fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        if self.needles.is_empty() {
            return;
        }
        let mut covered = 0;
        for start in self.candidates(text) {
            let Some(end) = self.longest_at(text, start, covered).filter(|end| *end > covered) else { continue };
            covered = end;
            // What one covers need not be remembered for the other.
            match found.last_mut().filter(|last| start <= last.end && start >= last.start) {
                Some(last) => last.end = last.end.max(end),
                None => found.push(start..end),
            }
        }
    }

    /// Where the longest that begins here ends. It is not followed further if it is within what is `covered` already.
    fn longest_at(&self, text: &[u8], start: usize, covered: usize) -> Option<usize> {
        let rest = &text[start..];
        let lower = rest[..rest.len().min(self.longest)].to_ascii_lowercase();
        // The one that would stand right before this text in a dictionary begins with all that begin the text.
        let (known, needle) =
            self.needles.range::<[u8], _>((Bound::Unbounded, Bound::Included(&lower[..]))).next_back()?;
        let shared = shared(known, &lower);
        for length in needle.begins.iter().rev().copied().filter(|length| *length <= shared) {
            let Some(needle) = self.needles.get(&lower[..length]) else { continue };
            if !needle.exact.is_empty() && !needle.exact.iter().any(|exact| rest.starts_with(exact)) {
                continue;
            }
            let end = start + length;
            if end <= covered {
                return None;
            }
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`\\<&".contains(byte);
            let more = &rest[length..];
            let more = if needle.goes_on { more.iter().position(is_end).unwrap_or(more.len()) } else { 0 };
            return Some(end + more);
        }
        None
    }

    /// How many bytes at the end of a text are the beginning of one.
    pub(crate) fn beginning(&self, text: &[u8]) -> usize {
        let tail = &text[text.len() - text.len().min(self.longest)..];
        let is_beginning = |start: &usize| {
            let tail = tail[*start..].to_ascii_lowercase();
            self.needles.range(tail.clone()..).next().is_some_and(|(needle, _)| needle.starts_with(&tail))
        };
        self.candidates(tail).find(is_beginning).map_or(0, |start| tail.len() - start)
    }
}

/// How many bytes both begin with.
fn shared(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is found")]
mod tests {
    use super::*;

    fn found(needles: &[&str], text: &str) -> Vec<Range<usize>> {
        let mut all = Needles::default();
        needles.iter().for_each(|needle| all.insert(needle.as_bytes(), false));
        let mut found = Vec::new();
        all.find(text.as_bytes(), &mut found);
        found
    }

    #[test]
    fn the_longest_is_found_wherever_one_begins() {
        assert_eq!(found(&["abcd", "abcdef", "bcdefgh"], "xabcdefghx abcdx"), [1..9, 11..15]);
        assert_eq!(found(&["secret-a", "secret-b", "secret"], "Secret-C secret-B"), [0..6, 9..17]);
        assert_eq!(found(&["aaaa"], "aaaaaaa"), [0..7], "no letter of a row stays");
        assert_eq!(found(&["pAss", "pass1"], "pass pAss Pass1"), [5..9], "short ones in their own case only");
        assert_eq!(found(&["abc"], "abcabc"), [], "three letters are none");
        assert_eq!(found(&[], "abcabc"), []);
        assert_eq!(found(&["ende"], "am ende"), [3..7]);
    }

    #[test]
    fn what_begins_another_is_found_in_whatever_order_they_came() {
        let all = ["aaaaaa", "aaaa", "aaaaaaaaa0", "aaaaaaaa", "aaaaaaaab", "aaab"];
        for turn in 0..all.len() {
            let mut turned = all;
            turned.rotate_left(turn);
            assert_eq!(found(&turned, "aaaaaaaa-"), [0..8], "{turn}");
            assert_eq!(found(&turned, "aaaaaaaab"), [0..9], "{turn}");
            assert_eq!(found(&turned, "AAAAAAAAC"), [0..8], "{turn}");
            assert_eq!(found(&turned, "aaaac"), [0..4], "{turn}");
            assert_eq!(found(&turned, "AAAAC"), [], "{turn}: four letters in their own case only");
        }
    }

    #[test]
    fn thousands_do_not_get_into_the_way_of_each_other() {
        let all: Vec<String> =
            (0..5000).map(|number| format!("token-{:05}-{}", number * 7, "x".repeat(number % 40))).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        for text in &all[4990..] {
            assert_eq!(found(&all, &format!("<{text}>")), [1..1 + text.len()]);
        }
        assert_eq!(found(&all, "token-99999-"), []);
    }
}
