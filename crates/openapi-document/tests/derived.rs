//! The cases that follow from the constraints and the lifecycle of a document.
#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Case, Kind, Rule, Suite};
use openapi_document::{Api, Document};

/// A pump that is started and stopped, with every kind of constraint.
const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Pumps, version: '1'}
security: [{Key: []}]
paths:
  /pumps/{pump_id}/start:
    post:
      operationId: start_pump
      parameters:
        - {name: pump_id, in: path, required: true, schema: {type: string, maxLength: 4, pattern: '^[a-z0-9]*$'}, example: p1}
        - {name: speed, in: query, required: true, schema: {type: integer, minimum: 1, maximum: 9}, example: 5}
        - {name: mode, in: query, required: false, schema: {type: string}, example: eco}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [valve]
              properties:
                valve: {type: string, enum: [in, out]}
                force: {type: boolean}
            examples: {ok: {value: {valve: in, force: false}}, late: {value: {valve: in, force: false}}}
      responses:
        '200':
          description: Started.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Job'}
              examples: {ok: {x-given: a stopped pump, value: {job: j-1}}}
        '400': {$ref: '#/components/responses/Bad'}
        '401': {description: Who are you?}
        '404': {description: No pump.}
  /pumps/{pump_id}/stop:
    post:
      operationId: stop_pump
      parameters:
        - {name: pump_id, in: path, required: true, schema: {type: string, maxLength: 4}, example: p1}
      responses:
        '200':
          description: Stopped.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Job'}
              examples: {ok: {x-given: a running pump, value: {job: j-2}}}
        '409':
          description: It is stopped.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Failure'}
              examples: {stopped: {x-given: a stopped pump, value: {code: P.1, text: stopped}}}
components:
  securitySchemes: {Key: {type: apiKey, in: header, name: X-Key}}
  responses:
    Bad:
      description: Bad request.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Failure'}
          examples: {late: {x-given: a running pump, value: {code: P.2, text: running}}}
  schemas:
    Job:
      type: object
      properties: {job: {type: string, x-match: id, x-present-on: success}}
    Failure:
      type: object
      properties: {code: {type: string, x-match: equal}, text: {type: string}}
x-lifecycle:
  resource: pump
  identifier: pump_id
  states: {running: {}, stopped: {}}
  operations:
    start_pump: {from: [stopped], to: running}
    stop_pump: {from: [running], to: stopped}
  givens:
    a running pump: {state: running}
    a stopped pump: {state: stopped}
"##;

fn suite() -> Suite {
    // What the client generator would object to is another question.
    let document = Document::read("pumps.yaml", DOCUMENT).unwrap_or_else(|found| panic!("{found}"));
    openapi_document::suite(&Api::of(&document))
}

fn case<'s>(suite: &'s Suite, id: &str) -> &'s Case {
    suite.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn every_documented_constraint_is_broken_in_each_way() {
    let suite = suite();
    let derived = suite.cases.iter().filter_map(|case| match &case.kind {
        Kind::Derived { breaks, .. } => Some(format!("{} {:?}: {breaks}", case.id, case.expected.status)),
        _ => None,
    });
    assert_eq!(
        derived.collect::<Vec<_>>(),
        [
            "start_pump/derived/credential.missing 401: the credential `X-Key` is left out",
            "start_pump/derived/credential.wrong 401: the credential `X-Key` is nobody's",
            "start_pump/derived/credential.longer 401: the credential `X-Key` has a character more than the token",
            "start_pump/derived/credential.shorter 401: the credential `X-Key` lacks the last character of the token",
            "start_pump/derived/credential.other_case 401: the credential `X-Key` is the token with each letter in the other case",
            "start_pump/derived/credential.empty 401: the credential `X-Key` is empty",
            "start_pump/derived/credential.blank 401: the credential `X-Key` has only blanks",
            "start_pump/derived/credential.before 401: the credential `X-Key` has another word before the token",
            "start_pump/derived/path.pump_id.too_long 400: the path variable `pump_id` has 5 characters, 4 are allowed",
            r#"start_pump/derived/path.pump_id.pattern 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p-""#,
            r#"start_pump/derived/path.pump_id.pattern.underscore 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p_""#,
            r#"start_pump/derived/path.pump_id.pattern.sign 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p!""#,
            r#"start_pump/derived/path.pump_id.pattern.space 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p ""#,
            r#"start_pump/derived/path.pump_id.pattern.letter_beyond_ascii 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "pé""#,
            r#"start_pump/derived/path.pump_id.pattern.capital_letter 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "pA""#,
            r#"start_pump/derived/path.pump_id.pattern.digit_beyond_ascii 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p٣""#,
            r#"start_pump/derived/path.pump_id.pattern.dot 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p.""#,
            r#"start_pump/derived/path.pump_id.pattern.u003a 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p:""#,
            r#"start_pump/derived/path.pump_id.pattern.u0060 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p`""#,
            r#"start_pump/derived/path.pump_id.pattern.u007b 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p{""#,
            r#"start_pump/derived/path.pump_id.pattern.before 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "-p1""#,
            r#"start_pump/derived/path.pump_id.pattern.behind 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p1-""#,
            r#"start_pump/derived/path.pump_id.pattern.line_feed 400: the path variable `pump_id` does not match `^[a-z0-9]*$`: "p1\n""#,
            "start_pump/derived/query.speed.missing 400: the required query parameter `speed` is left out",
            "start_pump/derived/query.speed.type 400: the query parameter `speed` is no number: `seven`",
            "start_pump/derived/query.speed.fraction 400: the query parameter `speed` is no whole number: 1.5",
            "start_pump/derived/query.speed.too_small 400: the query parameter `speed` is too small: 0",
            "start_pump/derived/query.speed.too_large 400: the query parameter `speed` is too large: 10",
            "start_pump/derived/body.missing 400: the required body is left out",
            "start_pump/derived/body.not_json 400: the body is not JSON: it ends in the middle",
            "start_pump/derived/body.valve.missing 400: the required member `valve` is left out",
            "start_pump/derived/body.type 400: the body is a string in place of an object: `one`",
            "start_pump/derived/body.null 400: the body is null",
            "start_pump/derived/body.list 400: the body is a list of one",
            "start_pump/derived/body.valve.type 400: the member `valve` is a number in place of a string: 7",
            "start_pump/derived/body.valve.null 400: the member `valve` is null",
            "start_pump/derived/body.valve.list 400: the member `valve` is a list of one",
            "start_pump/derived/body.valve.unknown 400: the member `valve` is none of the documented values: `no-such-value`",
            "start_pump/derived/body.valve.other_case 400: the member `valve` is none of the documented values: `IN`",
            "start_pump/derived/body.valve.before 400: the member `valve` is none of the documented values: `xin`",
            "start_pump/derived/body.valve.behind 400: the member `valve` is none of the documented values: `inx`",
            "start_pump/derived/body.valve.shorter 400: the member `valve` is none of the documented values: `i`",
            "start_pump/derived/body.valve.empty 400: the member `valve` is none of the documented values: ``",
            "start_pump/derived/body.force.type 400: the member `force` is neither true nor false: `yes`",
            r#"start_pump/derived/body.force.as_text 400: the member `force` is a string: "false""#,
            "start_pump/derived/body.force.as_number 400: the member `force` is a number in place of true or false",
            "start_pump/derived/body.force.null 400: the member `force` is null",
            "start_pump/derived/body.force.list 400: the member `force` is a list of one",
            "stop_pump/derived/path.pump_id.too_long 409: the path variable `pump_id` has 5 characters, 4 are allowed",
            "start_pump/derived/method.get 405: the method GET is not documented for this path",
            "start_pump/derived/method.put 405: the method PUT is not documented for this path",
            "start_pump/derived/method.patch 405: the method PATCH is not documented for this path",
            "start_pump/derived/method.delete 405: the method DELETE is not documented for this path",
            "stop_pump/derived/method.get 405: the method GET is not documented for this path",
            "stop_pump/derived/method.put 405: the method PUT is not documented for this path",
            "stop_pump/derived/method.patch 405: the method PATCH is not documented for this path",
            "stop_pump/derived/method.delete 405: the method DELETE is not documented for this path",
        ]
    );
}

#[test]
fn nothing_is_asked_for_that_the_document_does_not_say() {
    let suite = suite();
    // stop_pump documents neither 401 nor 403; 409 may refuse a name that is too long, and so may every other refusal.
    let of_stop = suite.cases.iter().filter(|case| case.id.starts_with("stop_pump/derived/"));
    let of_stop: Vec<_> = of_stop.filter(|case| !case.id.contains("/method.")).map(|case| &case.kind).collect();
    assert!(matches!(of_stop[..], [Kind::Derived { any_refusal: true, .. }]), "{of_stop:?}");
    let untried: Vec<_> = suite.untried.iter().map(|it| format!("{}: {}", it.operation, it.reason)).collect();
    assert_eq!(
        untried,
        ["stop_pump: requests without a valid credential are not tried: neither 401 nor 403 is documented"]
    );
    let unauthorised = case(&suite, "start_pump/derived/credential.missing");
    let body = unauthorised.expected.body.as_ref().unwrap();
    assert!(body.undocumented && body.schema.is_none() && body.example.is_none());
    assert_eq!(body.rules.get("/job"), Some(&Rule::Blank), "a refusal names no job, whatever else it says");
    assert_eq!(case(&suite, "start_pump/derived/path.pump_id.too_long").expected.or, [404], "403 is not documented");
    assert!(case(&suite, "start_pump/derived/body.valve.type").expected.or.is_empty());
}

#[test]
fn a_refusal_has_the_shape_of_a_documented_one_and_values_of_its_own() {
    let suite = suite();
    let body = case(&suite, "start_pump/derived/body.missing").expected.body.as_ref().unwrap();
    assert_eq!(body.example.as_ref().unwrap()["code"], "P.2");
    assert!(!body.rules.values().any(|rule| *rule == Rule::Equal), "{:?}", body.rules);
}

/// The example by which the refusal of a request without its body is judged, where the responses are `responses`.
#[track_caller]
fn check_refusal(responses: &str, expected: serde_json::Value) {
    let text = format!(
        r##"
openapi: 3.0.3
info: {{title: Lamps, version: '1'}}
paths:
  /lamps:
    post:
      operationId: add_lamp
      requestBody:
        required: true
        content: {{application/json: {{schema: {{type: object, properties: {{watt: {{type: integer}}}}}}, example: {{watt: 5}}}}}}
      responses:
        '201': {{description: Added., content: {{application/json: {{example: {{id: l-1}}}}}}}}
{responses}
components:
  schemas:
    Loose: {{type: object, properties: {{code: {{type: string}}, text: {{type: string}}}}}}
    Strict:
      type: object
      required: [error]
      properties:
        error: {{type: object, required: [code], properties: {{code: {{type: string}}, target: {{type: string}}}}}}
        trace: {{type: string}}
    Either: {{oneOf: [{{$ref: '#/components/schemas/Loose'}}, {{$ref: '#/components/schemas/Strict'}}]}}
"##
    );
    let document = Document::read("lamps.yaml", &text).unwrap_or_else(|found| panic!("{found}"));
    let suite = openapi_document::suite(&Api::of(&document));
    let body = case(&suite, "add_lamp/derived/body.missing").expected.body.as_ref().unwrap();
    assert_eq!(serde_json::json!(body.example), expected, "{responses}");
}

#[test]
fn a_refusal_is_judged_by_what_its_own_status_documents() {
    let response = |status: u16, schema: &str, examples: &str| {
        format!(
            "        '{status}': {{description: No., content: {{application/json: \
             {{schema: {{$ref: '#/components/schemas/{schema}'}}, {examples}}}}}}}\n"
        )
    };
    let of_another = response(409, "Loose", "example: {code: L.9, text: there is one, owner: 7}");
    check_refusal(&(response(400, "Loose", "") + &of_another), serde_json::json!(null));
    check_refusal(
        &(response(400, "Loose", "example: {code: L.1, text: no body}") + &of_another),
        serde_json::json!({"code": "L.1", "text": "no body"}),
    );
    // Of several, what all have; an example that its schema refuses shows nothing.
    let several = "examples: {a: {value: {code: L.1, text: a, at: 3}}, b: {value: {code: L.2, text: b}}, \
                   c: {value: {code: 7}}}";
    check_refusal(&response(400, "Loose", several), serde_json::json!({"code": "L.1", "text": "a"}));
    // Where the schema says what is required, it says what is not.
    let nested = "example: {error: {code: L.1, target: watt}, trace: t-1}";
    check_refusal(&response(400, "Strict", nested), serde_json::json!({"error": {"code": "L.1"}}));
    check_refusal(&response(400, "Either", nested), serde_json::json!(null));
}

#[test]
fn effects_become_journeys() {
    let suite = suite();
    let journeys = suite.cases.iter().filter_map(|case| match &case.kind {
        Kind::Journey { after, .. }
            if after.iter().all(|step| !step.contains("/derived/") && !step.contains(".optional")) =>
        {
            Some(format!("{} from {} after {after:?}", case.id, case.given.as_deref().unwrap()))
        }
        _ => None,
    });
    assert_eq!(
        journeys.collect::<Vec<_>>(),
        [
            r#"start_pump/journey/ok_then_start_pump_late from a stopped pump after ["start_pump/ok"]"#,
            r#"start_pump/journey/ok_then_stop_pump_ok from a stopped pump after ["start_pump/ok"]"#,
            r#"stop_pump/journey/ok_then_stop_pump_stopped from a running pump after ["stop_pump/ok"]"#,
            r#"stop_pump/journey/ok_then_start_pump_ok from a running pump after ["stop_pump/ok"]"#,
            r#"start_pump/journey/late_then_stop_pump_ok from a running pump after ["start_pump/late"]"#,
            r#"stop_pump/journey/stopped_then_start_pump_ok from a stopped pump after ["stop_pump/stopped"]"#,
            "start_pump/state/twice_at_once from a stopped pump after []",
            "start_pump/state/two_at_once from a stopped pump after []",
            r#"start_pump/state/another_untouched from a stopped pump after ["start_pump/ok"]"#,
            "stop_pump/state/twice_at_once from a running pump after []",
            "stop_pump/state/two_at_once from a running pump after []",
            r#"stop_pump/state/another_untouched from a running pump after ["stop_pump/ok"]"#,
            "journey/ids_are_unique from a running pump after []",
        ]
    );
    let refused = case(&suite, "start_pump/journey/refused_then_ok");
    assert_eq!(refused.kind.steps().len(), 52);
    assert_eq!(refused.expected, case(&suite, "start_pump/ok").expected);
}
