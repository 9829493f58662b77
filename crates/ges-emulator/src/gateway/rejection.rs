//! Requests that the gateway answers itself, without the service.
//!
//! They have the gateway's body, independent of the API version of the path (reference: gateway facts).

use crate::api::json::{allow, json};
use crate::api::route::Endpoint;
use crate::auth::authentication::Unauthenticated;
use crate::service::id::RequestId;
use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;
use std::borrow::Cow;

/// Why the gateway does not let a request through to the service.
#[derive(Clone, Debug)]
pub(crate) enum Rejection {
    NoSuchApi,
    WrongMethod {
        allowed: &'static [(Method, Endpoint)],
    },
    Unauthenticated(Unauthenticated),
    BodyTooLarge,
    BodyTooSlow,
    BodyBroken,
    /// The host is missing, ambiguous or malformed; this says how.
    Host(&'static str),
    /// The body has a transfer coding that is not read.
    TransferCoding,
}

impl Rejection {
    pub(crate) fn response(&self, request: RequestId) -> Response<Bytes> {
        #[derive(Serialize)]
        struct Body {
            error_code: &'static str,
            error_msg: Cow<'static, str>,
            request_id: RequestId,
        }
        let (status, error_code, error_msg) = self.words();
        let mut response = json(status, &Body { error_code, error_msg, request_id: request });
        if let Self::WrongMethod { allowed } = self {
            allow(&mut response, allowed.iter().map(|(method, _)| method));
        }
        response
    }

    /// Status, code and message (reference: gateway facts; error codes of API Gateway).
    fn words(&self) -> (u16, &'static str, Cow<'static, str>) {
        let (status, code, message) = match self {
            Self::NoSuchApi => {
                (404, "APIG.0101", "The API does not exist or has not been published in the environment.")
            }
            Self::WrongMethod { .. } => (405, "APIG.0101", "The API does not exist."),
            Self::Unauthenticated(why) => return (401, "APIGW.0301", why.message().into()),
            Self::BodyTooLarge => (413, "APIG.0201", "Request entity too large."),
            Self::BodyTooSlow => (408, "APIG.0201", "API request error."),
            Self::BodyBroken => (400, "APIG.0201", "API request error."),
            Self::TransferCoding => (501, "APIG.0201", "API request error: its transfer coding is not read."),
            Self::Host(why) => return (400, "APIG.0201", format!("API request error: {why}.").into()),
        };
        (status, code, message.into())
    }
}
