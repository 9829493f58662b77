//! What becomes of documents that were not written for a suite: values that are made, bodies that are composed, replies
//! without an example.

#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Case, Kind, Origin, Suite};
use openapi_document::{Api, Document, contract, suite};

fn suite_of(paths: &str) -> Suite {
    let text = format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{paths}");
    let suite = suite(&Api::of(&Document::read("t.yaml", &text).unwrap()));
    // The reader is strict.
    // Places are of this document, and not written.
    let written = Suite { places: Default::default(), ..suite.clone() };
    assert_eq!(Suite::from_json(&serde_json::to_string(&suite).unwrap()), Ok(written));
    suite
}

/// The cases, a line for each (`?` marks what was made, `!` what only the user has), and what is left out.
#[track_caller]
fn check(paths: &str, expected: &[&str]) {
    let suite = suite_of(paths);
    let cases = suite.cases.iter().filter(|case| ["documented", "described"].contains(&case.kind.name())).map(line);
    let left_out = suite.left_out.iter().map(|it| format!("no {}: {}", it.operation, it.reason));
    assert_eq!(cases.chain(left_out).collect::<Vec<_>>(), expected);
}

fn line(case: &Case) -> String {
    let mark = |origin: Origin| match origin {
        Origin::Documented => "",
        Origin::Made => "?",
        Origin::Open => "!",
    };
    let mut line = case.id.clone();
    if let Kind::Contradiction { reason } = &case.kind {
        return format!("{line} broken: {reason}");
    }
    for parameter in &case.request.parameters {
        line += &format!(" {}={}{}", parameter.name, parameter.value, mark(parameter.origin));
    }
    if let Some(body) = &case.request.body {
        line += &format!(" {}", body.value);
        for (pointer, origin) in &body.made {
            line += &format!(" {pointer}{}", mark(*origin));
        }
    }
    let expected = &case.expected;
    line +=
        &if expected.class { format!(" -> {}XX", expected.status / 100) } else { format!(" -> {}", expected.status) };
    for status in &expected.or {
        line += &format!(" or {status}");
    }
    if let Some(body) = &expected.body {
        line += if body.example.is_some() { " as shown" } else { " by schema" };
    }
    line
}

const REPLY: &str = "'200': {description: d, content: {application/json: {schema: {type: object}}}}";

#[test]
fn an_operation_without_an_example_is_judged_by_status_and_schema() {
    check(
        &format!(
            "  /lids/{{lid}}:
    delete: {{operationId: drop_lid, parameters: [{{name: lid, in: path, required: true, schema: {{type: integer}}, example: 4}}], responses: {{'204': {{description: gone}}}}}}
  /pots: {{get: {{operationId: pots, responses: {{{REPLY}, '206': {{description: d}}}}}}}}
  /pans: {{get: {{operationId: pans, responses: {{'404': {{description: d}}}}}}}}
  /moved: {{get: {{operationId: moved, responses: {{'302': {{description: d}}}}}}}}
"
        ),
        &[
            "pots/described -> 200 or 206 by schema",
            "moved/described -> 302",
            "drop_lid/described lid=4 -> 204",
            "no pans: no success is documented",
        ],
    );
}

#[test]
fn a_made_value_is_open_where_it_could_name_something() {
    let query = |schema: &str| format!("{{name: q, in: query, required: true, schema: {schema}}}");
    let lid = |example: &str| format!("{{name: lid, in: path, required: true, schema: {{type: string}}{example}}}");
    check(
        &format!(
            "  /lids/{{lid}}: {{get: {{operationId: known, parameters: [{}], responses: {{{REPLY}}}}}}}
  /lids/{{lid}}/knob: {{get: {{operationId: below, parameters: [{}], responses: {{{REPLY}}}}}}}
  /pots/{{lid}}: {{get: {{operationId: other, parameters: [{}], responses: {{{REPLY}}}}}}}
  /safe: {{get: {{operationId: safe, parameters: [{}], responses: {{{REPLY}, '400': {{description: d}}, '401': {{description: d}}}}}}}}
  /unsafe: {{delete: {{operationId: unsafe, parameters: [{}], responses: {{{REPLY}}}}}}}
  /alike: {{get: {{operationId: alike, parameters: [{}], responses: {{{REPLY}}}}}}}
",
            lid(", example: l1"),
            lid(""),
            lid(""),
            query("{type: integer, minimum: 5}"),
            query("{type: boolean}"),
            query("{type: integer, format: int64}"),
        ),
        &[
            "known/described lid=l1 -> 200 by schema",
            "below/described lid=l1 -> 200 by schema",
            "other/described lid=string! -> 200 by schema",
            "safe/described q=5? -> 200 or 400 by schema",
            "alike/described q=1? -> 200 by schema",
            "unsafe/described q=false! -> 200 by schema",
        ],
    );
}

#[test]
fn a_body_is_composed_of_what_its_schema_shows() {
    let post = |name: &str, schema: &str| {
        let body = format!("requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}");
        format!("  /{name}: {{post: {{operationId: {name}, {body}, responses: {{'201': {{description: d}}}}}}}}\n")
    };
    let paths = [
        post(
            "shown",
            "{type: object, required: [a, b, c, d], properties: {a: {type: string, example: x}, b: {type: integer, default: 3}, c: {enum: [u, v]}, d: {type: string, maxLength: 3}, e: {type: string}, f: {type: string, readOnly: true}}}",
        ),
        post("optional", "{type: object, properties: {a: {type: string, example: x}, b: {type: string}}}"),
        post("wrong", "{type: object, required: [a], properties: {a: {type: integer, example: seven}}}"),
        post("names", "{type: object, required: [potId], properties: {potId: {type: string}}}"),
        post(
            "deep",
            "{type: object, required: [pot], properties: {pot: {type: object, required: [id], properties: {id: {type: string}}}}}",
        ),
        post("pattern", "{type: string, pattern: '^[A-Z]{2}-\\d+(x|y)$', minLength: 6}"),
        post(
            "parts",
            "{allOf: [{type: object, required: [a], properties: {a: {type: boolean}}}, {anyOf: [{type: object, required: [b], properties: {b: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1}}}, {type: object}]}]}",
        ),
        post(
            "nested",
            "{type: array, minItems: 2, items: {type: array, minItems: 2, items: {type: string, format: date}}}",
        ),
    ];
    check(
        &paths.concat(),
        &[
            r#"shown/described {"a":"x","b":3,"c":"u","d":"str"} /d? -> 201"#,
            r#"optional/described {"a":"x"} -> 201"#,
            r#"wrong/described {"a":1} /a? -> 201"#,
            r#"names/described {"potId":"string"} /potId! -> 201"#,
            r#"pattern/described "AA-11x" ? -> 201"#,
            r#"parts/described {"a":false,"b":1} /a? /b? -> 201"#,
            r#"nested/described [["2024-01-01","2024-01-01"],["2024-01-01","2024-01-01"]] /0/0? -> 201"#,
            "no deep: the request body is required and has no example: `/pot/id` names something, and no value is documented for it",
        ],
    );
}

#[test]
fn a_request_without_a_reply_of_its_name_is_sent_and_judged_by_schema() {
    check(
        "  /pots:
    post:
      operationId: add
      requestBody: {required: true, content: {application/json: {schema: {type: object}, examples: {small: {value: {size: 1}}, large: {value: {size: 9}}}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object}, examples: {small: {value: {id: p}}, odd: {value: {id: q}}}}}}
        '409': {description: d, content: {application/json: {examples: {large: {value: {code: 1}}}}}}
  /lids:
    post:
      operationId: lone
      requestBody: {required: true, content: {application/json: {example: {size: 1}}}}
      responses:
        '200': {description: d, content: {application/json: {example: {id: p}}}}
        '409': {description: d, content: {application/json: {example: {code: 1}}}}
",
        &[
            r#"add/small {"size":1} -> 200 as shown"#,
            r#"add/large {"size":9} -> 409 as shown"#,
            r#"lone/example.200 {"size":1} -> 200 as shown"#,
            "no add: no request example is called `odd`, as this response example is",
            "no lone: nothing says how this failure is provoked",
        ],
    );
}

#[test]
fn a_range_and_the_default_are_judged_by_their_class() {
    let json = "content: {application/json: {schema: {type: object}, example: {a: 1}}}";
    check(
        &format!(
            "  /range: {{get: {{operationId: range, responses: {{2XX: {{description: d, {json}}}}}}}}}
  /only: {{get: {{operationId: only, responses: {{default: {{description: d, {json}}}}}}}}}
  /beside: {{get: {{operationId: beside, responses: {{'204': {{description: d}}, default: {{description: d, {json}}}}}}}}}
"
        ),
        &[
            "range/example -> 2XX as shown",
            "only/example -> 2XX as shown",
            "beside/described -> 204",
            "no beside: nothing says how this failure is provoked",
        ],
    );
}

#[test]
fn an_example_that_contradicts_its_schema_is_never_sent() {
    let schema = "schema: {type: object, required: [lid], properties: {lid: {type: string}}}";
    check(
        &format!(
            "  /pots:
    post:
      operationId: pots
      requestBody: {{required: true, content: {{application/json: {{{schema}, example: {{lid: 1}}}}}}}}
      responses:
        '200': {{description: d, content: {{application/json: {{{schema}, examples: {{text: {{value: '{{\"lid\": \"l\"}}'}}, number: {{value: {{lid: 7}}}}}}}}}}}}
"
        ),
        &[
            "pots/example broken: t.yaml:8:157: the request example contradicts its own schema at /lid: expected a string, found a number: 1",
            "pots/number broken: t.yaml:10:202: the example contradicts its own schema at /lid: expected a string, found a number: 7",
            // Only its status and media type are judged.
            "pots/described {\"lid\":\"string\"} /lid? -> 200 by schema",
            "no pots: no request example is called `text`, as this response example is",
        ],
    );
    let suite = suite_of(&format!(
        "  /p: {{get: {{operationId: p, responses: {{'200': {{description: d, content: {{application/json: {{{schema}, example: '{{\"lid\": \"l\"}}'}}}}}}}}}}}}\n"
    ));
    assert_eq!(suite.cases[0].expected.body.as_ref().unwrap().example, Some(serde_json::json!({"lid": "l"})));
}

#[test]
fn a_contradiction_costs_the_case_it_is_in_and_no_other() {
    let body = |example: &str| {
        format!(
            "requestBody: {required}{{application/json: {{schema: {{type: object, required: [n], properties: {{n: {{type: integer}}}}}}, {example}}}}}}}",
            required = "{required: true, content: "
        )
    };
    let shown = "'200': {description: d, content: {application/json: {schema: {type: object}, examples: {good: {value: {a: 1}}}}}}";
    let refused = "'400': {description: d, content: {application/json: {examples: {bad: {value: {code: 7}}}}}}";
    let query = |example: &str| {
        format!("parameters: [{{name: q, in: query, required: true, schema: {{type: integer}}, {example}}}]")
    };
    check(
        &format!(
            "  /requests: {{post: {{operationId: requests, {}, responses: {{{shown}}}}}}}
  /refusals: {{post: {{operationId: refusals, {}, responses: {{{shown}, {refused}}}}}}}
  /values: {{get: {{operationId: values, {}, responses: {{{shown}}}}}}}
  /texts: {{get: {{operationId: texts, {}, responses: {{{shown}}}}}}}
",
            body("examples: {good: {value: {n: one}}}"),
            body("examples: {good: {value: {n: 1}}, bad: {value: {n: one}}}"),
            query("example: one"),
            query("example: '1'"),
        ),
        &[
            "requests/good broken: t.yaml:5:206: the request example contradicts its own schema at /n: expected an integer, found a string: \"one\"",
            r#"requests/described {"n":1} /n? -> 200 by schema"#,
            r#"refusals/good {"n":1} -> 200 as shown"#,
            // What is refused may be wrong.
            r#"refusals/bad {"n":"one"} -> 400 as shown"#,
            "values/good broken: t.yaml:7:124: the example of the parameter `q` contradicts its own schema: expected an integer, found a string: \"one\"",
            "texts/good q=1 -> 200 as shown",
        ],
    );
}

#[test]
fn numbers_are_sent_as_they_are_written() {
    let suite = suite_of(
        "  /sums:
    put:
      operationId: sums
      parameters:
        - {name: n, in: query, required: true, schema: {type: number}, example: 98765432109876543210.50}
        - {name: list, in: query, required: true, explode: false, schema: {type: array}, example: [1.0, 1e3]}
      requestBody: {required: true, content: {application/json: {example: {sum: 31415926535897932384626433, rate: 1.50}}}}
      responses: {'204': {description: d}}
",
    );
    let request = &suite.cases[0].request;
    let values: Vec<_> = request.parameters.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(values, ["98765432109876543210.50", "1.0,1e3"]);
    let body = request.body.as_ref().unwrap();
    assert!(body.raw);
    assert_eq!(body.value, r#"{"sum":31415926535897932384626433,"rate":1.50}"#);
}

#[test]
fn a_body_is_sent_only_as_what_its_media_type_is() {
    let put = |name: &str, media_type: &str, example: &str| {
        let body = format!("requestBody: {{required: true, content: {{{media_type}: {{example: {example}}}}}}}");
        format!("  /{name}: {{put: {{operationId: {name}, {body}, responses: {{'204': {{description: d}}}}}}}}\n")
    };
    let paths = [
        put("object", "text/xml", "{pot: 1}"),
        put("word", "application/soap+xml", "pot"),
        put("xml", "application/xml", "<pot/>"),
        put("parts", "multipart/form-data", "pot"),
    ];
    check(
        &paths.concat(),
        &[
            r#"xml/example "<pot/>" -> 204"#,
            "no object: the example of a `text/xml` body is a value and not the text to send",
            "no word: the example of a `application/soap+xml` body is a value and not the text to send",
            "no parts: the example of a `multipart/form-data` body is a value and not the text to send",
        ],
    );
}

#[test]
fn objects_in_a_query_and_optional_parameters() {
    let suite = suite_of(&format!(
        "  /pots:
    get:
      operationId: pots
      parameters:
        - {{name: size, in: query, required: true, style: deepObject, schema: {{type: object}}, example: {{min: 1, max: 2}}}}
        - {{name: by, in: query, required: true, schema: {{type: object}}, example: {{age: 3}}}}
        - {{name: X-Where, in: header, required: true, schema: {{type: object}}, example: {{x: 1, y: 2}}}}
        - {{name: filter, in: query, required: true, content: {{application/json: {{schema: {{type: object}}, example: {{a: [1]}}}}}}}}
        - {{name: page, in: query, schema: {{type: integer}}, example: 2}}
        - {{name: plain, in: query, schema: {{type: integer}}}}
      responses: {{{REPLY}}}
"
    ));
    assert_eq!(
        line(&suite.cases[0]),
        r#"pots/described size[min]=1 size[max]=2 age=3 X-Where=x,1,y,2 filter={"a":[1]} -> 200 by schema"#
    );
    assert!(suite.cases[0].request.unsent.is_empty());
    let second = &suite.cases[1];
    assert_eq!((second.id.as_str(), line(second).contains(" page=2 ")), ("pots/described.optional", true));
}

#[test]
fn what_no_request_tells_apart_is_said_in_the_contract() {
    let get = |id: &str, parameter: &str| {
        format!("get: {{operationId: {id}, parameters: [{parameter}], responses: {{{REPLY}}}}}")
    };
    let variable = |name: &str| format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}");
    let of = |extra: &str| format!("{}, {extra}", variable("a"));
    let text = format!(
        "openapi: 3.0.3
info: {{title: T, version: '1'}}
servers: [{{url: /}}]
paths:
  /pots/{{a}}: {{{}}}
  /pots/{{b}}: {{{}}}
  /pots/{{a}}#size: {{{}}}
  /pots/{{a}}#X-As=old: {{{}}}
",
        get("first", &variable("a")),
        get("second", &variable("b")),
        get("sized", &of("{name: size, in: query, required: true, schema: {type: integer}}")),
        get("old", &of("{name: X-As, in: header, required: true, schema: {type: string, enum: [old]}}")),
    );
    let document = Document::read("t.yaml", &text).unwrap();
    let api = Api::of(&document);
    let alike: Vec<_> = contract(&api).operations.into_iter().map(|it| (it.id, it.alike)).collect();
    let own = |id: &str, alike: &[&str]| (id.to_owned(), alike.iter().map(|it| (*it).to_owned()).collect());
    assert_eq!(alike, [own("first", &["second"]), own("second", &["first"]), own("sized", &[]), own("old", &[])]);
    assert!(openapi_document::check(&api).0.iter().all(|found| found.rule != "label"));
}
