//! Reads responses: the documented object, or one error for all formats of failures.

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

/// Characters that are kept of a failure that is not JSON.
const MAX_TEXT: usize = 2_000;
/// Bytes of the largest body that is read. A page of jobs, the largest documented one, is far smaller.
const MAX_BODY: usize = 32 << 20;

/// The response of a call: the documented object, to which this dereferences, with status and headers.
#[derive(Clone)]
pub struct Response<T> {
    answer: Answer<T>,
    url: Url,
}

/// A success, without its URL.
#[derive(Clone)]
pub(crate) struct Answer<T> {
    object: T,
    status: StatusCode,
    headers: HeaderMap,
    /// Returns the job ID in the object. Called on demand, which saves a copy.
    job_id: fn(&T) -> Option<&str>,
}

impl<T> Response<T> {
    pub(crate) fn new(answer: Answer<T>, url: Url) -> Response<T> {
        Response { answer, url }
    }

    /// The documented object.
    pub fn into_inner(self) -> T {
        self.answer.object
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.headers
    }

    /// The request ID of the gateway (`X-Request-Id`), for a support ticket.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.answer.headers)
    }

    /// The job that the call started, to [wait for](crate::Client::wait_for) or to store.
    ///
    /// `None` if the operation starts no job, or the response does not name it: of the operations that change a graph, only
    /// [`restart_graph`](crate::Client::restart_graph) has a documented response without a job.
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

/// A documented object, and the members without which it is of no use. The pages do not say which members are always
/// there, so the document requires none.
pub(crate) trait Reply: DeserializeOwned {
    /// The job ID in the object.
    fn job_id(&self) -> Option<&str> {
        None
    }

    /// The name of a necessary member that is missing.
    fn lacks(&self) -> Option<&'static str>;
}

/// How the response of an operation is read.
pub(crate) struct Reading {
    pub(crate) is_success: fn(u16) -> bool,
    /// Whether the operation changes something.
    pub(crate) has_effect: bool,
}

impl Reading {
    /// The documented object, or an error.
    pub(crate) async fn read<T: Reply>(&self, response: &mut reqwest::Response) -> Result<Answer<T>, Error> {
        let body = body(response).await;
        let headers = std::mem::take(response.headers_mut());
        self.interpret(response.status(), headers, body)
    }

    fn interpret<T: Reply>(
        &self,
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Bytes, Broken>,
    ) -> Result<Answer<T>, Error> {
        let body = match body {
            Ok(body) => body,
            // A failure needs no body; of a success without its body, the effect is unknown.
            Err(_) if !status.is_success() => Vec::new().into(),
            Err(Broken::TooLarge) => {
                let message = format!("has more than {MAX_BODY} bytes");
                return Err(self.unreadable(status, &headers, Unreadable { message, source: None }));
            }
            Err(Broken::Interrupted(error)) => return Err(Error::transport(error, self.has_effect)),
        };
        if !(self.is_success)(status.as_u16()) {
            if status.is_success() {
                let message = format!("belongs to the undocumented status {status}");
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
    // serde would also accept an array, as the members in order.
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
    // Most bodies have a length and arrive in one piece.
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

/// The error of a response of GES v1, GES v2, the gateway before them, or IAM.
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

/// `Retry-After`, as seconds or as a date. A past date means no pause.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit means forever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The graph in a path: `/v2/{project_id}/graphs/{graph_id}/…`.
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
    fn failures_of_all_formats_read_alike() {
        let (code, message) = (Some("GES.7001"), Some("m"));
        check(r#"{"errorCode":"GES.7001","errorMessage":"m"}"#, code, message);
        check(r#"{"error_code":"GES.7001","error_msg":"m","request_id":"r"}"#, code, message);
        check(r#"{"errCode":"GES.7001","externalMessage":"m"}"#, code, message);
        check(r#"{"error":{"code":"GES.7001","message":"m"}}"#, code, message);
        check(r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#, None, message);
    }

    #[test]
    fn a_failure_that_is_not_json_is_a_message() {
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
