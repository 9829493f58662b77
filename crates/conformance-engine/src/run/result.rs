//! What came of a run and of each of its cases.

use std::time::{Duration, SystemTime};

use crate::check::mismatch::Mismatch;
use crate::check::response::Level;
use crate::model::exchange::{Exchange, Purpose, Reply, Sent};
use crate::model::note::Note;
use crate::model::report::Verdict;
use crate::model::suite::{Case, Kind};

/// What came of a whole plan.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The document's title.
    pub title: String,
    /// The document's version.
    pub version: String,
    /// The endpoint.
    pub endpoint: String,
    /// How closely replies were compared.
    pub level: Level,
    /// One result for each case of the suite, in its order.
    pub results: Vec<CaseResult<'a>>,
    /// What became of each thing that was led through its states.
    pub tours: Vec<TourResult>,
    /// From the first connection to the last byte.
    pub took: Duration,
}

/// What became of one thing that was led through its states.
#[derive(Clone, Debug, Default)]
pub struct TourResult {
    /// What names it, as `name=value`.
    pub name: String,
    /// The state it was found in, or taken to be in.
    pub found: Option<String>,
    /// Somebody looked: it was found in that state.
    pub was_seen: bool,
    /// The state it is left in, as far as is known.
    pub left: Option<String>,
    /// What is different although the state is the same again, a line for each.
    pub stays: Vec<String>,
    /// What went wrong on the way back, or before anything could be sent.
    pub problem: Option<String>,
    /// What was sent for no case: the first look, and the way back.
    pub exchanges: Vec<Exchange>,
}

/// What came of one case. Secrets in it are replaced by `***`.
#[derive(Clone, Debug)]
pub struct CaseResult<'a> {
    /// The case.
    pub case: &'a Case,
    /// The case whose expectation the judged reply was held against: `case`, or the step of a journey that failed.
    pub held_against: &'a Case,
    /// The verdict.
    pub outcome: Outcome,
    /// Everything that was sent for it, in order, with what came back.
    pub exchanges: Vec<Exchange>,
    /// What is worth saying beside the verdict.
    pub notes: Vec<Note>,
    /// By the clock of this machine.
    pub started: SystemTime,
    /// Reaching the state included.
    pub took: Duration,
}

impl CaseResult<'_> {
    /// The exchange that was judged: the last for the case itself, or the step before it that already failed.
    pub fn judged(&self) -> Option<&Exchange> {
        self.exchanges.iter().rfind(|exchange| matches!(exchange.purpose, Purpose::Case | Purpose::Step(_)))
    }

    /// The request that was judged, if one was sent.
    pub fn sent(&self) -> Option<&Sent> {
        self.judged().map(|exchange| &exchange.sent)
    }

    /// Its reply, if one came.
    pub fn reply(&self) -> Option<&Reply> {
        self.judged()?.reply.as_ref()
    }
}

/// The verdict on one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The reply keeps what the document promises.
    Pass,
    /// It does not.
    Fail {
        /// Why not; at least one.
        mismatches: Vec<Mismatch>,
    },
    /// It does not, and that is known and accepted ([`Options::deviations`]).
    Deviates {
        /// Why not; at least one.
        mismatches: Vec<Mismatch>,
        /// Why it is accepted.
        reason: String,
    },
    /// The case's state cannot be reached, so nothing was asked.
    Unreachable {
        /// Why not.
        reason: String,
    },
    /// The case was not asked for.
    Skipped,
    /// The case could not be judged, and the endpoint is not to blame: a provider of states that does not work, a
    /// schema that cannot be applied, a request that cannot be written.
    Broken {
        /// Why not.
        reason: String,
    },
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Outcome::Pass`].
    pub passed: usize,
    /// [`Outcome::Fail`].
    pub failed: usize,
    /// [`Outcome::Deviates`].
    pub deviating: usize,
    /// [`Outcome::Unreachable`].
    pub unreachable: usize,
    /// [`Outcome::Skipped`].
    pub skipped: usize,
    /// [`Outcome::Broken`].
    pub broken: usize,
}

impl Run<'_> {
    /// How many cases ended in which way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for result in &self.results {
            *match result.outcome {
                Outcome::Pass => &mut counts.passed,
                Outcome::Fail { .. } => &mut counts.failed,
                Outcome::Deviates { .. } => &mut counts.deviating,
                Outcome::Unreachable { .. } => &mut counts.unreachable,
                Outcome::Skipped => &mut counts.skipped,
                Outcome::Broken { .. } => &mut counts.broken,
            } += 1;
        }
        counts
    }

    /// What the run says as a whole. A run that could not run never looks like one that passed.
    pub fn verdict(&self) -> Verdict {
        let counts = self.counts();
        match counts {
            _ if self.credentials_were_refused() => Verdict::CouldNotRun,
            Counts { failed: 1.., .. } => Verdict::ContractBroken,
            Counts { broken: 1.., .. } => Verdict::CouldNotRun,
            Counts { passed: 0, deviating: 0, .. } => Verdict::NothingRan,
            _ => Verdict::Passed,
        }
    }

    /// Every reply was 401 although no case expected that: this says nothing about the API and all about the token.
    pub fn credentials_were_refused(&self) -> bool {
        // What is sent without the right credential says nothing about it.
        let is_derived = |case: &Case| matches!(case.kind, Kind::Derived { .. });
        let ran = self.results.iter().filter(|result| result.sent().is_some() && !is_derived(result.held_against));
        let expects_it = |result: &CaseResult<'_>| result.held_against.expected.status == 401;
        let mut replies = ran.clone().filter_map(CaseResult::reply).peekable();
        replies.peek().is_some() && !ran.clone().any(expects_it) && replies.all(|reply| reply.status == 401)
    }
}

impl<'a> CaseResult<'a> {
    pub(crate) fn of(case: &'a Case) -> Self {
        CaseResult {
            case,
            held_against: case,
            outcome: Outcome::Skipped,
            exchanges: Vec::new(),
            notes: Vec::new(),
            started: SystemTime::now(),
            took: Duration::ZERO,
        }
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(Note { pointer: String::new(), text: text.into() });
    }
}
