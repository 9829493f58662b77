//! Assembles the suite: cases of examples and descriptions (`operation`), permitted cases (`permitted`), derived cases
//! (`derived`), journeys (`journeys`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use conformance_engine::schema::Schemas;
use conformance_engine::suite::{Case, Credential, DocumentPlace, LeftOut, Suite};
use serde_json::{Map, Value};

use super::contract::base_paths;
use super::credential::security;
use super::member_rules::OneKind;
use super::operation::{Aliases, Maker};
use super::replies::{Known, complete, schemas_of_response};
use super::schemas::referenced_schemas;
use super::setup::Linked;
use super::states::States;
use super::{derived, journeys, lifecycle, permitted, setup};
use crate::document::{Api, Document, Operation, Values, pairs, pairs_of_other_media};
use crate::node::Node;
use crate::source::At;

/// Every exchange that the document lets a runner replay. What cannot be replayed is in [`Suite::left_out`], each with
/// its reason; nothing else is lost because of it.
pub fn suite(api: &Api<'_>) -> Suite {
    let (document, operations) = (api.document(), api.operations());
    let info = document.root().get("info");
    let text = |key| info.and_then(|info| info.text(key)).unwrap_or_default().to_owned();
    let base_paths = base_paths(document, operations);
    let mut suite = Suite { title: text("title"), version: text("version"), base_paths, ..Suite::default() };
    let aliases = aliases(document, operations);
    let components = document.schemas();
    let mut shared = None;
    let mut known = BTreeSet::new();
    let mut refused = Vec::new();
    suite.left_out.extend(unread_paths(document));
    let maker = maker(document, operations, &components);
    let linked = Linked::of(document, operations);
    for operation in operations {
        if !known.insert(operation.label()) {
            // Its cases would have the ids of the other's.
            let reason = format!("another operation is called `{}` as well", operation.id);
            suite.left_out.push(LeftOut { operation: operation.label(), example: None, reason });
            continue;
        }
        let credential = security(document, operation);
        let none = BTreeMap::new();
        let mut made = maker.cases(operation, credential.as_ref(), aliases.get(operation.id).unwrap_or(&none));
        setup::give(document, operation, &mut made.cases);
        linked.give(document, operation, &mut made.cases);
        let derived =
            derived::derived(document, operations, operation, &made.cases, &maker.kinds, &linked, &components);
        suite.left_out.extend(made.left_out);
        suite.cases.extend(made.cases);
        refused.extend(derived.cases);
        let untried = derived.untried.into_iter();
        suite.untried.extend(untried.map(|reason| LeftOut { operation: operation.label(), example: None, reason }));
        shared = shared.or(credential);
    }
    let gone = derived::gone(document, operations, &suite.cases, &refused);
    refused.extend(derived::methods(document, operations, &suite.cases, &maker.kinds, &linked, &components));
    // What is documented comes first, so that what follows from it does not hide it.
    let (permitted, left_out) = permitted::permitted(document, operations, &suite.cases, &linked, &components);
    suite.untried.extend(left_out.into_iter().map(|it| LeftOut {
        reason: format!("{}: {}", it.example.unwrap_or_default(), it.reason),
        example: None,
        operation: it.operation,
    }));
    suite.cases.extend(permitted);
    suite.cases.extend(refused);
    suite.cases.extend(gone);
    suite.lifecycle = lifecycle::lifecycle(document, shared.as_ref());
    if let Some(lifecycle) = &mut suite.lifecycle {
        for operation in operations {
            let cases = suite.cases.iter().filter(|case| case.operation == operation.id && case.kind.is_documented());
            let success = cases.into_iter().find(|case| (200..300).contains(&case.expected.status));
            if let (Some(transition), Some(success)) = (lifecycle.operations.get_mut(operation.id), success) {
                transition.plain = derived::plain(document, operation, &success.request);
            }
        }
        let (document, kinds, cases) = (document, &maker.kinds, &suite.cases);
        let states = States { document, operations, kinds, lifecycle, cases };
        let ((of_states, left_out), lookups, refusals) = (states.cases(), states.lookups(), states.refusals());
        suite.left_out.extend(left_out);
        suite.cases.extend(of_states);
        suite.cases.extend(journeys::journeys(lifecycle, &suite.cases, &refusals));
        suite.cases.extend(lookups);
    }
    setup::States::of(document, operations, &linked).add_to(&mut suite);
    // What is deleted is gone: without a state of its own, such a case comes last.
    let is_last = |case: &Case| case.request.method == "DELETE" && case.given.is_none() && case.expected.status < 400;
    let (last, before): (Vec<_>, Vec<_>) = suite.cases.into_iter().partition(is_last);
    suite.cases = before.into_iter().chain(last).collect();
    let by_label: HashMap<String, &Operation<'_>> = operations.iter().rev().map(|it| (it.label(), it)).collect();
    let mut replies = Known::default();
    for case in &mut suite.cases {
        // Of a method that is not documented, nothing is.
        let operation = by_label.get(&case.operation).filter(|it| it.method.eq_ignore_ascii_case(&case.request.method));
        if let Some(operation) = operation {
            complete(document, operation, &maker.kinds, &mut replies, case);
            if case.given.as_ref().is_some_and(|given| linked.is_implied(given)) {
                setup::loosen(document, operation, case);
            }
            if !linked.is_given(case) {
                case.expected.presumes = setup::presumed(document, operation, case);
            }
        }
    }
    let of_bodies = suite.cases.iter().filter_map(|case| case.expected.body.as_ref()?.schema.as_ref());
    // What cases share is looked at once.
    let mut known = HashSet::new();
    let replies = suite.cases.iter().flat_map(|case| case.expected.replies.values());
    let replies = replies.filter(|reply| known.insert(Arc::as_ptr(reply)));
    let schemas = of_bodies.chain(replies.flat_map(|reply| schemas_of_response(reply)));
    suite.schemas = referenced_schemas(document, schemas);
    suite.places = places(document, operations, &suite.cases);
    suite.unused_schemes = unused_schemes(document, &suite.cases);
    suite
}

/// The cases of the examples and the description of one operation, as [`suite`] begins with them.
pub fn cases_of(api: &Api<'_>, operation: &Operation<'_>) -> Vec<Case> {
    let (document, operations) = (api.document(), api.operations());
    let components = document.schemas();
    let aliases = aliases(document, operations);
    let none = BTreeMap::new();
    let aliases = aliases.get(operation.id).unwrap_or(&none);
    let maker = maker(document, operations, &components);
    let mut made = maker.cases(operation, security(document, operation).as_ref(), aliases);
    setup::give(document, operation, &mut made.cases);
    Linked::of(document, operations).give(document, operation, &mut made.cases);
    made.cases
}

fn maker<'d, 'c>(
    document: &'d Document,
    operations: &[Operation<'d>],
    components: &'c Map<String, Value>,
) -> Maker<'d, 'c> {
    Maker {
        document,
        schemas: Schemas::new(components),
        values: Values::of(document, operations),
        kinds: OneKind::of(document, operations),
    }
}

/// The security schemes that no case has a credential for.
fn unused_schemes(document: &Document, cases: &[Case]) -> Vec<String> {
    let credentials = cases.iter().filter_map(|case| case.request.credential.as_ref());
    let used: HashSet<&str> = credentials.flat_map(Credential::all).map(|it| it.scheme.as_str()).collect();
    let schemes = document.root().get("components").into_iter().flat_map(|parts| parts.entries_of("securitySchemes"));
    schemes.map(|scheme| scheme.key.clone()).filter(|name| !used.contains(name.as_str())).collect()
}

/// The place of each operation, and of each case that shows an example of its own. What follows from an operation has
/// no place but the operation's.
fn places(document: &Document, operations: &[Operation<'_>], cases: &[Case]) -> BTreeMap<String, DocumentPlace> {
    let place = |at: At| DocumentPlace {
        file: document.files().get(at.file as usize).cloned().unwrap_or_default(),
        line: at.line,
        column: at.column,
    };
    let mut places = BTreeMap::new();
    let mut examples = BTreeMap::new();
    // The first operation of a name has the cases.
    for operation in operations.iter().rev() {
        let label = operation.label();
        let others = pairs_of_other_media(document, operation);
        for pair in others.iter().chain(&pairs(document, operation)) {
            examples.insert(format!("{label}/{}", pair.case_name()), pair.at);
        }
        places.insert(label, place(operation.at));
    }
    for case in cases.iter().filter(|case| case.kind.name() == "documented") {
        // `op/name.optional` and `op/name.xml` are made of the example `name`.
        let mut id = case.id.as_str();
        let at = loop {
            match (examples.get(id), id.rsplit_once('.')) {
                (Some(at), _) => break Some(*at),
                (None, Some((shorter, _))) => id = shorter,
                (None, None) => break None,
            }
        };
        if let Some(at) = at {
            places.insert(case.id.clone(), place(at));
        }
    }
    places
}

/// Path items that are no path, or are elsewhere, so that nobody knows their operations.
fn unread_paths(document: &Document) -> impl Iterator<Item = LeftOut> {
    let paths = document.root().entries_of("paths").filter(|entry| !entry.key.starts_with("x-"));
    paths.filter_map(|entry| {
        let reason = match entry.value.text("$ref") {
            _ if !entry.key.starts_with('/') => "a path begins with `/`, so its operations have no address".to_owned(),
            Some(reference) => {
                format!("its operations are behind the reference `{reference}`, which is not followed")
            }
            None => return None,
        };
        Some(LeftOut { operation: entry.key.clone(), example: None, reason })
    })
}

fn aliases<'d>(document: &'d Document, operations: &[Operation<'d>]) -> HashMap<&'d str, Aliases> {
    let mut aliases: HashMap<&'d str, Aliases> = HashMap::new();
    let links = operations
        .iter()
        .flat_map(|operation| &operation.responses)
        .flat_map(|response| response.node.entries_of("links"));
    for link in links.filter_map(|entry| document.resolve(&entry.value)) {
        let Some(target) = link.text("operationId") else { continue };
        let in_body = link.get("requestBody").map_or([].iter(), Node::entries);
        for taken in link.entries_of("parameters").chain(in_body) {
            let answered = taken.value.as_text().and_then(|text| text.strip_prefix("$response.body#/"));
            // `path.id` and `id` both name the parameter `id`.
            let name = taken.key.split_once('.').map_or(taken.key.as_str(), |(_, name)| name);
            if let Some(answered) = answered.filter(|answered| *answered != name && !answered.contains('/')) {
                aliases.entry(target).or_default().insert(answered.to_owned(), name.to_owned());
            }
        }
    }
    aliases
}
