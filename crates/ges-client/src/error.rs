//! One error for every call, whichever API version answered.

use std::error::Error as StdError;
use std::fmt;

use crate::generated::types::{ErrorV1, ErrorV2};
use crate::hooks::Failure;

type BoxError = Box<dyn StdError + Send + Sync>;
type Generated<E> = progenitor_client::Error<E>;

/// A call that did not produce a usable answer.
pub struct Error {
    kind: Kind,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The call was not made: an argument or a setting cannot be sent.
    Invalid,
    /// No connection came about, so nothing was sent.
    Connect,
    /// The connection failed after the request may have been sent.
    Interrupted,
    /// The service, or the gateway before it, answered with a failure.
    Answered,
    /// The answer is not what the document promises.
    Unreadable,
}

impl Error {
    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The code of the answer (`GES.7001`, `APIGW.0301`), if there was one; the same for v1, v2 and gateway bodies.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The message of the answer, if there was one. The service words it differently from page to page: decide by
    /// [`code`](Error::code).
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The gateway's name for the call (`X-Request-Id`), for a support ticket.
    ///
    /// Source: reference, "gateway facts".
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The graph may have changed although no usable answer arrived. Find out which state it is in before you
    /// repeat the call.
    pub fn may_have_taken_effect(&self) -> bool {
        match self.kind {
            Kind::Invalid | Kind::Connect => false,
            Kind::Interrupted | Kind::Unreadable => true,
            // A 3xx or 4xx is a refusal, and so is 503 ("Service unavailable."). Any other 5xx leaves open how far the
            // service came, and an undocumented 2xx what it means.
            Kind::Answered => self.status.is_some_and(|status| !matches!(status, 300..=499 | 503)),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error { message: Some(message.into()), ..Error::of(Kind::Invalid) }
    }

    pub(crate) fn unusable(message: impl Into<String>, source: impl Into<BoxError>) -> Error {
        Error { message: Some(message.into()), source: Some(source.into()), ..Error::of(Kind::Invalid) }
    }

    fn of(kind: Kind) -> Error {
        Error { kind, status: None, code: None, message: None, request_id: None, source: None }
    }

    fn answered(status: u16, failure: Failure, headers: &http::HeaderMap) -> Error {
        let Failure { code, message } = failure;
        let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        Error { status: Some(status), code, message, request_id, ..Error::of(Kind::Answered) }
    }

    fn from_generated<E>(error: Generated<E>, read: fn(E) -> Failure) -> Error {
        match error {
            Generated::InvalidRequest(message) | Generated::Custom(message) => Error::invalid(message),
            Generated::CommunicationError(source) => {
                let kind = if source.is_connect() || source.is_builder() { Kind::Connect } else { Kind::Interrupted };
                Error { source: Some(source.into()), ..Error::of(kind) }
            }
            Generated::ErrorResponse(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                Error::answered(status, read(response.into_inner()), &headers)
            }
            Generated::ResponseBodyError(source) | Generated::InvalidUpgrade(source) => {
                Error { source: Some(source.into()), ..Error::of(Kind::Interrupted) }
            }
            Generated::InvalidResponsePayload(_, source) => {
                let message = "the service says that the call succeeded, but its answer is not the documented object";
                // Failures were read by the hooks, so only a success can be unreadable.
                let of = Error::of(Kind::Unreadable);
                Error { status: Some(200), message: Some(message.to_owned()), source: Some(source.into()), ..of }
            }
            Generated::UnexpectedResponse(response) => {
                let failure = response.extensions().get::<Failure>().cloned().unwrap_or_default();
                Error::answered(response.status().as_u16(), failure, response.headers())
            }
        }
    }
}

impl From<Generated<ErrorV1>> for Error {
    fn from(error: Generated<ErrorV1>) -> Error {
        Error::from_generated(error, |body| Failure { code: body.error_code, message: body.error_message })
    }
}

impl From<Generated<ErrorV2>> for Error {
    fn from(error: Generated<ErrorV2>) -> Error {
        Error::from_generated(error, |body| Failure { code: body.error_code, message: body.error_msg })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.status) {
            (Kind::Invalid, _) => f.write_str("the call was not made")?,
            (Kind::Connect, _) => f.write_str("no connection to the service; nothing was sent")?,
            (Kind::Interrupted, _) => f.write_str("the connection failed; the call may have taken effect")?,
            (_, Some(status)) => write!(f, "status {status}")?,
            (_, None) => f.write_str("no usable answer")?,
        }
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("source", &self.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
