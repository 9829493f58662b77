//! Our schema validator agrees with the crate `jsonschema` on random schemas and values.
//!
//! OpenAPI 3.0 schemas are a dialect of JSON Schema draft 4; the differences are translated (`nullable`, the integer
//! formats, and `integer` itself: to draft 4, `1.0` is none).

use conformance_engine::schema::{Direction, Schemas};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const NAMES: [&str; 4] = ["a", "b", "c/d", "é"];
const COMPONENTS: [&str; 3] = ["Rocket", "Stage", "Name"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_validators_agree(
        schema in schemas(),
        components in vec(schemas(), COMPONENTS.len()),
        values in vec(values(), 8),
    ) {
        // Components are reached through a member only, so that none refers to itself without end.
        let components: Map<String, Value> = COMPONENTS
            .into_iter()
            .zip(components)
            .map(|(name, schema)| (name.to_owned(), json!({"properties": {"a": schema}, "required": ["a"]})))
            .collect();
        let mut translated = translate(&schema);
        let definitions: Map<String, Value> =
            components.iter().map(|(name, schema)| (name.clone(), translate(schema))).collect();
        // Siblings of a reference are ignored, so the definitions would be lost beside one.
        translated = json!({"allOf": [translated], "definitions": definitions});
        let other = jsonschema::draft4::new(&translated).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let ours = Schemas::new(&components);
        for value in values {
            let found = ours.violations(&value, &schema, Direction::Unknown);
            let errors: Vec<String> = other.iter_errors(&value).map(|error| error.to_string()).collect();
            prop_assert!(
                found.is_empty() == errors.is_empty(),
                "schema {schema}\ncomponents {components:?}\nvalue {value}\nours: {found:?}\nother: {errors:?}",
            );
        }
    }
}

// Boxed, since the plain types nest so deeply that making one exhausts the stack of a test.
fn values() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        numbers(),
        select(vec!["", "a", "ab", "aé", "x-1", "2"]).prop_map(Value::from),
    ];
    leaf.boxed()
        .prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
        .boxed()
}

fn numbers() -> BoxedStrategy<Value> {
    prop_oneof![
        (-4_i64..8).prop_map(Value::from),
        (-8_i32..16).prop_map(|quarters| json!(f64::from(quarters) / 4.0)),
        (-20_i32..40).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
        select(vec![
            json!(i64::from(i32::MAX) + 1),
            json!(i32::MIN),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1e19),
            json!(-0.0),
        ]),
    ]
    .boxed()
}

fn schemas() -> BoxedStrategy<Value> {
    let reference =
        select(COMPONENTS.to_vec()).prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
    let leaf = prop_oneof![4 => simple(), 1 => reference];
    leaf.boxed()
        .prop_recursive(3, 16, 3, |inner| {
            let several = || vec(inner.clone(), 1..3).prop_map(Value::from);
            prop_oneof![
                2 => (simple(), objects(inner.clone())).prop_map(|(a, b)| merge(a, b)).boxed(),
                2 => (simple(), inner.clone()).prop_map(|(a, items)| merge(a, json!({"items": items}))).boxed(),
                1 => (simple(), several()).prop_map(|(a, all)| merge(a, json!({"allOf": all}))).boxed(),
                1 => (simple(), several()).prop_map(|(a, any)| merge(a, json!({"anyOf": any}))).boxed(),
                1 => (simple(), several()).prop_map(|(a, one)| merge(a, json!({"oneOf": one}))).boxed(),
                1 => (simple(), inner.clone()).prop_map(|(a, not)| merge(a, json!({"not": not}))).boxed(),
            ]
        })
        .boxed()
}

/// Some of the keywords that contain no schema.
fn simple() -> BoxedStrategy<Value> {
    let types = select(vec!["string", "number", "integer", "boolean", "array", "object"]);
    let formats = select(vec!["int32", "int64", "unknown"]);
    let small = || 0_u64..4;
    let keywords = (
        (
            proptest::option::weighted(0.5, types),
            proptest::option::weighted(0.3, any::<bool>()),
            proptest::option::weighted(0.15, vec(values(), 1..4)),
            proptest::option::weighted(0.2, formats),
        ),
        (
            proptest::option::weighted(0.2, numbers()),
            proptest::option::weighted(0.3, any::<bool>()),
            proptest::option::weighted(0.2, numbers()),
            proptest::option::weighted(0.3, any::<bool>()),
            proptest::option::weighted(
                0.1,
                select(vec![json!(1), json!(2), json!(0.5), json!(0.1), json!(0.25), json!(3.0)]),
            ),
        ),
        (
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, select(vec!["^a", "b$", "^[a-z]+-\\d$", "é", "^.{2}$", ""])),
        ),
        (
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.2, any::<bool>()),
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, small()),
        ),
    );
    keywords
        .prop_map(|(general, numeric, text, sizes)| {
            let (kind, nullable, allowed, format) = general;
            let (minimum, exclusive_minimum, maximum, exclusive_maximum, multiple) = numeric;
            let (min_length, max_length, pattern) = text;
            let (min_items, max_items, unique, min_properties, max_properties) = sizes;
            let pairs = [
                ("type", kind.map(Value::from)),
                ("nullable", nullable.map(Value::from)),
                ("enum", allowed.map(unique_values)),
                ("format", format.map(Value::from)),
                // Draft 4 wants the limit beside the word.
                ("exclusiveMinimum", exclusive_minimum.filter(|_| minimum.is_some()).map(Value::from)),
                ("minimum", minimum),
                ("exclusiveMaximum", exclusive_maximum.filter(|_| maximum.is_some()).map(Value::from)),
                ("maximum", maximum),
                ("multipleOf", multiple),
                ("minLength", min_length.map(Value::from)),
                ("maxLength", max_length.map(Value::from)),
                ("pattern", pattern.map(Value::from)),
                ("minItems", min_items.map(Value::from)),
                ("maxItems", max_items.map(Value::from)),
                ("uniqueItems", unique.map(Value::from)),
                ("minProperties", min_properties.map(Value::from)),
                ("maxProperties", max_properties.map(Value::from)),
            ];
            pairs
                .into_iter()
                .filter_map(|(keyword, value)| Some((keyword.to_owned(), value?)))
                .collect::<Map<_, _>>()
                .into()
        })
        .boxed()
}

fn objects(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let properties = btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), inner.clone(), 0..3);
    let additional = prop_oneof![Just(json!(true)), Just(json!(false)), inner];
    (properties, proptest::option::of(additional), subsequence(NAMES.to_vec(), 0..3))
        .prop_map(|(properties, additional, required)| {
            let mut schema = Map::from_iter([("properties".to_owned(), json!(properties))]);
            schema.extend(additional.map(|additional| ("additionalProperties".to_owned(), additional)));
            if !required.is_empty() {
                schema.insert("required".to_owned(), json!(required));
            }
            schema.into()
        })
        .boxed()
}

/// Draft 4 wants different values in an `enum`.
fn unique_values(values: Vec<Value>) -> Value {
    let mut unique: Vec<Value> = Vec::new();
    for value in values {
        let same = |known: &Value| known == &value || (known.as_f64().is_some() && known.as_f64() == value.as_f64());
        if !unique.iter().any(same) && !value.is_array() && !value.is_object() {
            unique.push(value);
        }
    }
    if unique.is_empty() { json!(["a"]) } else { unique.into() }
}

fn merge(mut a: Value, b: Value) -> Value {
    if let (Value::Object(a), Value::Object(b)) = (&mut a, b) {
        a.extend(b);
    }
    a
}

/// The same schema in draft 4.
fn translate(schema: &Value) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
        return json!({"$ref": reference.replace("#/components/schemas/", "#/definitions/")});
    }
    let mut draft = Map::new();
    let mut also: Vec<Value> = Vec::new();
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "nullable" => {}
            "type" => {
                let mut types = vec![json!({"type": value})];
                if value == "integer" {
                    types = vec![json!({"type": "number", "multipleOf": 1})];
                }
                if keywords.get("nullable") == Some(&json!(true)) {
                    types.push(json!({"type": "null"}));
                }
                also.push(json!({"anyOf": types}));
            }
            "format" => {
                let range = match value.as_str() {
                    Some("int32") => json!({"minimum": i32::MIN, "maximum": i32::MAX}),
                    Some("int64") => json!({"minimum": i64::MIN, "maximum": i64::MAX}),
                    _ => continue,
                };
                // A range of whole numbers; whether it must be one is for `type` to say.
                also.push(json!({"anyOf": [{"not": {"type": "number", "multipleOf": 1}}, range]}));
            }
            "allOf" => also.extend(value.as_array().into_iter().flatten().map(translate)),
            "anyOf" | "oneOf" => {
                let alternatives: Vec<_> = value.as_array().into_iter().flatten().map(translate).collect();
                draft.insert(keyword.clone(), alternatives.into());
            }
            "not" | "items" | "additionalProperties" => _ = draft.insert(keyword.clone(), translate(value)),
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties: Map<_, _> =
                    properties.map(|(name, schema)| (name.clone(), translate(schema))).collect();
                draft.insert(keyword.clone(), properties.into());
            }
            _ => _ = draft.insert(keyword.clone(), value.clone()),
        }
    }
    if !also.is_empty() {
        draft.insert("allOf".to_owned(), also.into());
    }
    draft.into()
}
