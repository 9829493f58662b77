//! Words that several formats of reports share.

use crate::model::report::{Origin, Outcome, Report, Verdict};

/// `5 cases: 2 fail, 3 pass`
pub(crate) fn counts(report: &Report) -> String {
    let total = report.entries.len() + report.omitted;
    let named = Outcome::ALL.into_iter().filter(|outcome| report.counts.of(*outcome) > 0);
    let mut named: Vec<_> = named.map(|outcome| format!("{} {}", report.counts.of(outcome), outcome.name())).collect();
    if report.counts.in_part > 0 {
        named.push(format!("{} of them in part", report.counts.in_part));
    }
    let [one, many] = unit(report.origin);
    let what = if total == 1 { one } else { many };
    if named.is_empty() { format!("{total} {what}") } else { format!("{total} {what}: {}", named.join(", ")) }
}

/// What the entries of a report are, one and several.
pub(crate) fn unit(origin: Origin) -> [&'static str; 2] {
    match origin {
        Origin::Run => ["case", "cases"],
        Origin::Merged => ["entry", "entries"],
        Origin::Replay | Origin::Watch => ["exchange", "exchanges"],
    }
}

/// What a report says as a whole.
pub(crate) fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "Passed",
        Verdict::ContractBroken => "The contract is broken",
        Verdict::CouldNotRun => "Not everything could be judged",
        Verdict::NothingRan => "Nothing was judged",
    }
}
