//! Where do identifiers come from, and how are they written?
//!
//! No page states a format. They look like the ones in the examples: a job is 32 hexadecimal digits
//! ("Stopping a Graph", Example Response), graphs and backups are UUIDs ("Adding a Backup").

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::ops::Range;

/// More than anyone will ask for, and few enough that job identifiers stay in order.
const MOST: u64 = 1 << 48;

/// Hands out identifiers: no two alike, and the same ones again for the same seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ids {
    seed: u64,
    issued: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, issued: 0 }
    }

    pub(crate) fn job(&mut self) -> JobId {
        let number = self.next();
        self.job_id(number)
    }

    fn job_id(&self, number: u64) -> JobId {
        let family = 0xff80_8081_0000_0000 | (scrambled(self.seed) >> 32);
        let first = scrambled(!self.seed) >> 16;
        JobId(Bits { high: family, low: first + number })
    }

    pub(crate) fn graph(&mut self) -> GraphId {
        let number = self.next();
        GraphId(self.uuid(number))
    }

    pub(crate) fn backup(&mut self) -> BackupId {
        let number = self.next();
        BackupId(self.uuid(number))
    }

    pub(crate) fn request(&mut self) -> RequestId {
        let number = self.next();
        let (unique, more) = self.scrambled_pair(number);
        RequestId(Bits { high: unique, low: more })
    }

    /// Whether there is room for all identifiers that are still to come.
    pub(crate) fn can_go_on(&self) -> bool {
        self.issued < MOST
    }

    /// Whether [`job`](Self::job) is going to hand out this identifier one day.
    pub(crate) fn will_issue_job(&self, JobId(id): JobId) -> bool {
        let JobId(before_first) = self.job_id(0);
        id.number().checked_sub(before_first.number()).is_some_and(|number| self.is_to_come(number))
    }

    /// Whether [`graph`](Self::graph) is going to hand out this identifier one day.
    pub(crate) fn will_issue_graph(&self, GraphId(id): GraphId) -> bool {
        self.will_issue(id)
    }

    /// Whether [`backup`](Self::backup) is going to hand out this identifier one day.
    pub(crate) fn will_issue_backup(&self, BackupId(id): BackupId) -> bool {
        self.will_issue(id)
    }

    fn will_issue(&self, id: Uuid) -> bool {
        let number = unscrambled(id.unique()).wrapping_sub(scrambled(self.seed));
        self.is_to_come(number.into()) && self.uuid(number) == id
    }

    fn is_to_come(&self, number: u128) -> bool {
        (u128::from(self.issued) + 1..=u128::from(MOST)).contains(&number)
    }

    fn next(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    /// A UUID of version 4. All 64 bits of `unique` are in it, so no two are alike.
    fn uuid(&self, number: u64) -> Uuid {
        let (unique, more) = self.scrambled_pair(number);
        let high = (unique & !0xffff) | 0x4000 | (unique >> 4 & 0x0fff);
        let low = 1 << 63 | (unique & 0xf) << 58 | more >> 6;
        Uuid(Bits { high, low })
    }

    fn scrambled_pair(&self, number: u64) -> (u64, u64) {
        let unique = scrambled(scrambled(self.seed).wrapping_add(number));
        (unique, scrambled(unique ^ self.seed))
    }
}

/// The mixing step of SplitMix64: looks random, and different numbers stay different.
pub(crate) fn scrambled(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The number that was [`scrambled`].
fn unscrambled(scrambled: u64) -> u64 {
    let z = scrambled ^ (scrambled >> 31) ^ (scrambled >> 62);
    let z = z.wrapping_mul(0x3196_42b2_d24d_8ec3);
    let z = z ^ (z >> 27) ^ (z >> 54);
    let z = z.wrapping_mul(0x96de_1b17_3f11_9089);
    let z = z ^ (z >> 30) ^ (z >> 60);
    z.wrapping_sub(0x9e37_79b9_7f4a_7c15)
}

/// Ordered by age: of two jobs of one emulator, the later has the greater identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobId(Bits);

/// See [`Ids::graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GraphId(Uuid);

/// See [`Ids::backup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BackupId(Uuid);

/// What the gateway calls a request in its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Bits);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Uuid(Bits);

/// A number of 128 bits that needs no more than those, wherever it is kept: there are many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bits {
    high: u64,
    low: u64,
}

impl Bits {
    fn number(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

impl JobId {
    /// Under which it can be filed.
    pub(crate) fn number(self) -> u128 {
        self.0.number()
    }

    /// `None` if no job can have this identifier. One spelling per identifier: no capitals.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        bits(text.as_bytes().try_into().ok()?).map(Self)
    }
}

impl GraphId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Uuid::parse(text).map(Self)
    }
}

impl BackupId {
    /// Under which it can be filed.
    pub(crate) fn number(self) -> u128 {
        self.0.0.number()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Uuid::parse(text).map(Self)
    }
}

impl Uuid {
    /// What [`Ids`] put into it.
    fn unique(self) -> u64 {
        let Bits { high, low } = self.0;
        (high & !0xffff) | (high & 0x0fff) << 4 | (low >> 58 & 0xf)
    }

    /// Where the digits are, of the 36 letters.
    const GROUPS: [Range<usize>; 5] = [0..8, 9..13, 14..18, 19..23, 24..36];

    fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
        let mut digits = [0; 32];
        let mut end = 0;
        for group in Self::GROUPS {
            let begin = end;
            end += group.len();
            digits[begin..end].copy_from_slice(&text[group]);
        }
        let dashes = [8, 13, 18, 23].iter().all(|&at| text[at] == b'-');
        dashes.then(|| bits(&digits)).flatten().map(Self)
    }

    fn text(self) -> Text<36> {
        let Text(digits) = text(self.0);
        let mut text = [b'-'; 36];
        let mut end = 0;
        for group in Self::GROUPS {
            let begin = end;
            end += group.len();
            text[group].copy_from_slice(&digits[begin..end]);
        }
        Text(text)
    }
}

/// The number that these digits write, without capitals.
fn bits(digits: &[u8; 32]) -> Option<Bits> {
    let (high, low) = digits.split_at(16);
    Some(Bits { high: half(high)?, low: half(low)? })
}

fn half(digits: &[u8]) -> Option<u64> {
    let (mut number, mut all) = (0, 0);
    for &letter in digits {
        let value = VALUES[usize::from(letter)];
        all |= value;
        number = number << 4 | u64::from(value & 15);
    }
    (all < 16).then_some(number)
}

/// What a letter is worth as a digit, 255 if it is none.
static VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Hexadecimal digits, which every answer has some of; the formatting of the standard library takes twenty times as
/// long.
pub(crate) struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        // They are all ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn text(Bits { high, low }: Bits) -> Text<32> {
    let mut text = [0; 32];
    let (first, second) = text.split_at_mut(16);
    first.copy_from_slice(&digits(high));
    second.copy_from_slice(&digits(low));
    Text(text)
}

/// All sixteen at once: every byte of two numbers becomes a digit.
fn digits(number: u64) -> [u8; 16] {
    let half = |half: u64| {
        // Apart by four zeros each, the first digit in the highest byte.
        let spread = (half | half << 16) & 0x0000_ffff_0000_ffff;
        let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
        let spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f;
        // One in each byte that is greater than 9.
        let letters = (spread + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
        (spread + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
    };
    let mut digits = [0; 16];
    digits[..8].copy_from_slice(&half(number >> 32));
    digits[8..].copy_from_slice(&half(number & 0xffff_ffff));
    digits
}

impl JobId {
    pub(crate) fn text(self) -> Text<32> {
        text(self.0)
    }
}

impl GraphId {
    fn text(self) -> Text<36> {
        self.0.text()
    }
}

impl BackupId {
    fn text(self) -> Text<36> {
        self.0.text()
    }
}

impl RequestId {
    pub(crate) fn text(self) -> Text<32> {
        text(self.0)
    }
}

/// Every identifier is written as its text.
macro_rules! written_as_text {
    ($($id:ty),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text().as_str())
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text().as_str())
            }
        }
    )*};
}

written_as_text!(JobId, GraphId, BackupId, RequestId);

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, Self::parse, "a job")
    }
}

impl<'de> Deserialize<'de> for GraphId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, Self::parse, "a graph")
    }
}

impl<'de> Deserialize<'de> for BackupId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, Self::parse, "a backup")
    }
}

fn read<'de, D: Deserializer<'de>, Id>(
    deserializer: D,
    parse: fn(&str) -> Option<Id>,
    what: &str,
) -> Result<Id, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not the identifier of {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn identifiers_look_like_the_documented_ones_and_read_back() {
        let mut ids = Ids::new(7);
        let (job, graph) = (ids.job(), ids.graph());
        assert!(job.to_string().starts_with("ff808081"), "{job}");
        assert_eq!(JobId::parse(&job.to_string()), Some(job));
        assert_eq!(&graph.to_string()[14..15], "4");
        assert_eq!(GraphId::parse(&graph.to_string()), Some(graph));
    }

    #[test]
    fn the_documented_examples_are_identifiers() {
        let job = "ff8080816025a0a1016025a5a2700007";
        assert_eq!(JobId::parse(job).unwrap().to_string(), job);
        let backup = "0000b54f-2f1d-47a5-94bc-04f0d8a2e2db";
        assert_eq!(BackupId::parse(backup).unwrap().to_string(), backup);
    }

    #[test]
    fn an_identifier_has_one_spelling() {
        assert_eq!(GraphId::parse("0000B54F-2f1d-47a5-94bc-04f0d8a2e2db"), None);
        assert_eq!(GraphId::parse("0000b54f2f1d47a594bc04f0d8a2e2db"), None);
        assert_eq!(GraphId::parse("0000b54f-2f1d-47a5-94bc-04f0d8a2e2db-"), None);
        assert_eq!(GraphId::parse("é000b54f-2f1d-47a5-94bc-04f0d8a2e2d"), None);
        assert_eq!(JobId::parse("+f8080816025a0a1016025a5a2700007"), None);
    }

    #[test]
    fn no_two_identifiers_are_alike() {
        for seed in [0, 1, u64::MAX] {
            let mut ids = Ids::new(seed);
            let texts: BTreeSet<_> = (0..2000)
                .flat_map(|_| [ids.job().to_string(), ids.graph().to_string(), ids.request().to_string()])
                .collect();
            assert_eq!(texts.len(), 6000, "seed {seed}");
        }
    }

    #[test]
    fn later_jobs_have_greater_identifiers() {
        let mut ids = Ids::new(u64::MAX);
        let jobs: Vec<_> = (0..100).map(|_| ids.job()).collect();
        assert!(jobs.is_sorted());
    }

    #[test]
    fn what_is_still_to_come_is_known() {
        for seed in [0, 1, 1 << 47, u64::MAX] {
            let mut now = Ids::new(seed);
            let before = [now.graph(), now.graph()];
            let mut later = now.clone();
            let to_come = (later.job(), later.graph(), later.backup());
            assert!(before.iter().all(|&id| !now.will_issue_graph(id)), "seed {seed}");
            assert!(now.will_issue_job(to_come.0) && !later.will_issue_job(to_come.0), "seed {seed}");
            assert!(now.will_issue_graph(to_come.1) && !later.will_issue_graph(to_come.1), "seed {seed}");
            assert!(now.will_issue_backup(to_come.2) && !later.will_issue_backup(to_come.2), "seed {seed}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        assert_eq!(Ids::new(1).graph(), Ids::new(1).graph());
        assert_ne!(Ids::new(1).graph(), Ids::new(2).graph());
    }
}
