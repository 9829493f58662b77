//! The least coverage that is asked for.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::covered::{Coverage, Kind};

/// The least coverage that is asked for: of each kind a percentage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minimum {
    every: u8,
    of: BTreeMap<Kind, u8>,
}

/// `80` is of every kind; `80,operations=100` the same but for one; `operations=100` of one kind only.
impl FromStr for Minimum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut minimum = Self::default();
        let percent = |text: &str| match text.trim_end_matches('%').parse() {
            Ok(percent @ 0..=100) => Ok(percent),
            _ => Err(format!("expected a percentage from 0 to 100, found `{text}`")),
        };
        for part in text.split(',') {
            let Some((name, least)) = part.split_once('=') else {
                minimum.every = percent(part.trim())?;
                continue;
            };
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name.trim()).ok_or_else(|| {
                let kinds = Kind::ALL.map(Kind::name).join(", ");
                format!("expected one of {kinds}, found `{name}`")
            })?;
            minimum.of.insert(kind, percent(least.trim())?);
        }
        Ok(minimum)
    }
}

impl Minimum {
    /// Where `coverage` is less, a line for each kind: `statuses 9/12, expected at least 80 %`.
    ///
    /// A kind of which the document has nothing is covered.
    pub fn missed_by(&self, coverage: &Coverage) -> Vec<String> {
        let counts = coverage.counts.iter();
        let least = |kind: &Kind| self.of.get(kind).copied().unwrap_or(self.every);
        let missed = counts.filter(|(kind, count)| !count.reaches(least(kind)));
        missed
            .map(|(kind, count)| {
                format!("{} {}/{}, expected at least {} %", kind.name(), count.covered, count.total, least(kind))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::Count;

    #[track_caller]
    fn check(text: &str, expected: Result<&[&str], &str>) {
        let mut coverage = Coverage::default();
        coverage.counts.insert(Kind::Operations, Count { covered: 4, total: 5 });
        coverage.counts.insert(Kind::Statuses, Count { covered: 9, total: 12 });
        let found = text.parse::<Minimum>().map(|minimum| minimum.missed_by(&coverage));
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
        assert_eq!(found, expected.map_err(ToOwned::to_owned));
    }

    #[test]
    fn a_percentage_is_of_every_kind_unless_a_kind_has_its_own() {
        check("75", Ok(&[]));
        check("76%", Ok(&["statuses 9/12, expected at least 76 %"]));
        check("0", Ok(&[]));
        check("operations=100", Ok(&["operations 4/5, expected at least 100 %"]));
        check("90,statuses=50", Ok(&["operations 4/5, expected at least 90 %"]));
        // Of what the document has nothing of, everything is covered.
        check("states=100", Ok(&[]));
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        check("101", Err("expected a percentage from 0 to 100, found `101`"));
        check("", Err("expected a percentage from 0 to 100, found ``"));
        check("operations=-1", Err("expected a percentage from 0 to 100, found `-1`"));
        let kinds = "operations, statuses, parameters, members, values, headers, examples, states";
        check("paths=1", Err(&format!("expected one of {kinds}, found `paths`")));
    }
}
