//! Fills a report from what came of a run.

use std::collections::HashMap;
use std::time::SystemTime;

use crate::format::curl::curl;
use crate::model::report::{
    DocumentName, Entry, ExchangeEntry, Finding, Origin, Outcome, Promise, Report, TourEntry, moment,
};
use crate::model::shard::Shard;
use crate::model::suite::{Case, Suite};
use crate::run::result::{CaseResult, Outcome as Ended, Run, TourResult};

impl Report {
    /// What is kept of a run. Of a part of the cases only that part is.
    /// `suite` is what the cases are of.
    pub fn of_run(run: &Run<'_>, suite: &Suite, started: SystemTime, shard: Option<Shard>) -> Self {
        let positions: HashMap<*const Case, usize> =
            suite.cases.iter().enumerate().map(|(position, case)| (std::ptr::from_ref(case), position)).collect();
        let position = |result: &CaseResult<'_>| positions.get(&std::ptr::from_ref(result.case)).copied();
        let results = run.results.iter().filter_map(|result| Some((position(result)?, result)));
        let entries = results.filter(|(position, _)| shard.is_none_or(|shard| shard.has(*position)));
        let entries: Vec<_> = entries.map(|(position, result)| Entry::of_case(position, result)).collect();
        let mut report =
            Self::new(Origin::Run, DocumentName::of(suite), run.endpoint.clone(), run.level.to_string(), entries);
        report.verdict = run.verdict();
        report.started = moment(started);
        report.seconds = run.took.as_secs_f64();
        report.shard = shard;
        report.tours = run.tours.iter().map(TourEntry::of).collect();
        report
    }
}

impl Entry {
    fn of_case(position: usize, result: &CaseResult<'_>) -> Self {
        let case = result.case;
        let (outcome, reason, findings) = match &result.outcome {
            Ended::Pass => (Outcome::Pass, None, Vec::new()),
            Ended::Fail { mismatches } => (Outcome::Fail, None, mismatches.iter().map(Finding::from).collect()),
            Ended::Deviates { mismatches, reason } => {
                let findings = mismatches.iter().map(Finding::from).collect();
                (Outcome::Deviates, Some(format!("accepted: {reason}")), findings)
            }
            Ended::Unreachable { reason } => (Outcome::Unreachable, Some(reason.clone()), Vec::new()),
            Ended::Skipped => (Outcome::Skipped, None, Vec::new()),
            Ended::Broken { reason } => (Outcome::Broken, Some(reason.clone()), Vec::new()),
        };
        Self {
            // Of a journey that failed on its way, the step.
            expected: Some(Promise::of(&result.held_against.expected)),
            source: result.held_against.source.clone(),
            reason,
            findings,
            notes: result.notes.clone(),
            exchanges: result.exchanges.iter().map(ExchangeEntry::of).collect(),
            curl: result.sent().map(curl),
            seconds: result.took.as_secs_f64(),
            ..Self::about(case, position, outcome)
        }
    }
}

impl TourEntry {
    fn of(tour: &TourResult) -> Self {
        Self {
            name: tour.name.clone(),
            found: tour.found.clone(),
            left: tour.left.clone(),
            stays: tour.stays.clone(),
            problem: tour.problem.clone(),
            exchanges: tour.exchanges.iter().map(ExchangeEntry::of).collect(),
        }
    }
}
