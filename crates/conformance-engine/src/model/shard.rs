//! A part of the cases of a document, for a run that is divided over several machines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of a document's cases: those whose position, counted from 1, leaves the same rest as `index` by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 1 to `count`.
    pub index: usize,
    /// How many parts there are.
    pub count: usize,
}

impl Shard {
    /// Whether the case at this position of the suite, counted from 0, belongs to this part.
    pub fn has(self, position: usize) -> bool {
        position % self.count == self.index - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            // The same rest. So a job whose index counts from 0, as that of Kubernetes, needs no arithmetic.
            Some((0, count @ 1..)) => Ok(Self { index: count, count }),
            _ => Err(format!("expected I/N with I from 1 to N, or from 0 to N-1, such as 2/4; found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_from_0_and_from_1_name_the_same_parts() {
        let shard = |text: &str| text.parse::<Shard>().map(|shard| shard.to_string());
        assert_eq!(shard("0/8"), Ok("8/8".to_owned()));
        assert_eq!(shard("7/8"), Ok("7/8".to_owned()));
        assert_eq!(shard("8/8"), Ok("8/8".to_owned()));
        for wrong in ["9/8", "0/0", "1/0", "1", "-1/8", "a/b", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
        for count in 1..9 {
            let parts: Vec<Shard> = (0..count).map(|index| format!("{index}/{count}").parse().unwrap()).collect();
            assert!((0..50).all(|position| parts.iter().filter(|part| part.has(position)).count() == 1));
        }
    }
}
