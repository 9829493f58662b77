//! The documented exchanges as a suite that a conformance runner replays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use conformance_engine::suite::{
    Body, Case, Credential, Expected, ExpectedBody, LeftOut, Place, Request, Rule, Source, Suite,
};
use serde_json::{Map, Value};

use crate::document::Document;
use crate::exchanges::{self, Exchange};
use crate::node::Node;
use crate::operations::Operation;

impl Document {
    /// Every exchange that the document lets a runner replay. What cannot be replayed is in
    /// [`Suite::left_out`], each with its reason; nothing else is lost because of it.
    pub fn suite(&self) -> Suite {
        self.suite_of(&self.operations())
    }

    pub(crate) fn suite_of(&self, operations: &[Operation<'_>]) -> Suite {
        let info = self.root().get("info");
        let text = |key| info.and_then(|info| info.text(key)).unwrap_or_default().to_owned();
        let mut suite = Suite { title: text("title"), version: text("version"), ..Suite::default() };
        let aliases = aliases(self, operations);
        for operation in operations {
            let (exchanges, gaps) = exchanges::of(self, operation);
            if exchanges.is_empty() && gaps.is_empty() {
                let reason = "no response example is documented".to_owned();
                suite.left_out.push(LeftOut { operation: operation.label(), example: None, reason });
            }
            for gap in gaps {
                let (operation, example) = (operation.label(), Some(gap.example));
                suite.left_out.push(LeftOut { operation, example, reason: gap.reason });
            }
            let credential = credential(self, operation);
            for exchange in &exchanges {
                suite.cases.push(case(self, operation, exchange, credential.clone(), &aliases));
            }
        }
        suite.schemas = referenced_schemas(self, &suite.cases);
        suite
    }
}

/// What one operation answers under one name, and another takes under another: operation -> answered -> taken.
type Aliases<'d> = HashMap<&'d str, BTreeMap<String, String>>;

fn case(
    document: &Document,
    operation: &Operation<'_>,
    exchange: &Exchange<'_>,
    credential: Option<Credential>,
    aliases: &Aliases<'_>,
) -> Case {
    let expected_body = exchange.reply.as_ref().map(|reply| {
        let schema = reply.media.get("schema");
        let mut rules = BTreeMap::new();
        if let Some(schema) = schema {
            member_rules(document, schema, reply.value, String::new(), &mut rules);
        }
        blank_rules(document, operation, exchange, &mut rules);
        ExpectedBody {
            media_type: reply.media_type.split(';').next().unwrap_or_default().trim().to_owned(),
            schema: schema.map(Node::to_json),
            example: Some(reply.value.to_json()),
            rules,
        }
    });
    let (name, status) = (exchange.name, exchange.status);
    let id = if exchange.is_repeated { format!("{name}.{status}") } else { name.to_owned() };
    Case {
        id: format!("{}/{id}", operation.label()),
        operation: operation.label(),
        given: exchange.object.and_then(|object| object.text("x-given")).map(str::to_owned),
        source: exchange.object.and_then(|object| source(object.get("x-source")?)),
        request: Request {
            method: operation.method.to_uppercase(),
            path: operation.path.to_owned(),
            parameters: exchange.parameters.clone(),
            credential,
            body: exchange
                .body
                .map(|(media_type, value)| Body { media_type: media_type.to_owned(), value: value.to_json() }),
            aliases: aliases.get(operation.id).cloned().unwrap_or_default(),
        },
        expected: Expected { status, body: expected_body },
    }
}

fn source(node: &Node) -> Option<Source> {
    Some(Source { document: node.text("document")?.to_owned(), section: node.text("section")?.to_owned() })
}

/// The rules of the members that the example has (`x-match`).
fn member_rules(document: &Document, schema: &Node, example: &Node, at: String, rules: &mut BTreeMap<String, Rule>) {
    let Some(schema) = document.resolve(schema) else { return };
    for part in schema.items_of("allOf") {
        member_rules(document, part, example, at.clone(), rules);
    }
    for property in schema.entries_of("properties") {
        let Some(value) = example.get(&property.key) else { continue };
        let pointer = format!("{at}/{}", property.key.replace('~', "~0").replace('/', "~1"));
        let rule =
            document.resolve(&property.value).and_then(|member| member.text("x-match")).and_then(|rule| match rule {
                "equal" => Some(Rule::Equal),
                "id" => Some(Rule::Id),
                _ => None,
            });
        if let Some(rule) = rule {
            rules.insert(pointer.clone(), rule);
        }
        member_rules(document, &property.value, value, pointer, rules);
    }
}

/// A member that has a value only in replies of one kind (`x-present-on`) is blank in replies of the other kind,
/// also where the other kind's schema does not know it.
fn blank_rules(
    document: &Document,
    operation: &Operation<'_>,
    exchange: &Exchange<'_>,
    rules: &mut BTreeMap<String, Rule>,
) {
    let other_kind = if exchange.is_failure { "success" } else { "failure" };
    let schemas = operation.responses.iter().flat_map(|response| response.node.entries_of("content"));
    for schema in schemas.filter_map(|media| document.resolve(media.value.get("schema")?)) {
        for property in schema.entries_of("properties") {
            let member = document.resolve(&property.value);
            if member.and_then(|member| member.text("x-present-on")) == Some(other_kind) {
                rules.insert(format!("/{}", property.key), Rule::Blank);
            }
        }
    }
}

fn aliases<'d>(document: &'d Document, operations: &[Operation<'d>]) -> Aliases<'d> {
    let mut aliases: Aliases<'d> = HashMap::new();
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

/// Where the first security requirement that a token can satisfy wants it.
fn credential(document: &Document, operation: &Operation<'_>) -> Option<Credential> {
    let requirements = operation.node.get("security").or_else(|| document.root().get("security"))?.items();
    if requirements.iter().any(|requirement| requirement.as_map().is_some_and(|map| map.is_empty())) {
        return None;
    }
    requirements.iter().find_map(|requirement| {
        let mut schemes = requirement.entries();
        let (only, None) = (schemes.next()?, schemes.next()) else { return None };
        let scheme = document.components("securitySchemes").find(|entry| entry.key == only.key)?;
        let scheme = document.resolve(&scheme.value)?;
        let header = |prefix: &str| Credential {
            name: "Authorization".to_owned(),
            place: Place::Header,
            prefix: prefix.to_owned(),
        };
        match scheme.text("type")? {
            "apiKey" => Some(Credential {
                name: scheme.text("name")?.to_owned(),
                place: match scheme.text("in")? {
                    "query" => Place::Query,
                    "cookie" => Place::Cookie,
                    _ => Place::Header,
                },
                prefix: String::new(),
            }),
            "http" if scheme.text("scheme")?.eq_ignore_ascii_case("basic") => Some(header("Basic ")),
            _ => Some(header("Bearer ")),
        }
    })
}

/// The component schemas that the cases refer to, and those that these refer to.
fn referenced_schemas(document: &Document, cases: &[Case]) -> Map<String, Value> {
    let mut wanted = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for schema in cases.iter().filter_map(|case| case.expected.body.as_ref()?.schema.as_ref()) {
        references(schema, &mut open);
    }
    let mut schemas: HashMap<String, Value> = HashMap::new();
    while let Some(name) = open.pop() {
        if wanted.insert(name.clone())
            && let Some(entry) = document.target(&format!("#/components/schemas/{name}"))
        {
            let schema = entry.to_json();
            references(&schema, &mut open);
            schemas.insert(name, schema);
        }
    }
    wanted.into_iter().filter_map(|name| schemas.remove(&name).map(|schema| (name, schema))).collect()
}

fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) =
                members.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"))
            {
                names.push(name.to_owned());
            }
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
