//! Overlays change a document before it is read, and what they add keeps its place.

#![allow(clippy::unwrap_used)]

use openapi_document::{Api, Diagnostics, Document, Level, Overlay, check, suite};
use serde_json::{Value, json};

const LAMPS: &str = "openapi: 3.0.3
info: {title: Lamps, version: '1'}
tags: [{name: old}]
paths:
  /lamps:
    get:
      operationId: list_lamps
      tags: [old, indoor]
      parameters: [{name: colour, in: query, schema: {type: string}}]
      responses: {'200': {description: ok}}
    post:
      operationId: add_lamp
      responses: {'201': {description: made}}
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: show_lamp
      responses: {'200': {description: ok}}
";

fn overlay(version: &str, actions: &str) -> String {
    format!("overlay: {version}\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}")
}

fn read(document: &str, overlays: &[&str]) -> Result<Document, Diagnostics> {
    let names = ["one.yaml", "two.yaml", "three.yaml"];
    let overlays: Vec<_> = overlays.iter().zip(names).map(|(text, name)| Overlay { name, text }).collect();
    Document::read_overlaid("spec/lamps.yaml", document, &overlays, &mut |path| match path {
        "lamp.yaml" => Ok("type: object\nproperties: {id: {type: string}}\n".to_owned()),
        _ => Err("there is none".to_owned()),
    })
}

fn changed(document: &str, overlays: &[&str]) -> Value {
    read(document, overlays).unwrap_or_else(|found| panic!("{found}")).root().to_json()
}

fn places(found: &Diagnostics) -> Vec<String> {
    let mark = |level| if level == Level::Error { "!" } else { "" };
    let all = found.0.iter();
    all.map(|it| format!("{}:{}:{} {}{}", it.file, it.at.line, it.at.column, it.rule, mark(it.level))).collect()
}

/// What is wrong with an overlay of these actions on a document that has nothing else wrong with it.
fn wrong(version: &str, actions: &str) -> Vec<String> {
    match read(LAMPS, &[&overlay(version, actions)]) {
        Err(found) => places(&found),
        Ok(document) => places(&check(&Api::of(&document))).into_iter().filter(|it| it.contains("overlay")).collect(),
    }
}

#[test]
fn an_update_is_merged_and_a_list_grows() {
    let actions = "- target: $.paths['/lamps'].get
  update:
    summary: All of them
    operationId: lamps
    parameters: [{name: size, in: query, schema: {type: integer}}]
    responses: {'200': {description: fine}, '404': {description: none}}
- target: $.tags
  update: {name: new}
";
    for version in ["1.0.0", "1.1.0"] {
        let root = changed(LAMPS, &[&overlay(version, actions)]);
        let get = &root["paths"]["/lamps"]["get"];
        assert_eq!(get["summary"], "All of them");
        assert_eq!(get["operationId"], "lamps");
        assert_eq!(get["tags"], json!(["old", "indoor"]));
        assert_eq!(get["parameters"].as_array().map(Vec::len), Some(2));
        assert_eq!(get["responses"], json!({"200": {"description": "fine"}, "404": {"description": "none"}}));
        assert_eq!(root["tags"], json!([{"name": "old"}, {"name": "new"}]));
    }
}

#[test]
fn what_a_list_takes_depends_on_the_version() {
    let actions = "- target: $.tags\n  update: [{name: a}, {name: b}]\n";
    assert_eq!(changed(LAMPS, &[&overlay("1.1.0", actions)])["tags"].as_array().map(Vec::len), Some(3));
    assert_eq!(changed(LAMPS, &[&overlay("1.0.0", actions)])["tags"][1], json!([{"name": "a"}, {"name": "b"}]));
    assert_eq!(wrong("1.0.0", actions), ["one.yaml:5:11 overlay-update"]);
}

#[test]
fn single_values_are_replaced_and_removed() {
    let actions = "- target: $.info.title
  update: Bulbs
- target: $.paths.*.*.tags[?@ == 'old']
  remove: true
";
    for (version, warnings) in [("1.1.0", vec![]), ("1.0.3", vec!["one.yaml:4:11 overlay-update"])] {
        let root = changed(LAMPS, &[&overlay(version, actions)]);
        assert_eq!(root["info"]["title"], "Bulbs");
        assert_eq!(root["paths"]["/lamps"]["get"]["tags"], json!(["indoor"]));
        assert_eq!(wrong(version, actions), warnings);
    }
}

#[test]
fn whatever_is_selected_is_removed_at_once() {
    let actions = "- target: $..['post', 'tags', 'parameters', 'schema']\n  remove: true\n";
    let root = changed(LAMPS, &[&overlay("1.0.0", actions)]);
    assert_eq!(
        root["paths"]["/lamps"],
        json!({"get": {"operationId": "list_lamps", "responses": {"200": {"description": "ok"}}}})
    );
    assert_eq!(root.get("tags"), None);
    let actions = "- target: $.paths['/lamps'].get.tags[0,1,0]\n  remove: true\n";
    assert_eq!(changed(LAMPS, &[&overlay("1.1.0", actions)])["paths"]["/lamps"]["get"]["tags"], json!([]));
}

#[test]
fn a_value_is_copied_and_moved() {
    let actions = r#"- target: $.paths
  update: {/bulbs: {}}
- target: $.paths['/bulbs']
  copy: $.paths['/lamps']
- target: $.paths['/bulbs'].get
  update: {operationId: list_bulbs}
- target: $.paths["/lamps"]
  remove: true
"#;
    let root = changed(LAMPS, &[&overlay("1.1.0", actions)]);
    let paths: Vec<_> = root["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/lamps/{id}", "/bulbs"]);
    assert_eq!(root["paths"]["/bulbs"]["get"]["operationId"], "list_bulbs");
    assert_eq!(root["paths"]["/bulbs"]["post"]["operationId"], "add_lamp");
}

#[test]
fn overlays_follow_each_other_and_are_yaml_or_json() {
    let first = overlay("1.1.0", "- target: $.info\n  update: {x-step: {one: 1}}\n");
    let second = r#"{"overlay": "1.1.0", "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.info['x-step']", "update": {"two": 2}}, {"target": "$.info['x-step'].one", "update": 10}]}"#;
    let json = changed(LAMPS, &[]).to_string();
    for document in [LAMPS, &json] {
        assert_eq!(changed(document, &[&first, second])["info"]["x-step"], json!({"one": 10, "two": 2}));
    }
}

#[test]
fn the_version_of_openapi_may_come_from_an_overlay() {
    let text = overlay("1.1.0", "- target: $.openapi\n  update: 3.1.0\n");
    assert_eq!(read(LAMPS, &[&text]).unwrap().version().to_string(), "3.1");
}

#[test]
fn what_an_overlay_adds_is_reported_at_its_place_there() {
    let one =
        overlay("1.1.0", "- target: $.paths['/lamps'].get\n  update:\n    responses:\n      '200': {descripton: ok}\n");
    let two = overlay(
        "1.1.0",
        "- target: $.paths['/lamps/{id}'].get.responses['200']\n  update:\n    content: {application/json: {schema: {type: strng}}}\n",
    );
    let document = LAMPS.replace("title: Lamps", "titel: Lamps");
    let document = read(&document, &[&one, &two]).unwrap_or_else(|found| panic!("{found}"));
    let api = Api::of(&document);
    let found = check(&api);
    let expected = [
        "spec/lamps.yaml:2:7 missing-key",
        "spec/lamps.yaml:2:8 unknown-key",
        "one.yaml:7:15 unknown-key",
        "two.yaml:6:49 unknown-value!",
    ];
    assert_eq!(places(&found), expected, "{found}");
    let operations: Vec<_> = found.0.iter().map(|it| it.operation.as_deref()).collect();
    assert_eq!(operations, [None, None, Some("list_lamps"), Some("show_lamp")]);
    assert_eq!(api.concerning(found.errors()).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn what_is_added_to_every_operation_concerns_every_operation() {
    let text = overlay("1.1.0", "- target: $.paths.*.get\n  update: {deprecated: maybe}\n");
    let document = read(LAMPS, &[&text]).unwrap();
    let api = Api::of(&document);
    let found = check(&api);
    assert_eq!(places(&found), ["one.yaml:5:24 wrong-type"], "{found}");
    assert_eq!(found.0[0].operation, None);
    assert_eq!(api.concerning(&found.0).iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
    // What the document says of an operation is still found, though its last member is of an overlay.
    let text = overlay("1.1.0", "- target: $.paths.*.get\n  update: {x-last: true}\n");
    let document =
        read(&LAMPS.replace("responses: {'200': {description: ok}}", "responses: {'200': {text: ok}}"), &[&text])
            .unwrap();
    let found = check(&Api::of(&document));
    assert!(!found.0.is_empty() && found.0.iter().all(|it| it.operation.is_some()), "{found:#?}");
}

#[test]
fn a_reference_in_an_overlay_is_one_of_the_document() {
    let text = overlay(
        "1.1.0",
        "- target: $.paths['/lamps/{id}'].get.responses['200']\n  update: {content: {application/json: {schema: {$ref: lamp.yaml}}}}\n\
         - target: $.paths['/lamps'].get.responses['200']\n  update: {content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}\n\
         - target: $\n  update: {components: {schemas: {Made: {type: object}}}}\n",
    );
    let document = read(LAMPS, &[&text]).unwrap_or_else(|found| panic!("{found}"));
    let found = check(&Api::of(&document));
    assert_eq!(places(&found), Vec::<String>::new(), "{found}");
    assert_eq!(document.schemas()["lamp"]["type"], "object");
    assert_eq!(document.files(), ["spec/lamps.yaml", "one.yaml", "spec/lamp.yaml"]);
}

#[test]
fn a_suite_has_what_an_overlay_says() {
    let document = "openapi: 3.0.3
info: {title: Kettles, version: '1'}
paths:
  /kettles/{id}/boil:
    post:
      operationId: boil
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: k1}]
      responses:
        '200': {description: ok, content: {application/json: {examples: {cold: {value: {state: hot}}}}}}
        '409': {description: no, content: {application/json: {examples: {boiling: {value: {state: hot}}}}}}
";
    let text = overlay(
        "1.0.0",
        "- target: $
  update:
    x-lifecycle:
      resource: kettle
      identifier: id
      states: {cold: {description: a cold kettle}, hot: {description: a hot kettle}}
      operations: {boil: {from: [cold], to: hot}}
      givens: {a cold kettle: {state: cold}, a hot kettle: {state: hot}}
- target: $.paths.*.post.responses['200'].content.*.examples.*
  update: {x-given: a cold kettle}
- target: $.paths.*.post.responses['409'].content.*.examples.*
  update: {x-given: a hot kettle}
",
    );
    let (plain, annotated) = (read(document, &[]).unwrap(), read(document, &[&text]).unwrap());
    let found = check(&Api::of(&annotated));
    assert!(!found.0.iter().any(|it| it.file == "one.yaml"), "{found}");
    let givens = |document| -> Vec<Option<String>> {
        suite(&Api::of(document))
            .cases
            .iter()
            .take(2)
            .map(|case| case.given.as_ref().map(ToString::to_string))
            .collect()
    };
    assert_eq!(givens(&plain), [None, None]);
    assert_eq!(givens(&annotated), [Some("a cold kettle".to_owned()), Some("a hot kettle".to_owned())]);
    let lifecycle = suite(&Api::of(&annotated)).lifecycle.unwrap();
    assert_eq!(lifecycle.operations["boil"].to, "hot");
    assert_eq!(suite(&Api::of(&plain)).lifecycle, None);
}

#[test]
fn mistakes_are_reported_at_their_places() {
    let rows = [
        ("- target: $.nowhere\n  update: {a: 1}\n", vec!["one.yaml:4:11 overlay-no-match"]),
        ("- target: $.paths[\n  update: {a: 1}\n", vec!["one.yaml:4:11 overlay-path!"]),
        ("- target: info\n  update: {a: 1}\n", vec!["one.yaml:4:11 overlay-path!"]),
        ("- target: $.paths[?length(@.a)]\n  remove: true\n", vec!["one.yaml:4:11 overlay-path!"]),
        ("- target: 100\n  remove: true\n", vec!["one.yaml:4:11 wrong-type!"]),
        ("- updat: {a: 1}\n  target: $\n", vec!["one.yaml:4:3 unknown-key!", "one.yaml:4:3 overlay-action"]),
        ("- target: $\n  remove: maybe\n", vec!["one.yaml:5:11 wrong-type!"]),
        ("- target: $\n  remove: true\n", vec!["one.yaml:4:11 overlay-update!"]),
        ("- target: $\n  description: 10\n  update: {}\n", vec!["one.yaml:5:16 wrong-type!"]),
        ("- update: {a: 1}\n", vec!["one.yaml:4:3 missing-key!"]),
        ("- 123\n", vec!["one.yaml:4:3 wrong-type!"]),
        ("- target: $\n  update: {}\n  copy: $.info\n", vec!["one.yaml:6:3 overlay-action!"]),
        ("- target: $.info\n  copy: $.paths.*\n", vec!["one.yaml:5:9 overlay-update!"]),
        ("- target: $.info\n  copy: 100\n", vec!["one.yaml:5:9 wrong-type!"]),
        ("- target: $.info\n  update: [1]\n", vec!["one.yaml:5:11 overlay-update!"]),
        ("- target: $.info.title\n  update: {a: 1}\n", vec!["one.yaml:5:11 overlay-update!"]),
        (
            "- target: $\n  update: {tags: {a: 1}, paths: }\n",
            vec!["one.yaml:5:12 overlay-update!", "one.yaml:5:26 overlay-update!"],
        ),
        ("- target: $['info', 'tags']\n  update: {}\n", vec!["one.yaml:4:11 overlay-update!"]),
        ("- {target: $.info, update: {}}\n- {target: $.info, update: {}}\n", vec!["one.yaml:5:3 overlay-action!"]),
        ("- target: $.info\n", vec!["one.yaml:4:3 overlay-action"]),
    ];
    for (actions, expected) in rows {
        assert_eq!(wrong("1.1.0", actions), expected, "{actions}");
    }
    assert_eq!(
        wrong("1.0.0", "- target: $.info\n  copy: $.tags[0]\n"),
        ["one.yaml:4:3 overlay-action", "one.yaml:5:3 unknown-key!"]
    );
}

#[test]
fn what_is_no_overlay_is_refused() {
    let action = "actions: [{target: $, update: {}}]\n";
    let info = "info: {title: t, version: '1'}\n";
    let rows = [
        (String::new(), "yaml-syntax"),
        ("- a\n".to_owned(), "wrong-type"),
        (LAMPS.to_owned(), "overlay-version"),
        (format!("{info}{action}"), "overlay-version"),
        (format!("overlay: 2\n{info}{action}"), "overlay-version"),
        (format!("overlay: '1.1'\n{info}{action}"), "overlay-version"),
        (format!("overlay: 2.0.0\n{info}{action}"), "overlay-version"),
        (format!("overlay: 1.1.0\n{action}"), "missing-key"),
        (format!("overlay: 1.1.0\ninfo: text\n{action}"), "wrong-type"),
        (format!("overlay: 1.1.0\ninfo: {{title: t}}\n{action}"), "missing-key"),
        (format!("overlay: 1.1.0\ninfo: {{title: 1, version: '1'}}\n{action}"), "wrong-type"),
        (format!("overlay: 1.1.0\ninfo: {{title: t, version: '1', description: 1}}\n{action}"), "wrong-type"),
        (format!("overlay: 1.0.0\ninfo: {{title: t, version: '1', description: d}}\n{action}"), "unknown-key"),
        (format!("overlay: 1.1.0\n{info}"), "missing-key"),
        (format!("overlay: 1.1.0\n{info}actions: {{}}\n"), "wrong-type"),
        (format!("overlay: 1.1.0\n{info}actions: []\n"), "overlay-action"),
        (format!("overlay: 1.1.0\n{info}{action}extends: {{}}\n"), "wrong-type"),
        (format!("overlay: 1.1.0\n{info}{action}extend: a.yaml\n"), "unknown-key"),
        (format!("overlay: 1.1.0\n{info}{action}{info}"), "duplicate-key"),
    ];
    for (text, rule) in rows {
        let found = read(LAMPS, &[&text]).err().unwrap_or_else(|| panic!("accepted: {text}"));
        let rules: Vec<_> = found.errors().map(|it| (it.file.as_str(), it.rule)).collect();
        assert_eq!(rules, [("one.yaml", rule)], "{text}\n{found}");
        assert!(found.0.iter().all(|it| !it.hint.is_empty()));
    }
}

#[test]
fn everything_wrong_with_all_overlays_is_said_at_once() {
    let one = overlay("1.1.0", "- {target: a, remove: true}\n- {target: $.b, remov: true}\n");
    let found = read(LAMPS, &[&one, "overlay: 9.0.0\n"]).err().unwrap();
    let expected = [
        "one.yaml:4:12 overlay-path!",
        "one.yaml:5:3 overlay-action",
        "one.yaml:5:17 unknown-key!",
        "two.yaml:1:1 missing-key!",
        "two.yaml:1:1 missing-key!",
        "two.yaml:1:10 overlay-version!",
    ];
    assert_eq!(places(&found), expected, "{found}");
}

#[test]
fn hints_say_how_a_name_is_written() {
    let actions = "- target: $.paths[?@.x-oai-traits.paged]\n  update: {}\n";
    let found = read(LAMPS, &[&overlay("1.1.0", actions)]).err().unwrap().to_string();
    assert!(found.contains("hint: a name with such characters is written ['x-oai-traits']"), "{found}");
}

#[test]
fn an_overlay_of_another_document_says_so() {
    let text = |extends: &str| format!("{}extends: {extends}\n", overlay("1.1.0", "- {target: $.info, update: {}}\n"));
    let of = |extends: &str| places(&check(&Api::of(&read(LAMPS, &[&text(extends)]).unwrap())));
    assert_eq!(of("./spec/lamps.yaml"), Vec::<String>::new());
    assert_eq!(of("https://example.com/v1/lamps.yaml"), Vec::<String>::new());
    assert_eq!(of("boats.yaml"), ["one.yaml:5:10 overlay-extends"]);
}

#[test]
fn the_work_of_overlays_has_a_limit() {
    let doubled = format!(
        "- target: $\n  update: {{x-a: {{b: 1}}}}\n{}",
        "- {target: '$.x-a', copy: $}\n".replace("$.x-a", "$[\"x-a\"]")
    );
    let doubling: String = (0..40).map(|step| format!("- {{target: $, update: {{x-{step}: {{}}}}}}\n- {{target: '$[\"x-{step}\"]', copy: $.paths}}\n- {{target: $.paths, update: {{/{step}: {{}}}}}}\n- {{target: '$.paths[\"/{step}\"]', copy: '$[\"x-{step}\"]'}}\n")).collect();
    assert_eq!(wrong("1.1.0", &doubled), Vec::<String>::new());
    let found = wrong("1.1.0", &doubling);
    assert!(found.iter().any(|it| it.ends_with("overlay-limit!")), "{found:?}");

    let many: String = (0..1_000).map(|number| format!("    s{number}: {{a: {{b: [1, 2, 3, {{c: d}}]}}}}\n")).collect();
    let document = format!("{LAMPS}components:\n  schemas:\n{many}");
    let filters = ["$..[?$..[?@.b]]", "$..[?$ == $]", "$..[?count($..*) > 1]"];
    for path in filters {
        let text = overlay("1.1.0", &format!("- target: {path}\n  remove: true\n"));
        let found = read(&document, &[&text]).err().unwrap_or_else(|| panic!("{path} was done"));
        assert_eq!(places(&found), ["one.yaml:4:11 overlay-limit!"], "{path}");
    }
    let calls = format!("- target: $[?{}@{}]\n  remove: true\n", "count(".repeat(60), ")".repeat(60));
    assert_eq!(wrong("1.1.0", &calls), ["one.yaml:4:11 overlay-path!"]);
    let long = "x".repeat(100_000);
    let grows = overlay("1.1.0", &format!("- target: $..[?@.b]\n  update: {{text: {long}}}\n"));
    assert_eq!(places(&read(&document, &[&grows]).err().unwrap()), ["one.yaml:5:11 overlay-limit!"]);
    let deep = format!("- target: $.info\n  update: {}1{}\n", "{a: ".repeat(96), "}".repeat(96));
    assert_eq!(wrong("1.1.0", &deep), Vec::<String>::new());
    let deeper: String = (0..4)
        .map(|step| {
            format!(
                "- {{target: $.info, update: {{x-{step}: {{}}}}}}\n- {{target: '$.info[\"x-{step}\"]', copy: $.info}}\n"
            )
        })
        .collect();
    let found = wrong("1.1.0", &format!("{deep}{deeper}"));
    assert!(found.iter().any(|it| it.ends_with("overlay-limit!")), "{found:?}");
}
