//! The list of known deviations: accepted failures, each with a reason and an end date.
//!
//! A list of case ids, each with its reason; `*` in an id is any text and `?` any character, as in `--only`. It can only
//! shrink honestly: a listed case that passes is a failure, so is a pattern of which every case passes, so is one whose
//! time is over, and an id that no case has is an error.
//!
//! ```yaml
//! - id: land_rocket/no_pad
//!   reason: answers 404 since 2.3; reported as 4711
//!   until: 2027-03-31    # optional: the last day on which it counts
//! - id: launch_rocket/derived/*
//!   reason: nothing is validated yet
//! ```

use std::fmt;

use jiff::civil::Date;
use serde_json::Value;

use crate::check::mismatch::Mismatch;
use crate::format::yaml;
use crate::model::report::{Entry, Outcome};
use crate::model::suite::Suite;
use crate::plan::selection::matches;

/// The accepted deviations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deviations(Vec<Deviation>);

/// One case that is known not to keep what it promises, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The case, or a pattern over case ids.
    pub id: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is, `YYYY-MM-DD` in UTC.
    until: Option<Date>,
    /// The id is a pattern, and no case is called like it.
    is_pattern: bool,
}

impl Deviation {
    fn is_about(&self, id: &str) -> bool {
        if self.is_pattern { matches(&self.id, id) } else { self.id == id }
    }

    /// The last day on which it counts, `YYYY-MM-DD` in UTC.
    pub fn until(&self) -> Option<String> {
        self.until.map(|until| until.to_string())
    }
}

/// What is wrong with a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviationsError(Vec<String>);

impl fmt::Display for DeviationsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for DeviationsError {}

impl Deviations {
    /// Reads a list, YAML or JSON, about the cases of `suite`.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn read(text: &str, suite: &Suite) -> Result<Self, DeviationsError> {
        let value = match yaml::read(text) {
            Ok(value) => value,
            // Nothing but comments: nothing is known to deviate.
            Err(_) if text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) => Value::Null,
            Err(error) => return Err(DeviationsError(vec![error])),
        };
        let entries = match &value {
            Value::Null => &[][..],
            Value::Array(entries) => entries,
            _ => {
                return Err(DeviationsError(vec![
                    "expected a list of deviations, each with `id` and `reason`".to_owned(),
                ]));
            }
        };
        let (mut listed, mut problems): (Vec<Deviation>, Vec<String>) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            let id = entry.get("id").and_then(Value::as_str).filter(|id| !id.trim().is_empty());
            let place = id.map_or_else(|| format!("entry {}", index + 1), |id| format!("entry {} ({id})", index + 1));
            match deviation(entry, suite) {
                Ok(deviation) if listed.iter().any(|known| known.id == deviation.id) => {
                    problems.push(format!("{place}: listed twice"));
                }
                Ok(deviation) => listed.push(deviation),
                Err(found) => problems.extend(found.into_iter().map(|it| format!("{place}: {it}"))),
            }
        }
        if problems.is_empty() { Ok(Self(listed)) } else { Err(DeviationsError(problems)) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing is known to deviate.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes the outcome of a case that is listed, as of today.
    pub(crate) fn apply(&self, entry: &mut Entry) {
        self.apply_on(entry, jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
    }

    /// What is listed about a case: an id is looked for before a pattern.
    pub fn about(&self, id: &str) -> Option<&Deviation> {
        let of = |is_pattern| self.0.iter().find(move |it| it.is_pattern == is_pattern && it.is_about(id));
        of(false).or_else(|| of(true))
    }

    /// Fails the first case of each pattern of which all cases passed. `entries` are those of the whole suite.
    pub(crate) fn conclude(&self, entries: &mut [Entry]) {
        for known in self.0.iter().filter(|known| known.is_pattern) {
            let is_of_it = |entry: &Entry| self.about(&entry.id) == Some(known);
            if entries.iter().filter(|entry| is_of_it(entry)).all(|entry| entry.outcome == Outcome::Pass)
                && let Some(first) = entries.iter_mut().find(|entry| is_of_it(entry))
            {
                first.fail([&Mismatch::NoDeviation { reason: format!("{}: {}", known.id, known.reason) }]);
            }
        }
    }

    fn apply_on(&self, entry: &mut Entry, today: Date) {
        let Some(known) = self.about(&entry.id) else { return };
        let reason = known.reason.clone();
        match (entry.outcome, known.until.filter(|until| *until < today)) {
            (Outcome::Pass, _) if known.is_pattern => {}
            (Outcome::Pass, _) => entry.fail([&Mismatch::NoDeviation { reason }]),
            (Outcome::Fail, Some(until)) => {
                entry.fail([&Mismatch::DeviationExpired { until: until.to_string(), reason }]);
            }
            (Outcome::Fail, None) => entry.end(Outcome::Deviates, format!("accepted: {reason}")),
            // The case was not judged, so nothing is known of the deviation either.
            _ => {}
        }
    }
}

fn deviation(entry: &Value, suite: &Suite) -> Result<Deviation, Vec<String>> {
    let Some(members) = entry.as_object() else {
        return Err(vec!["expected `id` and `reason`".to_owned()]);
    };
    let mut problems = Vec::new();
    for name in members.keys().filter(|name| !["id", "reason", "until"].contains(&name.as_str())) {
        problems.push(format!("unknown property `{name}`: expected `id`, `reason` and, if you like, `until`"));
    }
    let mut text = |name: &str| {
        let text = members.get(name).map(|text| text.as_str().unwrap_or_default().trim());
        match (text, name) {
            (None, _) => problems.push(format!("`{name}` is missing")),
            (Some(""), "reason") => problems.push("`reason` is empty: say why the failure is accepted".to_owned()),
            (Some(""), _) => problems.push(format!("`{name}` is empty")),
            _ => {}
        }
        text.unwrap_or_default().to_owned()
    };
    let (id, reason) = (text("id"), text("reason"));
    let is_known = suite.case(&id).is_some();
    let is_pattern = !is_known && id.contains(['*', '?']);
    if is_pattern && !suite.cases.iter().any(|case| matches(&id, &case.id)) {
        problems.push(format!("no case matches `{id}`\nhint: --plan lists the cases"));
    } else if !id.is_empty() && !is_known && !is_pattern {
        problems.push(format!("no case is called `{id}`{}", nearest(&id, suite)));
    }
    let until = match members.get("until") {
        None | Some(Value::Null) => None,
        Some(day) => {
            let found = day.as_str().and_then(|day| day.parse::<Date>().ok());
            if found.is_none() {
                problems.push("`until` must be a date, YYYY-MM-DD".to_owned());
            }
            found
        }
    };
    if problems.is_empty() { Ok(Deviation { id, reason, until, is_pattern }) } else { Err(problems) }
}

fn nearest(id: &str, suite: &Suite) -> String {
    let most = 2 + id.len() / 5;
    // An id whose length alone differs by more is skipped: a whole text may stand there.
    let near = suite.cases.iter().filter(|case| case.id.len().abs_diff(id.len()) <= most);
    let distances = near.map(|case| (strsim::damerau_levenshtein(id, &case.id), &case.id));
    match distances.min().filter(|(distance, _)| *distance <= most) {
        Some((_, id)) => format!("\nhint: did you mean `{id}`?"),
        None => "\nhint: --plan lists the cases".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        let case = |id: &str| {
            format!(
                r#"{{"id": "{id}", "operation": "a", "request": {{"method": "GET", "path": "/"}},
                    "expected": {{"status": 200}}}}"#
            )
        };
        let cases = [case("land_rocket/no_pad"), case("land_rocket/landed")].join(",");
        Suite::from_json(&format!(r#"{{"title": "Rockets", "version": "1", "cases": [{cases}]}}"#)).unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: Result<usize, &str>) {
        let found = Deviations::read(text, &suite()).map(|list| list.len()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(ToOwned::to_owned));
    }

    #[test]
    fn a_list_is_read_strictly() {
        check("", Ok(0));
        check("# nothing yet\n", Ok(0));
        check("- id: land_rocket/no_pad\n  reason: known\n  until: 2027-01-31\n", Ok(1));
        check(r#"[{"id": "land_rocket/landed", "reason": "known"}]"#, Ok(1));
        check("id: x", Err("expected a list of deviations, each with `id` and `reason`"));
        check(
            "- {id: land_rocket/no_pda, untill: 1}\n- {id: land_rocket/landed, reason: a, until: soon}\n",
            Err(
                "entry 1 (land_rocket/no_pda): unknown property `untill`: expected `id`, `reason` and, if you like, `until`\n\
                 entry 1 (land_rocket/no_pda): `reason` is missing\n\
                 entry 1 (land_rocket/no_pda): no case is called `land_rocket/no_pda`\nhint: did you mean `land_rocket/no_pad`?\n\
                 entry 2 (land_rocket/landed): `until` must be a date, YYYY-MM-DD",
            ),
        );
        let twice = "- &a {id: land_rocket/landed, reason: a}\n- *a\n";
        check(twice, Err("entry 2 (land_rocket/landed): listed twice"));
        check("- {id: '*/no_?ad', reason: a}\n- {id: land_rocket/*, reason: b}", Ok(2));
        check(
            "- {id: fly/*, reason: a}\n- {id: '', reason: ' '}",
            Err("entry 1 (fly/*): no case matches `fly/*`\nhint: --plan lists the cases\n\
                 entry 2: `id` is empty\nentry 2: `reason` is empty: say why the failure is accepted"),
        );
    }

    #[test]
    fn a_listed_case_has_to_fail_and_in_time() {
        let list = "- {id: land_rocket/no_pad, reason: known, until: 2027-01-31}";
        let list = Deviations::read(list, &suite()).unwrap();
        let ended = |id: &str, outcome: Outcome, today: &str| {
            let mut entry = Entry::new(id.to_owned(), 0, Outcome::Skipped);
            match outcome {
                Outcome::Fail => entry.fail([&Mismatch::NoBody]),
                outcome => entry.outcome = outcome,
            }
            list.apply_on(&mut entry, today.parse().unwrap());
            let last = entry.reason.or_else(|| entry.findings.last().map(|finding| finding.message.clone()));
            format!("{}: {}", entry.outcome.name(), last.unwrap_or_default())
        };
        let known = "land_rocket/no_pad";
        assert_eq!(ended(known, Outcome::Fail, "2027-01-31"), "deviates: accepted: known");
        assert_eq!(
            ended(known, Outcome::Fail, "2027-02-01"),
            "fail: the deviation was accepted until 2027-01-31 (known)"
        );
        assert_eq!(
            ended(known, Outcome::Pass, "2027-01-31"),
            "fail: the case passes: remove its known deviation from the list (known)"
        );
        assert_eq!(ended(known, Outcome::Broken, "2027-01-31"), "broken: ");
        assert_eq!(ended("land_rocket/landed", Outcome::Pass, "2027-01-31"), "pass: ");
        assert_eq!(ended("land_rocket/landed", Outcome::Fail, "2027-01-31"), "fail: expected a body, found none");
    }

    #[test]
    fn a_pattern_has_to_leave_the_list_once_all_its_cases_pass() {
        let list = "- {id: land_rocket/*, reason: slow}\n- {id: land_rocket/landed, reason: wet}";
        let check = |list: &str, outcomes: [Outcome; 2], expected: [Outcome; 2]| {
            let list = Deviations::read(list, &suite()).unwrap();
            let today = "2027-01-31".parse().unwrap();
            let mut entries: Vec<Entry> =
                suite().cases.iter().map(|case| Entry::about(case, 0, Outcome::Pass)).collect();
            for (entry, outcome) in entries.iter_mut().zip(outcomes) {
                entry.outcome = outcome;
                list.apply_on(entry, today);
            }
            list.conclude(&mut entries);
            assert_eq!([entries[0].outcome, entries[1].outcome], expected, "{outcomes:?}");
        };
        use Outcome::{Deviates, Fail, Pass, Skipped};
        let pattern = list.lines().next().unwrap();
        check(pattern, [Fail, Pass], [Deviates, Pass]);
        check(pattern, [Fail, Fail], [Deviates, Deviates]);
        check(pattern, [Pass, Skipped], [Pass, Skipped]);
        check(pattern, [Pass, Pass], [Fail, Pass]);
        // What is listed by its id is not the pattern's.
        check(list, [Pass, Fail], [Fail, Deviates]);
    }
}
