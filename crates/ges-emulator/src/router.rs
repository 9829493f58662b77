//! Routes a request to the service, the sign-in, the control API or a page.

use crate::api::json::{json, with_request_id};
use crate::auth::iam;
use crate::control::router::{self as control, PREFIX};
use crate::gateway::handler::{Outcome, perform, read, respond};
use crate::gateway::rejection::Rejection;
use crate::instance::Instance;
use crate::journal::RequestInfo;
use crate::storage::pending::ChangeNumber;
use crate::ui::{docs, page};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::json;
use std::sync::Arc;

/// Which requests a listener accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListenerRole {
    Both,
    Service,
    Control,
}

/// The response to a request that came to the wrong listener.
pub(crate) fn wrong_listener(role: ListenerRole, path: &str) -> Option<Response<Bytes>> {
    let is_control = path.starts_with(PREFIX) || path == page::PATH;
    let (status, error) = match (role, is_control) {
        (ListenerRole::Service, true) => {
            (403, "the control API is available on loopback addresses and on its own listener only".to_owned())
        }
        (ListenerRole::Control, false) => {
            (404, format!("this listener serves only the control API, under {PREFIX} and the page at {}", page::PATH))
        }
        _ => return None,
    };
    Some(json(status, &json!({ "error": error })))
}

/// The response, not to be sent before the change is in the data file that the request made, if any.
///
/// A response that a fault changes has the fault among its extensions.
pub(crate) fn answer(request: Request<Bytes>, instance: &Instance) -> (Response<Bytes>, Option<ChangeNumber>) {
    let path = request.uri().path();
    if let Some(path) = path.strip_prefix(PREFIX) {
        let response = control::answer(path, &request, instance);
        // By now it may be a later change of another request.
        let changed = request.method() != Method::GET;
        return (response, if changed { instance.lock().latest_change() } else { None });
    }
    if path == page::PATH {
        // What the page shows may have changed just now.
        return (page::answer(&request, instance), instance.lock().latest_change());
    }
    if let Some(page) = instance.config.reference.filter(|_| path == docs::PATH) {
        return (docs::answer(&request, page), None);
    }
    if let Some(resource) = iam::resource(path) {
        return (sign_in(resource, request, instance), None);
    }
    let call = read(&request, &instance.authenticator, instance);
    let operation = call.as_ref().ok().map(|call| call.operation);
    let (outcome, info, change) = {
        let mut state = instance.lock();
        let mut info = state.admit(operation);
        let outcome = call.and_then(|call| {
            info.fault = state.faults.match_call(&call);
            perform(&call, info.fault.as_ref(), &mut state.service, info.at)
        });
        (outcome, info, state.release())
    };
    (conclude(&request, &outcome, info, instance), change)
}

/// Answers a request that is not read to its end.
pub(crate) fn reject(request: &Request<Bytes>, why: Rejection, instance: &Instance) -> Response<Bytes> {
    let info = instance.lock().admit(None);
    conclude(request, &Err(why.into()), info, instance)
}

fn sign_in(resource: iam::Resource, request: Request<Bytes>, instance: &Instance) -> Response<Bytes> {
    let info = instance.lock().admit(None);
    let answer = iam::answer(resource, &request, &instance.authenticator, instance, info.id, info.at);
    let response = answer.unwrap_or_else(|why| Rejection::Unauthenticated(why).response(info.id));
    let response = with_request_id(response, info.id);
    // The body may hold a password that is in no configuration.
    instance.journal().record(&request.map(|_| Bytes::from_static(b"***")), &response, info);
    response
}

fn conclude(request: &Request<Bytes>, outcome: &Outcome, info: RequestInfo, instance: &Instance) -> Response<Bytes> {
    let mut response = respond(outcome, info.id);
    if let Some(matched) = &info.fault {
        response.extensions_mut().insert(Arc::clone(&matched.fault));
    }
    instance.journal().record(request, &response, info);
    response
}
