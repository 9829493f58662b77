//! What was asked lately, and what was answered?
//!
//! **Invariant:** no secret leaves the journal: neither a token nor a signature, in whatever part of
//! the exchange it turns up.

use crate::faults::Struck;
use crate::id::RequestId;
use crate::moment::Moment;
use crate::route::route;
use crate::{Config, Disturbance, Operation};
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
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
struct Entry {
    noted: Noted,
    method: Method,
    /// `None` if the answer got lost.
    status: Option<u16>,
    /// The target, the body, the answer, then the name and the value of each header.
    texts: Texts,
}

/// What is noted about an exchange beside what went over the wire.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) id: RequestId,
    pub(crate) at: Moment,
    /// `None` if the request never came to be a call.
    pub(crate) operation: Option<Operation>,
    /// The fault it met.
    pub(crate) struck: Option<Struck>,
}

/// Texts one behind the other.
///
/// They are copies: what came over a connection is a piece of its buffer, and a connection needs a new buffer for every
/// request of which somebody keeps a piece.
#[derive(Debug, Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Longer bodies are left out: they would keep too much memory, and cut ones could hide half a secret.
const LONGEST_BODY: usize = 4096;

const SECRET_HEADERS: [&str; 6] =
    ["x-auth-token", "authorization", "x-security-token", "x-subject-token", "cookie", "proxy-authorization"];

/// Whoever sees a shorter one blanked out in ordinary words knows what it is.
const LEAST_SECRET: usize = 3;

const REDACTED: &str = "***";

impl Journal {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: VecDeque::new() }
    }

    pub(crate) fn record(&mut self, request: &Request<Bytes>, response: &Response<Bytes>, noted: Noted) {
        if self.most == 0 {
            return;
        }
        // The new entry takes the place of the one that is forgotten.
        let forgotten = if self.entries.len() >= self.most { self.entries.pop_front() } else { None };
        let mut texts = forgotten.map_or_else(Texts::default, |entry| entry.texts.emptied());
        let lost = noted.struck.as_ref().is_some_and(|struck| struck.fault.connection == Some(Disturbance::Reset));
        texts.push_target(request.uri());
        texts.push_body(request.body());
        texts.push_body(if lost { b"" } else { response.body() });
        for (name, value) in request.headers() {
            texts.push(name.as_str().as_bytes());
            texts.push(value.as_bytes());
        }
        let status = (!lost).then(|| response.status().as_u16());
        self.entries.push_back(Entry { noted, method: request.method().clone(), status, texts });
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
        self.operation.is_none_or(|operation| entry.noted.operation == Some(operation))
            && self.status.is_none_or(|status| entry.status.map(u32::from) == Some(status))
            && self.graph.as_ref().is_none_or(|graph| entry.is_for(graph))
    }
}

impl Entry {
    fn is_for(&self, graph: &str) -> bool {
        let target = Uri::try_from(self.texts.get(TARGET));
        target.is_ok_and(|target| route(target.path()).is_some_and(|route| route.graph == graph))
    }

    fn show(&self, config: &Config) -> Value {
        let secrets = self.secrets(config);
        let presentable = |text: &[u8]| redacted(&String::from_utf8_lossy(text), &secrets);
        let headers = self.headers().map(|(name, value)| {
            let value = if is_secret(name) { REDACTED.to_owned() } else { presentable(value) };
            json!([String::from_utf8_lossy(name), value])
        });
        let Noted { id, at, operation, struck } = &self.noted;
        json!({
            "request_id": id,
            "at": at,
            "operation": operation.map(Operation::name),
            "method": self.method.as_str(),
            "target": presentable(self.texts.get(TARGET)),
            "headers": headers.collect::<Value>(),
            "body": presentable(self.texts.get(BODY)),
            "fault": struck.as_ref().map(|struck| struck.rule),
            "status": self.status,
            "answer": presentable(self.texts.get(ANSWER)),
        })
    }

    fn secrets(&self, config: &Config) -> Vec<String> {
        secrets(self.headers(), config)
    }

    fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        (HEADERS..self.texts.ends.len()).step_by(2).map(|at| (self.texts.get(at), self.texts.get(at + 1)))
    }
}

/// The target of a request, without any of the secrets that it has or came with.
pub(crate) fn presentable_target(target: &Uri, headers: &HeaderMap, config: &Config) -> String {
    let presented = headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
    redacted(&target.to_string(), &secrets(presented, config))
}

/// Those that a request presents, and those of the configuration, in every spelling, the longest first.
fn secrets<'a>(headers: impl Iterator<Item = (&'a [u8], &'a [u8])>, config: &Config) -> Vec<String> {
    let presented = headers.filter(|(name, _)| is_secret(name));
    let mut secrets: Vec<String> = presented
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        // Of a signed request also the signature alone.
        .flat_map(|value| [value.rsplit_once("Signature=").map(|(_, alone)| alone.to_owned()), Some(value)])
        .flatten()
        .chain(config.secrets().map(str::to_owned))
        .filter(|secret| secret.len() >= LEAST_SECRET)
        .flat_map(|secret| spellings(&secret))
        .collect();
    // A secret may be part of a longer one.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

const TARGET: usize = 0;
const BODY: usize = 1;
const ANSWER: usize = 2;
const HEADERS: usize = 3;

impl Texts {
    /// Without the texts, and with the memory, unless that is unusually much.
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

fn is_secret(header: &[u8]) -> bool {
    SECRET_HEADERS.iter().any(|secret| secret.as_bytes() == header)
}

fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

/// How a secret may be written: as it is, in a JSON string or one within another, percent-encoded, in base64.
fn spellings(secret: &str) -> Vec<String> {
    /// The letters of a shorter one in base64 could be anybody's.
    const LEAST_ENCODED: usize = 8;
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

    let quoted = quoted(secret);
    let pieces: Vec<&str> = utf8_percent_encode(secret, ENCODED).collect();
    let lower = |piece: &&str| if piece.starts_with('%') { piece.to_ascii_lowercase() } else { (*piece).to_owned() };
    let percent = [pieces.concat(), pieces.iter().map(lower).collect()];
    let mut all = vec![secret.to_owned(), quoted.replace('/', "\\/"), self::quoted(&quoted), quoted];
    all.extend(percent);
    // What three texts that begin with it, or one or two bytes later, have in common with any other.
    for (before, shared) in [(0, 0), (1, 2), (2, 3)].into_iter().filter(|_| secret.len() >= LEAST_ENCODED) {
        let text = [&b"--"[..before], secret.as_bytes()].concat();
        let whole = text.len() * 4 / 3;
        for encoding in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            all.push(encoding.encode(&text)[shared..whole].to_owned());
        }
    }
    all
}

fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
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
        journal.record(&request.unwrap(), &Response::new(Bytes::from("token-of-the-caller")), noted());
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
    fn a_letter_is_no_secret_to_look_for() {
        let mut journal = Journal::new(1);
        let request = Request::post("/v2/p/graphs/g/stop").header("X-Auth-Token", "t").body(Bytes::new());
        journal.record(&request.unwrap(), &Response::default(), noted());
        let shown = journal.show(&Filter::default(), &Config::default()).to_string();
        assert!(shown.contains(r#"["x-auth-token","***"]"#) && shown.contains("/stop"), "{shown}");
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
                journal.record(&Request::default(), &Response::default(), noted());
            }
            let shown = journal.show(&Filter::default(), &Config::default());
            assert_eq!(shown.as_array().map(Vec::len), Some(expected));
        }
    }
}
