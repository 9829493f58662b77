//! Answers one request to the service: route, credentials, arguments, faults, operation, response.

use crate::api::call::{Call, Content, is_json};
use crate::api::dispatch::dispatch;
use crate::api::json::{content_coding, json, response, with_request_id};
use crate::api::operation::ApiVersion;
use crate::api::response::{Answer, Versioned};
use crate::api::route::route;
use crate::auth::authentication::{Authenticator, Clocks, Unauthenticated};
use crate::fault::rule::Fault;
use crate::fault::rules::MatchedFault;
use crate::gateway::rejection::Rejection;
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::id::RequestId;
use crate::service::records::Service;
use crate::storage::writer::WriteFailed;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use serde::Serialize;
use std::sync::Arc;

/// How a request ends.
pub(crate) type Outcome = Result<(ApiVersion, Answer), Failure>;

/// Why a request is not answered with a result.
pub(crate) enum Failure {
    /// The service refused the call.
    Service(ApiVersion, ServiceError),
    Rejected(Rejection),
    /// A fault rule replaced the answer.
    Fault(ApiVersion, Arc<Fault>),
}

impl From<Rejection> for Failure {
    fn from(why: Rejection) -> Self {
        Self::Rejected(why)
    }
}

/// The call that a request makes.
pub(crate) fn read<'a>(
    request: &'a Request<Bytes>,
    authenticator: &Authenticator,
    clocks: &dyn Clocks,
) -> Result<Call<'a>, Failure> {
    let uri = request.uri();
    let route = route(uri.path()).ok_or(Rejection::NoSuchApi)?;
    let allowed = route.methods;
    let endpoint = allowed.iter().find(|(method, _)| method == request.method());
    let &(_, endpoint) = endpoint.ok_or(Rejection::WrongMethod { allowed })?;
    let scope = authenticator.authenticate(request, clocks).map_err(Rejection::Unauthenticated)?;
    let version = route.version;
    if !scope.admits(&route.project) {
        return Err(Failure::Service(version, ServiceError::permission_insufficient()));
    }
    let types = || request.headers().get_all(CONTENT_TYPE).iter().map(HeaderValue::as_bytes);
    let media_type = types().find(|media_type| !is_json(media_type)).or(types().next());
    let content = Content { media_type, coding: content_coding(request.headers()), body: request.body() };
    Call::read(route, endpoint, uri.query().unwrap_or_default(), content)
        .map_err(|error| Failure::Service(version, error))
}

/// Lets the service do what a call asks for, unless a fault prevents it or replaces the answer.
pub(crate) fn perform(call: &Call<'_>, fault: Option<&MatchedFault>, service: &mut Service, now: Timestamp) -> Outcome {
    let Some(MatchedFault { fault, .. }) = fault else { return serve(call, service, now) };
    let outcome = (!fault.prevents_the_call()).then(|| serve(call, service, now));
    if let Some(Ok((_, Answer::Job(job) | Answer::JobAndBackup(job, _)))) = outcome
        && fault.job_fails
    {
        service.fail_job(job);
    }
    match outcome {
        Some(outcome) if fault.status.is_none() => outcome,
        _ => Err(Failure::Fault(call.version, Arc::clone(fault))),
    }
}

fn serve(call: &Call<'_>, service: &mut Service, now: Timestamp) -> Outcome {
    match dispatch(call, service, now) {
        Ok(answer) => Ok((call.version, answer)),
        Err(error) => Err(Failure::Service(call.version, error)),
    }
}

/// The outcome as HTTP.
pub(crate) fn respond(outcome: &Outcome, request: RequestId) -> Response<Bytes> {
    let response = match outcome {
        Ok((version, answer)) => response(200, "application/json", answer.to_json(*version)),
        Err(Failure::Service(version, error)) => json(error.status, &Versioned(*version, error)),
        Err(Failure::Rejected(why)) => why.response(request),
        Err(Failure::Fault(version, fault)) => faulty(*version, fault, request),
    };
    with_request_id(response, request)
}

/// The response when a change could not be written to the data file.
pub(crate) fn write_failed(failure: WriteFailed) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Body {
        error_code: &'static str,
        error_msg: String,
    }
    // The reference has no code of the gateway's for this; the service would blame what is below it.
    let error_msg =
        format!("An internal error occurs in the underlying service of the graph engine: {}.", failure.reason);
    json(500, &Body { error_code: "GES.7006", error_msg })
}

fn faulty(version: ApiVersion, fault: &Fault, request: RequestId) -> Response<Bytes> {
    let status = fault.status.unwrap_or(500);
    let mut response = match (&fault.body, status) {
        (Some(body), _) => response(status, media_type_of(body), body.clone()),
        (None, 401) => Rejection::Unauthenticated(Unauthenticated::WrongToken).response(request),
        (None, 400..) => json(status, &Versioned(version, &ServiceError::for_fault(status))),
        (None, _) => json(status, &Versioned(version, &Answer::Nothing)),
    };
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The media type that a configured body looks like.
fn media_type_of(body: &str) -> &'static str {
    match body.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        Some('<') => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}
