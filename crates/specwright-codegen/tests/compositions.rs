//! Bases with discriminators and wide compositions: no member is lost in silence, and generating ends soon.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::time::{Duration, Instant};

use specwright_codegen::{Artefact, Report, generate, generate_lenient};

const CLIENT: Artefact = Artefact::Client { inner: None };

/// A document with one operation that replies with this schema.
fn document(version: &str, reply: &str, schemas: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /a: {{get: {{operationId: look, responses: {{'200': \
         {{description: Seen, content: {{application/json: {{schema: {{$ref: '#/components/schemas/{reply}'}}}}}}}}}}}}}}\n\
         components:\n  schemas:\n{schemas}"
    )
}

#[track_caller]
fn client(version: &str, reply: &str, schemas: &str) -> (String, Report) {
    let text = document(version, reply, schemas);
    let generated = generate_lenient("shop.yaml", &text, &[(CLIENT, "client.rs".into())]);
    let generated = generated.unwrap_or_else(|found| panic!("{found}"));
    (generated.files[0].text.split_whitespace().collect::<Vec<_>>().join(" "), generated.report)
}

/// The members of a type.
fn members<'t>(text: &'t str, name: &str) -> &'t str {
    let rest = text.split(&format!("pub struct {name} {{")).nth(1);
    rest.and_then(|rest| rest.split('}').next()).unwrap_or_default()
}

fn object(members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|name| format!("{name}: {{type: string}}")).collect();
    format!("type: object, properties: {{{}}}", members.join(", "))
}

fn said(report: &Report, part: &str) -> usize {
    report.warnings.iter().filter(|warning| warning.message.contains(part)).count()
}

fn reference(name: &str) -> String {
    format!("{{$ref: '#/components/schemas/{name}'}}")
}

#[test]
fn every_form_of_building_on_a_base_is_read() {
    let base = format!("    Base: {{{}, discriminator: {{propertyName: kind}}}}\n", object(&["kind"]));
    let car = |part: &str| format!("    Car: {{allOf: [{part}, {{{}}}]}}\n", object(&["wheels"]));
    let part = reference("Base");
    let rows = [
        // Only what wraps the base is referred to, and it says nothing of the value itself.
        ("3.0.3", "Wrapped", "Base", format!("    Wrapped: {{description: d, allOf: [{part}]}}\n{base}{}", car(&part))),
        (
            "3.0.3",
            "Wrapped",
            "Base",
            format!("    Wrapped: {{type: object, allOf: [{part}, {{description: d}}]}}\n{base}{}", car(&part)),
        ),
        // A base that builds on another and adds nothing, or a member.
        (
            "3.0.3",
            "Base",
            "Base",
            format!(
                "    Entity: {{{}}}\n    Base: {{allOf: [{}], discriminator: {{propertyName: kind}}}}\n{}",
                object(&["id"]),
                reference("Entity"),
                car(&part)
            ),
        ),
        (
            "3.0.3",
            "Base",
            "Base",
            format!(
                "    Entity: {{{}}}\n    Base: {{allOf: [{}, {{{}}}], discriminator: {{propertyName: kind}}}}\n{}",
                object(&["id"]),
                reference("Entity"),
                object(&["kind"]),
                car(&part)
            ),
        ),
        // Another spelling of the reference, another name of the base, and what stands beside a reference.
        ("3.0.3", "Base", "Base", format!("{base}{}", car("{$ref: '#/components/schemas/B%61se'}"))),
        ("3.0.3", "Base", "Base", format!("{base}    Same: {part}\n{}", car(&reference("Same")))),
        (
            "3.1.0",
            "Base",
            "Base",
            format!("{base}    Car: {{$ref: '#/components/schemas/Base', {}}}\n", object(&["wheels"])),
        ),
        // A subtype of a subtype that only a mapping names.
        (
            "3.0.3",
            "Base",
            "Base",
            format!(
                "{base}    Mid: {{allOf: [{part}, {{{}}}], discriminator: {{propertyName: how, mapping: {{c: Car}}}}}}\n    Car: {{{}}}\n",
                object(&["how"]),
                object(&["wheels"])
            ),
        ),
    ];
    for (version, reply, name, schemas) in rows {
        let (text, report) = client(version, reply, &schemas);
        assert!(members(&text, name).contains("pub wheels:"), "{schemas}\n{text}");
        assert!(said(&report, "the discriminator leads to `") >= 1, "{schemas}\n{report}");
        assert_eq!(said(&report, "none of its subtypes") + said(&report, "is read"), 0, "{schemas}\n{report}");
    }
    // What a component builds on is no value of its own.
    let built = format!("    Top: {{allOf: [{part}, {{{}}}]}}\n{base}{}", object(&["more"]), car(&part));
    let (text, _) = client("3.0.3", "Top", &built);
    assert!(!text.contains("wheels"), "{text}");
}

#[test]
fn subtypes_that_cannot_be_read_are_told() {
    let base = format!("    Base: {{allOf: [{{{}}}], discriminator: {{propertyName: kind}}}}\n", object(&["kind"]));
    let schemas = format!("{base}    Odd: {{allOf: [{}, {{type: string}}]}}\n", reference("Base"));
    let (text, report) = client("3.0.3", "Base", &schemas);
    assert!(members(&text, "Base").contains("pub kind:"), "{text}");
    assert_eq!(said(&report, "leads to `Odd`; `Odd` is no object"), 1, "{report}");
}

#[test]
fn a_message_names_a_few_subtypes() {
    let mut schemas = format!("    Base: {{{}, discriminator: {{propertyName: kind}}}}\n", object(&["kind"]));
    for index in 0..8 {
        let _ = writeln!(
            schemas,
            "    C{index}: {{allOf: [{}, {{{}}}]}}",
            reference("Base"),
            object(&[&format!("m{index}")])
        );
    }
    let (_, report) = client("3.0.3", "Base", &schemas);
    assert_eq!(said(&report, "leads to `C0`, `C1`, `C2`, `C3`, `C4` and 3 more, so one type"), 1, "{report}");
}

#[test]
fn discriminators_at_every_level_have_an_end() {
    let start = Instant::now();
    // Each level builds on the one before, and twice.
    let mut tree = String::new();
    for level in 0..40 {
        let parts = if level == 0 { String::new() } else { reference(&format!("B{}", level - 1)) + ", " };
        for name in ["B", "C"] {
            let own = object(&[&format!("{}{level}", name.to_lowercase())]);
            let _ =
                writeln!(tree, "    {name}{level}: {{allOf: [{parts}{{{own}}}], discriminator: {{propertyName: b0}}}}");
        }
    }
    let (text, _) = client("3.0.3", "B20", &tree);
    assert!(
        ["b0", "b20", "b39", "c39"].iter().all(|name| members(&text, "B20").contains(&format!("pub {name}:"))),
        "{text}"
    );
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn a_chain_of_mappings_takes_no_stack() {
    let mut chain = String::new();
    for index in 0..3_000 {
        let own = object(&["kind"]);
        let next = index + 1;
        let _ =
            writeln!(chain, "    B{index}: {{{own}, discriminator: {{propertyName: kind, mapping: {{n: B{next}}}}}}}");
    }
    let text = document("3.0.3", "B0", &format!("{chain}    B3000: {{{}}}\n", object(&["kind"])));
    let generated = || generate_lenient("shop.yaml", &text, &[(CLIENT, "client.rs".into())]).map(|it| it.report);
    let report = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(4 << 20).spawn_scoped(scope, generated);
        thread.unwrap().join().unwrap()
    });
    let report = report.unwrap_or_else(|found| panic!("{found}"));
    let wide: Vec<_> = report.warnings.iter().filter(|warning| warning.rule == "schema-size").collect();
    assert!(wide.iter().any(|it| it.message.contains("more than 1000 schemas")), "{report}");
    assert!(wide.iter().any(|it| it.message.contains("100000 schemas in all")), "{report}");
}

/// Schemas with 2,000 members each, which are not the same.
fn wide(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, part| {
        let names: Vec<String> = (0..2_000).map(|index| format!("p{part}x{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = writeln!(text, "    S{part}: {{{}}}", object(&names));
        text
    })
}

#[test]
fn what_is_composed_has_the_limit_of_one_schema() {
    let parts = |count: usize| (0..count).map(|part| reference(&format!("S{part}"))).collect::<Vec<_>>().join(", ");
    let base = format!("{}, discriminator: {{propertyName: kind}}", object(&["kind"]));
    let mapping = "mapping: {a: S0, b: S1, c: S2}";
    for top in [
        format!("{{allOf: [{}]}}", parts(3)),
        format!("{{anyOf: [{}]}}", parts(3)),
        format!("{{{}}}", base.replace("kind}", &format!("kind, {mapping}}}"))),
    ] {
        let schemas = format!("    Top: {top}\n{}", wide(3));
        let (text, report) = client("3.0.3", "Top", &schemas);
        assert!(members(&text, "Top").is_empty(), "{top}");
        let found: Vec<_> = report.warnings.iter().filter(|it| it.rule == "schema-size").collect();
        assert_eq!(found.iter().map(|it| it.at.line).collect::<Vec<_>>(), [7], "{top}\n{report}");
        assert!(found[0].message.contains("so any JSON is taken"), "{report}");
        // Without leniency, it is refused.
        let text = document("3.0.3", "Top", &schemas);
        let refused = generate("shop.yaml", &text, &[(CLIENT, "client.rs".into())]).err().unwrap();
        assert!(refused.to_string().contains("so any JSON is taken"), "{refused}");
    }
    let (text, report) = client("3.0.3", "Top", &format!("    Top: {{allOf: [{}]}}\n{}", parts(2), wide(2)));
    assert!(members(&text, "Top").contains("pub p1x1999:"));
    assert!(report.warnings.is_empty(), "{report}");
}

#[test]
fn what_only_one_direction_has_is_found_at_any_distance() {
    let one_way = "    A: {$ref: '#/components/schemas/B'}\n    B: {allOf: [{$ref: '#/components/schemas/C'}]}\n    \
                   C: {type: string, writeOnly: true}\n    Loop: {allOf: [{$ref: '#/components/schemas/Loop'}, {type: string}]}\n";
    for (member, is_required) in [("A", false), ("B", false), ("C", false), ("Loop", true)] {
        let top =
            format!("    Top: {{type: object, required: [a], properties: {{a: {}}}}}\n{one_way}", reference(member));
        let (text, _) = client("3.0.3", "Top", &top);
        let own = members(&text, "Top");
        assert_eq!(!own.contains("pub a: ::std::option::Option<"), is_required, "{member}\n{own}");
    }
}
