//! The latest requests and responses.
//!
//! **Invariant:** no secret leaves the journal, whichever part of an exchange contains it.

use crate::api::operation::Operation;
use crate::api::route::route;
use crate::auth::authentication::Authenticator;
use crate::fault::rule::ConnectionFault;
use crate::fault::rules::MatchedFault;
use crate::redact::Redactor;
use crate::service::clock::Timestamp;
use crate::service::id::RequestId;
use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fmt;

/// The latest exchanges, the oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    most: usize,
    entries: VecDeque<Entry>,
}

/// One exchange. It is kept as it came, and redacted when it is read.
#[derive(Debug)]
struct Entry {
    info: RequestInfo,
    method: Method,
    /// `None` if the connection was reset.
    status: Option<u16>,
    /// The target, the body, the answer, then the name and the value of each header.
    texts: Texts,
}

/// The context of a request.
#[derive(Debug)]
pub(crate) struct RequestInfo {
    pub(crate) id: RequestId,
    pub(crate) at: Timestamp,
    /// `None` if the request was rejected before its operation was known.
    pub(crate) operation: Option<Operation>,
    /// The fault it met.
    pub(crate) fault: Option<MatchedFault>,
}

/// Texts in one buffer.
///
/// They are copies: a body is a piece of the connection's buffer, and keeping it would make the connection allocate a new
/// one for every request.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Longer bodies are left out: they would take too much memory, and cutting them could leave half a secret.
const LONGEST_BODY: usize = 4096;

impl Journal {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: VecDeque::new() }
    }

    pub(crate) fn record(&mut self, request: &Request<Bytes>, response: &Response<Bytes>, info: RequestInfo) {
        if self.most == 0 {
            return;
        }
        // The new entry takes the place of the one that is forgotten.
        let forgotten = if self.entries.len() >= self.most { self.entries.pop_front() } else { None };
        let mut texts = forgotten.map_or_else(Texts::default, |entry| entry.texts.emptied());
        let lost = info.fault.as_ref().is_some_and(|matched| matched.fault.connection == Some(ConnectionFault::Reset));
        texts.push_target(request.uri());
        texts.push_body(request.body());
        texts.push_body(if lost { b"" } else { response.body() });
        for (name, value) in request.headers() {
            texts.push(name.as_str().as_bytes());
            texts.push(value.as_bytes());
        }
        let status = (!lost).then(|| response.status().as_u16());
        self.entries.push_back(Entry { info, method: request.method().clone(), status, texts });
    }

    /// The matching entries, with secrets redacted.
    pub(crate) fn show(&self, filter: &Filter, authenticator: &Authenticator) -> Value {
        let latest = self.entries.iter().rev().filter(|entry| filter.admits(entry));
        let mut found: Vec<_> = latest.take(filter.most.map_or(usize::MAX, |most| most as usize)).collect();
        found.reverse();
        // What one request presents as a secret is kept out of all.
        let mut redactor = Redactor::new(authenticator.secrets());
        self.entries.iter().for_each(|entry| entry.teach(&mut redactor));
        found.into_iter().map(|entry| entry.show(&redactor)).collect()
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
        self.operation.is_none_or(|operation| entry.info.operation == Some(operation))
            && self.status.is_none_or(|status| entry.status.map(u32::from) == Some(status))
            && self.graph.as_ref().is_none_or(|graph| entry.is_for(graph))
    }
}

impl Entry {
    fn is_for(&self, graph: &str) -> bool {
        let target = Uri::try_from(self.texts.get(TARGET));
        target.is_ok_and(|target| route(target.path()).is_some_and(|route| route.graph == graph))
    }

    fn teach(&self, redactor: &mut Redactor) {
        redactor.learn_fields(self.headers());
        [TARGET, BODY, ANSWER].into_iter().for_each(|at| redactor.learn_text(self.texts.get(at)));
    }

    fn show(&self, redactor: &Redactor) -> Value {
        let headers = self
            .headers()
            .map(|(name, value)| json!([String::from_utf8_lossy(name), redactor.field_value(name, value)]));
        let RequestInfo { id, at, operation, fault } = &self.info;
        json!({
            "request_id": id,
            "at": at,
            "operation": operation.map(Operation::name),
            "method": self.method.as_str(),
            "target": redactor.text(self.texts.get(TARGET)),
            "headers": headers.collect::<Value>(),
            "body": redactor.body(self.texts.get(BODY)),
            "fault": fault.as_ref().map(|matched| matched.rule),
            "status": self.status,
            "answer": redactor.body(self.texts.get(ANSWER)),
        })
    }

    fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        (HEADERS..self.texts.ends.len()).step_by(2).map(|at| (self.texts.get(at), self.texts.get(at + 1)))
    }
}

const TARGET: usize = 0;
const BODY: usize = 1;
const ANSWER: usize = 2;
const HEADERS: usize = 3;

/// The texts are not redacted yet, so only their number is shown.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} texts)", self.ends.len())
    }
}

impl Texts {
    /// Without the texts, but with their memory, unless it is unusually much.
    fn emptied(mut self) -> Self {
        self.bytes.clear();
        self.bytes.shrink_to(LONGEST_BODY);
        self.ends.clear();
        self
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    fn push_target(&mut self, target: &Uri) {
        match (target.authority(), target.path_and_query()) {
            (None, Some(target)) => self.push(target.as_str().as_bytes()),
            _ => self.push(target.to_string().as_bytes()),
        }
    }

    fn push_body(&mut self, body: &[u8]) {
        if body.len() > LONGEST_BODY {
            return self.push(format!("({} bytes)", body.len()).as_bytes());
        }
        self.push(body);
    }

    fn get(&self, at: usize) -> &[u8] {
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|&end| self.bytes.get(begin..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::service::id::Ids;
    use std::time::SystemTime;

    fn info() -> RequestInfo {
        let at = Timestamp::from_system(SystemTime::UNIX_EPOCH);
        RequestInfo { id: Ids::new(0).request(), at, operation: None, fault: None }
    }

    fn shown(body: &str) -> String {
        let request = Request::post("/v2/p/graphs/g/stop?key=hunter2")
            .header("X-Auth-Token", "token-of-the-caller")
            .header("User-Agent", "hunter2/1.0")
            .body(Bytes::from(body.to_owned()));
        let mut journal = Journal::new(1);
        journal.record(&request.unwrap(), &Response::new(Bytes::from("token-of-the-caller")), info());
        let config = Config { tokens: vec!["hunter2".to_owned()], ..Config::default() };
        journal.show(&Filter::default(), &config.authenticator()).to_string()
    }

    #[test]
    fn secrets_are_redacted_in_every_part() {
        let shown = shown(r#"{"a": "hunter2", "b": "token-of-the-caller", "c": "kept"}"#);
        assert!(!shown.contains("hunter2") && !shown.contains("token-of-the-caller"), "{shown}");
        assert!(shown.contains("kept") && shown.contains("/v2/p/graphs/g/stop?key=***"), "{shown}");
    }

    #[test]
    fn secrets_of_every_kind_are_kept_out_of_all_entries() {
        let mut journal = Journal::new(20);
        let mut see = |line: &str, name: &str, value: &str, body: &str, answer: &str| {
            let request = Request::post(line).header(name, value).body(Bytes::from(body.to_owned())).unwrap();
            journal.record(&request, &Response::new(Bytes::from(answer.to_owned())), info());
        };
        // What is a secret only by a request after it.
        see("/v2/kept?q=tainted-01", "x-note", "tainted-02", "tainted-03", "tainted-04");
        see("/v2/kept?token=tainted-01&kept=1", "x-id", "kept", "", "");
        see("/v2/kept#access_token=tainted-05", "authorization", "Bearer tainted-02", "", "");
        // `kept:tainted-06`
        see("/v2/kept", "authorization", "Basic a2VwdDp0YWludGVkLTA2", "tainted-06", "a2VwdDp0YWludGVkLTA2");
        see("/v3/login", "x-id", "kept", r#"{"user": "kept", "password": "tainted-03"}"#, "");
        see("/v2/kept", "cookie", "sid=tainted-07; kept=no", "", "who has tainted-07");
        see("/v2/kept", "x-id", "kept", r#"{"adminPass": "tainted-08"}"#, r#"{"session_token": "tainted-04"}"#);
        see("/v2/kept", "x-sk", "tainted-09", "user=kept&pwd=tainted-10", "{'secretKey': 'tainted-11'}");
        see("/v2/kept;jsessionid=tainted-12", "location", "http://u:tainted-13@kept/", "<pwd>tainted-14</pwd>", "");
        see("/v2/kept?sig=tainted-15", "x-api-key", "tainted-16", "", "taint\\u0065d-16 &#116;ainted-16 %74ainted-16");
        let shown = journal.show(&Filter::default(), &Config::default().authenticator()).to_string();
        assert!(!shown.contains("tainted") && !shown.contains("a2VwdDp0"), "{shown}");
        assert!(!shown.contains("ainted-16") && !shown.contains("d-16"), "{shown}");
        assert!(shown.matches("kept").count() >= 14, "{shown}");
    }

    #[test]
    fn a_secret_of_one_letter_is_not_searched_for() {
        let mut journal = Journal::new(1);
        let request = Request::post("/v2/p/graphs/g/stop").header("X-Auth-Token", "t").body(Bytes::new());
        journal.record(&request.unwrap(), &Response::default(), info());
        let shown = journal.show(&Filter::default(), &Config::default().authenticator()).to_string();
        assert!(shown.contains(r#"["x-auth-token","***"]"#) && shown.contains("/stop"), "{shown}");
    }

    #[test]
    fn long_bodies_are_left_out() {
        assert!(shown(&"x".repeat(5000)).contains("(5000 bytes)"));
    }

    #[test]
    fn only_the_latest_requests_are_kept() {
        for (most, expected) in [(0, 0), (2, 2), (9, 3)] {
            let mut journal = Journal::new(most);
            for _ in 0..3 {
                journal.record(&Request::default(), &Response::default(), info());
            }
            let shown = journal.show(&Filter::default(), &Config::default().authenticator());
            assert_eq!(shown.as_array().map(Vec::len), Some(expected));
        }
    }
}
