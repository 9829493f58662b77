//! Each operation in each state of the lifecycle (`x-lifecycle`): where it is allowed, it succeeds; where it is not, and
//! where nothing has the identifier, it is refused with a documented status.
//!
//! What an example shows of an operation and a state is a case already. These are the others, made of the first
//! documented request that succeeds.

use std::collections::{BTreeMap, BTreeSet};

use conformance_engine::lifecycle::{Lifecycle, Transition};
use conformance_engine::suite::{
    Case, Expected, Kind, LeftOut, Parameter, Place, Request, Sending, Source, absent_like,
};

use super::member_rules::OneKind;
use super::replies::refusal_body;
use crate::document::{Document, Operation, Response};

/// What the document has, to make cases of.
pub(crate) struct States<'d, 'c> {
    pub(crate) document: &'d Document,
    pub(crate) operations: &'c [Operation<'d>],
    pub(crate) kinds: &'c OneKind<'d>,
    pub(crate) lifecycle: &'c Lifecycle,
    pub(crate) cases: &'c [Case],
}

/// Statuses that say something of the caller, and nothing of the resource.
const OF_THE_CALLER: [u16; 4] = [401, 407, 408, 429];

/// The statuses that most likely say that a resource is in another state, and that there is none.
const OTHER_STATE: [u16; 5] = [409, 400, 422, 412, 423];
const NONE: [u16; 4] = [404, 410, 400, 422];

impl<'d> States<'d, '_> {
    /// The cases, operation by operation, and what no case can show.
    pub(crate) fn cases(&self) -> (Vec<Case>, Vec<LeftOut>) {
        let (mut cases, mut left_out) = (Vec::new(), Vec::new());
        for operation in self.operations {
            let Some(transition) = self.lifecycle.operations.get(operation.id) else { continue };
            let Some(base) = self.base(operation.id) else { continue };
            let of = Of { states: self, operation, transition, base };
            for state in self.lifecycle.states.iter().map(|state| state.name.as_str()) {
                if transition.from.iter().any(|from| from == state) {
                    cases.extend(of.allowed(state));
                } else if !transition.from.is_empty() {
                    match of.refused(state) {
                        Ok(case) => cases.extend(case),
                        Err(reason) if left_out.iter().all(|it: &LeftOut| it.operation != operation.id) => {
                            left_out.push(LeftOut { operation: operation.id.to_owned(), example: None, reason })
                        }
                        Err(_) => {}
                    }
                }
            }
            cases.extend(of.unknown());
            cases.extend(of.unknown_parts());
        }
        (cases, left_out)
    }

    /// Status requests for what does not exist.
    pub(crate) fn lookups(&self) -> Vec<Case> {
        let Lifecycle { look, job, resource, identifier, .. } = self.lifecycle;
        let mut cases = Vec::new();
        let success = |fits: &dyn Fn(&Case, &Transition) -> bool| {
            self.cases.iter().find(|case| {
                let known = self.lifecycle.operations.get(&case.operation);
                is_base(case) && self.state_of(case).is_some() && known.is_some_and(|known| fits(case, known))
            })
        };
        if let Some((look, base)) = look.as_ref().zip(success(&|_, _| true)) {
            let shows = format!("the status of a {resource} that does not exist is not reported");
            let kind = journey(shows, &[], Sending::Resource, None);
            cases.extend(lookup(&format!("look/unknown_{resource}"), kind, look, identifier, base));
        }
        let Some(look) = job else { return cases };
        let names_job = |case: &Case| {
            let example = case.expected.body.as_ref().and_then(|body| body.example.as_ref());
            look.answered.iter().any(|name| example.is_some_and(|example| example.get(name).is_some()))
        };
        // One that can be called again is used, if there is one.
        let again = success(&|case, known| names_job(case) && !known.once && known.from.contains(&known.to));
        if let Some(base) = again.or_else(|| success(&|case, _| names_job(case))) {
            let shows = "the status of a job that does not exist is not reported".to_owned();
            let kind = journey(shows, &[base.id.as_str()], Sending::Job, None);
            cases.extend(lookup("look/unknown_job", kind, look, &look.identifier, base));
        }
        cases
    }

    /// The documented statuses that refuse a request because of the resource, by operation.
    pub(crate) fn refusals(&self) -> BTreeMap<String, BTreeSet<u16>> {
        let operations = self.operations.iter();
        operations.map(|operation| (operation.id.to_owned(), refusals(operation).collect())).collect()
    }

    /// The first request of an operation that succeeds.
    fn base(&self, operation: &str) -> Option<&Case> {
        let bases = self.cases.iter().filter(|case| case.operation == operation && is_base(case));
        bases.min_by_key(|case| !case.kind.is_documented())
    }

    /// The state that a case is given in.
    fn state_of(&self, case: &Case) -> Option<&str> {
        self.lifecycle.givens.get(case.given.as_ref()?)?.state.as_deref()
    }

    /// The given that means this state, with what is needed besides and as little else as possible.
    pub(crate) fn given(&self, state: Option<&str>, with: &[String]) -> Option<&str> {
        let givens = self.lifecycle.givens.iter();
        let fitting = givens.filter(|(_, given)| {
            given.state.as_deref() == state && with.iter().all(|thing| given.with.contains(thing))
        });
        fitting.min_by_key(|(_, given)| given.with.len()).map(|(name, _)| name.as_str())
    }
}

/// One operation.
struct Of<'s, 'd, 'c> {
    states: &'s States<'d, 'c>,
    operation: &'s Operation<'d>,
    transition: &'s Transition,
    /// Its first request that succeeds.
    base: &'s Case,
}

impl<'d> Of<'_, 'd, '_> {
    /// In a state in which it is allowed and no example shows it; also without what may be left out.
    fn allowed(&self, state: &str) -> Option<Case> {
        let States { lifecycle, .. } = self.states;
        let base_given = self.base.given.as_ref().and_then(|given| lifecycle.givens.get(given));
        let with = base_given.map_or(&[][..], |given| &given.with);
        let (request, given) = match &self.transition.plain {
            Some(plain) => (plain, self.states.given(Some(state), &[])?),
            None if self.documented(state, |case| case.expected.status < 400) => return None,
            None => (&self.base.request, self.states.given(Some(state), with)?),
        };
        let resource = &lifecycle.resource;
        let shows = format!("a {resource} that is {state} allows {}", self.operation.id);
        Some(Case {
            id: format!("{}/state/{state}", self.operation.id),
            kind: journey(shows, &[], Sending::Once, Some(&self.transition.to)),
            given: Some(given.to_owned()),
            request: request.clone(),
            ..self.base.clone()
        })
    }

    /// In a state in which it is not allowed and no example shows it. The reason, if no status says so.
    fn refused(&self, state: &str) -> Result<Option<Case>, String> {
        if self.documented(state, |case| case.expected.status >= 400) {
            return Ok(None);
        }
        let Some(given) = self.states.given(Some(state), &[]) else { return Ok(None) };
        let resource = &self.states.lifecycle.resource;
        let shows = format!("a {resource} that is {state} refuses {}", self.operation.id);
        // The status by which it is refused in another state, if an example shows one.
        let shown = self.states.cases.iter().find(|case| {
            let is_failure = case.operation == self.operation.id && case.expected.status >= 400;
            is_failure && case.kind.is_documented() && self.states.state_of(case).is_some()
        });
        let statuses = shown.map(|case| case.expected.status).into_iter().chain(OTHER_STATE);
        let case = self.refusal(&format!("state/{state}"), shows, given, self.plain(), statuses, Some(state));
        match case {
            Some(case) => Ok(Some(case)),
            None => Err(format!("no status is documented with which a {resource} that is {state} could refuse it")),
        }
    }

    /// With an identifier that nothing has, unless an example shows it.
    fn unknown(&self) -> Option<Case> {
        let given = self.states.given(None, &[])?;
        let is_shown = self.states.cases.iter().any(|case| {
            case.operation == self.operation.id && case.kind.is_documented() && case.given.as_deref() == Some(given)
        });
        let resource = &self.states.lifecycle.resource;
        let shows = format!("{} of a {resource} that does not exist is refused", self.operation.id);
        let case = || self.refusal("state/unknown", shows, given, self.plain(), NONE.into_iter(), None);
        if is_shown { None } else { case().map(of_nothing) }
    }

    /// With the identifier of a part that nothing has, where another answer gives that identifier.
    fn unknown_parts(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        let Some(state) = self.states.state_of(self.base) else { return cases };
        let Some(given) = self.states.given(Some(state), &[]) else { return cases };
        for (answered, taken) in &self.base.request.aliases {
            let Some(request) = with_absent(&self.base.request, taken) else { continue };
            let shows = format!("{} with a `{taken}` that does not exist is refused", self.operation.id);
            let name = format!("state/unknown_{answered}");
            let case = self.refusal(&name, shows, given, &request, NONE.into_iter(), Some(state));
            cases.extend(case.map(of_nothing));
        }
        cases
    }

    fn plain(&self) -> &Request {
        self.transition.plain.as_ref().unwrap_or(&self.base.request)
    }

    /// An example shows the operation in this state.
    fn documented(&self, state: &str, fits: impl Fn(&Case) -> bool) -> bool {
        self.states.cases.iter().any(|case| {
            let is_documented = case.operation == self.operation.id && case.kind.is_documented();
            is_documented && self.states.state_of(case) == Some(state) && fits(case)
        })
    }

    /// A request that is refused with the first of `statuses` that is documented, or with any other that says
    /// something of the request or the resource.
    fn refusal(
        &self,
        name: &str,
        shows: String,
        given: &str,
        request: &Request,
        mut statuses: impl Iterator<Item = u16>,
        ends: Option<&str>,
    ) -> Option<Case> {
        let responses = &self.operation.responses;
        let refusals: Vec<u16> = refusals(self.operation).collect();
        let status = statuses.find(|status| refusals.contains(status)).or_else(|| refusals.first().copied());
        let (status, response) = match status {
            Some(status) => (status, responses.iter().find(|response| response.code() == Some(status))?),
            None => (400, responses.iter().find(|response| matches!(response.status, "4XX" | "default"))?),
        };
        let section = match response.node.text("description") {
            Some(description) => format!("status code {}: {description}", response.status),
            None => format!("status code {}", response.status),
        };
        let source = self.base.source.as_ref();
        Some(Case {
            id: format!("{}/{name}", self.operation.id),
            operation: self.operation.id.to_owned(),
            kind: journey(shows, &[], Sending::Once, ends),
            given: Some(given.to_owned()),
            source: source.map(|source| Source { document: source.document.clone(), section }),
            request: request.clone(),
            expected: Expected {
                status,
                class: response.code().is_none(),
                or: refusals.into_iter().filter(|refusal| *refusal != status).collect(),
                body: refusal_body(self.states.document, self.states.kinds, response),
                ..Expected::default()
            },
        })
    }
}

/// What does not exist may be refused as such, whatever is documented (RFC 9110, sections 15.5.5 and 15.5.11).
fn of_nothing(mut case: Case) -> Case {
    let expected = &mut case.expected;
    let is_documented = |status: &u16| expected.class || expected.status == *status || expected.or.contains(status);
    expected.fitting = [404, 410].into_iter().filter(|status| !is_documented(status)).collect();
    case
}

/// The documented statuses that say something of the request or the resource.
fn refusals(operation: &Operation<'_>) -> impl Iterator<Item = u16> {
    let codes = operation.responses.iter().filter_map(Response::code);
    codes.filter(|code| (400..500).contains(code) && !OF_THE_CALLER.contains(code))
}

/// A journey of these steps.
pub(crate) fn journey(shows: String, steps: &[&str], sent: Sending, ends: Option<&str>) -> Kind {
    Kind::Journey {
        shows,
        after: steps.iter().map(|step| (*step).to_owned()).collect(),
        unique: false,
        sent,
        // The state of what does not exist is not looked up.
        ends: ends.filter(|state| !state.is_empty()).map(str::to_owned),
        older: false,
    }
}

/// A status request with an identifier that nothing has; any status of the class 4XX says so.
fn lookup(
    id: &str,
    kind: Kind,
    look: &conformance_engine::lifecycle::StatusQuery,
    identifier: &str,
    base: &Case,
) -> Option<Case> {
    let mut parameters: Vec<Parameter> = base.request.parameters.clone();
    parameters.retain(|parameter| parameter.place == Place::Path && !parameter.constant);
    if !parameters.iter().any(|parameter| parameter.name == identifier) {
        let example = base.expected.body.as_ref()?.example.as_ref()?;
        let value = look.answered.iter().find_map(|name| example.get(name)?.as_str())?.to_owned();
        let origin = conformance_engine::suite::Origin::Documented;
        let name = identifier.to_owned();
        parameters.push(Parameter {
            name,
            place: Place::Path,
            value,
            constant: false,
            origin,
            prefix: String::new(),
            encoded: false,
        });
    }
    Some(Case {
        id: id.to_owned(),
        operation: "look".to_owned(),
        kind,
        given: base.given.clone(),
        source: None,
        request: Request {
            method: "GET".to_owned(),
            path: look.paths.first()?.clone(),
            parameters,
            credential: look.credential.clone(),
            body: None,
            aliases: base.request.aliases.clone(),
            unsent: Vec::new(),
            wire: None,
        },
        expected: Expected { status: 404, class: true, ..Expected::default() },
    })
}

/// The request with an identifier that nothing has in place of the value called `name`.
fn with_absent(request: &Request, name: &str) -> Option<Request> {
    let mut request = request.clone();
    if let Some(parameter) = request.parameters.iter_mut().find(|it| it.name == name && !it.constant) {
        parameter.value = absent_like(&parameter.value);
        // What a state brings along must not repair it.
        parameter.constant = true;
        return Some(request);
    }
    let body = request.body.as_mut()?;
    let member = body.value.as_object_mut()?.get_mut(name)?;
    *member = absent_like(member.as_str()?).into();
    body.fixed.push(name.to_owned());
    Some(request)
}

fn is_base(case: &Case) -> bool {
    (200..300).contains(&case.expected.status) && matches!(case.kind, Kind::Documented | Kind::Described)
}
