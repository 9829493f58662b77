//! Plans a run: which cases run, in which order and from which state; which cannot be reached, and why.
//! Nothing is sent to find out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::http::credentials::{Keys, Known, missing};
use crate::http::request::{Replacements, Values, has_value, names, planned_body, planned_target, prepare};
use crate::model::exchange::Purpose;
use crate::model::shard::Shard;
use crate::model::suite::{Case, Kind, Setup, Stays, Suite, Taken, Undo, absent_like};
use crate::plan::frugal::costly;
use crate::plan::selection::{Selection, matches};
use crate::plan::tour_search::{ResourceState, Simulation, Tour as Map, is_success};

/// What is available to bring an endpoint into the states that the cases ask for.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// There is a provider-state endpoint.
    pub provider_states: bool,
    /// State -> the values of something that is in that state already. Preferred to everything else.
    pub givens: BTreeMap<String, Values>,
    /// The identifier of a resource to drive through its states ([`Lifecycle`](crate::model::lifecycle::Lifecycle)); its
    /// initial state is restored. Preferred to a provider state.
    pub resource: Option<String>,
    /// Values for every case; those of a state are preferred.
    pub values: Values,
    /// The credentials of the run, without their values.
    pub credentials: Known,
    /// State -> what its provider must answer, unless `values` has it. A documented value in place of a missing one
    /// would name nothing that exists, so such a case is broken.
    pub needed: BTreeMap<String, Vec<String>>,
    /// The endpoint is a static mock that answers the example it is asked for: each request says which one
    /// (`Prefer: code=…, example=…`), and no state is needed.
    pub prefer: Option<Naming>,
}

/// What a static mock calls an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// As the document does.
    Plain,
    /// `operation.example`, as in a document with one operation per path that was made of one with more.
    Merged,
}

/// What is planned for every case of a suite, in the order of the suite.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The values for every case.
    pub values: &'a Values,
    /// What providers of states must answer.
    pub needed: &'a BTreeMap<String, Vec<String>>,
    /// One entry for each case of the suite, in its order.
    pub entries: Vec<PlannedCase<'a>>,
    /// The resources that are driven through their states, each for the entries that say so ([`Disposition::Tour`]).
    pub tours: Vec<Tour<'a>>,
    /// Requests say which example they want, and call it so.
    pub prefer: Option<Naming>,
    /// There is a provider-state endpoint ([`Environment::provider_states`]).
    pub provider_states: bool,
    /// The part of the cases that was asked for.
    pub shard: Option<Shard>,
    /// Patterns of the selection that match no case at all.
    pub matchless: Vec<String>,
    /// The ids of cases that are skipped because they take operations of their own ([`Selection::frugal`]).
    pub spared: Vec<&'a str>,
}

/// What is planned for one case.
#[derive(Clone, Debug)]
pub struct PlannedCase<'a> {
    /// The case.
    pub case: &'a Case,
    /// Whether and how it runs.
    pub disposition: Disposition,
}

/// Whether a case runs, and from which state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It asks for no state.
    NoStateNeeded,
    /// Something is in its state already; these are its values.
    Given(Values),
    /// The provider is asked to bring something into its state.
    ProviderState,
    /// Documented calls bring something into its state ([`Suite::setups`]), and remove it afterwards.
    Made,
    /// A tour leads through its state: the position in [`Plan::tours`].
    Tour(usize),
    /// It cannot be brought into its state, for this reason.
    Unreachable(String),
    /// It cannot be judged whatever the endpoint answers, for this reason, so nothing is sent.
    Broken(String),
    /// It was not asked for.
    Skipped,
}

/// One resource that is driven through its states, and the requests planned for it.
#[derive(Clone, Debug)]
pub struct Tour<'a> {
    /// The values that name it.
    pub values: Values,
    /// The state it is in, or is assumed to be in until it is queried.
    pub start: String,
    /// Its state is looked up before anything is sent; the moves are planned for the usual state.
    pub looks_first: bool,
    /// What is sent, in this order.
    pub moves: Vec<PlannedRequest<'a>>,
    /// What is different afterwards although the state is the same again, a line for each.
    pub stays: Vec<String>,
    pub(crate) world: ResourceState,
    pub(crate) map: Map<'a>,
}

/// One request of a tour as planned.
#[derive(Clone, Debug)]
pub struct PlannedRequest<'a> {
    /// The case whose request it is.
    pub case: &'a Case,
    /// What it is for.
    pub purpose: Purpose,
    /// Method and address.
    pub address: String,
    /// The body, if there is one.
    pub body: Option<String>,
    /// The state before it.
    pub from: String,
    /// The state after it.
    pub to: String,
}

impl<'a> Plan<'a> {
    /// Plans `suite`. A value, or a state, that no case knows is an error: a typo would silently test something else.
    /// So is a value that does not have the type of what it replaces.
    pub fn new(suite: &'a Suite, reach: &'a Environment, selection: &Selection) -> Result<Self, PlanError> {
        check_names(suite, reach)?;
        check_types(suite, reach)?;
        let map = Map::new(suite);
        if reach.resource.is_some() && map.is_none() {
            let problems =
                vec!["the document has no x-lifecycle, so there are no states to drive a resource through".to_owned()];
            return Err(PlanError { problems });
        }
        let mut dispositions: Vec<Disposition> = {
            let is_elsewhere = |position| selection.shard.is_some_and(|shard| !shard.has(position));
            let cases = suite.cases.iter().enumerate();
            let disposition = |(position, case)| {
                if is_elsewhere(position) { Disposition::Skipped } else { disposition(suite, case, reach, selection) }
            };
            cases.map(disposition).collect()
        };
        let mut spared = Vec::new();
        let tours = map.map_or_else(Vec::new, |map| {
            tours(suite, reach, &map, &mut dispositions, selection.frugal.then_some(&mut spared))
        });
        let entries =
            suite.cases.iter().zip(dispositions).map(|(case, disposition)| PlannedCase { case, disposition }).collect();
        let patterns = selection.only.iter().chain(&selection.skip);
        let is_matchless = |pattern: &&String| !suite.cases.iter().any(|case| matches(pattern, &case.id));
        let matchless = patterns.filter(is_matchless).cloned().collect();
        let Environment { values, needed, prefer, provider_states, .. } = reach;
        let (prefer, provider_states, shard) = (*prefer, *provider_states, selection.shard);
        Ok(Self { suite, values, needed, entries, tours, prefer, provider_states, shard, matchless, spared })
    }

    /// The entries that run, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &PlannedCase<'a>> {
        self.entries.iter().filter(|entry| entry.runs())
    }

    /// Method and address as planned. With a provider state the path has its variables in braces: who fills them is
    /// not known yet.
    pub fn address(&self, entry: &PlannedCase<'_>) -> String {
        let case = entry.case;
        let replacements = self.replacements(entry);
        let target = match (&entry.disposition, prepare(case, replacements, "", "", Keys::NONE)) {
            (Disposition::ProviderState | Disposition::Made, _) => planned_target(case, replacements),
            (_, Ok((prepared, _))) => prepared.target,
            // It will be broken, or is unreachable anyway.
            (_, Err(_)) => case.request.path.clone(),
        };
        format!("{} {target}", case.request.method)
    }

    /// The body as planned, if there is one; with a provider state, before the values that it will answer.
    pub fn body(&self, entry: &PlannedCase<'_>) -> Option<String> {
        // What could be wrong with it was an error of the plan.
        planned_body(entry.case, self.replacements(entry)).unwrap_or_default()
    }

    fn replacements<'v>(&'v self, entry: &'v PlannedCase<'_>) -> Replacements<'v> {
        static NOTHING: Values = Values::new();
        let state = match &entry.disposition {
            Disposition::Given(values) => values,
            Disposition::Tour(index) => self.tours.get(*index).map_or(&NOTHING, |tour| &tour.values),
            _ => &NOTHING,
        };
        Replacements { state, run: self.values }
    }

    /// Whether any step asks for a provider state.
    pub fn needs_provider_states(&self) -> bool {
        self.entries.iter().any(|entry| entry.disposition == Disposition::ProviderState)
    }

    /// The operations that would be called where they succeed, and so change something, in the order of the suite.
    pub fn disruptive(&self) -> Vec<&'a str> {
        let mut called: BTreeSet<&str> = BTreeSet::new();
        for entry in self.steps() {
            let case = entry.case;
            let steps = case.kind.steps().iter().filter_map(|step| self.suite.case(step)).chain([case]);
            let made = self.suite.setup(case).filter(|_| entry.disposition == Disposition::Made);
            let made = made.into_iter().flat_map(Setup::cases).filter_map(|id| self.suite.case(id));
            called.extend(made.map(|made| made.operation.as_str()));
            let undone =
                steps.clone().filter_map(|step| self.undo(step)).filter_map(|undo| self.suite.case(&undo.case));
            called.extend(undone.map(|undo| undo.operation.as_str()));
            called.extend(steps.filter(|step| is_success(step)).map(|step| step.operation.as_str()));
        }
        let on_the_way = self.tours.iter().flat_map(|tour| &tour.moves);
        called.extend(on_the_way.filter(|planned| is_success(planned.case)).map(|it| it.case.operation.as_str()));
        let mut operations: Vec<&str> = self.suite.cases.iter().map(|case| case.operation.as_str()).collect();
        operations.dedup();
        let mut seen = BTreeSet::new();
        operations.into_iter().filter(|operation| called.contains(operation) && seen.insert(*operation)).collect()
    }

    /// What removes what a request makes, where it succeeds as it should.
    pub(crate) fn undo(&self, case: &Case) -> Option<&'a Undo> {
        self.undo_of(&case.operation).filter(|undo| case.expected.status == undo.status)
    }

    /// What removes what the requests of an operation make. A static mock makes nothing.
    pub(crate) fn undo_of(&self, operation: &str) -> Option<&'a Undo> {
        self.suite.undo.get(operation).filter(|_| self.prefer.is_none())
    }

    /// Why what a request of the case `of` makes stays, if it does: what is in something that is removed is removed with it.
    pub(crate) fn stays(&self, of: &Case, case: &Case, is_made: bool) -> Option<&'a Stays> {
        let setup = self.suite.setup(of).filter(|_| is_made);
        let removers = setup.into_iter().flat_map(|setup| &setup.steps).filter_map(|step| step.undo.as_ref());
        let mut removers = removers.filter_map(|undo| self.suite.case(&undo.case));
        let is_inside = removers.any(|remover| is_within(&case.request.path, &remover.request.path));
        self.suite.stays.get(&case.operation).filter(|_| self.prefer.is_none() && !is_inside)
    }

    pub(crate) fn is_waited_for(&self, case: &Case) -> bool {
        // Where neither a job nor a state can be looked up, there is nothing to wait for.
        let lifecycle = self.suite.lifecycle.as_ref().filter(|it| it.job.is_some() || it.look.is_some());
        is_success(case) && lifecycle.is_some_and(|lifecycle| lifecycle.operations.contains_key(&case.operation))
    }
}

/// Whether a path is below another; variables may have other names.
fn is_within(path: &str, outer: &str) -> bool {
    let (path, outer) = (path.trim_matches('/').split('/'), outer.trim_matches('/').split('/'));
    let is_same = |(one, other): (&str, &str)| one == other || one.starts_with('{') && other.starts_with('{');
    path.clone().count() >= outer.clone().count() && path.zip(outer).all(is_same)
}

/// How much a plan asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Requests, not counting status requests.
    pub requests: usize,
    /// Requests after which the run waits until their operation has finished.
    pub waits: usize,
}

impl PlannedCase<'_> {
    /// The case will be sent.
    pub fn runs(&self) -> bool {
        !matches!(self.disposition, Disposition::Unreachable(_) | Disposition::Broken(_) | Disposition::Skipped)
    }
}

/// Names that nothing in the suite knows, and values of the wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    problems: Vec<String>,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for PlanError {}

const TWO: &str = "only a provider-state endpoint sets them up";

/// The disposition of a case as far as it does not depend on others: what a tour may reach is left to it.
fn disposition(suite: &Suite, case: &Case, reach: &Environment, selection: &Selection) -> Disposition {
    let matched_by = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &case.id));
    let is_of_kind = selection.kinds.is_empty() || selection.kinds.iter().any(|kind| kind == case.kind.name());
    if !is_of_kind || !selection.only.is_empty() && !matched_by(&selection.only) || matched_by(&selection.skip) {
        return Disposition::Skipped;
    }
    if let Kind::Contradiction { reason } = &case.kind {
        return Disposition::Broken(reason.clone());
    }
    if reach.prefer.is_some() {
        return if matches!(case.kind, Kind::Documented | Kind::Described) {
            Disposition::NoStateNeeded
        } else {
            Disposition::Unreachable("a static mock returns documented examples only".to_owned())
        };
    }
    if let Some(reason) = unproved(case, reach) {
        return Disposition::Unreachable(reason);
    }
    let Some(state) = &case.given else {
        return open(case, reach, &Values::new()).unwrap_or(Disposition::NoStateNeeded);
    };
    if let Some(values) = reach.givens.get(state).filter(|_| !case.kind.needs_two()) {
        let mut steps = case.kind.steps().iter().filter_map(|step| suite.case(step));
        if let Some(removal) = steps.find(|step| step.request.method == "DELETE" && step.expected.status < 300) {
            let reason = format!("what is given exists once, and {} removes it", removal.id);
            return Disposition::Unreachable(reason);
        }
        return open(case, reach, values).unwrap_or_else(|| Disposition::Given(values.clone()));
    }
    let setup = suite.setups.get(state);
    if let Some(setup) = setup.filter(|setup| setup.problem.is_none() || !reach.provider_states) {
        return made(suite, case, setup, reach);
    }
    if reach.provider_states {
        return Disposition::ProviderState;
    }
    if let Some(values) = absent(suite, case).filter(|_| !suite.setups.is_empty()) {
        return open(case, reach, &values).unwrap_or(Disposition::Given(values));
    }
    if case.kind.needs_two() {
        return Disposition::Unreachable(format!("needs two resources in the state `{state}`: {TWO}"));
    }
    Disposition::Unreachable(format!("no resource is given in the state `{state}`, and no provider-state endpoint"))
}

/// An identifier that nothing has, for a case whose state is that there is no resource.
fn absent(suite: &Suite, case: &Case) -> Option<Values> {
    let lifecycle = suite.lifecycle.as_ref()?;
    let given = lifecycle.givens.get(case.given.as_ref()?).filter(|given| given.state.is_none())?;
    let documented = case.request.parameters.iter().find(|parameter| parameter.name == lifecycle.identifier)?;
    let is_alone = given.with.is_empty() && case.kind.steps().is_empty();
    is_alone.then(|| [(lifecycle.identifier.clone(), absent_like(&documented.value))].into())
}

/// The disposition of a case whose state documented calls make.
fn made(suite: &Suite, case: &Case, setup: &Setup, reach: &Environment) -> Disposition {
    if let Some(problem) = &setup.problem {
        return Disposition::Unreachable(format!("its state cannot be made: {problem}"));
    }
    if let Some(missing) = setup.missing.get(&case.id) {
        return Disposition::Unreachable(format!("its state cannot be made: {missing}"));
    }
    // The values are not known yet; that there will be some is.
    let promised = |takes: Option<&BTreeMap<String, Taken>>| -> Values {
        takes.into_iter().flatten().map(|(key, _)| (key.clone(), String::new())).collect()
    };
    if setup.linked && open(case, reach, &Values::new()).is_none() && is_set(setup, case, reach) {
        return Disposition::NoStateNeeded;
    }
    for step in &setup.steps {
        let Some(call) = suite.case(&step.case) else { continue };
        let reason = unproved(call, reach).or_else(|| match open(call, reach, &promised(Some(&step.takes))) {
            Some(Disposition::Unreachable(reason)) => Some(reason),
            _ => None,
        });
        if let Some(reason) = reason {
            if is_open_to_samples(case, setup) && open(case, reach, &Values::new()).is_none() {
                return Disposition::NoStateNeeded;
            }
            return Disposition::Unreachable(format!("its state cannot be made: {}: {reason}", call.id));
        }
    }
    open(case, reach, &promised(setup.uses.get(&case.id))).unwrap_or(Disposition::Made)
}

/// Whether the values of the document will do where its state cannot be made: what is removed has to be the run's own.
pub(crate) fn is_open_to_samples(case: &Case, setup: &Setup) -> bool {
    setup.implied && case.request.method != "DELETE" && case.kind.steps().is_empty() && !case.kind.needs_two()
}

/// Whether the user has set every value that a link would give the request.
fn is_set(setup: &Setup, case: &Case, reach: &Environment) -> bool {
    let nothing = Values::new();
    let replacements = Replacements { state: &nothing, run: &reach.values };
    let mut names = setup.uses.get(&case.id).into_iter().flatten().map(|(key, _)| key.rsplit(['.', '/']).next());
    names.all(|name| name.is_some_and(|name| has_value(&case.request, replacements, name)))
}

/// Why no credential of the run is one that the case's request asks for.
fn unproved(case: &Case, reach: &Environment) -> Option<String> {
    let credential = case.request.credential.as_ref().filter(|credential| credential.instead.is_none());
    missing(credential, &reach.credentials)
}

/// The disposition of a case with a value that only the user has, and has not set.
fn open(case: &Case, reach: &Environment, state: &Values) -> Option<Disposition> {
    let replacements = Replacements { state, run: &reach.values };
    let mut names: Vec<&str> = Vec::new();
    for name in case.request.open().filter(|name| !has_value(&case.request, replacements, name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let set = names.join(", ");
    (!names.is_empty()).then(|| Disposition::Unreachable(format!("needs --set {set}: no value is documented")))
}

/// The tours, which change the dispositions of cases: one for each resource that was given in a state, and one for the
/// resource that is driven through all of them.
fn tours<'a>(
    suite: &'a Suite,
    reach: &'a Environment,
    map: &Map<'a>,
    dispositions: &mut [Disposition],
    spared: Option<&mut Vec<&'a str>>,
) -> Vec<Tour<'a>> {
    let mut tours = Vec::new();
    for (given, values) in &reach.givens {
        let Some(known) = map.lifecycle().givens.get(given) else { continue };
        let Some(state) = &known.state else { continue };
        let is_of_it = |case: &Case, disposition: &Disposition| {
            matches!(disposition, Disposition::Given(_)) && case.given.as_ref() == Some(given)
        };
        let world = ResourceState {
            state: Some(state.clone()),
            has: known.with.iter().cloned().collect(),
            ..ResourceState::default()
        };
        tours.extend(tour(suite, reach, map, dispositions, is_of_it, world, values.clone(), false));
    }
    let Some(identifier) = &reach.resource else { return tours };
    let name = map.lifecycle().identifier.clone();
    for (case, disposition) in suite.cases.iter().zip(dispositions.iter_mut()) {
        let is_open = matches!(disposition, Disposition::ProviderState | Disposition::Unreachable(_))
            && reach.prefer.is_none()
            && unproved(case, reach).is_none();
        if is_open && map.given(case).is_some_and(|given| given.state.is_none()) {
            *disposition = Disposition::Given([(name.clone(), absent_like(identifier))].into());
        }
    }
    let is_open = |case: &Case, disposition: &Disposition| {
        matches!(disposition, Disposition::ProviderState | Disposition::Unreachable(_))
            && reach.prefer.is_none()
            && unproved(case, reach).is_none()
            && !case.kind.needs_two()
            // If it is there after all, the resource of the user is gone.
            && !(case.kind.is_refused_with(405) && case.request.method == "DELETE")
            && map.given(case).is_some()
    };
    // The state that most cases ask for is the usual one.
    let states = suite.cases.iter().filter_map(|case| map.given(case)?.state.as_ref());
    let count = |state: &String| states.clone().filter(|other| *other == state).count();
    let Some(usual) = states.clone().rev().max_by_key(|state| count(state)) else { return tours };
    let world = ResourceState { state: Some(usual.clone()), ..ResourceState::default() };
    if let Some(spared) = spared {
        let open = suite.cases.iter().zip(dispositions.iter()).filter(|(case, disposition)| is_open(case, disposition));
        let open: Vec<&Case> = open.map(|(case, _)| case).collect();
        spared.extend(costly(map, &world, &open).into_iter().map(|case| case.id.as_str()));
        let all = suite.cases.iter().zip(dispositions.iter_mut());
        all.filter(|(case, _)| spared.contains(&case.id.as_str())).for_each(|(_, it)| *it = Disposition::Skipped);
    }
    tours.extend(tour(suite, reach, map, dispositions, is_open, world, [(name, identifier.clone())].into(), true));
    tours
}

#[allow(clippy::too_many_arguments)]
fn tour<'a>(
    suite: &'a Suite,
    reach: &'a Environment,
    map: &Map<'a>,
    dispositions: &mut [Disposition],
    is_open: impl Fn(&Case, &Disposition) -> bool,
    world: ResourceState,
    values: Values,
    looks_first: bool,
) -> Option<Tour<'a>> {
    let open = suite.cases.iter().zip(dispositions.iter()).filter(|(case, disposition)| is_open(case, disposition));
    let open: Vec<&Case> = open.map(|(case, _)| case).collect();
    let simulation = map.simulate(&world, &open);
    let index = dispositions
        .iter()
        .filter_map(|disposition| if let Disposition::Tour(index) = disposition { Some(index + 1) } else { None })
        .max();
    let index = index.unwrap_or(0);
    let mut any = false;
    for (case, disposition) in
        suite.cases.iter().zip(dispositions.iter_mut()).filter(|(case, _)| open.iter().any(|it| it.id == case.id))
    {
        if !simulation.unreached.iter().any(|unreached| unreached.id == case.id) {
            *disposition = Disposition::Tour(index);
            any = true;
        } else if !matches!(disposition, Disposition::ProviderState) {
            *disposition = Disposition::Unreachable(map.reason(&simulation.end, case));
        }
    }
    let start = world.state.clone().unwrap_or_default();
    let moves = planned(suite, reach, map, &values, &simulation);
    let stays = map.stays(&world, &simulation.end);
    any.then(|| Tour { values, start, looks_first, moves, stays, world, map: map.clone() })
}

/// The requests of a tour, one by one.
fn planned<'a>(
    suite: &'a Suite,
    reach: &'a Environment,
    map: &Map<'a>,
    values: &Values,
    simulation: &Simulation<'a>,
) -> Vec<PlannedRequest<'a>> {
    let mut requests = Vec::new();
    for (index, step) in simulation.moves.iter().enumerate() {
        let mut world = step.before.clone();
        let mut push = |case: &'a Case, sent: &Case, purpose: Purpose| {
            let from = world.state.clone().unwrap_or_default();
            world = map.after(&world, case).unwrap_or_else(|| world.clone());
            let to = world.state.clone().unwrap_or_default();
            let replacements = Replacements { state: values, run: &reach.values };
            let target = prepare(sent, replacements, "", "", Keys::NONE)
                .map_or_else(|_| sent.request.path.clone(), |(prepared, _)| prepared.target);
            let body = planned_body(sent, replacements).unwrap_or_default();
            let address = format!("{} {target}", sent.request.method);
            requests.push(PlannedRequest { case, purpose, address, body, from, to });
        };
        if step.on_the_way {
            let towards = step.after.state.clone().unwrap_or_default();
            let purpose = if index < simulation.first_homeward { Purpose::Towards(towards) } else { Purpose::Return };
            push(step.case, &map.plain(step.case), purpose);
            continue;
        }
        for id in step.case.kind.steps().iter().skip(step.skip) {
            if let Some(case) = suite.case(id) {
                push(case, case, Purpose::Step(step.case.id.clone()));
            }
        }
        push(step.case, step.case, Purpose::Case);
    }
    requests
}

fn check_names(suite: &Suite, reach: &Environment) -> Result<(), PlanError> {
    if reach.values.is_empty() && reach.givens.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<&str> = suite.cases.iter().flat_map(|case| names(&case.request)).collect();
    let states: BTreeSet<&str> = suite.cases.iter().filter_map(|case| case.given.as_deref()).collect();
    let given = reach.values.keys().chain(reach.givens.values().flat_map(BTreeMap::keys));
    let given: BTreeSet<&str> = given.map(String::as_str).collect();

    let mut problems = Vec::new();
    let unknown_names = given.difference(&known);
    problems.extend(unknown_names.map(|name| unknown("request uses a value", name, "the requests know", &known)));
    let givens: BTreeSet<&str> = reach.givens.keys().map(String::as_str).collect();
    let unknown_states = givens.difference(&states);
    problems.extend(unknown_states.map(|state| unknown("case asks for a state", state, "the cases ask for", &states)));
    if problems.is_empty() { Ok(()) } else { Err(PlanError { problems }) }
}

/// A value that replaces a documented boolean or number must be one.
fn check_types(suite: &Suite, reach: &Environment) -> Result<(), PlanError> {
    static NOTHING: Values = Values::new();
    if reach.values.is_empty() && reach.givens.is_empty() {
        return Ok(());
    }
    let mut problems: Vec<String> = Vec::new();
    for case in &suite.cases {
        let state = case.given.as_ref().and_then(|state| reach.givens.get(state)).unwrap_or(&NOTHING);
        let replacements = Replacements { state, run: &reach.values };
        let found = planned_body(case, replacements).err().unwrap_or_default();
        for problem in found.lines() {
            if !problems.iter().any(|known| known == problem) {
                problems.push(problem.to_owned());
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(PlanError { problems }) }
}

fn unknown(what: &str, name: &str, who: &str, known: &BTreeSet<&str>) -> String {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("no {what} called `{name}`\nhint: {who} {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_match(pattern: &str, id: &str, expected: bool) {
        assert_eq!(matches(pattern, id), expected, "{pattern} {id}");
    }

    fn suite() -> Suite {
        let case = |id: &str, given: Option<&str>| {
            serde_json::json!({
                "id": id, "operation": id.split('/').next(), "given": given, "expected": {"status": 200},
                "request": {"method": "GET", "path": "/rockets/{rocket_id}", "aliases": {"id": "rocket_id"}, "parameters": [
                    {"name": "action", "in": "query", "value": "go", "constant": true},
                    {"name": "rocket_id", "in": "path", "value": "r-1"},
                ]},
            })
        };
        let suite = serde_json::json!({
            "title": "Rockets", "version": "1",
            "cases": [case("list/ok", None), case("show/ok", Some("a rocket")), case("show/gone", Some("no rocket"))],
            "left_out": [{"operation": "fly", "reason": "it has no example"}],
        });
        Suite::from_json(&suite.to_string()).unwrap()
    }

    fn given(state: &str, name: &str, value: &str) -> BTreeMap<String, Values> {
        [(state.to_owned(), [(name.to_owned(), value.to_owned())].into())].into()
    }

    #[track_caller]
    fn check(reach: &Environment, selection: &Selection, expected: &str) {
        let suite = suite();
        let text = match Plan::new(&suite, reach, selection) {
            Ok(plan) => plan.to_string(),
            Err(error) => error.to_string() + "\n",
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn a_case_without_a_way_to_its_state_is_unreachable() {
        check(
            &Environment { givens: given("a rocket", "id", "r 7"), ..Environment::default() },
            &Selection::default(),
            "2 of 3 cases run, in this order\n\
            \x20 list/ok    GET /rockets/r-1?action=go\n\
            \x20 show/ok    GET /rockets/r%207?action=go\n\
            \x20              given a rocket (id=r 7)\n\
            cannot be reached\n\
            \x20 show/gone  no resource is given in the state `no rocket`, and no provider-state endpoint\n\
            in the document, but no case: 1\n\
            \x20 fly        it has no example\n",
        );
    }

    #[test]
    fn what_is_given_is_preferred_to_a_provider_state() {
        check(
            &Environment {
                provider_states: true,
                givens: given("a rocket", "rocket_id", "r-7"),
                values: [("rocket_id".to_owned(), "r-0".to_owned())].into(),
                ..Environment::default()
            },
            &Selection { only: vec!["show/*".to_owned()], skip: vec!["fly/*".to_owned()], ..Selection::default() },
            "2 of 3 cases run, in this order\n\
            \x20 show/ok    GET /rockets/r-7?action=go\n\
            \x20              given a rocket (rocket_id=r-7)\n\
            \x20 show/gone  GET /rockets/{rocket_id}?action=go\n\
            \x20              given no rocket (provider state)\n\
            not selected (--kinds, --only, --skip)\n\
            \x20 list/ok\n\
            in the document, but no case: 1\n\
            \x20 fly        it has no example\n\
            patterns that match no case\n\
            \x20 fly/*\n",
        );
    }

    #[test]
    fn a_name_that_nothing_knows_is_an_error_with_those_that_are_known() {
        check(
            &Environment {
                provider_states: false,
                givens: given("a rokcet", "id", "r-7"),
                values: [("action".to_owned(), "stop".to_owned()), ("rocketid".to_owned(), "r-0".to_owned())].into(),
                ..Environment::default()
            },
            &Selection::default(),
            "no request uses a value called `action`\n\
            hint: the requests know `id`, `rocket_id`\n\
            no request uses a value called `rocketid`\n\
            hint: the requests know `id`, `rocket_id`\n\
            no case asks for a state called `a rokcet`\n\
            hint: the cases ask for `a rocket`, `no rocket`\n",
        );
    }

    #[test]
    fn every_name_is_looked_at_whatever_else_is_given() {
        let unknown = |what: &str, who: &str| format!("no {what}\nhint: {who}\n");
        let values = [("rocketid".to_owned(), "r-0".to_owned())].into();
        let reach = Environment { values, ..Environment::default() };
        let expected = unknown("request uses a value called `rocketid`", "the requests know `id`, `rocket_id`");
        check(&reach, &Selection::default(), &expected);
        let reach = Environment { givens: given("a rokcet", "id", "r-7"), ..Environment::default() };
        let expected = unknown("case asks for a state called `a rokcet`", "the cases ask for `a rocket`, `no rocket`");
        check(&reach, &Selection::default(), &expected);
    }

    #[test]
    fn only_cases_of_the_kinds_that_were_asked_for_run() {
        let (suite, reach) = (suite(), Environment { provider_states: true, ..Environment::default() });
        for (kinds, expected) in
            [(&["documented"][..], 3), (&["derived", "documented"], 3), (&["derived"], 0), (&[], 3)]
        {
            let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
            let plan = Plan::new(&suite, &reach, &Selection { kinds, ..Selection::default() }).unwrap();
            assert_eq!(plan.steps().count(), expected);
        }
    }

    fn suite_with_bodies() -> Suite {
        let case = |id: &str, given: Option<&str>, body: serde_json::Value| {
            serde_json::json!({
                "id": id, "operation": "launch", "given": given, "expected": {"status": 200},
                "request": {"method": "POST", "path": "/{fleet}/rockets/{rocket_id}/launch", "body": body, "parameters": [
                    {"name": "action", "in": "query", "value": "go", "constant": true},
                    {"name": "pace", "in": "query", "value": "slow"},
                    {"name": "fleet", "in": "path", "value": "f 1", "constant": true},
                    {"name": "rocket_id", "in": "path", "value": "r-1"},
                ]},
            })
        };
        let body = serde_json::json!({"media_type": "application/json", "value": {"delay": 5, "forceLaunch": true}});
        let text = serde_json::json!({"media_type": "text/plain", "value": "a\n".repeat(100)});
        let cases = [
            case("launch/ok", Some("a rocket"), body.clone()),
            case("launch/now", None, body),
            case("note/ok", None, text),
        ];
        Suite::from_json(&serde_json::json!({"title": "Rockets", "version": "1", "cases": cases}).to_string()).unwrap()
    }

    #[test]
    fn a_body_is_shown_with_the_values_that_were_set_and_a_provider_state_with_its_template() {
        let values = [("delay".to_owned(), "7".to_owned())].into();
        let reach = Environment { provider_states: true, values, ..Environment::default() };
        let suite = suite_with_bodies();
        let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
        let expected = format!(
            "3 of 3 cases run, in this order\n\
            \x20 launch/ok   POST /f%201/rockets/{{rocket_id}}/launch?action=go&pace=slow\n\
            \x20               body {{\"delay\":7,\"forceLaunch\":true}}\n\
            \x20               given a rocket (provider state)\n\
            \x20 launch/now  POST /f%201/rockets/r-1/launch?action=go&pace=slow\n\
            \x20               body {{\"delay\":7,\"forceLaunch\":true}}\n\
            \x20 note/ok     POST /f%201/rockets/r-1/launch?action=go&pace=slow\n\
            \x20               body {}…\n",
            "a\\n".repeat(60),
        );
        assert_eq!(plan.to_string(), expected);
    }

    #[test]
    fn a_value_of_another_type_than_documented_is_an_error() {
        let values = [("delay".to_owned(), "soon".to_owned())].into();
        let reach = Environment { givens: given("a rocket", "forceLaunch", "maybe"), values, ..Environment::default() };
        let error = Plan::new(&suite_with_bodies(), &reach, &Selection::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`delay` must be a number, found `soon`\n\
             `forceLaunch` must be a boolean, found `maybe`",
        );
        for (reach, expected) in [
            (Environment { values: reach.values, ..Environment::default() }, "`delay` must be a number, found `soon`"),
            (
                Environment { givens: reach.givens, ..Environment::default() },
                "`forceLaunch` must be a boolean, found `maybe`",
            ),
        ] {
            let error = Plan::new(&suite_with_bodies(), &reach, &Selection::default()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn patterns() {
        check_match("launch/ok", "launch/ok", true);
        check_match("launch/*", "launch/ok", true);
        check_match("*/ok", "launch/ok", true);
        check_match("*a*c*/??", "launch/ok", true);
        check_match("launch", "launch/ok", false);
        check_match("launch/o?", "launch/o", false);
        check_match("*b", "aab", true);
        check_match("a*b", "aabba", false);
        check_match("**", "", true);
        check_match("", "", true);
        check_match("?", "ä", true);
        check_match("[a]", "a", false);
    }
}
