//! Tokens, signatures and sign-ins over HTTP.

use crate::signer::{signed, signed_at};
use crate::wire::{Server, fill};
use ges_emulator::{Config, Key, ProviderState, StateValues};
use serde_json::{Value, json};

const AK: &str = "an-access-key";
const SK: &str = "its-secret";
const STOP: &str = "POST /v2/{project_id}/graphs/{graph_id}/stop";
const SHOW: &str = "GET /v2/{project_id}/graphs/{graph_id}";
const SHOW_V1: &str = "GET /v1.0/{project_id}/graphs/{graph_id}";

async fn server(config: Config) -> (Server, StateValues) {
    let server = Server::start(config).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    (server, given)
}

fn with_key() -> Config {
    Config { keys: vec![Key::new(AK, SK)], ..Config::default() }
}

#[tokio::test]
async fn signed_requests_are_answered() {
    let (server, given) = server(with_key()).await;
    for line in [STOP, "GET /v1.0/{project_id}/graphs/jobs?graph_name=my%20graph~%C3%A9&limit=10&offset=0", SHOW] {
        let answer = server.send(&signed(&fill(line, &given), "", AK, SK, &[])).await;
        assert_eq!(answer.status, 200, "{line} {}", answer.body);
    }
    let body = r#"{"graph_backup_id": ""}"#;
    let start = fill("POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=start", &given);
    assert_eq!(server.send(&signed(&start, body, AK, SK, &[("x-project-id", "p")])).await.status, 200);
}

#[tokio::test]
async fn a_wrong_signature_is_rejected_by_the_gateway() {
    let (server, given) = server(with_key()).await;
    let show = fill(SHOW, &given);
    let right = signed(&show, "", AK, SK, &[]);
    for (request, tail) in [
        (signed(&show, "", AK, "guessed", &[]), "verify aksk signature fail"),
        (signed(&show, "", "nobody", SK, &[]), "Get secretKey failed,ak:nobody,err:ak not exist"),
        (signed_at("20260102T030405Z", &show, "", AK, SK, &[]), "verify aksk signature fail"),
        (right.replace("host: ges", "host: other"), "verify aksk signature fail"),
        (right.replace(";host;", ";"), "verify aksk signature fail"),
        (right.replace("Signature=", "Signature=é"), "verify aksk signature fail"),
        (right.replace("authorization: SDK-HMAC-SHA256", "authorization: Basic"), "x-auth-token not found"),
    ] {
        let answer = server.send(&request).await;
        assert_eq!(answer.status, 401, "{request}");
        let message = format!("Incorrect IAM authentication information: {tail}");
        let request_id = answer.header("x-request-id");
        assert_eq!(
            answer.json(),
            json!({"error_code": "APIGW.0301", "error_msg": message, "request_id": request_id}),
            "{request}"
        );
    }
    assert_eq!(server.send(&right).await.status, 200);
}

#[tokio::test]
async fn a_moved_clock_does_not_break_signatures() {
    let (server, given) = server(with_key()).await;
    server.emulator.advance_clock(std::time::Duration::from_secs(7 * 86_400));
    assert_eq!(server.send(&signed(&fill(SHOW, &given), "", AK, SK, &[])).await.status, 200);
}

#[tokio::test]
async fn a_temporary_key_requires_its_token() {
    let temporary = Key { security_token: Some("sts".to_owned()), ..Key::new(AK, SK) };
    let (server, given) = server(Config { keys: vec![temporary], ..Config::default() }).await;
    for (more, status) in
        [(&[("x-security-token", "sts")][..], 200), (&[("x-security-token", "other")], 401), (&[], 401)]
    {
        assert_eq!(server.send(&signed(&fill(SHOW, &given), "", AK, SK, more)).await.status, status);
    }
}

#[tokio::test]
async fn a_key_of_one_project_is_invalid_for_another() {
    let bound = Key { project: Some("p1".to_owned()), ..Key::new(AK, SK) };
    let (server, given) = server(Config { keys: vec![bound], ..Config::default() }).await;
    let call = async |line: &str| server.send(&signed(&fill(line, &given), "", AK, SK, &[])).await;
    let own = call(&SHOW.replace("{project_id}", "p1")).await;
    assert_eq!((own.status, &own.json()["error_code"]), (404, &json!("GES.7000")));
    let (v1, v2) = (call(SHOW_V1).await, call(SHOW).await);
    assert_eq!((v1.status, v2.status), (403, 403));
    assert_eq!(v1.json(), json!({"errorCode": "GES.7041", "errorMessage": "Insufficient permission."}));
    assert_eq!(v2.json(), json!({"error_code": "GES.7041", "error_msg": "Insufficient permission."}));
}

fn sign_in(password: &str, scope: &Value) -> String {
    let user = json!({"name": "ann", "password": password, "domain": {"name": "acme"}});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    json!({"auth": {"identity": identity, "scope": scope}}).to_string()
}

#[tokio::test]
async fn an_issued_token_is_valid_for_its_project_for_a_day() {
    let users = vec!["ann:secret@acme".parse().unwrap()];
    let (server, given) = server(Config { users, ..Config::default() }).await;
    let token = async |scope: Value| {
        let answer = server.call("POST /v3/auth/tokens", &sign_in("secret", &scope)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.header("x-subject-token").unwrap().to_owned()
    };
    let show = async |token: &str| {
        let line = fill(SHOW, &given);
        server.send(&format!("{line} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: {token}\r\n\r\n")).await.status
    };
    let own = token(json!({"project": {"name": "cn-north-4"}})).await;
    assert_eq!(show(&own).await, 200);
    assert_eq!(show(&token(json!({"project": {"id": given.project_id}})).await).await, 200);
    assert_eq!(show(&token(json!({"project": {"id": "another"}})).await).await, 403);
    assert_eq!(show(&token(json!({"domain": {"name": "acme"}})).await).await, 403);
    assert_eq!(show("guessed").await, 401);

    let advance = async |span: &str| server.call("POST /_emulator/clock", &json!({"advance": span}).to_string()).await;
    advance("PT23H").await;
    assert_eq!(show(&own).await, 200);
    advance("PT1H").await;
    assert_eq!(show(&own).await, 401);
    assert_eq!(show(&token(json!({"project": {"name": "cn-north-4"}})).await).await, 200);
}

#[tokio::test]
async fn a_wrong_password_gets_the_error_of_iam() {
    let users = vec!["ann:secret@acme".parse().unwrap()];
    let (server, _) = server(Config { users, ..Config::default() }).await;
    let answer = server.call("POST /v3/auth/tokens", &sign_in("guessed", &json!({}))).await;
    let error = json!({"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"});
    assert_eq!((answer.status, answer.json()), (401, json!({ "error": error })));
    assert_eq!(server.call("GET /v3/auth/tokens", "").await.header("allow"), Some("POST"));
}

#[tokio::test]
async fn the_project_of_a_region_is_found_with_a_signature() {
    let (server, given) = server(with_key()).await;
    let ask = "GET /v3/projects?name=cn-north-4";
    let answer = server.send(&signed(ask, "", AK, SK, &[])).await;
    assert_eq!(answer.json()["projects"][0]["id"], json!(given.project_id));
    assert_eq!(server.send(&signed(ask, "", AK, "guessed", &[])).await.status, 401);
}

#[tokio::test]
async fn the_journal_keeps_no_credentials() {
    let users = vec!["ann:hunter2@acme".parse().unwrap()];
    let config = Config { users, ..with_key() };
    let (server, given) = server(config).await;
    let request = signed(&fill(&format!("{SHOW}?echo={SK}&more=hunter2"), &given), "", AK, SK, &[]);
    let (_, signature) = request.trim().rsplit_once("Signature=").unwrap();
    server.send(&request.replace("content-length", &format!("accept: {signature}\r\ncontent-length"))).await;
    for password in ["hunter2", "guessed"] {
        let body = sign_in(password, &json!({}));
        let length = body.len();
        server
            .send(&format!("POST /v3/auth/tokens HTTP/1.1\r\nHost: ges\r\nContent-Length: {length}\r\n\r\n{body}"))
            .await;
    }
    let journal = server.call("GET /_emulator/requests", "").await;
    for secret in [SK, "hunter2", "guessed", "Signature=", signature] {
        assert!(!journal.body.contains(secret), "{secret}: {}", journal.body);
    }
    let entries = journal.json()["requests"].clone();
    assert_eq!(
        (&entries[0]["status"], &entries[1]["status"], &entries[2]["status"]),
        (&json!(200), &json!(201), &json!(401))
    );
    assert_eq!(entries[1]["target"], "/v3/auth/tokens");
}
