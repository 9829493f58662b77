//! What was asked lately, and what was answered?
//!
//! **Invariant:** no secret leaves the journal: neither a token nor a signature, in whatever part of
//! the exchange it turns up.

use crate::Operation;
use crate::id::RequestId;
use crate::moment::Moment;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The latest exchanges, the oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    most: usize,
    entries: VecDeque<Entry>,
}

/// One exchange. Requests are kept as they came and made presentable when somebody reads them.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: RequestId,
    pub(crate) at: Moment,
    /// `None` if the request never came to be a call.
    pub(crate) operation: Option<Operation>,
    pub(crate) request: Request<Bytes>,
    pub(crate) status: u16,
    pub(crate) response: Bytes,
}

/// Longer bodies are left out: they would keep too much memory, and cut ones could hide half a secret.
const LONGEST_BODY: usize = 4096;

const SECRET_HEADERS: [&str; 5] =
    ["x-auth-token", "authorization", "x-security-token", "cookie", "proxy-authorization"];

const REDACTED: &str = "***";

impl Journal {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: VecDeque::new() }
    }

    pub(crate) fn record(&mut self, request: Request<Bytes>, response: &Response<Bytes>, with: Noted) {
        if self.most == 0 {
            return;
        }
        if self.entries.len() >= self.most {
            self.entries.pop_front();
        }
        let Noted { id, at, operation } = with;
        let status = response.status().as_u16();
        let response = short(response.body().clone());
        let request = request.map(short);
        self.entries.push_back(Entry { id, at, operation, request, status, response });
    }

    /// The entries without any of the secrets in them.
    pub(crate) fn show(&self, tokens: &[String]) -> Value {
        self.entries.iter().map(|entry| entry.show(tokens)).collect()
    }
}

/// What is noted about an exchange beside what went over the wire.
pub(crate) struct Noted {
    pub(crate) id: RequestId,
    pub(crate) at: Moment,
    pub(crate) operation: Option<Operation>,
}

impl Entry {
    fn show(&self, tokens: &[String]) -> Value {
        let secrets = self.secrets(tokens);
        let presentable = |text: &[u8]| redacted(&String::from_utf8_lossy(text), &secrets);
        let headers = self.request.headers().iter().map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name.as_str());
            let value = if secret { REDACTED.to_owned() } else { presentable(value.as_bytes()) };
            json!([name.as_str(), value])
        });
        json!({
            "request_id": self.id,
            "at": self.at,
            "operation": self.operation.map(Operation::name),
            "method": self.request.method().as_str(),
            "target": presentable(self.request.uri().to_string().as_bytes()),
            "headers": headers.collect::<Value>(),
            "body": presentable(self.request.body()),
            "status": self.status,
            "answer": presentable(&self.response),
        })
    }

    fn secrets<'a>(&'a self, tokens: &'a [String]) -> Vec<String> {
        let presented = SECRET_HEADERS.iter().flat_map(|name| self.request.headers().get_all(*name));
        let mut secrets: Vec<String> = presented
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .chain(tokens.iter().cloned())
            .filter(|secret| !secret.is_empty())
            .collect();
        // A secret may be part of a longer one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }
}

fn short(body: Bytes) -> Bytes {
    if body.len() <= LONGEST_BODY {
        return body;
    }
    Bytes::from(format!("({} bytes)", body.len()))
}

fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;
    use std::time::SystemTime;

    fn noted() -> Noted {
        let at = Moment::from_system(SystemTime::UNIX_EPOCH);
        Noted { id: Ids::new(0).request(), at, operation: None }
    }

    fn shown(body: &str) -> String {
        let request = Request::post("/v2/p/graphs/g/stop?key=hunter2")
            .header("X-Auth-Token", "token-of-the-caller")
            .header("User-Agent", "hunter2/1.0")
            .body(Bytes::from(body.to_owned()));
        let mut journal = Journal::new(1);
        journal.record(request.unwrap(), &Response::new(Bytes::from("token-of-the-caller")), noted());
        journal.show(&["hunter2".to_owned()]).to_string()
    }

    #[test]
    fn secrets_are_redacted_wherever_they_are() {
        let shown = shown(r#"{"a": "hunter2", "b": "token-of-the-caller", "c": "kept"}"#);
        assert!(!shown.contains("hunter2") && !shown.contains("token-of-the-caller"), "{shown}");
        assert!(shown.contains("kept") && shown.contains("/v2/p/graphs/g/stop?key=***"), "{shown}");
    }

    #[test]
    fn long_bodies_are_left_out() {
        assert!(shown(&"x".repeat(5000)).contains("(5000 bytes)"));
    }

    #[test]
    fn only_the_latest_requests_are_remembered() {
        for (most, expected) in [(0, 0), (2, 2), (9, 3)] {
            let mut journal = Journal::new(most);
            for _ in 0..3 {
                journal.record(Request::default(), &Response::default(), noted());
            }
            assert_eq!(journal.show(&[]).as_array().map(Vec::len), Some(expected));
        }
    }
}
