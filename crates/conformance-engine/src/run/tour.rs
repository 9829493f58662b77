//! Drives one resource through the states that cases need, and restores its initial state.
//!
//! The moves come from [`tour_search`](crate::plan::tour_search), one after another, each from the actual state: after an answer
//! that was not the documented one, the state is queried. Whatever happens, the initial state is restored, as far as
//! the documented operations can.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Instant;

use crate::http::client::SendError;
use crate::http::request::Values;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::report::{Entry, Outcome, TourResult};
use crate::model::suite::Case;
use crate::plan::plan::{Disposition, Tour};
use crate::plan::tour_search::{Move, ResourceState, collect, is_success};
use crate::redact::exchange::redact_exchange;
use crate::run::board::Board;
use crate::run::case::Performed;
use crate::run::poll::{ObservedState, Trouble, WaitResult};
use crate::run::runner::{Connections, Runner};
use crate::run::stop::Stop;

impl<'a> Runner<'_, 'a> {
    /// Makes the moves of one tour, posts the result of each case, and restores the initial state.
    pub(crate) async fn tour<P: FnMut(&Entry)>(
        &self,
        index: usize,
        connections: &mut Connections,
        stop: &Stop,
        board: &Board<P>,
    ) {
        let Some(tour) = self.plan.tours.get(index) else { return };
        let mut guide = TourRunner::new(self, index, tour);
        connections.endpoint.repeat_with_care(true);
        guide.arrive(connections, stop).await;
        let home = guide.world.state.clone();
        guide.result.found.clone_from(&home);
        guide.go(connections, stop, board).await;
        guide.leave_open(stop, connections, board);
        if let Some(home) = home {
            guide.return_to(&home, connections).await;
        }
        guide.result.left.clone_from(&guide.world.state);
        guide.result.stays = tour.map.stays(&tour.world, &guide.world);
        self.redact_tour(&mut guide.result);
        self.toured.lock().unwrap_or_else(PoisonError::into_inner).push(guide.result);
    }

    fn redact_tour(&self, result: &mut TourResult) {
        let look = self.plan.suite.lifecycle.as_ref().and_then(|lifecycle| lifecycle.look.as_ref());
        let credential = look.and_then(|look| look.credential.as_ref());
        result
            .exchanges
            .iter_mut()
            .for_each(|exchange| redact_exchange(exchange, credential, &self.redactor(), self.way()));
        let texts = [&mut result.found, &mut result.left, &mut result.problem].into_iter().flatten();
        texts.chain([&mut result.name]).for_each(|text| _ = self.redactor().known(text));
    }
}

/// One tour under way.
struct TourRunner<'t, 'r, 'a> {
    runner: &'t Runner<'r, 'a>,
    tour: &'t Tour<'a>,
    /// The entries that have no result yet: their position and case.
    open: Vec<(usize, &'a Case)>,
    world: ResourceState,
    /// Why the state is not known, if it is not.
    lost: Option<String>,
    /// The last look showed a state that the resource stays in.
    has_settled: bool,
    values: Values,
    /// Operations that did not work on the way, each with what it was answered.
    blocked: BTreeSet<String>,
    refusals: Vec<String>,
    /// What was sent on the way to the next case.
    carried: Vec<Exchange>,
    result: TourResult,
}

impl<'t, 'r, 'a> TourRunner<'t, 'r, 'a> {
    fn new(runner: &'t Runner<'r, 'a>, index: usize, tour: &'t Tour<'a>) -> Self {
        let entries = runner.plan.entries.iter().enumerate();
        let open = entries
            .filter(|(_, entry)| entry.disposition == Disposition::Tour(index))
            .map(|(at, entry)| (at, entry.case));
        let names: Vec<_> = tour.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self {
            runner,
            tour,
            open: open.collect(),
            world: tour.world.clone(),
            lost: None,
            has_settled: false,
            values: tour.values.clone(),
            blocked: BTreeSet::new(),
            refusals: Vec::new(),
            carried: Vec::new(),
            result: TourResult { name: names.join(", "), ..TourResult::default() },
        }
    }

    /// Queries the initial state before anything is sent.
    async fn arrive(&mut self, connections: &mut Connections, stop: &Stop) {
        let Some((_, case)) = self.open.first().copied().filter(|_| self.tour.looks_first) else { return };
        let seen = self.look(case, connections, stop).await;
        self.result.exchanges.append(&mut self.carried);
        match seen {
            ObservedState::State(state) => {
                self.world = ResourceState { state: Some(state), ..ResourceState::default() };
            }
            // The state that it was planned for is as good a guess as any, and the first answers will tell.
            ObservedState::NotServed => {}
            ObservedState::Nothing(why) => self.lose(why),
        }
    }

    async fn go<P: FnMut(&Entry)>(&mut self, connections: &mut Connections, stop: &Stop, board: &Board<P>) {
        while stop.reason().is_none() {
            let open: Vec<&'a Case> = self.open.iter().map(|(_, case)| *case).collect();
            let Some(step) = self.tour.map.next(&self.world, &open, &self.blocked) else { return };
            if step.on_the_way {
                let towards = step.after.state.clone().unwrap_or_default();
                self.walk(&step, Purpose::Towards(towards), connections, stop).await;
            } else {
                self.visit(&step, connections, stop, board).await;
            }
        }
    }

    /// Carries out one case in the current state.
    async fn visit<P: FnMut(&Entry)>(
        &mut self,
        step: &Move<'a>,
        connections: &mut Connections,
        stop: &Stop,
        board: &Board<P>,
    ) {
        let (clock, case) = (Instant::now(), step.case);
        let mut entry = self.entry(case);
        entry.exchanges.append(&mut self.carried);
        let since = entry.exchanges.len();
        let runner = self.runner;
        // A case that needs a second resource is in no tour.
        let (values, none, endpoint) = (&mut self.values, &mut Values::new(), &mut connections.endpoint);
        let mut trouble = None;
        match runner.perform(&mut entry, case, values, none, step.skip, endpoint, stop).await {
            Performed::Judged => {}
            Performed::Unready(found) => {
                entry.end(Outcome::Unreachable, format!("cannot be judged: {}", found.reason));
                trouble = Some(found);
            }
            Performed::Unwritable(reason) => entry.end(Outcome::Broken, reason),
            Performed::Unanswered(reason) => entry.end(
                Outcome::Broken,
                format!(
                    "{reason}, on a connection that had served before: the request may have taken effect, and cannot be repeated from the same state"
                ),
            ),
        }
        let last = entry.judged().filter(|exchange| exchange.purpose == Purpose::Case);
        let last = last.and_then(|exchange| exchange.reply.clone());
        let mut is_sure = entry.outcome == Outcome::Pass;
        if let Some(reply) = last.as_ref().filter(|_| is_sure) {
            let waited =
                runner.settle(&mut entry, case, reply, &mut self.values, &mut connections.endpoint, stop).await;
            trouble = waited.trouble(&case.operation, runner.options.patience).filter(|_| stop.reason().is_none());
            is_sure = matches!(waited, WaitResult::Ended | WaitResult::Unsure);
            if let Some(Trouble { reason, .. }) = &trouble
                && !entry.unjudged.iter().any(|known| known.ends_with(reason))
            {
                entry.note(reason);
            }
        }
        if is_sure {
            self.world = step.after.clone();
        } else {
            self.find_out(step, &mut entry, since, connections, stop).await;
            self.doubt(trouble);
        }
        let twin = step.twin.filter(|_| last.is_some()).map(|case| (case, twin_of(&entry, self.entry(case))));
        runner.conclude(&mut entry, case, clock, connections);
        self.post(entry, board);
        if let Some((case, mut twin)) = twin {
            runner.conclude(&mut twin, case, clock, connections);
            self.post(twin, board);
        }
    }

    /// An entry without an outcome for a case that has none yet.
    fn entry(&self, case: &Case) -> Entry {
        let position = self.open.iter().find(|(_, open)| open.id == case.id).map(|(position, _)| *position);
        Entry::about(case, position.unwrap_or(usize::MAX), Outcome::Skipped)
    }

    /// Sends a documented request for what it does.
    async fn walk(&mut self, step: &Move<'a>, purpose: Purpose, connections: &mut Connections, stop: &Stop) {
        let (plain, since) = (self.tour.map.plain(step.case), self.carried.len());
        let runner = self.runner;
        let answer = runner.send(&mut self.carried, &plain, purpose, &self.values, &mut connections.endpoint).await;
        let status = match &answer {
            Ok(reply) => reply.status.to_string(),
            Err(SendError::Endpoint(reason) | SendError::Unanswered(reason) | SendError::Request(reason)) => {
                reason.clone()
            }
        };
        let (mut entry, mut trouble) = (self.entry(step.case), None);
        entry.exchanges = std::mem::take(&mut self.carried);
        if let Ok(reply) = &answer
            && (200..300).contains(&reply.status)
        {
            let waited =
                runner.settle(&mut entry, &plain, reply, &mut self.values, &mut connections.endpoint, stop).await;
            if matches!(waited, WaitResult::Ended | WaitResult::Unsure) {
                self.world = step.after.clone();
                self.carried = entry.exchanges;
                return;
            }
            let patience = runner.options.patience;
            trouble = waited.trouble(&step.case.operation, patience).filter(|_| stop.reason().is_none());
        }
        self.blocked.insert(step.case.operation.clone());
        let refusal = || format!("{} was answered {status}", step.case.operation);
        self.refusals.push(trouble.as_ref().map_or_else(refusal, |trouble| trouble.reason.clone()));
        self.find_out(step, &mut entry, since, connections, stop).await;
        self.carried = entry.exchanges;
        self.doubt(trouble);
    }

    /// After an operation that did not come to its end, nothing that comes next could be judged, unless it is known that
    /// the resource has settled.
    fn doubt(&mut self, trouble: Option<Trouble>) {
        let Some(trouble) = trouble.filter(|_| self.lost.is_none()) else { return };
        if trouble.is_under_way || !self.has_settled {
            self.lose(trouble.reason);
        }
    }

    /// After an answer that was not the documented one: queries the state. `since` is how many exchanges of
    /// `entry` were made before the move.
    async fn find_out(
        &mut self,
        step: &Move<'a>,
        entry: &mut Entry,
        since: usize,
        connections: &mut Connections,
        stop: &Stop,
    ) {
        let suite = self.runner.plan.suite;
        self.world.history.clear();
        for exchange in entry.exchanges.iter().skip(since) {
            let case = match &exchange.purpose {
                Purpose::Case | Purpose::Towards(_) => Some(step.case),
                Purpose::Step(id) => suite.case(id),
                _ => None,
            };
            let reply = exchange.reply.as_ref().filter(|reply| (200..300).contains(&reply.status));
            let (Some(case), Some(reply)) = (case, reply) else { continue };
            collect(suite, case, reply, &mut self.values);
            let Some(transition) = self.tour.map.transition(&case.operation) else { continue };
            self.world.state = Some(transition.to.clone());
            self.world.has.extend(transition.adds.iter().cloned());
            if transition.once {
                self.world.done.insert(case.operation.clone(), step.case.id.clone());
            }
        }
        let seen = self.look(step.case, connections, stop).await;
        entry.exchanges.append(&mut self.carried);
        self.has_settled = matches!(&seen, ObservedState::State(state) if self.tour.map.lifecycle().rests_in(state));
        match seen {
            ObservedState::State(state) => self.world.state = Some(state),
            ObservedState::NotServed => {}
            ObservedState::Nothing(why) => self.lose(why),
        }
    }

    async fn look(&mut self, case: &Case, connections: &mut Connections, stop: &Stop) -> ObservedState {
        self.runner.state_now(&mut self.carried, case, &self.values, &mut connections.endpoint, stop).await
    }

    fn lose(&mut self, why: String) {
        self.world.state = None;
        self.lost = Some(why);
    }

    /// What no move reached, or what there was no more time for.
    fn leave_open<P: FnMut(&Entry)>(&mut self, stop: &Stop, connections: &mut Connections, board: &Board<P>) {
        for (_, case) in self.open.clone() {
            let mut entry = self.entry(case);
            match (stop.reason(), &self.lost) {
                (Some(reason), _) => entry.end(Outcome::Broken, format!("not sent, because {reason}")),
                (None, Some(why)) => {
                    entry.end(Outcome::Unreachable, format!("the state is unknown: {why}"));
                }
                (None, None) => {
                    let mut reason = self.tour.map.reason(&self.world, case);
                    if !self.refusals.is_empty() {
                        reason = format!("{reason}: {}", self.refusals.join(", "));
                    }
                    entry.end(Outcome::Unreachable, reason);
                }
            }
            self.runner.conclude(&mut entry, case, Instant::now(), connections);
            self.post(entry, board);
        }
    }

    /// Restores the initial state, also after failures and when the run is to end.
    async fn return_to(&mut self, home: &str, connections: &mut Connections) {
        let not_stopped = Stop::default();
        self.blocked.clear();
        self.refusals.clear();
        // The run may have ended in a transitional state: that is waited out first.
        if let Some(case) = self.runner.plan.entries.iter().map(|entry| entry.case).find(|case| is_success(case)) {
            match self.look(case, connections, &not_stopped).await {
                ObservedState::State(state) => self.world.state = Some(state),
                ObservedState::NotServed | ObservedState::Nothing(_) => {}
            }
        }
        while let Some(step) = self.tour.map.homeward(&self.world, home, &self.blocked) {
            self.walk(&step, Purpose::Return, connections, &not_stopped).await;
        }
        self.result.exchanges.append(&mut self.carried);
        if self.world.state.as_deref() != Some(home) {
            let state = self.world.state.as_deref().unwrap_or("in an unknown state");
            let why = if self.refusals.is_empty() {
                "no documented operation leads back".to_owned()
            } else {
                self.refusals.join(", ")
            };
            self.result.problem = Some(format!("it is left {state} and not {home}: {why}"));
        }
    }

    fn post<P: FnMut(&Entry)>(&mut self, mut entry: Entry, board: &Board<P>) {
        if let Some(at) = self.open.iter().position(|(position, _)| *position == entry.position) {
            self.open.remove(at);
            self.runner.finish(&mut entry);
            board.post(entry);
        }
    }
}

/// Fills the entry of the documented case whose request the last one of a journey was.
fn twin_of(journey: &Entry, mut twin: Entry) -> Entry {
    twin.outcome = journey.outcome;
    twin.reason.clone_from(&journey.reason);
    twin.findings.clone_from(&journey.findings);
    twin.notes.clone_from(&journey.notes);
    twin.unjudged.clone_from(&journey.unjudged);
    twin.exchanges.extend(journey.judged().cloned());
    twin.note(format!("sent once for this case and for {}", journey.id));
    twin
}
