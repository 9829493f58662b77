//! Of any document, what can be generated is, and the rest is reported.

#![allow(clippy::unwrap_used)]

use openapi_document::{Document, Overlay};
use specwright_codegen::{Artefact, Generated, generate_document_lenient, generate_lenient};

fn generated(paths: &str) -> Generated {
    let text = format!("openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\npaths:\n{paths}");
    let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
    generate_lenient("shop.yaml", &text, &wanted).unwrap_or_else(|found| panic!("{found}"))
}

#[test]
fn operations_get_ids_that_stay_apart() {
    let reply = "{responses: {'204': {description: Done}}}";
    let with = |id: &str| format!("{{operationId: {id}, responses: {{'204': {{description: Done}}}}}}");
    let paths = [
        format!("  /a: {{get: {}, put: {reply}}}", with("\"shop/a: read's\"")),
        format!("  /a/x: {{get: {}, post: {}}}", with("put_a"), with("new")),
        format!("  /b: {{get: {}, post: {}}}", with("op2"), with("op_2")),
    ];
    let Generated { files, report } = generated(&paths.join("\n"));
    let names: Vec<_> = report.renames.iter().map(|name| (name.from.as_str(), name.to.as_str())).collect();
    let expected =
        [("shop/a: read's", "shop_a_read_s"), ("PUT /a", "put_a_2"), ("new", "new_operation"), ("op_2", "op_2_2")];
    assert_eq!(names, expected);
    for method in ["shop_a_read_s", "put_a_2", "put_a", "new_operation", "op2", "op_2_2"] {
        assert_eq!(files[0].text.matches(&format!("pub fn {method}(")).count(), 1, "{method}");
    }
}

/// The client of a document with one operation that replies with the first of these schemas.
fn client(schemas: &str) -> (String, Generated) {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /a: {{get: {{operationId: look, responses: {{'200': \
         {{description: Seen, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Top'}}}}}}}}}}}}}}\n\
         components:\n  schemas:\n{schemas}"
    );
    let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
    let generated = generate_lenient("shop.yaml", &text, &wanted).unwrap_or_else(|found| panic!("{found}"));
    (generated.files[0].text.split_whitespace().collect::<Vec<_>>().join(" "), generated)
}

#[track_caller]
fn has(schemas: &str, expected: &[&str]) -> Generated {
    let (text, generated) = client(schemas);
    for part in expected {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(generated.report.is_complete());
    generated
}

#[test]
fn names_of_members_values_and_types_stay_apart() {
    let generated = has(
        "    Top: {type: object, properties: {made_at: {type: string}, madeAt: {type: string}, kind: {type: string, enum: [b]}}}\n    \
         TopKind: {type: object, properties: {x: {$ref: '#/components/schemas/Order'}}}\n    \
         Order: {type: string, enum: [ASC, asc, '', '<', '<=', '+1', '-1']}\n",
        &["pub made_at:", "rename = \"madeAt\"", "pub made_at_2:", "pub enum TopKind {"],
    );
    let names: Vec<_> = generated.report.renames.iter().map(|name| (name.from.as_str(), name.to.as_str())).collect();
    assert_eq!(names, [("madeAt", "made_at_2")], "{:?}", generated.report.renames);
    let generated = has(
        "    Top: {type: object, properties: {kind: {type: string, enum: [b]}, other: {$ref: '#/components/schemas/TopKind'}, \
         order: {$ref: '#/components/schemas/Order'}}}\n    \
         TopKind: {type: object, properties: {x: {type: string}}}\n    \
         Order: {type: string, enum: [ASC, asc, '', '<', '<=', '+1', '-1']}\n",
        &[
            "pub struct TopKind {",
            "pub enum TopKind2 {",
            "#[serde(rename = \"ASC\")] Asc,",
            "#[serde(rename = \"asc\")] Asc2,",
            "#[serde(rename = \"\")] Empty,",
            "#[serde(rename = \"<\")] Less,",
            "#[serde(rename = \"<=\")] LessEqual,",
            "#[serde(rename = \"+1\")] Plus1,",
            "#[serde(rename = \"-1\")] Minus1,",
        ],
    );
    assert!(generated.report.renames.iter().any(|name| (name.from.as_str(), name.to.as_str()) == ("asc", "Asc2")));
}

#[test]
fn what_a_discriminator_tells_apart_stays_apart() {
    let cat = "Cat: {type: object, required: [kind, name], properties: {kind: {type: string}, name: {type: string}}}";
    let dog = "Dog: {type: object, required: [kind, name], properties: {kind: {type: string}, name: {type: string}, tail: {type: integer}}}";
    let top = "Top: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]";
    let tagged = format!("    {top}, discriminator: {{propertyName: kind}}}}\n    {cat}\n    {dog}\n");
    let (text, _) = client(&tagged);
    // The enum of the tag is closed: with a variant for every other text, all would be cats.
    assert!(text.contains("pub enum CatKind { /// The value `Cat`. Cat, }"), "{text}");
    // Without it, what has all members of the other is tried first, so that nothing is lost.
    let (text, _) = client(&format!("    {top}}}\n    {cat}\n    {dog}\n"));
    let alternatives = text.split("pub enum Top {").nth(1).unwrap().split('}').next().unwrap();
    assert!(alternatives.find("Dog(").unwrap() < alternatives.find("Cat(").unwrap(), "{alternatives}");
}

#[test]
fn a_base_with_a_discriminator_reads_its_subtypes_whole() {
    let base = |more: &str| {
        format!(
            "    Base: {{type: object, required: [kind], discriminator: {{propertyName: kind{more}}}, properties: {{kind: {{type: string}}, id: {{type: string}}}}}}\n"
        )
    };
    let child = |name: &str, of: &str, member: &str| {
        format!(
            "    {name}: {{allOf: [{{$ref: '#/components/schemas/{of}'}}, {{type: object, required: [{member}], properties: {{{member}: {{type: integer}}}}}}]}}\n"
        )
    };
    let member = |name: &str| format!("pub {name}: ::std::option::Option<i64>,");
    let top = "    Top: {type: object, properties: {one: {$ref: '#/components/schemas/Base'}}}\n";
    let mapped = ", mapping: {c: '#/components/schemas/Car', b: Boat}";
    let inner = "Inner: {type: object, discriminator: {propertyName: how}, properties: {how: {type: string}}}";
    let outer = |name: &str, of: &str| {
        format!(
            "    {name}: {{allOf: [{{$ref: '#/components/schemas/Base'}}, {{type: object, properties: {{inner: {{$ref: '#/components/schemas/{of}'}}}}}}]}}\n"
        )
    };
    let rows: [(String, &[&str]); 6] = [
        // Those that build on it, without a list of them.
        (base("") + &child("Car", "Base", "wheels") + &child("Boat", "Base", "sails"), &["wheels", "sails"]),
        // At a distance.
        (base("") + &child("Car", "Base", "wheels") + &child("Van", "Car", "seats"), &["wheels", "seats"]),
        // By reference and by name, also one that does not build on it.
        (base(mapped) + &child("Car", "Base", "wheels") + "    Boat: {type: object, properties: {kind: {type: string}, sails: {type: integer}}}\n", &["wheels", "sails"]),
        // A base that is composed itself.
        (
            "    Base: {allOf: [{type: object, properties: {kind: {type: string}}}], discriminator: {propertyName: kind}}\n".to_owned() + &child("Car", "Base", "wheels"),
            &["wheels"],
        ),
        // A subtype that adds nothing, and one that leads back.
        (base("") + "    Car: {allOf: [{$ref: '#/components/schemas/Base'}]}\n" + &child("Boat", "Base", "sails"), &["sails"]),
        // A base without members of its own.
        (
            "    Base: {type: object, discriminator: {propertyName: kind}}\n".to_owned() + &child("Car", "Base", "wheels"),
            &["wheels"],
        ),
    ];
    for (schemas, members) in rows {
        let (text, generated) = client(&format!("{top}{schemas}"));
        let own = text.split("pub struct Base {").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
        for name in members {
            assert!(own.contains(&member(name)), "{name} in\n{own}\n{schemas}");
        }
        let said = |it: &str| generated.report.warnings.iter().any(|warning| warning.message.contains(it));
        assert!(said("the members of all of them") && !said("none of its subtypes"), "{}", generated.report);
    }
    // Members of one name, one of which is of such a base, too.
    let other = "Other: {type: object, properties: {way: {type: integer}}}";
    let schemas = [base(""), outer("Car", "Inner"), outer("Boat", "Other"), child("Deep", "Inner", "depth")].concat();
    let (text, _) = client(&format!("{top}{schemas}    {inner}\n    {other}\n"));
    let joined =
        text.split("pub struct BaseInner {").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
    assert!(["way", "depth"].iter().all(|name| joined.contains(&member(name))), "{joined}\n{text}");
}

#[test]
fn what_only_one_direction_has_is_not_required() {
    let one_way =
        "Once: {type: string, writeOnly: true}\n    Given: {type: string, readOnly: true}\n    Both: {type: string}";
    for (member, is_required) in [
        ("{type: string, writeOnly: true}", false),
        ("{type: string, readOnly: true}", false),
        ("{$ref: '#/components/schemas/Once'}", false),
        ("{$ref: '#/components/schemas/Given'}", false),
        ("{allOf: [{$ref: '#/components/schemas/Once'}]}", false),
        ("{allOf: [{$ref: '#/components/schemas/Both'}], readOnly: true}", false),
        ("{allOf: [{$ref: '#/components/schemas/Both'}]}", true),
        ("{$ref: '#/components/schemas/Both'}", true),
        ("{type: string, readOnly: false}", true),
    ] {
        let object = format!("{{type: object, required: [a, b], properties: {{a: {member}, b: {{type: integer}}}}}}");
        for top in
            [object.clone(), format!("{{allOf: [{object}, {{type: object, properties: {{c: {{type: integer}}}}}}]}}")]
        {
            let (text, _) = client(&format!("    Top: {top}\n    {one_way}\n"));
            let own = text.split("pub struct Top {").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
            assert!(own.contains("pub b: i64"), "{own}");
            assert_eq!(!own.contains("pub a: ::std::option::Option<"), is_required, "{member}\n{own}");
        }
    }
}

#[test]
fn alternatives_that_nothing_tells_apart_are_one_type() {
    let generated = has(
        "    Top: {oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}\n",
        &["pub struct Top {", "pub a: ::std::option::Option<", "pub b: ::std::option::Option<"],
    );
    assert_eq!(generated.report.warnings.iter().map(|one| one.rule).collect::<Vec<_>>(), ["schema"]);
}

#[test]
fn a_required_member_that_is_not_described_tells_nothing() {
    for alternatives in [
        "{required: [a]}, {properties: {a: {}}}",
        "{required: [a]}, {properties: {a: {type: string}}}",
        "{required: [a], properties: {b: {type: string}}}, {properties: {a: {type: string}, b: {type: integer}}}",
        "{type: object, required: [b, a], properties: {b: {type: string}}}, {type: object, required: [a], properties: {a: {type: object}}}",
        "{required: [a], properties: {b: {required: [c], properties: {d: {}}}}}, {properties: {a: {}, b: {properties: {c: {}}}}}",
    ] {
        for how in ["oneOf", "anyOf"] {
            has(&format!("    Top: {{{how}: [{alternatives}]}}\n"), &["Top"]);
        }
    }
}

#[test]
fn compositions_are_one_type() {
    has(
        "    Top: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [b], properties: {b: {type: integer}}}]}\n    \
         Base: {type: object, required: [a], properties: {a: {type: string}}}\n",
        &["pub a: ::std::string::String", "pub b: i64", "pub struct Top {"],
    );
}

#[test]
fn a_schema_that_has_no_form_takes_no_operation_along() {
    let generated = has(
        "    Top: {type: object, properties: {a: {type: number, enum: [full, empty]}, b: {type: string, pattern: '(?<'}, \
         c: {$ref: '#/components/schemas/Nothing'}, d: {type: object, format: uri-map}, e: {type: string, enum: []}}}\n",
        &["pub struct Top {", "pub b: ::std::option::Option<::std::string::String>", "pub e: "],
    );
    let rules: Vec<_> = generated.report.warnings.iter().map(|one| (one.rule, one.at.line)).collect();
    assert_eq!(rules, [("dangling-reference", 7), ("schema", 7), ("pattern", 7)]);
}

#[test]
fn methods_that_reqwest_has_no_function_for_are_sent() {
    let Generated { files, report } =
        generated("  /a: {options: {operationId: look, responses: {'204': {description: Done}}}}");
    assert!(report.is_complete() && files[0].text.contains(".request(reqwest::Method::OPTIONS, url)"));
}

#[test]
fn renames_are_at_the_lines_of_what_is_renamed() {
    let paths = "  /shops/{shop}#label=1:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
    get:
      operationId: look
      parameters:
        - {name: kind, in: query, required: true, schema: {type: string, enum: [a]}}
      responses: {'204': {description: Done}}
  /shops/{shop}:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
    get:
      operationId: look
      responses: {'204': {description: Done}}
  /shops/{shop}/{send}:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
    put:
      parameters:
        - {name: send, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: Done}}
";
    let report = generated(paths).report;
    let places: Vec<_> = report.renames.iter().map(|name| (name.what, name.from.as_str(), name.at.line)).collect();
    let expected =
        [("operation", "look", 16), ("operation", "PUT /shops/{shop}/{send}", 21), ("parameter", "send", 23)];
    assert_eq!(places, expected, "{report}");
    let warnings: Vec<_> = report.warnings.iter().map(|it| (it.rule, it.at.line, it.operation.as_deref())).collect();
    assert_eq!(warnings, [("operation-id", 16, Some("look_2"))], "{report}");
    assert!(report.to_string().contains("\nshop.yaml:16:7: operation \"look\" is `look_2`\n"), "{report}");
}

#[test]
fn what_a_type_does_not_say_is_a_warning_at_its_place() {
    let rows = [
        ("{type: array, prefixItems: [{type: string}, {type: integer}]}", "prefixItems"),
        ("{type: integer, enum: [1, 2, 3]}", "any integer is taken"),
        ("{const: 1.5}", "any number is taken"),
        ("{type: boolean, enum: [true]}", "any Boolean is taken"),
        (
            "{type: object, properties: {a: {type: string}}, oneOf: [{type: object, required: [b], properties: {b: {type: string}}}, \
             {type: object, required: [c], properties: {c: {type: string}}}]}",
            "one type has the members of all",
        ),
        ("{allOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}", "the last is read"),
        (
            "{type: object, discriminator: {propertyName: kind}, properties: {kind: {type: string}}}",
            "discriminator without",
        ),
    ];
    for (schema, said) in rows {
        let (_, generated) = client(&format!("    Top: {{type: object, properties: {{member: {schema}}}}}\n"));
        let warnings = &generated.report.warnings;
        let lines: Vec<_> = warnings.iter().map(|it| (it.rule, it.at.line)).collect();
        assert_eq!(lines, [("schema", 7)], "{schema}\n{}", generated.report);
        assert!(warnings[0].message.contains(said), "{schema}\n{}", generated.report);
    }
    for schema in
        ["{type: boolean, enum: [true, false]}", "{type: array, items: {type: string}}", "{type: string, enum: [a]}"]
    {
        let (_, generated) = client(&format!("    Top: {{type: object, properties: {{member: {schema}}}}}\n"));
        assert_eq!(generated.report.warnings, [], "{schema}");
    }
}

#[test]
fn what_is_never_sent_as_null_is_a_warning_of_the_schema_that_is_sent() {
    let check = |version: &str, schema: &str, expected: &[&str]| {
        let text = format!(
            "openapi: {version}\ninfo: {{title: Shop, version: '1'}}\npaths:
  /a:
    post:
      operationId: add
      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/New'}}}}}}}}
      responses: {{'200': {{description: d, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Old'}}}}}}}}}}
components:
  schemas:
    New: {schema}
    Old: {{type: object, properties: {{gone: {{type: string}}}}}}
    Part: {{type: object, properties: {{deep: {{enum: [a, null]}}}}}}
"
        );
        let document = Document::read("shop.yaml", &text).map_err(|found| found.to_string()).unwrap();
        let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
        let report = generate_document_lenient(&document, &wanted).unwrap().report;
        let found: Vec<_> = report.warnings.iter().filter(|it| it.rule == "null-member").collect();
        let found: Vec<String> = found.iter().map(|it| format!("{} {}", it.at.line, it.message)).collect();
        let said = "members that may be left out are never sent as null: ";
        assert_eq!(found, expected.iter().map(|it| it.replace("NEVER ", said)).collect::<Vec<_>>(), "{schema}");
    };
    let member = |member: &str| format!("{{type: object, properties: {{a: {member}}}}}");
    for nullable in [
        "{type: [string, 'null']}",
        "{anyOf: [{type: string}, {type: 'null'}]}",
        "{oneOf: [{$ref: '#/components/schemas/Old'}, {type: 'null'}]}",
        "{enum: [x, null]}",
    ] {
        check("3.1.0", &member(nullable), &["11 NEVER `a`"]);
    }
    check("3.0.3", &member("{type: string, nullable: true}"), &["11 NEVER `a`"]);
    let two = "{type: object, required: [c], properties: {a: {type: [string, 'null']}, b: {type: [integer, 'null']}, c: {type: [string, 'null']}}}";
    check("3.1.0", two, &["11 NEVER `a`, `b`"]);
    // Of what only replies have, and of what is required or never null, there is nothing to say.
    check("3.1.0", &member("{type: string}"), &[]);
    check("3.1.0", &member("{type: [string, 'null'], readOnly: true}"), &[]);
    check("3.1.0", &member("{type: array, items: {$ref: '#/components/schemas/Part'}}"), &["13 NEVER `deep`"]);
    check("3.1.0", "{allOf: [{$ref: '#/components/schemas/Part'}]}", &["13 NEVER `deep`"]);
}

#[test]
fn what_an_overlay_adds_is_reported_in_the_overlay() {
    let text = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n  /a: {get: {operationId: look, responses: {'204': {description: Done}}}}\n";
    let overlay = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n- target: $.paths\n  update:\n    /b: {get: {operationId: look, responses: {'204': {description: Done}}}}\n";
    let overlays = [Overlay { name: "o.yaml", text: overlay }];
    let document = Document::read_overlaid("shop.yaml", text, &overlays, &mut |_| Err(String::new())).unwrap();
    let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
    let report = generate_document_lenient(&document, &wanted).unwrap().report;
    let places: Vec<_> = report.warnings.iter().map(|it| (it.file.as_str(), it.at.line, it.rule)).collect();
    assert_eq!(places, [("o.yaml", 6, "operation-id")], "{report}");
    assert_eq!(report.renames[0].file, "o.yaml");
}
