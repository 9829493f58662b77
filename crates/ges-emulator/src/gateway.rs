//! What stands between a request and the service: is there such an address, may the caller use it,
//! and how does the reply look as HTTP?
//!
//! What the gateway itself refuses has the gateway's body, whatever the version of the address
//! (reference: gateway facts).

use crate::ApiVersion;
use crate::answer::{Answer, Spelt};
use crate::authentication::{Unauthenticated, authenticate};
use crate::call::{Call, Wanted};
use crate::cloud::Cloud;
use crate::id::RequestId;
use crate::moment::Moment;
use crate::refusal::Refusal;
use crate::route::{Offer, route};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;

/// How a request ends.
pub(crate) type Outcome = Result<(ApiVersion, Answer), Failure>;

/// Why a request does not get what it wants.
pub(crate) enum Failure {
    Refused(ApiVersion, Refusal),
    TurnedAway(TurnedAway),
}

/// Why the gateway lets the service see nothing of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TurnedAway {
    NoSuchApi,
    WrongMethod { offers: &'static [(Method, Offer)] },
    Unauthenticated(Unauthenticated),
    BodyTooLarge,
    BodyTooSlow,
    BodyBroken,
}

/// The call a request makes.
pub(crate) fn read<'a>(request: &'a Request<Bytes>, tokens: &[String]) -> Result<Call<'a>, Failure> {
    let uri = request.uri();
    let route = route(uri.path()).ok_or(TurnedAway::NoSuchApi)?;
    let offers = route.offers;
    let offer = offers.iter().find(|(method, _)| method == request.method());
    let &(_, offer) = offer.ok_or(TurnedAway::WrongMethod { offers })?;
    authenticate(request.headers(), tokens).map_err(TurnedAway::Unauthenticated)?;
    let version = route.version;
    Call::read(route, offer, uri.query().unwrap_or_default(), request.body())
        .map_err(|refusal| Failure::Refused(version, refusal))
}

impl From<TurnedAway> for Failure {
    fn from(why: TurnedAway) -> Self {
        Self::TurnedAway(why)
    }
}

/// Lets the service do what a call asks for.
pub(crate) fn perform(call: &Call<'_>, cloud: &mut Cloud, now: Moment) -> Outcome {
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
    let mut response = match outcome {
        Ok((version, answer)) => json(200, &Spelt(*version, answer)),
        Err(Failure::Refused(version, refusal)) => json(refusal.status, &Spelt(*version, refusal)),
        Err(Failure::TurnedAway(why)) => why.response(request),
    };
    // The official SDKs read this header (reference: transport).
    if let Ok(id) = HeaderValue::try_from(request.to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A JSON body under a status.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    // Writing these values to memory cannot fail; an empty body would be seen at once if it did.
    let body = serde_json::to_vec(body).unwrap_or_default();
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
    fn response(self, request: RequestId) -> Response<Bytes> {
        #[derive(Serialize)]
        struct Body {
            error_code: &'static str,
            error_msg: &'static str,
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
    fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NoSuchApi => {
                (404, "APIG.0101", "The API does not exist or has not been published in the environment.")
            }
            Self::WrongMethod { .. } => (405, "APIG.0101", "The API does not exist."),
            Self::Unauthenticated(why) => (401, "APIGW.0301", why.message()),
            Self::BodyTooLarge => (413, "APIG.0201", "Request entity too large."),
            Self::BodyTooSlow => (408, "APIG.0201", "API request error."),
            Self::BodyBroken => (400, "APIG.0201", "API request error."),
        }
    }
}
