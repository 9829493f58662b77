//! What happens around every generated call: the token goes in, and failures of all dialects come out alike.

use std::fmt;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::error::Error;
use crate::generated::Client;

/// Source: every page, "Request Parameters".
const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
/// progenitor sends it with every call; the pages know no such header.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// How much of a failure that is not JSON is kept.
const MAX_TEXT: usize = 2_000;

/// What a generated client carries besides its address.
#[derive(Clone)]
pub struct Inner {
    token: HeaderValue,
}

impl Inner {
    pub(crate) fn with_token(token: &str) -> Result<Inner, Error> {
        // The message does not repeat the token: it may be a real one with a stray newline.
        let mut token = HeaderValue::from_str(token).map_err(|_| {
            Error::invalid("the token has characters that a header cannot carry; is there a line break at its end?")
        })?;
        token.set_sensitive(true);
        Ok(Inner { token })
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner { token: *** }")
    }
}

impl ClientHooks<Inner> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        request.headers_mut().remove(API_VERSION);
        request.headers_mut().insert(TOKEN, self.inner.token.clone());
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let response = self.client.execute(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let headers = response.headers().clone();
        let failure = Failure::read(&response.bytes().await?);
        Ok(failure.into_response(status, headers))
    }
}

/// What a failed call says, whoever says it: GES v1, GES v2, or the gateway in front of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl Failure {
    /// Source: the pages (`errorCode`/`errorMessage`, `error_code`/`error_msg`); the reference's third spelling
    /// (`errCode`/`externalMessage`) and the gateway, which uses v2's, are from the reference.
    pub(crate) fn read(body: &[u8]) -> Failure {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            let text = String::from_utf8_lossy(body);
            let text: String = text.trim().chars().take(MAX_TEXT).collect();
            return Failure { message: Some(text).filter(|text| !text.is_empty()), code: None };
        };
        let text = |names: [&str; 3]| {
            let mut texts = names.into_iter().filter_map(|name| members.get(name)?.as_str());
            texts.find(|text| !text.is_empty()).map(str::to_owned)
        };
        Failure {
            code: text(["errorCode", "error_code", "errCode"]),
            message: text(["errorMessage", "error_msg", "externalMessage"]),
        }
    }

    /// A response that the generated code reads as a documented failure, whichever dialect it expects; what it makes
    /// of an undocumented status still carries this value.
    fn into_response(self, status: http::StatusCode, headers: http::HeaderMap) -> reqwest::Response {
        let body = json!({
            "errorCode": self.code, "errorMessage": self.message,
            "error_code": self.code, "error_msg": self.message,
        });
        let mut response = http::Response::new(body.to_string());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
            response.headers_mut().remove(name);
        }
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.extensions_mut().insert(self);
        response.into()
    }
}
