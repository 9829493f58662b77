//! What stands between a request and the service: is there such an address, may the caller use it,
//! and how does the reply look as HTTP?
//!
//! What the gateway itself refuses has the gateway's body, whatever the version of the address
//! (reference: gateway facts).

use crate::answer::{Answer, Spelt};
use crate::authentication::{Authority, Unauthenticated, authenticate};
use crate::call::{Call, Content, JobFilter, Wanted};
use crate::cloud::Cloud;
use crate::faults::Struck;
use crate::id::RequestId;
use crate::keeper::Unkept;
use crate::moment::Moment;
use crate::refusal::Refusal;
use crate::route::{Offer, route};
use crate::{ApiVersion, Fault};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

/// How a request ends.
pub(crate) type Outcome = Result<(ApiVersion, Answer), Failure>;

/// Why a request does not get what it wants.
pub(crate) enum Failure {
    Refused(ApiVersion, Refusal),
    TurnedAway(TurnedAway),
    OnPurpose(ApiVersion, Arc<Fault>),
}

/// Why the gateway lets the service see nothing of a request.
#[derive(Clone, Debug)]
pub(crate) enum TurnedAway {
    NoSuchApi,
    WrongMethod { offers: &'static [(Method, Offer)] },
    Unauthenticated(Unauthenticated),
    BodyTooLarge,
    BodyTooSlow,
    BodyBroken,
}

/// The call a request makes.
pub(crate) fn read<'a>(request: &'a Request<Bytes>, authority: Authority<'_>) -> Result<Call<'a>, Failure> {
    let uri = request.uri();
    let route = route(uri.path()).ok_or(TurnedAway::NoSuchApi)?;
    let offers = route.offers;
    let offer = offers.iter().find(|(method, _)| method == request.method());
    let &(_, offer) = offer.ok_or(TurnedAway::WrongMethod { offers })?;
    let scope = authenticate(request, authority).map_err(TurnedAway::Unauthenticated)?;
    let version = route.version;
    if !scope.admits(&route.project) {
        return Err(Failure::Refused(version, Refusal::permission_insufficient()));
    }
    let media_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    Call::read(route, offer, uri.query().unwrap_or_default(), Content { media_type, body: request.body() })
        .map_err(|refusal| Failure::Refused(version, refusal))
}

impl From<TurnedAway> for Failure {
    fn from(why: TurnedAway) -> Self {
        Self::TurnedAway(why)
    }
}

/// Lets the service do what a call asks for, unless it meets a fault on the way there or back.
pub(crate) fn perform(call: &Call<'_>, struck: Option<&Struck>, cloud: &mut Cloud, now: Moment) -> Outcome {
    let Some(Struck { fault, .. }) = struck else { return serve(call, cloud, now) };
    let outcome = (!fault.spares_the_service()).then(|| serve(call, cloud, now));
    if let Some(Ok((_, Answer::Job(job) | Answer::JobAndBackup(job, _)))) = outcome
        && fault.job_fails
    {
        cloud.let_fail(job);
    }
    match outcome {
        Some(outcome) if fault.status.is_none() => outcome,
        _ => Err(Failure::OnPurpose(call.version, Arc::clone(fault))),
    }
}

fn serve(call: &Call<'_>, cloud: &mut Cloud, now: Moment) -> Outcome {
    match attempt(call, cloud, now) {
        Ok(answer) => Ok((call.version, answer)),
        Err(refusal) => Err(Failure::Refused(call.version, refusal)),
    }
}

fn attempt(call: &Call<'_>, cloud: &mut Cloud, now: Moment) -> Result<Answer, Refusal> {
    let (project, graph, item) = (&*call.project, &*call.graph, &*call.item);
    Ok(match &call.wanted {
        Wanted::StartGraph { backup } => Answer::Job(cloud.start_graph(project, graph, backup.as_deref(), now)?),
        Wanted::RestartGraph => Answer::Job(cloud.restart_graph(project, graph, now)?),
        Wanted::StopGraph => Answer::Job(cloud.stop_graph(project, graph, now)?),
        Wanted::UpgradeGraph { target, force } => {
            Answer::Job(cloud.upgrade_graph(project, graph, target, *force, now)?)
        }
        Wanted::CreateBackup => {
            let (job, backup) = cloud.create_backup(project, graph, now)?;
            Answer::JobAndBackup(job, backup)
        }
        Wanted::ShowJob => Answer::JobDetails(cloud.show_job(project, graph, item, now)?),
        Wanted::ListJobs { filter, page } if *filter == JobFilter::default() => {
            Answer::Jobs(cloud.list_all_jobs(project, *page, now))
        }
        Wanted::ListJobs { filter, page } => {
            let wanted = |job: &_, graph: &_| filter.admits(job, graph, now);
            Answer::Jobs(cloud.list_jobs(project, wanted, *page, now))
        }
        Wanted::ShowGraph => Answer::Graph(cloud.show_graph(project, graph, now)?),
        Wanted::ListGraphs { page } => Answer::Graphs(cloud.list_graphs(project, *page, now)),
        Wanted::ListBackups { page } => Answer::Backups(cloud.list_backups(project, *page, now)),
        Wanted::ListGraphBackups { page } => Answer::Backups(cloud.list_graph_backups(project, graph, *page, now)?),
        Wanted::DeleteBackup => {
            cloud.delete_backup(project, graph, item, now)?;
            Answer::Nothing
        }
    })
}

/// The outcome as HTTP.
pub(crate) fn response(outcome: &Outcome, request: RequestId) -> Response<Bytes> {
    let response = match outcome {
        Ok((version, answer)) => json_text(200, answer.to_json(*version)),
        Err(Failure::Refused(version, refusal)) => json(refusal.status, &Spelt(*version, refusal)),
        Err(Failure::TurnedAway(why)) => why.response(request),
        Err(Failure::OnPurpose(version, fault)) => on_purpose(*version, fault, request),
    };
    with_request_id(response, request)
}

pub(crate) fn with_request_id(mut response: Response<Bytes>, request: RequestId) -> Response<Bytes> {
    // The official SDKs read this header (reference: transport).
    if let Ok(id) = HeaderValue::from_bytes(request.text().as_bytes()) {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response
}

pub(crate) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The answer to whoever must not believe that something was done.
pub(crate) fn unkept(why: Unkept) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Body {
        error_code: &'static str,
        error_msg: String,
    }
    // The reference has no code of the gateway's for this; the service would blame what is below it.
    let error_msg = format!("An internal error occurs in the underlying service of the graph engine: {}.", why.why);
    json(500, &Body { error_code: "GES.7006", error_msg })
}

fn on_purpose(version: ApiVersion, fault: &Fault, request: RequestId) -> Response<Bytes> {
    let status = fault.status.unwrap_or(500);
    let mut response = match (&fault.body, status) {
        (Some(body), _) => text(status, body),
        (None, 401) => TurnedAway::Unauthenticated(Unauthenticated::WrongToken).response(request),
        (None, 400..) => json(status, &Spelt(version, &Refusal::on_purpose(status))),
        (None, _) => json(status, &Spelt(version, &Answer::Nothing)),
    };
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// A body as somebody wrote it, of the kind it looks like.
fn text(status: u16, body: &str) -> Response<Bytes> {
    let kind = match body.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        Some('<') => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A JSON body under a status.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    // Writing these values to memory cannot fail; an empty body would be seen at once if it did.
    json_text(status, serde_json::to_vec(body).unwrap_or_default())
}

fn json_text(status: u16, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The header `Allow` for a choice of methods.
pub(crate) fn allow<'a>(response: &mut Response<Bytes>, methods: impl Iterator<Item = &'a Method>) {
    let methods: Vec<_> = methods.map(Method::as_str).collect();
    if let Ok(methods) = HeaderValue::try_from(methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
}

impl TurnedAway {
    pub(crate) fn response(&self, request: RequestId) -> Response<Bytes> {
        #[derive(Serialize)]
        struct Body {
            error_code: &'static str,
            error_msg: Cow<'static, str>,
            request_id: RequestId,
        }
        let (status, error_code, error_msg) = self.words();
        let mut response = json(status, &Body { error_code, error_msg, request_id: request });
        if let Self::WrongMethod { offers } = self {
            allow(&mut response, offers.iter().map(|(method, _)| method));
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
        };
        (status, code, message.into())
    }
}
