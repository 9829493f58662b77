//! The inputs of a run: states, values, kinds of cases, known deviations.

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance_engine::Values;
use conformance_engine::contract::Contract;
use conformance_engine::run::Deviations;
use conformance_engine::suite::{Parameter, Suite};
use ges_client::credentials::Found;
use specwright::Failure;
use specwright::output::console::talk;
use specwright::value::file;

use crate::commands::conform::arguments::{Arguments, Kind};
use crate::commands::conform::traffic;

/// What coverage is counted of: the contract of GES, or that of the other API if it is given.
pub(super) fn contract(arguments: &Arguments) -> Result<Option<Arc<Contract>>, Failure> {
    match (&arguments.contract, &arguments.cases) {
        (Some(path), _) => traffic::contract(path).map(|contract| Some(Arc::new(contract))),
        (None, None) => Ok(Some(Arc::new(ges_conformance::contract().map_err(Failure::cannot_start)?))),
        (None, Some(_)) if arguments.coverage.is_required() => {
            Err(Failure::usage("--coverage-min with --cases requires --contract\nhint: add --contract FILE"))
        }
        (None, Some(_)) => Ok(None),
    }
}

pub(super) fn deviations(arguments: &Arguments, suite: &Suite) -> Result<Deviations, Failure> {
    let Some(path) = &arguments.deviations else { return Ok(Deviations::default()) };
    let text = file::read(path)?;
    Deviations::read(&text, suite).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// `--given`. The first value names the graph; others have a name of their own.
pub(super) fn givens(arguments: &Arguments, suite: &Suite) -> Result<BTreeMap<String, Values>, Failure> {
    let identifier = suite.lifecycle.as_ref().map(|lifecycle| lifecycle.identifier.clone());
    let mut givens: BTreeMap<String, Values> = BTreeMap::new();
    for given in &arguments.given {
        let wrong =
            |what: &str| Failure::usage(format!("--given `{given}` {what}\nhint: write it as 'a running graph=ID'"));
        let (state, list) = given.split_once('=').ok_or_else(|| wrong("is not STATE=ID"))?;
        let values = givens.entry(state.to_owned()).or_default();
        for (index, pair) in list.split(',').enumerate() {
            let (name, value) = match (pair.split_once('='), &identifier) {
                (Some((name, value)), _) => (name.to_owned(), value),
                (None, Some(identifier)) if index == 0 => (identifier.clone(), pair),
                (None, _) => return Err(wrong(&format!("has a value without a name: `{pair}`"))),
            };
            if value.is_empty() {
                return Err(wrong(&format!("has no value for {name}")));
            }
            if values.insert(name.clone(), value.to_owned()).is_some() {
                return Err(wrong(&format!("has two values for {name}")));
            }
        }
    }
    Ok(givens)
}

/// `--set` and `--project-id`.
pub(super) fn values(arguments: &Arguments, found: Option<&Found>, suite: &Suite) -> Result<Values, Failure> {
    let mut values = Values::new();
    // Only if the document under test has projects.
    let takes_project = |parameter: &Parameter| parameter.name == "project_id";
    if suite.cases.iter().any(|case| case.request.parameters.iter().any(takes_project))
        && let Some(project) = arguments.service.project_id(found)?
    {
        values.insert("project_id".to_owned(), project);
    }
    for pair in &arguments.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--set `{pair}` is not NAME=VALUE\nhint: write it as upgradeVersion=2.3.4"))
        })?;
        if values.insert(name.to_owned(), value.to_owned()).is_some_and(|earlier| earlier != value) {
            talk(format_args!("warning: `{name}` is set twice; the last value counts"));
        }
    }
    Ok(values)
}

/// The endpoint is the embedded emulator.
pub(super) fn is_embedded(arguments: &Arguments) -> bool {
    arguments.cases.is_none() && !has_states(arguments) && !arguments.prefer
}

fn has_states(arguments: &Arguments) -> bool {
    arguments.graph_id.is_some() || !arguments.given.is_empty() || arguments.provider_states.is_some()
}

/// Only what costs no job more than the documented cases: one graph that is driven through its states, which is not on
/// this machine, and nothing that says which cases are wanted.
pub(super) fn is_frugal(arguments: &Arguments, is_local: bool) -> bool {
    let is_tour = arguments.graph_id.is_some() && arguments.provider_states.is_none() && !is_local;
    is_tour && !arguments.thorough && arguments.kinds.is_empty() && arguments.only.is_empty()
}

/// The kinds to run. Another document than that of GES may be served by a static mock, which has no states, so only its
/// examples and what it describes run by default.
pub(super) fn kinds(arguments: &Arguments) -> Vec<String> {
    let names = |kinds: &[Kind]| {
        kinds
            .iter()
            .map(|kind| match kind {
                Kind::Documented => "documented".to_owned(),
                Kind::Described => "described".to_owned(),
                Kind::Permitted => "permitted".to_owned(),
                Kind::Derived => "derived".to_owned(),
                Kind::Journey => "journey".to_owned(),
            })
            .collect()
    };
    let may_be_mock = arguments.prefer || arguments.cases.is_some() && !has_states(arguments);
    if arguments.kinds.is_empty() && may_be_mock && !arguments.thorough {
        names(&[Kind::Documented, Kind::Described])
    } else {
        names(&arguments.kinds)
    }
}
