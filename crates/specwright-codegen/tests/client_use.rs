//! A generated client sends documented credentials and nothing undocumented, and its errors can be matched.

#![allow(clippy::unwrap_used)]
#![deny(deprecated)]

#[deny(warnings)]
#[allow(clippy::all, clippy::unwrap_used, dead_code, unreachable_pub, unused_imports)]
#[path = "golden/orders.rs"]
#[rustfmt::skip]
mod generated;

use std::collections::BTreeSet;

use generated::{Client, Credentials, Error, types};
use test_support::{Request, Server, json_reply, reply};

const SECRET: &str = "s3cret";

/// A server that answers with `reply`, and a client with credentials.
fn answer(reply: impl Into<String>, credentials: Credentials) -> (Client, Server) {
    // In a build of the whole workspace reqwest has TLS, and would have nothing to do it with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::replying([reply]);
    (Client::new(&server.url).with_credentials(credentials), server)
}

/// Makes a call that answers 204; returns the request.
async fn sent<T: std::fmt::Debug, E: std::fmt::Debug>(
    credentials: Credentials,
    call: impl AsyncFnOnce(&Client) -> Result<T, Error<E>>,
) -> Request {
    let (client, server) = answer(reply("204 No Content", "", ""), credentials);
    call(&client).await.unwrap();
    let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    request.clone()
}

/// Why a call is not made.
async fn refused<T: std::fmt::Debug, E: std::fmt::Debug>(
    credentials: Credentials,
    call: impl AsyncFnOnce(&Client) -> Result<T, Error<E>>,
) -> String {
    let (client, server) = answer(reply("204 No Content", "", ""), credentials);
    let error = call(&client).await.unwrap_err();
    assert!(matches!(error, Error::InvalidRequest(_)) && error.status().is_none(), "{error}");
    assert_eq!(server.requests().len(), 0);
    error.to_string()
}

fn all() -> Credentials {
    let all = Credentials::new().bearer(SECRET).key("k").tenant("t").user("u", "p").query("q").session("c");
    all.oauth("o")
}

#[tokio::test]
async fn each_scheme_has_its_place() {
    let bearer = sent(all(), async |client| client.list_orders().send().await).await;
    assert_eq!(bearer.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(bearer.header("x-key"), None);

    let query = sent(Credentials::new().query("a&b ü"), async |client| client.in_query().page(2).send().await).await;
    assert_eq!(query.target(), "/orders/query?page=2&api+key=a%26b+%C3%BC");
    let query = sent(Credentials::new().query("q"), async |client| client.in_query().send().await).await;
    assert_eq!(query.target(), "/orders/query?api+key=q");

    let cookie = sent(all(), async |client| client.in_cookie().theme("dark").send().await).await;
    assert_eq!(cookie.header("cookie"), Some("theme=dark; sid=c"));
    let cookie = sent(all(), async |client| client.in_cookie().send().await).await;
    assert_eq!(cookie.header("cookie"), Some("sid=c"));

    let oauth = sent(all(), async |client| client.by_oauth().send().await).await;
    assert_eq!(oauth.header("authorization"), Some("Bearer o"));
    let oidc = sent(Credentials::new().oidc("i"), async |client| client.by_oauth().send().await).await;
    assert_eq!(oidc.header("authorization"), Some("Bearer i"));
}

#[tokio::test]
async fn basic_is_that_of_the_rfc_in_utf_8() {
    // RFC 7617, 2.1: the user `test` with the password 123£.
    let basic = Credentials::new().user("test", "123\u{a3}");
    let sent = sent(basic, async |client| client.either().send().await).await;
    assert_eq!(sent.header("authorization"), Some("Basic dGVzdDoxMjPCow=="));
    let colon = Credentials::new().user("a:b", SECRET);
    let refused = refused(colon, async |client| client.either().send().await).await;
    assert!(refused.contains("colon") && !refused.contains(SECRET), "{refused}");
}

#[tokio::test]
async fn schemes_go_together_or_are_alternatives() {
    let both = sent(all(), async |client| client.both().send().await).await;
    assert_eq!((both.header("x-key"), both.header("x-tenant")), (Some("k"), Some("t")));
    let first = sent(all(), async |client| client.either().send().await).await;
    assert_eq!((first.header("x-key"), first.header("authorization")), (Some("k"), None));
    let second = sent(Credentials::new().key("k").user("u", "p"), async |client| client.either().send().await).await;
    assert_eq!((second.header("x-key"), second.header("authorization")), (None, Some("Basic dTpw")));

    let half = refused(Credentials::new().key(SECRET), async |client| client.either().send().await).await;
    assert!(half.contains("`key` and `tenant`, or `user`") && !half.contains(SECRET), "{half}");
}

#[tokio::test]
async fn what_needs_no_credential_gets_none_unless_it_may_have_one() {
    for sent in [
        sent(all(), async |client| client.open().send().await).await,
        sent(all(), async |client| client.by_digest().send().await).await,
        sent(all(), async |client| client.by_certificate().send().await).await,
        sent(Credentials::new(), async |client| client.list_orders().send().await).await,
        sent(Credentials::new().bearer("b"), async |client| client.create_order().send().await).await,
    ] {
        let names: BTreeSet<&str> = ["authorization", "x-key", "x-tenant", "cookie", "api-version"].into();
        assert!(names.iter().all(|name| sent.header(name).is_none()), "{}", sent.text());
        assert!(!sent.target().contains('?'));
    }
    let optional = sent(all(), async |client| client.create_order().send().await).await;
    assert_eq!(optional.header("x-key"), Some("k"));
}

#[tokio::test]
async fn secrets_are_neither_shown_nor_sent_malformed() {
    let credentials = Credentials::new().bearer(SECRET).user("u", SECRET).query(SECRET);
    let (client, _server) = answer(reply("204 No Content", "", ""), credentials.clone());
    let shown = format!("{credentials:?} {client:?} {:?}", client.list_orders());
    assert!(shown.contains("bearer") && !shown.contains(SECRET), "{shown}");
    // Nothing listens there: the error of reqwest has the address.
    let nobody = Client::new("http://127.0.0.1:1").with_credentials(credentials);
    let error = nobody.in_query().send().await.unwrap_err();
    assert!(matches!(error, Error::CommunicationError(_)));
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(shown.contains("127.0.0.1:1/orders/query") && !shown.contains(SECRET), "{shown}");

    let line = refused(Credentials::new().bearer("s3cret\n"), async |client| client.list_orders().send().await).await;
    assert!(line.contains("`bearer`") && !line.contains(SECRET), "{line}");
    let cookie = refused(Credentials::new().session("s3cret; a=b"), async |client| client.in_cookie().send().await);
    assert!(!cookie.await.contains(SECRET));
}

#[tokio::test]
async fn a_key_in_a_header_does_not_follow_a_redirect_to_another_origin() {
    let other = Server::replying([reply("204 No Content", "", "")]);
    let found = reply("302 Found", &format!("Location: {}/orders\r\n", other.url), "");
    let (client, _server) = answer(found, Credentials::new().key(SECRET));
    let error = client.create_order().send().await.unwrap_err();
    assert!(matches!(error, Error::UnexpectedResponse(reply) if reply.status().as_u16() == 302));
    assert_eq!(other.requests().len(), 0);
}

/// What a caller does about an error, as a `match` that the compiler checks.
fn kind(error: Error<types::ShowOrderError>) -> String {
    use types::ShowOrderError as Documented;
    match error {
        Error::ErrorResponse(reply) => {
            let text = String::from_utf8_lossy(reply.error_body()).into_owned();
            match reply.into_inner() {
                Documented::Status404(problem) => format!("not found: {}", problem.title),
                Documented::Status4xx(problem) => format!("wrong: {}", problem.title),
                Documented::Status503 => format!("later: {text}"),
            }
        }
        Error::UnexpectedResponse(reply) => format!("undocumented {}: {} bytes", reply.status(), reply.len()),
        Error::InvalidResponsePayload(reply, _) => format!("unreadable {}: {} bytes", reply.status(), reply.len()),
        Error::CommunicationError(_) => "no reply".to_owned(),
        Error::InvalidRequest(_) => "not sent".to_owned(),
    }
}

#[tokio::test]
async fn errors_are_told_apart() {
    let problem = |status: &str| {
        let body = r#"{"title":"no","status":1}"#;
        reply(status, "Content-Type: application/problem+json\r\n", body)
    };
    let html = |status: &str| reply(status, "Content-Type: text/html\r\n", "<html>");
    for (reply, expected) in [
        (problem("404 Not Found"), "not found: no"),
        (problem("409 Conflict"), "wrong: no"),
        (reply("503 Service Unavailable", "", "in an hour"), "later: in an hour"),
        (html("502 Bad Gateway"), "undocumented 502 Bad Gateway: 6 bytes"),
        (html("404 Not Found"), "unreadable 404 Not Found: 6 bytes"),
        (reply("404 Not Found", "", ""), "unreadable 404 Not Found: 0 bytes"),
        (json_reply("200 OK", r#"{"name":"x"}"#), "unreadable 200 OK: 12 bytes"),
        (reply("204 No Content", "", ""), "undocumented 204 No Content: 0 bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_owned(), "no reply"),
    ] {
        let (client, _server) = answer(reply, Credentials::new());
        assert_eq!(kind(client.show_order().id("o").send().await.unwrap_err()), expected);
    }
    let (client, _server) = answer(html("502 Bad Gateway"), Credentials::new());
    let error = client.show_order().id("o").send().await.unwrap_err();
    assert_eq!(error.to_string(), "status 502 Bad Gateway, which the document does not have (text/html, 6 bytes)");
}

#[tokio::test]
async fn default_has_every_status_and_no_documented_error_is_none() {
    let body = r#"{"title":"no"}"#;
    for status in ["400 Bad Request", "500 Broken", "302 Found"] {
        let (client, _server) = answer(json_reply(status, body), Credentials::new());
        let Error::ErrorResponse(found) = client.delete_order().id("o").send().await.unwrap_err() else { panic!() };
        let types::DeleteOrderError::Default(problem) = &*found;
        assert_eq!((problem.title.as_str(), found.error_body()), ("no", body.as_bytes()));
    }
    let (client, _server) = answer(json_reply("401 Unauthorized", body), Credentials::new());
    let Error::ErrorResponse(found) = client.by_digest().send().await.unwrap_err() else { panic!() };
    let types::ByDigestError::Status401 = &*found;
    let (client, _server) = answer(json_reply("404 Not Found", body), Credentials::new());
    let error: Error<std::convert::Infallible> = client.open().send().await.unwrap_err();
    assert!(matches!(error, Error::UnexpectedResponse(_)));
}

#[tokio::test]
async fn a_deprecated_operation_is_marked_and_can_be_called() {
    #[expect(deprecated, reason = "the document says so")]
    let sent = sent(all(), async |client| client.old_orders().send().await).await;
    assert_eq!(sent.target(), "/orders/old");
}

#[test]
fn schemes_without_credentials_are_said() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/orders.yaml")).unwrap();
    let report = specwright_codegen::generate_lenient("orders.yaml", &text, &[]).unwrap().report;
    let said: Vec<String> = report.warnings.iter().map(|warning| warning.message.clone()).collect();
    assert_eq!(
        said,
        [
            "the client has no credentials for the security scheme `digest`: the HTTP scheme `digest` takes more than one request",
            "the client has no certificate for the security scheme `mtls`",
        ]
    );
    let lines: Vec<u32> = report.warnings.iter().map(|warning| warning.at.line).collect();
    assert_eq!(lines, [84, 85]);
}
