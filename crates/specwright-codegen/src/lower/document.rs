//! The document as progenitor takes it: constants in the address, one path key for each operation, and nothing that no
//! client needs.

use std::collections::{BTreeMap, HashSet};

use openapi_document::Document;
use openapi_document::document::{Operation, references};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::findings::Findings;
use super::operations::{Site, pointer};
use super::plain::{object, plain, with_references};
use super::rust_names::{snake, take_free};
use crate::input::security::{self, Place};
use crate::text::markdown;

/// The member of a lowered operation with the alternatives of credentials that it takes, and of the document with what each
/// of them is.
pub(crate) const CREDENTIALS: &str = "x-credentials";

/// What a query keeps as it is; everything else in a constant is percent-encoded.
pub(crate) const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The document as progenitor takes it, as text.
pub(crate) fn lowered(document: &Document, operations: &[Operation<'_>]) -> String {
    // Alternate form: indented.
    format!("{:#}\n", lower(document, operations))
}

/// The document as progenitor takes it: constants in the address and no longer arguments, one path key for each
/// operation, and nothing that no client needs.
pub(crate) fn lower<'o, 'd: 'o>(document: &Document, operations: impl IntoIterator<Item = &'o Operation<'d>>) -> Value {
    lower_with_sites(document, operations).0
}

/// The same, and where each operation is.
pub(crate) fn lower_with_sites<'o, 'd: 'o>(
    document: &Document,
    operations: impl IntoIterator<Item = &'o Operation<'d>>,
) -> (Value, Vec<Site>) {
    let mut paths = Map::new();
    let mut sites = Vec::new();
    for operation in operations {
        let mut lowered = plain(operation.node);
        if let Value::Object(members) = &mut lowered {
            let parameters = operation.parameters.iter().filter(|parameter| !parameter.constant);
            members.insert("parameters".to_owned(), parameters.map(|parameter| plain(parameter.listed)).collect());
        }
        sites.push(insert(&mut paths, operation, operation.path.to_owned(), lowered));
    }
    let components = components(document, &paths);
    let info = document.root().get("info").map_or_else(|| json!({}), plain);
    let lowered =
        object([("openapi", "3.0.3".into()), ("info", info), ("paths", paths.into()), ("components", components)]);
    (lowered, sites)
}

/// The operations with everything that they refer to in its place, schemas excepted; and where each one is. Schemas are
/// as in the document, and the component schemas are still to be added.
pub(super) fn operations_in_full<'d>(
    document: &Document,
    operations: &[Operation<'d>],
    findings: &mut Findings,
) -> (Value, Vec<Site>) {
    let mut paths = Map::new();
    let mut sites = Vec::with_capacity(operations.len());
    let mut credentials = Credentials::default();
    for operation in operations {
        let mut lowered = Map::new();
        for key in ["operationId", "summary", "description"] {
            let text = operation.node.text(key).map(|text| words(key, text));
            lowered.extend(text.map(|text| (key.to_owned(), text)));
        }
        if operation.node.flag("deprecated") == Some(true) {
            lowered.insert("deprecated".to_owned(), true.into());
        }
        let taken = credentials.taken(document, operation, findings);
        if !taken.is_empty() {
            lowered.insert(CREDENTIALS.to_owned(), taken.into());
        }
        let parameters = operation.parameters.iter().filter(|parameter| !parameter.constant);
        let mut parameters: Vec<Value> = parameters.map(|parameter| with_references(parameter.node)).collect();
        let (path, renamed) = renamed_variables(operation.path);
        let mut spelled = Vec::new();
        for (index, parameter) in parameters.iter_mut().enumerate().filter(|(_, parameter)| parameter["in"] == "path") {
            let known = renamed.iter().find(|(name, _)| parameter["name"] == name.as_str());
            if let Some((name, new)) = known {
                parameter["name"] = new.as_str().into();
                spelled.push((index.to_string(), name, new));
            }
        }
        lowered.insert("parameters".to_owned(), parameters.into());
        lowered.extend(operation.body.map(|body| ("requestBody".to_owned(), with_references(body))));
        let responses = operation.responses.iter().map(|response| {
            let mut reply = Map::new();
            let description = response.node.text("description").unwrap_or_default();
            reply.insert("description".to_owned(), description.into());
            reply.extend(response.node.get("content").map(|content| ("content".to_owned(), with_references(content))));
            (response.status.to_owned(), reply.into())
        });
        lowered.insert("responses".to_owned(), Value::Object(responses.collect()));
        let site = insert(&mut paths, operation, path, lowered.into());
        for (index, name, new) in spelled {
            findings.rename("parameter", name, new, site.place(&["parameters", &index]));
        }
        if let Some(target) = operation.node.text("$ref") {
            let message = format!("`{target}` stands in the place of an operation, where no reference can stand");
            let hint = "write the operation out, or refer to a whole path item";
            findings.refuse("operation-reference", &site, site.place(&[]), message, hint);
        }
        sites.push(site);
    }
    let mut info = Map::new();
    for key in ["title", "version", "description"] {
        let text = document.root().get("info").and_then(|info| info.text(key));
        info.extend(text.or((key != "description").then_some("")).map(|text| (key.to_owned(), words(key, text))));
    }
    let version = document.root().text("openapi").unwrap_or("3.0.3").into();
    let lowered = object([
        ("openapi", version),
        ("info", info.into()),
        ("paths", paths.into()),
        ("components", json!({})),
        (CREDENTIALS, credentials.0.into_iter().filter_map(|(_, described)| described).collect()),
    ]);
    (lowered, sites)
}

/// A text that becomes documentation, or a name as it stands.
fn words(key: &str, text: &str) -> Value {
    match key {
        "operationId" => text.into(),
        _ => markdown::documentation(text).into(),
    }
}

/// The security schemes that operations take: what a client is told of each, if it can send its credential.
#[derive(Default)]
struct Credentials(Vec<(String, Option<Value>)>);

impl Credentials {
    /// The alternatives of an operation that a client can send, each with the names of schemes.
    fn taken(&mut self, document: &Document, operation: &Operation<'_>, findings: &mut Findings) -> Vec<Value> {
        let mut taken = Vec::new();
        for alternative in security::requirements(document, operation) {
            let described: Vec<_> = alternative.iter().map(|name| self.described(document, name, findings)).collect();
            if described.iter().all(Option::is_some) {
                let sent = described.iter().flatten().filter(|described| described["place"] != "connection");
                taken.push(sent.map(|described| described["name"].clone()).collect());
            }
        }
        taken
    }

    fn described(&mut self, document: &Document, name: &str, findings: &mut Findings) -> Option<Value> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| known == name) {
            return known.clone();
        }
        let security::Scheme { description, place } = security::scheme(document, name);
        let at = pointer(["components", "securitySchemes", name]);
        let described = |place: &str, key: &str| {
            let description = description.as_deref().map(markdown::documentation);
            Some(json!({ "name": name, "place": place, "key": key, "description": description }))
        };
        let known = match place {
            Ok(Place::Authorization(prefix)) => described("authorization", &prefix),
            Ok(Place::Basic) => described("basic", ""),
            Ok(Place::Header(key)) => described("header", &key),
            Ok(Place::Query(key)) => described("query", &key),
            Ok(Place::Cookie(key)) => described("cookie", &key),
            Ok(Place::Connection) => {
                let message = format!("the client has no certificate for the security scheme `{name}`");
                let hint = "give `Client::new_with_client` a `reqwest::Client` with an identity";
                findings.warn("security-scheme", at, message, hint);
                described("connection", "")
            }
            Err(reason) => {
                let message = format!("the client has no credentials for the security scheme `{name}`: {reason}");
                let hint = "give `Client::new_with_client` a `reqwest::Client` that adds them";
                findings.warn("security-scheme", at, message, hint);
                None
            }
        };
        self.0.push((name.to_owned(), known.clone()));
        known
    }
}

/// The path with variables whose names arguments can have, and those that got another one. The names are not sent.
fn renamed_variables(path: &str) -> (String, Vec<(String, String)>) {
    // What a builder has besides arguments.
    const RESERVED: [&str; 7] = ["new", "send", "body", "body_map", "stream", "client", "self"];
    let mut taken: HashSet<String> = HashSet::new();
    let mut renamed = Vec::new();
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, (name, behind))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let plain = snake(name);
        let is_own = !RESERVED.contains(&plain.as_str()) && !taken.contains(&plain);
        let new = if is_own { name.to_owned() } else { take_free(&format!("{plain}_parameter"), &mut taken) };
        taken.insert(snake(&new));
        out = format!("{out}{before}{{{new}}}");
        if !is_own {
            renamed.push((name.to_owned(), new));
        }
        rest = behind;
    }
    out.push_str(rest);
    (out, renamed)
}

/// Adds an operation under a path key of its own, with its constants in the address.
fn insert(paths: &mut Map<String, Value>, operation: &Operation<'_>, path: String, lowered: Value) -> Site {
    let query: Vec<String> = operation
        .constants
        .iter()
        .map(|c| format!("{}={}", utf8_percent_encode(c.name, IN_QUERY), utf8_percent_encode(&c.value, IN_QUERY)))
        .collect();
    let mut key = path;
    if !query.is_empty() {
        key = format!("{key}?{}", query.join("&"));
    }
    // Operations told apart by their bodies have one address; progenitor folds repeated slashes into one.
    while paths.get(&key).is_some_and(|item| item.get(operation.method).is_some()) {
        key.insert(0, '/');
    }
    let item = paths.entry(key.clone()).or_insert_with(|| json!({}));
    item[operation.method] = lowered;
    Site { path: key, method: operation.method.to_owned() }
}

/// The components that the lowered paths use, and those that these use.
fn components(document: &Document, paths: &Map<String, Value>) -> Value {
    let mut sections: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    let mut open = Vec::new();
    paths.values().for_each(|item| references(item, &mut open));
    while let Some(reference) = open.pop() {
        let entry = reference.strip_prefix("#/components/").and_then(|pointer| {
            let (section, name) = pointer.split_once('/')?;
            let sections = document.root().get("components")?.as_map()?;
            let section = sections.entry(section)?;
            Some((section.key.as_str(), section.value.as_map()?.entry(name)?))
        });
        let Some((section, entry)) = entry else { continue };
        let known = sections.entry(section).or_default();
        if !known.contains_key(entry.key.as_str()) {
            let lowered = plain(&entry.value);
            references(&lowered, &mut open);
            known.insert(&entry.key, lowered);
        }
    }
    let sections = sections.into_iter().map(|(section, members)| {
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        (section.to_owned(), Value::Object(members.collect()))
    });
    Value::Object(sections.collect())
}
