//! Small changes to known files, the same ones every time.

use std::ops::Range;

/// Words that mean something to some reader, or are at the edge of what a number can be.
const DICTIONARY: [&str; 30] = [
    "",
    "0",
    "-1",
    "1e999",
    "9223372036854775808",
    "340282366920938463463374607431768211456",
    "0.1",
    "null",
    "~",
    "true",
    "{}",
    "[]",
    "\"\"",
    "{",
    "[",
    "\"",
    "\\u0000",
    "\\ud800",
    "%00",
    "%2F",
    "..",
    "é",
    "\u{feff}",
    "\u{202e}",
    "\t",
    "\r",
    "&a",
    "*a",
    "$ref",
    "#/",
];

pub(crate) struct Mutator {
    corpus: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    pub(crate) fn new(corpus: &[Vec<u8>]) -> Self {
        let words = corpus.iter().flat_map(|file| words(file).into_iter().map(|range| file[range].to_vec()));
        let mut words: Vec<Vec<u8>> = words.collect();
        words.sort();
        words.dedup();
        words.extend(DICTIONARY.map(|word| word.as_bytes().to_vec()));
        Self { corpus: corpus.to_vec(), words, state: 0 }
    }

    /// A file of the corpus with one to four changes.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut file = self.file();
        for _ in 0..=self.below(4) {
            self.change(&mut file);
        }
        file
    }

    fn change(&mut self, file: &mut Vec<u8>) {
        match self.below(8) {
            // A byte is another, or gone, or there in addition.
            0 => {
                let (from, to) = self.range(file.len(), 1);
                let byte = self.random() as u8;
                file.splice(from..to, [byte]);
            }
            1 => {
                let (from, to) = self.range(file.len(), 16);
                file.drain(from..to);
            }
            // A word is one from elsewhere.
            2..=4 => {
                let found = words(file);
                if found.is_empty() {
                    return;
                }
                let word = found[self.below(found.len())].clone();
                let other = self.below(self.words.len());
                let other = self.words[other].iter().copied();
                file.splice(word, other);
            }
            // A line is gone, twice, elsewhere, or from another file.
            5 => {
                let (from, to) = self.line(file);
                file.drain(from..to);
            }
            6 => {
                let (from, to) = self.line(file);
                let line = file[from..to].to_vec();
                let (at, _) = self.line(file);
                file.splice(at..at, line);
            }
            _ => {
                let other = self.file();
                let (from, to) = self.line(&other);
                let (at, _) = self.line(file);
                file.splice(at..at, other[from..to].iter().copied());
            }
        }
    }

    fn file(&mut self) -> Vec<u8> {
        let number = self.below(self.corpus.len());
        self.corpus[number].clone()
    }

    /// Up to `most` bytes.
    fn range(&mut self, length: usize, most: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        (from, (from + self.below(most + 1)).min(length))
    }

    fn line(&mut self, file: &[u8]) -> (usize, usize) {
        let at = self.below(file.len() + 1);
        let from = file[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let to = file[at..].iter().position(|byte| *byte == b'\n').map_or(file.len(), |end| at + end + 1);
        (from, to)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.random() % end as u64) as usize
    }

    /// SplitMix64: enough chance for this, and the same on every machine.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Where runs of letters, digits and what names are made of are.
fn words(file: &[u8]) -> Vec<Range<usize>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.$".contains(byte);
    let runs = file.chunk_by(|a, b| is_word(a) == is_word(b));
    let mut end = 0;
    let ranges = runs.map(|run| {
        end += run.len();
        (is_word(&run[0]), end - run.len()..end)
    });
    ranges.filter(|(is_word, _)| *is_word).map(|(_, range)| range).collect()
}
