//! States that documented exchanges make: `x-given` that names exchanges, `x-givens`, and the links between operations.

use std::collections::BTreeMap;

use super::exchange::extension;
use super::operation::{METHODS, Operation, Response};
use super::resolve::Document;
use crate::node::{Data, Node, unescaped};
use crate::source::At;

/// An exchange that makes a state, as `x-given` names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    /// `operation/example`, or an operation.
    pub(crate) exchange: String,
    pub(crate) at: At,
    /// What later requests take from it: where it goes, and the expression.
    pub(crate) values: Vec<(String, String)>,
}

/// The exchanges that `x-given` names: an object, or a list of objects and texts. Nothing where it is the name of a state.
pub(crate) fn named_exchanges(given: &Node) -> Option<Vec<Named>> {
    let named = |node: &Node| {
        let exchange = node.as_text().or_else(|| node.text("exchange"))?.to_owned();
        let values = node.entries_of("values").filter_map(|entry| Some((entry.key.clone(), entry.value.scalar()?)));
        Some(Named { exchange, at: node.get("exchange").map_or(node.at, |it| it.at), values: values.collect() })
    };
    match &given.data {
        Data::Map(_) => Some(named(given).into_iter().collect()),
        Data::List(items) => Some(items.iter().filter_map(named).collect()),
        _ => None,
    }
}

/// No state takes more calls.
pub(crate) const MOST: usize = 16;

/// Why there are no calls that make a state.
#[derive(Clone, Debug)]
pub(crate) enum Unmade {
    /// It needs itself.
    Cycle,
    /// It takes so many calls, or more.
    TooMany(usize),
    /// In words.
    Other(String),
}

/// What an exchange is called among all, and the state that it needs.
pub(crate) type Needs = (String, Option<String>);

/// Finds the calls that make states, those before each call included. What is known of a state is found once.
pub(crate) struct Chains<'n, F> {
    named: &'n BTreeMap<String, Vec<Named>>,
    needs: F,
    /// Nothing for a state that is being looked at.
    known: BTreeMap<String, Option<Result<Chain<'n>, Unmade>>>,
}

/// The calls, each with what its exchange is called among all.
pub(crate) type Chain<'n> = Vec<(String, &'n Named)>;

impl<'n, F: Fn(&str) -> Result<Needs, String>> Chains<'n, F> {
    pub(crate) fn new(named: &'n BTreeMap<String, Vec<Named>>, needs: F) -> Self {
        Chains { named, needs, known: BTreeMap::new() }
    }

    /// The calls that make a state.
    pub(crate) fn of(&mut self, state: &str) -> Result<Chain<'n>, Unmade> {
        if let Some(known) = self.known.get(state) {
            return known.clone().unwrap_or(Err(Unmade::Cycle));
        }
        self.known.insert(state.to_owned(), None);
        let found = self.find(state);
        self.known.insert(state.to_owned(), Some(found.clone()));
        found
    }

    fn find(&mut self, state: &str) -> Result<Chain<'n>, Unmade> {
        let mut calls: Chain<'n> = Vec::new();
        for named in self.named.get(state).into_iter().flatten() {
            let (exchange, given) = (self.needs)(&named.exchange).map_err(Unmade::Other)?;
            if let Some(given) = given {
                let before = self.of(&given)?;
                // What was just called need not be called again.
                let same = |(one, other): (&(String, &Named), &(String, &Named))| one.0 == other.0;
                let start = calls.len().checked_sub(before.len());
                if !start.is_some_and(|start| calls[start..].iter().zip(&before).all(same)) {
                    calls.extend(before);
                }
            }
            calls.push((exchange, named));
            if calls.len() > MOST {
                return Err(Unmade::TooMany(calls.len()));
            }
        }
        if calls.is_empty() { Err(Unmade::Other("no exchange is named".to_owned())) } else { Ok(calls) }
    }
}

/// What the state of an `x-given` is called.
pub(crate) fn state_name(given: &Node) -> Option<String> {
    let Some(exchanges) = named_exchanges(given) else { return given.as_text().map(str::to_owned) };
    let names = exchanges.iter().map(|named| {
        let values: Vec<String> = named.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if values.is_empty() { named.exchange.clone() } else { format!("{} ({})", named.exchange, values.join(", ")) }
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| format!("after {}", names.join(", ")))
}

/// What an operation has in `x-given`: the states of its responses, and of the examples of its bodies.
pub(crate) fn given_nodes<'d>(document: &'d Document, operation: &Operation<'d>) -> Vec<&'d Node> {
    let responses = operation.responses.iter().map(|response| (response.listed, response.node));
    let holders: Vec<(&'d Node, &'d Node)> = responses.chain(operation.body.map(|body| (body, body))).collect();
    let media = holders.iter().flat_map(|(_, holder)| holder.entries_of("content"));
    let examples = media.flat_map(|media| media.value.entries_of("examples"));
    let objects = examples.filter_map(|entry| Some((&entry.value, document.resolve(&entry.value)?)));
    let all = holders.iter().copied().chain(objects);
    all.filter_map(|(listed, node)| extension(Some(listed), Some(node), "x-given")).collect()
}

/// The states that exchanges make, each with those that the document names for it.
pub(crate) fn named_states(document: &Document, operations: &[Operation<'_>]) -> BTreeMap<String, Vec<Named>> {
    let of_operations = operations.iter().flat_map(|operation| given_nodes(document, operation));
    let of_operations = of_operations.filter_map(|given| state_name(given).zip(named_exchanges(given)));
    let of_root = document.root().entries_of("x-givens");
    let of_root = of_root.filter_map(|entry| Some((entry.key.clone(), named_exchanges(&entry.value)?)));
    of_operations.chain(of_root).collect()
}

/// A link from a response to an operation.
pub(crate) struct Link<'d> {
    pub(crate) name: &'d str,
    /// The position of the operation that it leads to.
    pub(crate) target: usize,
    pub(crate) node: &'d Node,
}

/// The links of a response whose target is an operation of this document.
pub(crate) fn links<'d>(
    document: &'d Document,
    operations: &[Operation<'d>],
    response: &Response<'d>,
) -> Vec<Link<'d>> {
    let found = response.node.entries_of("links").filter_map(|entry| {
        let node = document.resolve(&entry.value)?;
        let target = match (node.text("operationId"), node.text("operationRef")) {
            (Some(id), _) => operations.iter().position(|operation| operation.id == id),
            (None, Some(reference)) => {
                let (path, method) = reference.strip_prefix("#/paths/")?.rsplit_once('/')?;
                let path = unescaped(path);
                let method = METHODS.into_iter().find(|known| *known == method)?;
                operations.iter().position(|operation| operation.key == path && operation.method == method)
            }
            (None, None) => None,
        };
        Some(Link { name: &entry.key, target: target?, node })
    });
    found.collect()
}
