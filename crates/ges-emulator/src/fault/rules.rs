//! The fault rules in force, and which of them a call matches.

use crate::api::call::Call;
use crate::fault::rule::Fault;
use crate::service::id::scrambled;
use std::fmt;
use std::sync::Arc;

/// The fault rules, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct FaultRules {
    seed: u64,
    made: u64,
    rules: Vec<Rule>,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) number: u64,
    pub(crate) fault: Arc<Fault>,
    /// How many calls it has applied to.
    pub(crate) fired: u64,
    /// Every rule has its own random numbers, so that rules do not influence each other.
    random: u64,
}

/// A call's fault, and the number of its rule.
#[derive(Clone, Debug)]
pub(crate) struct MatchedFault {
    pub(crate) rule: u64,
    pub(crate) fault: Arc<Fault>,
}

/// Every call is compared with every rule.
const MOST_RULES: usize = 1000;

impl FaultRules {
    pub(crate) fn new(seed: u64, faults: &[Fault]) -> Self {
        let mut all = Self { seed, made: 0, rules: Vec::new() };
        for fault in faults {
            // Further rules are ignored.
            let _ = all.add(fault.clone());
        }
        all
    }

    /// The number of the new rule.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<u64, TooManyFaults> {
        if self.rules.len() >= MOST_RULES {
            return Err(TooManyFaults);
        }
        self.made += 1;
        let random = scrambled(self.seed ^ scrambled(self.made));
        self.rules.push(Rule { number: self.made, fault: Arc::new(fault), fired: 0, random });
        Ok(self.made)
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The first rule that applies to this call.
    pub(crate) fn match_call(&mut self, call: &Call<'_>) -> Option<MatchedFault> {
        let rule = self.rules.iter_mut().find_map(|rule| rule.matches(call).then_some(rule))?;
        rule.fired += 1;
        Some(MatchedFault { rule: rule.number, fault: Arc::clone(&rule.fault) })
    }
}

impl Rule {
    fn matches(&mut self, call: &Call<'_>) -> bool {
        let fault = &*self.fault;
        fault.operation.is_none_or(|operation| operation == call.operation)
            && fault.graph_id.as_ref().is_none_or(|graph| *graph == call.graph)
            && fault.api_version.is_none_or(|version| version == call.version)
            && (!fault.job_fails || call.operation.starts_a_job())
            && fault.times.is_none_or(|times| self.fired < times.into())
            && self.is_drawn()
    }

    /// Takes a random number for every call that matches, even at a rate of 0 or 1.
    fn is_drawn(&mut self) -> bool {
        self.random = self.random.wrapping_add(1);
        // The upper 53 bits: the precision of a fraction.
        let number = (scrambled(self.random) >> 11) as f64 / (1_u64 << 53) as f64;
        number < self.fault.rate
    }
}

/// The maximum number of fault rules is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyFaults;

impl fmt::Display for TooManyFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there are {MOST_RULES} fault rules already, which is the maximum")
    }
}

impl std::error::Error for TooManyFaults {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::call::Arguments;
    use crate::api::operation::{ApiVersion, Operation};
    use std::slice::from_ref;

    fn call(version: ApiVersion, operation: Operation, graph: &'static str) -> Call<'static> {
        let (project, item) = ("p".into(), "".into());
        Call { version, operation, project, graph: graph.into(), item, arguments: Arguments::StopGraph }
    }

    fn stop() -> Call<'static> {
        call(ApiVersion::V2, Operation::StopGraph, "g")
    }

    fn fault() -> Fault {
        Fault { status: Some(503), ..Fault::default() }
    }

    /// Whether each of some stops goes wrong.
    fn run(seed: u64, faults: &[Fault], calls: usize) -> Vec<bool> {
        let mut faults = FaultRules::new(seed, faults);
        (0..calls).map(|_| faults.match_call(&stop()).is_some()).collect()
    }

    #[track_caller]
    fn check(fault: Fault, expected: bool) {
        let mut faults = FaultRules::new(0, from_ref(&fault));
        assert_eq!(faults.match_call(&stop()).is_some(), expected, "{fault:?}");
        assert_eq!(faults.rules()[0].fired, u64::from(expected));
    }

    #[test]
    fn a_fault_matches_only_its_calls() {
        check(fault(), true);
        check(Fault { operation: Some(Operation::StopGraph), ..fault() }, true);
        check(Fault { operation: Some(Operation::StartGraph), ..fault() }, false);
        check(Fault { graph_id: Some("g".to_owned()), ..fault() }, true);
        check(Fault { graph_id: Some("h".to_owned()), ..fault() }, false);
        check(Fault { api_version: Some(ApiVersion::V2), ..fault() }, true);
        check(Fault { api_version: Some(ApiVersion::V1), ..fault() }, false);
        check(Fault { rate: 0.0, ..fault() }, false);
        check(Fault { job_fails: true, ..Fault::default() }, true);
        check(Fault { rate: f64::NAN, ..fault() }, false);
    }

    #[test]
    fn job_fails_matches_only_operations_that_start_a_job() {
        let mut faults = FaultRules::new(0, &[Fault { job_fails: true, ..Fault::default() }]);
        assert!(faults.match_call(&call(ApiVersion::V2, Operation::ShowGraph, "g")).is_none());
    }

    #[test]
    fn a_fault_with_times_ends_after_that_many_calls() {
        let twice = Fault { times: Some(2), ..fault() };
        assert_eq!(run(0, &[twice], 4), [true, true, false, false]);
    }

    #[test]
    fn a_rate_holds_on_average() {
        for rate in [0.1, 0.5, 0.9] {
            let met = run(7, &[Fault { rate, ..fault() }], 10_000).into_iter().filter(|&met| met).count();
            assert!((met as f64 / 10_000.0 - rate).abs() < 0.02, "{rate}: {met}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_whatever_other_rules_there_are() {
        let half = Fault { rate: 0.5, ..fault() };
        let other = Fault { rate: 0.5, graph_id: Some("h".to_owned()), ..fault() };
        assert_eq!(run(7, from_ref(&half), 100), run(7, &[half.clone(), other], 100));
        assert_ne!(run(7, from_ref(&half), 100), run(8, from_ref(&half), 100));
    }

    #[test]
    fn the_first_matching_rule_applies() {
        let once = Fault { times: Some(1), ..fault() };
        let mut faults = FaultRules::new(0, &[once, fault()]);
        let rules = [(); 3].map(|()| faults.match_call(&stop()).map(|struck| struck.rule));
        assert_eq!(rules, [Some(1), Some(2), Some(2)]);
    }

    #[test]
    fn the_number_of_rules_is_limited() {
        let mut faults = FaultRules::new(0, &vec![fault(); MOST_RULES + 5]);
        assert_eq!((faults.rules().len(), faults.add(fault())), (MOST_RULES, Err(TooManyFaults)));
        faults.clear();
        assert!(faults.match_call(&stop()).is_none() && faults.add(fault()).is_ok());
    }
}
