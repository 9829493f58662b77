//! Our schema validator agrees with the crate `jsonschema` on random schemas and values.

use conformance_engine::schema::{Direction, Schemas};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const NAMES: [&str; 4] = ["a", "b", "c/d", "é"];
const PATTERNS: [&str; 6] = ["^a", "b$", "^[a-z]+-\\d$", "é", "^.{2}$", ""];
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
        let whole = json!({"allOf": [schema], "components": {"schemas": components}});
        let other = jsonschema::draft202012::new(&whole).map_err(|error| TestCaseError::fail(error.to_string()))?;
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
    let leaf = prop_oneof![8 => simple(), 2 => reference, 1 => any::<bool>().prop_map(Value::from)];
    leaf.boxed()
        .prop_recursive(3, 16, 3, |inner| {
            let several = || vec(inner.clone(), 1..3).prop_map(Value::from);
            let beside = |strategy: BoxedStrategy<Value>| (simple(), strategy).prop_map(|(a, b)| merge(a, b)).boxed();
            let one = |keyword: &'static str| inner.clone().prop_map(move |schema| json!({keyword: schema})).boxed();
            let reference =
                select(COMPONENTS.to_vec()).prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
            prop_oneof![
                4 => beside(objects(inner.clone())),
                3 => beside(arrays(inner.clone())),
                1 => beside(several().prop_map(|all| json!({"allOf": all})).boxed()),
                1 => beside(several().prop_map(|any| json!({"anyOf": any})).boxed()),
                1 => beside(several().prop_map(|one| json!({"oneOf": one})).boxed()),
                1 => beside(one("not")),
                1 => beside(reference.boxed()),
                1 => beside(conditions(inner.clone())),
                2 => unevaluated(inner.clone()),
            ]
        })
        .boxed()
}

/// Some of the keywords that contain no schema.
fn simple() -> BoxedStrategy<Value> {
    let types = vec!["string", "number", "integer", "boolean", "array", "object", "null"];
    let types = prop_oneof![
        2 => select(types.clone()).prop_map(Value::from),
        1 => subsequence(types, 1..4).prop_map(|types| json!(types)),
    ];
    let small = || 0_u64..4;
    let keywords = (
        (
            proptest::option::weighted(0.4, types),
            proptest::option::weighted(0.1, vec(values(), 1..4)),
            proptest::option::weighted(0.05, values()),
        ),
        (
            proptest::option::weighted(0.2, numbers()),
            proptest::option::weighted(0.1, numbers()),
            proptest::option::weighted(0.2, numbers()),
            proptest::option::weighted(0.1, numbers()),
            proptest::option::weighted(
                0.1,
                select(vec![json!(1), json!(2), json!(0.5), json!(0.1), json!(0.25), json!(3.0)]),
            ),
        ),
        (
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, small()),
            proptest::option::weighted(0.1, select(PATTERNS.to_vec())),
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
            let (kind, allowed, fixed) = general;
            let (minimum, exclusive_minimum, maximum, exclusive_maximum, multiple) = numeric;
            let (min_length, max_length, pattern) = text;
            let (min_items, max_items, unique, min_properties, max_properties) = sizes;
            let pairs = [
                ("type", kind),
                ("enum", allowed.map(Value::from)),
                ("const", fixed),
                ("minimum", minimum),
                ("exclusiveMinimum", exclusive_minimum),
                ("maximum", maximum),
                ("exclusiveMaximum", exclusive_maximum),
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
            members(pairs)
        })
        .boxed()
}

fn objects(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let named = || btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), inner.clone(), 0..3);
    let patterns = btree_map(select(PATTERNS.to_vec()).prop_map(str::to_owned), inner.clone(), 0..3);
    let names = || subsequence(NAMES.to_vec(), 0..3);
    let dependent = btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), names(), 0..3);
    (
        named(),
        proptest::option::weighted(0.3, patterns),
        proptest::option::of(inner.clone()),
        proptest::option::weighted(0.2, inner.clone()),
        names(),
        proptest::option::weighted(0.2, dependent),
        proptest::option::weighted(0.2, named()),
    )
        .prop_map(|(properties, patterns, additional, names, required, dependent, schemas)| {
            members([
                ("properties", Some(json!(properties))),
                ("patternProperties", patterns.map(|patterns| json!(patterns))),
                ("additionalProperties", additional),
                ("propertyNames", names),
                ("required", Some(json!(required))),
                ("dependentRequired", dependent.map(|dependent| json!(dependent))),
                ("dependentSchemas", schemas.map(|schemas| json!(schemas))),
            ])
        })
        .boxed()
}

fn arrays(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (
        proptest::option::weighted(0.7, inner.clone()),
        proptest::option::weighted(0.3, vec(inner.clone(), 1..3)),
        proptest::option::weighted(0.3, (inner, proptest::option::of(0_u64..3), proptest::option::of(0_u64..3))),
    )
        .prop_map(|(items, first, contains)| {
            let (contained, least, most) = contains.map_or((None, None, None), |(a, b, c)| (Some(a), b, c));
            members([
                ("items", items),
                ("prefixItems", first.map(Value::from)),
                ("contains", contained),
                ("minContains", least.map(Value::from)),
                ("maxContains", most.map(Value::from)),
            ])
        })
        .boxed()
}

fn conditions(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (inner.clone(), proptest::option::of(inner.clone()), proptest::option::of(inner))
        .prop_map(|(condition, then, otherwise)| {
            members([("if", Some(condition)), ("then", then), ("else", otherwise)])
        })
        .boxed()
}

/// What asks for all that others have not described.
fn unevaluated(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let others = prop_oneof![
        objects(inner.clone()),
        arrays(inner.clone()),
        conditions(inner.clone()),
        vec(prop_oneof![objects(inner.clone()), arrays(inner.clone())], 1..3).prop_map(|all| json!({"allOf": all})),
        vec(prop_oneof![objects(inner.clone()), arrays(inner.clone())], 1..3).prop_map(|any| json!({"anyOf": any})),
        vec(prop_oneof![objects(inner.clone()), arrays(inner.clone())], 1..3).prop_map(|one| json!({"oneOf": one})),
    ];
    let rest = prop_oneof![2 => Just(json!(false)), 1 => inner];
    (others, rest, any::<bool>())
        .prop_map(|(others, rest, is_array)| {
            let keyword = if is_array { "unevaluatedItems" } else { "unevaluatedProperties" };
            // `additionalProperties` leaves nothing to ask for.
            let Value::Object(mut others) = others else { return others };
            others.remove("additionalProperties");
            others.remove("items");
            merge(others.into(), json!({keyword: rest}))
        })
        .boxed()
}

fn members<const N: usize>(pairs: [(&str, Option<Value>); N]) -> Value {
    pairs.into_iter().filter_map(|(keyword, value)| Some((keyword.to_owned(), value?))).collect::<Map<_, _>>().into()
}

fn merge(mut a: Value, b: Value) -> Value {
    if let (Value::Object(a), Value::Object(b)) = (&mut a, b) {
        a.extend(b);
    }
    a
}
