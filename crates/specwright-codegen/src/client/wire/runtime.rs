//! Sends requests, and reads replies as the document describes them.

use std::fmt;
use std::ops::Deref;

use reqwest::header::HeaderMap;
use reqwest::{Request, Response, StatusCode};

/// A reply: the documented body, to which this dereferences, with status and headers.
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl<T> ResponseValue<T> {
    /// A reply that was not received, for tests.
    pub fn new(inner: T, status: StatusCode, headers: HeaderMap) -> Self {
        ResponseValue { inner, status, headers, body: Vec::new() }
    }

    /// The documented body.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value of `Content-Length`.
    pub fn content_length(&self) -> Option<u64> {
        self.headers.get(::reqwest::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The bytes of a body that is an error, also where the document describes none. Empty for a success.
    pub fn error_body(&self) -> &[u8] {
        &self.body
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl ResponseValue<ByteStream> {
    pub(super) fn stream(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        ResponseValue::new(ByteStream(response), status, headers)
    }
}

impl ResponseValue<::reqwest::Upgraded> {
    pub(super) async fn upgrade(response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(ResponseValue::new(response.upgrade().await?, status, headers))
    }
}

/// A body that has not been read yet.
pub struct ByteStream(Response);

impl ByteStream {
    /// The next piece, or `None` behind the last one.
    pub async fn chunk(&mut self) -> reqwest::Result<Option<Vec<u8>>> {
        Ok(self.0.chunk().await?.map(Vec::from))
    }

    /// The whole body.
    pub async fn bytes(self) -> reqwest::Result<Vec<u8>> {
        self.0.bytes().await.map(Vec::from)
    }

    /// The reply, for its `bytes_stream` for instance, which is a feature of reqwest.
    pub fn into_response(self) -> Response {
        self.0
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of the reply may have a credential in its query.
        f.write_str("ByteStream")
    }
}

/// Why a call has no documented success. `E` has a variant for each error that the document describes.
pub enum Error<E = std::convert::Infallible> {
    /// An argument or a credential cannot be sent. Nothing was.
    InvalidRequest(String),
    /// The request was not sent, or no whole reply came.
    CommunicationError(reqwest::Error),
    /// An error that the document describes.
    ErrorResponse(ResponseValue<E>),
    /// A documented status whose body is not what the document describes: empty, or a page of HTML.
    InvalidResponsePayload(ResponseValue<Vec<u8>>, serde_json::Error),
    /// A status that the document does not have.
    UnexpectedResponse(ResponseValue<Vec<u8>>),
}

impl<E> Error<E> {
    /// The status of the reply, if one came.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Error::InvalidRequest(_) => None,
            Error::CommunicationError(error) => error.status(),
            Error::ErrorResponse(reply) => Some(reply.status),
            Error::InvalidResponsePayload(reply, _) | Error::UnexpectedResponse(reply) => Some(reply.status),
        }
    }
}

impl<E> From<reqwest::Error> for Error<E> {
    fn from(mut error: reqwest::Error) -> Self {
        // The query may have a credential.
        if let Some(url) = error.url_mut() {
            url.set_query(None);
        }
        Error::CommunicationError(error)
    }
}

impl<E> From<reqwest::header::InvalidHeaderValue> for Error<E> {
    fn from(error: reqwest::header::InvalidHeaderValue) -> Self {
        Error::InvalidRequest(error.to_string())
    }
}

impl<E> From<std::convert::Infallible> for Error<E> {
    fn from(error: std::convert::Infallible) -> Self {
        match error {}
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let undescribed = |f: &mut fmt::Formatter<'_>, reply: &ResponseValue<Vec<u8>>| {
            let media = reply.headers.get(::reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            write!(f, " ({}, {} bytes)", media.unwrap_or("no content type"), reply.inner.len())
        };
        match self {
            Error::InvalidRequest(message) => write!(f, "the request was not sent: {message}"),
            Error::CommunicationError(error) => write!(f, "no reply: {error}"),
            Error::ErrorResponse(reply) => write!(f, "status {}: {:?}", reply.status, reply.inner),
            Error::InvalidResponsePayload(reply, error) => {
                write!(f, "status {}: the body is not what the document describes: {error}", reply.status)?;
                undescribed(f, reply)
            }
            Error::UnexpectedResponse(reply) => {
                write!(f, "status {}, which the document does not have", reply.status)?;
                undescribed(f, reply)
            }
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: fmt::Debug> std::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::CommunicationError(error) => Some(error),
            Error::InvalidResponsePayload(_, error) => Some(error),
            _ => None,
        }
    }
}

/// A reply that was read whole.
pub(super) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Sends a request, and reads the reply.
pub(super) async fn read(client: &reqwest::Client, request: Request) -> reqwest::Result<Reply> {
    Reply::of(client.execute(request).await?).await
}

impl Reply {
    pub(super) async fn of(response: Response) -> reqwest::Result<Reply> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.into() })
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// A body of JSON, as `into` wraps it.
    pub(super) fn json<T: ::serde::de::DeserializeOwned, U, E>(
        self,
        into: impl FnOnce(T) -> U,
    ) -> Result<ResponseValue<U>, Error<E>> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(self.with(into(value))),
            Err(error) => Err(Error::InvalidResponsePayload(self.bytes(|body| body), error)),
        }
    }

    /// A body of text.
    pub(super) fn text<U>(self, into: impl FnOnce(String) -> U) -> ResponseValue<U> {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        self.with(into(text))
    }

    /// A body of bytes.
    pub(super) fn bytes<U>(mut self, into: impl FnOnce(Vec<u8>) -> U) -> ResponseValue<U> {
        let body = std::mem::take(&mut self.body);
        self.with(into(body))
    }

    /// No body.
    pub(super) fn empty<U>(self, value: U) -> ResponseValue<U> {
        self.with(value)
    }

    fn with<U>(self, inner: U) -> ResponseValue<U> {
        ResponseValue::new(inner, self.status, self.headers)
    }

    /// An error with a body of JSON.
    pub(super) fn json_error<T: ::serde::de::DeserializeOwned, E>(mut self, into: impl FnOnce(T) -> E) -> Error<E> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => {
                let body = std::mem::take(&mut self.body);
                Error::ErrorResponse(ResponseValue { body, ..self.with(into(value)) })
            }
            Err(error) => Error::InvalidResponsePayload(self.bytes(|body| body), error),
        }
    }

    /// An error with a body of text.
    pub(super) fn text_error<E>(mut self, into: impl FnOnce(String) -> E) -> Error<E> {
        let body = std::mem::take(&mut self.body);
        let text = String::from_utf8_lossy(&body).into_owned();
        Error::ErrorResponse(ResponseValue { body, ..self.with(into(text)) })
    }

    /// An error with a body of bytes.
    pub(super) fn bytes_error<E>(self, into: impl FnOnce(Vec<u8>) -> E) -> Error<E> {
        Error::ErrorResponse(self.bytes(into))
    }

    /// An error that the document describes without a body.
    pub(super) fn nothing_error<E>(mut self, value: E) -> Error<E> {
        let body = std::mem::take(&mut self.body);
        Error::ErrorResponse(ResponseValue { body, ..self.with(value) })
    }

    /// A status that the document does not have.
    pub(super) fn undocumented<E>(self) -> Error<E> {
        Error::UnexpectedResponse(self.bytes(|body| body))
    }
}

/// A query parameter of a single value, or of a list that is repeated.
pub(super) struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T> QueryParam<'a, T> {
    pub(super) fn new(name: &'a str, value: &'a T) -> Self {
        QueryParam { name, value }
    }
}

impl<T: ::serde::Serialize> ::serde::Serialize for QueryParam<'_, T> {
    fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use ::serde::ser::Error as _;
        use serde_json::Value;
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            value => Some(value.to_string()),
        };
        let values: Vec<String> = match serde_json::to_value(self.value).map_err(S::Error::custom)? {
            Value::Array(items) => items.iter().filter_map(text).collect(),
            value => text(&value).into_iter().collect(),
        };
        serializer.collect_seq(values.iter().map(|value| (self.name, value)))
    }
}

/// A value as a step of a path.
pub(super) fn encode_path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"#/<>?`{}%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Follows redirects within one origin: a credential in a header is for that one only.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn same_origin() -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(|attempt| {
        let first = attempt.previous().first().map(|url| url.origin());
        match attempt.previous().len() {
            0..=10 if first.is_none_or(|first| first == attempt.url().origin()) => attempt.follow(),
            0..=10 => attempt.stop(),
            _ => attempt.error("more than ten redirects"),
        }
    })
}
