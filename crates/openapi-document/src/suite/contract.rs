//! What the document says of every request and every reply, as a contract that a judge holds traffic against.

use std::collections::{BTreeMap, HashMap};

use conformance_engine::contract::{Body, Contract, Operation as Promise, Parameter, Style};
use conformance_engine::suite::Place;
use serde_json::Value;

use super::credential::security;
use super::member_rules::OneKind;
use super::replies::{bare, content, response, schemas_of_response};
use super::schemas::referenced_schemas;
use crate::document::{
    self, Api, Document, Operation, are_told_apart, is_ignored_header, is_json, raised, without_names,
};
use crate::node::Node;

/// Every operation with what may be asked and answered.
pub fn contract(api: &Api<'_>) -> Contract {
    let (document, operations) = (api.document(), api.operations());
    let info = document.root().get("info");
    let text = |key| info.and_then(|info| info.text(key)).unwrap_or_default().to_owned();
    let kinds = OneKind::of(document, operations);
    let mut promises: Vec<_> = operations.iter().map(|operation| promise(document, operation, &kinds)).collect();
    for (promise, alike) in promises.iter_mut().zip(alike(document, operations)) {
        promise.alike = alike;
    }
    let schemas = referenced_schemas(document, promises.iter().flat_map(schemas_of));
    let schemas = schemas.into_iter().map(|(name, schema)| (name, bare(schema))).collect();
    Contract {
        title: text("title"),
        version: text("version"),
        base_paths: base_paths(document, operations),
        operations: promises,
        schemas,
        ..Contract::default()
    }
}

/// The paths that servers have, those of the document first.
pub(crate) fn base_paths(document: &Document, operations: &[Operation<'_>]) -> Vec<String> {
    let mut base_paths: Vec<String> = Vec::new();
    let servers = operations
        .iter()
        .flat_map(|operation| operation.node.items_of("servers").iter().chain(operation.item.items_of("servers")));
    for server in document.root().items_of("servers").iter().chain(servers) {
        let path = base_path(server);
        if !base_paths.contains(&path) {
            base_paths.push(path);
        }
    }
    base_paths.retain(|path| !path.is_empty());
    base_paths
}

/// For each operation the others that no request tells from it.
fn alike(document: &Document, operations: &[Operation<'_>]) -> Vec<Vec<String>> {
    let mut groups: HashMap<(&str, String), Vec<usize>> = HashMap::new();
    for (index, operation) in operations.iter().enumerate() {
        groups.entry((operation.method, without_names(operation.path))).or_default().push(index);
    }
    let mut alike = vec![Vec::new(); operations.len()];
    for group in groups.values() {
        for (position, &first) in group.iter().enumerate() {
            for &second in &group[position + 1..] {
                if !are_told_apart(document, &operations[first], &operations[second]) {
                    alike[first].push(operations[second].label());
                    alike[second].push(operations[first].label());
                }
            }
        }
    }
    alike
}

fn promise(document: &Document, operation: &Operation<'_>, kinds: &OneKind<'_>) -> Promise {
    let constants = operation.constants.iter().map(|constant| (constant.name.to_owned(), constant.value.clone()));
    let body = operation
        .body
        .map(|body| Body { required: body.flag("required").unwrap_or(false), content: content(document, body) });
    let responses = operation.responses.iter();
    let responses = responses.map(|response| (response.status.to_owned(), self::response(document, response, kinds)));
    Promise {
        id: operation.label(),
        method: operation.method.to_uppercase(),
        path: operation.path.to_owned(),
        constants: constants.collect(),
        parameters: operation.parameters.iter().filter_map(|parameter| self::parameter(document, parameter)).collect(),
        credential: security(document, operation),
        body,
        responses: responses.collect(),
        alike: Vec::new(),
    }
}

/// A parameter as it is judged; none for those that a document can only mean as a remark, and for constants.
fn parameter(document: &Document, parameter: &document::Parameter<'_>) -> Option<Parameter> {
    let place = match parameter.place {
        _ if parameter.constant => return None,
        "path" => Place::Path,
        "query" => Place::Query,
        "cookie" => Place::Cookie,
        _ if is_ignored_header(parameter.name) => return None,
        _ => Place::Header,
    };
    let json = parameter.node.entries_of("content").find(|media| is_json(&media.key));
    let schema = parameter.node.get("schema").or_else(|| json.and_then(|media| media.value.get("schema")));
    let is_query = matches!(place, Place::Query | Place::Cookie);
    let default = if is_query { "form" } else { "simple" };
    let style = parameter.node.text("style").unwrap_or(default);
    let explode = parameter.node.flag("explode").unwrap_or(style == "form");
    let kind = schema.and_then(|schema| document.resolve(schema));
    let is_object = kind.is_some_and(|it| it.text("type") == Some("object") || it.get("properties").is_some());
    let is_scalar = kind
        .and_then(|schema| schema.text("type"))
        .is_some_and(|name| ["string", "integer", "number", "boolean"].contains(&name));
    let style = match (json, style, explode) {
        (Some(_), ..) => Style::Json,
        _ if style == default && is_scalar => Style::Simple,
        // Members of an object under their own names.
        (_, "form", true) if is_object => Style::Other,
        (_, "form", true) => Style::Repeated,
        (_, "deepObject", _) => Style::Deep,
        (_, "spaceDelimited", false) => Style::Spaces,
        (_, "pipeDelimited", false) => Style::Pipes,
        (_, "form" | "simple", _) => Style::Simple,
        _ => Style::Other,
    };
    let (name, required) = (parameter.name.to_owned(), parameter.required || place == Place::Path);
    Some(Parameter { name, place, required, schema: schema.map(|schema| bare(raised(document, schema))), style })
}

fn schemas_of(operation: &Promise) -> impl Iterator<Item = &Value> {
    let parameters = operation.parameters.iter().filter_map(|parameter| parameter.schema.as_ref());
    let bodies = operation.body.iter().map(|body| &body.content);
    let bodies = bodies.flat_map(BTreeMap::values).filter_map(|media| media.schema.as_ref());
    parameters.chain(bodies).chain(operation.responses.values().flat_map(schemas_of_response))
}

/// The path of a server's address, its variables replaced by their defaults.
fn base_path(server: &Node) -> String {
    let mut url = server.text("url").unwrap_or_default().to_owned();
    for variable in server.entries_of("variables") {
        url = url.replace(&format!("{{{}}}", variable.key), variable.value.text("default").unwrap_or_default());
    }
    let rest =
        url.split_once("://").map_or(url.as_str(), |(_, rest)| rest.find('/').map_or("", |slash| &rest[slash..]));
    let path = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use conformance_engine::suite::Rule;

    use super::*;

    fn contract(text: &str) -> Contract {
        let document = Document::read("rockets.yaml", text).map_err(|found| found.to_string()).unwrap();
        super::contract(&Api::of(&document))
    }

    const ROCKETS: &str = r"
openapi: 3.0.3
info: {title: Rockets, version: '1'}
servers: [{url: 'https://{host}/api/{v}/', variables: {host: {default: h}, v: {default: v3}}}, {url: 'https://other'}]
paths:
  /rockets/{rocket}#launch:
    post:
      operationId: launch
      parameters:
        - {name: rocket, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}
        - {name: act, in: query, required: true, schema: {type: string, enum: [launch]}}
        - {name: crew, in: query, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object}}
        - {name: X-Mission, in: header, required: true, schema: {type: integer}}
      requestBody: {required: true, content: {'application/json; charset=utf-8': {schema: {type: object}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Flight'}}}}
        '401': {description: d, x-body: undocumented, content: {application/json: {schema: {type: object}}}}
        4XX: {description: d}
components:
  schemas:
    Id: {type: string, maxLength: 5}
    Unused: {type: string}
    Flight:
      type: object
      properties:
        flight: {type: string, x-match: id, x-present-on: success}
        sibling: {$ref: '#/components/schemas/Flight'}
";

    #[test]
    fn a_contract_says_what_a_request_carries_and_a_reply_looks_like() {
        let contract = contract(ROCKETS);
        assert_eq!(contract.base_paths, ["/api/v3"]);
        let launch = &contract.operations[0];
        assert_eq!((launch.method.as_str(), launch.path.as_str()), ("POST", "/rockets/{rocket}"));
        assert_eq!(launch.constants.get("act").map(String::as_str), Some("launch"));
        let styles: Vec<_> = launch.parameters.iter().map(|it| (it.name.as_str(), it.required, it.style)).collect();
        let expected = [
            ("rocket", true, Style::Simple),
            ("crew", false, Style::Repeated),
            ("filter", false, Style::Deep),
            ("X-Mission", true, Style::Simple),
        ];
        assert_eq!(styles, expected);
        let body = launch.body.as_ref().unwrap();
        assert!(body.required && body.content.contains_key("application/json"));
        assert_eq!(contract.schemas.keys().collect::<Vec<_>>(), ["Flight", "Id"]);
    }

    #[test]
    fn members_that_only_a_success_has_are_blank_in_every_failure() {
        let responses = contract(ROCKETS).operations.remove(0).responses;
        assert_eq!(responses["200"].rules.get("/flight"), Some(&Rule::Id));
        assert_eq!(responses["4XX"].rules.get("/flight"), Some(&Rule::Blank));
        // The page has the status and no body for it: of the assumed schema nothing is left but what is known anyway.
        assert!(responses["401"].content.is_empty());
        assert_eq!(responses["401"].rules.get("/flight"), Some(&Rule::Blank));
    }
}
