//! What the official SDKs get wrong, one test each. (Reference: huaweicloudsdkges 3.1.219 and its core.)

use std::time::Duration;

use ges_client::Error;
use ges_emulator::{Config, ProviderState, Transitions};

use crate::service::{Service, TOKEN};
use crate::wire::Wire;
use test_support::{json_reply, reply};

#[tokio::test]
async fn they_drop_the_id_of_a_backup() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j-1","backup_id":"b-1"}"#)]);
    let backup = wire.client().create_backup("g").send().await.unwrap();
    assert_eq!((backup.job_id.as_deref(), backup.backup_id.as_deref()), (Some("j-1"), Some("b-1")));
}

#[tokio::test]
async fn they_cannot_use_a_token() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j-1"}"#)]);
    wire.client().stop_graph("g").send().await.unwrap();
    let request = wire.requests().concat().to_ascii_lowercase();
    assert!(request.contains("\r\nx-auth-token: t\r\n") && !request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn they_turn_v1_codes_into_the_status_and_the_body_into_the_message() {
    let body = r#"{"errorMessage":"The request is invalid.","errorCode":"GES.7016"}"#;
    let wire = Wire::replying([json_reply("400 Bad Request", body)]);
    let error = wire.client().restart_graph("g").send().await.unwrap_err();
    let said = (error.status(), error.code(), error.message());
    assert_eq!(said, (Some(400), Some("GES.7016"), Some("The request is invalid.")));
}

#[tokio::test]
async fn they_take_any_200_for_a_success() {
    let html = "<html><body>Please log in</body></html>";
    let bodies = [
        r#"{"job_id": "j-1" "backup_id": "b-1"}"#,
        r#"{"job_id": "j-1""#,
        r#"{"job_id":"j-1"}}"#,
        r#"["j-1"]"#,
        r#""j-1""#,
        "null",
        "",
        " ",
        html,
        r#"{"job_id":17}"#,
        r#"{"job_id":null}"#,
        r#"{"job_id":""}"#,
        r#"{"jobId":"j-1"}"#,
        "{}",
    ];
    for body in bodies {
        let wire = Wire::replying([json_reply("200 OK", body)]);
        let error = wire.client().stop_graph("g").send().await.expect_err(body);
        assert_eq!(error.status(), Some(200), "{body}");
        assert!(error.may_have_taken_effect(), "{body}");
    }
    // And what is cut off, with a length that says so and without one.
    let whole = r#"{"job_id":"j-1"}"#;
    let short = json_reply("200 OK", whole).replace("\"j-1\"}", "\"j");
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}", &whole[..12]);
    for cut in [short, endless] {
        let wire = Wire::replying([&*cut]);
        let error = wire.client().stop_graph("g").send().await.expect_err(&cut);
        assert!(error.may_have_taken_effect(), "{cut}");
    }
}

#[tokio::test]
async fn they_take_the_code_of_a_failure_with_200_for_a_success() {
    let body = r#"{"errorCode":"GES.7001","errorMessage":"The graph is not running."}"#;
    let wire = Wire::replying([json_reply("200 OK", body)]);
    let client = wire.client();
    let failures: [Error; 3] = [
        client.restart_graph("g").send().await.unwrap_err(),
        client.start_graph("g").send().await.unwrap_err(),
        client.stop_graph("g").send().await.unwrap_err(),
    ];
    for error in failures {
        assert_eq!((error.code(), error.is_not_running()), (Some("GES.7001"), true));
    }
}

#[tokio::test]
async fn they_take_an_empty_answer_to_a_question_for_one() {
    let wire = Wire::replying([json_reply("200 OK", "{}")]);
    let client = wire.client();
    let failures = [
        client.show_job("g", "j").send().await.unwrap_err(),
        client.show_graph("g").send().await.unwrap_err(),
        client.list_jobs().send().await.unwrap_err(),
        client.list_graph_backups_v1("g").send().await.unwrap_err(),
    ];
    assert!(failures.iter().all(|error| error.status() == Some(200) && !error.may_have_taken_effect()));
    client.delete_backup("g", "b").send().await.unwrap(); // the documented answer
}

#[tokio::test]
async fn they_take_a_redirect_or_another_success_for_the_documented_one() {
    for status in ["202 Accepted", "204 No Content", "302 Found", "307 Temporary Redirect"] {
        let wire = Wire::replying([reply(status, "location: /elsewhere\r\n", "")]);
        let error = wire.client().stop_graph("g").send().await.expect_err(status);
        assert_eq!(error.status(), status.split(' ').next().unwrap().parse().ok());
        assert_eq!(wire.requests().len(), 1, "the token does not travel");
        assert_eq!(error.may_have_taken_effect(), status.starts_with('2'));
    }
}

#[tokio::test]
async fn they_never_wait_for_a_job() {
    let config = Config { tokens: vec![TOKEN.to_owned()], transitions: Transitions::Manual(2), ..Config::default() };
    let service = Service::start(config);
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let ges = service.client();
    let stop = ges.stop_graph(&graph).send().await.unwrap();
    ges.wait_for(&stop).pauses(Duration::from_millis(1), Duration::from_millis(1)).await.unwrap();
    let stopped = ges.stop_graph(&graph).send().await.unwrap_err();
    assert!(stopped.is_not_running(), "{stopped}");
}
