//! Which requests are found to be nearly right, which statuses may refuse them, and what is said where none is documented.

#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Kind, Suite};
use openapi_document::{Api, Document, suite};

fn suite_of(paths: &str) -> Suite {
    let text = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{paths}");
    let suite = suite(&Api::of(&Document::read("t.yaml", &text).unwrap_or_else(|found| panic!("{found}"))));
    // Places are of this document, and not written.
    let written = Suite { places: Default::default(), ..suite.clone() };
    assert_eq!(Suite::from_json(&serde_json::to_string(&suite).unwrap()), Ok(written));
    suite
}

/// The ends of the ids of derived cases that begin with `part`, with the statuses that may refuse them (`+` for every
/// other); below them what is not tried.
#[track_caller]
fn check(part: &str, paths: &str, expected: &[&str]) {
    let suite = suite_of(paths);
    let cases = suite.cases.iter().filter_map(|case| {
        let Kind::Derived { any_refusal, .. } = case.kind else { return None };
        let end = case.id.split_once("/derived/")?.1.strip_prefix(part)?;
        let or: Vec<String> = case.expected.or.iter().map(|status| format!(" {status}")).collect();
        Some(format!("{end} {}{}{}", case.expected.status, or.concat(), if any_refusal { " +" } else { "" }))
    });
    let untried = suite.untried.iter().map(|untried| format!("not {}: {}", untried.operation, untried.reason));
    assert_eq!(cases.chain(untried).collect::<Vec<_>>(), expected);
}

/// An operation with one query parameter of this schema, and these responses beside its success.
fn query(schema: &str, refusals: &str) -> String {
    let parameter = format!("{{name: q, in: query, required: true, schema: {schema}}}");
    format!(
        "  /a: {{get: {{operationId: a, parameters: [{parameter}], responses: {{'200': {{description: d}}{refusals}}}}}}}\n"
    )
}

/// An operation with a required body of this schema and value.
fn body(schema: &str, example: &str) -> String {
    let content = format!("{{application/json: {{schema: {schema}, example: {example}}}}}");
    let responses = "{'204': {description: d}, '400': {description: d}}";
    format!(
        "  /a: {{post: {{operationId: a, requestBody: {{required: true, content: {content}}}, responses: {responses}}}}}\n"
    )
}

#[test]
fn the_status_that_says_it_is_preferred() {
    let schema = "{type: boolean, example: true}";
    let refused = |statuses: &[&str]| {
        statuses.iter().map(|status| format!(", '{status}': {{description: d}}")).collect::<String>()
    };
    for (statuses, expected) in [
        (&["400", "409"][..], "400"),
        (&["400", "422"], "400 422"),
        (&["422"], "422"),
        (&["409"], "409 +"),
        (&["4XX"], "400 +"),
        (&["404", "default"], "400 +"),
        (&["400", "default"], "400 +"),
    ] {
        let expected = [format!("missing {expected}"), format!("type {expected}")];
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check("query.q.", &query(schema, &refused(statuses)), &expected);
    }
    let untried = "not a: 2 requests that break a constraint are not tried: no status of their refusal (400, 422, …) is documented";
    for statuses in [&[][..], &["404"], &["401", "500"]] {
        check("query.q.", &query(schema, &refused(statuses)), &[untried]);
    }
}

#[test]
fn outside_of_bodies_a_text_is_wrong_if_no_reading_of_it_is_right() {
    let check = |schema: &str, expected: &[&str]| {
        let expected: Vec<String> = ["missing"].iter().chain(expected).map(|end| format!("{end} 400")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check("query.q.", &query(schema, ", '400': {description: d}"), &expected);
    };
    check("{type: string, example: x}", &[]);
    check("{type: integer, minimum: 1, exclusiveMaximum: 10}", &["type", "fraction", "too_small", "too_large"]);
    check("{type: number, minimum: 1}", &["type", "too_small"]);
    check("{type: integer, multipleOf: 5, example: 10}", &["type", "fraction", "multiple"]);
    check("{type: integer, enum: [1, 2]}", &["type", "fraction", "unknown", "previous"]);
    check("{type: [string, integer], example: x}", &[]);
    check("{type: string, enum: [ab, AB]}", &["unknown", "before", "behind", "shorter", "empty"]);
    let no_case = "{type: string, description: Not case-sensitive., enum: [ab]}";
    check(&no_case.replace("enum: [ab]", "enum: [ab, c]"), &["unknown", "before", "behind", "shorter", "empty"]);
    check("{type: string, format: date}", &["format"]);
    check("{type: string, format: uuid, maxLength: 36}", &["too_long", "format"]);
    check(
        "{type: array, items: {type: string, enum: [a, b]}}",
        &["unknown", "other_case", "before", "behind", "empty"],
    );
}

#[test]
fn what_is_right_for_an_alternative_is_not_wrong() {
    let schema =
        "{type: object, required: [a], properties: {a: {oneOf: [{type: string, enum: [x]}, {type: integer}]}}}";
    let ends = ["missing 400", "unknown 400", "other_case 400", "before 400", "behind 400", "empty 400"];
    let suite = suite_of(&body(schema, "{a: x}"));
    let of_a = suite.cases.iter().filter_map(|case| case.id.strip_prefix("a/derived/body.a."));
    // A number is right, and so is left out; a list is not.
    assert!(of_a.clone().all(|end| end != "type"), "{:?}", of_a.collect::<Vec<_>>());
    assert!(ends.len() > of_a.count());
    check(
        "body.a.",
        &body("{type: object, properties: {a: {type: [string, 'null']}}}", "{a: x}"),
        &["type 400", "list 400"],
    );
    check(
        "body.a.",
        &body("{type: object, properties: {a: {type: integer}}}", "{a: 1}"),
        &["type 400", "fraction 400", "as_text 400", "null 400", "list 400"],
    );
}

#[test]
fn what_only_a_reply_has_is_left_alone() {
    let schema = "{type: object, required: [a], properties: {a: {type: object, required: [b], properties: \
                  {b: {type: boolean}, c: {type: string, readOnly: true}}}}}";
    check(
        "body.a.",
        &body(schema, "{a: {b: true}}"),
        &[
            "missing 400",
            "b.missing 400",
            "type 400",
            "null 400",
            "list 400",
            "b.type 400",
            "b.as_text 400",
            "b.as_number 400",
            "b.null 400",
            "b.list 400",
        ],
    );
}

#[test]
fn a_thing_that_may_not_exist_may_be_looked_for_first() {
    let parameters = "[{name: id, in: path, required: true, schema: {type: integer}, example: 4}, \
                      {name: q, in: query, schema: {type: boolean}}]";
    let responses = "{'200': {description: d}, '400': {description: d}, '404': {description: d}}";
    let path = format!("  /a/{{id}}: {{get: {{operationId: a, parameters: {parameters}, responses: {responses}}}}}\n");
    check("query.q.", &path, &["type 400 404"]);
    check("path.id.", &path, &["unknown 404 400", "type 400 404", "fraction 400 404"]);
}

#[test]
fn the_other_methods_of_an_address_are_no_operations_of_it() {
    let operation = |id: &str| format!("{{operationId: {id}, responses: {{'200': {{description: d}}}}}}");
    let methods = |paths: &str| {
        let suite = suite_of(paths);
        suite
            .cases
            .iter()
            .filter_map(|case| case.id.split_once("/derived/method.").map(|it| format!("{} {}", it.0, it.1)))
            .collect::<Vec<_>>()
    };
    let one = format!("  /a: {{get: {}, put: {}}}\n", operation("show"), operation("set"));
    assert_eq!(methods(&one), ["show post", "show patch"], "a thing that is deleted is gone");
    // Two keys of one address, and a path that the address of another one fits.
    let labels = format!("  /a#x: {{post: {}}}\n  /a#y: {{delete: {}}}\n", operation("x"), operation("y"));
    assert_eq!(methods(&labels), ["x get", "x put", "x patch"]);
    let parameter = "parameters: [{name: id, in: path, required: true, schema: {type: string}, example: i}]";
    let alike = format!(
        "  /a/mine: {{get: {}}}\n  '/a/{{id}}': {{{parameter}, delete: {}}}\n",
        operation("mine"),
        operation("drop")
    );
    assert_eq!(methods(&alike), ["mine post", "mine put", "mine patch", "drop post", "drop put", "drop patch"]);
    let elsewhere = format!("  /a: {{x-methods-elsewhere: [get, delete], post: {}}}\n", operation("add"));
    assert_eq!(methods(&elsewhere), ["add put", "add patch"]);
    let looked_at = format!(
        "  /a: {{post: {}}}\nx-lifecycle: {{resource: a, identifier: a, states: {{}}, look: {{paths: [/a], status: /s}}}}\n",
        operation("add")
    );
    assert_eq!(methods(&looked_at), ["add put", "add patch"]);
}

#[test]
fn what_is_not_tried_is_said() {
    let operation = "{operationId: a, parameters: [{name: c, in: cookie, schema: {type: integer}}, \
                     {name: l, in: query, required: true, explode: false, schema: {type: array, items: {type: integer}}, example: [1]}], \
                     requestBody: {required: true, content: {text/csv: {example: 'a,b'}}}, \
                     responses: {'200': {description: d}, '400': {description: d}}}";
    check(
        "query.l.",
        &format!("  /a: {{post: {operation}}}\n"),
        &[
            "missing 400",
            "not a: the constraints of the cookies `c` are not tried",
            "not a: the constraints of `l` are not tried: the value is a list or an object, and written as a text",
            "not a: the constraints of the body are not tried: only a body of JSON is changed",
        ],
    );
}
