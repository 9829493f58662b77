//! Every example matches its schema and is part of an exchange that can be sent.

use std::collections::{HashMap, HashSet};

use conformance_engine::schema::{Direction, Schemas};
use serde_json::Value;

use crate::document::{Api, Document, Exchange, Gap, Operation, raised};
use crate::node::{Data, Node};
use crate::source::{At, Diagnostics, did_you_mean};
use crate::structure::Survey;

pub(super) fn check(api: &Api<'_>, survey: &Survey<'_>, found: &mut Diagnostics) {
    check_values(api.document(), survey, found);
    let givens = givens(api.document());
    for (operation, exchanges, gaps) in api.exchanges() {
        // A variable of the path that nothing describes has a rule of its own.
        let is_declared = operation.parameters.iter().all(|parameter| parameter.at != operation.path_at);
        for Gap { example, at, rule, reason, hint } in
            gaps.iter().filter(|gap| is_declared || gap.rule != "parameter-value")
        {
            found.report(rule, *at, format!("the example `{example}` cannot be replayed: {reason}"), *hint);
        }
        check_exchanges(api.document(), operation, exchanges, givens.as_ref(), found);
    }
}

fn check_exchanges(
    document: &Document,
    operation: &Operation<'_>,
    exchanges: &[Exchange<'_>],
    givens: Option<&HashSet<&str>>,
    found: &mut Diagnostics,
) {
    for exchange in exchanges {
        if exchange.is_repeated {
            let (message, hint) = match exchange.object {
                Some(_) => (
                    format!("the name `{}` stands for examples of more than one status", exchange.name),
                    "give each exchange of an operation a name of its own",
                ),
                None => (
                    "examples of more than one status have no name".to_owned(),
                    "write each under `examples`, with a name of its own",
                ),
            };
            found.report("example-name", exchange.at, message, hint);
        }
        if !exchange.is_paired_by_name {
            let message = format!("no request example is called `{}`, as this response example is", exchange.name);
            found.report("example-unpaired", exchange.at, message, "give the two examples the same name");
        }
        let of_response = || operation.response_to(exchange.status)?.extension("x-given");
        let given = exchange.extension("x-given").or_else(of_response);
        if given.is_none() && depends_on_state(document, operation) {
            let message = format!("the example `{}` does not say which state it is given in", exchange.name);
            found.report(
                "given-missing",
                exchange.at,
                message,
                "add `x-given`; x-lifecycle says that the operation needs a state",
            );
        }
        if let Some((at, text)) = given.and_then(|given| Some((given.at, given.as_text()?)))
            && givens.is_some_and(|givens| !givens.contains(text))
        {
            let message = format!("the given `{text}` is not listed under x-lifecycle.givens or x-givens");
            let hint = format!(
                "{}correct it, or add it to the list",
                did_you_mean(text, givens.into_iter().flatten().copied())
            );
            found.report("given-unknown", at, message, hint);
        }
    }
}

/// Whether the lifecycle restricts from which states the operation may be called.
fn depends_on_state(document: &Document, operation: &Operation<'_>) -> bool {
    let transitions = document.root().get("x-lifecycle").and_then(|lifecycle| lifecycle.get("operations"));
    transitions.and_then(|all| all.get(operation.id)?.get("from")).is_some()
}

/// The states that the document lists. Where it lists none, a state is whatever the provider of states knows.
fn givens(document: &Document) -> Option<HashSet<&str>> {
    let lifecycle = document.root().get("x-lifecycle");
    if lifecycle.is_none() && document.root().get("x-givens").is_none() {
        return None;
    }
    let of_lifecycle = lifecycle.map_or([].iter(), |lifecycle| lifecycle.entries_of("givens"));
    Some(of_lifecycle.chain(document.root().entries_of("x-givens")).map(|entry| entry.key.as_str()).collect())
}

fn check_values(document: &Document, survey: &Survey<'_>, found: &mut Diagnostics) {
    let components = document.schemas();
    let schemas = Schemas::new(&components);
    for pattern in &survey.patterns {
        if pattern.as_text().is_some_and(|text| !document.can_read_pattern(text)) {
            let message =
                format!("{} is no regular expression, and values are not checked against it", pattern.describe());
            found.report("pattern", pattern.at, message, "write a regular expression of ECMA 262");
        }
    }
    let judge = |rule, what: &str, value: &Node, schema: &Value, found: &mut Diagnostics| {
        let reading = value.to_reading();
        // Nothing here knows which way the value travels: what fits one of the two ways is right.
        let mut violations = schemas.violations_of(&reading, schema, Direction::Request);
        if !violations.is_empty() {
            let as_reply = schemas.violations_of(&reading, schema, Direction::Reply);
            violations = if as_reply.len() < violations.len() { as_reply } else { violations };
        }
        for violation in violations {
            let at = locate(value, &violation.pointer);
            if violation.schema_is_broken {
                // Whatever else is wrong with the schema itself has a rule of its own.
                if violation.keyword == "pattern" {
                    let hint = "write the pattern without a repetition inside of a repetition";
                    found.report("pattern", at, &violation.message, hint);
                }
                continue;
            }
            let place = if violation.pointer.is_empty() { String::new() } else { format!(" at {}", violation.pointer) };
            let message = format!("the {what} does not match its schema{place}: {}", violation.message);
            found.report(rule, at, message, format!("correct the {what} or the schema (`{}`)", violation.keyword));
        }
    };
    for node in &survey.schemas {
        let schema = raised(document, node);
        if let Some(default) = node.get("default") {
            judge("default-mismatch", "default", default, &schema, found);
        }
        for example in node.get("example").into_iter().chain(node.items_of("examples")) {
            judge("example-mismatch", "example", example, &schema, found);
        }
    }
    // Many examples share few schemas: each is converted once.
    let mut converted: HashMap<At, Value> = HashMap::new();
    for carrier in &survey.carriers {
        let Some(schema) = carrier.get("schema") else { continue };
        let named = carrier.entries_of("examples").filter_map(|entry| document.resolve(&entry.value)?.get("value"));
        for value in carrier.get("example").into_iter().chain(named) {
            let schema = converted.entry(schema.at).or_insert_with(|| raised(document, schema));
            judge("example-mismatch", "example", value, schema, found);
        }
    }
}

/// The place of the value that a JSON pointer names, or of the nearest value around it.
pub(crate) fn locate(value: &Node, pointer: &str) -> At {
    let mut node = value;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let next = match &node.data {
            Data::Map(map) => map.get(&step),
            Data::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.at
}
