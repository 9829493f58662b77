//! What a run against an endpoint lacks, said once and before anything is sent.

use std::collections::BTreeMap;

use crate::Failure;
use conformance_engine::plan::{Disposition, Plan};
use conformance_engine::report::text::counted;
use conformance_engine::report::{Entry, Outcome, Report};
use conformance_engine::suite::{Case, Credential, Place, Suite};
use conformance_engine::{Address, shell, visible::escaped};

use crate::commands::conform::arguments::Arguments;
use crate::program::{Program, Service};

/// Cases need a state, and no flag says how to reach one.
pub(super) fn has_no_states<P: Program>(arguments: &Arguments<P>, plan: &Plan<'_>) -> bool {
    let is_given = arguments.provider_states.is_some() || arguments.resource.is_some() || !arguments.given.is_empty();
    !is_given && !arguments.prefer && lacking(plan).next().is_some()
}

/// The cases that cannot be reached for want of a state.
fn lacking<'p, 'a: 'p>(plan: &'p Plan<'a>) -> impl Iterator<Item = &'a Case> + 'p {
    let unreachable = plan.entries.iter().filter(|entry| matches!(entry.disposition, Disposition::Unreachable(_)));
    unreachable.map(|entry| entry.case).filter(|case| case.given.is_some())
}

/// The flags that give a run its states, and its credentials if it has none.
pub(super) fn states<P: Program>(plan: &Plan<'_>, suite: &Suite, has_credentials: bool) -> String {
    let lacking: Vec<&Case> = lacking(plan).collect();
    let resource = suite.lifecycle.as_ref().map_or("resource".into(), |lifecycle| escaped(&lifecycle.resource));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    lacking.iter().filter_map(|case| case.given.as_deref()).for_each(|state| *counts.entry(state).or_default() += 1);
    let state = counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(state, _)| state);
    // Without a lifecycle nothing says which value comes first, so each has its name.
    let of_state = lacking.iter().find(|case| case.given.as_deref() == Some(state));
    let names = of_state.into_iter().flat_map(|case| case.request.parameters.iter());
    let names = names.filter(|it| it.place == Place::Path && !it.constant).map(|it| format!("{}=ID", it.name));
    let names: Vec<String> = names.collect();
    let value = match names.is_empty() || suite.lifecycle.is_some() {
        true => "ID".to_owned(),
        false => names.join(","),
    };
    let given = shell::flag("--given", &format!("{state}={value}")).unwrap_or_else(|| "--given STATE=ID".to_owned());
    let driven = format!("--{} ID", P::WORDS.resource_flag);
    let mut flags = vec![("--provider-states URL", "an endpoint that sets up states (Pact)".to_owned())];
    if suite.lifecycle.is_some() {
        flags.push((&driven, format!("a {resource} to drive through its states and back")));
    }
    flags.push((&given, format!("a {resource} that is in this state already")));
    if !has_credentials && lacking.iter().any(|case| needs_credential(case)) {
        flags.push(("--token-file FILE", format!("the credentials [env: {}]", P::VARIABLES.token)));
    }
    const WIDTH: usize = 29;
    let line = |(flag, what): &(&str, String)| match flag.chars().count() {
        0..=WIDTH => format!("\n  {flag:WIDTH$}  {what}"),
        _ => format!("\n  {flag}\n  {:WIDTH$}  {what}", ""),
    };
    let lines: String = flags.iter().map(line).collect();
    let (count, total) = (lacking.len(), plan.entries.len());
    let need = if count == 1 { "needs" } else { "need" };
    format!("hint: {count} of {} {need} a {resource} in a known state; add one of{lines}", counted(total, "case"))
}

/// A hint, where everything that must be refused succeeded and no documented exchange failed: so does a static mock.
pub(super) fn static_mock(report: &Report) -> Option<&'static str> {
    let judged = |kind: &'static str| {
        let entries = report.entries.iter().filter(move |entry| entry.kind == kind);
        entries.filter(|entry| matches!(entry.outcome, Outcome::Pass | Outcome::Fail))
    };
    let is_accepted = |entry: &Entry| entry.reply().is_some_and(|reply| reply.status < 400);
    let is_mock = judged("derived").next().is_some()
        && judged("derived").all(is_accepted)
        && ["documented", "described"].into_iter().flat_map(judged).all(|entry| entry.outcome == Outcome::Pass);
    is_mock.then_some(
        "every request that must be refused was accepted\n\
         hint: if the endpoint is a static mock, add --kinds documented,described",
    )
}

/// Says before anything is sent that requests need credentials and there are none.
///
/// # Errors
/// The API refuses every request without credentials.
pub(super) fn credentials<P: Program>(
    arguments: &Arguments<P>,
    plan: &Plan<'_>,
    endpoint: &Address,
) -> Result<(), Failure> {
    if arguments.prefer {
        return Ok(());
    }
    let needing: Vec<&Case> = plan.steps().map(|entry| entry.case).filter(|case| needs_credential(case)).collect();
    let (count, total) = (needing.len(), plan.steps().count());
    let Some(credential) = needing.iter().find_map(|case| case.request.credential.as_ref()) else { return Ok(()) };
    let name = &credential.name;
    let (cases, need) = (counted(total, "case"), if count == 1 { "needs" } else { "need" });
    arguments.service.lacks_credentials(&format!("no credentials for {endpoint}: {count} of {cases} {need} {name}"))
}

/// The request carries a valid credential.
fn needs_credential(case: &Case) -> bool {
    let is_needed = |it: &Credential| {
        it.instead.is_none() && !it.optional && it.alternatives().flatten().all(|one| one.unsupported.is_none())
    };
    case.request.credential.as_ref().is_some_and(is_needed)
}
