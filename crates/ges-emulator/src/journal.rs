//! What was asked lately, and what was answered?
//!
//! **Invariant:** no secret leaves the journal: neither a token nor a signature, in whatever part of
//! the exchange it turns up.

use crate::faults::Struck;
use crate::id::RequestId;
use crate::moment::Moment;
use crate::route::route;
use crate::{Config, Disturbance, Operation};
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
    /// The number of the fault it met.
    pub(crate) struck: Option<u64>,
    pub(crate) request: Request<Bytes>,
    /// `None` if the answer got lost.
    pub(crate) status: Option<u16>,
    pub(crate) response: Bytes,
}

/// Longer bodies are left out: they would keep too much memory, and cut ones could hide half a secret.
const LONGEST_BODY: usize = 4096;

const SECRET_HEADERS: [&str; 6] =
    ["x-auth-token", "authorization", "x-security-token", "x-subject-token", "cookie", "proxy-authorization"];

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
        let Noted { id, at, operation, struck } = with;
        let lost = struck.as_ref().is_some_and(|struck| struck.fault.connection == Some(Disturbance::Reset));
        let struck = struck.map(|struck| struck.rule);
        let status = (!lost).then(|| response.status().as_u16());
        let response = if lost { Bytes::new() } else { short(response.body().clone()) };
        let request = request.map(short);
        self.entries.push_back(Entry { id, at, operation, struck, request, status, response });
    }

    /// The entries looked for, without any of the secrets in them.
    pub(crate) fn show(&self, filter: &Filter, config: &Config) -> Value {
        let latest = self.entries.iter().rev().filter(|entry| filter.admits(entry));
        let mut found: Vec<_> = latest.take(filter.most.map_or(usize::MAX, |most| most as usize)).collect();
        found.reverse();
        found.into_iter().map(|entry| entry.show(config)).collect()
    }
}

/// Which entries to show; of those the latest, if there are too many.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) operation: Option<Operation>,
    pub(crate) graph: Option<String>,
    pub(crate) status: Option<u32>,
    pub(crate) most: Option<u32>,
}

impl Filter {
    fn admits(&self, entry: &Entry) -> bool {
        let is_for = |graph: &String| route(entry.request.uri().path()).is_some_and(|route| route.graph == *graph);
        self.operation.is_none_or(|operation| entry.operation == Some(operation))
            && self.status.is_none_or(|status| entry.status.map(u32::from) == Some(status))
            && self.graph.as_ref().is_none_or(is_for)
    }
}

/// What is noted about an exchange beside what went over the wire.
pub(crate) struct Noted {
    pub(crate) id: RequestId,
    pub(crate) at: Moment,
    pub(crate) operation: Option<Operation>,
    pub(crate) struck: Option<Struck>,
}

impl Entry {
    fn show(&self, config: &Config) -> Value {
        let secrets = self.secrets(config);
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
            "fault": self.struck,
            "status": self.status,
            "answer": presentable(&self.response),
        })
    }

    fn secrets(&self, config: &Config) -> Vec<String> {
        let presented = SECRET_HEADERS.iter().flat_map(|name| self.request.headers().get_all(*name));
        let mut secrets: Vec<String> = presented
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            // Of a signed request also the signature alone.
            .flat_map(|value| [value.rsplit_once("Signature=").map(|(_, alone)| alone.to_owned()), Some(value)])
            .flatten()
            .chain(config.secrets().map(str::to_owned))
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
        Noted { id: Ids::new(0).request(), at, operation: None, struck: None }
    }

    fn shown(body: &str) -> String {
        let request = Request::post("/v2/p/graphs/g/stop?key=hunter2")
            .header("X-Auth-Token", "token-of-the-caller")
            .header("User-Agent", "hunter2/1.0")
            .body(Bytes::from(body.to_owned()));
        let mut journal = Journal::new(1);
        journal.record(request.unwrap(), &Response::new(Bytes::from("token-of-the-caller")), noted());
        let config = Config { tokens: vec!["hunter2".to_owned()], ..Config::default() };
        journal.show(&Filter::default(), &config).to_string()
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
            let shown = journal.show(&Filter::default(), &Config::default());
            assert_eq!(shown.as_array().map(Vec::len), Some(expected));
        }
    }
}
