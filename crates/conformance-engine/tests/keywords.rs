//! What each keyword of JSON Schema 2020-12 accepts, and in which words it refuses.

use std::time::{Duration, Instant};

use conformance_engine::schema::{Direction, Schemas, violations};
use serde_json::{Map, Value, json};

/// A schema, what fits it, and what does not with what is found (without `(whole value): ` and the keyword, if it is the
/// row's).
type Row = (&'static str, Value, Vec<Value>, Vec<(Value, &'static str)>);

fn rows() -> Vec<Row> {
    vec![
        (
            "type",
            json!({"type": ["integer", "null"]}),
            vec![json!(1), json!(null), json!(1.0)],
            vec![(json!(1.5), "expected an integer or null, found a number: 1.5")],
        ),
        (
            "const",
            json!({"const": {"a": [1, null]}}),
            vec![json!({"a": [1.0, null]})],
            vec![
                (json!({"a": [1, false]}), r#"expected {"a":[1,null]}, found {"a":[1,false]}"#),
                (json!(null), r#"expected {"a":[1,null]}, found null"#),
            ],
        ),
        ("const", json!({"const": false}), vec![json!(false)], vec![(json!(0), "expected false, found 0")]),
        (
            "enum",
            json!({"enum": [null, "a"]}),
            vec![json!(null), json!("a")],
            vec![(json!("b"), r#"expected one of null, "a", found "b""#)],
        ),
        (
            "minimum",
            json!({"minimum": 1}),
            vec![json!(1), json!("x")],
            vec![(json!(0), "expected at least 1, found 0")],
        ),
        ("maximum", json!({"maximum": 1}), vec![json!(1)], vec![(json!(1.5), "expected at most 1, found 1.5")]),
        (
            "exclusiveMinimum",
            json!({"exclusiveMinimum": 1}),
            vec![json!(1.5)],
            vec![(json!(1), "expected more than 1, found 1"), (json!(0), "expected more than 1, found 0")],
        ),
        (
            "exclusiveMaximum",
            json!({"exclusiveMaximum": 1}),
            vec![json!(0)],
            vec![(json!(1.0), "expected less than 1, found 1.0")],
        ),
        (
            "multipleOf",
            json!({"multipleOf": 0.01}),
            vec![json!(19.99), json!(0), json!(-4)],
            vec![(json!(0.001), "expected a multiple of 0.01, found 0.001")],
        ),
        (
            "minLength",
            json!({"minLength": 2}),
            vec![json!("äö")],
            vec![(json!("ä"), "expected at least 2 characters, found 1: \"ä\"")],
        ),
        (
            "maxLength",
            json!({"maxLength": 1}),
            vec![json!("😀")],
            vec![(json!("ab"), "expected at most 1 characters, found 2: \"ab\"")],
        ),
        (
            "pattern",
            json!({"pattern": "^a"}),
            vec![json!("ab"), json!(1)],
            vec![(json!("b"), "expected a match of ^a, found \"b\"")],
        ),
        (
            "items",
            json!({"prefixItems": [{"type": "string"}, true], "items": false}),
            vec![json!([]), json!(["a"]), json!(["a", 1])],
            vec![(json!(["a", 1, 2]), "/2: expected no element here, found a number: 2")],
        ),
        (
            "type",
            json!({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}),
            vec![json!(["a", 1, 2]), json!({"0": 1})],
            vec![
                (json!([1]), "/0: expected a string, found a number: 1"),
                (json!(["a", "b"]), "/1: expected an integer, found a string: \"b\""),
            ],
        ),
        (
            "contains",
            json!({"contains": {"type": "string"}}),
            vec![json!([1, "a"]), json!("no array")],
            vec![
                (json!([1]), "expected at least 1 elements that fit `contains`, found 0"),
                (json!([]), "expected at least 1 elements that fit `contains`, found 0"),
            ],
        ),
        (
            "minContains",
            json!({"contains": {"type": "string"}, "minContains": 2}),
            vec![json!(["a", 1, "b"])],
            vec![(json!(["a"]), "expected at least 2 elements that fit `contains`, found 1")],
        ),
        (
            "maxContains",
            json!({"contains": {"type": "string"}, "minContains": 0, "maxContains": 1}),
            vec![json!([]), json!(["a", 1])],
            vec![(json!(["a", "b"]), "expected at most 1 elements that fit `contains`, found 2")],
        ),
        (
            "uniqueItems",
            json!({"uniqueItems": true}),
            vec![json!([1, "1", true])],
            vec![(json!([{"a": 1}, {"a": 1.0}]), r#"expected different elements, found {"a":1.0} twice"#)],
        ),
        (
            "minItems",
            json!({"minItems": 1}),
            vec![json!([1])],
            vec![(json!([]), "expected at least 1 elements, found 0")],
        ),
        (
            "maxItems",
            json!({"maxItems": 0}),
            vec![json!([])],
            vec![(json!([1]), "expected at most 0 elements, found 1")],
        ),
        (
            "unevaluatedItems",
            json!({"allOf": [{"prefixItems": [true]}], "contains": {"const": "x"}, "unevaluatedItems": false}),
            vec![json!([1, "x", "x"])],
            vec![(json!([1, "x", 2]), "/2: expected no element here, found a number: 2")],
        ),
        (
            "type",
            json!({"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "integer"}}),
            vec![json!({"x-a": "a", "b": 1})],
            vec![
                (json!({"x-a": 1}), "/x-a: expected a string, found a number: 1"),
                (json!({"b": "a"}), "/b: expected an integer, found a string: \"a\""),
            ],
        ),
        (
            "additionalProperties",
            json!({"properties": {"a": true}, "patternProperties": {"^x-": true}, "additionalProperties": false}),
            vec![json!({"a": 1, "x-b": 2})],
            vec![(json!({"c": 3}), "/c: expected no member of this name, found a number: 3")],
        ),
        (
            "patternProperties",
            json!({"patternProperties": {"^x-": false}}),
            vec![json!({"a": 1})],
            vec![(json!({"x-a": 1}), "/x-a: expected no member of this name, found a number: 1")],
        ),
        (
            "propertyNames",
            json!({"propertyNames": {"maxLength": 2}}),
            vec![json!({"ab": 1})],
            vec![(
                json!({"abc": 1}),
                "/abc: expected a name that fits, found \"abc\": expected at most 2 characters, found 3: \"abc\" (maxLength)",
            )],
        ),
        (
            "required",
            json!({"required": ["a"]}),
            vec![json!({"a": null})],
            vec![(json!({}), "/a: expected this member, found none")],
        ),
        (
            "dependentRequired",
            json!({"dependentRequired": {"card": ["address", "name"]}}),
            vec![json!({}), json!({"card": 1, "address": 2, "name": 3})],
            vec![(json!({"card": 1, "name": 3}), "/address: expected this member beside \"card\", found none")],
        ),
        (
            "required",
            json!({"dependentSchemas": {"card": {"required": ["address"]}}}),
            vec![json!({}), json!({"card": 1, "address": 2})],
            vec![(json!({"card": 1}), "/address: expected this member, found none")],
        ),
        (
            "minProperties",
            json!({"minProperties": 1}),
            vec![json!({"a": 1})],
            vec![(json!({}), "expected at least 1 members, found 0")],
        ),
        (
            "maxProperties",
            json!({"maxProperties": 0}),
            vec![json!({})],
            vec![(json!({"a": 1}), "expected at most 0 members, found 1")],
        ),
        (
            "unevaluatedProperties",
            json!({
                "allOf": [{"properties": {"a": true}}],
                "anyOf": [{"required": ["b"], "properties": {"b": true}}, {"required": ["c"], "properties": {"c": true}}, true],
                "unevaluatedProperties": false,
            }),
            vec![json!({"a": 1}), json!({"a": 1, "b": 2, "c": 3})],
            vec![(json!({"a": 1, "d": 4}), "/d: expected no member of this name, found a number: 4")],
        ),
        (
            "type",
            json!({"$ref": "#/$defs/base", "unevaluatedProperties": {"type": "string"}, "$defs": {"base": {"properties": {"a": true}}}}),
            vec![json!({"a": 1, "b": "x"})],
            vec![(json!({"b": 1}), "/b: expected a string, found a number: 1")],
        ),
        (
            "minimum",
            json!({"allOf": [{"type": "integer"}, {"minimum": 2}]}),
            vec![json!(2)],
            vec![(json!(1), "expected at least 2, found 1")],
        ),
        (
            "anyOf",
            json!({"anyOf": [{"type": "string"}, {"minimum": 2}]}),
            vec![json!("a"), json!(2)],
            vec![(
                json!(1),
                "expected one of 2 alternatives to fit, found that none does; the closest: (whole value): expected a string, found a number: 1 (type)",
            )],
        ),
        (
            "oneOf",
            json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}),
            vec![json!(1), json!(2.5)],
            vec![(json!(3), "expected exactly one alternative to fit, found that 1 and 2 do")],
        ),
        (
            "not",
            json!({"not": {"type": "null"}}),
            vec![json!(0)],
            vec![(json!(null), "expected anything but what `not` describes, found null")],
        ),
        (
            "const",
            json!({"if": {"required": ["a"]}, "then": {"properties": {"b": {"const": 1}}}, "else": {"properties": {"b": {"const": 2}}}}),
            vec![json!({"a": 0, "b": 1}), json!({"b": 2})],
            vec![(json!({"a": 0, "b": 2}), "/b: expected 1, found 2"), (json!({"b": 1}), "/b: expected 2, found 1")],
        ),
        (
            "false",
            json!({"properties": {"a": false}}),
            vec![json!({"b": 1})],
            vec![(json!({"a": 1}), "/a: expected no value here, found a number: 1")],
        ),
        (
            "format",
            json!({"format": "uint8"}),
            vec![json!(255), json!(0.5)],
            vec![(json!(256), "expected 0 to 255 (uint8), found 256")],
        ),
        (
            "format",
            json!({"format": "date"}),
            vec![json!("2024-02-29"), json!(5)],
            vec![(json!("2023-02-29"), "expected a date such as 2024-05-01 (date), found \"2023-02-29\"")],
        ),
    ]
}

#[test]
fn each_keyword_accepts_and_refuses() {
    for (keyword, schema, fits, misfits) in rows() {
        for value in fits {
            assert_eq!(violations(&value, &schema, &Map::new()), [], "{schema} {value}");
        }
        for (value, expected) in misfits {
            let found: Vec<_> = violations(&value, &schema, &Map::new()).iter().map(ToString::to_string).collect();
            let whole = if expected.starts_with('/') { "" } else { "(whole value): " };
            assert_eq!(found, [format!("{whole}{expected} ({keyword})")], "{schema} {value}");
        }
    }
}

#[test]
fn words_that_only_annotate_decide_nothing() {
    let schema = json!({
        "title": 1, "description": 2, "default": 3, "examples": 4, "deprecated": 5, "$comment": 6, "discriminator": 7,
        "contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": {"type": "object"},
        "format": "made up", "then": false, "else": false, "minContains": 2, "maxContains": 0, "dependencies": {"a": ["b"]},
    });
    for value in [json!("no base64"), json!([1]), json!({"a": 1})] {
        assert_eq!(violations(&value, &schema, &Map::new()), []);
    }
}

#[test]
fn keywords_with_the_wrong_kind_of_value_break_the_schema() {
    let rows = [
        ("type", json!(1)),
        ("enum", json!("a")),
        ("pattern", json!(1)),
        ("minLength", json!("1")),
        ("prefixItems", json!({})),
        ("items", json!([])),
        ("contains", json!(1)),
        ("minItems", json!(null)),
        ("properties", json!([])),
        ("patternProperties", json!(true)),
        ("required", json!("a")),
        ("dependentRequired", json!([])),
        ("dependentSchemas", json!([])),
        ("propertyNames", json!(1)),
        ("allOf", json!({})),
        ("anyOf", json!(1)),
        ("oneOf", json!("x")),
        ("not", json!(0)),
        ("unevaluatedItems", json!(1)),
        ("unevaluatedProperties", json!("x")),
        ("exclusiveMinimum", json!("1")),
        ("multipleOf", json!(0)),
        ("$ref", json!(1)),
        ("$dynamicRef", json!(1)),
    ];
    for (keyword, word) in rows {
        let schema = json!({keyword: word});
        let values = [json!("a"), json!(1), json!([1]), json!({"a": 1})];
        let found = values.iter().flat_map(|value| violations(value, &schema, &Map::new()));
        assert!(found.into_iter().any(|violation| violation.schema_is_broken), "{schema}");
    }
}

/// Texts of each format, and what is close to one.
#[test]
fn formats_of_text() {
    let rows: [(&str, &[&str], &[&str]); 15] = [
        (
            "date-time",
            &[
                "2024-05-01T12:00:00Z",
                "2024-05-01t12:00:00.123456+02:00",
                "2016-12-31T23:59:60Z",
                "1990-12-31T15:59:60-08:00",
            ],
            &["2024-05-01 12:00:00", "2024-05-01T12:00:00", "2024-05-01T24:00:00Z", "2024-05-01T12:00:60Z", "", "T"],
        ),
        (
            "date",
            &["2000-02-29", "0001-12-31"],
            &["1900-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "24-01-01", "2024-04-31", "20240501"],
        ),
        (
            "time",
            &["00:00:00Z", "23:59:59.5-00:30"],
            &["00:00:00", "24:00:00Z", "1:00:00Z", "00:00:00.Z", "00:00Z", "00:00:00+1", "é0:00:00Z"],
        ),
        (
            "duration",
            &["P1Y2M3DT4H5M6S", "PT36H", "P4W", "P1D"],
            &["P", "PT", "P1", "1D", "P1DT", "P1W2D", "P2M1Y", "PT1D", "P1Y2D", "P٣D"],
        ),
        (
            "uuid",
            &["2eb8aa08-aa98-11ea-b4aa-73b441d16380"],
            &["2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", ""],
        ),
        (
            "email",
            &["joe@example.org", "\"joe bloggs\"@example.org", "a+b@[127.0.0.1]", "a@[IPv6:::1]"],
            &[
                "joe",
                "@example.org",
                "joe@",
                ".joe@example.org",
                "joe bloggs@example.org",
                "a@[127.0.0.300]",
                "\"@example.org",
            ],
        ),
        ("hostname", &["example.org", "localhost", "1a"], &["", "-a.org", "a-.org", "a..b", "a_b", "ä.org"]),
        ("ipv4", &["127.0.0.1"], &["127.0.0", "256.0.0.1", "01.0.0.1", "127.0.0.1/8"]),
        ("ipv6", &["::1", "2001:db8::ff00:42:8329", "::ffff:1.2.3.4"], &["::1%eth0", "12345::", "1:2:3", "[::1]"]),
        (
            "uri",
            &["https://example.org/a?b=c#d", "urn:isbn:0", "mailto:a@b.c", "http://[::1]:80/", "ftp://a:b@c"],
            &[
                "/a",
                "example.org",
                "https://a b",
                "http://[::1",
                "https://a/%zz",
                "1http://a",
                "://a",
                "https://ä.org",
                "http://a:b/",
            ],
        ),
        ("uri-reference", &["/a?b#c", "", "a", "//host", "https://a", "./a:b"], &["a b", "%", "\\a", "#a#b"]),
        ("uri-template", &["/a/{b}", "{+a,b*,c:3}{?d}", ""], &["{", "}", "{a", "{}", "{a:0}", "{{a}}", "a b"]),
        ("json-pointer", &["", "/", "/a~0b/~1"], &["a", "/~", "/~2"]),
        ("relative-json-pointer", &["0", "1/a", "2#", "0+1/a"], &["", "/a", "01", "1a", "-1", "0+0"]),
        ("regex", &["^a+$", "\\p{L}"], &["(", "a**", "[b-a]"]),
    ];
    for (format, fits, misfits) in rows {
        for (text, expected) in fits.iter().map(|text| (text, true)).chain(misfits.iter().map(|text| (text, false))) {
            let found = violations(&json!(text), &json!({"format": format}), &Map::new());
            assert_eq!(found.is_empty(), expected, "{format} {text:?} {found:?}");
        }
    }
}

/// What is made to cost much costs little, or is given up and says so.
#[test]
fn hostile_schemas_end() {
    let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let tree = json!({"type": "array", "items": {"$ref": "#"}});
    let both = json!([tree, tree]);
    let wide: Map<String, Value> = (0..400).map(|name| (format!("a{name}"), json!(1))).collect();
    let patterns: Map<String, Value> = (0..400).map(|name| (format!("^a.?{name}"), json!(true))).collect();
    let circle = json!({"$dynamicAnchor": "a", "allOf": [{"$dynamicRef": "#a"}]});
    let items = json!({"items": {"$ref": "#"}});
    let next = |level: usize| json!({"$ref": format!("#/$defs/{}", level + 1)});
    let chain: Map<String, Value> =
        (0..40).map(|level| (level.to_string(), json!({"allOf": [next(level), next(level)]}))).collect();
    let mut described = json!({"$ref": "#/$defs/0", "unevaluatedProperties": false, "$defs": chain});
    described["$defs"]["40"] = json!({"properties": {"a": true}});
    let rows = [
        // Judged once each, although there are 2^100 ways to them.
        (json!({"anyOf": both}), nest(100), "anyOf"),
        (json!({"oneOf": both}), nest(100), "oneOf"),
        (json!({"not": {"not": {"anyOf": both}}}), nest(60), "not"),
        (json!({"allOf": [items, items]}), nest(100), ""),
        (json!({"if": items, "then": items, "else": items}), nest(100), ""),
        (json!({"contains": {"$ref": "#"}, "items": {"$ref": "#"}}), nest(100), ""),
        (json!({"allOf": [items, items], "unevaluatedItems": false}), nest(100), ""),
        // Who describes which member is not remembered.
        (described, json!({"a": 1}), "limit"),
        (json!({"items": {"$ref": "#"}}), nest(5_000), "limit"),
        (json!({"patternProperties": patterns}), wide.into(), "limit"),
        (json!({"$ref": "#"}), json!(1), "$ref"),
        (json!({"anyOf": [{"$ref": "#"}]}), json!(1), "$ref"),
        (json!({"if": {"$ref": "#"}}), json!(1), ""),
        (json!({"if": {"$ref": "#"}, "then": true}), json!(1), "$ref"),
        (circle, json!(1), "$dynamicRef"),
    ];
    for (schema, value, keyword) in rows {
        let found = violations(&value, &schema, &Map::new());
        let keywords: Vec<_> = found.iter().map(|violation| violation.keyword).collect();
        let expected: Vec<_> = Some(keyword).filter(|keyword| !keyword.is_empty()).into_iter().collect();
        assert_eq!(keywords, expected, "{schema}");
    }
    // A schema as deep as nothing that was read can be.
    let not = |inner| Value::Object(Map::from_iter([("not".to_owned(), inner)]));
    let deep = (0..100_000).fold(json!({"$id": "a"}), |inner, _| not(inner));
    let found = violations(&json!(1), &deep, &Map::new());
    assert_eq!(found.iter().map(|violation| violation.keyword).collect::<Vec<_>>(), ["limit"]);
    // Dropping it level by level is not what is tested.
    std::mem::forget(deep);
    only_a_few_patterns_may_take_long();
}

/// What looks ahead is not matched in linear time. Each is tried for a second, on a thread that stays busy: so this comes after the others.
fn only_a_few_patterns_may_take_long() {
    let nothing = Map::new();
    let schemas = Schemas::new(&nothing);
    let text = json!("a".repeat(60) + "!");
    let start = Instant::now();
    for count in (0..20).chain(0..20) {
        let schema = json!({"pattern": format!("^(?=a)(a+)+{}$", "b?".repeat(count))});
        let found = schemas.violations(&text, &schema, Direction::Unknown);
        assert!(
            found[0].schema_is_broken && found[0].message.starts_with("gave up: matching ^(?=a)(a+)+"),
            "{found:?}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
