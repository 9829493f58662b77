//! Identifiers of graphs, backups, jobs and requests.
//!
//! No page states a format. They look like the ones in the examples: a job is 32 hexadecimal digits
//! ("Stopping a Graph", Example Response), graphs and backups are UUIDs ("Adding a Backup").

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use uuid::Uuid;
use uuid::fmt::{Hyphenated, Simple};

/// Few enough that job identifiers stay in ascending order.
const MOST: u64 = 1 << 48;

/// Generates identifiers: all different, and the same sequence for the same seed.
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
        JobId(Uuid::from_u64_pair(family, first + number))
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
        RequestId(Uuid::from_u64_pair(unique, more))
    }

    /// Whether further identifiers can be generated.
    pub(crate) fn can_go_on(&self) -> bool {
        self.issued < MOST
    }

    /// Whether [`job`](Self::job) will return this identifier.
    pub(crate) fn will_issue_job(&self, id: JobId) -> bool {
        let before_first = self.job_id(0);
        id.number().checked_sub(before_first.number()).is_some_and(|number| self.is_to_come(number))
    }

    /// Whether [`graph`](Self::graph) will return this identifier.
    pub(crate) fn will_issue_graph(&self, GraphId(id): GraphId) -> bool {
        self.will_issue(id)
    }

    /// Whether [`backup`](Self::backup) will return this identifier.
    pub(crate) fn will_issue_backup(&self, BackupId(id): BackupId) -> bool {
        self.will_issue(id)
    }

    fn will_issue(&self, id: Uuid) -> bool {
        let number = unscrambled(unique(id)).wrapping_sub(scrambled(self.seed));
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
        Uuid::from_u64_pair(high, low)
    }

    fn scrambled_pair(&self, number: u64) -> (u64, u64) {
        let unique = scrambled(scrambled(self.seed).wrapping_add(number));
        (unique, scrambled(unique ^ self.seed))
    }
}

/// The 64 bits that [`Ids`] put into a UUID.
fn unique(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    (high & !0xffff) | (high & 0x0fff) << 4 | (low >> 58 & 0xf)
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
pub(crate) struct JobId(Uuid);

/// See [`Ids::graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GraphId(Uuid);

/// See [`Ids::backup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BackupId(Uuid);

/// The gateway's identifier of a request, in its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Uuid);

/// An identifier has one spelling: 32 hexadecimal digits alone or as a UUID, in lower case.
macro_rules! spelled {
    ($($id:ty: $form:ty),*) => {$(
        impl $id {
            /// Calls `use_text` with the identifier as text.
            pub(crate) fn with_text<T>(self, use_text: impl FnOnce(&str) -> T) -> T {
                use_text(<$form>::from_uuid(self.0).encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.with_text(|text| f.write_str(text))
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.with_text(|text| serializer.serialize_str(text))
            }
        }
    )*};
}

spelled!(JobId: Simple, GraphId: Hyphenated, BackupId: Hyphenated, RequestId: Simple);

/// Reads what [`spelled`] writes.
macro_rules! parsed {
    ($($id:ty: $form:ty, $what:literal),*) => {$(
        impl $id {
            /// `None` if the text is not spelled like such an identifier.
            pub(crate) fn parse(text: &str) -> Option<Self> {
                let is_one = text.len() == <$form>::LENGTH && !text.bytes().any(|letter| letter.is_ascii_uppercase());
                is_one.then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let wrong = || de::Error::custom(format!("`{text}` is not the identifier of {}", $what));
                Self::parse(&text).ok_or_else(wrong)
            }
        }
    )*};
}

parsed!(JobId: Simple, "a job", GraphId: Hyphenated, "a graph", BackupId: Hyphenated, "a backup");

impl JobId {
    /// The key in the data file.
    pub(crate) fn number(self) -> u128 {
        self.0.as_u128()
    }
}

impl BackupId {
    /// The key in the data file.
    pub(crate) fn number(self) -> u128 {
        self.0.as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn identifiers_have_the_documented_format_and_are_read_back() {
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
    fn identifiers_are_unique() {
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
    fn later_identifiers_are_known() {
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
