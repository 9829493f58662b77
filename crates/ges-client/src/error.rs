//! The error of every call, whether the API, the gateway or the network failed.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use crate::secret::redact;

type BoxError = Box<dyn StdError + Send + Sync>;

/// A call without a usable response, or a job that did not succeed. Cheap to clone.
///
/// Each method documents what to do about its answer. The text of an error never holds a secret.
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
    /// Whether the call may be retried automatically: it had no effect, and a retry may succeed.
    is_repeatable: bool,
    source: Option<BoxError>,
}

/// A setting without which a client cannot make the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The project: set [`ClientBuilder::project_id`](crate::ClientBuilder::project_id), or a region with exactly one.
    Project,
    /// The endpoint of IAM, for a sign-in: set [`ClientBuilder::region`](crate::ClientBuilder::region) or
    /// [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint).
    IamEndpoint,
    /// Credentials: none were set, and none were found; see
    /// [`ClientBuilder::credentials`](crate::ClientBuilder::credentials).
    Credentials,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not sent: an argument or a setting is invalid.
    Invalid,
    /// Not sent: there are no credentials.
    Credentials,
    /// Not sent: no connection.
    Connect,
    /// The connection failed, possibly after the request was sent.
    Interrupted,
    /// The service, or the gateway before it, answered with a failure.
    Answered,
    /// A success whose body is not the documented object.
    Unreadable,
    /// A list went on for too long, or began again and again.
    Endless,
    /// The job failed.
    JobFailed,
    /// The job had not ended at the deadline.
    JobUnfinished,
}

impl Error {
    /// The HTTP status of the response, if there was one, whatever its body. It can be 200: some failures come with it.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The error code (`GES.7001`, `APIGW.0301`), if there was one; read alike from v1, v2 and gateway bodies. One code can
    /// mean different things in different operations.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The error message of the service, or the reason why a job failed. Its wording varies: let a program decide by
    /// [`code`](Error::code), and show this to people.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The request ID of the gateway (`X-Request-Id`), for a support ticket.
    ///
    /// Source: reference, "gateway facts".
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The pause that the service asks for before a retry (`Retry-After`, in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The graph, backup or job does not exist. Check the identifier, and that it belongs to the project of this client;
    /// a retry does not help.
    ///
    /// False for a path that the gateway does not know (`APIGW.0101`): there the endpoint is wrong.
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

    /// The operation needs a running graph. Start the graph, or wait until its current job has ended.
    ///
    /// False for GES.7016, which refuses a restart of a stopped graph and also malformed requests, and for GES.7015, which
    /// refuses a start of a graph that is not stopped.
    ///
    /// Source: "Stopping a Graph", status code 400 (GES.7001); reference, section 3 (GES.7003).
    pub fn is_not_running(&self) -> bool {
        matches!(self.code(), Some("GES.7001" | "GES.7003"))
    }

    /// The request was not sent, because an argument or a setting is invalid. Correct it.
    pub fn is_invalid(&self) -> bool {
        self.0.kind == Kind::Invalid
    }

    /// The request was not sent, because there are no credentials: none were found, or the sign-in failed.
    pub fn is_credentials(&self) -> bool {
        self.0.kind == Kind::Credentials
    }

    /// The setting that is missing, if the request was not sent for that reason.
    pub fn missing(&self) -> Option<Missing> {
        self.0.missing
    }

    /// A list has more entries than can be taken without [`Entries::at_most`](crate::Entries::at_most), or the service returned
    /// the same page again and again. Narrow the list, or set a limit.
    pub fn is_endless(&self) -> bool {
        self.0.kind == Kind::Endless
    }

    /// The connection to GES, or to IAM for a sign-in, failed or broke before the response was complete. Check the endpoint,
    /// proxies and firewalls; check [`may_have_taken_effect`](Error::may_have_taken_effect) before you retry.
    pub fn is_connection(&self) -> bool {
        self.0.is_connection
    }

    /// The token, the signature or the sign-in was refused. Check the credentials; for a signature also the clock of this
    /// machine, which may be off by 15 minutes at most. A retry does not help, and five bad signatures in a row lock a key
    /// for five minutes.
    ///
    /// Source: status 401; reference, "gateway facts".
    pub fn is_unauthorized(&self) -> bool {
        self.0.status == Some(401)
    }

    /// The credentials are valid, but lack a permission. An administrator can grant it (`ges:graph:operate`,
    /// `ges:backup:create` and so on).
    ///
    /// Source: status 403; reference, section 3 (GES.7041).
    pub fn is_forbidden(&self) -> bool {
        self.is_answer_of(403) || self.code() == Some("GES.7041")
    }

    /// Too many calls. The client has retried as often as [`Retries`](crate::Retries) allow; wait at least
    /// [`retry_after`](Error::retry_after), or call less often.
    ///
    /// Source: status 429.
    pub fn is_throttled(&self) -> bool {
        self.is_answer_of(429)
    }

    /// The job failed; [`message`](Error::message) is its reason. Check the graph before you continue: an upgrade that fails
    /// is rolled back, other jobs may leave part of their work.
    pub fn is_job_failed(&self) -> bool {
        self.0.kind == Kind::JobFailed
    }

    /// The job had not ended at [`Wait::deadline`](crate::Wait::deadline). It is still running: wait for it again.
    pub fn is_job_unfinished(&self) -> bool {
        self.0.kind == Kind::JobUnfinished
    }

    /// The call may have taken effect although it failed.
    ///
    /// If true, check the state of the graph before you retry. If false, nothing has changed: the request was not sent, was
    /// refused, or only reads.
    ///
    /// A refusal is a status from 300 to 499 except 408, or a 503 with `Retry-After`. After any other failure of an
    /// operation that changes something, the service may or may not have carried it out.
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.may_have_taken_effect
    }

    fn is_answer_of(&self, status: u16) -> bool {
        self.0.status == Some(status) && self.0.kind == Kind::Answered
    }
}

/// Constructors, for the rest of the crate.
impl Error {
    /// For an implementation of [`Credentials`](crate::credentials::Credentials) that has none. The request is not sent, and
    /// the call returns this error. The reason is printed, so it must not hold a secret.
    pub fn no_credentials(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::of(Details { source: Some(reason.into()), ..Details::new(Kind::Credentials) })
    }

    /// For generated builders: the argument `name` is invalid or, with an empty message, missing.
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

    /// An error of the HTTP client.
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

    /// A response with a failure.
    pub(crate) fn answered(answered: Answered) -> Error {
        let Answered { status, code, message, request_id, retry_after, has_effect } = answered;
        // 408 is a refusal in HTTP, but GES returns it if a service behind it did not answer (GES.7005).
        let is_refusal =
            status == 429 || (300..=499).contains(&status) && status != 408 || status == 503 && retry_after.is_some();
        let may_succeed = matches!(status, 429 | 503) && (is_refusal || !has_effect)
            || !has_effect && matches!(status, 408 | 500 | 502 | 504);
        Error::of(Details {
            status: Some(status),
            code,
            message,
            request_id,
            retry_after,
            may_have_taken_effect: has_effect && !is_refusal,
            is_repeatable: may_succeed,
            ..Details::new(Kind::Answered)
        })
    }

    /// A success whose body is not the documented object.
    pub(crate) fn unreadable(status: u16, request_id: Option<String>, has_effect: bool, found: Unreadable) -> Error {
        let message = format!("the status says success, but the body {}", found.message);
        Error::of(Details {
            status: Some(status),
            message: Some(message),
            request_id,
            may_have_taken_effect: has_effect,
            source: found.source.map(BoxError::from),
            ..Details::new(Kind::Unreadable)
        })
    }

    /// The message must not quote a profile file or a body, which may hold a secret.
    pub(crate) fn credentials(message: impl Into<String>) -> Error {
        Error::new(Kind::Credentials, message)
    }

    pub(crate) fn job_failed(message: String) -> Error {
        Error::of(Details { message: Some(message), may_have_taken_effect: true, ..Details::new(Kind::JobFailed) })
    }

    /// `source`: the error of the last status request, if it failed.
    pub(crate) fn job_unfinished(message: String, source: Option<Error>) -> Error {
        let source = source.map(BoxError::from);
        let of = Details::new(Kind::JobUnfinished);
        Error::of(Details { message: Some(message), may_have_taken_effect: true, source, ..of })
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        self.0.is_repeatable
    }

    /// Redacts the secrets of the request, which a service may echo.
    pub(crate) fn without<'s>(mut self, secrets: impl IntoIterator<Item = &'s [u8]>) -> Error {
        let Some(details) = Arc::get_mut(&mut self.0) else { return self };
        for secret in secrets {
            let texts = [&mut details.code, &mut details.message, &mut details.request_id];
            texts.into_iter().flatten().for_each(|text| redact(text, secret));
            // An error of serde may quote the body. The message repeats it.
            details.source.take_if(|source| {
                let said = source.to_string();
                let mut redacted = said.clone();
                redact(&mut redacted, secret);
                redacted != said
            });
        }
        self
    }

    /// Names the operation, unless the error names one already.
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

    pub(crate) fn missing_setting(mut self, missing: Missing) -> Error {
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

    /// Turns the error of a sign-in into one of the call, which was not made.
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

/// The parts of a response that reports a failure.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the operation changes something.
    pub(crate) has_effect: bool,
}

/// Why a success cannot be used; the message continues "the body".
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) source: Option<serde_json::Error>,
}

/// A request that could not be built.
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
            // A setting was invalid, and there was no request yet.
            Kind::Invalid if operation.is_none() && message.is_some() => {}
            Kind::Invalid => f.write_str("the request was not sent")?,
            Kind::Credentials => f.write_str("no credentials, so the request was not sent")?,
            Kind::Connect => f.write_str("no connection to the service, so the request was not sent")?,
            Kind::Interrupted => f.write_str("the connection failed before the response was complete")?,
            Kind::Answered | Kind::Unreadable => f.write_str("status")?,
            Kind::Endless => f.write_str("the list does not end")?,
            Kind::JobFailed => f.write_str("the job failed")?,
            Kind::JobUnfinished => f.write_str("the job has not ended before the deadline")?,
        }
        match (kind, status) {
            (Kind::Credentials, Some(status)) => write!(f, ": status {status}")?,
            (_, Some(status)) => write!(f, " {status}")?,
            (_, None) => {}
        }
        if let Some(code) = code {
            write!(f, " {}", OneLine(code))?;
        }
        match (kind, operation, message) {
            (Kind::Invalid, None, Some(message)) => f.write_str(message)?,
            (_, _, Some(message)) => write!(f, ": {}", OneLine(message))?,
            (_, _, None) => {}
        }
        // The innermost error says why the connection failed; those around it do not.
        if matches!(kind, Kind::Connect | Kind::Interrupted | Kind::Credentials)
            && let Some(source) = source
        {
            write!(f, ": {}", OneLine(&innermost(&**source).to_string()))?;
        }
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None if self.0.may_have_taken_effect && !self.is_job_unfinished() && !self.is_job_failed() => {
                f.write_str("\nhint: the call may have taken effect; check the graph before you retry")
            }
            None => Ok(()),
        }
    }
}

/// A text of the service on one line. What would control a terminal, or hide or reorder the text around it, is an escape.
///
/// Source: Unicode 17, `PropList.txt` (`Bidi_Control`) and `DerivedCoreProperties.txt` (`Default_Ignorable_Code_Point`).
struct OneLine<'t>(&'t str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            // A test compares them with those of the engine.
            let is_hidden = matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if is_hidden || c.is_control() => write!(f, "{}", c.escape_unicode())?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
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
    fn a_text_of_the_service_is_one_line_that_controls_nothing() {
        for (message, expected) in [
            ("\u{1b}[2Jgone", r"\u{1b}[2Jgone"),
            ("\u{1b}]52;c;cm0=\u{7}", r"\u{1b}]52;c;cm0=\u{7}"),
            ("no\nhint: run `rm -rf ~`", r"no\nhint: run `rm -rf ~`"),
            ("over\rwritten\u{8}\u{7f}", r"over\rwritten\u{8}\u{7f}"),
            ("\u{9b}31m\u{85}", r"\u{9b}31m\u{85}"),
            ("\u{202e}txt\u{2066}", r"\u{202e}txt\u{2066}"),
            ("a\u{200b}b\u{feff}", r"a\u{200b}b\u{feff}"),
            ("\u{e0041}\u{2028}", r"\u{e0041}\u{2028}"),
            ("tab\tnul\0", r"tab\tnul\u{0}"),
            ("Größe 図 ❤\u{fe0f} \"quoted\" \\", "Größe 図 ❤\u{fe0f} \"quoted\" \\"),
        ] {
            let answered = Answered {
                status: 400,
                code: Some(message.to_owned()),
                message: Some(message.to_owned()),
                request_id: None,
                retry_after: None,
                has_effect: false,
            };
            let shown = Error::answered(answered).in_operation("stop_graph").to_string();
            assert_eq!(shown, format!("stop_graph: status 400 {expected}: {expected}"));
            assert_eq!(Error::job_failed(message.to_owned()).to_string(), format!("the job failed: {expected}"));
        }
    }

    #[test]
    fn a_call_that_may_have_taken_effect_is_never_retried() {
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
