//! Lowers request bodies to one media type that progenitor can send, and says how they are sent.
//!
//! progenitor sends JSON, `text/plain` and `application/octet-stream`, always. [`BODY`] marks a body
//! that the client writes otherwise, or need not have.

use std::collections::HashSet;

use openapi_document::document::{METHODS, essence};
use serde_json::{Map, Value, json};

use super::findings::Findings;
use super::media;
use super::operations::{Site, each_operation, pointer, resolved};
use super::parameters::PARAMETER;
use super::responses::Names;

/// The member of a lowered request body that says how it is sent.
pub(crate) const BODY: &str = "x-sent";

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// Lowers request bodies to one media type that progenitor can send.
pub(super) fn pass(document: &mut Value, findings: &mut Findings) {
    let mut names = Names::default();
    let mut file = None;
    each_operation(document, |site, operation, schemas| {
        names.learn(schemas);
        let Some(body) = operation.shift_remove("requestBody") else { return };
        let mut lowering = Lowering { site, schemas, names: &mut names, file: &mut file, findings };
        let lowered = lowering.lower(&body, operation);
        operation.insert("requestBody".to_owned(), lowered);
    });
}

struct Lowering<'a> {
    site: &'a Site,
    schemas: &'a mut Map<String, Value>,
    names: &'a mut Names,
    /// The component for a file in a form, once there is one.
    file: &'a mut Option<String>,
    findings: &'a mut Findings,
}

impl Lowering<'_> {
    fn lower(&mut self, body: &Value, operation: &mut Map<String, Value>) -> Value {
        let empty = Map::new();
        let content = body.get("content").and_then(Value::as_object).unwrap_or(&empty);
        let is_optional = body.get("required").is_none_or(|required| *required != true);
        let mut lowered = Map::new();
        if let Some(description) = body.get("description").filter(|value| value.is_string()) {
            lowered.insert("description".to_owned(), description.clone());
        }
        lowered.insert("required".to_owned(), true.into());
        let Some(chosen) = self.chosen(content) else {
            lowered.insert("content".to_owned(), json!({}));
            return lowered.into();
        };
        if content.len() > 1 {
            let others: Vec<&str> = content.keys().filter(|key| *key != chosen).map(String::as_str).collect();
            let message = format!("the body is sent as {chosen}, and never as {}", others.join(", "));
            let place = self.site.place(&["requestBody", "content"]);
            let hint = "nothing to do, unless another type is wanted";
            self.findings.warn("body-media-types", place, message, hint);
        }
        let media = &content[chosen];
        let (mut name, schema, mut says) = self.form(chosen, media);
        if says["type"].is_null() {
            let argument = content_type(operation);
            says["type_argument"] = argument.clone().into();
            let parameter = json!({
                "name": argument,
                "in": "query",
                // Without a body there is none to say.
                "required": !is_optional,
                "description": format!("The media type of the body, one of {chosen}"),
                "schema": { "type": "string" },
                PARAMETER: { "name": "content-type", "in": "content-type" },
            });
            if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
                parameters.push(parameter);
            }
        }
        let is_plain = !is_optional && says["send"] != "multipart" && says["type"] == name && says["is_plain"] == true;
        if name == MULTIPART {
            "application/json".clone_into(&mut name);
        }
        lowered.insert("content".to_owned(), json!({ name: { "schema": schema } }));
        if !is_plain {
            says["optional"] = is_optional.into();
            lowered.insert(BODY.to_owned(), says);
        }
        lowered.into()
    }

    /// The media type that the client sends: JSON, a form, text, or what comes first.
    fn chosen<'c>(&self, content: &'c Map<String, Value>) -> Option<&'c String> {
        let of = |name: &'static str| move || content.keys().find(|key| essence(key) == name);
        let has_files = |key: &&String| {
            let schema = resolved(self.schemas, &content[*key]["schema"]);
            let members = schema.get("properties").and_then(Value::as_object);
            members.is_some_and(|members| members.values().any(|member| self.is_file(member)))
        };
        let is_binary = |key: &&String| media::is_binary(resolved(self.schemas, &content[*key]["schema"]));
        media::json_of(content)
            .filter(|key| content.len() > 1 || !is_binary(key))
            .or_else(|| of(MULTIPART)().filter(has_files))
            .or_else(of(FORM))
            .or_else(of(MULTIPART))
            .or_else(|| content.keys().find(|key| essence(key).starts_with("text/") && !key.contains('*')))
            .or_else(|| content.keys().next())
    }

    fn is_file(&self, schema: &Value) -> bool {
        let schema = resolved(self.schemas, schema);
        let item = schema.get("items").map(|items| resolved(self.schemas, items));
        media::is_binary(schema) || media::has_type(schema, "array") && item.is_some_and(media::is_binary)
    }

    /// The media type and schema for progenitor, and how the body is sent: `type` is null where the caller says it.
    fn form(&mut self, chosen: &str, media: &Value) -> (String, Value, Value) {
        let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
        let encoding = media.get("encoding").and_then(Value::as_object).filter(|encoding| !encoding.is_empty());
        let kind = essence(chosen);
        // A field value of a header: no range, no list, nothing that is not visible.
        let is_sendable = !chosen.contains(['*', ',']) && chosen.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let sent = if is_sendable { Value::from(chosen) } else { Value::Null };
        let is_binary = media::is_binary(resolved(self.schemas, &schema));
        let is_json = kind == "application/json" || kind.ends_with("+json") || kind == "text/json";
        if is_json && is_sendable && !is_binary {
            return (
                "application/json".to_owned(),
                schema,
                json!({ "send": "json", "type": sent, "is_plain": encoding.is_none() }),
            );
        }
        if kind == FORM {
            let encodings: Vec<Value> = encoding.into_iter().flatten().filter_map(encoded).collect();
            let says = json!({ "send": "form", "type": FORM, "encodings": encodings });
            return (FORM.to_owned(), schema, says);
        }
        if kind == MULTIPART
            && let Some((schema, parts)) = self.parts(&schema, encoding)
        {
            let says = json!({ "send": "multipart", "type": MULTIPART, "parts": parts, "file": self.file.clone() });
            return (MULTIPART.to_owned(), schema, says);
        }
        if kind.starts_with("multipart/") {
            let message = format!("the body is sent as bytes: the client cannot make parts of {chosen}");
            let place = self.site.place(&["requestBody", "content"]);
            self.findings.warn("body-media-types", place, message, "describe its parts as properties of an object");
            let says = json!({ "send": "raw", "type": null });
            return ("application/octet-stream".to_owned(), json!({ "type": "string", "format": "binary" }), says);
        }
        if kind.starts_with("text/") && is_sendable && !is_binary {
            let says = json!({ "send": "raw", "type": sent, "is_plain": true });
            return ("text/plain".to_owned(), json!({ "type": "string" }), says);
        }
        let says = json!({ "send": "raw", "type": sent, "is_plain": true });
        ("application/octet-stream".to_owned(), json!({ "type": "string", "format": "binary" }), says)
    }

    /// A schema of the parts of a form, files among them, and the media types of parts; nothing if it is no plain object.
    fn parts(&mut self, schema: &Value, encoding: Option<&Map<String, Value>>) -> Option<(Value, Value)> {
        let mut members = Map::new();
        let mut required: Vec<Value> = Vec::new();
        self.collect(schema, &mut members, &mut required, 0)?;
        let mut types = Map::new();
        for (name, member) in &mut members {
            let encoding = encoding.and_then(|encoding| encoding.get(name));
            let media = encoding.and_then(|encoding| encoding.get("contentType")).and_then(Value::as_str);
            let known = resolved(self.schemas, member);
            let is_text = |media: &str| media.starts_with("text/") || media.contains("json");
            let is_upload = media.is_some_and(|media| !media.split(',').any(|one| is_text(one.trim())))
                && (media::has_type(known, "string")
                    || known.get("type").is_none() && known.get("properties").is_none());
            if self.is_file(member) || is_upload {
                let is_list = media::has_type(known, "array");
                let description = known.get("description").cloned();
                let file = json!({ "$ref": format!("#/components/schemas/{}", self.file_component()) });
                *member = if is_list {
                    json!({ "type": "array", "items": file })
                } else if let Some(description) = description {
                    json!({ "description": description, "allOf": [file] })
                } else {
                    file
                };
            } else if let Some(object) = member.as_object_mut() {
                // What the caller does not set is not sent.
                object.shift_remove("default");
            }
            if let Some(media) = media.filter(|media| !media.contains(['*', ','])) {
                types.insert(name.clone(), media.into());
            }
            if encoding.is_some_and(|encoding| encoding.get("headers").is_some()) {
                let message = format!("the part `{name}` is sent without the headers that its `encoding` has");
                let place = self.site.place(&["requestBody", "content"]);
                self.findings.warn("body-encoding", place, message, "nothing to do, unless the server needs them");
            }
        }
        required.retain(|name| name.as_str().is_some_and(|name| members.contains_key(name)));
        Some((json!({ "type": "object", "required": required, "properties": members }), types.into()))
    }

    /// The properties of an object, and of what it is composed of by `allOf`.
    fn collect(
        &self,
        schema: &Value,
        members: &mut Map<String, Value>,
        required: &mut Vec<Value>,
        depth: usize,
    ) -> Option<()> {
        let schema = resolved(self.schemas, schema);
        if depth > 16 || ["oneOf", "anyOf"].iter().any(|key| schema.get(key).is_some()) {
            return None;
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.collect(part, members, required, depth + 1)?;
        }
        let own = schema.get("properties").and_then(Value::as_object);
        members.extend(own.into_iter().flatten().map(|(name, member)| (name.clone(), member.clone())));
        required.extend(schema.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
        (depth > 0 || !members.is_empty()).then_some(())
    }

    /// The component that a file of a form is.
    fn file_component(&mut self) -> String {
        let (names, schemas) = (&mut *self.names, &mut *self.schemas);
        let name = self.file.get_or_insert_with(|| {
            let name = names.free("file_part");
            let schema = json!({
                "description": "A file in a form.",
                "type": "object",
                "required": ["content"],
                "properties": {
                    "content": media::bytes(),
                    "file_name": { "type": "string", "description": "The name of the part, unless it is set" },
                    "content_type": {
                        "type": "string",
                        "description": "The media type that is documented, or application/octet-stream, unless it is set",
                    },
                },
            });
            schemas.insert(name.clone(), schema);
            name
        });
        name.clone()
    }
}

/// Name, style, explode, and whether reserved characters stay, of an entry of `encoding`.
fn encoded((name, encoding): (&String, &Value)) -> Option<Value> {
    let style = encoding.get("style").and_then(Value::as_str);
    let explode = encoding.get("explode").and_then(Value::as_bool);
    let is_reserved = encoding.get("allowReserved").and_then(Value::as_bool);
    let media = encoding.get("contentType").and_then(Value::as_str);
    if style.is_none() && explode.is_none() && is_reserved.is_none() {
        return media.is_some_and(|media| media.contains("json")).then(|| json!([name, "json", false, false]));
    }
    let style = style.unwrap_or("form");
    Some(json!([name, style, explode.unwrap_or(style == "form"), is_reserved.unwrap_or_default()]))
}

/// A name for the argument that says the media type.
fn content_type(operation: &Map<String, Value>) -> String {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let is_taken = |name: &str| {
        let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
        let mut names = parameters.into_iter().flatten().filter_map(|one| one.get("name")?.as_str());
        names.any(|known| plain(known) == plain(name))
    };
    let mut name = "content_type".to_owned();
    while is_taken(&name) {
        name.insert_str(0, "body_");
    }
    name
}

/// Says of each schema that requests send which of its members may be left out and may be null: a client has one value for
/// both, and leaves them out.
pub(super) fn unsent_nulls(document: &Value, findings: &mut Findings) {
    let mut open: Vec<(String, &Value)> = Vec::new();
    let items = document["paths"].as_object().into_iter().flatten();
    for (path, item) in items {
        let operations = item.as_object().into_iter().flatten().filter(|(name, _)| METHODS.contains(&name.as_str()));
        for (method, operation) in operations {
            let content = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let place = |media: &str| pointer(["paths", path, method, "requestBody", "content", media, "schema"]);
            open.extend(content.filter_map(|(media, value)| Some((place(media), value.get("schema")?))));
        }
    }
    let mut seen = HashSet::new();
    while let Some((place, schema)) = open.pop() {
        let Some(schema) = schema.as_object() else { continue };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(SCHEMAS)) {
            let target = document["components"]["schemas"].get(name);
            if let Some(target) = target.filter(|_| seen.insert(name)) {
                open.push((pointer(["components", "schemas", name]), target));
            }
        }
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let members = || schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let is_lost = |(name, member): &(&String, &Value)| {
            !required.contains(&name.as_str()) && may_be_null(member) && member["readOnly"] != true
        };
        let lost: Vec<String> = members().filter(is_lost).map(|(name, _)| format!("`{name}`")).collect();
        if !lost.is_empty() {
            let message = format!("members that may be left out are never sent as null: {}", lost.join(", "));
            findings.warn("null-member", place.clone(), message, "require them, if null has to be sent");
        }
        open.extend(members().map(|(name, member)| (format!("{place}{}", pointer(["properties", name])), member)));
        open.extend(schema.get("items").map(|items| (format!("{place}/items"), items)));
        for word in ["allOf", "oneOf", "anyOf"] {
            let parts = schema.get(word).and_then(Value::as_array).into_iter().flatten().enumerate();
            open.extend(parts.map(|(at, part)| (format!("{place}/{word}/{at}"), part)));
        }
    }
}

/// Begins a reference to a component schema.
const SCHEMAS: &str = "#/components/schemas/";

/// Whether a schema says that a value may be null: in the words of 3.0, or of 3.1.
fn may_be_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| schema["type"] == "null" || schema.get("const").is_some_and(Value::is_null);
    let parts = ["oneOf", "anyOf"].into_iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
    let types = schema["type"].as_array().is_some_and(|types| types.iter().any(|name| name == "null"));
    let listed = schema["enum"].as_array().is_some_and(|values| values.iter().any(Value::is_null));
    schema["nullable"] == true || types || listed || is_null(schema) || parts.into_iter().any(is_null)
}
