//! A client sends every parameter and body as the document describes it, and reads every reply by its status.
//!
//! The expected lines are those of RFC 6570 and of the table "Style Examples" in OpenAPI 3.1.1, with the members of an object
//! in the order of their names.

#![allow(clippy::unwrap_used)]

#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, unreachable_pub, unused_imports)]
#[path = "golden/calls.rs"]
#[rustfmt::skip]
mod generated;

use generated::{Client, Error, types};
use specwright_codegen::Artefact;
use test_support::{Request, Server, json_reply, reply};

/// A server that answers with `reply`.
fn answer(reply: impl Into<String>) -> (Client, Server) {
    // In a build of the whole workspace reqwest has TLS, and would have nothing to do it with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::replying([reply]);
    (Client::new(&server.url), server)
}

fn done() -> (Client, Server) {
    answer(reply("204 No Content", "", ""))
}

/// The one request that came.
fn request(server: &Server) -> Request {
    let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    request.clone()
}

fn words() -> types::Words {
    vec!["blue".to_owned(), "black".to_owned()].into()
}

fn color() -> types::Color {
    types::Color { b: 150, g: 200, r: 100 }
}

#[tokio::test]
async fn lists_and_objects_in_a_path() {
    let (client, server) = done();
    let call = client.path_lists().simple(words()).simple_exploded(words()).label(words()).label_exploded(words());
    call.matrix(words()).matrix_exploded(words()).send().await.unwrap();
    let expected = "/lists/blue,black/blue,black/.blue,black/.blue.black/;matrix=blue,black\
                    /;matrix_exploded=blue;matrix_exploded=black";
    assert_eq!(request(&server).target(), expected);

    let (client, server) = done();
    let call = client.path_objects().simple(color()).simple_exploded(color()).label(color()).label_exploded(color());
    call.matrix(color()).matrix_exploded(color()).send().await.unwrap();
    let expected = "/objects/B,150,G,200,R,100/B=150,G=200,R=100/.B,150,G,200,R,100/.B=150.G=200.R=100\
                    /;matrix=B,150,G,200,R,100/;B=150;G=200;R=100";
    assert_eq!(request(&server).target(), expected);
}

#[tokio::test]
async fn single_values_in_a_path() {
    let (client, server) = done();
    client.path_values().plain("a b/c").label("a/b").matrix(7).at(color()).send().await.unwrap();
    let expected = "/values/a%20b%2Fc/.a%2Fb/;matrix=7/%7B%22B%22%3A150%2C%22G%22%3A200%2C%22R%22%3A100%7D";
    assert_eq!(request(&server).target(), expected);
}

#[tokio::test]
async fn queries_in_every_style() {
    let list = || vec!["blue".to_owned(), "a,b c".to_owned()];
    let (client, server) = done();
    let deep = types::QueriesDeep { gt: Some(3), of: list() };
    let call = client.queries().list(list()).joined(list()).spaces(list()).pipes(vec![1, 2]).exploded(color());
    let call = call.flat(color()).deep(deep).json(color()).page("/a?b=c&d").either(7).any(serde_json::json!(true));
    call.send().await.unwrap();
    let target = request(&server).target().to_owned();
    let mut pairs: Vec<&str> = target.split_once('?').unwrap().1.split('&').collect();
    pairs.sort_unstable();
    let expected = [
        "B=150",
        "G=200",
        "R=100",
        "any=true",
        "deep%5Bgt%5D=3",
        "deep%5Bof%5D%5B0%5D=blue",
        "deep%5Bof%5D%5B1%5D=a%2Cb%20c",
        "either=7",
        "flat=B,150,G,200,R,100",
        "joined=blue,a%2Cb%20c",
        "json=%7B%22B%22%3A150%2C%22G%22%3A200%2C%22R%22%3A100%7D",
        "list=a%2Cb+c",
        "list=blue",
        "page=/a?b=c%26d",
        "pipes=1%7C2",
        "spaces=blue%20a%2Cb%20c",
    ];
    assert_eq!(pairs, expected);

    let (client, server) = done();
    client.queries().send().await.unwrap();
    assert_eq!(request(&server).target(), "/queries");
}

#[tokio::test]
async fn one_name_in_several_places_headers_and_cookies() {
    let (client, server) = done();
    let call = client.places().id("a").query_id("b").header_id("c").cookie_id("d e").query_send("now");
    call.x_words(words()).x_color(color()).x_since("2026-01-02".to_owned()).words(words()).send().await.unwrap();
    let sent = request(&server);
    assert_eq!(sent.target(), "/places/a?id=b&send=now");
    assert_eq!(sent.header("id"), Some("c"));
    assert_eq!(sent.header("x-words"), Some("blue,black"));
    assert_eq!(sent.header("x-color"), Some("B=150,G=200,R=100"));
    assert_eq!(sent.header("x-since"), Some("2026-01-02"));
    assert_eq!(sent.header("cookie"), Some("id=d%20e; words=blue,black"));
}

#[tokio::test]
async fn bodies_have_the_documented_type() {
    let (client, server) = done();
    client.send_json().body(color()).send().await.unwrap();
    let sent = request(&server);
    assert_eq!(sent.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(sent.body_text(), r#"{"B":150,"G":200,"R":100}"#);

    let (client, server) = done();
    client.send_text().body("a,b\n").send().await.unwrap();
    let sent = request(&server);
    assert_eq!((sent.header("content-type"), &*sent.body_text()), (Some("text/csv"), "a,b\n"));

    let (client, server) = done();
    client.send_image().body(vec![1, 2, 3]).send().await.unwrap();
    let sent = request(&server);
    assert_eq!((sent.header("content-type"), &*sent.body), (Some("image/png"), &[1, 2, 3][..]));

    let (client, server) = done();
    client.send_anything().content_type("image/gif").body(vec![1]).send().await.unwrap();
    assert_eq!(request(&server).header("content-type"), Some("image/gif"));

    // Where the body may be absent, so may its media type.
    let (client, server) = done();
    client.send_anything_or_nothing().send().await.unwrap();
    assert_eq!((request(&server).header("content-type"), &*request(&server).body), (None, &[][..]));
    let (client, server) = done();
    client.send_anything_or_nothing().content_type("image/gif").body(vec![1]).send().await.unwrap();
    assert_eq!((request(&server).header("content-type"), &*request(&server).body), (Some("image/gif"), &[1][..]));
    let (client, _server) = done();
    let error = client.send_anything_or_nothing().body(vec![1]).send().await.unwrap_err();
    let Error::InvalidRequest(reason) = error else { panic!("{error:?}") };
    assert_eq!(reason, "content_type is not set, and the body is: it says the media type of the body");
}

#[tokio::test]
async fn a_body_that_is_optional_can_be_absent() {
    for (is_given, expected) in
        [(false, (None, "")), (true, (Some("application/json"), r#"{"B":150,"G":200,"R":100}"#))]
    {
        let (client, server) = done();
        let call = client.send_optional();
        let call = if is_given { call.body_map(|body| body.b(150).g(200).r(100)) } else { call };
        call.send().await.unwrap();
        let sent = request(&server);
        assert_eq!((sent.header("content-type"), &*sent.body_text()), expected);
    }
    let (client, server) = done();
    client.send_text().send().await.unwrap();
    assert_eq!(request(&server).header("content-type"), None);
}

#[tokio::test]
async fn forms_are_encoded_as_documented() {
    let list = || vec!["blue".to_owned(), "a b".to_owned()];
    let (client, server) = done();
    let body = types::SendFormBody::builder().name("x&y".to_owned()).list(list()).joined(list());
    client.send_form().body(body.color(Some(color())).deep(Some(color()))).send().await.unwrap();
    let sent = request(&server);
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    let expected = "color=%7B%22B%22%3A150%2C%22G%22%3A200%2C%22R%22%3A100%7D\
                    &deep%5BB%5D=150&deep%5BG%5D=200&deep%5BR%5D=100&joined=blue,a+b&list=blue&list=a+b&name=x%26y";
    assert_eq!(sent.body_text(), expected);
}

#[tokio::test]
async fn a_form_of_parts_has_files() {
    let (client, server) = done();
    let photo = types::FilePart { content: vec![1, 2], content_type: None, file_name: Some("a\"b.png".to_owned()) };
    let more = types::FilePart {
        content: b"part-0000000000000000".to_vec(),
        content_type: Some("text/plain".to_owned()),
        file_name: None,
    };
    let body = types::UploadBody::builder().photo(photo).more(vec![more]).title(Some("T".to_owned()));
    client.upload().body(body.tags(vec!["x".to_owned(), "y".to_owned()]).color(Some(color()))).send().await.unwrap();
    let sent = request(&server);
    // The first boundary is in a file.
    assert_eq!(sent.header("content-type"), Some("multipart/form-data; boundary=part-0000000000000001"));
    let part = |head: &str, content: &str| {
        format!("--part-0000000000000001\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let expected = [
        part("name=\"color\"\r\nContent-Type: application/json", r#"{"B":150,"G":200,"R":100}"#),
        part("name=\"more\"; filename=\"more\"\r\nContent-Type: text/plain", "part-0000000000000000"),
        part("name=\"photo\"; filename=\"a%22b.png\"\r\nContent-Type: image/png", "\u{1}\u{2}"),
        part("name=\"tags\"", "x"),
        part("name=\"tags\"", "y"),
        part("name=\"title\"", "T"),
        "--part-0000000000000001--\r\n".to_owned(),
    ];
    assert_eq!(sent.body_text(), expected.concat());
}

const COLOR: &str = r#"{"R":100,"G":200,"B":150}"#;

#[tokio::test]
async fn each_error_is_read_by_its_status() {
    type Found = types::SeveralErrorsError;
    let cases = [
        (
            json_reply("400 Bad Request", r#"{"title":"no"}"#),
            Found::Status400(types::Problem { title: "no".to_owned() }),
        ),
        (reply("401 Unauthorized", "", "who"), Found::Status401("who".to_owned())),
        (reply("404 Not Found", "", ""), Found::Status404),
        (json_reply("409 Conflict", r#"["a"]"#), Found::Default(vec!["a".to_owned()].into())),
    ];
    for (reply, expected) in cases {
        let (client, _server) = answer(reply);
        match client.several_errors().send().await.unwrap_err() {
            Error::ErrorResponse(found) => assert_eq!(*found, expected),
            other => panic!("{other:?}"),
        }
    }
    let (client, _server) = answer(json_reply("503 Service Unavailable", r#"{"code":7}"#));
    let Error::ErrorResponse(found) = client.several_errors().send().await.unwrap_err() else { panic!() };
    assert!(matches!(found.into_inner(), Found::Status5xx(broken) if broken.code == Some(7)));
}

#[tokio::test]
async fn default_is_every_status_that_is_not_listed() {
    let (client, server) = answer(json_reply("200 OK", COLOR));
    assert_eq!(*client.default_beside().send().await.unwrap(), color());
    assert_eq!(request(&server).header("accept"), Some("application/json"));
    let (client, _server) = answer(json_reply("418 Teapot", r#"{"title":"tea"}"#));
    let Error::ErrorResponse(found) = client.default_beside().send().await.unwrap_err() else { panic!() };
    assert_eq!(found.status().as_u16(), 418);
    assert!(matches!(found.into_inner(), types::DefaultBesideError::Default(problem) if problem.title == "tea"));

    let (client, _server) = answer(json_reply("201 Created", COLOR));
    assert_eq!(*client.default_only().send().await.unwrap(), color());
    let (client, _server) = answer(json_reply("500 Broken", COLOR));
    let Error::ErrorResponse(found) = client.default_only().send().await.unwrap_err() else { panic!() };
    assert_eq!(*found, types::DefaultOnlyError::Default(color()));
}

#[tokio::test]
async fn successes_may_differ() {
    let (client, _server) = answer(json_reply("200 OK", COLOR));
    assert_eq!(*client.perhaps().send().await.unwrap(), Some(color()));
    let (client, _server) = answer(reply("204 No Content", "", ""));
    assert_eq!(*client.perhaps().send().await.unwrap(), None);

    type Found = types::SeveralSuccessesResponse;
    let cases = [
        (json_reply("200 OK", COLOR), Found::Status200(color())),
        (reply("206 Partial Content", "X-Part: 1\r\n", "png"), Found::Status206(b"png".to_vec())),
        (reply("204 No Content", "", ""), Found::Status204),
    ];
    for (reply, expected) in cases {
        let (client, _server) = answer(reply);
        assert_eq!(*client.several_successes().send().await.unwrap(), expected);
    }
    let (client, _server) = answer(json_reply("202 Accepted", r#"{"job":"j"}"#));
    let found = client.several_successes().send().await.unwrap();
    assert!(matches!(&*found, Found::Status202(job) if job.job == "j"));
    assert_eq!(found.headers()["content-type"], "application/json");
    let (client, _server) = answer(reply("304 Not Modified", "", ""));
    let error = client.several_successes().send().await.unwrap_err();
    assert!(matches!(error, Error::UnexpectedResponse(found) if found.status().as_u16() == 304));
}

#[tokio::test]
async fn text_is_text_and_json_is_what_a_schema_says() {
    let (client, server) = answer(reply("200 OK", "Content-Type: text/csv\r\n", "a,b"));
    assert_eq!(*client.read_text().send().await.unwrap(), "a,b");
    assert_eq!(request(&server).header("accept"), Some("text/csv"));
    let (client, _server) = answer(json_reply("200 OK", COLOR));
    assert_eq!(*client.read_star().send().await.unwrap(), color());
    let (client, _server) = answer(json_reply("200 OK", "[1]"));
    assert_eq!(*client.read_any().send().await.unwrap(), serde_json::json!([1]));
    let (client, _server) = answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    assert_eq!(client.look().send().await.unwrap().content_length(), Some(7));
    let (client, _server) = answer(json_reply("400 Bad Request", r#"{"title":"no"}"#));
    let Err(Error::ErrorResponse(found)) = client.read_bytes().send().await else { panic!() };
    assert!(matches!(&*found, types::ReadBytesError::Default(problem) if problem.title == "no"));
    let (client, _server) = answer(reply("200 OK", "", "a lot"));
    assert_eq!(client.read_bytes().send().await.unwrap().into_inner().bytes().await.unwrap(), b"a lot");
}

#[test]
fn what_is_left_out_is_said() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/calls.yaml")).unwrap();
    let report = specwright_codegen::generate_lenient("calls.yaml", &text, &[]).unwrap().report;
    assert_eq!((report.operations, report.generated), (23, 23));
    let warnings: Vec<&str> = report.warnings.iter().map(|warning| warning.rule).collect();
    assert_eq!(warnings, ["parameter-ignored", "parameter-form", "body-media-types", "reply-status"]);
    let renames: Vec<&str> = report.renames.iter().map(|name| &*name.to).collect();
    assert_eq!(renames, ["query_id", "header_id", "cookie_id", "query_send"]);
}

#[test]
fn a_reply_without_a_type_is_said() {
    let responses = |statuses: &str| {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: type\n      \
             responses: {{{statuses}}}\n"
        );
        let wanted = [
            (Artefact::Client { inner: None }, "client.rs".into()),
            (Artefact::Mock { fixture: None }, "mock.rs".into()),
        ];
        let generated = specwright_codegen::generate_lenient("a.yaml", &text, &wanted).unwrap();
        let said = generated.report.warnings.iter().map(|warning| warning.message.clone()).collect::<Vec<_>>();
        (generated.files, said)
    };
    for (statuses, expected) in [
        ("'200': {description: d}", None),
        ("'2XX': {description: d}, default: {description: d}", None),
        ("'302': {description: d}", Some("no type for a reply 302")),
        ("'200': {description: d}, '3XX': {description: d}", Some("no type for a reply 3XX")),
        ("'200': {description: d}, '2000': {description: d}", Some("the reply `2000` is left out")),
        ("'200': {description: d}, 20X: {description: d}", Some("the reply `20X` is left out")),
        ("'200': {description: d}, '600': {description: d}", Some("the reply `600` is left out")),
    ] {
        let (files, said) = responses(statuses);
        match expected {
            None => assert!(said.is_empty(), "{statuses}: {said:?}"),
            Some(expected) => assert!(said.iter().any(|text| text.contains(expected)), "{statuses}: {said:?}"),
        }
        assert!(!files[0].text.contains("2000u16"), "{statuses}");
        // An operation may have the name of a keyword.
        assert!(files[1].text.contains("pub fn type_(") && files[1].text.contains("pub mod type_ {"), "{statuses}");
    }
}
