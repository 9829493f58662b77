//! Which calls are repeated, and which never are.

use std::time::{Duration, Instant, SystemTime};

use ges_client::{Client, Retries};

use crate::wire::Wire;
use test_support::{Server, Then, json_reply, reply, unused_address};

fn quick() -> Retries {
    Retries::default().first_pause(Duration::from_millis(1))
}

fn accepted() -> String {
    json_reply("200 OK", r#"{"job_id":"j","jobId":"j"}"#)
}

/// How often a stop, which changes something, is sent, and whether it succeeds in the end.
async fn check(first: &str, sent: usize, succeeds: bool) {
    let wire = Wire::replying([first.to_owned(), accepted()]);
    let client = wire.builder().retries(quick()).build().unwrap();
    let stopped = client.stop_graph("g").send().await;
    assert_eq!((wire.requests().len(), stopped.is_ok()), (sent, succeeds), "{first}");
}

#[tokio::test]
async fn only_what_the_service_did_not_do_is_repeated() {
    check(&reply("429 Too Many Requests", "", ""), 2, true).await;
    check(&reply("429 Too Many Requests", "retry-after: 0\r\n", ""), 2, true).await;
    check(&reply("503 Service Unavailable", "retry-after: 0\r\n", ""), 2, true).await;
    check(&reply("503 Service Unavailable", "", ""), 1, false).await;
    check(&reply("502 Bad Gateway", "", ""), 1, false).await;
    check(&reply("500 Internal Server Error", "retry-after: 0\r\n", ""), 1, false).await;
    check(&reply("400 Bad Request", "retry-after: 0\r\n", ""), 1, false).await;
    check("", 1, false).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", 1, false).await;
    check("nonsense\r\n\r\n", 1, false).await;
}

#[tokio::test]
async fn looking_is_repeated_whatever_happened() {
    let found = json_reply("200 OK", r#"{"status":"success"}"#);
    for first in [
        "".to_owned(),
        reply("500 Internal Server Error", "", ""),
        reply("502 Bad Gateway", "", ""),
        reply("503 Service Unavailable", "", ""),
        "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_owned(),
    ] {
        let wire = Wire::replying([first.clone(), found.clone()]);
        let client = wire.builder().retries(quick()).build().unwrap();
        client.wait_for(&ges_client::Job::new("g", "j")).await.expect(&first);
        assert_eq!(wire.requests().len(), 2, "{first}");
    }
}

#[tokio::test]
async fn a_switch_turns_it_off() {
    let wire = Wire::replying([reply("429 Too Many Requests", "", ""), accepted()]);
    let error = wire.client().stop_graph("g").send().await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn there_is_an_end_to_it() {
    let wire = Wire::replying([reply("429 Too Many Requests", "", "")]);
    let client = wire.builder().retries(quick().at_most(5)).build().unwrap();
    client.stop_graph("g").send().await.unwrap_err();
    assert_eq!(wire.requests().len(), 6);
    // Of ten repetitions, five are left for all clones together.
    for clone in [client.clone(), client.clone(), client.clone()] {
        clone.stop_graph("g").send().await.unwrap_err();
    }
    assert_eq!(wire.requests().len(), 6 + 6 + 1 + 1);
}

#[tokio::test]
async fn retry_after_is_obeyed_as_seconds_and_as_a_date() {
    // A date has no parts of a second.
    let in_two_seconds = || httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    for (value, least) in [(|| "1".to_owned()) as fn() -> String, in_two_seconds].into_iter().zip([1000, 900]) {
        let value = value();
        let headers = format!("retry-after: {value}\r\n");
        let wire = Wire::replying([reply("503 Service Unavailable", &headers, ""), accepted()]);
        let client = wire.builder().retries(quick()).build().unwrap();
        let start = Instant::now();
        client.stop_graph("g").send().await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(least), "{value}: {:?}", start.elapsed());
    }
    let wire = Wire::replying([reply("503 Service Unavailable", "retry-after: 3600\r\n", "")]);
    let client = wire.builder().retries(quick()).build().unwrap();
    let error = client.stop_graph("g").send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)), "an hour is not waited for");
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_tried_again() {
    let address = unused_address();
    let pauses = quick().first_pause(Duration::from_millis(100)).at_most(6);
    let token = ges_client::credentials::Token::new("t").unwrap();
    let client = Client::builder().endpoint(format!("http://{address}")).project_id("p").credentials(token);
    let client = client.retries(pauses).build().unwrap();
    let stop = tokio::spawn(async move { client.stop_graph("g").send().await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    // Now it is there.
    let listener = tokio::net::TcpListener::bind(&address).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, accepted().as_bytes()).await.unwrap();
    assert!(stop.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_service_that_does_not_answer_costs_its_timeout() {
    let server = Server::start(|_, _| Then::Hang);
    let token = ges_client::credentials::Token::new("t").unwrap();
    let client = Client::builder().endpoint(&*server.url).project_id("p").credentials(token);
    let client = client.timeout(Duration::from_millis(100)).build().unwrap();
    let error = client.stop_graph("g").send().await.unwrap_err();
    assert_eq!((error.status(), error.may_have_taken_effect()), (None, true), "{error}");
}
