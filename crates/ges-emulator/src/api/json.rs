//! JSON responses, and the header fields that responses share.

use crate::service::id::RequestId;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

pub(crate) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A JSON body under a status.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    // Writing these values to memory cannot fail; an empty body would be seen at once if it did.
    response(status, "application/json", serde_json::to_vec(body).unwrap_or_default())
}

/// The content coding of a request, or a list that has one besides `identity`. Every field counts.
pub(crate) fn content_coding(headers: &HeaderMap) -> Option<&[u8]> {
    let is_none = |coding: &[u8]| matches!(coding.trim_ascii().to_ascii_lowercase().as_slice(), b"" | b"identity");
    let mut codings = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
    codings.find(|codings| !codings.split(|&byte| byte == b',').all(is_none))
}

/// Says that a body has a content coding, which nothing here reads.
pub(crate) fn not_decoded(coding: &[u8]) -> String {
    let coding: String = String::from_utf8_lossy(coding).chars().take(40).collect();
    format!("the body has the content coding `{coding}`, which is not read")
}

/// A body of a media type under a status.
pub(crate) fn response(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Adds the field `Allow` with these methods.
pub(crate) fn allow<'a>(response: &mut Response<Bytes>, methods: impl Iterator<Item = &'a Method>) {
    let methods: Vec<_> = methods.map(Method::as_str).collect();
    if let Ok(methods) = HeaderValue::try_from(methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
}

/// Adds the field that the official SDKs read (reference: transport).
pub(crate) fn with_request_id(mut response: Response<Bytes>, request: RequestId) -> Response<Bytes> {
    if let Ok(id) = request.with_text(HeaderValue::from_str) {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response
}
