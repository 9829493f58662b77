//! Graph versions and their order.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::sync::Arc;

/// The version of a graph: numbers separated by dots.
///
/// Clones share it: graphs, backups and jobs have the same few versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(Arc<Parsed>);

#[derive(Debug, PartialEq, Eq)]
struct Parsed {
    text: String,
    /// Without final zeros, so that 2.4 and 2.4.0 are the same version.
    numbers: Vec<u64>,
}

impl Version {
    /// What a new graph runs unless asked otherwise: earlier than the target of the documented
    /// upgrade, 1.1.8 ("Upgrading a Graph", Example Request).
    pub(crate) fn of_new_graphs() -> Self {
        Self(Arc::new(Parsed { text: "1.1.7".to_owned(), numbers: vec![1, 1, 7] }))
    }

    /// `None` if the text is anything but numbers separated by dots.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = Vec::new();
        for part in text.split('.') {
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            numbers.push(part.parse().ok()?);
        }
        let significant = numbers.iter().rposition(|&n| n != 0).map_or(0, |last| last + 1);
        numbers.truncate(significant);
        Some(Self(Arc::new(Parsed { text: text.to_owned(), numbers })))
    }

    pub(crate) fn is_later_than(&self, other: &Self) -> bool {
        self.0.numbers > other.0.numbers
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("`{text}` is not a version: expected numbers separated by dots"));
        Self::parse(&text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_later(later: &str, earlier: &str) {
        let (later, earlier) = (Version::parse(later).unwrap(), Version::parse(earlier).unwrap());
        assert!(later.is_later_than(&earlier), "{later} > {earlier}");
        assert!(!earlier.is_later_than(&later), "{earlier} > {later}");
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        check_later("1.1.8", "1.1.7");
        check_later("1.1.10", "1.1.9");
        check_later("2", "1.9.9");
        check_later("1.1.7.1", "1.1.7");
    }

    #[test]
    fn final_zeros_do_not_matter() {
        let (short, long) = (Version::parse("2.4").unwrap(), Version::parse("2.4.0").unwrap());
        assert!(!short.is_later_than(&long));
        assert!(!long.is_later_than(&short));
    }

    #[test]
    fn other_texts_are_no_version() {
        for text in ["", ".", "1.", "v1", "1.1.8-beta", "1..8", "+1", "99999999999999999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn new_graphs_run_a_version_that_reads_back() {
        let version = Version::of_new_graphs();
        assert_eq!(Version::parse(&version.to_string()), Some(version));
    }
}
