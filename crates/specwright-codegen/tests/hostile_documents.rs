//! Documents that multiply, recurse or quote: generating ends soon, and what is generated is Rust.

use std::fmt::Write;

use specwright_codegen::{Artefact, Report};

/// A client for one operation that answers `schemas`' first schema, `Root`.
#[track_caller]
fn client(id: &str, schemas: &str) -> (String, Report) {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: {id}\n      responses:\n        \
         '200':\n          description: d\n          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Root'}}}}}}\n\
         components:\n  schemas:\n{schemas}"
    );
    let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
    let generated = specwright_codegen::generate_lenient("hostile.yaml", &text, &wanted).expect("it is read");
    let client = generated.files[0].text.clone();
    assert!(client.parse::<proc_macro2::TokenStream>().is_ok(), "not Rust:\n{client}");
    assert_eq!(generated.report.generated, 1);
    (client, generated.report)
}

#[test]
fn alternatives_that_contain_each_other_have_an_end() {
    for inner in ["{$ref: '#/components/schemas/Root'}", "{type: array, items: {$ref: '#/components/schemas/Root'}}"] {
        for order in ["[left, op]", "[op, left]"] {
            client(
                "find",
                &format!(
                    "    Root: {{oneOf: [{{$ref: '#/components/schemas/Either'}}, {{$ref: '#/components/schemas/Both'}}]}}\n    \
                     Either: {{type: object, required: {order}, properties: {{left: {inner}, op: {{type: string}}}}}}\n    \
                     Both: {{type: object, required: {order}, properties: {{left: {inner}, op: {{type: string}}}}}}\n"
                ),
            );
        }
    }
    client(
        "find",
        "    Root: {oneOf: [{type: array, items: {$ref: '#/components/schemas/Root'}}, {type: array, items: {type: object}}]}\n",
    );
}

#[test]
fn alternatives_that_multiply_have_an_end() {
    let (mut unions, mut parts) = (String::new(), String::new());
    for level in 0..30 {
        let name = if level == 0 { "Root".to_owned() } else { format!("U{level}") };
        let next = level + 1;
        // Writing to a string does not fail.
        let _ = writeln!(
            unions,
            "    {name}: {{oneOf: [{{$ref: '#/components/schemas/U{next}'}}, {{type: object, required: [m{level}], \
             properties: {{m{level}: {{$ref: '#/components/schemas/U{next}'}}}}}}]}}"
        );
        let _ = writeln!(
            parts,
            "    {name}: {{allOf: [{{$ref: '#/components/schemas/Base'}}, {{type: object, properties: {{\
             l: {{allOf: [{{$ref: '#/components/schemas/U{next}'}}, {{description: left}}]}}, \
             r: {{allOf: [{{$ref: '#/components/schemas/U{next}'}}, {{description: right}}]}}}}}}]}}"
        );
    }
    let end = "    U30: {type: object, properties: {end: {type: string}}}\n    Base: {type: object, properties: {id: {type: string}}}\n";
    client("find", &(unions + end));
    client("find", &(parts + end));
}

#[test]
fn a_quote_in_a_value_ends_no_literal() {
    for values in [r#"[",", "\""]"#, r#"["\"", "\\", "\\\""]"#, r#"["a", "A", "a\""]"#] {
        let (client, _) = client("find", &format!("    Root: {{type: string, enum: {values}}}\n"));
        // Each value is there as Rust writes it.
        for value in serde_json::from_str::<Vec<String>>(values).unwrap() {
            assert!(client.contains(&format!("{value:?}")), "{values}: {value:?} in\n{client}");
        }
    }
}

#[test]
fn an_operation_may_be_called_as_what_its_calls_use() {
    for id in ["exec", "pre", "post", "from", "new", "client", "inner"] {
        let (client, report) = client(id, "    Root: {type: string}\n");
        assert!(!client.contains(&format!("pub fn {id}(&self)")), "{id}");
        assert_eq!(report.renames.len(), 1, "{id}");
    }
}

#[test]
fn members_that_only_replies_have_are_not_required_of_requests() {
    let (client, _) = client(
        "find",
        "    Root: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [id, secret, name]}]}\n    \
         Base: {type: object, properties: {id: {type: string, readOnly: true}, secret: {type: string, writeOnly: true}, \
         name: {type: string}}}\n",
    );
    assert!(client.contains("pub name: ::std::string::String"), "{client}");
    for member in ["id", "secret"] {
        assert!(client.contains(&format!("pub {member}: ::std::option::Option<::std::string::String>")), "{client}");
    }
}

#[test]
fn members_of_any_name_are_kept() {
    for others in ["additionalProperties: true", "additionalProperties: {}", "patternProperties: {^x-: {type: string}}"]
    {
        let (client, _) =
            client("find", &format!("    Root: {{type: object, properties: {{a: {{type: string}}}}, {others}}}\n"));
        let kept = "::std::collections::HashMap<::std::string::String, ::serde_json::Value>";
        let map = "::serde_json::Map<::std::string::String, ::serde_json::Value>";
        assert!(client.contains(kept) || client.contains(map), "{others}:\n{client}");
    }
}
