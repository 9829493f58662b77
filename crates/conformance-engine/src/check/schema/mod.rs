//! Validates a JSON value against a schema of JSON Schema 2020-12, as OpenAPI 3.1 has them.
//!
//! ```
//! use conformance_engine::schema::violations;
//! use serde_json::{Map, json};
//!
//! let schema = json!({"type": "object", "properties": {"stage": {"type": "integer", "minimum": 1}}});
//! let found = violations(&json!({"stage": 0}), &schema, &Map::new());
//! assert_eq!(found[0].to_string(), "/stage: expected at least 1, found 0 (minimum)");
//! ```
//!
//! Three things are OpenAPI's: a `required` member that is `readOnly` or `writeOnly` is required in one direction only
//! (see [`Direction`]); the formats `int32`, `int64` and their like are ranges; and references lead to the components of
//! a document. A schema of OpenAPI 3.0 has to be raised to 2020-12 before (`openapi_document::document::raised`). `format`
//! is judged for what an RFC defines (`date-time`, `uuid`, `uri`, …). An unknown `format` and the words that only annotate
//! (`title`, `example`, `contentEncoding`) decide nothing. Nothing is fetched: a reference to what was not given
//! refers to nothing. `docs/json-schema.md` says how much of the official test suite passes.
//!
//! **Invariant:** neither value nor schema can make this panic, overflow the stack or work without end. What cannot
//! be judged is a violation itself; [`Violation::schema_is_broken`] says whether the schema is to blame for it.
//! A `pattern` that takes too long (`^(a+)+$` can take for ever) is given up after a second, once in a process;
//! most of those that could are run on an engine that cannot take long.

mod arrays;
mod combinations;
mod format;
mod general;
mod keyword;
#[cfg(feature = "run")]
mod linear;
mod numbers;
mod objects;
mod pattern;
mod reference;
mod schemas;
mod text;
mod violation;
mod walk;

use serde_json::{Map, Value};

pub use self::schemas::{Direction, Schemas};
pub(crate) use self::violation::{Findings, Instance};
pub use self::violation::{MAX_VIOLATIONS, Violation};
use self::walk::Walk;
use crate::model::json::Reading;

/// Every way in which `value` does not fit `schema`; `components` is what `#/components/schemas/NAME` refers to.
///
/// Counts every `required` member, whatever its direction. To judge many values, keep a [`Schemas`].
pub fn violations(value: &Value, schema: &Value, components: &Map<String, Value>) -> Vec<Violation> {
    Schemas::new(components).violations(value, schema, Direction::Unknown)
}

impl Schemas<'_> {
    /// Every way in which `value` does not fit `schema`, at most [`MAX_VIOLATIONS`].
    pub fn violations(&self, value: &Value, schema: &Value, direction: Direction) -> Vec<Violation> {
        self.judge(value.into(), schema, direction).violations
    }

    /// The same for a value that was read, with its numbers as they are written.
    pub fn violations_of(&self, reading: &Reading, schema: &Value, direction: Direction) -> Vec<Violation> {
        let Some(value) = &reading.value else { return Vec::new() };
        self.judge(Instance { value, numbers: &reading.written, may_be_null: &[] }, schema, direction).violations
    }

    /// The violations, and what is not judged.
    pub(crate) fn judge(&self, instance: Instance<'_>, schema: &Value, direction: Direction) -> Findings {
        Walk::new(self, schema, direction, &instance).judge(instance.value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::walk::MAX_DEPTH;
    use super::*;

    /// `value` judged by `schema` with the components below gives exactly these lines.
    #[track_caller]
    fn check(schema: Value, value: Value, expected: &[&str]) {
        let components = json!({
            "Stage": {"type": "object", "required": ["engines"], "properties": {
                "engines": {"type": "integer", "minimum": 1},
                "next": {"$ref": "#/components/schemas/Stage"},
            }},
            "Loop": {"$ref": "#/components/schemas/Pool"},
            "Pool": {"$ref": "#/components/schemas/Loop"},
            "Knot": {"allOf": [{"$ref": "#/components/schemas/Knot"}]},
            "Tree": {"anyOf": [
                {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            ]},
            "a/b": {"properties": {"c": {"type": "string"}, "with blank": {"type": "boolean"}}},
        });
        let found: Vec<_> = violations(&value, &schema, components.as_object().unwrap())
            .into_iter()
            .map(|violation| {
                let blame = if violation.schema_is_broken { "schema: " } else { "" };
                format!("{blame}{violation}")
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn types_are_judged_by_value() {
        check(json!({}), json!(null), &[]);
        check(json!({"type": "integer"}), json!(1.0), &[]);
        check(json!({"type": "integer"}), json!(1e300), &[]);
        check(
            json!({"type": "integer"}),
            json!(1.5),
            &["(whole value): expected an integer, found a number: 1.5 (type)"],
        );
        check(json!({"type": "string"}), json!(null), &["(whole value): expected a string, found null (type)"]);
        check(
            json!({"type": "string"}),
            json!({"a": [1]}),
            &["(whole value): expected a string, found an object: {\"a\":[1]} (type)"],
        );
        check(json!({"type": "boolean"}), json!(true), &[]);
        check(json!({"type": "boolean"}), json!(1), &["(whole value): expected a boolean, found a number: 1 (type)"]);
        check(json!({"type": "rocket"}), json!(1), &["schema: (whole value): no type is called \"rocket\" (type)"]);
        check(
            json!({"type": ["string", "null"]}),
            json!(1),
            &["(whole value): expected a string or null, found a number: 1 (type)"],
        );
        check(json!({"type": ["string", "null"]}), json!(null), &[]);
        check(json!({"type": ["null", 1]}), json!(1), &["schema: (whole value): no type is called 1 (type)"]);
    }

    #[test]
    fn an_enum_lists_what_is_allowed() {
        check(json!({"enum": ["a", 1]}), json!(1.0), &[]);
        check(json!({"enum": ["a", 1]}), json!("b"), &["(whole value): expected one of \"a\", 1, found \"b\" (enum)"]);
        let listed = |count: i32| (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
        for (count, listed) in [(20, listed(20)), (21, listed(20) + ", …")] {
            let expected = format!("(whole value): expected one of {listed}, found 0 (enum)");
            check(json!({"enum": (1..=count).collect::<Vec<_>>()}), json!(0), &[&expected]);
        }
    }

    #[test]
    fn limits_of_numbers() {
        let schema = json!({"exclusiveMinimum": 1, "maximum": 3});
        check(schema.clone(), json!(1), &["(whole value): expected more than 1, found 1 (exclusiveMinimum)"]);
        check(schema.clone(), json!(1.5), &[]);
        check(schema.clone(), json!(3), &[]);
        check(schema, json!(4), &["(whole value): expected at most 3, found 4 (maximum)"]);
        check(
            json!({"maximum": u64::MAX - 1}),
            json!(u64::MAX),
            &["(whole value): expected at most 18446744073709551614, found 18446744073709551615 (maximum)"],
        );
        check(
            json!({"minimum": 1, "exclusiveMinimum": 1}),
            json!(1),
            &["(whole value): expected more than 1, found 1 (exclusiveMinimum)"],
        );
    }

    /// A value that is written like this, judged by a schema: these lines.
    #[track_caller]
    fn check_text(schema: Value, text: &str, expected: &[&str]) {
        let (nothing, reading) = (Map::new(), crate::model::json::read(text.as_bytes()));
        let found = Schemas::new(&nothing).violations_of(&reading, &schema, Direction::Reply);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn numbers_count_as_they_are_written() {
        const LONG: &str = "12345678901234567890123";
        let exactly =
            |keyword: &str| json!({keyword: 1.2345678901234568e22, "x-written": {format!("/{keyword}"): LONG}});
        for keyword in ["minimum", "maximum", "const", "multipleOf"] {
            check_text(exactly(keyword), LONG, &[]);
        }
        let above = "12345678901234567890124";
        let line =
            |words: &str, keyword: &str| format!("(whole value): expected {words} {LONG}, found {above} ({keyword})");
        check_text(exactly("maximum"), above, &[&line("at most", "maximum")]);
        check_text(exactly("multipleOf"), above, &[&line("a multiple of", "multipleOf")]);
        check_text(exactly("const"), above, &[&line("", "const").replace("expected  ", "expected ")]);
        check_text(exactly("minimum"), above, &[]);
        check_text(exactly("exclusiveMinimum"), above, &[]);
        check_text(
            exactly("exclusiveMinimum"),
            LONG,
            &[&format!("(whole value): expected more than {LONG}, found {LONG} (exclusiveMinimum)")],
        );
        let all = json!({"enum": [1.2345678901234568e22, 1], "x-written": {"/enum/0": LONG}});
        check_text(all.clone(), LONG, &[]);
        check_text(all, above, &[&format!("(whole value): expected one of {LONG}, 1, found {above} (enum)")]);
        let integers = json!({"items": {"type": "integer"}, "uniqueItems": true, "contains": {"minimum": 1e22}});
        check_text(integers.clone(), &format!("[{LONG}, {above}]"), &[]);
        check_text(
            integers,
            &format!("[{LONG}, {LONG}.0, 9007199254740993.5]"),
            &[
                &format!("(whole value): expected different elements, found {LONG}.0 twice (uniqueItems)"),
                "/2: expected an integer, found a number: 9007199254740993.5 (type)",
            ],
        );
        check_text(
            json!({"maximum": 0.3}),
            "0.30000000000000000001",
            &["(whole value): expected at most 0.3, found 0.30000000000000000001 (maximum)"],
        );
        check_text(
            json!({"format": "double"}),
            "1e999",
            &["(whole value): expected a number that a double holds, found 1e999 (format)"],
        );
        check_text(
            json!({"format": "float"}),
            "1e39",
            &["(whole value): expected a number that a float holds, found 1e39 (format)"],
        );
        check_text(json!({"format": "float"}), "0.1", &[]);
        check_text(json!({"type": "number"}), "1e999", &[]);
    }

    #[test]
    fn integer_formats_have_a_range() {
        check(json!({"format": "int32"}), json!(2_147_483_647), &[]);
        check(
            json!({"format": "int32"}),
            json!(2_147_483_648_u32),
            &["(whole value): expected -2147483648 to 2147483647 (int32), found 2147483648 (format)"],
        );
        check(json!({"format": "int64"}), json!(i64::MIN), &[]);
        check(
            json!({"format": "int64"}),
            json!(u64::MAX),
            &[
                "(whole value): expected -9223372036854775808 to 9223372036854775807 (int64), found 18446744073709551615 (format)",
            ],
        );
        check(
            json!({"format": "int64"}),
            json!(1e300),
            &["(whole value): expected -9223372036854775808 to 9223372036854775807 (int64), found 1e+300 (format)"],
        );
        check(json!({"format": "int32"}), json!(0.5), &[]);
        check(json!({"format": "int32"}), json!("x"), &[]);
    }

    #[test]
    fn length_is_counted_in_characters() {
        check(json!({"maxLength": 2}), json!("äö"), &[]);
        check(
            json!({"minLength": 3.0}),
            json!("äö"),
            &["(whole value): expected at least 3.0 characters, found 2: \"äö\" (minLength)"],
        );
        check(
            json!({"maxLength": "2"}),
            json!("äö"),
            &["schema: (whole value): expected a number, found \"2\" (a string) (maxLength)"],
        );
    }

    #[test]
    fn patterns_are_ecma_262_and_not_anchored() {
        check(json!({"pattern": "b"}), json!("abc"), &[]);
        check(json!({"pattern": "^(?!x)\\w+$"}), json!("abc"), &[]);
        check(json!({"pattern": "^\\p{Lu}$"}), json!("Ä"), &[]);
        // Valid only without the flag `u`, and common in documents.
        check(json!({"pattern": "^a\\-b\\_$"}), json!("a-b_"), &[]);
        check(
            json!({"pattern": "^a$"}),
            json!("b"),
            &["(whole value): expected a match of ^a$, found \"b\" (pattern)"],
        );
    }

    #[test]
    fn an_invalid_pattern_is_the_schemas_fault() {
        let found = violations(&json!("a"), &json!({"pattern": "("}), &Map::new());
        assert!(found[0].schema_is_broken && found[0].message.starts_with("( is not a pattern: "), "{found:?}");
        let nested = "(".repeat(3_000) + &")".repeat(1_000_000);
        assert!(violations(&json!("a"), &json!({"pattern": nested}), &Map::new())[0].schema_is_broken);
    }

    #[test]
    fn arrays() {
        check(json!({"items": {"type": "integer"}}), Value::Array(vec![json!(1); MAX_DEPTH + 1]), &[]);
        let schema =
            json!({"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true, "items": {"type": "number"}});
        check(schema.clone(), json!([1, 2]), &[]);
        check(schema.clone(), json!([]), &["(whole value): expected at least 1 elements, found 0 (minItems)"]);
        check(
            schema,
            json!([1, "a", 1.0]),
            &[
                "(whole value): expected at most 2 elements, found 3 (maxItems)",
                "(whole value): expected different elements, found 1.0 twice (uniqueItems)",
                "/1: expected a number, found a string: \"a\" (type)",
            ],
        );
    }

    #[test]
    fn objects() {
        let schema = json!({
            "type": "object", "minProperties": 1, "maxProperties": 2, "required": ["a/b"],
            "properties": {"a/b": {"type": "string"}}, "additionalProperties": {"type": "integer"},
        });
        check(schema.clone(), json!({"a/b": "x", "c": 1}), &[]);
        check(
            schema.clone(),
            json!({}),
            &[
                "(whole value): expected at least 1 members, found 0 (minProperties)",
                "/a~1b: expected this member, found none (required)",
            ],
        );
        check(
            schema,
            json!({"a/b": 1, "c": "x"}),
            &[
                "/a~1b: expected a string, found a number: 1 (type)",
                "/c: expected an integer, found a string: \"x\" (type)",
            ],
        );
        check(
            json!({"additionalProperties": false}),
            json!({"c": 1}),
            &["/c: expected no member of this name, found a number: 1 (additionalProperties)"],
        );
    }

    #[test]
    fn a_required_member_may_be_required_in_one_direction_only() {
        let components = json!({"Secret": {"type": "string", "writeOnly": true}});
        let schemas = Schemas::new(components.as_object().unwrap());
        let schema = json!({"required": ["id", "code"], "properties": {
            "id": {"readOnly": true}, "code": {"$ref": "#/components/schemas/Secret"},
        }});
        let missing = |direction| -> Vec<String> {
            schemas.violations(&json!({}), &schema, direction).into_iter().map(|v| v.pointer).collect()
        };
        assert_eq!(missing(Direction::Request), ["/code"]);
        assert_eq!(missing(Direction::Reply), ["/id"]);
        assert_eq!(missing(Direction::Unknown), ["/id", "/code"]);
    }

    #[test]
    fn references_are_followed_and_what_stands_beside_them_counts() {
        let stage = json!({"$ref": "#/components/schemas/Stage", "maxProperties": 2});
        check(stage.clone(), json!({"engines": 9, "next": {"engines": 1}}), &[]);
        check(
            stage,
            json!({"engines": 9, "next": {"engines": 0, "next": {}}, "x": 1}),
            &[
                "(whole value): expected at most 2 members, found 3 (maxProperties)",
                "/next/engines: expected at least 1, found 0 (minimum)",
                "/next/next/engines: expected this member, found none (required)",
            ],
        );
        check(
            json!({"$ref": "#/components/schemas/a~1b/properties/c"}),
            json!(1),
            &["(whole value): expected a string, found a number: 1 (type)"],
        );
        check(
            json!({"$ref": "#/components/schemas/a~1b/properties/with%20blank"}),
            json!(1),
            &["(whole value): expected a boolean, found a number: 1 (type)"],
        );
        // The same schema twice for one value is no circle.
        let twice = json!({"$ref": "#/components/schemas/Stage", "allOf": [{"$ref": "#/components/schemas/Stage"}]});
        check(twice, json!({"engines": 1}), &[]);
    }

    #[test]
    fn references_lead_to_anchors_and_identifiers() {
        let schema = json!({
            "$id": "https://example.org/rocket/schema.json",
            "properties": {
                "anchor": {"$ref": "#stage"},
                "relative": {"$ref": "stage.json"},
                "absolute": {"$ref": "https://example.org/rocket/stage.json#/$defs/engine"},
                "own": {"$ref": "#/$defs/own"},
                "given": {"$ref": "/units.json"},
                "elsewhere": {"$ref": "/nothing.json"},
            },
            "$defs": {
                "own": {"const": 1},
                "stage": {"$id": "stage.json", "$ref": "#/$defs/engine", "$defs": {"engine": {"const": 2}}},
                "anchored": {"$anchor": "stage", "const": 3},
                // No identifier, since no schema.
                "value": {"enum": [{"$anchor": "stage", "const": 0}]},
            },
        });
        let given = json!({"https://example.org/units.json": {"const": 4}});
        let value = json!({"anchor": 3, "relative": 2, "absolute": 2, "own": 1, "given": 4});
        assert_eq!(violations(&value, &schema, given.as_object().unwrap()), []);
        let value = json!({"anchor": 0, "relative": 0, "absolute": 0, "own": 0, "given": 0, "elsewhere": 0});
        let found = violations(&value, &schema, given.as_object().unwrap());
        let found: Vec<_> = found.iter().map(|violation| (violation.keyword, &violation.pointer[1..])).collect();
        assert_eq!(
            found,
            [
                ("const", "anchor"),
                ("const", "relative"),
                ("const", "absolute"),
                ("const", "own"),
                ("const", "given"),
                ("$ref", "elsewhere"),
            ]
        );
    }

    #[test]
    fn a_dynamic_reference_means_the_outermost_anchor() {
        let components = json!({
            "List": {
                "$dynamicAnchor": "list",
                "properties": {"next": {"$dynamicRef": "#list"}, "value": {"$dynamicRef": "#element"}},
                "$defs": {"any": {"$dynamicAnchor": "element"}},
            },
            "Numbers": {
                "$dynamicAnchor": "list",
                "$ref": "#/components/schemas/List",
                "$defs": {"numbers": {"$dynamicAnchor": "element", "type": "number"}},
            },
        });
        let value = json!({"value": 1, "next": {"value": "x"}});
        let judged = |name: &str| -> Vec<String> {
            let schema = json!({"$ref": format!("#/components/schemas/{name}")});
            violations(&value, &schema, components.as_object().unwrap()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(judged("List"), Vec::<String>::new());
        assert_eq!(judged("Numbers"), ["/next/value: expected a number, found a string: \"x\" (type)"]);
    }

    #[test]
    fn a_reference_to_nothing_or_to_itself_is_the_schemas_fault() {
        check(
            json!({"$ref": "#/components/schemas/None"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/None\" refers to nothing ($ref)"],
        );
        check(
            json!({"$ref": "other.yaml#/X"}),
            json!(1),
            &["schema: (whole value): \"other.yaml#/X\" refers to nothing ($ref)"],
        );
        check(
            json!({"$ref": "#/components/schemas/Loop"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/Loop\" refers to itself without end ($ref)"],
        );
        check(
            json!({"$ref": "#/components/schemas/Knot"}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/Knot\" refers to itself without end ($ref)"],
        );
        check(json!(1), json!(1), &["schema: (whole value): a schema is an object, not a number: 1 (schema)"]);
    }

    #[test]
    fn alternatives() {
        let any = json!({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]});
        check(any.clone(), json!("x"), &[]);
        check(
            any,
            json!({}),
            &["(whole value): expected one of 2 alternatives to fit, found that none does; \
             the closest: (whole value): expected a string, found an object: {} (type) (anyOf)"],
        );
        // The closest is the one that finds least, and of several the first.
        for keyword in ["anyOf", "oneOf"] {
            let alternatives = json!([{"required": ["a", "b"]}, {"required": ["c"]}, {"required": ["d"]}]);
            let expected = format!(
                "(whole value): expected one of 3 alternatives to fit, found that none does; \
                 the closest: /c: expected this member, found none (required) ({keyword})"
            );
            check(json!({keyword: alternatives}), json!({}), &[&expected]);
        }
        let one = json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]});
        check(one.clone(), json!(1), &[]);
        check(
            one,
            json!(3),
            &["(whole value): expected exactly one alternative to fit, found that 1 and 2 do (oneOf)"],
        );
        check(
            json!({"allOf": [{"type": "integer"}, {"minimum": 2}]}),
            json!(1),
            &["(whole value): expected at least 2, found 1 (minimum)"],
        );
        check(
            json!({"not": {"type": "integer"}}),
            json!(1),
            &["(whole value): expected anything but what `not` describes, found 1 (not)"],
        );
    }

    #[test]
    fn a_broken_schema_inside_alternatives_is_not_taken_for_a_misfit() {
        check(
            json!({"not": {"$ref": "#/components/schemas/None"}}),
            json!(1),
            &["schema: (whole value): \"#/components/schemas/None\" refers to nothing ($ref)"],
        );
        check(
            json!({"anyOf": [{"pattern": "a"}, {"type": "nonsense"}]}),
            json!("b"),
            &["schema: (whole value): no type is called \"nonsense\" (type)"],
        );
    }

    #[test]
    fn a_deep_value_is_judged_or_given_up_but_never_overflows() {
        let nest = |levels| {
            (0..levels).fold(json!(1), |inner, _| {
                Value::Object(Map::from_iter([("engines".to_owned(), json!(1)), ("next".to_owned(), inner)]))
            })
        };
        let stage = json!({"$ref": "#/components/schemas/Stage"});
        let deepest = format!("{}: expected an object, found a number: 1 (type)", "/next".repeat(120));
        check(stage.clone(), nest(120), &[&deepest]);
        let components = json!({"Link": {"properties": {"next": {"$ref": "#/components/schemas/Link"}}}});
        let link = json!({"$ref": "#/components/schemas/Link"});
        let found = violations(&nest(2_000), &link, components.as_object().unwrap());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].keyword, found[0].pointer.as_str()), ("limit", "/next".repeat(300).as_str()));
    }

    #[test]
    fn alternatives_that_multiply_are_judged_once_each() {
        let value = (0..100).fold(json!(1), |inner, _| json!([inner]));
        let found = violations(
            &json!([value, value]),
            &json!({"items": {"$ref": "#/components/schemas/Tree"}}),
            json!({
                "Tree": {"anyOf": [
                    {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}, "maxItems": 1},
                ]},
            })
            .as_object()
            .unwrap(),
        );
        assert_eq!(found.iter().map(|violation| violation.keyword).collect::<Vec<_>>(), ["anyOf", "anyOf"]);
    }

    #[test]
    fn only_so_many_violations_are_listed() {
        let value = Value::Array(vec![json!(1); 1_000]);
        let found = violations(&value, &json!({"items": {"type": "string"}}), &Map::new());
        assert_eq!(found.len(), MAX_VIOLATIONS);
        let names: Vec<String> = (0..1_000).map(|name| name.to_string()).collect();
        let found = violations(&json!({}), &json!({"required": names}), &Map::new());
        assert_eq!(found.len(), MAX_VIOLATIONS);
    }

    #[test]
    fn null_may_stand_at_its_place_and_at_that_of_another_element() {
        let (nothing, schema) = (
            Map::new(),
            json!({"additionalProperties": {"additionalProperties": {
                "type": "array", "items": {"properties": {"x": {"type": "string"}}},
            }}}),
        );
        let places = |value: Value| -> Vec<String> {
            let instance = Instance { may_be_null: &["/a/0/1/x"], ..Instance::from(&value) };
            let found = Schemas::new(&nothing).judge(instance, &schema, Direction::Reply).violations;
            found.into_iter().map(|violation| violation.pointer).collect()
        };
        let nulls = || json!([{"x": null}, {"x": null}]);
        assert_eq!(places(json!({"a": {"0": nulls(), "7": nulls()}})), Vec::<String>::new());
        assert_eq!(places(json!({"b": {"0": nulls()}})), ["/b/0/0/x", "/b/0/1/x"]);
        assert_eq!(places(json!({"a": {"b": nulls(), "": nulls()}})), ["/a/b/0/x", "/a/b/1/x", "/a//0/x", "/a//1/x"]);
    }
}
