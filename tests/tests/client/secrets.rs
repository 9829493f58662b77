//! No secret is in anything that a program prints.

use std::error::Error as _;
use std::fmt::Write as _;

use ges_client::credentials::{Credentials, Keys, Password, Token};
use ges_client::{Error, Response, types};

use crate::traces::Seen;
use crate::wire::Wire;
use test_support::{json_reply, reply};

const SECRETS: [&str; 4] = ["hunter2-token", "hunter2-sk", "hunter2-sts", "hunter2-password"];

async fn printed(credentials: impl Credentials, answers: &[String]) -> String {
    let wire = Wire::replying(answers);
    let mut text = String::new();
    let client = wire.builder().credentials(credentials);
    let _ = write!(text, "{client:?}");
    let client = client.build().unwrap();
    let call = client.stop_graph("g");
    let _ = write!(text, "{client:?}{client:#?}{call:?}");
    let outcome: Result<Response<types::StopGraphResponse>, Error> = call.send().await;
    let _ = write!(text, "{outcome:?}");
    if let Err(error) = &outcome {
        let _ = write!(text, "{error}{error:#?}");
        let mut source = error.source();
        while let Some(error) = source {
            let _ = write!(text, "{error}{error:?}");
            source = error.source();
        }
    }
    let sent = wire.requests().concat();
    assert!(sent.contains("hunter2") || sent.contains("authorization: SDK-HMAC-SHA256"), "the secret was used: {sent}");
    text
}

#[tokio::test]
async fn no_secret_is_printed_or_traced() {
    let seen = Seen::default();
    let _guard = tracing::subscriber::set_default(seen.clone());
    let signed_in = reply("201 Created", "x-subject-token: hunter2-token\r\n", "{}");
    let refused_sign_in = json_reply("401 Unauthorized", r#"{"error":{"message":"wrong"}}"#);
    let calls = [
        json_reply("200 OK", r#"{"job_id":"j"}"#),
        reply("401 Unauthorized", "", "no"),
        "".to_owned(),
        "nonsense".to_owned(),
    ];
    let mut text = String::new();
    for call in calls {
        let one = std::slice::from_ref(&call);
        text += &printed(Token::new("hunter2-token").unwrap(), one).await;
        text += &printed(Keys::new("AK", "hunter2-sk").security_token("hunter2-sts").unwrap(), one).await;
        let password = || Password::new("ann", "hunter2-password", "acme");
        text += &printed(password(), &[signed_in.clone(), call.clone()]).await;
        text += &printed(password(), std::slice::from_ref(&refused_sign_in)).await;
        text += &printed(password(), &[call]).await;
    }
    text += &seen.text();
    assert!(text.contains("stop_graph") && text.contains("ann"));
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(!text.contains("SDK-HMAC-SHA256 Access"), "a signature can be replayed for 15 minutes");
}

#[test]
fn a_secret_that_cannot_be_sent_is_not_repeated() {
    let token = Token::new("hunter2-token\n").unwrap_err();
    let keys = Keys::new("AK", "hunter2-sk").security_token("hunter2-sts\r\n").unwrap_err();
    let endpoint = ges_client::Client::new("http://ann:hunter2-password@127.0.0.1", "p", "t").unwrap_err();
    for error in [token, keys, endpoint] {
        assert!(!format!("{error}{error:?}").contains("hunter2"), "{error}");
    }
}
