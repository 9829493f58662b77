//! What a plan costs, by kind of case.

use crate::model::case::Sending;
use crate::model::exchange::Purpose;
use crate::plan::plan::{Disposition, Plan, PlannedCase, Size};

/// The cost of the cases of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// [`Kind::name`](crate::model::suite::Kind::name), or `on the way` for what is sent between cases to change the state of a resource.
    pub kind: &'static str,
    /// How many cases run.
    pub cases: usize,
    /// What they take.
    pub size: Size,
}

const ON_THE_WAY: &str = "on the way";
/// Every kind, in the order of a suite.
pub(crate) const KINDS: [&str; 6] = ["documented", "described", "permitted", "derived", "journey", ON_THE_WAY];

impl Plan<'_> {
    /// What the cases of each kind cost, without kinds that cost nothing. A request that answers two cases of a tour
    /// counts for the one that it is sent for.
    pub fn costs(&self) -> Vec<Cost> {
        let mut costs = KINDS.map(|kind| Cost { kind, cases: 0, size: Size::default() });
        let mut add = |kind: &str, cases: usize, requests: usize, waits: usize| {
            if let Some(cost) = costs.iter_mut().find(|cost| cost.kind == kind) {
                cost.cases += cases;
                cost.size.requests += requests;
                cost.size.waits += waits;
            }
        };
        for entry in self.steps() {
            let (requests, waits) = match entry.disposition {
                Disposition::Tour(_) => (0, 0),
                _ => self.alone(entry),
            };
            add(entry.case.kind.name(), 1, requests, waits);
        }
        for planned in self.tours.iter().flat_map(|tour| &tour.moves) {
            let kind = match &planned.purpose {
                Purpose::Case => planned.case.kind.name(),
                Purpose::Step(journey) => self.suite.case(journey).map_or(ON_THE_WAY, |case| case.kind.name()),
                _ => ON_THE_WAY,
            };
            let is_twice = planned.purpose == Purpose::Case && planned.case.kind.sending() == Sending::Twice;
            add(kind, 0, if is_twice { 2 } else { 1 }, usize::from(self.is_waited_for(planned.case)));
        }
        costs.into_iter().filter(|cost| cost.cases > 0 || cost.size != Size::default()).collect()
    }

    /// How many requests are sent, not counting status requests, and how often the run waits for an operation to finish.
    pub fn size(&self) -> Size {
        self.costs().into_iter().fold(Size::default(), |all, Cost { size, .. }| Size {
            requests: all.requests + size.requests,
            waits: all.waits + size.waits,
        })
    }

    /// Requests and waits of a case that is not part of a tour.
    fn alone(&self, entry: &PlannedCase<'_>) -> (usize, usize) {
        let kind = &entry.case.kind;
        let things = if kind.needs_two() { 2 } else { 1 };
        let setup = self.suite.setup(entry.case).filter(|_| entry.disposition == Disposition::Made);
        let made = setup.map_or(0, |setup| setup.cases().count()) * things;
        let provided = if entry.disposition == Disposition::ProviderState { things } else { 0 };
        let sent = if matches!(kind.sending(), Sending::Twice | Sending::Both) { 2 } else { 1 };
        let waits = kind.steps().iter().filter_map(|step| self.suite.case(step));
        let waits = waits.filter(|step| self.is_waited_for(step)).count();
        let waits = waits + usize::from(kind.ends().is_some() && self.is_waited_for(entry.case));
        let made_waits =
            setup.into_iter().flat_map(|setup| &setup.steps).filter_map(|step| self.suite.case(&step.case));
        let waits = waits + made_waits.filter(|call| self.is_waited_for(call)).count() * things;
        let steps = kind.steps().iter().filter_map(|step| self.suite.case(step));
        let undone = steps.filter(|step| self.undo(step).is_some()).count();
        let undone = undone + if self.undo(entry.case).is_some() { sent } else { 0 };
        (kind.steps().len() + sent + provided + made + undone, waits)
    }
}
