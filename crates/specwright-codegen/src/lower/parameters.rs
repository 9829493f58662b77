//! Lowers parameters to those that progenitor can send, and says how the others are sent.
//!
//! progenitor sends single values, and lists in a query one item at a time. [`PARAMETER`] marks a parameter that the client
//! writes otherwise: progenitor makes its argument, and what it would send is replaced.

use std::collections::{HashMap, HashSet};

use openapi_document::document::{is_ignored_header, snake_case, variable_names};
use serde_json::{Map, Value, json};

use super::findings::Findings;
use super::media;
use super::operations::{Site, each_operation, resolved};
use super::responses::Names;

/// The member of a lowered parameter that says how it is sent.
pub(crate) const PARAMETER: &str = "x-sent";

/// What a builder has besides arguments, and what its `send` uses.
const RESERVED: [&str; 7] = ["new", "send", "body", "body_map", "stream", "header_map", "info"];

/// Lowers parameters to those that progenitor can send, and says how the others are sent.
pub(super) fn pass(document: &mut Value, findings: &mut Findings) {
    let mut names = Names::default();
    each_operation(document, |site, operation, schemas| {
        names.learn(schemas);
        let Some(Value::Array(parameters)) = operation.shift_remove("parameters") else {
            declare(site, operation, &[], findings);
            return;
        };
        declare(site, operation, &parameters, findings);
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut lowering = Lowering { site, id: &id, schemas, names: &mut names, taken: HashSet::new(), findings };
        // A name in the path stays as it is there.
        let is_path = |parameter: &Value| text(parameter, "in") == "path";
        for parameter in parameters.iter().filter(|parameter| is_path(parameter)) {
            lowering.taken.insert(rust(text(parameter, "name")));
        }
        let last: HashMap<_, _> =
            parameters.iter().enumerate().map(|(index, parameter)| (identity(parameter), index)).collect();
        let last = |index: usize, parameter: &Value| last.get(&identity(parameter)) == Some(&index);
        let lowered = parameters.iter().enumerate().filter(|(index, parameter)| last(*index, parameter));
        let lowered: Vec<Value> = lowered.filter_map(|(index, parameter)| lowering.lower(index, parameter)).collect();
        let declared = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(declared) = declared.as_array_mut() {
            declared.extend(lowered);
        }
    });
}

/// Declares the variables of a path that no parameter declares.
fn declare(site: &Site, operation: &mut Map<String, Value>, parameters: &[Value], findings: &mut Findings) {
    let is_known = |name: &str| parameters.iter().any(|one| text(one, "in") == "path" && text(one, "name") == name);
    let mut missing: Vec<Value> = Vec::new();
    for name in variable_names(&site.path).filter(|name| !is_known(name)) {
        if missing.iter().all(|one| text(one, "name") != name) {
            let message = format!("`{{{name}}}` of the path is not declared; it is an argument of type String");
            findings.warn("path-variable", site.place(&[]), message, "declare it as a path parameter");
            missing.push(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
        }
    }
    operation.insert("parameters".to_owned(), missing.into());
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What no two parameters of an operation have in common.
fn identity(parameter: &Value) -> (&str, &str) {
    (text(parameter, "in"), text(parameter, "name"))
}

/// As names of arguments are compared.
fn rust(name: &str) -> String {
    snake_case(name).replace('_', "")
}

struct Lowering<'a> {
    site: &'a Site,
    /// The id of the operation.
    id: &'a str,
    schemas: &'a mut Map<String, Value>,
    /// Of schemas.
    names: &'a mut Names,
    /// Of arguments.
    taken: HashSet<String>,
    findings: &'a mut Findings,
}

/// How a parameter is written.
struct Form {
    style: String,
    explode: bool,
    is_reserved: bool,
}

impl Lowering<'_> {
    /// The parameter as progenitor takes it; nothing if it is left out.
    fn lower(&mut self, index: usize, parameter: &Value) -> Option<Value> {
        let (name, place) = (text(parameter, "name"), text(parameter, "in"));
        let is_required = place == "path" || parameter.get("required").is_some_and(|required| *required == true);
        if place == "header" && is_ignored_header(name) {
            let message = format!("the header `{name}` is left out: OpenAPI says that such a parameter is ignored");
            self.warn("parameter-ignored", index, message, "use media types, or a security scheme");
            return None;
        }
        if place == "path" && !variable_names(&self.site.path).any(|variable| variable == name) {
            let message = format!("the path parameter `{name}` is left out: the path has no `{{{name}}}`");
            self.warn("path-variable", index, message, "add it to the path, or remove the parameter");
            return None;
        }
        let reason = match place {
            "path" | "query" | "cookie" => None,
            "header" if is_token(name) => None,
            "header" => Some(format!("`{name}` cannot be the name of a header")),
            _ => Some(format!("`{name}` is in `{place}`, which the client cannot send")),
        };
        let form = match reason {
            None => self.form(index, parameter, place),
            Some(reason) => Err(reason),
        };
        let (schema, form) = match form {
            Ok(form) => form,
            Err(reason) if is_required => {
                let place = self.site.place(&["parameters", &index.to_string()]);
                self.findings.refuse("parameter-form", self.site, place, reason, "send it in the query, by `schema`");
                return None;
            }
            Err(reason) => {
                let message = format!("the optional parameter is left out: {reason}");
                self.warn("parameter-form", index, message, "send it in the query, by `schema`");
                return None;
            }
        };
        let is_plain = place != "cookie" && self.is_plain(place, &schema, &form);
        let argument = self.argument(index, name, place);
        let mut lowered = Map::new();
        if let Some(description) = parameter.get("description").filter(|value| value.is_string()) {
            lowered.insert("description".to_owned(), description.clone());
        }
        lowered.insert("name".to_owned(), argument.as_deref().unwrap_or(name).into());
        lowered.insert("required".to_owned(), is_required.into());
        if is_plain && argument.is_none() {
            lowered.insert("in".to_owned(), place.into());
            lowered.insert("schema".to_owned(), schema);
            return Some(lowered.into());
        }
        let (schema, is_wrapped) = self.wrapped(name, schema);
        lowered.insert("in".to_owned(), if place == "path" { "path" } else { "query" }.into());
        lowered.insert("schema".to_owned(), schema);
        let says = json!({
            "name": name,
            "in": place,
            "style": form.style,
            "explode": form.explode,
            "reserved": form.is_reserved,
            "wrapped": is_wrapped,
        });
        lowered.insert(PARAMETER.to_owned(), says);
        Some(lowered.into())
    }

    fn warn(&mut self, rule: &'static str, index: usize, message: String, hint: &'static str) {
        let place = self.site.place(&["parameters", &index.to_string()]);
        self.findings.warn(rule, place, message, hint);
    }

    /// The schema of a parameter, and how it is written; or why it has no form.
    fn form(&mut self, index: usize, parameter: &Value, place: &str) -> Result<(Value, Form), String> {
        let name = text(parameter, "name");
        let is_set = |key: &str| parameter.get(key).is_some_and(|value| *value == true);
        if let Some(content) = parameter.get("content").and_then(Value::as_object) {
            let schema = |key: &String| content[key].get("schema").cloned().unwrap_or_else(|| json!({}));
            if let Some(key) = media::json_of(content) {
                return Ok((schema(key), Form { style: "json".to_owned(), explode: false, is_reserved: false }));
            }
            let is_text = content.keys().any(|key| key.starts_with("text/"));
            let style = default_style(place).to_owned();
            let form = Form { style, explode: false, is_reserved: false };
            return match content.keys().next() {
                Some(_) if is_text => Ok((json!({ "type": "string" }), form)),
                Some(other) => Err(format!("`{name}` is written as {other}")),
                None => Ok((json!({ "type": "string" }), form)),
            };
        }
        let mut style = parameter.get("style").and_then(Value::as_str).unwrap_or(default_style(place));
        let known: &[&str] = match place {
            "path" => &["simple", "label", "matrix"],
            "query" => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            "header" => &["simple"],
            _ => &["form", "cookie"],
        };
        if !known.contains(&style) {
            let message =
                format!("`{name}` has the style `{style}`, which a {place} cannot have; it is sent by default");
            self.warn("parameter-style", index, message, "give it a style of its place");
            style = default_style(place);
        }
        let explode = parameter.get("explode").and_then(Value::as_bool).unwrap_or(matches!(style, "form" | "cookie"));
        let schema = parameter.get("schema").cloned().unwrap_or_else(|| json!({ "type": "string" }));
        let style = if style == "cookie" { "form" } else { style };
        Ok((schema, Form { style: style.to_owned(), explode, is_reserved: is_set("allowReserved") }))
    }

    /// Whether progenitor sends it as it is documented.
    fn is_plain(&self, place: &str, schema: &Value, form: &Form) -> bool {
        if form.style != default_style(place) || form.is_reserved {
            return false;
        }
        let schema = resolved(self.schemas, schema);
        if place == "query" && schema.get("type").is_some_and(|kind| kind == "array") {
            let items = schema.get("items").is_some_and(|items| is_single(resolved(self.schemas, items)));
            return items && form.explode && schema.get("nullable").is_none();
        }
        // Its own `Display` is not what RFC 3339 has.
        let is_time = schema.get("format").is_some_and(|format| format == "date-time");
        let is_nullable = schema.get("nullable").is_some_and(|nullable| *nullable == true);
        is_single(schema) && (place == "query" || !is_time && !is_nullable)
    }

    /// Another name for the argument, unless it can have its own.
    fn argument(&mut self, index: usize, name: &str, place: &str) -> Option<String> {
        if place == "path" {
            return None;
        }
        let own = snake_case(name);
        let is_free = |taken: &HashSet<String>, name: &str| {
            !name.is_empty() && !RESERVED.contains(&name) && !taken.contains(&rust(name))
        };
        if is_free(&self.taken, &own) {
            self.taken.insert(rust(name));
            return None;
        }
        let base = if own.is_empty() { format!("{place}_parameter") } else { format!("{place}_{own}") };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| is_free(&self.taken, name))?;
        self.taken.insert(rust(&free));
        let pointer = self.site.place(&["parameters", &index.to_string()]);
        self.findings.rename("parameter", name, &free, pointer);
        Some(free)
    }

    /// A schema whose type may be a struct as a list of it: progenitor has no struct in a parameter. The client takes the
    /// list away again.
    fn wrapped(&mut self, name: &str, schema: Value) -> (Value, bool) {
        let known = resolved(self.schemas, &schema);
        if is_single(known) || known.get("type").is_some_and(|kind| kind == "array") {
            return (schema, false);
        }
        if schema.get("$ref").is_some() {
            return (json!({ "type": "array", "items": schema }), true);
        }
        let component = self.names.free(&format!("{}_{}", self.id, name));
        self.schemas.insert(component.clone(), schema);
        (json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{component}") } }), true)
    }
}

fn default_style(place: &str) -> &'static str {
    if matches!(place, "path" | "header") { "simple" } else { "form" }
}

/// One text, number or Boolean.
fn is_single(schema: &Value) -> bool {
    let has_type = ["string", "integer", "number", "boolean"]
        .iter()
        .any(|name| schema.get("type").is_some_and(|kind| kind == name));
    has_type && ["oneOf", "anyOf", "allOf", "not"].iter().all(|key| schema.get(key).is_none())
}

/// Whether a name can be that of a header (RFC 9110, 5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
