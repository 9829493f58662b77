//! The page at `/docs`, which the embedding program provides. It is public.

use crate::api::json::{allow, json};
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY};
use http::{HeaderValue, Method, Request, Response};
use std::io::Read;

/// The path of the page.
pub(crate) const PATH: &str = "/docs";

const METHODS: [Method; 2] = [Method::GET, Method::HEAD];

/// `packed` is HTML compressed by gzip. It is sent compressed if the client accepts that.
pub(crate) fn answer(request: &Request<Bytes>, packed: &'static [u8]) -> Response<Bytes> {
    if !METHODS.contains(request.method()) {
        let mut response = json(405, &serde_json::json!({ "error": "this path accepts GET and HEAD only" }));
        allow(&mut response, METHODS.iter());
        return response;
    }
    let mut response = if takes_gzip(request) {
        let mut response = Response::new(Bytes::from_static(packed));
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let mut text = Vec::new();
        if let Err(error) = GzDecoder::new(packed).read_to_end(&mut text) {
            return json(500, &serde_json::json!({ "error": format!("the page cannot be unpacked: {error}") }));
        }
        Response::new(Bytes::from(text))
    };
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        // The page itself says what may run in it.
        (CONTENT_SECURITY_POLICY, "base-uri 'none'; frame-ancestors 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept-encoding"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether gzip is listed with a quality other than zero.
fn takes_gzip(request: &Request<Bytes>) -> bool {
    let values = request.headers().get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = quality.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && quality != Some(0.0)
    })
}
