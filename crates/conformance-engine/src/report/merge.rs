//! Merges reports: the shards of one run, and runs, replays and observations of one document.

use crate::check::coverage::explain;
use crate::format::curl;
use crate::model::report::{Counts, Origin, Outcome, Report, Verdict};

/// Puts reports together: all shards of one run into that run; and runs, replays and observations of the same document
/// into one report of their entries and of what they cover together. Each report has a name, for messages.
///
/// # Errors
/// They are of different documents, or not all the shards of a run, each once.
pub fn merge(mut reports: Vec<(String, Report)>) -> Result<Report, String> {
    // A line to repeat a request is pasted into a shell.
    for curl in reports.iter_mut().flat_map(|(_, report)| &mut report.entries).filter_map(|entry| entry.curl.as_mut()) {
        if !curl::is_ours(curl) {
            *curl = format!("{}the report has another command here", curl::NO_LINE);
        }
    }
    let is_shard = |report: &Report| report.origin == Origin::Run && report.shard.is_some();
    let (shards, mut all): (Vec<_>, Vec<_>) = reports.into_iter().partition(|(_, report)| is_shard(report));
    if !shards.is_empty() {
        let name = shards.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let run = merge_shards(shards)?;
        if all.is_empty() {
            return Ok(run);
        }
        all.insert(0, (name, run));
    }
    match &all[..] {
        [] => Err("there is no report to merge".to_owned()),
        [(name, _)] => Err(format!(
            "{name} is not the report of a shard, and there is no other to merge it with\n\
             hint: a run with `--shard I/N` writes such"
        )),
        _ => merge_origins(all),
    }
}

/// Reports of one document that differ in where their exchanges come from.
fn merge_origins(reports: Vec<(String, Report)>) -> Result<Report, String> {
    let [(first_name, first), ..] = &reports[..] else { unreachable!("a merge of nothing") };
    for (name, report) in &reports {
        let (one, other) = (&first.document, &report.document);
        if (&one.title, &one.version) != (&other.title, &other.version) {
            return Err(format!(
                "{first_name} and {name} are of different documents: {} {} and {} {}",
                one.title, one.version, other.title, other.version
            ));
        }
        // The fingerprint of a run is that of the cases, of the others that of the contract.
        let is_alike = |other: &Report| (other.origin == Origin::Run) == (report.origin == Origin::Run);
        let differs = |other: &Report| {
            let is_merged = other.origin == Origin::Merged || report.origin == Origin::Merged;
            !is_merged && is_alike(other) && other.document.fingerprint != report.document.fingerprint
        };
        if let Some((earlier, _)) = reports.iter().find(|(_, other)| differs(other)) {
            return Err(format!("{earlier} and {name} are of different versions of one document"));
        }
        if report.level != first.level {
            return Err(format!(
                "{first_name} was compared at the level {}, and {name} at {}",
                first.level, report.level
            ));
        }
    }
    let mut reports = reports;
    for (name, report) in &mut reports {
        // Every recording has a first exchange.
        for entry in report.entries.iter_mut().filter(|entry| entry.id.starts_with("exchange/")) {
            entry.id = format!("{} of {name}", entry.id);
        }
    }
    let mut merged = together(reports.into_iter().map(|(_, report)| report).collect(), false)?;
    merged.origin = Origin::Merged;
    for (position, entry) in merged.entries.iter_mut().enumerate() {
        entry.position = position;
    }
    Ok(merged)
}

/// A run has no more shards than this.
const MOST_SHARDS: usize = 100_000;

/// The reports of all shards of one run.
fn merge_shards(reports: Vec<(String, Report)>) -> Result<Report, String> {
    let [(first_name, first), ..] = &reports[..] else { unreachable!("a merge of nothing") };
    let count = first.shard.map_or(0, |shard| shard.count);
    // More are not at hand, so their number tells which is missing only up to here.
    let mut holders: Vec<Option<&str>> = vec![None; count.min(MOST_SHARDS)];
    for (name, report) in &reports {
        let Some(shard) = report.shard.filter(|_| report.origin == Origin::Run) else {
            return Err(format!("{name} is not the report of a shard\nhint: a run with `--shard I/N` writes such"));
        };
        if report.document != first.document {
            return Err(format!(
                "{first_name} and {name} are about different cases: {} {} ({}) and {} {} ({})",
                first.document.title,
                first.document.version,
                first.document.fingerprint,
                report.document.title,
                report.document.version,
                report.document.fingerprint,
            ));
        }
        if report.level != first.level {
            let (one, other) = (&first.level, &report.level);
            return Err(format!("{first_name} was compared at the level {one}, and {name} at {other}"));
        }
        if shard.count != count {
            return Err(format!("{first_name} is one of {count} shards, and {name} one of {}", shard.count));
        }
        let Some(holder) = shard.index.checked_sub(1).and_then(|index| holders.get_mut(index)) else {
            return Err(format!("{name} says that it is shard {shard}"));
        };
        if let Some(earlier) = holder {
            return Err(format!("{earlier} and {name} are both shard {shard}"));
        }
        *holder = Some(name);
        if let Some(entry) = report.entries.iter().find(|entry| !shard.has(entry.position)) {
            return Err(format!("{name} has the case `{}`, which is not of shard {shard}", entry.id));
        }
    }
    let missing: Vec<String> = holders
        .iter()
        .enumerate()
        .filter(|(_, holder)| holder.is_none())
        .map(|(at, _)| format!("{}/{count}", at + 1))
        .collect();
    if !missing.is_empty() {
        return Err(format!("missing: shard {}", missing.join(", ")));
    }
    together(reports.into_iter().map(|(_, report)| report).collect(), true)
}

fn together(mut reports: Vec<Report>, are_shards: bool) -> Result<Report, String> {
    let mut counts = Counts::default();
    let verdicts: Vec<Verdict> = reports.iter().map(|report| report.verdict).collect();
    let mut subjects: Vec<String> = Vec::new();
    for report in &reports {
        if !subjects.contains(&report.subject) {
            subjects.push(report.subject.clone());
        }
    }
    if are_shards {
        reports.sort_by(|a, b| a.started.cmp(&b.started));
    }
    let seconds = reports.iter().map(|report| report.seconds).fold(0.0, f64::max);
    for (report, outcome) in reports.iter().flat_map(|report| Outcome::ALL.map(|outcome| (report, outcome))) {
        counts.add_many(outcome, report.counts.of(outcome));
    }
    counts.in_part = reports.iter().fold(0, |sum, report| sum.saturating_add(report.counts.in_part));
    // What one of them covers is not known if it was not counted.
    let coverages = reports.iter_mut().map(|report| report.coverage.take()).collect::<Option<Vec<_>>>();
    let mut rest = reports.into_iter();
    // `merge` has looked: there is at least one.
    let Some(mut all) = rest.next() else { unreachable!("a merge of nothing") };
    for report in rest {
        all.entries.extend(report.entries);
        all.tours.extend(report.tours);
        for (operation, count) in report.left_behind {
            let sum = all.left_behind.entry(operation).or_default();
            *sum = sum.saturating_add(count);
        }
        all.omitted = all.omitted.saturating_add(report.omitted);
    }
    if are_shards {
        all.entries.sort_by_key(|entry| entry.position);
    }
    let mut coverages = coverages.into_iter().flatten();
    if let Some(first) = coverages.next() {
        let mut coverage = coverages.try_fold(first, |all, next| all.merge(next))?;
        explain(&mut coverage, &all.entries);
        all.coverage = Some(coverage);
    }
    all.counts = counts;
    all.verdict = worst(&verdicts);
    all.subject = subjects.join(", ");
    all.seconds = seconds;
    all.shard = None;
    Ok(all)
}

/// A shard in which nothing ran says nothing, unless all are such.
fn worst(verdicts: &[Verdict]) -> Verdict {
    let order = [Verdict::ContractBroken, Verdict::CouldNotRun, Verdict::Passed];
    order.into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(Verdict::NothingRan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::{DocumentName, Entry, Outcome};
    use crate::model::shard::Shard;

    fn shard(index: usize, count: usize, outcomes: &[(usize, Outcome)]) -> (String, Report) {
        let entries = outcomes.iter().map(|(at, outcome)| Entry::new(format!("case/{at}"), *at, *outcome)).collect();
        let document =
            DocumentName { title: "Rockets".to_owned(), version: "1".to_owned(), fingerprint: "ab".to_owned() };
        let mut report =
            Report::new(Origin::Run, document, format!("http://h{index}"), "documented".to_owned(), entries);
        report.shard = Some(Shard { index, count });
        (format!("{index}.json"), report)
    }

    #[test]
    fn shards_are_put_together_in_the_order_of_the_document() {
        let one = shard(1, 2, &[(0, Outcome::Pass), (2, Outcome::Fail)]);
        let two = shard(2, 2, &[(1, Outcome::Skipped), (3, Outcome::Pass)]);
        let merged = merge(vec![two, one]).unwrap();
        let ids: Vec<_> = merged.entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["case/0", "case/1", "case/2", "case/3"]);
        assert_eq!((merged.counts.pass, merged.counts.fail, merged.counts.skipped), (2, 1, 1));
        assert_eq!((merged.verdict, merged.shard), (Verdict::ContractBroken, None));
    }

    #[test]
    fn what_is_not_every_shard_once_is_refused() {
        let one = || shard(1, 2, &[(0, Outcome::Pass)]);
        let two = || shard(2, 2, &[(1, Outcome::Pass)]);
        let changed = |mut report: (String, Report), change: fn(&mut Report)| {
            change(&mut report.1);
            report
        };
        for (reports, expected) in [
            (vec![], "there is no report to merge"),
            (vec![one()], "missing: shard 2/2"),
            (vec![one(), one()], "1.json and 1.json are both shard 1/2"),
            (vec![one(), shard(2, 3, &[])], "1.json is one of 2 shards, and 2.json one of 3"),
            (vec![one(), changed(two(), |it| it.shard = None)], "missing: shard 2/2"),
            (vec![changed(two(), |it| it.shard = None)], "2.json is not the report of a shard"),
            (vec![one(), changed(two(), |it| it.level = "exact".to_owned())], "1.json was compared at the level"),
            (vec![one(), changed(two(), |it| it.document.fingerprint = "cd".to_owned())], "are about different cases"),
            (
                vec![one(), shard(2, 2, &[(0, Outcome::Pass)])],
                "2.json has the case `case/0`, which is not of shard 2/2",
            ),
            (vec![one(), changed(two(), |it| it.shard = Some(Shard { index: 7, count: 2 }))], "shard 7/2"),
        ] {
            let error = merge(reports).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
