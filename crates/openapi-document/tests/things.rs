//! Cases about what exists and what does not: states that follow from a collection, requests for what nothing has, look-ups
//! after a removal, and what is said beside a reference.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use conformance_engine::suite::{Case, Place, Rule, Suite};
use openapi_document::{Api, Document, check, suite};

fn suite_of(paths: &str) -> Suite {
    let text = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{paths}");
    let document = Document::read("t.yaml", &text).map_err(|found| found.to_string()).unwrap();
    suite(&Api::of(&document))
}

fn value(case: &Case, name: &str) -> String {
    let parameters = case.request.parameters.iter();
    let found = parameters.into_iter().find(|it| it.place == Place::Path && it.name == name);
    found.map(|it| it.value.clone()).unwrap_or_default()
}

/// The requests for what nothing has, each with what is expected; and why there are none.
fn unknown(operation: &str) -> Vec<String> {
    let suite = suite_of(operation);
    let is_asked = |case: &&Case| format!("{:?}", case.kind).contains("nothing has this");
    let cases = suite.cases.iter().filter(is_asked);
    let cases = cases.map(|case| {
        let or: String = case.expected.or.iter().map(|status| format!("/{status}")).collect();
        let values: Vec<String> =
            ["a", "b"].map(|name| value(case, name)).into_iter().filter(|it| !it.is_empty()).collect();
        format!("{} {} {}{or}", case.operation, values.join(" "), case.expected.status)
    });
    let untried = suite.untried.iter().filter(|it| it.reason.contains("does not exist"));
    cases.chain(untried.map(|it| format!("{}: {}", it.operation, it.reason))).collect()
}

fn operation(method: &str, path: &str, parameters: &str, responses: &str) -> String {
    format!("  {path}: {{{method}: {{operationId: it, parameters: [{parameters}], responses: {{{responses}}}}}}}\n")
}

#[track_caller]
fn check_unknown(method: &str, schema: &str, example: &str, responses: &str, expected: &[&str]) {
    let parameter = format!("{{name: a, in: path, required: true, schema: {schema}, example: {example}}}");
    assert_eq!(unknown(&operation(method, "/as/{a}", &parameter, responses)), expected, "{schema} {responses}");
}

const OK: &str = "'200': {description: d}";

#[test]
fn what_nothing_has_is_asked_for_where_its_answer_is_documented() {
    let responses = |more: &str| format!("{OK}, {more}");
    let none = responses("'404': {description: none}");
    check_unknown("get", "{type: integer}", "7", &none, &["it 900000007 404"]);
    check_unknown("get", "{type: string}", "oak-1", &none, &["it zlv-8 404"]);
    let uuid = "08a898ae-3ff8-40e8-a7ed-03afe05aedbb";
    check_unknown(
        "delete",
        "{type: string, format: uuid}",
        uuid,
        &none,
        &["it 75f565fd-0ee5-47d5-a4dc-70fed72fdcaa 404"],
    );
    check_unknown("get", "{type: string, pattern: '^[A-Z]{2}[0-9]$'}", "AB1", &none, &["it FA8 404"]);
    let all =
        responses("'404': {description: d}, '410': {description: d}, '400': {description: d}, '403': {description: d}");
    check_unknown("patch", "{type: integer}", "7", &all, &["it 900000007 404/410/400/403"]);
    check_unknown("get", "{type: integer}", "7", &responses("'410': {description: gone}"), &["it 900000007 410"]);
    // Nothing says how it is answered.
    check_unknown("get", "{type: integer}", "7", OK, &[]);
    check_unknown("get", "{type: integer}", "7", &responses("default: {description: wrong}"), &[]);
    // It is made by the request.
    check_unknown(
        "put",
        "{type: integer}",
        "7",
        &responses("'201': {description: made}, '404': {description: d}"),
        &[],
    );
    check_unknown("put", "{type: integer}", "7", &none, &["it 900000007 404"]);
    let untried = "it: no request for what does not exist: no other value of `a` is known to fit";
    check_unknown("get", "{enum: [de, en]}", "de", &none, &[untried]);
    check_unknown("get", "{type: boolean}", "true", &none, &[untried]);
    check_unknown("get", "{type: integer, maximum: 100}", "7", &none, &[untried]);
    check_unknown("get", "{type: string, format: date}", "'2026-11-30'", &none, &[untried]);
}

#[test]
fn of_a_path_with_several_variables_the_last_names_what_is_not_there() {
    let parameters = "{name: a, in: path, required: true, schema: {type: integer}, example: 1}, \
                      {name: b, in: path, required: true, schema: {type: integer}, example: 2}";
    let responses = format!("{OK}, '404': {{description: d}}");
    assert_eq!(unknown(&operation("get", "/as/{a}/bs/{b}", parameters, &responses)), ["it 1 900000002 404"]);
    // An example shows it already.
    let shown = format!(
        "{OK}, '404': {{description: d, content: {{application/json: {{examples: {{none: {{x-given: nothing, value: {{}}}}}}}}}}}}"
    );
    assert_eq!(unknown(&operation("get", "/as/{a}/bs/{b}", parameters, &shown)), Vec::<String>::new());
}

/// A collection of trees; `{post}`, `{get}` and `{delete}` are the responses.
fn trees(post: &str, get: &str, delete: &str, example: &str) -> Suite {
    let body =
        "requestBody: {required: true, content: {application/json: {schema: {type: object}, example: {kind: oak}}}}";
    let tree = format!("parameters: [{{name: tree, in: path, required: true, schema: {{type: string}}{example}}}]");
    suite_of(&format!(
        "  /trees: {{post: {{operationId: plant, {body}, responses: {{{post}}}}}}}
  /trees/{{tree}}: {{{tree}, get: {{operationId: show, responses: {{{get}}}}}, delete: {{operationId: fell, responses: {{{delete}}}}}}}
  /trees/{{tree}}/leaves: {{{tree}, get: {{operationId: leaves, responses: {{{OK}}}}}}}
"
    ))
}

const PLANTED: &str =
    "'201': {description: d, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}";
const FELLED: &str = "'204': {description: d}";

/// `case state` of those that are given something.
fn given(suite: &Suite) -> Vec<String> {
    let described = suite.cases.iter().filter(|case| case.id.ends_with("/described"));
    described.filter_map(|case| Some(format!("{} {}", case.operation, case.given.as_ref()?))).collect()
}

#[test]
fn what_a_collection_adds_is_what_its_items_are_asked_for() {
    let added = "after plant, which adds to /trees";
    let all = ["show", "leaves", "fell"].map(|operation| format!("{operation} {added}"));
    let ids = |found: Vec<String>| found.into_iter().collect::<std::collections::BTreeSet<_>>();
    let suite = trees(PLANTED, OK, FELLED, "");
    assert_eq!(ids(given(&suite)), all.clone().into());
    assert_eq!(suite.setups[added].uses["leaves/described"]["path.tree"].value, "$response.body#/id");
    let located = "'201': {description: d, headers: {Location: {schema: {type: string}}}}";
    assert_eq!(ids(given(&trees(located, OK, FELLED, ""))), all.clone().into());
    // What a document shows for an identifier is a sample.
    assert_eq!(ids(given(&trees(PLANTED, OK, FELLED, ", example: oak"))), all.into());
    // Nothing says that something was added, or what it is called.
    assert_eq!(given(&trees(&PLANTED.replace("201", "200"), OK, FELLED, "")), Vec::<String>::new());
    assert_eq!(given(&trees("'201': {description: d}", OK, FELLED, "")), Vec::<String>::new());
}

#[test]
fn the_example_of_another_thing_stays_whole_and_demands_what_the_schema_requires() {
    let of = |schema: &str, example: &str| {
        let shown = format!(
            "'200': {{description: d, content: {{application/json: {{schema: {{{schema}}}, example: {example}}}}}}}"
        );
        let suite = trees(PLANTED, &shown, FELLED, ", example: oak");
        let body = suite.cases.iter().find(|case| case.id == "show/example").unwrap().expected.body.clone().unwrap();
        let optional = body.rules.iter().filter(|(_, rule)| **rule == Rule::Optional);
        (body.example.unwrap().to_string(), optional.map(|(pointer, _)| pointer.clone()).collect::<Vec<_>>())
    };
    let check = |schema: &str, example: &str, expected: &[&str]| {
        let (shown, optional) = of(schema, example);
        assert_eq!((shown.as_str(), optional), (example, expected.iter().map(|it| (*it).to_owned()).collect()));
    };
    let name = "properties: {name: {type: string}, age: {type: integer}}";
    let oak = r#"{"name":"oak"}"#;
    check(&format!("type: object, {name}"), oak, &["/name"]);
    check(&format!("type: object, required: [name], {name}"), oak, &[]);
    check(&format!("allOf: [{{{name}}}, {{required: [name]}}]"), oak, &[]);
    check(&format!("type: object, {name}"), r#"{"age":9,"name":"oak"}"#, &["/age", "/name"]);
    // What no schema describes, the example alone says.
    check(&format!("type: object, {name}"), r#"{"height":9}"#, &[]);
    check(&format!("oneOf: [{{{name}}}, {{type: string}}]"), oak, &[""]);
    check(
        &format!("type: object, required: [part], properties: {{part: {{{name}}}}}"),
        r#"{"part":{"name":"oak"}}"#,
        &["/part/name"],
    );
    check(&format!("type: array, items: {{{name}}}"), r#"[{"name":"oak"},{"age":9}]"#, &["/0/name", "/1/age"]);
    check("type: object, properties: {a/b: {type: string}}", r#"{"a/b":"x"}"#, &["/a~1b"]);
    check("type: string", "\"oak\"", &[]);
}

#[test]
fn a_condition_is_on_the_version_that_the_call_before_shows() {
    let suite = |header: &str| {
        suite_of(&format!(
            "  /trees:\n    post: {{operationId: plant, responses: {{'201': {{description: d, headers: \
             {{{header}: {{schema: {{type: string}}}}}}, content: {{application/json: {{schema: {{type: object, \
             properties: {{id: {{type: string}}}}}}}}}}}}}}}}\n  /trees/{{id}}:\n    put:\n      operationId: prune\n      \
             parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}, {{name: if-match, in: header, \
             required: true, schema: {{type: string}}}}]\n      responses: {{'204': {{description: d}}}}\n"
        ))
    };
    let takes = |suite: &Suite| {
        let case = suite.cases.iter().find(|case| case.operation == "prune" && case.given.is_some()).unwrap();
        let taken = suite.setup(case)?.uses.get(&case.id).and_then(|uses| uses.get("header.if-match"));
        taken.map(|taken| taken.value.clone())
    };
    assert_eq!(takes(&suite("etag")).as_deref(), Some("$response.header.ETag"));
    assert_eq!(takes(&suite("X-Version")), None);
}

#[test]
fn a_condition_that_is_false_is_refused_where_412_is_documented() {
    let stale = |method: &str, schema: &str, status: &str| -> Vec<String> {
        let parameters = format!(
            "{{name: a, in: path, required: true, schema: {{type: integer}}, example: 7}}, {{name: If-Match, in: header, \
             schema: {schema}}}"
        );
        let responses = format!("{OK}, '{status}': {{description: d}}");
        let suite = suite_of(&operation(method, "/as/{a}", &parameters, &responses));
        let cases = suite.cases.iter().filter(|case| case.id.ends_with("header.If-Match.stale"));
        let sent = |case: &Case| case.request.parameters.iter().find(|it| it.name == "If-Match").unwrap().value.clone();
        cases.map(|case| format!("{} {}", sent(case), case.expected.status)).collect()
    };
    assert_eq!(stale("put", "{type: string}", "412"), ["\"no-such-version\" 412"]);
    assert_eq!(stale("delete", "{type: string}", "412"), ["\"no-such-version\" 412"]);
    assert!(stale("put", "{type: string}", "409").is_empty());
    assert!(stale("get", "{type: string}", "412").is_empty());
    assert!(stale("put", "{type: string, pattern: '^[0-9]+$'}", "412").is_empty());
}

#[test]
fn what_no_call_gives_is_presumed() {
    let presumed = |suite: &Suite, id: &str| {
        let found = suite.cases.iter().find(|case| case.id == id).and_then(|case| case.expected.presumes.clone());
        found.map(|it| (it.names, it.refusals, it.conflicts)).unwrap_or_default()
    };
    let names = || vec!["path.tree".to_owned()];
    let conflict = format!("{OK}, '409': {{description: d}}, '403': {{description: d}}");
    // No call says what was added, so the sample is sent.
    let suite = trees("'201': {description: d}", OK, FELLED, ", example: oak");
    assert_eq!(presumed(&suite, "show/described"), (names(), vec![404, 410], vec![]));
    let suite = trees("'201': {description: d}", &conflict, FELLED, ", example: oak");
    assert_eq!(presumed(&suite, "show/described"), (names(), vec![403, 409, 404, 410], vec![409]));
    let suite = trees(&format!("{PLANTED}, '409': {{description: d}}"), OK, FELLED, ", example: oak");
    assert_eq!(presumed(&suite, "plant/example"), (vec![], vec![], vec![409]));
}

#[test]
fn what_lists_its_values_is_no_sample() {
    // Nothing says what was added, so what the document shows for the tree is sent.
    let names = |variable: &str| {
        let text = format!(
            "  /trees/{{tree}}: {{parameters: [{{name: tree, in: path, required: true, {variable}}}],
    get: {{operationId: show, responses: {{'200': {{description: d, content: {{application/json: {{examples: {{
      old: {{value: {{}}}}, new: {{value: {{}}}}}}}}}}}}}}}}}}
components: {{schemas: {{Kind: {{enum: [oak, fir]}}, Text: {{type: string, example: oak}}}}}}
"
        );
        let suite = suite_of(&text);
        let Some(case) = suite.cases.iter().find(|case| case.id == "show/old") else {
            panic!("{variable}: {:#?}", suite.left_out)
        };
        case.expected.presumes.clone().map(|it| it.names).unwrap_or_default()
    };
    let listed = [
        "schema: {enum: [oak, fir]}",
        "schema: {const: oak}",
        "schema: {$ref: '#/components/schemas/Kind'}, example: oak",
        "schema: {allOf: [{$ref: '#/components/schemas/Kind'}, {description: d}]}, example: oak",
        "schema: {oneOf: [{const: oak, title: Oak}, {const: fir}]}, example: oak",
        "schema: {anyOf: [{$ref: '#/components/schemas/Kind'}, {enum: [ash]}]}, example: oak",
        "schema: {type: boolean}, example: true",
        "schema: {type: string}, examples: {old: {value: oak}, new: {value: fir}}",
    ];
    for variable in listed {
        assert_eq!(names(variable), Vec::<String>::new(), "{variable}");
    }
    let samples = [
        "schema: {type: string}, example: oak",
        "schema: {$ref: '#/components/schemas/Text'}",
        "schema: {anyOf: [{const: oak}, {type: string}]}, example: oak",
        "schema: {type: string}, examples: {another: {value: oak}}",
    ];
    for variable in samples {
        assert_eq!(names(variable), ["path.tree"], "{variable}");
    }
}

#[test]
fn what_is_made_is_the_item_and_no_variable_before_it() {
    let suite = |site: &str| {
        let names = "{name: wood, in: path, required: true, schema: {type: string}, example: north}";
        let tree = format!("{{name: tree, in: path, required: true, schema: {{{site}}}, example: oak}}");
        suite_of(&format!(
            "  /woods/{{wood}}/trees: {{parameters: [{names}], post: {{operationId: plant, responses: {{{PLANTED}}}}}}}
  /woods/{{wood}}/trees/{{tree}}: {{parameters: [{names}, {tree}], get: {{operationId: show, responses: {{{OK}}}}}}}
"
        ))
    };
    assert_eq!(given(&suite("type: string")), ["show after plant, which adds to /woods/{wood}/trees"]);
    assert_eq!(given(&suite("enum: [oak, fir]")), Vec::<String>::new());
}

#[test]
fn what_the_document_shows_is_not_deleted_where_it_has_no_such_method() {
    let deletes = |post: &str| {
        let suite = suite_of(&format!(
            "  /trees: {{post: {{operationId: plant, responses: {{{post}}}}}}}
  /trees/{{tree}}: {{parameters: [{{name: tree, in: path, required: true, schema: {{type: string}}, example: oak}}],
    get: {{operationId: show, responses: {{{OK}}}}}}}
"
        ));
        let deletes = suite.cases.into_iter().filter(|case| case.request.method == "DELETE");
        deletes.map(|case| (case.id, case.given)).filter(|(id, _)| id.starts_with("show")).collect::<Vec<_>>()
    };
    let added = Some("after plant, which adds to /trees".to_owned());
    assert_eq!(deletes(PLANTED), [("show/derived/method.delete".to_owned(), added)]);
    // The state cannot be made: the call needs one that no call makes.
    assert_eq!(deletes(&PLANTED.replace("description: d", "description: d, x-given: a forest")), []);
    assert_eq!(deletes("'201': {description: d}"), []);
}

#[test]
fn what_a_body_names_is_found_in_its_lists() {
    let suite = suite_of(
        "  /orders: {post: {operationId: order, requestBody: {content: {application/json: {schema: {type: object},
    example: {lines: [{product_id: p-1, count: 1}, {product_id: p-2}]}}}},
    responses: {'201': {description: d}, '422': {description: d}}}}
",
    );
    let presumed =
        suite.cases.iter().find(|case| case.id == "order/example").unwrap().expected.presumes.clone().unwrap();
    assert_eq!(presumed.names, ["body#/lines/0/product_id", "body#/lines/1/product_id"]);
}

#[test]
fn what_was_removed_is_looked_up() {
    let gone = |suite: &Suite| -> Vec<String> {
        let cases = suite.cases.iter().filter(|case| case.id.ends_with("_none"));
        cases.map(|case| format!("{} {} {}", case.id, case.kind.steps().join(","), case.expected.status)).collect()
    };
    let none = |status: u16| format!("{OK}, '{status}': {{description: none}}");
    let expected = |status: u16| [format!("fell/journey/described_then_show_none fell/described {status}")];
    assert_eq!(gone(&trees(PLANTED, &none(404), FELLED, "")), expected(404));
    assert_eq!(gone(&trees(PLANTED, &none(410), FELLED, "")), expected(410));
    // Nothing says that a look-up then fails; and what is documented is there once.
    assert_eq!(gone(&trees(PLANTED, OK, FELLED, "")), Vec::<String>::new());
    assert_eq!(gone(&trees(PLANTED, &none(404), FELLED, ", example: oak")), expected(404));
    let provided = "'204': {description: d, x-given: a tree}";
    assert_eq!(gone(&trees(PLANTED, &none(404), provided, ", example: oak")), expected(404));
}

#[test]
fn what_stands_beside_a_reference_is_said_of_this_use_of_it() {
    let text = "  /a: {get: {operationId: a, responses: {'200': {$ref: '#/components/responses/R', x-given: here}}}}
  /b: {get: {operationId: b, responses: {'200': {$ref: '#/components/responses/R'}}}}
  /c: {get: {operationId: c, responses: {'200': {description: d, content: {application/json: {examples: {
    one: {$ref: '#/components/examples/E', x-given: here}, two: {$ref: '#/components/examples/E'}}}}}}}}
  /d: {get: {operationId: d, responses: {'200': {description: d, x-given: here, content: {application/json: {examples: {
    one: {$ref: '#/components/examples/E'}}}}}}}}
components:
  responses: {R: {description: d, x-given: there, content: {application/json: {schema: {type: object}}}}}
  examples: {E: {x-given: there, value: {}}}
";
    let suite = suite_of(text);
    let cases = suite.cases.iter().filter(|case| ["documented", "described"].contains(&case.kind.name()));
    let found: Vec<String> =
        cases.map(|case| format!("{} {}", case.id, case.given.as_deref().unwrap_or_default())).collect();
    assert_eq!(found, ["a/described here", "b/described there", "c/one here", "c/two there", "d/one there"]);
}

/// The lifecycle on the page for strangers is one: nothing is wrong with it, and cases follow from it.
#[test]
fn the_lifecycle_of_the_page_is_read_as_the_page_says() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/extensions.md")).unwrap();
    let (_, block) = page.split_once("```yaml\n").unwrap();
    let (lifecycle, _) = block.split_once("```").unwrap();
    let operation = |method: &str, id: &str, path: &str, status: u16| {
        let parameter = "{name: order_id, in: path, required: true, schema: {type: string}, example: o-1}";
        let shown =
            "content: {application/json: {schema: {type: object}, examples: {done: {x-given: GIVEN, value: {}}}}}";
        let given = if id == "delete_order" { "a cancelled order" } else { "an open order" };
        let success = format!("'{status}': {{description: d, {}}}", shown.replace("GIVEN", given));
        format!(
            "  /orders/{{order_id}}{path}: {{{method}: {{operationId: {id}, parameters: [{parameter}], responses: {{{success}, \
             '404': {{description: d}}, '409': {{description: d}}}}}}}}\n"
        )
    };
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{}{}{}{lifecycle}",
        operation("post", "pay_order", "/pay", 200),
        operation("post", "cancel_order", "/cancel", 200),
        operation("delete", "delete_order", "", 200),
    );
    let document = Document::read("orders.yaml", &text).map_err(|found| found.to_string()).unwrap();
    let api = Api::of(&document);
    let wrong: Vec<_> =
        check(&api).0.into_iter().filter(|it| it.rule.contains("lifecycle") || it.rule.contains("given")).collect();
    assert_eq!(wrong, []);
    let suite = suite(&api);
    for id in [
        "pay_order/state/paid",
        "pay_order/state/twice_at_once",
        "cancel_order/state/unknown",
        "delete_order/state/open",
    ] {
        assert!(suite.case(id).is_some(), "{id}: {:?}", suite.cases.iter().map(|it| &it.id).collect::<Vec<_>>());
    }
}
