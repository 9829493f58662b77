//! What the lifecycle says of more than one request: after an operation the resource is in another state, a refused
//! request changes nothing, what an operation adds can be used, what is new has an identifier of its own, and a request
//! concerns one resource.
//!
//! Each journey is made of documented cases and those of `states`, in an order that the document implies and no example
//! shows. After each operation every other is tried, where it is allowed and where it is not. Of the many requests that
//! could show that nothing changed, those are chosen whose reply tells most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use conformance_engine::lifecycle::{Lifecycle, Transition};
use conformance_engine::suite::{Case, Kind, Rule, Sending};

/// The journeys over `cases`, which are documented, derived, or of `states`. `refusals` are the documented statuses that
/// refuse a request because of the resource, by operation.
pub(crate) fn journeys(lifecycle: &Lifecycle, cases: &[Case], refusals: &BTreeMap<String, BTreeSet<u16>>) -> Vec<Case> {
    let map = Map::of(lifecycle, cases, refusals);
    let mut journeys = Vec::new();
    for start in &map.successes {
        journeys.extend(map.effects(start));
    }
    for start in &map.elsewhere {
        journeys.extend(map.effects_elsewhere(start));
    }
    for start in &map.successes {
        journeys.extend(map.additions(start));
    }
    for refused in &map.failures {
        journeys.extend(map.refusals(refused));
    }
    for success in &map.successes {
        journeys.extend(map.broken_requests(success, cases));
    }
    for success in &map.successes {
        journeys.extend(map.at_once(success));
        journeys.extend(map.second(success));
    }
    journeys.extend(map.identities());
    let mut known = BTreeSet::new();
    journeys.retain(|journey| known.insert(journey.id.clone()));
    journeys
}

/// A case and what the lifecycle says of it.
struct Known<'c> {
    case: &'c Case,
    /// The position of its operation in the document.
    position: usize,
    transition: &'c Transition,
    state: &'c str,
    with: &'c [String],
}

struct Map<'c> {
    lifecycle: &'c Lifecycle,
    /// The first success of each operation, documented where there is one.
    successes: Vec<Known<'c>>,
    /// The successes in other states, or of requests without what may be left out.
    elsewhere: Vec<Known<'c>>,
    /// What is refused because of the state; documented ones come first.
    failures: Vec<Known<'c>>,
    /// The documented statuses that refuse a request because of the resource, by operation.
    refusals: &'c BTreeMap<String, BTreeSet<u16>>,
    /// Requests that are refused because of the resource: because of its state, or because there is none.
    refused: Vec<&'c Case>,
    /// The first request of each operation for a resource that does not exist, and others after it.
    absent: Vec<&'c Case>,
}

impl<'c> Map<'c> {
    fn of(lifecycle: &'c Lifecycle, cases: &'c [Case], refusals: &'c BTreeMap<String, BTreeSet<u16>>) -> Self {
        let mut positions = BTreeMap::new();
        let documented = cases.iter().filter(|case| case.kind.is_documented());
        let of_states = || cases.iter().filter(|case| matches!(case.kind, Kind::Journey { .. }));
        let mut map = Self {
            lifecycle,
            successes: Vec::new(),
            elsewhere: Vec::new(),
            failures: Vec::new(),
            refusals,
            refused: of_states().filter(|case| case.expected.status >= 400).collect(),
            absent: documented.clone().chain(of_states()).collect(),
        };
        for case in documented.chain(of_states()) {
            let position = positions.len();
            let position = *positions.entry(case.operation.as_str()).or_insert(position);
            let Some(transition) = lifecycle.operations.get(&case.operation) else { continue };
            let Some(given) = case.given.as_ref().and_then(|given| lifecycle.givens.get(given)) else { continue };
            let Some(state) = &given.state else { continue };
            let known = Known { case, position, transition, state, with: &given.with };
            match case.expected.status {
                200..300 if !map.successes.iter().any(|other| other.case.operation == case.operation) => {
                    map.successes.push(known);
                }
                200..300 => map.elsewhere.push(known),
                // What is refused for another reason than the state says nothing of it.
                400.. if !transition.from.contains(state) => map.failures.push(known),
                _ => {}
            }
        }
        map.successes.sort_by_key(|success| success.position);
        map
    }

    /// After `start` the resource is in the state where it leads: what is refused there is refused, and what is allowed
    /// works.
    fn effects(&self, start: &Known<'c>) -> Vec<Case> {
        if start.transition.removes() {
            return self.removals(start);
        }
        let after = start.transition.to.as_str();
        let has: Vec<&String> = start.with.iter().chain(&start.transition.adds).collect();
        let fits = |end: &Known<'_>| end.with.iter().all(|thing| has.contains(&thing));
        let shows = format!("after {} the {} is {after}", start.case.id, self.lifecycle.resource);
        // What works once has one aftermath, in which nothing may be in the way of what is documented.
        let is_in_the_way = |failure: &Known<'_>| start.transition.once && !failure.case.kind.is_documented();
        let failures = self.failures.iter().filter(|failure| failure.state == after && fits(failure));
        let failures = failures.filter(|failure| !is_in_the_way(failure));
        let mut found: Vec<Case> =
            failures.map(|end| journey(&[start.case], end.case, start.case, &shows, after)).collect();
        let allowed = self.successes.iter().filter(|success| success.transition.from.iter().any(|it| it == after));
        let mut allowed: Vec<_> = allowed.collect();
        allowed.sort_by_key(|success| Self::tells(success, after));
        for success in allowed {
            let is_again = success.case.operation == start.case.operation;
            if is_again && start.transition.once {
                found.extend(self.once(start));
                continue;
            }
            // What needs more than the state is only known to be there where its own given is.
            let of_it = |end: &&Known<'_>| end.case.operation == success.case.operation;
            let others = self.elsewhere.iter().filter(of_it).filter(|end| end.state == after);
            let mut ends = std::iter::once(success)
                .filter(|end| end.with.is_empty() || end.state == after)
                .chain(others)
                .filter(|end| fits(end));
            let end = ends.next();
            found.extend(end.map(|end| journey(&[start.case], end.case, start.case, &shows, &end.transition.to)));
        }
        found
    }

    /// After `start` there is no resource any more: what is refused without one is refused.
    fn removals(&self, start: &Known<'c>) -> Vec<Case> {
        let shows = format!("after {} there is no such {}", start.case.id, self.lifecycle.resource);
        let is_absent = |case: &&&Case| {
            let given = case.given.as_ref().and_then(|given| self.lifecycle.givens.get(given));
            given.is_some_and(|given| given.state.is_none()) && matches!(case.expected.status, 404 | 410)
        };
        let refused = self.absent.iter().filter(is_absent);
        // One request of each operation tells.
        let mut known = BTreeSet::new();
        let refused =
            refused.filter(|case| known.insert(case.operation.as_str()) && case.operation != start.case.operation);
        refused.map(|end| journey(&[start.case], end, start.case, &shows, "")).collect()
    }

    /// An operation that cannot succeed twice is refused the second time.
    fn once(&self, start: &Known<'c>) -> Option<Case> {
        let refused = self.refused.iter().find(|refused| refused.operation == start.case.operation)?;
        let shows = format!("{} cannot succeed twice on one {}", start.case.operation, self.lifecycle.resource);
        let mut case = journey(&[start.case], refused, start.case, &shows, &start.transition.to);
        case.id = format!("{}/state/once", start.case.operation);
        case.request = start.case.request.clone();
        if let Kind::Journey { ends, .. } = &mut case.kind {
            *ends = None;
        }
        Some(case)
    }

    /// The same of a success in another state, where the documented successes show the rest.
    fn effects_elsewhere(&self, start: &Known<'c>) -> Option<Case> {
        if start.transition.removes() {
            return None;
        }
        let after = start.transition.to.as_str();
        let end = self.telling(after, |end| end.case.operation != start.case.operation && end.with.is_empty())?;
        let shows = format!("after {} the {} is {after}", start.case.id, self.lifecycle.resource);
        Some(journey(&[start.case], end.case, start.case, &shows, &end.transition.to))
    }

    /// What `start` adds can be used where the document uses such a thing, after each other operation as well.
    fn additions(&self, start: &Known<'c>) -> Vec<Case> {
        let adds = &start.transition.adds;
        let mut found = Vec::new();
        for user in self.successes.iter().filter(|end| end.with.iter().any(|thing| adds.contains(thing))) {
            let has: BTreeSet<&String> = adds.iter().chain(start.with).collect();
            if !user.with.iter().all(|thing| has.contains(thing)) {
                continue;
            }
            let shows = format!("what {} adds can be used: {}", start.case.id, user.case.id);
            let from = start.transition.to.as_str();
            let Some(direct) = self.path(from, user.state, &has) else { continue };
            let steps = |ways: &[&Known<'c>]| -> Vec<&'c Case> {
                std::iter::once(start.case).chain(ways.iter().map(|way| way.case)).collect()
            };
            let to = user.transition.to.as_str();
            found.push(journey(&steps(&direct), user.case, start.case, &shows, to));
            for between in &self.successes {
                if !between.with.iter().all(|thing| has.contains(thing)) || between.transition.from.is_empty() {
                    continue;
                }
                let before = self.path(from, between.state, &has);
                let after = self.path(&between.transition.to, user.state, &has);
                let Some((mut ways, after)) = before.zip(after) else { continue };
                ways.push(between);
                ways.extend(after);
                let mut case = journey(&steps(&ways), user.case, start.case, &shows, to);
                let adds_more = between.transition.adds.iter().any(|thing| adds.contains(thing));
                if adds_more {
                    found.push(case.clone());
                    case.id.push_str("_older");
                    if let Kind::Journey { older, shows, .. } = &mut case.kind {
                        *older = true;
                        shows.push_str(", also after another was added");
                    }
                }
                found.push(case);
            }
        }
        found
    }

    /// A refused request leaves the resource in its state.
    fn refusals(&self, refused: &Known<'c>) -> Vec<Case> {
        let state = refused.state;
        let shows = format!("{} changes nothing: the {} is still {state}", refused.case.id, self.lifecycle.resource);
        let others = self.failures.iter().filter(|other| {
            other.state == state
                && other.case.operation != refused.case.operation
                && other.with.iter().all(|thing| refused.with.contains(thing))
        });
        // Where the refused operation leads, each of these is allowed.
        let to = &refused.transition.to;
        let (documented, others): (Vec<_>, Vec<_>) = others.partition(|other| other.case.kind.is_documented());
        let telling = others.into_iter().find(|other| other.transition.from.contains(to));
        let telling = telling.filter(|_| documented.is_empty());
        let works = self.telling(state, |end| end.case.operation != refused.case.operation);
        let mut found: Vec<Case> = (documented.into_iter().chain(telling))
            .chain(works)
            .filter_map(|end| {
                let given = [refused, end].into_iter().max_by_key(|known| known.with.len())?;
                // Of two that need something, each something else, neither has what both need.
                let fits = [refused, end].iter().all(|known| known.with.iter().all(|thing| given.with.contains(thing)));
                let given = if given.state == state { given } else { refused };
                let to = if end.case.expected.status < 400 { &end.transition.to } else { state };
                fits.then(|| journey(&[refused.case], end.case, given.case, &shows, to))
            })
            .collect();
        found.extend(self.not_used_up(refused));
        found
    }

    /// A refused request does not use up what can succeed once.
    fn not_used_up(&self, refused: &Known<'c>) -> Option<Case> {
        let mut successes = self.successes.iter();
        let success = successes.find(|success| success.case.operation == refused.case.operation)?;
        if !success.transition.once {
            return None;
        }
        let has: BTreeSet<&String> = refused.with.iter().collect();
        let ways = self.path(refused.state, success.state, &has)?;
        let steps: Vec<&Case> = std::iter::once(refused.case).chain(ways.iter().map(|way| way.case)).collect();
        let shows = format!("{} changes nothing: {} still succeeds", refused.case.id, success.case.id);
        Some(journey(&steps, success.case, refused.case, &shows, &success.transition.to))
    }

    /// A request that breaks a constraint has no effect: after all of them, the documented one works.
    fn broken_requests(&self, success: &Known<'c>, cases: &[Case]) -> Option<Case> {
        let is_broken = |case: &&Case| {
            matches!(case.kind, Kind::Derived { .. })
                && case.operation == success.case.operation
                && case.given == success.case.given
        };
        let broken: Vec<&Case> = cases.iter().filter(is_broken).collect();
        let shows = format!("refused requests change nothing: {} is answered as before", success.case.id);
        let mut case = journey(&broken, success.case, success.case, &shows, &success.transition.to);
        case.id = format!("{}/journey/refused_then_{}", success.case.operation, name(success.case));
        // Where it leads is for other journeys to show.
        if let Kind::Journey { ends, .. } = &mut case.kind {
            *ends = None;
        }
        (!broken.is_empty()).then_some(case)
    }

    /// Of two requests at the same time to one resource, one has its effect, and the other too where it still is allowed;
    /// of two to two resources, both have.
    fn at_once(&self, success: &Known<'c>) -> Vec<Case> {
        let Known { case, transition, .. } = success;
        let (operation, resource) = (&case.operation, &self.lifecycle.resource);
        let once = transition.once || !transition.from.contains(&transition.to);
        let which = if once { "exactly one takes effect" } else { "one takes effect, or both" };
        let shows = format!("of two {operation} at the same time on one {resource} {which}");
        let mut twice = journey(&[], case, case, &shows, &transition.to);
        twice.id = format!("{operation}/state/twice_at_once");
        // Which of the documented refusals it is, the document does not say.
        let refusals = self.refusals.get(operation);
        twice.expected.or.extend(refusals.into_iter().flatten());
        let shows =
            format!("two {operation} at the same time on two {resource}s take effect, with identifiers of their own");
        let mut both = journey(&[], case, case, &shows, &transition.to);
        both.id = format!("{operation}/state/two_at_once");
        for (case, sending) in [(&mut twice, Sending::Twice), (&mut both, Sending::Both)] {
            if let Kind::Journey { sent, .. } = &mut case.kind {
                *sent = sending;
            }
        }
        // Without a documented refusal there is none to expect of the second; and what is removed twice is removed (RFC 9110,
        // section 9.2.2).
        let is_repeatable = transition.removes() && !transition.once;
        if !is_repeatable && refusals.is_some_and(|refusals| !refusals.is_empty()) {
            vec![twice, both]
        } else {
            vec![both]
        }
    }

    /// An operation on one resource leaves a second one as it was.
    fn second(&self, success: &Known<'c>) -> Option<Case> {
        let transition = success.transition;
        let moves = transition.once || !transition.from.contains(&transition.to);
        let telling =
            || self.telling(success.state, |end| end.case.operation != success.case.operation && end.with.is_empty());
        let end = if moves { success } else { telling()? };
        let shows = format!("{} on one {} does not touch another", success.case.id, self.lifecycle.resource);
        let mut case = journey(&[success.case], end.case, success.case, &shows, &end.transition.to);
        case.id = format!("{}/state/another_untouched", success.case.operation);
        if let Kind::Journey { sent, .. } = &mut case.kind {
            *sent = Sending::Second;
        }
        Some(case)
    }

    /// New things have identifiers of their own, over the whole run.
    fn identities(&self) -> Option<Case> {
        let ids = |case: &Case| {
            let rules = case.expected.body.iter().flat_map(|body| body.rules.values());
            rules.filter(|rule| **rule == Rule::Id).count()
        };
        let base = self.successes.iter().filter(|known| ids(known.case) > 0);
        // What adds something can be called again, and makes something new each time.
        let base = base.max_by_key(|known| (!known.transition.adds.is_empty(), ids(known.case)))?;
        let again = !base.transition.adds.is_empty() && base.transition.to == base.state && !base.transition.once;
        let steps: &[&Case] = if again { &[base.case] } else { &[] };
        let shows = "what is new has an identifier of its own: no other answer of the run has the same";
        let mut case = journey(steps, base.case, base.case, shows, &base.transition.to);
        case.id = "journey/ids_are_unique".to_owned();
        if let Kind::Journey { unique, .. } = &mut case.kind {
            *unique = true;
        }
        Some(case)
    }

    /// The success that tells most about being in `state`: of an operation that is allowed in few others, and leads
    /// somewhere else.
    fn telling(&self, state: &str, fits: impl Fn(&Known<'_>) -> bool) -> Option<&Known<'c>> {
        let allowed = self.successes.iter().filter(|end| end.transition.from.iter().any(|from| from == state));
        // What needs more than the state is only known to be there where its own given is.
        let reached = allowed.filter(|end| end.with.is_empty() || end.state == state);
        reached.filter(|end| fits(end)).min_by_key(|end| Self::tells(end, state))
    }

    /// The less, the more a success tells about `state`.
    fn tells(end: &Known<'_>, state: &str) -> (usize, bool, usize) {
        (end.transition.from.len(), end.transition.to == state, end.position)
    }

    /// The fewest successes that lead from one state to another; of operations that succeed once, none.
    fn path(&self, from: &str, to: &str, has: &BTreeSet<&String>) -> Option<Vec<&Known<'c>>> {
        let mut seen = BTreeSet::from([from]);
        let mut open: VecDeque<(&str, Vec<&Known<'c>>)> = VecDeque::from([(from, Vec::new())]);
        while let Some((here, ways)) = open.pop_front() {
            if here == to {
                return Some(ways);
            }
            let all = self.successes.iter().chain(&self.elsewhere);
            let able = all.filter(|way| way.transition.from.iter().any(|from| from == here) && !way.transition.once);
            for way in able.filter(|way| way.with.is_empty() || way.with.iter().all(|thing| has.contains(thing))) {
                if seen.insert(&way.transition.to) {
                    let mut ways = ways.clone();
                    ways.push(way);
                    open.push_back((&way.transition.to, ways));
                }
            }
        }
        None
    }
}

fn journey(steps: &[&Case], end: &Case, given: &Case, shows: &str, ends: &str) -> Case {
    let first = steps.first().copied().unwrap_or(end);
    let mut id = format!("{}/journey/{}", first.operation, name(first));
    for step in steps.iter().skip(1).copied().chain([end]) {
        id.push_str(&format!("_then_{}_{}", step.operation, name(step)));
    }
    let steps: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    Case {
        id,
        kind: super::states::journey(shows.to_owned(), &steps, Sending::Once, Some(ends)),
        given: given.given.clone(),
        ..end.clone()
    }
}

/// `accepted` of `stop_engine/accepted`.
fn name(case: &Case) -> &str {
    case.id.rsplit_once('/').map_or(&case.id, |(_, name)| name)
}
