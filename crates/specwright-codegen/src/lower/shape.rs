//! What a schema says, whatever dialect and keywords it says it with.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::operations::pointer;

/// A schema as one of the few kinds of values that a client has types for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) description: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Any JSON.
    Any,
    Boolean,
    /// With the keywords that say which numbers.
    Integer(Map<String, Value>),
    Number(Map<String, Value>),
    /// With `format`, `pattern` and limits of length.
    Text(Map<String, Value>),
    /// One of several texts.
    Words(Vec<String>),
    List(Box<Part>),
    /// An object whose members all are alike.
    Members(Box<Part>),
    Struct(Struct),
    /// One of several schemas; none of them `null`.
    Union(Vec<Part>),
    /// All of several schemas.
    Intersection(Vec<Part>),
    /// A component, by its name in the document.
    Component(String),
}

/// A schema that is part of another, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) schema: Value,
    pub(super) place: String,
}

/// An object with members of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Struct {
    /// By name, in the order of the document.
    pub(super) members: Vec<(String, Part)>,
    pub(super) required: Vec<String>,
    /// What further members are, if the document says it.
    pub(super) others: Option<Box<Part>>,
    /// Whether there are no further members.
    pub(super) closed: bool,
}

/// The remark on a discriminator beside which no alternatives are listed.
pub(super) const UNREAD_SUBTYPES: &str =
    "a discriminator without `oneOf`: only the members of this schema are read, none of its subtypes";

impl Part {
    pub(super) fn new(schema: Value, place: String) -> Part {
        Part { schema, place }
    }

    pub(super) fn any() -> Part {
        Part::new(json!({}), String::new())
    }
}

impl Struct {
    pub(super) fn member(&self, name: &str) -> Option<&Part> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, part)| part)
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.required.iter().any(|required| required == name)
    }
}

impl Shape {
    pub(super) fn of(kind: Kind) -> Shape {
        Shape { kind, nullable: false, description: None }
    }
}

/// Keywords that say nothing of the value.
const WORDS: [&str; 14] = [
    "title",
    "description",
    "default",
    "deprecated",
    "nullable",
    "readOnly",
    "writeOnly",
    "xml",
    "discriminator",
    "externalDocs",
    "example",
    "$schema",
    "$id",
    "$comment",
];

/// What the schema at `place` says. `remark` takes what is generalised: place and message.
pub(super) fn shape(part: &Part, remark: &mut impl FnMut(&str, String)) -> Shape {
    let Value::Object(schema) = &part.schema else { return Shape::of(Kind::Any) };
    let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
    let (types, null_type) = types(schema);
    let mut nullable = null_type || schema.get("nullable") == Some(&Value::Bool(true));
    let kind = kind(part, schema, &types, &mut nullable, remark);
    Shape { kind, nullable, description }
}

/// The types that a schema lists, and whether `null` is among them.
fn types(schema: &Map<String, Value>) -> (Vec<&str>, bool) {
    let listed: Vec<&str> = match schema.get("type") {
        Some(Value::String(only)) => vec![only],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut types: Vec<&str> = Vec::new();
    for name in listed.iter().copied().filter(|name| *name != "null") {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    (types, listed.contains(&"null"))
}

fn kind(
    part: &Part,
    schema: &Map<String, Value>,
    types: &[&str],
    nullable: &mut bool,
    remark: &mut impl FnMut(&str, String),
) -> Kind {
    let within = |steps: &[&str]| format!("{}{}", part.place, pointer(steps.iter().copied()));
    let rest = |without: &[&str]| -> Map<String, Value> {
        let kept = schema.iter().filter(|(key, _)| !without.contains(&key.as_str()) && !WORDS.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.strip_prefix("#/components/schemas/").unwrap_or(target).to_owned();
        // 3.1 lets keywords stand beside a reference; in 3.0 they say nothing, and writers mean them all the same.
        if !has_parts_beside(&part.schema) {
            return Kind::Component(name);
        }
        let beside = rest(&["$ref"]);
        let target = Part::new(json!({ "$ref": target }), part.place.clone());
        return Kind::Intersection(vec![target, Part::new(beside.into(), part.place.clone())]);
    }
    if schema.contains_key("$dynamicRef") {
        remark(&part.place, "`$dynamicRef` is not followed, so any JSON is taken".to_owned());
        return Kind::Any;
    }
    let list = |key: &str| -> Vec<Part> {
        let items = schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let parts = items.iter().enumerate();
        parts.map(|(index, item)| Part::new(item.clone(), within(&[key, &index.to_string()]))).collect()
    };
    let all = list("allOf");
    if !all.is_empty() {
        let mut parts = all;
        let own = rest(&["allOf"]);
        if own.keys().any(|key| key != "type") {
            parts.push(Part::new(own.into(), part.place.clone()));
        }
        return if let [only] = &parts[..] { whole(only, nullable, remark) } else { Kind::Intersection(parts) };
    }
    for key in ["oneOf", "anyOf"] {
        let mut alternatives = list(key);
        if alternatives.is_empty() {
            continue;
        }
        let count = alternatives.len();
        alternatives.retain(|one| !is_null(&one.schema));
        *nullable |= alternatives.len() < count;
        let own = rest(&[key]);
        let says_more = own.keys().any(|key| !matches!(key.as_str(), "type" | "format"));
        if !says_more && !types.is_empty() {
            for one in &mut alternatives {
                if let Value::Object(members) = &mut one.schema
                    && !["$ref", "type", "oneOf", "anyOf", "allOf"].iter().any(|key| members.contains_key(*key))
                {
                    members.insert("type".to_owned(), own["type"].clone());
                }
            }
        }
        let union = match &alternatives[..] {
            [] => Kind::Any,
            [only] => whole(only, nullable, remark),
            _ => Kind::Union(alternatives),
        };
        if !says_more {
            return union;
        }
        let mut alone = Map::new();
        for kept in [key, "discriminator"] {
            alone.extend(schema.get(kept).map(|value| (kept.to_owned(), value.clone())));
        }
        let parts = [alone, own].map(|schema| Part::new(schema.into(), part.place.clone()));
        return Kind::Intersection(parts.into());
    }
    if let Some(listed) = values(schema) {
        let values: Vec<&Value> = listed.iter().copied().filter(|value| !value.is_null()).collect();
        *nullable |= values.len() < listed.len();
        if let Some(kind) = enumeration(&values, types) {
            let taken = match kind {
                Kind::Boolean if !(values.contains(&&json!(true)) && values.contains(&&json!(false))) => "Boolean",
                Kind::Integer(_) => "integer",
                Kind::Number(_) => "number",
                _ => return kind,
            };
            let key = if schema.contains_key("const") { "const" } else { "enum" };
            remark(
                &within(&[key]),
                format!("the values are no texts, and have no type of their own: any {taken} is taken"),
            );
            return kind;
        }
        if !values.is_empty() {
            remark(
                &within(&["enum"]),
                "the values are of several types or not of the schema's, so any JSON is taken".to_owned(),
            );
            return Kind::Any;
        }
    }
    let has = |keys: &[&str]| keys.iter().any(|key| schema.contains_key(*key));
    let implied = match types {
        [only] => only,
        [] if has(&[
            "properties",
            "additionalProperties",
            "patternProperties",
            "required",
            "minProperties",
            "maxProperties",
        ]) =>
        {
            "object"
        }
        [] if has(&["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]) => "array",
        [] if has(&["pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"]) => "string",
        [] if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) => "number",
        [] => match schema.get("format").and_then(Value::as_str) {
            Some("int32" | "int64") => "integer",
            Some("float" | "double") => "number",
            Some("date" | "date-time" | "uuid" | "email" | "uri" | "byte" | "binary" | "password") => "string",
            _ => return Kind::Any,
        },
        several => {
            let one = |name: &str| {
                let mut schema = rest(&["type"]);
                schema.insert("type".to_owned(), name.into());
                Part::new(schema.into(), part.place.clone())
            };
            return Kind::Union(several.iter().map(|name| one(name)).collect());
        }
    };
    let keep = |keys: &[&str]| -> Map<String, Value> {
        let kept = schema.iter().filter(|(key, _)| keys.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    match implied {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer(keep(&["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])),
        "number" => Kind::Number(keep(&["format"])),
        "string" | "file" => Kind::Text(keep(&["format", "pattern", "minLength", "maxLength"])),
        "array" => match schema.get("items") {
            Some(items) if items.is_object() && !schema.contains_key("prefixItems") => {
                Kind::List(Box::new(Part::new(items.clone(), within(&["items"]))))
            }
            _ => {
                if schema.contains_key("prefixItems") {
                    let message = "`prefixItems` describes each item by its place, so any JSON is taken for an item";
                    remark(&within(&["prefixItems"]), message.to_owned());
                }
                Kind::List(Box::new(Part::any()))
            }
        },
        "object" => {
            if schema.contains_key("discriminator") {
                remark(&part.place, UNREAD_SUBTYPES.to_owned());
            }
            object(part, schema)
        }
        other => {
            remark(&within(&["type"]), format!("`{other}` is no type, so any JSON is taken"));
            Kind::Any
        }
    }
}

/// The keywords that make a schema with a reference one that builds on it.
pub(super) const PARTS: [&str; 4] = ["properties", "allOf", "oneOf", "anyOf"];

/// Whether a schema that refers to another says what the value has beside.
pub(super) fn has_parts_beside(schema: &Value) -> bool {
    PARTS.iter().any(|key| schema.get(*key).is_some())
}

/// What a schema says that stands alone in a composition.
fn whole(only: &Part, nullable: &mut bool, remark: &mut impl FnMut(&str, String)) -> Kind {
    let shape = shape(only, remark);
    *nullable |= shape.nullable;
    shape.kind
}

fn object(part: &Part, schema: &Map<String, Value>) -> Kind {
    let within = |steps: &[&str]| format!("{}{}", part.place, pointer(steps.iter().copied()));
    let mut found = Struct::default();
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, member) in properties.into_iter().flatten() {
        found.members.push((name.clone(), Part::new(member.clone(), within(&["properties", name]))));
    }
    let mut known = HashSet::new();
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if known.insert(name) {
            found.required.push(name.to_owned());
        }
    }
    let patterns: Vec<_> = schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten().collect();
    let others = match (&patterns[..], schema.get("additionalProperties")) {
        ([], Some(Value::Object(others))) => {
            Some(Part::new(Value::Object(others.clone()), within(&["additionalProperties"])))
        }
        ([(pattern, only)], Some(Value::Bool(false))) => {
            Some(Part::new((*only).clone(), within(&["patternProperties", pattern])))
        }
        ([], Some(Value::Bool(false))) => {
            found.closed = true;
            None
        }
        // `true` says what `{}` says; without the keyword, nothing is said of other members.
        ([], Some(Value::Bool(true))) => Some(Part::any()),
        ([], None | Some(_)) => None,
        _ => Some(Part::any()),
    };
    if !found.members.is_empty() {
        // Each is required once.
        let known: HashSet<&str> = found.members.iter().map(|(name, _)| name.as_str()).collect();
        let added = found.required.iter().filter(|name| !known.contains(name.as_str()));
        let added: Vec<_> = added.map(|name| (name.clone(), Part::any())).collect();
        found.members.extend(added);
        found.others = others.map(Box::new);
        return Kind::Struct(found);
    }
    match others {
        Some(others) => Kind::Members(Box::new(others)),
        // Nothing but what must be there: the schema is about an object that others describe.
        None if !found.required.is_empty() => Kind::Struct(found),
        None if found.closed => Kind::Struct(found),
        None => Kind::Members(Box::new(Part::any())),
    }
}

/// The values that a schema lists, if any.
fn values(schema: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(only), _) => Some(vec![only]),
        (None, Some(Value::Array(listed))) => Some(listed.iter().collect()),
        _ => None,
    }
}

fn enumeration(values: &[&Value], types: &[&str]) -> Option<Kind> {
    if values.is_empty() {
        return None;
    }
    let all = |is: fn(&Value) -> bool| values.iter().all(|value| is(value));
    let text = |value: &&Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // A text that YAML read as a number or a boolean is one of the document's texts.
    let is_text = match types {
        ["string"] => all(|value| !value.is_object() && !value.is_array()),
        [] => all(Value::is_string),
        _ => types.contains(&"string") && all(Value::is_string),
    };
    let takes = |name: &str| types.is_empty() || types.contains(&name);
    if is_text {
        let mut known = HashSet::new();
        Some(Kind::Words(values.iter().map(text).filter(|word| known.insert(word.clone())).collect()))
    } else if all(Value::is_boolean) && takes("boolean") {
        Some(Kind::Boolean)
    } else if all(|value| value.is_i64() || value.is_u64()) && takes("integer") {
        Some(Kind::Integer(Map::new()))
    } else if all(Value::is_number) && (takes("number") || takes("integer")) {
        Some(Kind::Number(Map::new()))
    } else {
        None
    }
}

/// Whether only `null` keeps a schema.
fn is_null(schema: &Value) -> bool {
    let is_null_only = |values: &Value| {
        values.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
    };
    schema["type"] == "null"
        || schema["type"].as_array().is_some_and(|types| types.len() == 1 && types[0] == "null")
        || schema.get("const").is_some_and(Value::is_null)
        || schema.get("enum").is_some_and(is_null_only)
}
