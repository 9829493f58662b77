//! The documented exchanges as a suite that a conformance runner replays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use conformance_engine::suite::{
    Body, Case, Credential, Expected, ExpectedBody, Kind, LeftOut, Place, Request, Rule, Source, Suite,
};
use serde_json::{Map, Value};

use crate::document::{Document, references};
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
        let kinds = OneKind::of(self);
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
                suite.cases.push(case(self, operation, exchange, credential.clone(), &aliases, &kinds));
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
    kinds: &OneKind<'_>,
) -> Case {
    let expected_body = exchange.reply.as_ref().map(|reply| {
        let schema = reply.media.get("schema");
        let mut rules = BTreeMap::new();
        if let Some(schema) = schema {
            member_rules(document, schema, reply.value, String::new(), &mut rules);
        }
        blank_rules(document, schema, kinds, exchange, &mut rules);
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
        kind: Kind::Documented,
        given: exchange.object.and_then(|object| object.text("x-given")).map(str::to_owned),
        source: exchange.object.and_then(|object| source(object.get("x-source")?)),
        request: Request {
            method: operation.method.to_uppercase(),
            path: operation.path.to_owned(),
            parameters: exchange.parameters.clone(),
            credential,
            body: exchange.body.map(|(media_type, value)| Body {
                media_type: media_type.to_owned(),
                value: value.to_json(),
                raw: false,
            }),
            aliases: aliases.get(operation.id).cloned().unwrap_or_default(),
        },
        expected: Expected { status, or: Vec::new(), body: expected_body },
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

/// The names of members that have a value only in replies of one kind (`x-present-on`), anywhere in the document.
#[derive(Default)]
struct OneKind<'d> {
    success: BTreeSet<&'d str>,
    failure: BTreeSet<&'d str>,
}

impl<'d> OneKind<'d> {
    fn of(document: &'d Document) -> OneKind<'d> {
        let mut names = OneKind::default();
        for property in document.components("schemas").flat_map(|schema| schema.value.entries_of("properties")) {
            match property.value.text("x-present-on") {
                Some("success") => names.success.insert(&property.key),
                Some("failure") => names.failure.insert(&property.key),
                _ => false,
            };
        }
        names
    }
}

/// Members of the other kind are blank in a reply, also where its own schema does not know them: an API that spells
/// things in two ways must not mix them.
fn blank_rules(
    document: &Document,
    schema: Option<&Node>,
    kinds: &OneKind<'_>,
    exchange: &Exchange<'_>,
    rules: &mut BTreeMap<String, Rule>,
) {
    let (own, other) = if exchange.is_failure { ("failure", &kinds.success) } else { ("success", &kinds.failure) };
    let properties = schema.and_then(|schema| document.resolve(schema)?.get("properties"));
    for name in other {
        // A schema that lists the member without restricting it to the other kind allows it here.
        let listed = properties.and_then(|all| all.get(name)).map(|member| member.text("x-present-on"));
        if listed.is_none_or(|kind| kind.is_some_and(|kind| kind != own)) {
            rules.insert(format!("/{}", name.replace('~', "~0").replace('/', "~1")), Rule::Blank);
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
            instead: None,
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
                instead: None,
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
    while let Some(reference) = open.pop() {
        let Some(name) = reference.strip_prefix("#/components/schemas/").map(str::to_owned) else { continue };
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
