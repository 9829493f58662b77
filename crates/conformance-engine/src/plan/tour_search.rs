//! Searches for the shortest way to drive one resource through the states that cases need.
//!
//! Values in, values out: the state of the resource and the open cases decide the next move ([`Tour::next`]). The
//! plan plays the moves through as they should end ([`Tour::simulate`]); a run makes them, and goes on from where the
//! thing really is.
//!
//! Two things keep a tour short. A request that belongs to two cases is sent once: a journey that ends with a
//! documented request answers for that case as well, and one that begins with what just happened only needs its end.
//! And what has no effect comes first, then what ends where it began, then what leads elsewhere.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::model::exchange::Reply;
use crate::model::json::Reading;
use crate::model::lifecycle::{Lifecycle, Transition};
use crate::model::suite::{Case, Kind, Rule, Suite};

/// The moves that a suite's lifecycle allows.
#[derive(Clone, Debug)]
pub(crate) struct Tour<'a> {
    suite: &'a Suite,
    lifecycle: &'a Lifecycle,
    /// The first documented success of each operation: what is sent to get from one state to another.
    ways: Vec<Way<'a>>,
    /// Case id -> the documented case whose request and expectation it ends with.
    twins: HashMap<&'a str, &'a Case>,
}

#[derive(Clone, Copy, Debug)]
struct Way<'a> {
    case: &'a Case,
    transition: &'a Transition,
    /// What the resource must have for the request as it is sent on the way.
    with: &'a [String],
}

/// The state of a resource, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourceState {
    /// Its state; nothing if that is not known.
    pub(crate) state: Option<String>,
    /// What it has besides.
    pub(crate) has: BTreeSet<String>,
    /// Operations that cannot succeed once more, each with the case that it succeeded for.
    pub(crate) done: BTreeMap<String, String>,
    /// The documented cases whose requests had an effect, in their order.
    pub(crate) history: Vec<String>,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) struct Move<'a> {
    pub(crate) case: &'a Case,
    /// The case is sent for what it does, and not judged.
    pub(crate) on_the_way: bool,
    /// The first steps of a journey that just happened anyway.
    pub(crate) skip: usize,
    /// The documented case that the last request answers for as well.
    pub(crate) twin: Option<&'a Case>,
    pub(crate) before: ResourceState,
    /// As it should be afterwards.
    pub(crate) after: ResourceState,
}

impl Move<'_> {
    /// The move is expected to change the state, what the resource has, or its history.
    pub(crate) fn has_effect(&self) -> bool {
        self.before.history != self.after.history
    }
}

impl<'a> Tour<'a> {
    pub(crate) fn new(suite: &'a Suite) -> Option<Self> {
        let lifecycle = suite.lifecycle.as_ref()?;
        let mut ways: Vec<Way<'a>> = Vec::new();
        let documented = || suite.cases.iter().filter(|case| case.kind.is_documented());
        for case in documented().filter(|case| is_success(case)) {
            let Some(transition) = lifecycle.operations.get(&case.operation) else { continue };
            if !ways.iter().any(|way| way.case.operation == case.operation) {
                let given = case.given.as_ref().and_then(|given| lifecycle.givens.get(given));
                let with = given.filter(|_| transition.plain.is_none()).map_or(&[][..], |given| &given.with);
                ways.push(Way { case, transition, with });
            }
        }
        let mut twins = HashMap::new();
        for case in suite.cases.iter().filter(|case| matches!(case.kind, Kind::Journey { .. })) {
            let is_sent_alike = case.kind.sending().is_once();
            let is_twin =
                |other: &&Case| is_sent_alike && other.request == case.request && other.expected == case.expected;
            if let Some(twin) = documented().find(is_twin) {
                twins.insert(case.id.as_str(), twin);
            }
        }
        Some(Self { suite, lifecycle, ways, twins })
    }

    /// The state that a case asks for, if its given is one of the lifecycle.
    pub(crate) fn given(&self, case: &Case) -> Option<&'a crate::model::lifecycle::GivenState> {
        self.lifecycle.givens.get(case.given.as_ref()?)
    }

    /// What a tour from `begin` to `end` leaves behind, whatever state it ends in: a line for each operation whose effect
    /// no documented operation takes back.
    pub(crate) fn stays(&self, begin: &ResourceState, end: &ResourceState) -> Vec<String> {
        let mut lines = Vec::new();
        for (operation, transition) in &self.lifecycle.operations {
            if end.done.contains_key(operation) && !begin.done.contains_key(operation) {
                let resource = &self.lifecycle.resource;
                lines.push(format!("what {operation} did to the {resource} stays: no documented operation undoes it"));
            }
            let added = transition.adds.iter().filter(|thing| end.has.contains(*thing) && !begin.has.contains(*thing));
            lines.extend(
                added.map(|thing| format!("each {thing} of {operation} stays: no documented operation removes one")),
            );
        }
        lines
    }

    /// What should come next for the cases that are open; nothing if none of them can be reached from here. `blocked`
    /// are operations that were tried on the way and did not work.
    pub(crate) fn next(
        &self,
        world: &ResourceState,
        open: &[&'a Case],
        blocked: &BTreeSet<String>,
    ) -> Option<Move<'a>> {
        let is_open = |case: &Case| open.iter().any(|other| other.id == case.id);
        let moves = open.iter().filter_map(|case| {
            let (skip, after) = self.attempt(world, case)?;
            let twin = self.twins.get(case.id.as_str()).copied().filter(|twin| is_open(twin));
            Some(Move { case, on_the_way: false, skip, twin, before: world.clone(), after })
        });
        let best = moves.min_by_key(|candidate| {
            let Move { case, skip, after, .. } = candidate;
            // What looks at the whole run comes last.
            let is_last = matches!(case.kind, Kind::Journey { unique: true, .. });
            let effect = if !candidate.has_effect() {
                0
            } else if after.state == world.state {
                1
            } else {
                2
            };
            // What works once ends what can be asked of it. Of those that use it up, one that begins with the most comes
            // first.
            let steps = case.kind.steps().len() - skip;
            let uses_up = if after.done.len() > world.done.len() { Some(Reverse(steps)) } else { None };
            // What only works right after what just happened cannot wait.
            let can_wait = *skip == 0 || uses_up.is_some();
            // Of what has to come right after what just happened and has an effect, one can: the first tells most.
            let effect = if can_wait { effect } else { effect.min(1) };
            // A journey answers for its documented end too. Without an effect, what is documented comes first: a server
            // that wrongly accepts a request hides nothing documented, and no journey repeats it before.
            let is_journey = !case.kind.steps().is_empty();
            // What follows from the documented cases comes after them, so that it does not hide them.
            let is_extra = matches!(case.kind, Kind::Permitted { .. }) && candidate.has_effect();
            let rank = match (effect, &case.kind) {
                (0, Kind::Derived { .. }) => 1,
                (0, _) if is_journey => 2,
                (0, _) => 0,
                _ => u8::from(!is_journey),
            };
            (is_last, is_extra, can_wait, effect, uses_up, rank)
        });
        best.or_else(|| {
            self.step_towards(world, blocked, |there| open.iter().any(|case| self.attempt(there, case).is_some()))
        })
    }

    /// The first step back to `home`; nothing if the resource is in it, or cannot be brought to it.
    pub(crate) fn homeward(&self, world: &ResourceState, home: &str, blocked: &BTreeSet<String>) -> Option<Move<'a>> {
        if world.state.as_deref() == Some(home) {
            return None;
        }
        self.step_towards(world, blocked, |there| there.state.as_deref() == Some(home))
    }

    /// Whether a case can run in one of these states and changes nothing.
    pub(crate) fn is_free(&self, passed: &[&ResourceState], case: &Case) -> bool {
        let changes_nothing = |world: &&&ResourceState| {
            self.attempt(world, case).is_some_and(|(_, after)| after.history == world.history)
        };
        passed.iter().any(|world| changes_nothing(&world))
    }

    /// The moves as they should be, and the cases that no move reaches. The last moves lead back to where it began.
    pub(crate) fn simulate(&self, start: &ResourceState, cases: &[&'a Case]) -> Simulation<'a> {
        let (mut world, mut open) = (start.clone(), cases.to_vec());
        let mut moves = Vec::new();
        let blocked = BTreeSet::new();
        while let Some(step) = self.next(&world, &open, &blocked) {
            world = step.after.clone();
            if !step.on_the_way {
                let twin = step.twin.map(|twin| twin.id.as_str());
                open.retain(|case| case.id != step.case.id && Some(case.id.as_str()) != twin);
            }
            moves.push(step);
        }
        let first_homeward = moves.len();
        if let Some(home) = &start.state {
            while let Some(step) = self.homeward(&world, home, &blocked) {
                world = step.after.clone();
                moves.push(step);
            }
        }
        Simulation { moves, first_homeward, unreached: open, end: world }
    }

    /// Why a case is out of reach, in words.
    pub(crate) fn reason(&self, world: &ResourceState, case: &Case) -> String {
        let resource = &self.lifecycle.resource;
        let Some(given) = self.given(case) else {
            return format!("x-lifecycle does not say what `{}` means", case.given.as_deref().unwrap_or_default());
        };
        let wanted = given.state.as_deref().unwrap_or("nothing");
        let is_produced = self.ways.iter().any(|way| way.transition.to == wanted);
        let is_removed = |step: &Case| self.transition(&step.operation).is_some_and(Transition::removes);
        if self.suite_steps(case).any(|step| is_success(step) && is_removed(step)) {
            return format!("it removes the {resource}, which a tour does not do");
        }
        let Some(state) = &world.state else {
            return format!("the state of the {resource} is not known");
        };
        if !is_produced && state != wanted {
            return format!("no documented operation leaves a {resource} {wanted}");
        }
        let missing: Vec<_> = given.with.iter().filter(|thing| !world.has.contains(*thing)).cloned().collect();
        if let Some(once) = self.suite_steps(case).find(|step| self.is_done(world, step)) {
            let by = world.done.get(&once.operation).map_or("", String::as_str);
            return format!("{} cannot succeed twice on one {resource}, and {by} used it up", once.operation);
        }
        if !missing.is_empty() {
            return format!("the {resource} has no {}, and none can be made from here", missing.join(" and no "));
        }
        format!("the {resource} is {state} and cannot be brought to be {wanted}")
    }

    /// The request that is sent to use an operation on the way: without what may be left out.
    pub(crate) fn plain(&self, case: &'a Case) -> Case {
        let plain = self.lifecycle.operations.get(&case.operation).and_then(|transition| transition.plain.clone());
        match plain {
            Some(request) => Case { request, ..case.clone() },
            None => case.clone(),
        }
    }

    pub(crate) fn transition(&self, operation: &str) -> Option<&'a Transition> {
        self.lifecycle.operations.get(operation)
    }

    pub(crate) fn lifecycle(&self) -> &'a Lifecycle {
        self.lifecycle
    }

    /// The world after `case` succeeded as documented, if it can be called; `case` itself or a journey's step.
    pub(crate) fn after(&self, world: &ResourceState, case: &Case) -> Option<ResourceState> {
        let mut after = world.clone();
        if !is_success(case) {
            // Where even the documented request would be refused, a refusal says nothing about a broken one.
            let is_meaningless = matches!(case.kind, Kind::Derived { .. }) && world.done.contains_key(&case.operation);
            return (!is_meaningless).then_some(after);
        }
        let Some(transition) = self.lifecycle.operations.get(&case.operation) else { return Some(after) };
        // The resource of the user is not removed.
        if transition.removes()
            || self.is_done(world, case)
            || !transition.from.iter().any(|from| Some(from) == world.state.as_ref())
        {
            return None;
        }
        after.state = Some(transition.to.clone());
        after.has.extend(transition.adds.iter().cloned());
        let known = self.twins.get(case.id.as_str()).map_or(&case.id, |twin| &twin.id);
        if transition.once {
            after.done.insert(case.operation.clone(), known.clone());
        }
        after.history.push(known.clone());
        Some(after)
    }

    /// How many steps of `case` just happened, and the world after it, if it can run now.
    fn attempt(&self, world: &ResourceState, case: &Case) -> Option<(usize, ResourceState)> {
        let given = self.given(case)?;
        let Some(wanted) = &given.state else { return Some((0, world.clone())) };
        let steps = case.kind.steps();
        // Identifiers of earlier answers were replaced by those of later ones.
        let most = if case.kind.is_older() { 1 } else { steps.len() };
        let happened =
            (1..=most.min(steps.len())).rev().find(|count| world.history.ends_with(&steps[..*count])).unwrap_or(0);
        if happened == 0
            && (world.state.as_ref() != Some(wanted) || !given.with.iter().all(|it| world.has.contains(it)))
        {
            return None;
        }
        let mut after = world.clone();
        for step in steps[happened..].iter().map(|step| self.suite.case(step)).chain([Some(case)]) {
            after = self.after(&after, step?)?;
        }
        Some((happened, after))
    }

    fn is_done(&self, world: &ResourceState, case: &Case) -> bool {
        (is_success(case) || matches!(case.kind, Kind::Derived { .. })) && world.done.contains_key(&case.operation)
    }

    fn suite_steps<'s>(&'s self, case: &'s Case) -> impl Iterator<Item = &'s Case> {
        case.kind.steps().iter().filter_map(|step| self.suite.case(step)).chain([case])
    }

    /// The first of the fewest ways that lead from `world` to where `is_there`.
    fn step_towards(
        &self,
        world: &ResourceState,
        blocked: &BTreeSet<String>,
        is_there: impl Fn(&ResourceState) -> bool,
    ) -> Option<Move<'a>> {
        let mut seen = BTreeSet::from([(world.state.clone(), world.has.clone())]);
        let mut open: VecDeque<(ResourceState, Option<Move<'a>>)> = VecDeque::from([(world.clone(), None)]);
        while let Some((here, first)) = open.pop_front() {
            for way in self.ways.iter().filter(|way| !blocked.contains(&way.case.operation)) {
                if !way.with.iter().all(|thing| here.has.contains(thing)) {
                    continue;
                }
                let Some(there) = self.after(&here, way.case) else { continue };
                if !seen.insert((there.state.clone(), there.has.clone())) {
                    continue;
                }
                let first = first.clone().unwrap_or_else(|| Move {
                    case: way.case,
                    on_the_way: true,
                    skip: 0,
                    twin: None,
                    before: here.clone(),
                    after: there.clone(),
                });
                if is_there(&there) {
                    return Some(first);
                }
                open.push_back((there, Some(first)));
            }
        }
        None
    }
}

/// A tour played through as it should go.
#[derive(Clone, Debug)]
pub(crate) struct Simulation<'a> {
    pub(crate) moves: Vec<Move<'a>>,
    /// From here on the moves only lead back.
    pub(crate) first_homeward: usize,
    pub(crate) unreached: Vec<&'a Case>,
    pub(crate) end: ResourceState,
}

pub(crate) fn is_success(case: &Case) -> bool {
    (200..300).contains(&case.expected.status)
}

/// Collects the identifiers in a reply that other requests take as values.
pub(crate) fn collect(suite: &Suite, case: &Case, reply: &Reply, values: &mut BTreeMap<String, String>) {
    let Some(rules) = case.expected.body.as_ref().map(|body| &body.rules) else { return };
    if !rules.values().any(|rule| *rule == Rule::Id) {
        return;
    }
    let Ok(Reading { value: Some(serde_json::Value::Object(members)), .. }) = reply.json() else { return };
    let is_taken = |name: &String| suite.cases.iter().any(|other| other.request.aliases.contains_key(name));
    for (name, value) in members {
        let is_id = rules.get(&format!("/{name}")) == Some(&Rule::Id);
        if let Some(text) = value.as_str().filter(|text| is_id && !text.is_empty())
            && is_taken(name)
        {
            values.insert(name.clone(), text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A rocket that is loaded on the pad, flies and lands; and a flare that can be lit on the pad.
    fn suite(extra: &[serde_json::Value]) -> Suite {
        let case = |id: &str, given: &str, status: u16| {
            json!({"id": id, "operation": id.split('/').next(), "given": given, "expected": {"status": status},
                "request": {"method": "POST", "path": format!("/{id}")}})
        };
        let mut cases = vec![
            case("launch/ok", "a loaded rocket", 200),
            case("launch/empty", "an empty rocket", 400),
            case("load/ok", "an empty rocket", 200),
            case("land/ok", "a flying rocket", 200),
            case("land/grounded", "a loaded rocket", 400),
            case("paint/ok", "an empty rocket", 200),
            case("scrap/gone", "no rocket", 404),
            case("show/burning", "a burning rocket", 200),
        ];
        cases.extend_from_slice(extra);
        let operation = |from: &[&str], to: &str| json!({"from": from, "to": to});
        let mut paint = operation(&["empty"], "empty");
        paint["adds"] = json!(["colour"]);
        paint["once"] = json!(true);
        let suite = json!({
            "title": "Rockets", "version": "1", "cases": cases,
            "lifecycle": {
                "resource": "rocket", "identifier": "rocket_id",
                "states": [{"name": "empty"}, {"name": "loaded"}, {"name": "flying"}, {"name": "burning"}],
                "operations": {
                    "load": operation(&["empty"], "loaded"), "launch": operation(&["loaded"], "flying"),
                    "land": operation(&["flying"], "empty"), "paint": paint,
                },
                "givens": {
                    "an empty rocket": {"state": "empty"}, "a loaded rocket": {"state": "loaded"},
                    "a flying rocket": {"state": "flying"}, "a burning rocket": {"state": "burning"},
                    "no rocket": {"state": null}, "a coloured rocket": {"state": "flying", "with": ["colour"]},
                },
            },
        });
        Suite::from_json(&suite.to_string()).unwrap()
    }

    fn journey(id: &str, operation: &str, given: &str, after: &[&str], status: u16) -> serde_json::Value {
        json!({"id": id, "operation": operation, "given": given, "expected": {"status": status},
            "kind": {"journey": {"shows": "it", "after": after}},
            "request": {"method": "POST", "path": format!("/{operation}/ok")}})
    }

    /// The moves from `start`, one by one; `(id)` is on the way, `+id` a case that the move answers for as well.
    #[track_caller]
    fn check(extra: &[serde_json::Value], start: &str, expected: &[&str], unreached: &[&str]) {
        let suite = suite(extra);
        let tour = Tour::new(&suite).unwrap();
        let world = ResourceState { state: Some(start.to_owned()), ..ResourceState::default() };
        let simulation = tour.simulate(&world, &suite.cases.iter().collect::<Vec<_>>());
        let shown = simulation.moves.iter().map(|step| {
            let twin = step.twin.map_or_else(String::new, |twin| format!(" +{}", twin.id));
            if step.on_the_way { format!("({})", step.case.id) } else { format!("{}{twin}", step.case.id) }
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        let open: Vec<_> = simulation
            .unreached
            .iter()
            .map(|case| format!("{}: {}", case.id, tour.reason(&simulation.end, case)))
            .collect();
        assert_eq!(open, unreached);
        assert_eq!(simulation.end.state.as_deref(), Some(start), "it ends where it began");
    }

    /// A case of an operation that breaks something on purpose, and is refused.
    fn derived(id: &str, operation: &str, given: &str) -> serde_json::Value {
        json!({"id": id, "operation": operation, "given": given, "expected": {"status": 400},
            "kind": {"derived": {"breaks": "something"}}, "request": {"method": "POST", "path": format!("/{id}")}})
    }

    const BURNING: &str = "show/burning: no documented operation leaves a rocket burning";

    #[test]
    fn what_has_no_effect_comes_first_and_every_case_comes_once() {
        let moves = ["launch/empty", "scrap/gone", "paint/ok", "load/ok", "land/grounded", "launch/ok", "land/ok"];
        check(&[], "empty", &moves, &[BURNING]);
    }

    #[test]
    fn it_begins_where_the_thing_is_and_ends_there() {
        let moves = ["scrap/gone", "land/ok", "launch/empty", "paint/ok", "load/ok", "land/grounded", "launch/ok"];
        check(&[], "flying", &moves, &[BURNING]);
    }

    #[test]
    fn a_journey_answers_for_its_end_and_begins_with_what_just_happened() {
        let journey = journey("load/journey/flies", "launch", "an empty rocket", &["load/ok"], 200);
        let moves = [
            "launch/empty",
            "scrap/gone",
            "paint/ok",
            "load/journey/flies +launch/ok",
            "land/ok",
            "load/ok",
            "land/grounded",
            "(launch/ok)",
            "(land/ok)",
        ];
        check(&[journey], "empty", &moves, &[BURNING]);
    }

    #[test]
    fn what_a_case_needs_is_made_on_the_way() {
        let needs = json!({"id": "signal/ok", "operation": "signal", "given": "a coloured rocket",
            "expected": {"status": 200}, "request": {"method": "POST", "path": "/signal"}});
        let moves =
            ["scrap/gone", "land/ok", "launch/empty", "paint/ok", "load/ok", "land/grounded", "launch/ok", "signal/ok"];
        check(&[needs], "flying", &moves, &[BURNING]);
    }

    #[test]
    fn an_operation_that_works_once_is_not_tried_again() {
        let again = journey("paint/journey/again", "paint", "an empty rocket", &["paint/ok"], 200);
        let moves = ["launch/empty", "scrap/gone", "paint/ok", "load/ok", "land/grounded", "launch/ok", "land/ok"];
        let reason = "paint/journey/again: paint cannot succeed twice on one rocket, and paint/ok used it up";
        check(&[again], "empty", &moves, &[BURNING, reason]);
    }

    #[test]
    fn what_only_works_right_after_what_just_happened_cannot_wait() {
        let mut refused = journey("land/journey/then_launch", "launch", "a flying rocket", &["land/ok"], 409);
        refused["request"]["path"] = json!("/launch/again");
        let loaded = journey("land/journey/then_load", "load", "a flying rocket", &["land/ok"], 200);
        let moves = [
            "scrap/gone",
            "land/journey/then_launch",
            "land/journey/then_load +load/ok",
            "land/grounded",
            "launch/ok",
            "land/ok",
            "launch/empty",
            "paint/ok",
            "(load/ok)",
            "(launch/ok)",
        ];
        check(&[refused, loaded], "flying", &moves, &[BURNING]);
    }

    #[test]
    fn what_is_documented_comes_before_the_journeys_that_repeat_it_without_an_effect() {
        let again = journey("launch/journey/again", "launch", "an empty rocket", &["launch/empty"], 400);
        let moves = ["launch/empty", "scrap/gone", "launch/journey/again", "paint/ok", "load/ok", "land/grounded"];
        check(&[again], "empty", &[&moves[..], &["launch/ok", "land/ok"]].concat(), &[BURNING]);
    }

    #[test]
    fn a_journey_answers_for_no_case_that_was_not_selected() {
        let suite = suite(&[journey("load/journey/flies", "launch", "an empty rocket", &["load/ok"], 200)]);
        let tour = Tour::new(&suite).unwrap();
        let world = ResourceState { state: Some("empty".to_owned()), ..ResourceState::default() };
        let twin = |asked_for: &dyn Fn(&Case) -> bool| {
            let open: Vec<_> = suite.cases.iter().filter(|case| asked_for(case)).collect();
            tour.next(&world, &open, &BTreeSet::new()).unwrap().twin.map(|twin| twin.id.as_str())
        };
        let is_journey = |case: &Case| case.id == "load/journey/flies";
        assert_eq!(twin(&is_journey), None);
        assert_eq!(twin(&|case| is_journey(case) || case.id == "launch/ok"), Some("launch/ok"));
    }

    #[test]
    fn a_refusal_says_nothing_where_the_documented_request_would_be_refused_too() {
        let case = derived("paint/derived/wrong", "paint", "an empty rocket");
        let moves = ["launch/empty", "scrap/gone", "paint/derived/wrong", "paint/ok", "load/ok", "land/grounded"];
        check(std::slice::from_ref(&case), "empty", &[&moves[..], &["launch/ok", "land/ok"]].concat(), &[BURNING]);

        let suite = suite(&[case]);
        let tour = Tour::new(&suite).unwrap();
        let done = BTreeMap::from([("paint".to_owned(), "paint/ok".to_owned())]);
        let world = ResourceState { state: Some("empty".to_owned()), done, ..ResourceState::default() };
        let simulation = tour.simulate(&world, &[suite.cases.last().unwrap()]);
        let reasons: Vec<_> = simulation.unreached.iter().map(|case| tour.reason(&world, case)).collect();
        assert_eq!(reasons, ["paint cannot succeed twice on one rocket, and paint/ok used it up"]);
    }

    #[test]
    fn what_no_operation_takes_back_is_said_once() {
        let suite = suite(&[]);
        let tour = Tour::new(&suite).unwrap();
        let plain = ResourceState { state: Some("empty".to_owned()), ..ResourceState::default() };
        let painted = tour.simulate(&plain, &suite.cases.iter().collect::<Vec<_>>()).end;
        let stays = [
            "what paint did to the rocket stays: no documented operation undoes it",
            "each colour of paint stays: no documented operation removes one",
        ];
        assert_eq!(tour.stays(&plain, &painted), stays);
        assert_eq!(tour.stays(&plain, &plain), [""; 0]);
        assert_eq!(tour.stays(&painted, &painted), [""; 0]);
    }

    #[test]
    fn an_answer_brings_along_the_identifiers_that_requests_use() {
        let case = |body: serde_json::Value| {
            json!({"id": "a/ok", "operation": "a", "expected": {"status": 200, "body": body},
                "request": {"method": "POST", "path": "/", "aliases": {"id": "x", "name": "x", "blank": "x"}}})
        };
        let rules = json!({"/id": "id", "/blank": "id", "/unused": "id"});
        let body = json!({"media_type": "application/json", "example": {}, "rules": rules});
        let suite = json!({"title": "", "version": "", "cases": [case(body)]}).to_string();
        let suite = Suite::from_json(&suite).unwrap();
        let mut values = BTreeMap::new();
        let answer = br#"{"id": "r-1", "name": "Ada", "blank": "", "unused": "u-1"}"#;
        let answer = Reply { body: answer.to_vec().into(), ..Reply::default() };
        collect(&suite, &suite.cases[0], &answer, &mut values);
        assert_eq!(values, BTreeMap::from([("id".to_owned(), "r-1".to_owned())]));
    }

    #[test]
    fn what_is_refused_on_the_way_is_not_tried_for_ever() {
        let suite = suite(&[]);
        let tour = Tour::new(&suite).unwrap();
        let world = ResourceState { state: Some("empty".to_owned()), ..ResourceState::default() };
        let open: Vec<_> = suite.cases.iter().filter(|case| case.id == "land/ok").collect();
        let step = tour.next(&world, &open, &BTreeSet::new()).unwrap();
        assert!(step.on_the_way && step.case.id == "load/ok");
        assert!(tour.next(&world, &open, &BTreeSet::from(["launch".to_owned()])).is_none());
    }
}
