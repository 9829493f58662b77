//! The document with one operation per path and method, for tools that read a path as a path.
//!
//! Operations that share an address are folded into one: the constants become one enum, bodies and replies become
//! alternatives (`anyOf`, because `oneOf` would refuse a body that fits two), and every example carries the name of its
//! operation: `start_engine.from_rest`. `x-operations` maps back.

use std::collections::{BTreeSet, HashMap};

use openapi_document::Document;
use openapi_document::document::{Operation, Parameter};
use openapi_document::node::Node;
use serde_json::{Map, Value, json};

use super::yaml;

type Object = Map<String, Value>;

pub(crate) fn merged<'d>(document: &'d Document, operations: &[Operation<'d>]) -> String {
    let mut groups: Vec<Group<'_, '_>> = Vec::new();
    let mut position: HashMap<(&str, &str), usize> = HashMap::new();
    for operation in operations {
        let index = *position.entry((operation.path, operation.method)).or_insert_with(|| {
            groups.push(Group { members: Vec::new() });
            groups.len() - 1
        });
        groups[index].members.push(operation);
    }
    let targets: Targets<'_, '_> =
        groups.iter().flat_map(|group| group.members.iter().map(|member| (member.id, (group.id(), *member)))).collect();

    let mut paths = Object::new();
    for group in &groups {
        let item = paths.entry(group.members[0].path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(group.members[0].method.to_owned(), group.operation(document, &targets));
        }
    }
    let mut root = Object::new();
    for entry in document.root().entries() {
        let value =
            if entry.key == "paths" { Value::Object(std::mem::take(&mut paths)) } else { entry.value.to_json() };
        root.insert(entry.key.clone(), value);
    }
    keep_used_components(&mut root);
    yaml::write(&Value::Object(root))
}

/// operationId -> the id it has in the merged document, and the operation.
type Targets<'o, 'd> = HashMap<&'d str, (String, &'o Operation<'d>)>;

/// Operations with the same path and method.
struct Group<'o, 'd> {
    members: Vec<&'o Operation<'d>>,
}

impl<'d> Group<'_, 'd> {
    fn id(&self) -> String {
        self.members.iter().map(|member| member.id).collect::<Vec<_>>().join("_or_")
    }

    fn operation(&self, document: &'d Document, targets: &Targets<'_, '_>) -> Value {
        let mut out = Object::new();
        out.insert("operationId".to_owned(), json!(self.id()));
        let tags = distinct(self.members.iter().flat_map(|member| member.node.items_of("tags")).map(Node::to_json));
        insert_unless_empty(&mut out, "tags", Value::Array(tags));
        insert_unless_empty(&mut out, "summary", json!(self.texts("summary").join(" / ")));
        insert_unless_empty(&mut out, "description", json!(self.description()));
        for key in ["externalDocs", "security", "servers", "deprecated", "callbacks"] {
            let values = self.members.iter().map(|member| member.node.get(key).or_else(|| member.item.get(key)));
            let values: Option<Vec<Value>> = values.map(|value| value.map(Node::to_json)).collect();
            // What only some of them say, or say differently, cannot be said of the whole.
            if let Some([only]) = values.map(|values| distinct(values.into_iter())).as_deref() {
                out.insert(key.to_owned(), only.clone());
            }
        }
        let operations = self.members.iter().map(|member| {
            let constants = member.constants.iter().map(|constant| (constant.name.to_owned(), json!(constant.value)));
            let mut entry = json!({ "operationId": member.id });
            insert_unless_empty_in(&mut entry, "constants", constants.collect());
            entry
        });
        out.insert("x-operations".to_owned(), operations.collect());
        insert_unless_empty(&mut out, "parameters", Value::Array(self.parameters(document)));
        if let Some(body) = self.body(document) {
            out.insert("requestBody".to_owned(), body);
        }
        out.insert("responses".to_owned(), self.responses(document, targets));
        Value::Object(out)
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.members.iter().filter_map(|member| member.node.text(key));
        distinct(texts.map(|text| json!(text))).into_iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    }

    fn description(&self) -> String {
        if let [only] = self.members[..] {
            return only.node.text("description").unwrap_or_default().to_owned();
        }
        let each = self.members.iter().map(|member| {
            let constants: Vec<String> = member.constants.iter().map(|c| format!("{}={}", c.name, c.value)).collect();
            let constants = if constants.is_empty() { String::new() } else { format!(" ({})", constants.join(", ")) };
            format!("{}{constants}: {}", member.id, member.node.text("description").unwrap_or("(no description)"))
        });
        each.collect::<Vec<_>>().join("\n\n")
    }

    fn parameters(&self, document: &'d Document) -> Vec<Value> {
        let mut seen = BTreeSet::new();
        let all = self.members.iter().flat_map(|member| &member.parameters);
        let first_of_each = all.filter(|parameter| seen.insert((parameter.place, parameter.name)));
        first_of_each.map(|parameter| self.parameter(document, parameter)).collect()
    }

    /// One parameter, as all members of the group take it.
    fn parameter(&self, document: &'d Document, first: &Parameter<'d>) -> Value {
        let is_same = |p: &&Parameter<'d>| p.name == first.name && p.place == first.place;
        let holders: Vec<_> = self.members.iter().filter_map(|member| member.parameters.iter().find(is_same)).collect();
        let listed = distinct(holders.iter().map(|parameter| parameter.listed.to_json()));
        let is_everywhere = holders.len() == self.members.len();
        if let [only] = &listed[..]
            && (is_everywhere || !first.required)
        {
            return only.clone();
        }
        let Value::Object(mut merged) = first.node.to_json() else { return listed[0].clone() };
        let required = is_everywhere && holders.iter().all(|parameter| parameter.required);
        merged.shift_remove("required");
        if required {
            merged.insert("required".to_owned(), json!(true));
        }
        let descriptions =
            distinct(holders.iter().filter_map(|parameter| Some(json!(parameter.node.text("description")?))));
        if descriptions.len() > 1 {
            let lines: Vec<&str> = descriptions.iter().filter_map(Value::as_str).collect();
            merged.insert("description".to_owned(), json!(lines.join("\n")));
            merged.shift_remove("example");
        }
        let schemas = distinct(holders.iter().filter_map(|parameter| Some(parameter.node.get("schema")?.to_json())));
        if schemas.len() > 1 {
            let values = holders.iter().map(|parameter| {
                let schema = parameter.node.get("schema").and_then(|schema| document.resolve(schema));
                schema.map_or(&[][..], |schema| schema.items_of("enum"))
            });
            let values: Vec<&[Node]> = values.collect();
            merged.shift_remove("example");
            let schema = if values.iter().all(|values| !values.is_empty()) {
                // Where the first is a reference, its enum is written out.
                let first = holders[0].node.get("schema").and_then(|schema| document.resolve(schema));
                let mut schema = first.map_or(Value::Null, Node::to_json);
                schema["enum"] = Value::Array(distinct(values.into_iter().flatten().map(Node::to_json)));
                schema
            } else {
                json!({ "anyOf": schemas })
            };
            merged.insert("schema".to_owned(), schema);
        }
        Value::Object(merged)
    }

    fn body(&self, document: &'d Document) -> Option<Value> {
        let bodies: Vec<(&str, &Node)> =
            self.members.iter().filter_map(|member| Some((member.id, member.body?))).collect();
        if bodies.is_empty() {
            return None;
        }
        let mut out = Object::new();
        let is_required =
            bodies.len() == self.members.len() && bodies.iter().all(|(_, body)| body.flag("required") == Some(true));
        out.insert("required".to_owned(), json!(is_required));
        let descriptions = distinct(bodies.iter().filter_map(|(_, body)| Some(json!(body.text("description")?))));
        let lines: Vec<&str> = descriptions.iter().filter_map(Value::as_str).collect();
        insert_unless_empty(&mut out, "description", json!(lines.join("\n")));
        out.insert("content".to_owned(), content(document, &bodies));
        Some(Value::Object(out))
    }

    fn responses(&self, document: &'d Document, targets: &Targets<'_, '_>) -> Value {
        let mut statuses: Vec<&str> = Vec::new();
        for response in self.members.iter().flat_map(|member| &member.responses) {
            if !statuses.contains(&response.status) {
                statuses.push(response.status);
            }
        }
        let merged = statuses.into_iter().map(|status| (status.to_owned(), self.response(document, status, targets)));
        Value::Object(merged.collect())
    }

    fn response(&self, document: &'d Document, status: &str, targets: &Targets<'_, '_>) -> Value {
        let holders = self.members.iter().filter_map(|member| {
            Some((member.id, member.responses.iter().find(|response| response.status == status)?))
        });
        let holders: Vec<_> = holders.collect();
        let nodes: Vec<(&str, &Node)> = holders.iter().map(|(id, response)| (*id, response.node)).collect();
        let listed = distinct(holders.iter().map(|(_, response)| response.listed.to_json()));
        let is_plain = |node: &Node| {
            let mut media = node.entries_of("content").map(|media| &media.value);
            node.get("links").is_none()
                && media.all(|media| media.get("examples").is_none() && media.get("example").is_none())
        };
        if let [only] = &listed[..]
            && nodes.iter().all(|(_, node)| is_plain(node))
        {
            return only.clone();
        }
        let mut out = Object::new();
        let descriptions = distinct(nodes.iter().filter_map(|(_, node)| Some(json!(node.text("description")?))));
        let lines: Vec<&str> = descriptions.iter().filter_map(Value::as_str).collect();
        out.insert("description".to_owned(), json!(lines.join(" / ")));
        let headers = nodes.iter().flat_map(|(_, node)| node.entries_of("headers"));
        let headers: Object = headers.map(|entry| (entry.key.clone(), entry.value.to_json())).collect();
        insert_unless_empty(&mut out, "headers", Value::Object(headers));
        insert_unless_empty(&mut out, "content", content(document, &nodes));
        insert_unless_empty(&mut out, "links", self.links(document, &nodes, targets));
        Value::Object(out)
    }

    /// Links, pointed at the merged operation and told which constants to send.
    fn links(&self, document: &'d Document, nodes: &[(&str, &'d Node)], targets: &Targets<'_, '_>) -> Value {
        let mut out = Object::new();
        for (id, node) in nodes {
            for entry in node.entries_of("links") {
                let Some(Value::Object(mut link)) = document.resolve(&entry.value).map(Node::to_json) else { continue };
                if let Some((merged_id, target)) = link.get("operationId").and_then(|id| targets.get(id.as_str()?)) {
                    link.insert("operationId".to_owned(), json!(merged_id));
                    let constants = target.constants.iter().map(|c| (format!("query.{}", c.name), json!(c.value)));
                    let mut parameters: Object = constants.collect();
                    if let Some(Value::Object(given)) = link.get("parameters") {
                        parameters.extend(given.clone());
                    }
                    insert_unless_empty(&mut link, "parameters", Value::Object(parameters));
                }
                let name = if self.members.len() > 1 { format!("{id}.{}", entry.key) } else { entry.key.clone() };
                out.insert(name, Value::Object(link));
            }
        }
        Value::Object(out)
    }
}

/// The content of several bodies as one: per media type the distinct schemas as alternatives, and all examples.
fn content(document: &Document, holders: &[(&str, &Node)]) -> Value {
    let mut out = Object::new();
    let mut media_types: Vec<&str> = Vec::new();
    for entry in holders.iter().flat_map(|(_, holder)| holder.entries_of("content")) {
        if !media_types.contains(&entry.key.as_str()) {
            media_types.push(&entry.key);
        }
    }
    for media_type in media_types {
        let media = holders.iter().filter_map(|(id, holder)| Some((*id, holder.get("content")?.get(media_type)?)));
        let media: Vec<(&str, &Node)> = media.collect();
        let mut merged = Object::new();
        let schemas = distinct(media.iter().filter_map(|(_, media)| Some(media.get("schema")?.to_json())));
        match &schemas[..] {
            [] => {}
            [only] => {
                merged.insert("schema".to_owned(), only.clone());
            }
            _ => {
                merged.insert("schema".to_owned(), json!({ "anyOf": schemas }));
            }
        }
        let mut examples = Object::new();
        for (id, media) in &media {
            if let Some(example) = media.get("example") {
                examples.insert(format!("{id}.example"), json!({ "value": example.to_json() }));
            }
            for entry in media.entries_of("examples") {
                let example = document.resolve(&entry.value).map_or(Value::Null, Node::to_json);
                examples.insert(format!("{id}.{}", entry.key), example);
            }
        }
        insert_unless_empty(&mut merged, "examples", Value::Object(examples));
        if let [(_, only)] = media[..]
            && let Some(encoding) = only.get("encoding")
        {
            merged.insert("encoding".to_owned(), encoding.to_json());
        }
        out.insert(media_type.to_owned(), Value::Object(merged));
    }
    Value::Object(out)
}

/// Drops the components that nothing refers to any more, and those that only they referred to.
fn keep_used_components(root: &mut Object) {
    let Some(Value::Object(mut components)) = root.get_mut("components").map(Value::take) else { return };
    let mut open = Vec::new();
    root.values().for_each(|value| pointers(value, &mut open));
    let mut used = BTreeSet::new();
    while let Some(pointer) = open.pop() {
        let Some((section, name)) = pointer.split_once('/') else { continue };
        if let Some(value) = components.get(section).and_then(|section| section.get(name))
            && used.insert(pointer.clone())
        {
            pointers(value, &mut open);
        }
    }
    for (section, members) in &mut components {
        if let Value::Object(members) = members
            && section != "securitySchemes"
        {
            members.retain(|name, _| used.contains(&format!("{section}/{name}")));
        }
    }
    components.retain(|_, members| members.as_object().is_none_or(|members| !members.is_empty()));
    root.insert("components".to_owned(), Value::Object(components));
}

/// `schemas/Name` for each `#/components/schemas/Name` within.
fn pointers(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(pointer) =
                members.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/"))
            {
                found.push(pointer.to_owned());
            }
            // A discriminator's mapping refers without `$ref`.
            for text in members.get("mapping").and_then(Value::as_object).iter().flat_map(|mapping| mapping.values()) {
                let pointer = text.as_str().and_then(|text| text.strip_prefix("#/components/"));
                found.extend(pointer.map(str::to_owned));
            }
            members.values().for_each(|member| pointers(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| pointers(item, found)),
        _ => {}
    }
}

/// The values without repeats, in order of first appearance.
fn distinct(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for value in values {
        if !out.contains(&value) {
            out.push(value);
        }
    }
    out
}

fn insert_unless_empty(object: &mut Object, key: &str, value: Value) {
    let is_empty = match &value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if !is_empty {
        object.insert(key.to_owned(), value);
    }
}

fn insert_unless_empty_in(entry: &mut Value, key: &str, members: Object) {
    if let Value::Object(entry) = entry {
        insert_unless_empty(entry, key, Value::Object(members));
    }
}
