//! Reads a text that is no JSON, such as a header or a body of `text/plain`, as the value that its schema means.
//!
//! `3` is an integer where the schema asks for one, and a string where it does not. Every reading that the schema may
//! mean gets its chance.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::described::describing;
use crate::check::schema::{Direction, Findings, Instance, Schemas, Violation};
use crate::model::json::{self, Reading};

/// What a text is as a value.
#[derive(Debug)]
pub(crate) enum Fit {
    /// It fits; what of the schema was not judged.
    Fits(BTreeSet<String>),
    /// It does not, for this reason: that of the reading that comes closest.
    Differs(Violation),
    /// The schema cannot be applied.
    Broken(Violation),
}

/// How several values are written.
#[cfg_attr(not(feature = "run"), allow(dead_code, reason = "only requests are written in every way"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    Commas,
    Spaces,
    Pipes,
    /// Each value is a text of its own.
    Texts,
}

/// Reads texts by schemas.
pub(crate) struct TextReader<'j> {
    pub(crate) schemas: &'j Schemas<'j>,
    pub(crate) direction: Direction,
}

impl TextReader<'_> {
    /// One value, which is no list and no object.
    pub(crate) fn scalar(&self, text: &str, schema: &Value) -> Fit {
        self.closest(scalars(text).iter().map(|token| json::read(token.as_bytes())).collect(), schema)
    }

    /// One value, or a list, or an object in the style `simple`: `name,value`, or `name=value` if `is_exploded`.
    pub(crate) fn any(&self, texts: &[&str], between: Between, is_exploded: bool, schema: &Value) -> Fit {
        let described = describing(self.schemas, &[schema]);
        let is_of = |name: &str| {
            let types = described.iter().filter_map(|schema| schema.get("type"));
            types
                .clone()
                .any(|wanted| wanted == name || wanted.as_array().is_some_and(|all| all.contains(&name.into())))
        };
        let parts: Vec<&str> = match (between, texts) {
            (_, [""]) => Vec::new(),
            (Between::Commas, [only]) => only.split(',').map(str::trim).collect(),
            (Between::Spaces, [only]) => only.split(' ').collect(),
            (Between::Pipes, [only]) => only.split('|').collect(),
            (_, texts) => texts.to_vec(),
        };
        let mut tokens = match texts {
            [only] => scalars(only),
            _ => Vec::new(),
        };
        if is_of("object") {
            let pairs: Vec<(&str, &str)> = match is_exploded {
                true => parts.iter().map(|part| part.split_once('=').unwrap_or((part, ""))).collect(),
                false => parts.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or_default())).collect(),
            };
            tokens.insert(0, self.object(&pairs, schema));
        }
        let items = described.iter().find_map(|schema| schema.get("items"));
        let elements: Vec<String> = parts.iter().map(|part| self.token(part, items)).collect();
        let list = format!("[{}]", elements.join(","));
        // What is no list is best explained as a scalar of the type that is wanted.
        let is_typed = described.iter().any(|schema| schema.get("type").is_some());
        if is_of("array") {
            tokens.insert(0, list);
        } else if !is_typed || texts.len() != 1 {
            tokens.push(list);
        }
        self.closest(tokens.iter().map(|token| json::read(token.as_bytes())).collect(), schema)
    }

    /// The members of an object, each in a text of its own.
    #[cfg(feature = "run")]
    pub(crate) fn members(&self, members: &[(&str, &str)], schema: &Value) -> Fit {
        let object = json::read(self.object(members, schema).as_bytes());
        self.closest(vec![object], schema)
    }

    fn object(&self, members: &[(&str, &str)], schema: &Value) -> String {
        let described = describing(self.schemas, &[schema]);
        let members = members.iter().map(|(name, text)| {
            let schema = described.iter().find_map(|schema| schema.get("properties")?.get(name));
            format!("{}:{}", Value::from(*name), self.token(text, schema))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    /// The JSON text of a scalar: the first reading that fits, or else one that is of the right type.
    fn token(&self, text: &str, schema: Option<&Value>) -> String {
        let mut scalars = scalars(text);
        let Some(schema) = schema else { return scalars.swap_remove(0) };
        let keyword = |token: &String| {
            let found = self.judge(&json::read(token.as_bytes()), schema);
            found.and_then(|found| found.violations.first().map(|violation| violation.keyword))
        };
        let found: Vec<_> = scalars.iter().map(keyword).collect();
        let best = found.iter().position(Option::is_none).or_else(|| found.iter().position(|it| *it != Some("type")));
        scalars.swap_remove(best.unwrap_or_default())
    }

    fn closest(&self, readings: Vec<Reading>, schema: &Value) -> Fit {
        let mut closest: Option<Violation> = None;
        for reading in &readings {
            let Some(found) = self.judge(reading, schema) else { continue };
            let Some(violation) = found.violations.into_iter().next() else { return Fit::Fits(found.unjudged) };
            // Says nothing about the value.
            if violation.schema_is_broken || violation.keyword == "limit" {
                return Fit::Broken(violation);
            }
            // That it is of another type says less than what else is wrong with it.
            let is_of_another_type = |it: &Violation| it.keyword == "type" && it.pointer.is_empty();
            if closest.as_ref().is_none_or(is_of_another_type) && !(is_of_another_type(&violation) && closest.is_some())
            {
                closest = Some(violation);
            }
        }
        closest.map_or_else(|| Fit::Fits(BTreeSet::new()), Fit::Differs)
    }

    fn judge(&self, reading: &Reading, schema: &Value) -> Option<Findings> {
        let value = reading.value.as_ref()?;
        let instance = Instance { value, numbers: &reading.written, may_be_null: &[] };
        Some(self.schemas.judge(instance, schema, self.direction))
    }
}

/// The JSON texts of the scalars that a text may mean. A number or a Boolean may end with the end of its line.
fn scalars(text: &str) -> Vec<String> {
    let mut readings = vec![Value::from(text).to_string()];
    let text = text.trim_ascii_end();
    let is_scalar =
        text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) || text == "true" || text == "false";
    if is_scalar && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        readings.push(text.to_owned());
    }
    readings
}

/// What the schema of a body that is no JSON asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Any text or any bytes.
    Anything,
    /// A text, or a number or a Boolean in letters.
    Scalar,
    /// Something that only a reader of the media type could find in it.
    Structure,
}

/// What a schema asks of a body that is no JSON.
pub(crate) fn wanted(schemas: &Schemas<'_>, schema: &Value) -> Wanted {
    const SILENT: [&str; 9] = [
        "type",
        "description",
        "title",
        "example",
        "examples",
        "contentMediaType",
        "contentEncoding",
        "deprecated",
        "default",
    ];
    let described = describing(schemas, &[schema]);
    let types: Vec<&str> = described
        .iter()
        .filter_map(|schema| schema.get("type"))
        .flat_map(|wanted| wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice))
        .filter_map(Value::as_str)
        .collect();
    let structure = ["properties", "items", "prefixItems", "additionalProperties", "required", "patternProperties"];
    let is_structure = types.iter().any(|name| ["object", "array"].contains(name))
        || described.iter().any(|schema| structure.iter().any(|keyword| schema.get(keyword).is_some()));
    let is_silent = |schema: &&Value| {
        schema.as_object().is_none_or(|keywords| {
            let is_binary = keywords.get("format").is_some_and(|format| format == "binary");
            keywords
                .keys()
                .all(|key| SILENT.contains(&key.as_str()) || key.starts_with("x-") || key == "format" && is_binary)
        })
    };
    let is_text = types.iter().all(|name| *name == "string");
    match () {
        () if is_structure => Wanted::Structure,
        () if is_text && described.iter().all(is_silent) && schema != &Value::Bool(false) => Wanted::Anything,
        () => Wanted::Scalar,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// A text in a header with this schema: the keyword that refuses it, or nothing.
    #[track_caller]
    fn check(schema: Value, texts: &[&str], is_exploded: bool, expected: Option<&str>) {
        let components = Map::new();
        let schemas = Schemas::new(&components);
        let reader = TextReader { schemas: &schemas, direction: Direction::Reply };
        let found = match reader.any(texts, Between::Commas, is_exploded, &schema) {
            Fit::Fits(_) => None,
            Fit::Differs(violation) | Fit::Broken(violation) => Some(violation.keyword),
        };
        assert_eq!(found, expected, "{schema} {texts:?}");
    }

    #[test]
    fn a_text_is_what_its_schema_means() {
        check(json!({"type": "integer"}), &["5"], false, None);
        check(json!({"type": "integer"}), &["many"], false, Some("type"));
        check(json!({"type": "integer"}), &["1.5"], false, Some("type"));
        check(json!({"type": "integer", "minimum": 9}), &["5"], false, Some("minimum"));
        check(json!({"type": "string"}), &["5"], false, None);
        check(json!({"type": "string", "enum": ["5"]}), &["5"], false, None);
        check(json!({"enum": [5, 6]}), &["5"], false, None);
        check(json!({"enum": [5, 6]}), &["7"], false, Some("enum"));
        check(json!({"type": "boolean"}), &["true"], false, None);
        check(json!({"type": "boolean"}), &["True"], false, Some("type"));
        check(json!({"type": "string", "pattern": "^a,b$"}), &["a,b"], false, None);
        check(json!({"type": "number", "maximum": 2}), &["12345678901234567890"], false, Some("maximum"));
    }

    #[test]
    fn lists_and_objects_are_read_in_the_style_simple() {
        let integers = json!({"type": "array", "items": {"type": "integer"}, "minItems": 1});
        check(integers.clone(), &["1,2, 3"], false, None);
        check(integers.clone(), &["1,b"], false, Some("type"));
        check(integers.clone(), &["1", "2"], false, None);
        check(integers, &[""], false, Some("minItems"));
        let colour = json!({"type": "object", "required": ["R"], "properties": {"R": {"type": "integer"}}});
        check(colour.clone(), &["R,100,G,x"], false, None);
        check(colour.clone(), &["R=100,G=x"], true, None);
        check(colour.clone(), &["R,x"], false, Some("type"));
        check(colour, &["G=1"], true, Some("required"));
    }

    #[test]
    fn what_a_schema_asks_of_a_text() {
        let components = Map::new();
        let schemas = Schemas::new(&components);
        for (schema, expected) in [
            (json!({}), Wanted::Anything),
            (json!({"type": "string", "format": "binary"}), Wanted::Anything),
            (json!({"type": "string", "maxLength": 3}), Wanted::Scalar),
            (json!({"type": "integer"}), Wanted::Scalar),
            (json!({"type": ["string", "null"]}), Wanted::Scalar),
            (json!({"type": "object"}), Wanted::Structure),
            (json!({"oneOf": [{"type": "string"}, {"items": {}}]}), Wanted::Structure),
        ] {
            assert_eq!(wanted(&schemas, &schema), expected, "{schema}");
        }
    }
}
