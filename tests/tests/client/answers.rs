//! Errors read alike, whether version 1, version 2, a gateway or a proxy sent the response.

use ges_client::Error;
use ges_client::types::JobStatus;

use crate::wire::Wire;
use test_support::{json_reply, reply};

/// The questions that can be asked, as a text.
fn said(error: &Error) -> String {
    let questions = [
        (error.is_not_found(), "not found"),
        (error.is_not_running(), "not running"),
        (error.is_unauthorized(), "unauthorized"),
        (error.is_forbidden(), "forbidden"),
        (error.is_throttled(), "throttled"),
        (error.may_have_taken_effect(), "may have taken effect"),
    ];
    let yes: Vec<_> = questions.into_iter().filter(|(yes, _)| *yes).map(|(_, question)| question).collect();
    let status = error.status().map_or_else(|| "-".to_owned(), |status| status.to_string());
    format!("{status} {}: {}", error.code().unwrap_or("-"), yes.join(", "))
}

/// Asks both API versions; the answers must read alike.
async fn check(answer: String, expected: &str) -> Error {
    let wire = Wire::replying([&*answer]);
    let v2 = wire.client().stop_graph("g").send().await.unwrap_err();
    let v1 = wire.client().restart_graph("g").send().await.unwrap_err();
    assert_eq!(said(&v2), expected, "{answer}");
    assert_eq!(said(&v1), expected, "{answer}");
    v2
}

#[tokio::test]
async fn bodies_of_v1_v2_and_the_gateway_read_alike() {
    for body in [
        r#"{"errorCode":"GES.7001","errorMessage":"no"}"#,
        r#"{"error_code":"GES.7001","error_msg":"no"}"#,
        r#"{"errCode":"GES.7001","externalMessage":"no"}"#,
    ] {
        let error = check(json_reply("400 Bad Request", body), "400 GES.7001: not running").await;
        assert_eq!(error.message(), Some("no"));
    }
    let body = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information","request_id":"r"}"#;
    let answer = reply("401 Unauthorized", "content-type: application/json\r\nx-request-id: r-17\r\n", body);
    let error = check(answer, "401 APIGW.0301: unauthorized").await;
    assert_eq!(error.request_id(), Some("r-17"));
}

#[tokio::test]
async fn a_message_is_escaped_as_reports_are() {
    let every: Vec<char> = (char::MIN..=char::MAX).collect();
    // In pieces, and between letters, so that no message is too long, and nothing at an end is cut off.
    for piece in every.chunks(1 << 16) {
        let text = format!("a{}a", piece.iter().collect::<String>());
        let body = serde_json::json!({ "error_code": "GES.0001", "error_msg": text }).to_string();
        let error = check(json_reply("400 Bad Request", &body), "400 GES.0001: ").await;
        let (shown, expected) = (error.to_string(), conformance_engine::visible::escaped(&text));
        assert!(shown.contains(&*expected), "from {:?} on", piece[0]);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_whatever_the_status() {
    for code in ["GES.0047", "GES.7000", "GES.8011"] {
        for status in ["400 Bad Request", "404 Not Found"] {
            let expected = format!("{} {code}: not found", &status[..3]);
            check(json_reply(status, &format!(r#"{{"errorCode":"{code}","error_code":"{code}"}}"#)), &expected).await;
        }
    }
    check(reply("404 Not Found", "", "nothing here"), "404 -: not found").await;
    let no_such_api = r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#;
    check(json_reply("404 Not Found", no_such_api), "404 APIGW.0101: ").await;
}

#[tokio::test]
async fn a_page_of_html_keeps_its_status_and_its_text() {
    let html = "<html><h1>Service Unavailable</h1></html>";
    let error =
        check(reply("503 Service Unavailable", "content-type: text/html\r\n", html), "503 -: may have taken effect")
            .await;
    assert_eq!(error.message(), Some(html));
    check(reply("503 Service Unavailable", "retry-after: 7\r\n", html), "503 -: ").await;
    check(reply("502 Bad Gateway", "", ""), "502 -: may have taken effect").await;
    check(reply("500 Internal Server Error", "", "{"), "500 -: may have taken effect").await;
    check(reply("408 Request Timeout", "", ""), "408 -: may have taken effect").await;
    check(reply("429 Too Many Requests", "", ""), "429 -: throttled").await;
    check(reply("403 Forbidden", "", ""), "403 -: forbidden").await;
    check(
        json_reply("400 Bad Request", r#"{"error_code":"GES.7041","errorCode":"GES.7041"}"#),
        "400 GES.7041: forbidden",
    )
    .await;
    check(reply("418 I'm a teapot", "", ""), "418 -: ").await;
}

#[tokio::test]
async fn a_refusal_with_a_broken_body_is_a_refusal() {
    let cut = json_reply("400 Bad Request", r#"{"error_code":"GES.7001"}"#).replace("GES.7001\"}", "");
    check(cut, "400 -: ").await;
}

#[tokio::test]
async fn the_documented_answer_of_a_restart_is_a_success_without_a_job() {
    let wire = Wire::replying([json_reply("200 OK", "{ }")]);
    let client = wire.client();
    let restart = client.restart_graph("g").send().await.unwrap();
    assert_eq!((restart.job_id.as_deref(), restart.job()), (None, None));
    let error = client.wait_for(&restart).await.unwrap_err();
    assert!(error.to_string().contains("until the status of the graph is 200"), "{error}");
    assert!(!error.may_have_taken_effect());
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_value_that_the_document_does_not_list_is_handed_over() {
    let body = r#"{"job_id":"j","status":"in review"}"#;
    let wire = Wire::replying([json_reply("200 OK", body)]);
    let job = wire.client().show_job("g", "j").send().await.unwrap().into_inner();
    assert_eq!(job.status, Some(JobStatus::Undocumented("in review".to_owned())));
    assert_eq!(job.status.as_ref().map(ToString::to_string).as_deref(), Some("in review"));
    assert_eq!(serde_json::to_string(&job).unwrap(), body);
    assert_eq!("success".parse::<JobStatus>().ok(), Some(JobStatus::Success));
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j","status":7}"#)]);
    let error = wire.client().show_job("g", "j").send().await.unwrap_err();
    assert!(error.to_string().contains("not the documented object"), "{error}");
}

#[tokio::test]
async fn identifiers_stay_one_segment_of_the_address_or_are_refused() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j"}"#)]);
    let client = wire.client();
    let stop = client.stop_graph("a/b?c#d e%2F").send().await.unwrap();
    assert!(wire.requests()[0].starts_with("POST /v2/p/graphs/a%2Fb%3Fc%23d%20e%252F/stop HTTP/1.1\r\n"));
    assert_eq!(stop.job().map(|job| job.graph_id).as_deref(), Some("a/b?c#d e%2F"));
    for id in ["", ".", ".."] {
        let error = client.stop_graph(id).send().await.unwrap_err();
        assert_eq!(said(&error), "- -: ", "`{id}`");
        // Without the graph, this would be the address of a list.
        assert_eq!(said(&client.show_graph(id).send().await.unwrap_err()), "- -: ", "`{id}`");
        assert_eq!(said(&client.restart_graph(id).send().await.unwrap_err()), "- -: ", "`{id}`");
    }
    let other = wire.builder().project_id("not a project!").build().unwrap_err();
    assert_eq!(said(&other), "- -: ");
    assert_eq!(wire.requests().len(), 1, "nothing else was sent");
}

#[tokio::test]
async fn the_path_of_an_endpoint_comes_first() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"jobId":"j"}"#)]);
    let client = wire.builder().endpoint(format!("{}/cloud/ges/", wire.endpoint)).build().unwrap();
    client.upgrade_graph("g").body_map(|body| body.upgrade_version("2.3.4")).send().await.unwrap();
    let request = &wire.requests()[0];
    assert!(request.starts_with("POST /cloud/ges/v1.0/p/graphs/g/action?action_id=upgrade HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with(r#"{"forceUpgrade":false,"upgradeVersion":"2.3.4"}"#), "{request}");
}

#[tokio::test]
async fn what_was_answered_can_be_printed() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j-1"}"#)]);
    let answer = wire.client().stop_graph("g").send().await.unwrap();
    let printed = format!("{answer:?}");
    assert!(
        printed.starts_with(r#"Response { object: StopGraphResponse { job_id: Some("j-1") }, status: 200, "#),
        "{printed}"
    );
    assert!(printed.ends_with(r#"/v2/p/graphs/g/stop" }"#), "{printed}");
}

#[tokio::test]
async fn no_undocumented_header_is_sent() {
    let wire = Wire::replying([json_reply("200 OK", r#"{"job_id":"j"}"#)]);
    wire.client().stop_graph("g").send().await.unwrap();
    let request = wire.requests().concat().to_ascii_lowercase();
    let mut names: Vec<_> = request.lines().skip(1).filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-length", "content-type", "host", "x-auth-token"]);
}
