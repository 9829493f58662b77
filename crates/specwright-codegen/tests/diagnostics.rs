//! Each rule finds its mistake, at its place, and nothing else.
//!
//! Each row edits one correct document in one place. Nothing here may panic.

use openapi_document::Diagnostics;
use specwright_codegen::Artefact;

/// Keeps every rule.
const CORRECT: &str = r##"openapi: 3.0.3
info: {title: Lamps, version: '1'}
security: [{Key: []}]
paths:
  '/lamps/{lamp}/switch#on':
    post:
      operationId: switch_on
      parameters:
        - $ref: '#/components/parameters/Lamp'
        - {name: to, in: query, required: true, schema: {type: string, enum: ["on"]}}
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Level'}
            examples:
              bright: {value: {level: 9}}
              broken: {value: {level: 1}}
      responses:
        '200':
          description: It is on.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/State'}
              examples:
                bright:
                  x-given: a lamp
                  x-source: {document: Lamps, section: On}
                  value: {state: "on"}
        '400':
          description: It is broken.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Fault'}
              examples:
                broken: {x-given: no lamp, value: {code: 7}}
        '500':
          $ref: '#/components/responses/Fault'
  '/lamps/{lamp}/switch#off':
    post:
      operationId: switch_off
      parameters:
        - $ref: '#/components/parameters/Lamp'
        - {name: to, in: query, required: true, schema: {type: string, enum: ["off"]}}
      responses:
        '200':
          description: It is off.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/State'}
              examples:
                dark: {x-given: a shining lamp, value: {state: "off"}}
          links:
            on: {operationId: switch_on}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
  parameters:
    Lamp: {name: lamp, in: path, required: true, example: l-1, schema: {type: string}}
  responses:
    Fault:
      description: Something broke.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Fault'}
  schemas:
    Level:
      type: object
      properties:
        level: {type: integer, minimum: 0, maximum: 9, default: 5}
    State: {type: object, properties: {state: {type: string, enum: ["on", "off"]}}}
    Fault: {type: object, properties: {code: {type: integer, x-match: equal}}}
x-lifecycle:
  states: {shining: {}, dark: {}}
  operations:
    switch_on: {from: [dark], to: shining}
    switch_off: {from: [shining], to: dark}
  givens:
    a lamp: {state: dark}
    no lamp: {state: null}
    a shining lamp: {state: shining}
"##;

fn found_in(text: &str) -> Diagnostics {
    let wanted = [
        Artefact::Client { inner: None },
        Artefact::Enums,
        Artefact::Mock { fixture: Some("crate::fixture") },
        Artefact::Cases,
        Artefact::Contract,
        Artefact::Merged,
        Artefact::Stubs,
        Artefact::Cassette,
        Artefact::Har,
    ];
    let wanted = wanted.map(|artefact| (artefact, std::path::PathBuf::from("unused")));
    specwright_codegen::generate("lamps.yaml", text, &wanted).err().unwrap_or_default()
}

/// The first `from` becomes `to`; then exactly `expected` is found, as `line:column rule`.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(CORRECT.contains(from), "{from:?} is not in the document");
    check_text(&CORRECT.replacen(from, to, 1), expected);
}

#[track_caller]
fn check_text(text: &str, expected: &[&str]) {
    let found = found_in(text);
    let places: Vec<String> = found.0.iter().map(|d| format!("{}:{} {}", d.at.line, d.at.column, d.rule)).collect();
    assert_eq!(places, expected, "\n{found}");
    for diagnostic in &found.0 {
        assert!(!diagnostic.message.is_empty() && !diagnostic.hint.is_empty(), "{diagnostic:?}");
        assert_eq!(diagnostic.file, "lamps.yaml");
    }
}

#[test]
fn the_correct_document_is_correct() {
    check("Lamps", "Lights", &[]);
}

#[test]
fn what_is_not_yaml() {
    check("      operationId: switch_on", "\t operationId: switch_on", &["7:1 yaml-syntax"]);
    check("title: Lamps,", "title: 'Lamps,", &["2:33 yaml-syntax"]);
    check_text("", &["1:1 yaml-syntax"]);
    check_text("# nothing\n", &["1:1 yaml-syntax"]);
    check_text("openapi: 3.0.3\n---\nopenapi: 3.0.3\n", &["2:1 yaml-syntax"]);
    check_text(&"[".repeat(10_000), &["1:256 yaml-depth"]);
    check_text(&"a: {".repeat(5_000), &["1:400 yaml-depth"]);
    check_text("a: &a [*a]\n", &["1:8 yaml-alias"]);
    check_text("a: &a {b: c}\nd:\n  <<: *a\n", &["1:1 openapi-version", "3:3 yaml-merge"]);
    let bomb: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
    assert_eq!(found_in(&format!("a0: &a0 x\n{bomb}")).0[0].rule, "yaml-size");
    let tower: String = (1..200).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
    assert_eq!(found_in(&format!("a0: &a0 x\n{tower}")).0[0].rule, "yaml-depth");
    check("level: 9", "level: .inf", &["16:39 yaml-number", "16:39 example-mismatch"]);
    check("operationId: switch_on", "operationId: switch_on\n      operationId: switch_on", &["8:7 duplicate-key"]);
}

#[test]
fn what_is_another_version() {
    check("openapi: 3.0.3", "openapi: 3.1.0", &[]);
    check("openapi: 3.0.3", "openapi: 4.0.0", &["1:10 openapi-version"]);
    check("openapi: 3.0.3", "openapi: 3.0", &["1:10 wrong-type"]);
    check("openapi: 3.0.3", "swagger: '2.0'", &["1:1 openapi-version"]);
    check("openapi: 3.0.3\n", "", &["1:1 openapi-version"]);
    check_text("- 1\n", &["1:1 openapi-version"]);
}

#[test]
fn what_is_not_of_the_shape_of_openapi() {
    check("version: '1'", "version: 1.0", &["2:31 wrong-type"]);
    check("version: '1'", "verzion: '1'", &["2:7 missing-key", "2:22 unknown-key"]);
    check("description: It is on.\n", "# none\n", &["21:11 missing-key"]);
    check("schema: {type: string}}", "schema: {type: strin}}", &["58:79 unknown-value"]);
    check("schema: {type: string}}", "schema: {type: [string, 'null']}}", &["58:79 wrong-type"]);
    check("required: true, example", "requird: true, example", &["58:11 path-required", "58:34 unknown-key"]);
    check("'500':", "'600':", &["36:9 status-format"]);
    check("'/lamps/{lamp}/switch#off'", "'lamps/{lamp}/switch#off'", &["38:3 path-format", "76:5 lifecycle-operation"]);
    check("minimum: 0", "minimum: zero", &["69:41 wrong-type"]);
    check("x-match: equal", "x-match: exact", &["71:71 unknown-value"]);
    check("section: On", "chapter: On", &["27:29 missing-key", "27:47 unknown-key"]);
}

#[test]
fn references_that_do_not_hold() {
    check("schemas/Level'", "schemas/Levell'", &["14:28 dangling-reference"]);
    check("parameters/Lamp'", "parameters/Lampe'", &["9:17 dangling-reference"]);
    check("responses/Fault'", "schemas/Fault'", &["37:17 reference-kind"]);
    check("'#/components/schemas/State'", "'other.yaml#/State'", &["23:30 external-reference"]);
    check(
        "State: {type: object, properties: {state: {type: string, enum: [\"on\", \"off\"]}}}",
        "State: {$ref: '#/components/schemas/State'}",
        &["23:30 reference-cycle", "49:30 reference-cycle", "70:19 reference-cycle"],
    );
    check("operationId: switch_on}", "operationId: switch_an}", &["53:31 link-target"]);
    check("operationId: switch_on}", "operationId: switch_on, parameters: {lamp: a, path.lamp: b, query.to: c}}", &[]);
    check(
        "operationId: switch_on}",
        "operationId: switch_on, parameters: {lampe: a, query.lamp: b}}",
        &["53:55 link-parameter", "53:65 link-parameter"],
    );
    check(
        "links:\n            on: {operationId: switch_on}",
        "links:\n            off: {operationId: switch_off, requestBody: 1}",
        &["53:44 link-parameter"],
    );
    check("[{Key: []}]", "[{Kay: []}]", &["3:13 security-scheme"]);
}

#[test]
fn operations_that_cannot_be_told_apart_or_named() {
    check("enum: [\"off\"]", "enum: [\"on\"]", &["38:3 same-address"]);
    check("operationId: switch_off", "operationId: switch_on", &["40:20 operation-id", "76:5 lifecycle-operation"]);
    check("operationId: switch_off", "operationId: switchOn", &["40:20 operation-id", "76:5 lifecycle-operation"]);
    check("      operationId: switch_off\n", "", &["39:5 operation-id", "75:5 lifecycle-operation"]);
}

#[test]
fn paths_and_parameters_that_disagree() {
    check("{lamp}/switch#off", "{lampe}/switch#off", &["38:3 path-variable", "42:11 path-variable"]);
    check("{lamp}/switch#off", "{lamp/switch#off", &["38:3 path-format"]);
    check("{lamp}/switch#off", "{lamp}/{lamp}#off", &["38:3 path-variable"]);
}

#[test]
fn examples_that_cannot_be_replayed_or_are_not_true() {
    check(
        "bright: {value: {level: 9}}",
        "brite: {value: {level: 9}}",
        &["16:15 example-unpaired", "25:17 example-unpaired"],
    );
    check("value: {level: 9}", "value: {level: 10}", &["16:39 example-mismatch"]);
    check("value: {level: 9}", "value: {level: bright}", &["16:39 example-mismatch"]);
    check("schema: {type: string}}", "schema: {type: string, pattern: '[a'}}", &["58:96 pattern"]);
    check("default: 5", "default: five", &["69:65 default-mismatch"]);
    check("default: 5", "default: 50", &["69:65 default-mismatch"]);
    check("x-given: a lamp", "x-given: a lampe", &["26:28 given-unknown"]);
    check("x-given: no lamp, ", "", &["35:17 given-missing"]);
    check(
        "broken: {x-given: no lamp, value: {code: 7}}",
        "bright: {x-given: no lamp, value: {code: 7}}",
        &["17:15 example-unpaired", "25:17 example-name", "35:17 example-name"],
    );
    check("example: l-1, ", "", &["25:17 parameter-value", "35:17 parameter-value", "51:17 parameter-value"]);
    check(
        "dark: {x-given: a shining lamp, value: {state: \"off\"}}",
        "dark: {externalValue: 'http://x'}",
        &["51:17 example-value"],
    );
}

#[test]
fn limits_that_no_value_can_keep() {
    let limits = |limits: &str| format!("    Odd: {{{limits}}}\n    State: {{type");
    let check = |text: &str, expected: &[&str]| check("    State: {type", &limits(text), expected);
    check("minimum: 3, maximum: 3", &[]);
    check("minimum: 3, maximum: 2.5", &["70:11 bounds"]);
    check("minimum: 3, maximum: 3, exclusiveMaximum: true", &["70:11 bounds"]);
    check("minLength: 9, maxLength: 8", &["70:11 bounds"]);
    check("items: {minItems: 2, maxItems: 1}, minProperties: 2, maxProperties: 1", &["70:19 bounds", "70:46 bounds"]);
}

#[test]
fn combinations_without_end() {
    let choice = |n: usize| format!("{{oneOf: [{}]}}", vec!["{type: string}"; n].join(", "));
    let all = |counts: &[usize]| {
        let parts: Vec<String> = counts.iter().map(|count| choice(*count)).collect();
        format!("    Odd: {{allOf: [{}]}}\n    State: {{type", parts.join(", "))
    };
    check("    State: {type", &all(&[30; 30]), &["70:11 composition"]);
    let text = CORRECT.replacen("    State: {type", &all(&[2, 2]), 1);
    assert!(found_in(&text).0.iter().all(|found| found.rule != "composition"));
}

#[test]
fn lifecycles_that_speak_of_nothing() {
    check("to: shining", "to: shinning", &["75:35 lifecycle-state"]);
    check("a lamp: {state: dark}", "a lamp: {state: drak}", &["78:21 lifecycle-state"]);
    check("no lamp: {state: null}", "no lamp: {}", &["79:14 missing-key"]);
    check("no lamp: {state: null}", "no lamp: {state: null}\n    the lamp: {state: dark}", &["80:5 given-name"]);
    // What starts a job changes something; everything else that is not listed leaves the state as it is.
    let job = "  job: {paths: [/jobs], status: /status, answered: [state]}\n";
    check("    switch_off: {from: [shining], to: dark}\n", job, &["39:5 lifecycle-operation"]);
    check("to: dark}", "to: null}", &[]);
    check("[shining], to: dark}", "[shining, dark]}", &["76:5 lifecycle-operation"]);
}

#[test]
fn what_no_client_can_be_generated_for() {
    let two_types = "schema: {$ref: '#/components/schemas/State'}\n              examples:\n                broken: {x-given: no lamp, value: {}}";
    check(
        "schema: {$ref: '#/components/schemas/Fault'}\n              examples:\n                broken: {x-given: no lamp, value: {code: 7}}",
        two_types,
        &["29:9 error-types"],
    );
    check(
        "'500':\n          $ref: '#/components/responses/Fault'",
        "'500': {description: Broken.}",
        &["36:9 body-missing"],
    );
    check("'500':", "default:", &["36:9 default-response"]);
    check(
        "'500':\n          $ref: '#/components/responses/Fault'",
        "'202': {description: Later.}",
        &["36:9 body-missing"],
    );
    check(
        "application/json:\n            schema: {$ref: '#/components/schemas/Level'}",
        "text/xml: {schema: {type: string}}\n          application/json:\n            schema: {$ref: '#/components/schemas/Level'}",
        &["13:11 body-media-types", "14:11 body-media-types"],
    );
    check(
        "application/json:\n            schema: {$ref: '#/components/schemas/Level'}",
        "application/json:",
        &["14:13 body-schema"],
    );
    check(
        "in: path",
        "in: cookie",
        &["5:3 path-variable", "9:11 parameter-place", "38:3 path-variable", "42:11 parameter-place"],
    );
    check(
        "{name: to, in: query, required: true, schema: {type: string, enum: [\"off\"]}}",
        "{name: to, in: query, required: true, style: deepObject, schema: {type: string, enum: [\"off\"]}}",
        &["43:56 parameter-style"],
    );
}

#[test]
fn what_would_be_lost_without_a_word() {
    check(
        "schema: {$ref: '#/components/schemas/Level'}\n            examples:",
        "schema:\n              $ref: '#/components/schemas/Level'\n              examples:",
        &["16:15 reference-sibling", "17:15 reference-sibling", "18:15 reference-sibling"],
    );
    check("required: true, schema: {type: string, enum: [\"off\"]}", "schema: {type: string, enum: [\"off\"]}", &[]);
    check(
        "application/json:\n              schema: {$ref: '#/components/schemas/State'}\n              examples:\n                bright",
        "json:\n              schema: {$ref: '#/components/schemas/State'}\n              examples:\n                bright",
        &["22:13 media-type-format"],
    );
    check("x-given: a shining lamp, ", "", &["51:17 given-missing"]);
    check("states: {shining", "stats: {shining", &["73:3 unknown-key", "73:3 missing-key"]);
}

#[test]
fn names_that_rust_cannot_keep_apart() {
    check("operationId: switch_off", "operationId: self", &["40:20 operation-id", "76:5 lifecycle-operation"]);
    check("operationId: switch_off", "operationId: new", &["40:20 operation-id", "76:5 lifecycle-operation"]);
    check(
        "Fault: {type: object, properties: {code: {type: integer, x-match: equal}}}",
        "Fault: {type: object, properties: {code: {type: integer, x-match: equal}, Code: {}}}",
        &["71:79 rust-name"],
    );
    check("    State: {type", "    level: {type: string}\n    State: {type", &["70:5 rust-name"]);
    check("enum: [\"on\", \"off\"]", "enum: [\"on\", \"off\", \"On\"]", &["70:82 enum-values"]);
    check("    State: {type", "    Odd: {allOf: []}\n    State: {type", &["70:18 composition"]);
    check(
        "    State: {type",
        "    Odd: {allOf: [{$ref: '#/components/schemas/Odd'}]}\n    State: {type",
        &["70:5 reference-cycle"],
    );
}

#[test]
fn requests_that_differ_in_a_header_a_media_type_or_a_body_are_told_apart() {
    let off = "{name: to, in: query, required: true, schema: {type: string, enum: [\"off\"]}}";
    let on = "{name: to, in: query, required: true, schema: {type: string, enum: [\"on\"]}}";
    let text = CORRECT.replace("switch#on", "switch#1").replace("switch#off", "switch#2");
    let header = |value: &str| {
        format!(
            "{{name: X-To, in: header, required: true, schema: {{type: string, enum: [\"{value}\"]}}, example: {value}}}"
        )
    };
    check_text(&text.replace(off, &header("off")).replace(on, &header("on")), &[]);
    let without = text.replace(&format!("        - {off}\n"), "").replace(&format!("        - {on}\n"), "");
    check_text(&without, &["37:3 same-address"]);
    check_text(&without.replacen("requestBody:\n", "requestBody:\n        required: true\n", 1), &[]);
}

#[test]
fn json_may_have_tabs_and_surrogates() {
    let json = "{\n\t\"openapi\": \"3.0.3\",\n\t\"info\": {\"title\": \"\\ud83d\\ude00 \\\\ud83d\", \"version\": \"1\"},\n\t\"paths\": {}\n}";
    let files = specwright_codegen::generate("x.json", json, &[(Artefact::Cases, std::path::PathBuf::new())]).unwrap();
    assert!(files[0].text.contains("\"title\": \"\u{1f600} \\\\ud83d\""), "{}", files[0].text);
    check_text(&json.replace("\\ude00", ""), &["3:20 yaml-syntax"]);
}

#[test]
fn several_mistakes_are_reported_together_and_in_order() {
    let text = CORRECT
        .replace("version: '1'", "version: 1")
        .replace("to: shining", "to: shinning")
        .replace("schemas/Level'", "schemas/Levell'");
    check_text(&text, &["2:31 wrong-type", "14:28 dangling-reference", "75:35 lifecycle-state"]);
}

#[test]
fn nothing_that_is_cut_off_or_lost_makes_the_generator_panic() {
    let lines: Vec<&str> = CORRECT.lines().collect();
    for line in 0..lines.len() {
        let without = [&lines[..line], &lines[line + 1..]].concat().join("\n");
        let twice = [&lines[..=line], &lines[line..]].concat().join("\n");
        for text in [without, twice, lines[..line].join("\n"), CORRECT.replacen(lines[line].trim(), "x", 1)] {
            found_in(&text);
        }
    }
}

#[test]
fn the_readme_lists_every_rule() {
    let readme = include_str!("../../openapi-document/README.md");
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut open = ["openapi-document", "specwright-codegen"].map(|name| crates.join(name).join("src")).to_vec();
    let mut rules = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let source = std::fs::read_to_string(path).unwrap();
        for call in ["report(", "report_with(", "gap(", "judge(", "document.fail("] {
            for (at, _) in source.match_indices(call) {
                let argument = source[at + call.len()..].trim_start();
                rules.extend(argument.strip_prefix('"').and_then(|text| text.split('"').next()).map(str::to_owned));
            }
        }
    }
    assert!(rules.len() > 30, "{rules:?}");
    for rule in rules {
        assert!(readme.contains(&format!("`{rule}`")), "{rule}");
    }
}
