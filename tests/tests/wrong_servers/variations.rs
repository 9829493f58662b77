//! The ways in which a correct server may differ from the emulator.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::server::{Answer, Fault, Written, written};

/// Each with its name.
pub(crate) fn all() -> Vec<(&'static str, Fault)> {
    let mut list: Vec<(&'static str, Fault)> = Vec::new();
    let mut answers = |name, change: fn(Answer) -> Answer| {
        list.push((name, Arc::new(move |world, call| change(world.forward(&call)))));
    };
    answers("members that nobody documented", |answer| {
        let mut value = answer.value();
        if value.is_object() {
            value["request_id"] = json!("029285c82eafd5fbcbaa79e11f303fa4");
            value["links"] = json!([{"rel": "job", "href": "/v2/jobs/1"}]);
        }
        answer.with_value(&value)
    });
    answers("members in another order", |answer| {
        let mut value = answer.value();
        if let Value::Object(members) = &mut value {
            *members = std::mem::take(members).into_iter().rev().collect();
        }
        answer.with_value(&value)
    });
    answers("headers in another order and case, and more of them", |mut answer| {
        answer.headers.reverse();
        answer.headers = answer.headers.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
        answer.headers.push(("X-Request-Id".to_owned(), "7f0c-11".to_owned()));
        answer
            .headers
            .push(("Strict-Transport-Security".to_owned(), "max-age=31536000; includeSubdomains;".to_owned()));
        answer.headers.push(("Set-Cookie".to_owned(), "HWWAFSESID=a; path=/".to_owned()));
        answer
    });
    answers("chunks", |answer| {
        let Written { status, headers, body } = Written::of(&answer);
        let chunks = body.chunks(7).map(|chunk| [format!("{:X}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        let chunks = chunks.collect::<Vec<_>>().concat();
        let head = format!("HTTP/1.1 {status} OK\r\n{headers}transfer-encoding: chunked\r\n\r\n");
        Answer { raw: Some([head.as_bytes(), &chunks, b"0\r\n\r\n"].concat()), ..answer }
    });
    answers("white space", |answer| {
        let text = format!(" \n{}\r\n", serde_json::to_string_pretty(&answer.value()).unwrap());
        Answer { body: text.into_bytes(), ..answer }
    });
    answers("characters written as numbers", |answer| {
        let text: String = serde_json::to_string(&answer.value())
            .unwrap()
            .chars()
            .map(|c| if matches!(c, 'e' | '.' | 'o') { format!("\\u{:04X}", u32::from(c)) } else { c.to_string() })
            .collect();
        Answer { body: text.into_bytes(), ..answer }
    });
    answers("other messages", |answer| {
        let mut value = answer.value();
        for name in ["error_msg", "errorMessage"] {
            if value.get(name).is_some_and(|message| message != "") {
                value[name] = json!("图处于不可操作状态。 The graph cannot be operated on. ".repeat(20));
            }
        }
        answer.with_value(&value)
    });
    answers("a charset", |answer| answer.with_header("content-type", "Application/JSON;  Charset=\"UTF-8\""));
    answers("each answer ends its connection, and says so", |answer| {
        let raw = written(&answer.clone().with_header("connection", "close"));
        Answer { raw: Some(raw), ..answer }
    });
    answers("HTTP/1.0", |answer| {
        let Written { status, headers, body } = Written::of(&answer);
        Answer { raw: Some([format!("HTTP/1.0 {status} OK\r\n{headers}\r\n").as_bytes(), &body].concat()), ..answer }
    });
    answers("no reason, and an interim answer first", |answer| {
        let Written { status, headers, body } = Written::of(&answer);
        let length = body.len();
        let head =
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 {status} \r\n{headers}content-length: {length}\r\n\r\n");
        Answer { raw: Some([head.as_bytes(), &body].concat()), ..answer }
    });
    answers("what is blank is said to be", |answer| {
        let mut value = answer.value();
        let is_first = ["jobId", "errorCode"].iter().any(|name| value.get(name).is_some());
        if answer.status == 200 && is_first {
            value["errorCode"] = json!(null);
            value["errorMessage"] = json!("");
        } else if is_first {
            value["jobId"] = json!(null);
        }
        answer.with_value(&value)
    });
    list.push((
        "an address that does not exist is answered before anything else",
        Arc::new(|world, call| {
            let is_known = ["start", "restart", "upgrade", "stop", "backup"].contains(&call.operation());
            if is_known { world.forward(&call) } else { Answer::json(404, &json!({"error_code": "APIG.0101"})) }
        }),
    ));
    list
}
