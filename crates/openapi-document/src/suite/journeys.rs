//! What the lifecycle says of more than one request: after an operation the resource is in another state, a refused
//! request changes nothing, what an operation adds can be used, and what is new has an identifier of its own.
//!
//! Each journey is made of documented cases, in an order that the document implies and no example shows. Of the many
//! that are possible, those are chosen in which the last reply tells most about what happened before.

use std::collections::BTreeMap;

use conformance_engine::lifecycle::{Lifecycle, Transition};
use conformance_engine::suite::{Case, Kind, Rule};

/// The journeys over `cases`, which are documented or derived.
pub(crate) fn journeys(lifecycle: &Lifecycle, cases: &[Case]) -> Vec<Case> {
    let map = Map::of(lifecycle, cases);
    let mut journeys = Vec::new();
    for start in &map.successes {
        journeys.extend(map.effects(start));
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
    journeys.extend(map.identities());
    journeys
}

/// A documented case and what the lifecycle says of it.
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
    /// The first documented success of each operation.
    successes: Vec<Known<'c>>,
    failures: Vec<Known<'c>>,
}

impl<'c> Map<'c> {
    fn of(lifecycle: &'c Lifecycle, cases: &'c [Case]) -> Self {
        let mut positions = BTreeMap::new();
        let mut map = Self { lifecycle, successes: Vec::new(), failures: Vec::new() };
        for case in cases.iter().filter(|case| case.kind.is_documented()) {
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
                400.. => map.failures.push(known),
                _ => {}
            }
        }
        map
    }

    /// After `start` the resource is in the state where it leads: what is refused there is refused, and what is allowed
    /// works.
    fn effects(&self, start: &Known<'c>) -> Vec<Case> {
        let after = start.transition.to.as_str();
        let has: Vec<&String> = start.with.iter().chain(&start.transition.adds).collect();
        let fits = |end: &Known<'_>| end.with.iter().all(|thing| has.contains(&thing));
        let shows = format!("after {} the {} is {after}", start.case.id, self.lifecycle.resource);
        let failures = self.failures.iter().filter(|failure| failure.state == after && fits(failure));
        let works = self.telling(after, |end| end.case.operation != start.case.operation && fits(end));
        failures.chain(works).map(|end| journey(&[start.case], end.case, start.case, &shows)).collect()
    }

    /// What `start` adds can be used where the document uses such a thing, after a change of state if it takes one.
    fn additions(&self, start: &Known<'c>) -> Vec<Case> {
        let adds = &start.transition.adds;
        let users = self.successes.iter().filter(|end| end.with.iter().any(|thing| adds.contains(thing)));
        let mut found = Vec::new();
        for user in users {
            let has = |with: &[String]| with.iter().all(|thing| adds.contains(thing) || start.with.contains(thing));
            let from = start.transition.to.as_str();
            let shows = format!("what {} adds can be used: {}", start.case.id, user.case.id);
            if user.state == from && has(user.with) {
                found.push(journey(&[start.case], user.case, start.case, &shows));
            } else if let Some(between) = self.successes.iter().find(|between| {
                between.state == from && between.transition.to == user.state && has(between.with) && has(user.with)
            }) {
                found.push(journey(&[start.case, between.case], user.case, start.case, &shows));
            }
        }
        found
    }

    /// A refused request leaves the resource in its state.
    fn refusals(&self, refused: &Known<'c>) -> Vec<Case> {
        let shows =
            format!("{} changes nothing: the {} is still {}", refused.case.id, self.lifecycle.resource, refused.state);
        let others = self.failures.iter().filter(|other| {
            other.state == refused.state
                && other.case.operation != refused.case.operation
                && other.with.iter().all(|thing| refused.with.contains(thing))
        });
        let works = self.telling(refused.state, |end| end.case.operation != refused.case.operation);
        others
            .chain(works)
            .filter_map(|end| {
                let given = [refused, end].into_iter().max_by_key(|known| known.with.len())?;
                // Of two that need something, each something else, neither has what both need.
                let fits = [refused, end].iter().all(|known| known.with.iter().all(|thing| given.with.contains(thing)));
                let given = if given.state == refused.state { given } else { refused };
                fits.then(|| journey(&[refused.case], end.case, given.case, &shows))
            })
            .collect()
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
        let mut case = journey(&broken, success.case, success.case, &shows);
        case.id = format!("{}/journey/refused_then_{}", success.case.operation, name(success.case));
        (!broken.is_empty()).then_some(case)
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
        let mut case = base.case.clone();
        case.id = "journey/ids_are_unique".to_owned();
        case.kind = Kind::Journey {
            shows: "what is new has an identifier of its own: no other answer of the run has the same".to_owned(),
            after: if again { vec![base.case.id.clone()] } else { Vec::new() },
            unique: true,
        };
        Some(case)
    }

    /// The success that tells most about being in `state`: of an operation that is allowed in few others, and leads
    /// somewhere else.
    fn telling(&self, state: &str, fits: impl Fn(&Known<'_>) -> bool) -> Option<&Known<'c>> {
        let allowed = self.successes.iter().filter(|end| end.transition.from.iter().any(|from| from == state));
        // What needs more than the state is only known to be there where its own given is.
        let reached = allowed.filter(|end| end.with.is_empty() || end.state == state);
        reached
            .filter(|end| fits(end))
            .min_by_key(|end| (end.transition.from.len(), end.transition.to == state, end.position))
    }
}

fn journey(steps: &[&Case], end: &Case, given: &Case, shows: &str) -> Case {
    let first = steps.first().copied().unwrap_or(end);
    let mut id = format!("{}/journey/{}", first.operation, name(first));
    for step in steps.iter().skip(1).copied().chain([end]) {
        id.push_str(&format!("_then_{}_{}", step.operation, name(step)));
    }
    Case {
        id,
        kind: Kind::Journey {
            shows: shows.to_owned(),
            after: steps.iter().map(|step| step.id.clone()).collect(),
            unique: false,
        },
        given: given.given.clone(),
        ..end.clone()
    }
}

/// `accepted` of `stop_engine/accepted`.
fn name(case: &Case) -> &str {
    case.id.rsplit_once('/').map_or(&case.id, |(_, name)| name)
}
