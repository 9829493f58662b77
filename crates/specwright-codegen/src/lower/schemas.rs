//! Lowers schemas of OpenAPI 3.0 and 3.1 to those that typify makes types of: every type with a name is a component, and
//! its name is made here, so that typify makes up none.
//!
//! What a client has no types for becomes something that holds at least as much: alternatives that one value can be of
//! several of become one struct with the members of all, and what is no object then any JSON. Defaults are left out: they
//! say what a service takes for a member that is not sent, and a client that sent them unasked would overwrite.

pub(super) mod size;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::bodies;
use super::compose::{Compose, Remark, Remarks};
use super::findings::Findings;
use super::operations::{each_operation, pointer, put, take};
use super::parameters::PARAMETER;
use super::rust_names::{is_reserved_for_types, pascal, snake, take_free, variant};
use super::shape::{Kind, Part, Shape, Struct};

/// Lowers every schema, and adds those with names of their own to the components.
pub(super) fn pass(document: &mut Value, findings: &mut Findings) {
    bodies::unsent_nulls(document, findings);
    let source = take(document, &["components", "schemas"]);
    let mut lowering = Lowering::new(&source, findings);
    each_operation(document, |site, operation, _| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for (index, parameter) in parameters.into_iter().flatten().enumerate() {
            let name = format!("{id} {}", parameter["name"].as_str().unwrap_or_default());
            let place = site.place(&["parameters", &index.to_string(), "schema"]);
            // progenitor takes a query that may be null for an optional one, and cannot write any other.
            let may_be_null = parameter["in"] == "query";
            let is_wrapped = parameter.get(PARAMETER).is_some_and(|says| says["wrapped"] == true);
            if let Some(schema) = parameter.get_mut("schema") {
                *schema = lowering.part(&Part::new(schema.take(), place), &pascal(&name));
                if !may_be_null {
                    never_null(schema);
                }
                if let Some(items) = schema.get_mut("items").filter(|_| is_wrapped) {
                    never_null(items);
                }
            }
        }
        let body =
            operation.get_mut("requestBody").and_then(|body| body.get_mut("content")).and_then(Value::as_object_mut);
        for (media_type, media) in body.into_iter().flatten() {
            let place = site.place(&["requestBody", "content", media_type, "schema"]);
            if let Some(schema) = media.get_mut("schema") {
                *schema = lowering.part(&Part::new(schema.take(), place), &pascal(&format!("{id} body")));
                never_null(schema);
            }
        }
        for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            let content = response.get_mut("content").and_then(Value::as_object_mut);
            for (media_type, media) in content.into_iter().flatten() {
                let place = site.place(&["responses", status, "content", media_type, "schema"]);
                let Some(media) = media.as_object_mut() else { continue };
                // It says how parts are sent, and nothing of replies.
                media.shift_remove("encoding");
                // Without one, it is any JSON.
                let schema = media.entry("schema").or_insert_with(|| json!({}));
                *schema = lowering.part(&Part::new(schema.take(), place), &pascal(&format!("{id} response")));
            }
        }
    });
    lowering.components();
    let components = lowering.finish();
    put(document, &["components", "schemas"], components);
}

struct Lowering<'s, 'f> {
    compose: Compose<'s>,
    findings: &'f mut Findings,
    /// Component names of the document, and what they are called in Rust.
    names: HashMap<&'s str, String>,
    taken: HashSet<String>,
    /// The names given to inline types that asked for the same one.
    given: HashMap<String, Vec<String>>,
    out: Map<String, Value>,
    /// Inline compositions that are being lowered: one that meets itself has no end.
    open: Vec<Value>,
    /// Structs and their members whose values tell alternatives apart.
    telling: Vec<(String, String)>,
}

impl<'s, 'f> Lowering<'s, 'f> {
    fn new(source: &'s Map<String, Value>, findings: &'f mut Findings) -> Self {
        let (mut names, mut taken) = (HashMap::new(), HashSet::new());
        for name in source.keys() {
            let plain = pascal(name);
            let wanted = if is_reserved_for_types(&plain) { format!("{plain}Type") } else { plain };
            let free = take_free(&wanted, &mut taken);
            if free != pascal(name) {
                findings.rename("type", name, &free, pointer(["components", "schemas", name]));
            }
            names.insert(name.as_str(), free);
        }
        Lowering {
            compose: Compose::new(source),
            findings,
            names,
            taken,
            given: HashMap::new(),
            out: Map::new(),
            open: Vec::new(),
            telling: Vec::new(),
        }
    }

    fn components(&mut self) {
        let source = self.compose.source;
        for (name, schema) in source {
            let Some(rust) = self.names.get(name.as_str()).cloned() else { continue };
            let part = Part::new(schema.clone(), pointer(["components", "schemas", name]));
            let mut remarks = Vec::new();
            let mut shape = self.compose.component(name, &part, &mut remarks);
            self.warn(remarks);
            if let Kind::Struct(found) = &mut shape.kind {
                self.compose.tag(name, found);
            }
            let mut body = self.definition(&shape, &part, &rust);
            describe(&mut body, shape.description);
            self.out.insert(rust, body);
        }
    }

    fn finish(self) -> Map<String, Value> {
        for (name, member) in self.telling {
            let member = self.out.get(&name).and_then(|it| it.get("properties")).and_then(|it| it.get(&member));
            let target = member.and_then(|member| member.get("$ref").or_else(|| member["allOf"][0].get("$ref")));
            if let Some(target) = target.and_then(Value::as_str).and_then(|text| text.rsplit('/').next()) {
                self.findings.closed.insert(target.to_owned());
            }
        }
        self.out
    }

    /// What a schema says, compositions worked out; what is lost on the way is a warning.
    fn shape(&mut self, part: &Part) -> Shape {
        let mut remarks = Vec::new();
        let shape = self.compose.shape(part, &mut remarks);
        self.warn(remarks);
        shape
    }

    fn warn(&mut self, remarks: Remarks) {
        let hint = "describe the values by plainer schemas to get a type for them";
        for Remark { rule, place, message } in remarks {
            let hint = if rule == size::RULE { size::HINT } else { hint };
            self.findings.warn(rule, place, message, hint);
        }
    }

    /// A schema where it is used: a reference to a type with a name, or a schema of which typify needs no name.
    fn part(&mut self, part: &Part, wanted: &str) -> Value {
        let is_composed = ["allOf", "oneOf", "anyOf"].iter().any(|key| part.schema.get(*key).is_some());
        if is_composed {
            if self.open.contains(&part.schema) || self.open.len() > 8 {
                let hint = "name the schema as a component and refer to it";
                let message = "a composition contains itself, or is nested too deep, so any JSON is taken inside of it";
                self.findings.warn("reference-cycle", part.place.clone(), message, hint);
                return json!({});
            }
            self.open.push(part.schema.clone());
        }
        let shape = self.shape(part);
        let lowered = self.used(&shape, part, wanted);
        if is_composed {
            self.open.pop();
        }
        lowered
    }

    fn used(&mut self, shape: &Shape, part: &Part, wanted: &str) -> Value {
        let mut nullable = shape.nullable;
        let lowered = match &shape.kind {
            Kind::Component(name) => {
                nullable |= self.compose.is_nullable(name);
                match self.names.get(name.as_str()) {
                    Some(rust) => reference(rust),
                    None => json!({}),
                }
            }
            Kind::Words(_) | Kind::Struct(_) | Kind::Union(_) => self.named(shape, part, wanted),
            Kind::Text(limits) if ["pattern", "minLength", "maxLength"].iter().any(|key| limits.contains_key(*key)) => {
                let definition = self.definition(shape, part, wanted);
                // The limits may all have been left out.
                if definition
                    .as_object()
                    .is_some_and(|members| members.keys().all(|key| key == "type" || key == "format"))
                {
                    definition
                } else {
                    self.insert(wanted, definition, shape)
                }
            }
            _ => self.definition(shape, part, wanted),
        };
        let is_reference = lowered.get("$ref").is_some();
        let mut lowered = match (is_reference, nullable, &shape.description) {
            (true, false, None) => return lowered,
            (true, ..) => json!({ "allOf": [lowered] }),
            _ => lowered,
        };
        if let Value::Object(members) = &mut lowered {
            if members.is_empty() {
                nullable = false; // any JSON is also null
            }
            if nullable {
                members.insert("nullable".to_owned(), true.into());
            }
        }
        describe(&mut lowered, shape.description.clone());
        lowered
    }

    /// A type with a name, as a component.
    fn named(&mut self, shape: &Shape, part: &Part, wanted: &str) -> Value {
        let definition = self.definition(shape, part, wanted);
        let is_named = ["properties", "enum", "oneOf"].iter().any(|key| definition.get(*key).is_some())
            || definition.get("additionalProperties") == Some(&Value::Bool(false));
        if is_named { self.insert(wanted, definition, shape) } else { definition }
    }

    fn insert(&mut self, wanted: &str, mut definition: Value, shape: &Shape) -> Value {
        describe(&mut definition, shape.description.clone());
        let known = self.given.get(wanted).into_iter().flatten();
        if let Some(same) = known.into_iter().find(|name| self.out.get(*name) == Some(&definition)) {
            return reference(same);
        }
        let plain = if is_reserved_for_types(wanted) { format!("{wanted}Type") } else { wanted.to_owned() };
        let name = take_free(&plain, &mut self.taken);
        self.given.entry(wanted.to_owned()).or_default().push(name.clone());
        self.out.insert(name.clone(), definition);
        reference(&name)
    }

    /// The schema that defines a type; those inside of it are named after `name`.
    fn definition(&mut self, shape: &Shape, part: &Part, name: &str) -> Value {
        match &shape.kind {
            Kind::Any | Kind::Intersection(_) => json!({}),
            Kind::Boolean => json!({ "type": "boolean" }),
            Kind::Integer(keywords) => integer(keywords),
            Kind::Number(keywords) => {
                let format = keywords.get("format").and_then(Value::as_str);
                match format.filter(|format| ["float", "double"].contains(format)) {
                    Some(format) => json!({ "type": "number", "format": format }),
                    None => json!({ "type": "number" }),
                }
            }
            Kind::Text(keywords) => self.text(keywords, part),
            Kind::Words(words) => self.words(words, part),
            Kind::List(items) => {
                let items = self.part(items, &format!("{name}Item"));
                json!({ "type": "array", "items": items })
            }
            Kind::Members(member) => {
                let member = self.part(member, &format!("{name}Value"));
                if member == json!({}) {
                    return json!({ "type": "object" });
                }
                json!({ "type": "object", "additionalProperties": member })
            }
            Kind::Struct(found) => self.structure(found, name),
            Kind::Union(alternatives) => self.union(alternatives, name),
            Kind::Component(_) => {
                let shape = Shape { nullable: false, description: None, kind: shape.kind.clone() };
                let mut alias = self.used(&shape, part, name);
                // An alias of what may be null: what refers to it says so.
                match alias["allOf"].get_mut(0).map(Value::take) {
                    Some(only) => only,
                    None => alias,
                }
            }
        }
    }

    fn text(&mut self, keywords: &Map<String, Value>, part: &Part) -> Value {
        // Formats that typify has types for; those leave no room for limits.
        const TYPES: [&str; 6] = ["date", "date-time", "uuid", "ip", "ipv4", "ipv6"];
        let format = keywords.get("format").and_then(Value::as_str);
        if let Some(format) = format.filter(|format| TYPES.contains(format)) {
            return json!({ "type": "string", "format": format });
        }
        if let Some(format) = format.filter(|format| *format == "binary") {
            return json!({ "type": "string", "format": format });
        }
        let mut lowered = Map::from_iter([("type".to_owned(), "string".into())]);
        for key in ["minLength", "maxLength"] {
            let limit =
                keywords.get(key).and_then(whole_number).filter(|limit| (0..=i64::from(u32::MAX)).contains(limit));
            lowered.extend(
                limit.filter(|limit| *limit > 0 || key == "maxLength").map(|limit| (key.to_owned(), limit.into())),
            );
        }
        if let [Some(least), Some(most)] =
            ["minLength", "maxLength"].map(|key| lowered.get(key).and_then(Value::as_i64))
            && least > most
        {
            lowered.shift_remove("minLength");
            lowered.shift_remove("maxLength");
        }
        if let Some(pattern) = keywords.get("pattern").and_then(Value::as_str) {
            match regress::Regex::new(pattern) {
                Ok(_) => {
                    lowered.insert("pattern".to_owned(), pattern.into());
                }
                Err(error) => {
                    let message = format!("the pattern {pattern:?} is not of ECMA 262 ({error}), so it is not checked");
                    let place = format!("{}/pattern", part.place);
                    self.findings.warn("pattern", place, message, "write the pattern as JavaScript takes it");
                }
            }
        }
        lowered.into()
    }

    fn words(&mut self, words: &[String], part: &Part) -> Value {
        // The variant for what is not listed is added later, and takes a name that is free then.
        let mut taken = HashSet::from(["Self".to_owned()]);
        let mut values = Vec::with_capacity(words.len());
        for word in words {
            let plain = variant(word);
            let free = take_free(&plain, &mut taken);
            if free == pascal(word) {
                values.push(Value::from(word.as_str()));
            } else {
                if free != plain || !word.chars().any(char::is_alphanumeric) {
                    self.findings.rename("value", word, &free, format!("{}/enum", part.place));
                }
                values.push(self.findings.mark(&free, word).into());
            }
        }
        json!({ "type": "string", "enum": values })
    }

    fn structure(&mut self, found: &Struct, name: &str) -> Value {
        let mut taken = HashSet::new();
        if found.others.is_some() {
            taken.insert("extra".to_owned()); // typify's name for the others
        }
        let mut lowered = Map::from_iter([("type".to_owned(), "object".into())]);
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let needed: HashSet<&str> = found.required.iter().map(String::as_str).collect();
        for (member, part) in &found.members {
            let plain = snake(member);
            let free = take_free(&plain, &mut taken);
            let key = if free == plain {
                member.clone()
            } else {
                self.findings.rename("property", member, &free, part.place.clone());
                self.findings.mark(&free, member)
            };
            let value = self.part(part, &format!("{name}{}", pascal(member)));
            if needed.contains(member.as_str()) {
                required.push(Value::from(key.as_str()));
            }
            properties.insert(key, value);
        }
        if found.members.is_empty() {
            if found.closed {
                lowered.insert("additionalProperties".to_owned(), false.into());
            }
            return lowered.into();
        }
        lowered.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            lowered.insert("required".to_owned(), required.into());
        }
        if let Some(others) = &found.others {
            let others = self.part(others, &format!("{name}Extra"));
            lowered.insert("additionalProperties".to_owned(), others);
        }
        lowered.into()
    }

    fn union(&mut self, alternatives: &[Part], name: &str) -> Value {
        let mut lowered: Vec<Value> = Vec::new();
        for (index, part) in alternatives.iter().enumerate() {
            let title = part.schema.get("title").and_then(Value::as_str).map(pascal).filter(|title| !title.is_empty());
            let own = title.unwrap_or_else(|| format!("Variant{index}"));
            let wanted = if own.starts_with(name) { own } else { format!("{name}{own}") };
            let mut one = self.part(part, &wanted);
            // The union says itself whether null is allowed.
            if let Value::Object(members) = &mut one {
                members.shift_remove("description");
                if members.contains_key("allOf") {
                    members.insert("nullable".to_owned(), true.into());
                }
            }
            never_null(&mut one);
            for member in self.compose.telling(part) {
                let target = one.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
                self.telling.extend(target.map(|target| (target.to_owned(), member)));
            }
            if !lowered.contains(&one) {
                lowered.push(one);
            }
        }
        match &lowered[..] {
            [only] => only.clone(),
            _ if lowered.contains(&json!({})) => json!({}),
            _ => json!({ "oneOf": lowered }),
        }
    }
}

/// The schema without `null`.
fn never_null(lowered: &mut Value) {
    if let Value::Object(members) = lowered
        && members.shift_remove("nullable").is_some()
        && let Some(only) = members.get_mut("allOf").and_then(|all| all.get_mut(0))
    {
        *lowered = only.take();
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn describe(schema: &mut Value, description: Option<String>) {
    if let (Value::Object(members), Some(description)) = (schema, description)
        && !members.contains_key("$ref")
    {
        members.insert("description".to_owned(), description.into());
    }
}

fn integer(keywords: &Map<String, Value>) -> Value {
    const FORMATS: [&str; 9] = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "uint"];
    let format = keywords.get("format").and_then(Value::as_str).filter(|format| FORMATS.contains(format));
    let mut lowered = Map::from_iter([("type".to_owned(), "integer".into())]);
    lowered.extend(format.map(|format| ("format".to_owned(), format.into())));
    // Without a format, a lower limit of zero says that there are no negative numbers. Nothing else has a type.
    let least = keywords.get("minimum").and_then(Value::as_f64);
    if format.is_none() && least.is_some_and(|least| least >= 0.0) {
        lowered.insert("minimum".to_owned(), 0.into());
    }
    lowered.into()
}

fn whole_number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15).map(|n| n as i64))
}
