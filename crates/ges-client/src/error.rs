//! One error for every call, whichever API version, gateway or network is to blame.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::secret::redact;

type BoxError = Box<dyn StdError + Send + Sync>;

/// A call that did not produce a usable answer, or a job that did not succeed. Cheap to clone.
///
/// Ask it questions; each says what to do about the answer. The text of an error never holds a secret.
#[derive(Clone)]
pub struct Error(Arc<Details>);

#[derive(Debug)]
struct Details {
    kind: Kind,
    operation: Option<&'static str>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    hint: Option<String>,
    missing: Option<Missing>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    may_have_taken_effect: bool,
    is_connection: bool,
    /// Whether the same call may be made again without being asked: nothing can have happened, and it may go better.
    is_repeatable: bool,
    source: Option<BoxError>,
}

/// What a client has not been given, and cannot make a call without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The project: give [`ClientBuilder::project_id`](crate::ClientBuilder::project_id), or a region that has just one.
    Project,
    /// Where IAM is, for a sign-in: give [`ClientBuilder::region`](crate::ClientBuilder::region) or
    /// [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint).
    IamEndpoint,
    /// Credentials: none were given, and there are none where the machine is searched for them.
    Credentials,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The call was not made: an argument or a setting is of no use.
    Invalid,
    /// The call was not made: there are no credentials for it.
    Credentials,
    /// No connection came about, so nothing was sent.
    Connect,
    /// The connection failed after the request may have been sent.
    Interrupted,
    /// The service, or the gateway before it, answered with a failure.
    Answered,
    /// The answer is not what the document promises.
    Unreadable,
    /// The job came to an end, but not to a good one.
    JobFailed,
    /// The job had not come to an end when the time for it was up.
    JobUnfinished,
}

impl Error {
    /// The HTTP status of the answer, if there was one, also where its body was a gateway's HTML. It can be 200: some
    /// failures come with it.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The code of the answer (`GES.7001`, `APIGW.0301`), if there was one; the same for v1, v2 and gateway bodies.
    /// The same code can mean different things for different operations.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What the service said in words, or the reason a job gave for failing. The service words it differently from page
    /// to page: decide by [`code`](Error::code), and show this to people.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The gateway's name for the call (`X-Request-Id`), if it gave one: for a support ticket.
    ///
    /// Source: reference, "gateway facts".
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asks to wait before the call is repeated (`Retry-After`, given as seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// There is no such graph, backup or job, or not any more. Check the identifier, and that it belongs to the project
    /// of this client; repeating the call does not help.
    ///
    /// An address that the gateway does not know (`APIGW.0101`) is not meant: there the endpoint is wrong.
    ///
    /// Source: status 404; the codes are from the pages ("Adding a Backup": GES.0047; "Upgrading a Graph": GES.8011) and
    /// from the reference, section 3.
    pub fn is_not_found(&self) -> bool {
        match self.code() {
            Some(code) if code.starts_with("APIG") => false,
            Some(
                "GES.0016" | "GES.0047" | "GES.7000" | "GES.7007" | "GES.7024" | "GES.7054" | "GES.8011" | "GES.8301",
            ) => true,
            _ => self.is_answer_of(404),
        }
    }

    /// The graph does not run, and the operation needs a graph that does. Start it, or wait for what it is doing.
    ///
    /// A restart of a stopped graph is refused with GES.7016, which is also said of a malformed request, and a start
    /// of a graph that is not stopped with GES.7015: both are *not* meant here.
    ///
    /// Source: "Stopping a Graph", status code 400 (GES.7001); reference, section 3 (GES.7003).
    pub fn is_not_running(&self) -> bool {
        matches!(self.code(), Some("GES.7001" | "GES.7003"))
    }

    /// The call was not made, because an argument or a setting is of no use. Mend the program, or what it was given.
    pub fn is_invalid(&self) -> bool {
        self.0.kind == Kind::Invalid
    }

    /// The call was not made, because there are no credentials for it: none were found, or the sign-in failed.
    pub fn is_credentials(&self) -> bool {
        self.0.kind == Kind::Credentials
    }

    /// What the client has not been given, if the call was not made for want of it.
    pub fn missing(&self) -> Option<Missing> {
        self.0.missing
    }

    /// There was no connection, to GES or for a sign-in to IAM, or it broke before the answer was complete. Check the
    /// address, and what lies between; ask [`may_have_taken_effect`](Error::may_have_taken_effect) before repeating it.
    pub fn is_connection(&self) -> bool {
        self.0.is_connection
    }

    /// The token or signature was not accepted, or the sign-in was not. Check the credentials; for a signature also the
    /// clock of this machine, which may be off by 15 minutes at most. Repeating the call does not help, and five bad
    /// signatures in a row lock a key for five minutes.
    ///
    /// Source: status 401; reference, "gateway facts".
    pub fn is_unauthorized(&self) -> bool {
        self.0.status == Some(401)
    }

    /// The credentials are good, but not for this. An administrator can grant the permission (`ges:graph:operate`,
    /// `ges:backup:create` and so on).
    ///
    /// Source: status 403; reference, section 3 (GES.7041).
    pub fn is_forbidden(&self) -> bool {
        self.is_answer_of(403) || self.code() == Some("GES.7041")
    }

    /// Too many calls. The client has waited and tried again as often as [`Retries`](crate::Retries) allow; wait longer,
    /// at least [`retry_after`](Error::retry_after), or call less often.
    ///
    /// Source: status 429.
    pub fn is_throttled(&self) -> bool {
        self.is_answer_of(429)
    }

    /// The job ended, and did not succeed; [`message`](Error::message) is the reason it gave. Look at the graph before
    /// going on: an upgrade that fails is rolled back, other jobs may leave part of their work.
    pub fn is_job_failed(&self) -> bool {
        self.0.kind == Kind::JobFailed
    }

    /// The job had not ended when [`Wait::deadline`](crate::Wait::deadline) was over. It goes on: wait for it again.
    pub fn is_job_unfinished(&self) -> bool {
        self.0.kind == Kind::JobUnfinished
    }

    /// Whether something may have changed although the call failed.
    ///
    /// If so, find out which state the graph is in before you repeat the call. If not, nothing has happened: the request
    /// was not sent, or was refused, or only asked for something.
    ///
    /// A status 503 or 429 with `Retry-After`, and every 429, is a refusal. So is any other status from 300 to 499 but
    /// 408. All other answers to an operation that changes something leave it open how far the service came.
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.may_have_taken_effect
    }

    fn is_answer_of(&self, status: u16) -> bool {
        self.0.status == Some(status) && self.0.kind == Kind::Answered
    }
}

/// How errors come about.
impl Error {
    /// For [`Credentials`](crate::credentials::Credentials) of your own: there are none, and why. The call is not made, and
    /// this is its error. The reason is printed, so it must not hold a secret.
    pub fn no_credentials(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::of(Details { source: Some(reason.into()), ..Details::new(Kind::Credentials) })
    }

    /// For generated builders: the argument `name` is not what it must be, or, without a message, was not given.
    pub(crate) fn invalid_argument(name: &str, message: String) -> Error {
        match message.is_empty() {
            true => Error::invalid(format!("`{name}` is missing")),
            false => Error::invalid(message),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(Kind::Invalid, message)
    }

    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error::of(Details { message: Some(message.into()), ..Details::new(kind) })
    }

    /// What the HTTP client says about a request that it could not finish.
    pub(crate) fn transport(error: reqwest::Error, has_effect: bool) -> Error {
        let kind = match () {
            () if error.is_builder() => Kind::Invalid,
            () if error.is_connect() => Kind::Connect,
            () => Kind::Interrupted,
        };
        let is_open = kind == Kind::Interrupted;
        Error::of(Details {
            may_have_taken_effect: is_open && has_effect,
            is_connection: kind != Kind::Invalid,
            is_repeatable: kind == Kind::Connect || (is_open && !has_effect),
            source: Some(error.into()),
            ..Details::new(kind)
        })
    }

    /// What an answer with a failure says.
    pub(crate) fn answered(answered: Answered) -> Error {
        let Answered { status, code, message, request_id, retry_after, has_effect } = answered;
        // 408 is a refusal by HTTP, but GES uses it for a service behind it that did not answer (GES.7005).
        let is_refusal =
            status == 429 || (300..=499).contains(&status) && status != 408 || status == 503 && retry_after.is_some();
        let may_go_better = matches!(status, 429 | 503) && (is_refusal || !has_effect)
            || !has_effect && matches!(status, 408 | 500 | 502 | 504);
        Error::of(Details {
            status: Some(status),
            code,
            message,
            request_id,
            retry_after,
            may_have_taken_effect: has_effect && !is_refusal,
            is_repeatable: may_go_better,
            ..Details::new(Kind::Answered)
        })
    }

    /// A success that is not the documented object.
    pub(crate) fn unreadable(status: u16, request_id: Option<String>, has_effect: bool, found: Unreadable) -> Error {
        let message = format!("the service says that the call succeeded, but its answer {}", found.message);
        Error::of(Details {
            status: Some(status),
            message: Some(message),
            request_id,
            may_have_taken_effect: has_effect,
            source: found.source.map(BoxError::from),
            ..Details::new(Kind::Unreadable)
        })
    }

    /// The message does not say where: the text of a profile or a body would be worth nothing, and may be a secret.
    pub(crate) fn credentials(message: impl Into<String>) -> Error {
        Error::new(Kind::Credentials, message)
    }

    pub(crate) fn job_failed(message: String) -> Error {
        Error::of(Details { message: Some(message), may_have_taken_effect: true, ..Details::new(Kind::JobFailed) })
    }

    /// `source`: what the last look at the job failed with, if it did.
    pub(crate) fn job_unfinished(message: String, source: Option<Error>) -> Error {
        let source = source.map(BoxError::from);
        let of = Details::new(Kind::JobUnfinished);
        Error::of(Details { message: Some(message), may_have_taken_effect: true, source, ..of })
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        self.0.is_repeatable
    }

    /// The same without the secrets of the request: a service may echo them.
    pub(crate) fn without<'s>(mut self, secrets: impl IntoIterator<Item = &'s [u8]>) -> Error {
        let Some(details) = Arc::get_mut(&mut self.0) else { return self };
        for secret in secrets {
            let texts = [&mut details.code, &mut details.message, &mut details.request_id];
            texts.into_iter().flatten().for_each(|text| redact(text, secret));
            // What serde says may quote the answer. The message says it as well.
            details.source.take_if(|source| {
                let said = source.to_string();
                let mut redacted = said.clone();
                redact(&mut redacted, secret);
                redacted != said
            });
        }
        self
    }

    /// The operation that the error is of, if it is not of one already.
    pub(crate) fn in_operation(mut self, operation: &'static str) -> Error {
        if let Some(details) = Arc::get_mut(&mut self.0) {
            details.operation.get_or_insert(operation);
        }
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Error {
        if let Some(details) = Arc::get_mut(&mut self.0) {
            details.hint = Some(hint.into());
        }
        self
    }

    pub(crate) fn for_want_of(mut self, missing: Missing) -> Error {
        if let Some(details) = Arc::get_mut(&mut self.0) {
            details.missing = Some(missing);
        }
        self
    }

    pub(crate) fn caused_by(mut self, source: impl Into<BoxError>) -> Error {
        if let Some(details) = Arc::get_mut(&mut self.0) {
            details.source = Some(source.into());
        }
        self
    }

    /// The same as a failure to get credentials: whatever it was, it was not the call.
    pub(crate) fn while_signing_in(self) -> Error {
        let Ok(mut details) = Arc::try_unwrap(self.0) else { return Error::credentials("the sign-in failed") };
        if details.is_connection {
            details.message.get_or_insert_with(|| "the connection to IAM failed".to_owned());
        }
        Error::of(Details { may_have_taken_effect: false, kind: Kind::Credentials, ..details })
    }

    fn of(details: Details) -> Error {
        Error(Arc::new(details))
    }
}

impl Details {
    fn new(kind: Kind) -> Details {
        Details {
            kind,
            operation: None,
            status: None,
            code: None,
            message: None,
            hint: None,
            missing: None,
            request_id: None,
            retry_after: None,
            may_have_taken_effect: false,
            is_connection: false,
            is_repeatable: false,
            source: None,
        }
    }
}

/// A failure as an answer tells it.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the operation changes something when it is carried out.
    pub(crate) has_effect: bool,
}

/// Why a success cannot be used; the message goes on after "its answer".
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) source: Option<serde_json::Error>,
}

/// A request that could not even be built.
impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Error {
        Error::invalid("the request cannot be built").caused_by(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, operation, status, code, message, hint, source, .. } = &*self.0;
        if let Some(operation) = operation {
            write!(f, "{operation}: ")?;
        }
        match kind {
            Kind::Invalid => f.write_str("the call was not made")?,
            Kind::Credentials => f.write_str("the call was not made, for want of credentials")?,
            Kind::Connect => f.write_str("no connection to the service, so nothing was sent")?,
            Kind::Interrupted => f.write_str("the connection failed before the answer was complete")?,
            Kind::Answered | Kind::Unreadable => f.write_str("status")?,
            Kind::JobFailed => f.write_str("the job failed")?,
            Kind::JobUnfinished => f.write_str("the job has not ended in time")?,
        }
        match (kind, status) {
            (Kind::Credentials, Some(status)) => write!(f, ": status {status}")?,
            (_, Some(status)) => write!(f, " {status}")?,
            (_, None) => {}
        }
        if let Some(code) = code {
            write!(f, " {code}")?;
        }
        if let Some(message) = message {
            write!(f, ": {message}")?;
        }
        // The reason for a failed connection is deep below, and worth more than the layers above it.
        if matches!(kind, Kind::Connect | Kind::Interrupted | Kind::Credentials)
            && let Some(source) = source
        {
            write!(f, ": {}", innermost(&**source))?;
        }
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None if self.0.may_have_taken_effect && !self.is_job_unfinished() && !self.is_job_failed() => {
                f.write_str("\nhint: it may have taken effect all the same; look at the graph before you repeat it")
            }
            None => Ok(()),
        }
    }
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, operation, status, code, message, request_id, retry_after, .. } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("operation", operation)
            .field("status", status)
            .field("code", code)
            .field("message", message)
            .field("request_id", request_id)
            .field("retry_after", retry_after)
            .field("may_have_taken_effect", &self.0.may_have_taken_effect)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_taken_effect_is_never_repeated() {
        let (mut repeatable, mut open) = (0, 0);
        for status in 100..=599 {
            for retry_after in [None, Some(Duration::ZERO)] {
                for has_effect in [false, true] {
                    let of =
                        |code, message| Answered { status, code, message, request_id: None, retry_after, has_effect };
                    let error = Error::answered(of(None, None));
                    assert!(!(error.is_repeatable() && error.may_have_taken_effect()), "{error:?}");
                    assert!(has_effect || !error.may_have_taken_effect(), "{error:?}");
                    repeatable += usize::from(error.is_repeatable());
                    open += usize::from(error.may_have_taken_effect());
                }
            }
        }
        // 429 (4); 503 with the header (2) and without it, if nothing changes (1); 408, 500, 502, 504 likewise (8).
        assert_eq!(repeatable, 15);
        // 1xx and 2xx, 408, 5xx, each twice; 503 with the header is none.
        assert_eq!(open, 2 * (200 + 1 + 100) - 1);
    }
}
