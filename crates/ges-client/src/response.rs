//! What does an answer say? A success is the documented object or an error; failures of all dialects read alike.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Answered, Error, Unreadable};
use crate::job::{Job, NamesJob};

/// How much of a failure that is not JSON is kept, in characters.
const MAX_TEXT: usize = 2_000;
/// The largest answer that is read, in bytes. The largest documented one, a page of jobs, is far below.
const MAX_BODY: usize = 32 << 20;

/// What a call answered: the documented object, which this derefs to, and what came with it.
#[derive(Clone)]
pub struct Response<T> {
    answer: Answer<T>,
    url: Url,
}

/// A success, without the address that it comes from.
#[derive(Clone)]
pub(crate) struct Answer<T> {
    object: T,
    status: StatusCode,
    headers: HeaderMap,
    /// The job that the object names. It is asked for when it is needed: another copy is spared.
    job_id: fn(&T) -> Option<&str>,
}

impl<T> Response<T> {
    pub(crate) fn new(answer: Answer<T>, url: Url) -> Response<T> {
        Response { answer, url }
    }

    /// The object alone.
    pub fn into_inner(self) -> T {
        self.answer.object
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.headers
    }

    /// The gateway's name for the call (`X-Request-Id`), if it gave one: for a support ticket.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.answer.headers)
    }

    /// The job that carries out what was asked for, to [wait for](crate::Client::wait_for) or to keep for later.
    ///
    /// `None` where the operation has no job, and where its answer does not name it: of the operations that change a
    /// graph, [`restart_graph`](crate::Client::restart_graph) alone has a documented answer without one.
    pub fn job(&self) -> Option<Job> {
        let job_id = (self.answer.job_id)(&self.answer.object).filter(|id| !id.is_empty())?;
        Some(Job::new(graph_id(self.url.path())?, job_id))
    }
}

impl<T> NamesJob for Response<T> {
    fn job(&self) -> Option<Job> {
        self.job()
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer { object, status, headers, .. } = &self.answer;
        f.debug_struct("Response")
            .field("object", object)
            .field("status", status)
            .field("headers", headers)
            .field("url", &self.url.as_str())
            .finish()
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.answer.object
    }
}

/// A documented object, and what must be in it for the answer to be one. No page says that any member is always there,
/// so the document requires none; an answer that says nothing is none all the same.
pub(crate) trait Reply: DeserializeOwned {
    /// The job that the answer names.
    fn job_id(&self) -> Option<&str> {
        None
    }

    /// What the answer lacks to be of any use, in words.
    fn lacks(&self) -> Option<&'static str>;
}

/// What an answer is read with.
pub(crate) struct Reading {
    pub(crate) is_success: fn(u16) -> bool,
    /// Whether the operation changes something when it is carried out.
    pub(crate) has_effect: bool,
}

impl Reading {
    /// The documented object, or why there is none.
    pub(crate) async fn read<T: Reply>(&self, response: &mut reqwest::Response) -> Result<Answer<T>, Error> {
        let body = body(response).await;
        let headers = std::mem::take(response.headers_mut());
        self.judge(response.status(), headers, body)
    }

    fn judge<T: Reply>(
        &self,
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Bytes, Broken>,
    ) -> Result<Answer<T>, Error> {
        let body = match body {
            Ok(body) => body,
            // A refusal is one whatever comes of its body. A success without its body is anybody's guess.
            Err(_) if !status.is_success() => Vec::new().into(),
            Err(Broken::TooLarge) => {
                let message = format!("is larger than {MAX_BODY} bytes");
                return Err(self.unreadable(status, &headers, Unreadable { message, source: None }));
            }
            Err(Broken::Interrupted(error)) => return Err(Error::transport(error, self.has_effect)),
        };
        if !(self.is_success)(status.as_u16()) {
            if status.is_success() {
                let message = format!("has status {status}, which is not documented");
                return Err(self.unreadable(status, &headers, Unreadable { message, source: None }));
            }
            return Err(self.failure(status, &headers, Failure::read(&body)));
        }
        let object: T = object(&body).map_err(|found| self.unreadable(status, &headers, found))?;
        let lacks = object.lacks();
        if lacks.is_some() || (self.has_effect && object.job_id().is_none_or(str::is_empty)) {
            // "If execution fails, this parameter is used to display the error code": a failure may come with 200.
            let failure = Failure::read(&body);
            if failure.code.is_some() {
                return Err(self.failure(status, &headers, failure));
            }
        }
        if let Some(missing) = lacks {
            let message = format!("has no {missing}");
            return Err(self.unreadable(status, &headers, Unreadable { message, source: None }));
        }
        Ok(Answer { object, status, headers, job_id: T::job_id })
    }

    fn failure(&self, status: StatusCode, headers: &HeaderMap, Failure { code, message }: Failure) -> Error {
        Error::answered(Answered {
            status: status.as_u16(),
            code,
            message,
            request_id: request_id(headers).map(str::to_owned),
            retry_after: retry_after(headers, SystemTime::now()),
            has_effect: self.has_effect,
        })
    }

    fn unreadable(&self, status: StatusCode, headers: &HeaderMap, found: Unreadable) -> Error {
        Error::unreadable(status.as_u16(), request_id(headers).map(str::to_owned), self.has_effect, found)
    }
}

fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    // serde also takes a list for an object, member by member.
    if body.trim_ascii_start().first() != Some(&b'{') {
        let message = if body.trim_ascii().is_empty() { "is empty" } else { "is not a JSON object" };
        return Err(Unreadable { message: message.to_owned(), source: None });
    }
    serde_json::from_slice(body)
        .map_err(|error| Unreadable { message: format!("is not the documented object: {error}"), source: Some(error) })
}

/// Why a body could not be read to its end.
enum Broken {
    Interrupted(reqwest::Error),
    TooLarge,
}

async fn body(response: &mut reqwest::Response) -> Result<Bytes, Broken> {
    let length = response.content_length();
    let Some(first) = response.chunk().await.map_err(Broken::Interrupted)? else { return Ok(Bytes::new()) };
    // Most answers come in one piece, and say how long they are.
    if length == Some(first.len() as u64) {
        return Ok(first);
    }
    let Some(mut next) = response.chunk().await.map_err(Broken::Interrupted)? else { return Ok(first) };
    let mut whole = first.to_vec();
    loop {
        if whole.len() + next.len() > MAX_BODY {
            return Err(Broken::TooLarge);
        }
        whole.extend_from_slice(&next);
        match response.chunk().await.map_err(Broken::Interrupted)? {
            Some(chunk) => next = chunk,
            None => return Ok(whole.into()),
        }
    }
}

/// What a failed call says, whoever says it: GES v1, GES v2, the gateway in front of them, or IAM.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl Failure {
    /// Source: the pages (`errorCode`/`errorMessage`, `error_code`/`error_msg`); the third spelling of v1
    /// (`errCode`/`externalMessage`), the gateway, which uses v2's, and IAM (`code`/`message`, one object deeper) are from
    /// the reference, section 4, "Error parsing".
    pub(crate) fn read(body: &[u8]) -> Failure {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            let text = String::from_utf8_lossy(body);
            let text: String = text.trim().chars().take(MAX_TEXT).collect();
            return Failure { message: Some(text).filter(|text| !text.is_empty()), code: None };
        };
        let deeper = members.values().filter_map(Value::as_object);
        let found = std::iter::once(&members).chain(deeper).map(|members| {
            let text = |names: &[&str]| {
                let mut texts = names.iter().filter_map(|name| members.get(*name)?.as_str());
                texts.find(|text| !text.is_empty()).map(str::to_owned)
            };
            Failure {
                code: text(&["errorCode", "error_code", "errCode", "code"]),
                message: text(&["errorMessage", "error_msg", "errorMsg", "externalMessage", "message"]),
            }
        });
        found.into_iter().find(|failure| *failure != Failure::default()).unwrap_or_default()
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-request-id").and_then(|id| id.to_str().ok())
}

/// `Retry-After`, as seconds or as a date. A date that is past asks for no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The graph in an address: `/v2/{project_id}/graphs/{graph_id}/…`.
fn graph_id(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/graphs/")?;
    let id = rest.split('/').next()?;
    Some(percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, code: Option<&str>, message: Option<&str>) {
        let expected = Failure { code: code.map(str::to_owned), message: message.map(str::to_owned) };
        assert_eq!(Failure::read(body.as_bytes()), expected, "{body}");
    }

    #[test]
    fn failures_of_all_dialects_read_alike() {
        let (code, message) = (Some("GES.7001"), Some("m"));
        check(r#"{"errorCode":"GES.7001","errorMessage":"m"}"#, code, message);
        check(r#"{"error_code":"GES.7001","error_msg":"m","request_id":"r"}"#, code, message);
        check(r#"{"errCode":"GES.7001","externalMessage":"m"}"#, code, message);
        check(r#"{"error":{"code":"GES.7001","message":"m"}}"#, code, message);
        check(r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#, None, message);
    }

    #[test]
    fn what_is_no_failure_in_json_is_a_message() {
        check("<html>503</html>\n", None, Some("<html>503</html>"));
        check(r#"["GES.7001"]"#, None, Some(r#"["GES.7001"]"#));
        check("", None, None);
        check("{}", None, None);
        check(r#"{"errorCode":"","errorMessage":null}"#, None, None);
    }

    #[track_caller]
    fn check_retry_after(text: &str, expected: Option<u64>) {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        check_retry_after("0", Some(0));
        check_retry_after(" 120 ", Some(120));
        check_retry_after("99999999999999999999", Some(u64::MAX));
        check_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", Some(60));
        check_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", Some(60));
        check_retry_after("Sun Nov  6 08:50:37 1994", Some(60));
        check_retry_after("Sun, 06 Nov 1994 08:49:30 GMT", Some(0));
        for text in ["", "-1", "1.5", "soon"] {
            check_retry_after(text, None);
        }
    }
}
