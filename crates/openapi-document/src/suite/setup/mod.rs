//! How documented calls make the states that cases ask for: from `x-given` that names exchanges, and from links.

mod binding;
mod linked;
mod presumed;
mod responses;
mod samples;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use conformance_engine::suite::{Case, Kind, Setup, SetupStep, Stays, Suite, Undo, Unique};

pub(crate) use self::linked::Linked;
pub(crate) use self::presumed::{loosen, presumed};
pub(crate) use self::responses::{give, is_in_state};

use self::binding::{Binding, Step, segments, shape, starts_with};
use crate::document::{
    Chains, Document, MOST, Named, Operation, Unmade, escaped, is_json, named_states, parts, raised,
};
use crate::node::Node;

/// The states that calls make, each with the exchanges that the document names for it.
pub(crate) struct States<'s, 'd> {
    document: &'d Document,
    operations: &'s [Operation<'d>],
    named: BTreeMap<String, Vec<Named>>,
    linked: &'s Linked,
    by_label: HashMap<String, &'s Operation<'d>>,
    /// Those that remove something, by the shape of their path, and by that of the collection in which it names an item.
    removers: [HashMap<String, &'s Operation<'d>>; 2],
}

/// Cases by what they are looked up by, the first of each.
struct Cases<'c> {
    by_id: HashMap<&'c str, &'c Case>,
    /// The cases of each state.
    given: HashMap<&'c str, Vec<&'c Case>>,
    /// What is documented or described.
    exchanges: HashMap<&'c str, &'c Case>,
    /// Those of an operation that succeed or redirect, and those that succeed.
    successes: [HashMap<&'c str, &'c Case>; 2],
}

impl<'c> Cases<'c> {
    fn of(cases: &'c [Case]) -> Self {
        let mut found = Cases {
            by_id: HashMap::new(),
            given: HashMap::new(),
            exchanges: HashMap::new(),
            successes: Default::default(),
        };
        for case in cases {
            found.by_id.entry(&case.id).or_insert(case);
            if let Some(given) = &case.given {
                found.given.entry(given).or_default().push(case);
            }
            if matches!(case.kind, Kind::Documented | Kind::Described) {
                found.exchanges.entry(&case.id).or_insert(case);
                for (known, _) in
                    found.successes.iter_mut().zip([400, 300]).filter(|(_, end)| case.expected.status < *end)
                {
                    known.entry(&case.operation).or_insert(case);
                }
            }
        }
        found
    }
}

impl<'s, 'd> States<'s, 'd> {
    pub(crate) fn of(document: &'d Document, operations: &'s [Operation<'d>], linked: &'s Linked) -> States<'s, 'd> {
        let mut named = named_states(document, operations);
        for (name, exchange) in linked.states() {
            named.insert(name.to_owned(), vec![Named { exchange, at: document.root().at, values: Vec::new() }]);
        }
        let mut removers: [HashMap<String, &Operation<'d>>; 2] = Default::default();
        for operation in operations.iter().filter(|it| it.method == "delete" && it.constants.is_empty()) {
            let path = segments(operation.path);
            removers[0].entry(shape(&path)).or_insert(operation);
            if let Some((_, collection)) = path.split_last().filter(|(last, _)| last.starts_with('{')) {
                removers[1].entry(shape(collection)).or_insert(operation);
            }
        }
        let by_label = operations.iter().rev().map(|operation| (operation.label(), operation)).collect();
        States { document, operations, named, linked, by_label, removers }
    }

    /// Adds the setups of all states that cases ask for, and what has to be unique.
    pub(crate) fn add_to(&self, suite: &mut Suite) {
        let asked: BTreeSet<&String> = suite.cases.iter().filter_map(|case| case.given.as_ref()).collect();
        let asked = asked.into_iter().filter(|name| self.named.contains_key(*name));
        let cases = Cases::of(&suite.cases);
        let setups: Vec<(String, Setup)> = asked.map(|name| (name.clone(), self.setup(name, &cases))).collect();
        // A link that leads nowhere asks for nothing.
        let (broken, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            setups.into_iter().partition(|(_, setup)| setup.linked && setup.problem.is_some());
        let is_lost = |case: &Case| {
            let Some(given) = &case.given else { return false };
            // What a call cannot give, the user can.
            let is_short = || kept.get(given).is_some_and(|setup| setup.missing.contains_key(&case.id));
            broken.contains_key(given) || self.linked.is_implied(given) && is_short()
        };
        let is_made_up = |case: &Case| {
            let is_undocumented = self.operation(&case.operation).is_none_or(|operation| operation.method != "delete");
            is_undocumented || matches!(case.kind, Kind::Permitted { .. })
        };
        suite.cases.retain_mut(|case| {
            if !is_lost(case) {
                return true;
            }
            case.given = None;
            // A `DELETE` that the document does not show is not sent to the sample that it shows.
            case.request.method != "DELETE" || !is_made_up(case)
        });
        suite.setups = kept;
        let says_how = !suite.setups.is_empty() || self.operations.iter().any(|it| it.node.get("x-cleanup").is_some());
        let cases = Cases::of(if says_how { &suite.cases } else { &[] });
        for operation in self.operations.iter().filter(|_| says_how) {
            let label = operation.label();
            let Ok((case, _)) = self.find(&label, &cases) else { continue };
            match self.undo(&[Step { case, operation, values: &[] }], &cases) {
                Ok((_, undo)) => _ = suite.undo.insert(label, undo),
                Err(stays) if changes(operation) => _ = suite.stays.insert(label, stays),
                Err(_) => {}
            }
        }
        for operation in self.operations {
            let unique = unique(self.document, operation);
            if !unique.is_empty() {
                suite.unique.insert(operation.label(), unique);
            }
        }
    }

    fn setup(&self, name: &str, cases: &Cases<'_>) -> Setup {
        let linked = self.linked.has(name);
        let chain = match self.chain(name, cases) {
            Ok(chain) => chain,
            Err(problem) => return Setup { linked, problem: Some(problem), ..Setup::default() },
        };
        let binding = |steps| Binding::new(self.document, self.operations, steps);
        let mut steps: Vec<SetupStep> = Vec::new();
        for (at, step) in chain.iter().enumerate() {
            let takes = binding(&chain[..at]).takes(step.operation, &step.case.request);
            steps.push(SetupStep { case: step.case.id.clone(), takes, undo: None, stays: false });
        }
        let undone: Vec<Option<(&Operation<'d>, Undo)>> =
            (0..chain.len()).map(|at| self.undo(&chain[..=at], cases).ok()).collect();
        for at in 0..chain.len() {
            steps[at].stays = undone[at].is_none() && stays(&chain, &undone, at);
        }
        for (step, undone) in steps.iter_mut().zip(undone) {
            step.undo = undone.map(|(_, undo)| undo);
        }
        let binding = binding(&chain);
        let mut setup = Setup { steps, linked, implied: self.linked.is_implied(name), ..Setup::default() };
        for user in cases.given.get(name).into_iter().flatten().copied() {
            let steps = user.kind.steps().iter().filter_map(|id| cases.by_id.get(id.as_str()).copied());
            for case in steps.chain([user]) {
                let Some(operation) = self.operation(&case.operation) else { continue };
                let takes = binding.takes(operation, &case.request);
                if let Some((call, name)) = binding.untold(operation, &case.request, &takes) {
                    let problem = format!("the reply to {call} is not documented to have a value for `{name}`");
                    setup.missing.insert(user.id.clone(), problem);
                }
                setup.uses.insert(case.id.clone(), takes);
            }
        }
        setup.uses.retain(|_, takes| !takes.is_empty());
        setup
    }

    /// The calls that make a state, those before each call included. Why there are none, in words.
    fn chain<'c>(&'c self, name: &str, cases: &Cases<'c>) -> Result<Vec<Step<'c, 'd>>, String> {
        let needs = |exchange: &str| {
            let (case, _) = self.find(exchange, cases)?;
            match &case.given {
                Some(given) if !self.named.contains_key(given) => {
                    Err(format!("`{}` needs the state `{given}`, which no call makes", case.id))
                }
                given => Ok((case.id.clone(), given.clone())),
            }
        };
        let calls = Chains::new(&self.named, needs).of(name).map_err(|unmade| match unmade {
            Unmade::Cycle => "the exchanges need each other".to_owned(),
            Unmade::TooMany(_) => format!("it takes more than {MOST} calls"),
            Unmade::Other(reason) => reason,
        })?;
        let step = |(exchange, named): (String, &'c Named)| {
            let (case, operation) = self.find(&exchange, cases)?;
            Ok(Step { case, operation, values: &named.values })
        };
        calls.into_iter().map(step).collect()
    }

    /// The case of an exchange, or the first success of an operation.
    fn find<'c>(&'c self, exchange: &str, cases: &Cases<'c>) -> Result<(&'c Case, &'c Operation<'d>), String> {
        let case = cases.exchanges.get(exchange).or_else(|| cases.successes[0].get(exchange)).copied();
        let case = case.ok_or_else(|| format!("there is no case of the exchange `{exchange}`"))?;
        if case.expected.status >= 400 {
            return Err(format!("the exchange `{exchange}` is a failure"));
        }
        let operation = self.operation(&case.operation);
        Ok((case, operation.ok_or_else(|| format!("no operation is called `{}`", case.operation))?))
    }

    fn operation(&self, label: &str) -> Option<&'s Operation<'d>> {
        self.by_label.get(label).copied()
    }

    /// The case that removes what an operation made: of the operation that `x-cleanup` names, or of the `DELETE` of the
    /// item in the collection that was added to, or of the resource that was put.
    fn remover<'c>(&'c self, operation: &Operation<'d>, cases: &Cases<'c>) -> Option<(&'c Operation<'d>, &'c Case)> {
        if let Some(named) = operation.node.get("x-cleanup") {
            let (case, operation) = self.find(named.as_text()?, cases).ok()?;
            return Some((operation, case));
        }
        let [itself, items] = &self.removers;
        let removers = match operation.method {
            "post" => items,
            "put" => itself,
            _ => return None,
        };
        let remover = *removers.get(&shape(&segments(operation.path)))?;
        Some((remover, *cases.successes[1].get(remover.label().as_str())?))
    }

    /// The call that removes what the last step made, and nothing else; or why there is none.
    ///
    /// Source: RFC 9110, section 15.3.2: only 201 says that something was created. Where the document names the call
    /// (`x-cleanup`), the only success of an operation says so as well.
    fn undo<'c>(&'c self, steps: &[Step<'c, 'd>], cases: &Cases<'c>) -> Result<(&'c Operation<'d>, Undo), Stays> {
        let stays = |reason: String, always| Stays { reason, always };
        let none = || stays("no documented call removes it".to_owned(), false);
        let step = steps.last().ok_or_else(none)?;
        let operation = step.operation;
        let (remover, case) = self.remover(operation, cases).ok_or_else(none)?;
        let mut successes = operation.responses.iter().filter(|response| response.is_success());
        let (first, second) = (successes.next(), successes.next());
        let is_named = operation.node.get("x-cleanup").is_some();
        let status = match operation.response_to(201) {
            Some(_) => Some(201),
            None => first.filter(|_| is_named && second.is_none()).and_then(|response| response.code()),
        };
        let Some(status) = status else {
            let reason = "no status says that it is new (201), and `x-cleanup` names no call".to_owned();
            return Err(stays(reason, operation.method == "post"));
        };
        let binding = Binding::new(self.document, self.operations, steps);
        match binding.removes(step, remover, &case.request) {
            Ok(takes) => Ok((remover, Undo { case: case.id.clone(), takes, status })),
            Err(name) if name.is_empty() => {
                Err(stays(format!("the path of {} does not say what it removes", case.id), operation.method == "post"))
            }
            Err(name) => {
                let reason = format!("the reply is not documented to have a value for `{name}` of {}", case.id);
                Err(stays(reason, operation.method == "post"))
            }
        }
    }
}

/// Whether requests of an operation may make something that stays. `x-cleanup: false`: there is nothing to remove.
fn changes(operation: &Operation<'_>) -> bool {
    let is_safe = ["get", "head", "options", "trace", "delete"].contains(&operation.method);
    !is_safe && operation.node.flag("x-cleanup") != Some(false)
}

/// Whether a call without a remover of its own leaves something behind: it is not safe, and nothing that is removed
/// contains what it is about.
fn stays(chain: &[Step<'_, '_>], undone: &[Option<(&Operation<'_>, Undo)>], at: usize) -> bool {
    let path = segments(chain[at].operation.path);
    let mut removed = undone.iter().flatten().map(|(remover, _)| segments(remover.path));
    changes(chain[at].operation) && !removed.any(|removed| starts_with(&path, &removed))
}

/// The members and parameters of an operation's requests that must be new each time (`x-unique`).
fn unique(document: &Document, operation: &Operation<'_>) -> Vec<Unique> {
    let is_unique = |node: &Node| node.flag("x-unique") == Some(true);
    let mut found = Vec::new();
    for parameter in &operation.parameters {
        let schema = parameter.node.get("schema").and_then(|schema| document.resolve(schema));
        if is_unique(parameter.node) || schema.is_some_and(is_unique) {
            let place = format!("{}.{}", parameter.place, parameter.name);
            found.push(Unique { place, schema: schema.map(|schema| raised(document, schema)) });
        }
    }
    let media = operation.body.into_iter().flat_map(|body| body.entries_of("content"));
    for schema in media.filter(|media| is_json(&media.key)).filter_map(|media| media.value.get("schema")) {
        members(document, schema, "", 0, &mut |pointer, member| {
            let place = format!("body#{pointer}");
            if is_unique(member) && !found.iter().any(|known: &Unique| known.place == place) {
                found.push(Unique { place, schema: Some(raised(document, member)) });
            }
        });
    }
    found
}

/// Visits the members of an object, and those inside of them.
fn members(document: &Document, schema: &Node, pointer: &str, depth: usize, visit: &mut impl FnMut(&str, &Node)) {
    const DEEPEST: usize = 6;
    if depth > DEEPEST {
        return;
    }
    for part in parts(document, schema) {
        for property in part.entries_of("properties") {
            let pointer = format!("{pointer}/{}", escaped(&property.key));
            if let Some(member) = document.resolve(&property.value) {
                visit(&pointer, member);
                members(document, member, &pointer, depth + 1, visit);
            }
        }
    }
}
