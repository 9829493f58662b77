//! How replies are judged by what a document says of them, from the document to the finding.

#![allow(clippy::unwrap_used)]

use conformance_engine::check::{Level, compare};
use conformance_engine::exchange::Reply;
use conformance_engine::schema::Schemas;
use openapi_document::{Api, Document, suite};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The findings of a reply to `GET /t`, of which the document has these responses, a line for each; what is not judged
/// comes last.
#[track_caller]
fn judged(version: &str, responses: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<String> {
    let text = format!(
        "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{/t: {{get: {{operationId: t, responses: {responses}}}}}}}\n{COMPONENTS}"
    );
    let document = Document::read("t.yaml", &text).map_err(|found| found.to_string()).unwrap();
    let suite = suite(&Api::of(&document));
    // What is written is what is read.
    let suite = conformance_engine::suite::Suite::from_json(&serde_json::to_string(&suite).unwrap()).unwrap();
    let case = suite.cases.first().unwrap_or_else(|| panic!("no case: {:?}", suite.left_out));
    let headers = headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
    let reply = Reply { status, headers, body: body.to_vec().into(), ..Reply::default() };
    let found = compare(case, &Schemas::new(&suite.schemas), &reply, Level::Documented);
    let place = |pointer: Option<&str>| pointer.map(|pointer| format!("{pointer} ")).unwrap_or_default();
    let mismatches =
        found.mismatches.iter().map(|it| format!("{}{it}", place(it.pointer().filter(|at| !at.is_empty()))));
    let faults = found.schema_faults.iter().map(|fault| format!("schema: {fault}"));
    let unjudged = found.unjudged.iter().map(|what| format!("not judged: {what}"));
    mismatches.chain(faults).chain(unjudged).collect()
}

const COMPONENTS: &str = "
components:
  schemas:
    Walk: {type: object, required: [kind, steps], properties: {kind: {type: string}, steps: {type: integer}}}
    Ride: {type: object, required: [kind], properties: {kind: {type: string}, steps: {type: string}, gear: {type: integer}}}
    Trip:
      oneOf: [{$ref: '#/components/schemas/Walk'}, {$ref: '#/components/schemas/Ride'}]
      discriminator: {propertyName: kind, mapping: {w: '#/components/schemas/Walk', r: Ride}}
";

/// One line is found that begins like this; nothing if it is empty.
#[track_caller]
fn check(found: &[String], expected: &str, row: &str) {
    match (found, expected) {
        ([], "") => {}
        ([only], start) if !start.is_empty() && only.starts_with(start) => {}
        _ => panic!("{row}\nexpected {expected:?}\nfound {found:#?}"),
    }
}

/// A JSON body with this schema.
#[track_caller]
fn json(schema: &str, body: &str, expected: &str) {
    let responses = format!("{{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}");
    check(&judged("3.1.0", &responses, 200, &[JSON], body.as_bytes()), expected, &format!("{schema} {body}"));
}

/// The same in OpenAPI 3.0.
#[track_caller]
fn json_3_0(schema: &str, body: &str, expected: &str) {
    let responses = format!("{{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}");
    check(&judged("3.0.3", &responses, 200, &[JSON], body.as_bytes()), expected, &format!("{schema} {body}"));
}

/// The header `X-A`, described like this, with these values.
#[track_caller]
fn header(described: &str, values: &[&str], expected: &str) {
    let responses = format!("{{'204': {{description: d, headers: {{X-A: {described}}}}}}}");
    let headers: Vec<_> = values.iter().map(|value| ("x-a", *value)).collect();
    check(&judged("3.1.0", &responses, 204, &headers, b""), expected, &format!("{described} {values:?}"));
}

/// A body of `media`, described like this, that comes as `content_type`.
#[track_caller]
fn body(media: &str, described: &str, content_type: &str, body: impl AsRef<[u8]>, expected: &str) {
    let responses = format!("{{'200': {{description: d, content: {{{media}: {described}}}}}}}");
    let headers: Vec<_> = [("Content-Type", content_type)].into_iter().filter(|it| !it.1.is_empty()).collect();
    let body = body.as_ref();
    let row = format!("{media} {described} {content_type}");
    check(&judged("3.2.0", &responses, 200, &headers, body), expected, &row);
}

#[test]
fn headers() {
    header("{required: true, schema: {type: string}}", &["a"], "");
    header("{required: true}", &[], "expected the header `X-A`, found none");
    header("{schema: {type: integer}}", &[], "");
    header("{schema: {type: integer}}", &["5"], "");
    header("{schema: {type: integer}}", &["many"], "the header `X-A`: expected an integer, found a string: \"many\"");
    header("{schema: {type: integer, maximum: 3}}", &["5"], "the header `X-A`: expected at most 3, found 5");
    header("{schema: {type: integer, format: int32}}", &["3000000000"], "the header `X-A`: expected -2147483648 to");
    header("{schema: {type: string, enum: [on, off]}}", &["On"], "the header `X-A`: expected one of \"on\", \"off\"");
    header("{schema: {type: string, pattern: '^\\d+$'}}", &["7"], "");
    header("{schema: {type: string, pattern: '^\\d+$'}}", &["7a"], "the header `X-A`: expected a match of");
    header("{schema: {type: string, format: date-time}}", &["yesterday"], "the header `X-A`: expected a date and time");
    header("{schema: {type: string, format: phone}}", &["1"], "not judged: the format `phone` of the header `X-A`");
    header("{schema: {type: array, items: {type: integer}}}", &["1, 2,3"], "");
    header("{schema: {type: array, items: {type: integer}}}", &["1", "2"], "");
    header("{schema: {type: array, items: {type: integer}}}", &["1, b"], "the header `X-A`: /1: expected an integer");
    header("{explode: true, schema: {properties: {a: {type: integer}}, type: object}}", &["a=1,b=2"], "");
    header("{schema: {properties: {a: {type: integer}}, type: object}}", &["a,x"], "the header `X-A`: /a: expected");
    header("{content: {application/json: {schema: {required: [a]}}}}", &["{\"a\": 1}"], "");
    header("{content: {application/json: {schema: {required: [a]}}}}", &["{}"], "the header `X-A`: /a: expected this");
    header("{content: {application/json: {schema: {}}}}", &["{"], "the header `X-A`: expected JSON, found a value");
    header("{content: {application/cbor: {schema: {}}}}", &["a"], "not judged: the value of the header `X-A`");
    // A header of this name is ignored, in any case of letters.
    let responses = "{'204': {description: d, headers: {content-TYPE: {required: true, schema: {type: integer}}}}}";
    check(&judged("3.0.3", responses, 204, &[], b""), "", responses);
    // A secret is not shown.
    let responses = "{'204': {description: d, headers: {Set-Cookie: {schema: {type: string, pattern: '^a='}}}}}";
    let found = judged("3.0.3", responses, 204, &[("Set-Cookie", "a=1"), ("Set-Cookie", "b=hidden")], b"");
    check(&found, "the header `Set-Cookie`: expected what its schema describes, found another value (pattern)", "");
}

#[test]
fn formats() {
    for (format, right, wrong) in [
        ("date-time", "2024-02-29T12:00:00.5+01:00", "2024-02-30T12:00:00Z"),
        ("date", "2024-02-29", "2023-02-29"),
        ("time", "12:00:00Z", "12:00:00"),
        ("duration", "P1DT2H", "1 day"),
        ("uuid", "08a898ae-3ff8-40e8-a7ed-03afe05aedbb", "08a898ae3ff840e8a7ed03afe05aedbb"),
        ("uri", "https://example.org/a?b#c", "example.org"),
        ("uri-reference", "../a", "a b"),
        ("email", "a@example.org", "a.example.org"),
        ("hostname", "example.org", "-example.org"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", "127.0.0.1"),
        ("ip", "::1", "localhost"),
        ("byte", "aGVsbG8=", "aGVsbG8"),
        ("byte", "", "héllo!!!"),
        ("char", "é", "ab"),
    ] {
        let schema = format!("{{type: string, format: {format}}}");
        json(&schema, &format!("\"{right}\""), "");
        json(&schema, &format!("\"{wrong}\""), "expected ");
    }
    // They speak of values of their own type only.
    json("{format: date}", "5", "");
    json("{format: int32}", "\"x\"", "");
    json("{type: string, format: password}", "\"x\"", "");
    json("{type: string, format: iban}", "\"x\"", "not judged: the format `iban`");
    json("{type: string, contentMediaType: text/html}", "\"x\"", "not judged: `contentMediaType`");
    json("{type: integer, format: int64}", "9223372036854775808", "expected -9223372036854775808 to");
    json("{type: number, format: double}", "1e400", "expected a number that a double holds, found 1e400");
}

#[test]
fn numbers() {
    json("{maximum: 12345678901234567890123}", "12345678901234567890123", "");
    json(
        "{maximum: 12345678901234567890123}",
        "12345678901234567890124",
        "expected at most 12345678901234567890123, found",
    );
    json("{const: 0.1234567890123456789}", "0.1234567890123456789", "");
    json(
        "{const: 0.1234567890123456789}",
        "0.1234567890123456788",
        "expected 0.1234567890123456789, found 0.123456789012",
    );
    json("{multipleOf: 0.00000000000000000001}", "1.23456789012345678901", "");
    json(
        "{multipleOf: 0.00000000000000000001}",
        "1.234567890123456789012",
        "expected a multiple of 0.00000000000000000001",
    );
    json("{enum: [9007199254740993, 36893488147419103233]}", "36893488147419103233", "");
    json(
        "{enum: [9007199254740993, 36893488147419103233]}",
        "36893488147419103232",
        "expected one of 9007199254740993, 3689",
    );
    json("{type: integer}", "1e999", "");
    json_3_0(
        "{type: number, minimum: 36893488147419103233, exclusiveMinimum: true}",
        "36893488147419103233",
        "expected more",
    );
    json_3_0("{type: number, minimum: 36893488147419103233, exclusiveMinimum: true}", "36893488147419103234", "");
}

#[test]
fn media_types() {
    let object = "{schema: {type: object, required: [id], properties: {id: {type: integer}}}}";
    for range in ["'*/*'", "application/*"] {
        body(range, object, "application/json", "{\"id\": 1}", "");
        body(range, object, "application/problem+json", "{\"id\": \"x\"}", "/id expected an integer, found a string");
        body(range, object, "application/pdf", "%PDF", "not judged: the schema of application/pdf");
    }
    body("application/*", object, "text/json", "{\"id\": 1}", "expected content-type application/*, found text/json");
    body("'*/*'", object, "", "{\"id\": \"x\"}", "/id expected an integer");
    body("text/json", object, "text/json", "{\"id\": \"x\"}", "/id expected an integer");
    body("application/vnd.a+json", object, "application/vnd.a+json", "{}", "/id expected this member, found none");
    body("application/json", object, "application/json", "", "expected JSON, found nothing");
    body(
        "application/json",
        object,
        "application/json",
        "{\"id\": 1, \"id\": 2}",
        "/id expected JSON, found the member /id",
    );
    body(
        "application/json",
        object,
        "application/json",
        "\u{feff}{\"id\": 1}",
        "expected JSON, found a byte order mark",
    );
    body("application/json", object, "application/json", b"\"\xff\"", "expected JSON, found bytes that are not UTF-8");
    body("application/json", object, "application/json; charset=latin1", "{\"id\": 1}", "expected JSON in UTF-8");
    // Of several, the one that came counts.
    let several =
        "{schema: {type: integer}}, application/json; v=2: {schema: {type: boolean}}, text/*: {schema: {type: string}}";
    body("application/json", several, "application/json", "1", "");
    body("application/json", several, "application/json; v=2", "true", "");
    body("application/json", several, "application/json;v=2", "1", "expected a boolean");
    body("application/json", several, "text/csv", "a;b", "");
    body("application/json", several, "image/png", "1", "expected content-type application/json, ");
}

#[test]
fn bodies_that_are_no_json() {
    body("text/plain", "{schema: {type: integer}, example: 3}", "text/plain", "3\n", "");
    body("text/plain", "{schema: {type: integer}}", "text/plain", "three", "expected an integer, found a string");
    body("text/plain", "{schema: {type: integer, maximum: 2}}", "text/plain", "3", "expected at most 2, found 3");
    body("text/plain", "{schema: {type: boolean}}", "text/plain; charset=utf-8", "true", "");
    body("text/plain", "{schema: {type: string, enum: [a]}}", "text/plain", "b", "expected \"a\", found \"b\"");
    body("text/plain", "{schema: {type: string, maxLength: 1}}", "text/plain; charset=ISO-8859-1", b"\xe4", "");
    body(
        "text/plain",
        "{schema: {type: string, maxLength: 1}}",
        "text/plain",
        b"\xe4",
        "not judged: the schema of text/plain",
    );
    body(
        "text/plain",
        "{schema: {type: string}}",
        "text/plain; charset=utf-8",
        b"\xe4",
        "expected text in UTF-8, found bytes",
    );
    body("text/plain", "{schema: {type: object}}", "text/plain", "a", "not judged: the schema of text/plain");
    body(
        "application/octet-stream",
        "{schema: {type: string, format: binary}}",
        "application/octet-stream",
        b"\xff",
        "",
    );
    body(
        "application/jwt",
        "{schema: {type: string, pattern: '^a\\.b'}}",
        "application/jwt",
        "a.c",
        "expected a match of",
    );
    body(
        "application/xml",
        "{schema: {type: object}}",
        "application/xml",
        "<a/>",
        "not judged: the schema of application/xml",
    );
    body("application/xml", "{schema: {type: string}}", "application/xml", "{}", "expected XML, found {}");
    body(
        "multipart/mixed",
        "{schema: {type: object}}",
        "multipart/mixed",
        "--",
        "not judged: the schema of multipart/mixed",
    );
    body(
        "text/event-stream",
        "{schema: {type: object}}",
        "text/event-stream",
        "data: 1",
        "not judged: the schema of text/event",
    );
    let lines = "application/x-ndjson";
    body(lines, "{schema: {required: [a]}}", lines, "{\"a\": 1}\n{\"a\": 2}\n", "");
    body(lines, "{schema: {required: [a]}}", lines, "{\"a\": 1}\n{}\n", "/1/a expected this member");
    body(lines, "{schema: {type: array, maxItems: 1}}", lines, "{}\n{}\n", "expected at most 1 elements, found 2");
    body(lines, "{itemSchema: {type: integer}}", lines, "1\n\"b\"\n", "/1 expected an integer");
    body(lines, "{schema: {}}", lines, "1\n{\n", "expected a sequence of JSON texts, found a value that does not end");
    body("application/json-seq", "{itemSchema: {type: integer}}", "application/json-seq", "\x1e1\n\x1e2\n", "");
}

#[test]
fn statuses() {
    let all = "{'200': {description: d, content: {application/json: {schema: {type: integer}}}}, \
                '201': {description: d, headers: {Location: {required: true, schema: {type: string}}}, \
                        content: {application/json: {schema: {type: boolean}}}}, \
                default: {description: d, content: {application/json: {schema: {type: string}}}}}";
    check(&judged("3.1.0", all, 200, &[JSON], b"1"), "", "200");
    check(&judged("3.1.0", all, 201, &[JSON, ("Location", "/a")], b"true"), "", "201");
    check(&judged("3.1.0", all, 201, &[JSON], b"true"), "expected the header `Location`", "201");
    check(&judged("3.1.0", all, 201, &[JSON, ("Location", "/a")], b"1"), "expected a boolean", "201");
    check(&judged("3.1.0", all, 202, &[JSON], b"\"\""), "expected status 200, found 202", "202");
    let range = "{'2XX': {description: d, headers: {X-A: {required: true}}, content: {application/json: {schema: {type: integer}}}}, \
                  '202': {description: d, content: {application/json: {schema: {type: boolean}}}}}";
    check(&judged("3.1.0", range, 202, &[JSON], b"true"), "", "202");
    check(&judged("3.1.0", range, 202, &[JSON], b"1"), "expected a boolean", "202");
    let range = range.replace(", '202': {description: d, content: {application/json: {schema: {type: boolean}}}}", "");
    check(&judged("3.1.0", &range, 206, &[JSON, ("X-A", "")], b"1"), "", "206");
    check(&judged("3.1.0", &range, 206, &[JSON], b"1"), "expected the header `X-A`, found none", "206");
    check(&judged("3.1.0", &range, 206, &[JSON, ("X-A", "")], b"true"), "expected an integer", "206");
    check(&judged("3.1.0", &range, 302, &[], b""), "expected status 200, found 302", "302");
    let only = "{default: {description: d, content: {application/json: {schema: {type: integer}}}}}";
    check(&judged("3.1.0", only, 203, &[JSON], b"1"), "", "203");
    check(&judged("3.1.0", only, 203, &[JSON], b"true"), "expected an integer", "203");
}

#[test]
fn members() {
    let secret = "{properties: {id: {type: integer, readOnly: true}, pin: {type: string, writeOnly: true}}}";
    json(secret, "{\"id\": 1}", "");
    json(secret, "{\"pin\": null}", "/pin expected a string");
    json(secret, "{\"pin\": \"\"}", "");
    json(secret, "{\"pin\": \"1234\"}", "/pin expected no such member in a reply (writeOnly)");
    json_3_0("{type: string, nullable: true}", "null", "");
    json_3_0("{nullable: true, allOf: [{type: string}]}", "null", "");
    json_3_0("{type: string}", "null", "expected a string, found null");
    let trip = "{$ref: '#/components/schemas/Trip'}";
    json(trip, "{\"kind\": \"w\", \"steps\": 1}", "");
    json(trip, "{\"kind\": \"r\", \"gear\": 1}", "");
    json(trip, "{\"kind\": \"Ride\", \"gear\": 1}", "");
    json(trip, "{\"kind\": \"w\", \"steps\": \"1\"}", "/steps expected an integer");
    json(trip, "{\"kind\": \"r\", \"steps\": 1}", "/steps expected a string");
    json(trip, "{\"kind\": \"swim\"}", "/kind expected one of w, r, found \"swim\"");
    json(trip, "{\"steps\": 1}", "expected one of 2 alternatives to fit");
}
