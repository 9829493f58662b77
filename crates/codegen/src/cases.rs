//! The documented exchanges as a suite that a conformance runner replays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use conformance_engine::suite::{
    Body, Case, Credential, Expected, ExpectedBody, Kind, LeftOut, Place, Request, Rule, Source, Suite,
};
use serde_json::{Map, Value};

use crate::document::{Document, references, schema_name};
use crate::exchanges::{self, Exchange};
use crate::node::Node;
use crate::operations::Operation;
use crate::{derived, journeys, lifecycle};

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
        let kinds = OneKind::of(self, operations);
        let components = self.schemas();
        let mut shared = None;
        let mut known = BTreeSet::new();
        suite.left_out.extend(unread_paths(self));
        for operation in operations {
            if !known.insert(operation.label()) {
                // Its cases would have the ids of the other's.
                let reason = format!("another operation is called `{}` as well", operation.id);
                suite.left_out.push(LeftOut { operation: operation.label(), example: None, reason });
                continue;
            }
            let (exchanges, gaps) = exchanges::of(self, operation);
            if exchanges.is_empty() && gaps.is_empty() {
                let reason = unread(self, operation).unwrap_or("no response example is documented".to_owned());
                suite.left_out.push(LeftOut { operation: operation.label(), example: None, reason });
            }
            for gap in gaps {
                let (operation, example) = (operation.label(), Some(gap.example));
                suite.left_out.push(LeftOut { operation, example, reason: gap.reason });
            }
            let credential = credential(self, operation);
            let first = suite.cases.len();
            for exchange in &exchanges {
                suite.cases.push(case(self, operation, exchange, credential.clone(), &aliases, &kinds));
            }
            let derived = derived::derived(self, operation, &suite.cases[first..], &kinds, &components);
            suite.cases.extend(derived);
            shared = shared.or(credential);
        }
        suite.lifecycle = lifecycle::lifecycle(self, shared.as_ref());
        if let Some(lifecycle) = &mut suite.lifecycle {
            for operation in operations {
                let cases =
                    suite.cases.iter().filter(|case| case.operation == operation.id && case.kind.is_documented());
                let success = cases.into_iter().find(|case| (200..300).contains(&case.expected.status));
                if let (Some(transition), Some(success)) = (lifecycle.operations.get_mut(operation.id), success) {
                    transition.plain = derived::plain(self, operation, &success.request);
                }
            }
            suite.cases.extend(journeys::journeys(lifecycle, &suite.cases));
        }
        let schemas = suite.cases.iter().filter_map(|case| case.expected.body.as_ref()?.schema.as_ref());
        suite.schemas = referenced_schemas(self, schemas);
        suite
    }
}

/// Path items that are elsewhere, so that nobody knows their operations.
fn unread_paths(document: &Document) -> impl Iterator<Item = LeftOut> {
    let paths = document.root().entries_of("paths");
    paths.filter_map(|entry| {
        let reference = entry.value.text("$ref")?;
        let reason = format!("its operations are behind the reference `{reference}`, which is not followed");
        Some(LeftOut { operation: entry.key.clone(), example: None, reason })
    })
}

/// The reference that keeps an operation from having an example: to another file, or to nothing.
fn unread(document: &Document, operation: &Operation<'_>) -> Option<String> {
    let responses = operation.node.entries_of("responses").map(|entry| &entry.value);
    let inside = responses.chain(operation.node.get("requestBody")).chain(operation.node.items_of("parameters"));
    // Before they are bundled, many documents have whole operations elsewhere.
    let holders = std::iter::once(operation.node).chain(inside);
    let broken = holders.filter(|node| document.resolve(node).is_none());
    let reference = broken.filter_map(|node| node.text("$ref")).next()?;
    Some(match reference.starts_with('#') {
        true => format!("the reference `{reference}` leads to nothing"),
        false => format!("`{reference}` is in another file, and one file is read"),
    })
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
            member_rules(document, schema, Some(reply.value), String::new(), &mut rules);
        }
        let schema_itself = schema.and_then(|schema| document.resolve(schema));
        if exchange.is_failure {
            kinds.failure_rules(schema_itself, &mut rules);
        } else {
            kinds.success_rules(schema_itself, &mut rules);
        }
        ExpectedBody {
            undocumented: false,
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
                value: exchanges::form(media_type, &value.to_json()).map_or_else(|| value.to_json(), Value::String),
                raw: false,
                fixed: Vec::new(),
            }),
            aliases: aliases.get(operation.id).cloned().unwrap_or_default(),
        },
        expected: Expected { status, or: Vec::new(), body: expected_body },
    }
}

fn source(node: &Node) -> Option<Source> {
    Some(Source { document: node.text("document")?.to_owned(), section: node.text("section")?.to_owned() })
}

/// The rules of members (`x-match`): of those that the example has, and of identifiers also where it has none.
pub(crate) fn member_rules(
    document: &Document,
    schema: &Node,
    example: Option<&Node>,
    at: String,
    rules: &mut BTreeMap<String, Rule>,
) {
    let Some(schema) = document.resolve(schema) else { return };
    for part in schema.items_of("allOf") {
        member_rules(document, part, example, at.clone(), rules);
    }
    for property in schema.entries_of("properties") {
        let value = example.and_then(|example| example.get(&property.key));
        let pointer = format!("{at}/{}", property.key.replace('~', "~0").replace('/', "~1"));
        let rule = document.resolve(&property.value).and_then(|member| member.text("x-match"));
        let rule = match rule {
            Some("equal") => value.map(|_| Rule::Equal),
            Some("id") => Some(Rule::Id),
            _ => None,
        };
        if let Some(rule) = rule {
            rules.insert(pointer.clone(), rule);
        }
        if value.is_some() {
            member_rules(document, &property.value, value, pointer, rules);
        }
    }
}

/// The names of members that have a value only in replies of one kind, anywhere in the document.
#[derive(Default)]
pub(crate) struct OneKind<'d> {
    /// `x-present-on: success`.
    success: BTreeSet<&'d str>,
    /// `x-present-on: failure`.
    failure: BTreeSet<&'d str>,
    /// Members of the schemas of failures that have a code to compare (`x-match: equal`): every spelling of the API.
    failures: BTreeSet<&'d str>,
}

impl<'d> OneKind<'d> {
    pub(crate) fn of(document: &'d Document, operations: &[Operation<'d>]) -> OneKind<'d> {
        let mut names = OneKind::default();
        for property in document.components("schemas").flat_map(|schema| schema.value.entries_of("properties")) {
            match property.value.text("x-present-on") {
                Some("success") => names.success.insert(&property.key),
                Some("failure") => names.failure.insert(&property.key),
                _ => false,
            };
        }
        let responses = operations.iter().flat_map(|operation| &operation.responses);
        let media = responses.filter(|response| response.is_failure()).flat_map(|it| it.node.entries_of("content"));
        for schema in media.filter_map(|media| document.resolve(media.value.get("schema")?)) {
            let members = schema.entries_of("properties");
            if members.clone().any(|member| member.value.text("x-match") == Some("equal")) {
                names.failures.extend(members.map(|member| member.key.as_str()));
            }
        }
        names
    }

    /// Members that are blank in a success: those of failures, and other spellings of its own.
    pub(crate) fn success_rules(&self, schema: Option<&Node>, rules: &mut BTreeMap<String, Rule>) {
        blank("success", self.failure.union(&self.failures), schema, rules);
        let own: BTreeSet<String> = names_of(schema).map(spelt).collect();
        let twins = self.success.iter().filter(|name| own.contains(&spelt(name)));
        blank("success", twins, schema, rules);
    }

    /// Members that are blank in a failure: those of successes and, where the shape of the failure is documented, the
    /// spellings of other failures.
    pub(crate) fn failure_rules(&self, schema: Option<&Node>, rules: &mut BTreeMap<String, Rule>) {
        blank("failure", self.success.iter(), schema, rules);
        if names_of(schema).any(|name| self.failures.contains(name)) {
            blank("failure", self.failures.iter(), schema, rules);
        }
    }
}

/// Members of the other kind are blank in a reply, also where its own schema does not know them: an API that spells
/// things in two ways must not mix them.
fn blank<'n>(
    own: &str,
    names: impl Iterator<Item = &'n &'n str>,
    schema: Option<&Node>,
    rules: &mut BTreeMap<String, Rule>,
) {
    let properties = schema.and_then(|schema| schema.get("properties"));
    for name in names {
        // A schema that lists the member without restricting it to the other kind allows it here.
        let listed = properties.and_then(|all| all.get(name)).map(|member| member.text("x-present-on"));
        if listed.is_none_or(|kind| kind.is_some_and(|kind| kind != own)) {
            rules.insert(format!("/{}", name.replace('~', "~0").replace('/', "~1")), Rule::Blank);
        }
    }
}

fn names_of(schema: Option<&Node>) -> impl Iterator<Item = &str> {
    schema.into_iter().flat_map(|schema| schema.entries_of("properties")).map(|member| member.key.as_str())
}

/// `job_id` and `jobId` are two spellings of one name.
fn spelt(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
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
pub(crate) fn credential(document: &Document, operation: &Operation<'_>) -> Option<Credential> {
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

/// What `schemas` refer to, and what that refers to, each under its [`schema_name`].
pub(crate) fn referenced_schemas<'v>(
    document: &Document,
    schemas: impl Iterator<Item = &'v Value>,
) -> Map<String, Value> {
    let mut wanted = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    schemas.for_each(|schema| references(schema, &mut open));
    let mut schemas: HashMap<String, Value> = HashMap::new();
    while let Some(reference) = open.pop() {
        let Some(name) = schema_name(&reference).map(str::to_owned) else { continue };
        if wanted.insert(name.clone())
            && let Some(entry) = document.target(&reference)
        {
            let schema = entry.to_json();
            references(&schema, &mut open);
            schemas.insert(name, schema);
        }
    }
    wanted.into_iter().filter_map(|name| schemas.remove(&name).map(|schema| (name, schema))).collect()
}
