//! Marks what of a contract exchanges exercise. Values in, counts out.
//!
//! - An **operation** is exercised by a request that was answered, if nothing kept the exchange from being judged.
//! - A **status** is exercised by a judged reply that has it.
//! - A **parameter**, a **member** or a **value** is exercised where it occurs in a right message of a judged exchange: of a
//!   request in which nothing is wrong, of a reply in which nothing is wrong.
//! - An **example** is exercised by the case that was made from it, or by a recording that names this case.
//! - A **state** is exercised by a judged case that was made in it, by an accepted operation that is allowed in no other
//!   state, and by a look-up that shows it.
//!
//! Memory grows with the contract and the names of the cases, not with the exchanges.

mod members;
mod reasons;
mod states;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use self::members::Members;
use self::reasons::Reasons;
use self::states::States;
use crate::check::described::describing;
use crate::check::exchange::{Judge, Judgement};
use crate::check::media_type::is_json;
use crate::check::schema::{Direction, Schemas};
use crate::check::value::member_of;
use crate::model::contract::{Contract, Media, Operation, Parameter, Style};
use crate::model::coverage::{Coverage, Item, Kind, Missing};
use crate::model::exchange::Purpose;
use crate::model::json;
use crate::model::recorded::Recorded;
use crate::model::report::{Entry, Outcome, fingerprint};
use crate::model::suite::{Case, Rule, Setup, Suite};

pub(crate) use self::reasons::explain;

/// Remembers what of a contract was exercised.
pub(crate) struct Tracker<'c> {
    contract: &'c Contract,
    schemas: Schemas<'c>,
    /// Operation -> its place in the contract.
    places: HashMap<&'c str, usize>,
    operations: Vec<OperationSeen<'c>>,
    suite: Option<SuiteSeen<'c>>,
}

/// What was seen of one operation.
struct OperationSeen<'c> {
    is_answered: bool,
    /// In the order of the contract.
    parameters: Vec<ParameterSeen>,
    /// Made when the first body is seen.
    request: Option<Members>,
    /// Status, as the document writes it -> what was seen of its replies.
    replies: BTreeMap<&'c str, ReplySeen<'c>>,
}

/// What was seen of the replies of one status.
#[derive(Default)]
struct ReplySeen<'c> {
    headers: BTreeSet<&'c str>,
    /// Made when the first body is seen.
    members: Option<Members>,
}

struct ParameterSeen {
    occurred: bool,
    values: Vec<(Value, bool)>,
}

struct SuiteSeen<'c> {
    suite: &'c Suite,
    /// Of each documented case, whether it was judged.
    examples: HashMap<&'c str, bool>,
    /// The operations that the suite is about: those of its document.
    operations: HashSet<&'c str>,
    /// The operations of the cases that other cases name as their steps.
    steps: HashMap<&'c str, &'c str>,
    states: Option<States<'c>>,
}

impl<'c> Tracker<'c> {
    /// Nothing was seen yet. With `suite`, examples and states are counted as well.
    pub(crate) fn new(contract: &'c Contract, suite: Option<&'c Suite>) -> Self {
        let schemas = Schemas::new(&contract.schemas);
        let operations = contract.operations.iter().map(|operation| OperationSeen {
            is_answered: false,
            parameters: operation.parameters.iter().map(|it| ParameterSeen::of(&schemas, it)).collect(),
            request: None,
            replies: BTreeMap::new(),
        });
        let operations = operations.collect();
        let places =
            contract.operations.iter().enumerate().map(|(at, operation)| (operation.id.as_str(), at)).collect();
        let suite = suite.map(SuiteSeen::new);
        Self { contract, schemas, places, operations, suite }
    }

    /// Marks what one judged exchange exercises. `holds`: nothing else is wrong with its reply.
    pub(crate) fn see(&mut self, judgement: &Judgement<'c>, recorded: &Recorded, holds: bool) {
        let (Some(operation), Some(reply)) = (judgement.operation, &recorded.exchange.reply) else { return };
        let Some(&place) = self.places.get(operation.id.as_str()) else { return };
        if !judgement.unjudged.is_empty() {
            return;
        }
        let seen = &mut self.operations[place];
        seen.is_answered = true;
        if judgement.request.is_empty() {
            for (index, values) in &judgement.parameters {
                if let Some(parameter) = seen.parameters.get_mut(*index) {
                    parameter.see(values);
                }
            }
            let body = recorded.exchange.sent.body.as_deref().filter(|body| !body.is_empty());
            if let Some(value) = body.filter(|_| operation.body.is_some()).and_then(|body| json::read(body).value) {
                seen.request.get_or_insert_with(|| request_members(&self.schemas, operation)).see(&value);
            }
        }
        let Some((status, response)) = operation.named_response(reply.status) else { return };
        let seen = seen.replies.entry(status).or_default();
        if !holds || !judgement.reply.is_empty() {
            return;
        }
        seen.headers.extend(response.headers.keys().map(String::as_str).filter(|name| reply.header(name).is_some()));
        if let Some(value) = reply.json().ok().and_then(|reading| reading.value.as_ref()) {
            seen.members.get_or_insert_with(|| reply_members(&self.schemas, operation, status)).see(value);
        }
        if let Some(states) = self.suite.as_mut().and_then(|suite| suite.states.as_mut()) {
            states.see(operation, reply);
        }
    }

    /// Marks the example of a judged case, and the state that it was made in.
    pub(crate) fn see_case(&mut self, id: &str, given: Option<&str>) {
        let Some(suite) = &mut self.suite else { return };
        if let Some(is_seen) = suite.examples.get_mut(id) {
            *is_seen = true;
        }
        if let (Some(given), Some(states)) = (given, &mut suite.states) {
            states.see_given(given);
        }
    }

    /// Marks what the exchanges of a case exercise, judged by the contract, and its example and state.
    pub(crate) fn see_entry(&mut self, judge: &Judge<'c>, entry: &Entry) {
        let judged = entry.judged();
        for exchange in &entry.exchanges {
            let step = match &exchange.purpose {
                Purpose::Case => None,
                Purpose::Step(id) | Purpose::Setup(id) => Some(id.as_str()),
                _ => continue,
            };
            let of_step = step.and_then(|id| self.suite.as_ref()?.steps.get(id).copied());
            let operation = of_step.or(entry.operation.as_deref());
            let recorded = Recorded::whole(String::new(), exchange.clone());
            let holds = entry.outcome == Outcome::Pass || judged.is_none_or(|judged| !std::ptr::eq(judged, exchange));
            self.see(&judge.judge_as(&recorded, operation), &recorded, holds);
            if let Some(id) = step.filter(|_| exchange.reply.is_some()) {
                self.see_case(id, None);
            }
        }
        if matches!(entry.outcome, Outcome::Pass | Outcome::Fail | Outcome::Deviates) && entry.reply().is_some() {
            self.see_case(&entry.id, entry.given.as_deref());
        }
    }

    /// What was exercised so far. `is_run`: what was sent comes from the suite, so that it says why something was not.
    pub(crate) fn coverage(&self, is_run: bool) -> Coverage {
        let mut coverage = Coverage {
            contract: fingerprint(self.contract),
            suite: self.suite.as_ref().map(|suite| fingerprint(suite.suite)),
            ..Coverage::default()
        };
        let suite = self.suite.as_ref().filter(|_| is_run).map(|suite| suite.suite);
        let reasons = suite.map(|suite| Reasons::new(self.contract, suite));
        for (operation, seen) in self.contract.operations.iter().zip(&self.operations) {
            let item = Item::operation(&operation.id);
            if self.suite.as_ref().is_some_and(|suite| !suite.operations.contains(operation.id.as_str())) {
                coverage.exclude(item, "the cases are of a document that does not have it");
                continue;
            }
            coverage.count(Kind::Operations, seen.is_answered);
            if seen.is_answered {
                self.write_operation(operation, seen, reasons.as_ref(), &mut coverage);
            } else {
                let inside = coverage.write_inside(|below| self.write_operation(operation, seen, None, below));
                let reason = reasons.as_ref().and_then(|reasons| reasons.of_operation(&operation.id));
                coverage.missing.push(Missing { item, reason, inside });
            }
        }
        if let Some(suite) = &self.suite {
            suite.write(is_run, &mut coverage);
        }
        coverage.sort();
        coverage
    }

    fn write_operation(
        &self,
        operation: &'c Operation,
        seen: &OperationSeen<'c>,
        reasons: Option<&Reasons<'_>>,
        coverage: &mut Coverage,
    ) {
        let item = Item::operation(&operation.id);
        for (parameter, seen) in operation.parameters.iter().zip(&seen.parameters) {
            let item = Item { place: Some(parameter.place), ..Item::of(&item, Kind::Parameters, &parameter.name) };
            if parameter.style == Style::Other && !seen.occurred {
                coverage.exclude(item, "it is written in a way that is not judged");
                continue;
            }
            coverage.count(Kind::Parameters, seen.occurred);
            if seen.occurred {
                seen.write_values(&item, coverage);
            } else {
                let inside = coverage.write_inside(|below| seen.write_values(&item, below));
                coverage.missing.push(Missing { item, reason: None, inside });
            }
        }
        match &seen.request {
            Some(members) => members.write(&item, coverage),
            None => request_members(&self.schemas, operation).write(&item, coverage),
        }
        for (status, response) in &operation.responses {
            let item = Item::status(&operation.id, status);
            let seen = seen.replies.get(status.as_str());
            coverage.count(Kind::Statuses, seen.is_some());
            let write = |coverage: &mut Coverage| {
                for name in response.headers.keys() {
                    let is_seen = seen.is_some_and(|seen| seen.headers.contains(name.as_str()));
                    coverage.count(Kind::Headers, is_seen);
                    if !is_seen {
                        let item = Item::of(&item, Kind::Headers, name);
                        coverage.missing.push(Missing { item, reason: None, inside: BTreeMap::new() });
                    }
                }
                match seen.and_then(|seen| seen.members.as_ref()) {
                    Some(members) => members.write(&item, coverage),
                    None => reply_members(&self.schemas, operation, status).write(&item, coverage),
                }
            };
            match seen {
                Some(_) => write(coverage),
                None => {
                    let inside = coverage.write_inside(write);
                    let reason = reasons.and_then(|reasons| reasons.of_status(&operation.id, status));
                    coverage.missing.push(Missing { item, reason, inside });
                }
            }
        }
    }
}

impl ParameterSeen {
    fn of(schemas: &Schemas<'_>, parameter: &Parameter) -> Self {
        let mut values: Vec<(Value, bool)> = Vec::new();
        let described = parameter.schema.as_ref().map(|schema| describing(schemas, &[schema])).unwrap_or_default();
        let items: Vec<&Value> = described.iter().filter_map(|schema| member_of(schema, "items")).collect();
        let items = items.into_iter().flat_map(|items| describing(schemas, &[items]));
        for schema in described.iter().copied().chain(items) {
            for value in member_of(schema, "enum").and_then(Value::as_array).into_iter().flatten() {
                if !values.iter().any(|(known, _)| known == value) {
                    values.push((value.clone(), false));
                }
            }
        }
        Self { occurred: false, values }
    }

    fn see(&mut self, found: &[String]) {
        self.occurred = true;
        let is_found = |value: &Value| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            found.iter().any(|found| *found == text || found.split(',').any(|element| element == text))
        };
        for (value, occurred) in &mut self.values {
            *occurred = *occurred || is_found(value);
        }
    }

    fn write_values(&self, parameter: &Item, coverage: &mut Coverage) {
        for (value, occurred) in &self.values {
            coverage.count(Kind::Values, *occurred);
            if !occurred {
                let item = Item { kind: Kind::Values, value: Some(value.clone()), ..parameter.clone() };
                coverage.missing.push(Missing { item, reason: None, inside: BTreeMap::new() });
            }
        }
    }
}

impl<'c> SuiteSeen<'c> {
    fn new(suite: &'c Suite) -> Self {
        let documented = suite.cases.iter().filter(|case| case.kind.is_documented());
        let operations = suite.cases.iter().map(|case| &case.operation);
        let operations = operations.chain(suite.left_out.iter().map(|left| &left.operation));
        let steps = suite.cases.iter().flat_map(|case| case.kind.steps()).map(String::as_str);
        let steps = steps.chain(suite.setups.values().flat_map(Setup::cases));
        let by_id: HashMap<&str, &Case> = suite.cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let steps = steps.filter_map(|id| Some((id, by_id.get(id)?.operation.as_str())));
        Self {
            suite,
            examples: documented.map(|case| (case.id.as_str(), false)).collect(),
            operations: operations.map(String::as_str).collect(),
            steps: steps.collect(),
            states: suite.lifecycle.as_ref().map(States::new),
        }
    }

    fn write(&self, is_run: bool, coverage: &mut Coverage) {
        let missing = |item, reason| Missing { item, reason, inside: BTreeMap::new() };
        for case in self.suite.cases.iter().filter(|case| case.kind.is_documented()) {
            let is_seen = self.examples.get(case.id.as_str()).copied().unwrap_or_default();
            coverage.count(Kind::Examples, is_seen);
            if !is_seen {
                let item = Item::of(&Item::operation(&case.operation), Kind::Examples, &case.id);
                coverage.missing.push(missing(item, None));
            }
        }
        for left in &self.suite.left_out {
            let Some(example) = &left.example else { continue };
            let id = format!("{}/{example}", left.operation);
            coverage.count(Kind::Examples, false);
            let item = Item::of(&Item::operation(&left.operation), Kind::Examples, &id);
            coverage.missing.push(missing(item, Some(format!("the example has no case: {}", left.reason))));
        }
        if let Some(states) = &self.states {
            let given = self.suite.cases.iter().filter_map(|case| states.state_of(case.given.as_deref()?));
            let given: Option<BTreeSet<&str>> = is_run.then(|| given.collect());
            states.write(given.as_ref(), coverage);
        }
    }
}

fn request_members(schemas: &Schemas<'_>, operation: &Operation) -> Members {
    let content = operation.body.iter().flat_map(|body| &body.content);
    Members::of(schemas, &json_schemas(content), Direction::Request)
}

fn reply_members(schemas: &Schemas<'_>, operation: &Operation, status: &str) -> Members {
    let response = operation.responses.get(status);
    let content = response.iter().flat_map(|response| &response.content);
    let mut members = Members::of(schemas, &json_schemas(content), Direction::Reply);
    let rules = response.iter().flat_map(|response| &response.rules);
    for (pointer, _) in rules.filter(|(_, rule)| **rule == Rule::Blank) {
        members.exclude(pointer, "it has to be absent, null or empty in this reply");
    }
    members
}

fn json_schemas<'m>(content: impl Iterator<Item = (&'m String, &'m Media)>) -> Vec<&'m Value> {
    content.filter(|(media_type, _)| is_json(media_type)).filter_map(|(_, media)| media.schema.as_ref()).collect()
}
