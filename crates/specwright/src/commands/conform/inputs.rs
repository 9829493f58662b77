//! The inputs of a run: states, values, security schemes, kinds of cases, known deviations.

use std::collections::{BTreeMap, BTreeSet};

use conformance_engine::run::Deviations;
use conformance_engine::suite::{Credential, Suite};
use conformance_engine::visible::escaped;
use conformance_engine::{SchemeValues, Secret, Values, credential_variable};
use secrecy::ExposeSecret;

use crate::Failure;
use crate::commands::conform::arguments::{Arguments, Kind};
use crate::output::console::talk;
use crate::program::{Program, Service, Use};
use crate::value::file;

pub(super) fn deviations<P: Program>(arguments: &Arguments<P>, suite: &Suite) -> Result<Deviations, Failure> {
    let Some(path) = &arguments.deviations else { return Ok(Deviations::default()) };
    let text = file::read(path)?;
    Deviations::read(&text, suite).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// `--given`. The first value names the resource; others have a name of their own.
pub(super) fn givens<P: Program>(arguments: &Arguments<P>, suite: &Suite) -> Result<BTreeMap<String, Values>, Failure> {
    let identifier = suite.lifecycle.as_ref().map(|lifecycle| lifecycle.identifier.clone());
    let mut givens: BTreeMap<String, Values> = BTreeMap::new();
    for given in &arguments.given {
        let shown = escaped(given);
        let wrong =
            |what: &str| Failure::usage(format!("--given `{shown}` {what}\nhint: write it as '{}'", P::WORDS.given));
        let (state, list) = given.split_once('=').ok_or_else(|| wrong("is not STATE=ID"))?;
        let values = givens.entry(state.to_owned()).or_default();
        for (index, pair) in list.split(',').enumerate() {
            let (name, value) = match (pair.split_once('='), &identifier) {
                (Some((name, value)), _) => (name.to_owned(), value),
                (None, Some(identifier)) if index == 0 => (identifier.clone(), pair),
                (None, _) => {
                    let (pair, state) = (escaped(pair), escaped(state));
                    return Err(Failure::usage(format!(
                        "--given `{shown}` has a value without a name: `{pair}`\n\
                         hint: write it as '{state}=NAME={pair}', with the name of a parameter"
                    )));
                }
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

/// `--set`, and what comes with the credentials.
pub(super) fn values<P: Program>(arguments: &Arguments<P>, mut values: Values) -> Result<Values, Failure> {
    for pair in &arguments.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            let pair = escaped(pair);
            Failure::usage(format!("--set `{pair}` is not NAME=VALUE\nhint: write it as {}", P::WORDS.set))
        })?;
        if values.insert(name.to_owned(), value.to_owned()).is_some_and(|earlier| earlier != value) {
            talk(format_args!("warning: `{name}` is set twice; the last value counts"));
        }
    }
    Ok(values)
}

/// What the credentials of a run are for.
pub(super) fn used<P: Program>(arguments: &Arguments<P>, has_endpoint: bool) -> Use {
    match (has_endpoint, arguments.prefer) {
        (_, true) => Use::Mock,
        (true, false) => Use::Endpoint,
        (false, false) => Use::Embedded,
    }
}

/// The values of security schemes: of the command line, else of the environment. No message shows one.
pub(super) fn schemes<P: Program>(arguments: &Arguments<P>, suite: &Suite) -> Result<SchemeValues, Failure> {
    let credentials = suite.cases.iter().filter_map(|case| case.request.credential.as_ref());
    let known: BTreeSet<&str> = credentials.flat_map(Credential::all).map(|it| it.scheme.as_str()).collect();
    let mut values = SchemeValues::new();
    for pair in &arguments.credential {
        let wrong = |what: &str| Failure::usage(format!("--credential {what}\nhint: write it as NAME=VALUE"));
        let (name, value) = pair.expose_secret().split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        if suite.unused_schemes.iter().any(|unused| unused == name) {
            talk(format_args!("warning: --credential: no case uses the security scheme `{}`", escaped(name)));
        } else if !known.contains(name) {
            let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::usage(format!(
                "no operation asks for a security scheme called `{name}`\nhint: the document has {known}"
            )));
        }
        if value.is_empty() {
            return Err(wrong(&format!("has no value for `{name}`")));
        }
        if values.insert(name.to_owned(), Secret::new(value)).is_some() {
            return Err(wrong(&format!("has two values for `{name}`")));
        }
    }
    let prefix = P::VARIABLES.credential;
    let all: BTreeSet<String> = known
        .iter()
        .copied()
        .chain(suite.unused_schemes.iter().map(String::as_str))
        .map(|name| credential_variable(prefix, name))
        .collect();
    let set = std::env::vars_os().filter_map(|(variable, _)| variable.into_string().ok());
    for variable in set.filter(|variable| variable.starts_with(prefix) && !all.contains(variable)) {
        talk(format_args!("warning: {}: the document has no security scheme of this name", escaped(&variable)));
    }
    for name in known {
        let variable = credential_variable(prefix, name);
        let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
        if let Some(value) = value.filter(|_| !name.is_empty() && !values.contains_key(name)) {
            values.insert(name.to_owned(), Secret::new(value));
        }
    }
    Ok(values)
}

/// What is checked is what the program embeds.
pub(super) fn is_embedded<P: Program>(arguments: &Arguments<P>) -> bool {
    P::Service::EMBEDDED.is_some() && !has_states(arguments) && !arguments.prefer
}

fn has_states<P: Program>(arguments: &Arguments<P>) -> bool {
    arguments.resource.is_some() || !arguments.given.is_empty() || arguments.provider_states.is_some()
}

/// Only what costs no job more than the documented cases: one resource that is driven through its states, which is not on
/// this machine, and nothing that says which cases are wanted.
pub(super) fn is_frugal<P: Program>(arguments: &Arguments<P>, is_local: bool) -> bool {
    let is_tour = arguments.resource.is_some() && arguments.provider_states.is_none() && !is_local;
    is_tour && !arguments.thorough && arguments.kinds.is_empty() && arguments.only.is_empty()
}

/// The kinds to run. A static mock has no states and no rules, so only examples and what is described run by default
/// where there is one.
pub(super) fn kinds<P: Program>(arguments: &Arguments<P>) -> Vec<String> {
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
    let is_mock = arguments.prefer && arguments.kinds.is_empty() && !arguments.thorough;
    if is_mock { names(&[Kind::Documented, Kind::Described]) } else { names(&arguments.kinds) }
}
