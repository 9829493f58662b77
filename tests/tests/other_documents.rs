//! What is sent for documents that were not written for a suite, byte for byte, and what is said of what is not sent.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::base_path_hint;
use conformance_engine::run::{Options, Report, run};
use conformance_engine::{Address, Known, SchemeValues, Secret};
use openapi_document::{Api, Document, suite};
use test_support::server::{Server, reply};

/// Runs the cases of a document against a server that answers so to everything: the report, the requests, the hint.
fn sent(
    text: &str,
    status: &str,
    token: Option<&str>,
    values: &[(&str, &str)],
) -> (Report, Vec<String>, Option<String>) {
    let suite = suite(&Api::of(&Document::read("pots.yaml", text).unwrap()));
    // RFC 9110, 8.6: a 204 has no Content-Length.
    let answer = if status.starts_with("204") { format!("HTTP/1.1 {status}\r\n\r\n") } else { reply(status, "", "") };
    let server = Server::replying([answer]);
    let token = token.map(Secret::new);
    let credentials: SchemeValues =
        values.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
    let reach = Environment { credentials: Known::of(token.as_ref(), &credentials, false), ..Environment::default() };
    let kinds = ["documented", "described"].map(str::to_owned).to_vec();
    let plan = Plan::new(&suite, &reach, &Selection { kinds, ..Selection::default() }).unwrap();
    let endpoint = Address::endpoint(&format!("http://{}", server.address())).unwrap();
    let options = Options { token, credentials, ..Options::new(endpoint.clone()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let report = runtime.block_on(run(&plan, &options, |_| {})).unwrap();
    let requests = server.requests().iter().map(test_support::message::Request::text).collect();
    let hint = base_path_hint(&suite, &report, &endpoint).map(|hint| hint.replace(server.address(), "HOST"));
    (report, requests, hint)
}

fn outcomes(report: &Report) -> BTreeMap<&str, (String, Option<&str>)> {
    let entries = report.entries.iter();
    entries.map(|entry| (entry.id.as_str(), (format!("{:?}", entry.outcome), entry.reason.as_deref()))).collect()
}

const POTS: &str = "
openapi: 3.0.3
info: {title: Pots, version: '1'}
servers: [{url: 'https://pots.example.org/v7'}]
security: [{key: [], door: []}]
paths:
  /pots/{at}:
    delete:
      operationId: drop
      parameters:
        - {name: at, in: path, required: true, style: matrix, explode: false, schema: {type: array, items: {type: string}}, example: [a b, 'c,d']}
        - {name: tags, in: query, required: true, explode: false, schema: {type: array, items: {type: string}}, example: ['1,0', é]}
        - {name: lang, in: cookie, required: true, schema: {type: string}, example: 'a;b'}
      responses: {'204': {description: gone}}
  /free:
    post:
      operationId: free
      security: []
      requestBody: {required: true, content: {multipart/form-data: {example: {n: 1}}}}
      responses: {'204': {description: d}}
  /tls: {get: {operationId: tls, security: [{tls: []}], responses: {'204': {description: d}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: cookie, name: key, x-token: true}
    door: {type: http, scheme: basic}
    tls: {type: mutualTLS}
";

#[test]
fn a_request_is_what_the_document_says() {
    let (report, requests, hint) = sent(POTS, "204 No Content", Some("s3cret;1"), &[("door", "Ada:pass")]);
    // What is deleted comes last.
    let drop = &requests[1];
    assert!(drop.starts_with("DELETE /pots/;at=a%20b,c%2Cd?tags=1%2C0,%C3%A9 HTTP/1.1\r\n"), "{drop}");
    let lower = drop.to_ascii_lowercase();
    assert_eq!(lower.matches("\r\ncookie: ").count(), 1, "{drop}");
    assert!(drop.contains(": lang=a%3Bb; key=s3cret%3B1\r\n"), "{drop}");
    assert!(drop.contains(": Basic QWRhOnBhc3M=\r\n"), "{drop}");
    let free = &requests[0];
    assert!(free.starts_with("POST /free HTTP/1.1\r\n") && free.contains("; boundary=part-0\r\n"), "{free}");
    assert!(
        free.ends_with("--part-0\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--part-0--\r\n"),
        "{free}"
    );
    assert!(!free.to_ascii_lowercase().contains("authorization") && !free.contains("s3cret"), "{free}");
    assert_eq!((requests.len(), hint), (2, None));

    let outcomes = outcomes(&report);
    assert_eq!(outcomes["drop/described"].0, "Pass");
    assert_eq!(outcomes["free/example"].0, "Pass");
    let reason = "no credential can be sent: the security scheme `tls` is mutualTLS, and no client certificate is sent";
    assert_eq!(outcomes["tls/described"], ("Unreachable".to_owned(), Some(reason)));
    let shown = serde_json::to_string(&report).unwrap();
    for secret in ["s3cret", "Ada:pass", "QWRhOnBhc3M"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn what_a_run_lacks_is_named_and_not_guessed() {
    let (report, requests, _) = sent(POTS, "204 No Content", Some("s3cret"), &[]);
    let reason = "needs --credential key=VALUE --credential door=VALUE: the operation asks for it";
    assert_eq!(outcomes(&report)["drop/described"], ("Unreachable".to_owned(), Some(reason)));
    assert_eq!(requests.len(), 1);
}

#[test]
fn a_base_path_explains_why_nothing_is_found() {
    let (_, _, hint) = sent(POTS, "404 Not Found", None, &[]);
    let expected =
        "every reply was 404, and the document's servers have the base path `/v7`\nhint: try --endpoint http://HOST/v7";
    assert_eq!(hint.as_deref(), Some(expected));
    let (_, _, hint) = sent(&POTS.replace("/v7", ""), "404 Not Found", None, &[]);
    assert_eq!(hint, None);
    let (_, _, hint) = sent(POTS, "400 Bad Request", None, &[]);
    assert_eq!(hint, None);
}
