//! The endpoints of the control API.

use crate::api::json::{allow, content_coding, json, not_decoded};
use crate::api::operation::Operation;
use crate::api::parameters::parameters;
use crate::config::Config;
use crate::control::origin;
use crate::control::provider_state::ProviderState;
use crate::control::snapshot;
use crate::fault::rule::Fault;
use crate::instance::Instance;
use crate::journal::Filter;
use crate::service::graph::Edition;
use crate::service::id::GraphId;
use crate::service::records::Service;
use crate::service::setup::{InitialState, NewGraph};
use crate::service::version::Version;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The prefix of the control API's paths.
pub(crate) const PREFIX: &str = "/_emulator/";

/// Whether the body of a request to this path is a snapshot, which may be large.
pub(crate) fn takes_a_snapshot(path: &str) -> bool {
    path.strip_prefix(PREFIX) == Some("restore")
}

/// Answers a request to the control API; `path` is what follows [`PREFIX`].
pub(crate) fn answer(path: &str, request: &Request<Bytes>, instance: &Instance) -> Response<Bytes> {
    if let Some(why) = origin::refuse(request) {
        return json(403, &error(why));
    }
    let routes = ROUTES.iter().filter(|route| route.path == path);
    match routes.clone().find(|route| route.method == request.method()) {
        Some(_) if let Some(coding) = content_coding(request.headers()).filter(|_| !request.body().is_empty()) => {
            let mut response = json(415, &error(not_decoded(coding)));
            // What is read instead (RFC 9110, 15.5.16).
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            response
        }
        Some(route) => {
            let asked = ControlRequest { query: request.uri().query().unwrap_or_default(), body: request.body() };
            (route.handle)(&asked, instance).unwrap_or_else(|error| json(400, &error))
        }
        None => no_such_route(routes.map(|route| &route.method)),
    }
}

struct Route {
    method: Method,
    path: &'static str,
    handle: fn(&ControlRequest<'_>, &Instance) -> Handled,
}

/// The query and the body of a request.
struct ControlRequest<'a> {
    query: &'a str,
    body: &'a [u8],
}

impl ControlRequest<'_> {
    /// The body, which is a JSON object.
    fn object<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match serde_json::from_slice(self.body).map_err(error)? {
            object @ Value::Object(_) => serde_json::from_value(object).map_err(error),
            _ => Err(error("the body must be a JSON object")),
        }
    }
}

type Handled = Result<Response<Bytes>, Error>;

const ROUTES: &[Route] = &[
    Route { method: Method::GET, path: "health", handle: health },
    Route { method: Method::POST, path: "provider-states", handle: provider_states },
    Route { method: Method::POST, path: "graphs", handle: graphs },
    Route { method: Method::POST, path: "clock", handle: clock },
    Route { method: Method::POST, path: "reset", handle: reset },
    Route { method: Method::GET, path: "requests", handle: requests },
    Route { method: Method::GET, path: "faults", handle: faults },
    Route { method: Method::POST, path: "faults", handle: add_fault },
    Route { method: Method::DELETE, path: "faults", handle: clear_faults },
    Route { method: Method::GET, path: "openapi.yaml", handle: openapi },
    Route { method: Method::POST, path: "snapshot", handle: |_, instance| Ok(snapshot::snapshot(instance)) },
    Route {
        method: Method::POST,
        path: "restore",
        handle: |asked, instance| Ok(snapshot::restore(asked.body, instance)),
    },
];

/// The error of an invalid request to the control API.
#[derive(Serialize)]
struct Error {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Vec<String>>,
}

fn error(error: impl ToString) -> Error {
    Error { error: error.to_string(), known: None }
}

fn health(_: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let config = &instance.config;
    Ok(json(
        200,
        &json!({
            "status": "ok",
            "now": instance.lock().now(),
            "transitions": config.transitions.to_string(),
            "seed": config.seed,
            "project_id": config.project_id,
        }),
    ))
}

/// The Pact protocol: https://docs.pact.io/getting_started/provider_states
///
/// Unknown members are ignored, `consumer` for instance.
#[derive(Deserialize)]
struct StateChange {
    state: String,
    #[serde(default)]
    action: Action,
    params: Option<GraphParameters>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Setup,
    Teardown,
}

fn provider_states(asked: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let change: StateChange = asked.object()?;
    let state: ProviderState = change.state.parse().map_err(|unknown| Error {
        known: Some(ProviderState::ALL.iter().map(ToString::to_string).collect()),
        ..error(unknown)
    })?;
    // Invalid parameters are an error at a teardown too.
    let new = change.params.unwrap_or_default().graph(&instance.config)?;
    match change.action {
        Action::Setup => {
            let mut locked = instance.lock();
            let now = locked.now();
            require_free(&new, &locked.service)?;
            Ok(json(200, &state.set_up(new, &mut locked.service, now)))
        }
        // Every setup makes a new graph, so there is nothing to clean up.
        Action::Teardown => Ok(json(200, &json!({}))),
    }
}

fn graphs(asked: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let parameters: GraphParameters =
        if asked.body.is_empty() { GraphParameters::default() } else { asked.object()? };
    let new = parameters.graph(&instance.config)?;
    let project_id = new.project.clone();
    let mut state = instance.lock();
    let now = state.now();
    require_free(&new, &state.service)?;
    let graph_id = state.service.add_graph(new, now);
    Ok(json(200, &json!({ "project_id": project_id, "graph_id": graph_id })))
}

/// A graph cannot have the identifier of another.
fn require_free(new: &NewGraph, service: &Service) -> Result<(), Error> {
    match new.id {
        Some(id) if !service.is_free(id) => {
            Err(error(format!("graph_id `{id}` belongs to another graph, or is reserved for a later one")))
        }
        _ => Ok(()),
    }
}

/// The parameters of a new graph. An unknown parameter is an error, because it may be a misspelt one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphParameters {
    project_id: Option<String>,
    graph_id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    product_type: Option<String>,
    status: Option<String>,
}

impl GraphParameters {
    fn graph(self, config: &Config) -> Result<NewGraph, Error> {
        let defaults = config.new_graph();
        Ok(NewGraph {
            id: match self.graph_id {
                None => defaults.id,
                Some(text) => {
                    let wrong = || error(format!("graph_id must be a UUID in lower case, found `{text}`"));
                    Some(GraphId::parse(&text).ok_or_else(wrong)?)
                }
            },
            project: self.project_id.unwrap_or(defaults.project),
            name: self.name.unwrap_or(defaults.name),
            version: match self.version {
                None => defaults.version,
                Some(text) => Version::parse(&text)
                    .ok_or_else(|| error(format!("version must be numbers separated by dots, found `{text}`")))?,
            },
            edition: match self.product_type {
                None => defaults.edition,
                Some(text) => choice("product_type", &text, Edition::ALL, Edition::product_type)?,
            },
            initial: match self.status {
                None => defaults.initial,
                Some(text) => choice("status", &text, InitialState::ALL, |one| one.state().status())?,
            },
        })
    }
}

fn choice<T: Copy, const N: usize>(
    what: &str,
    text: &str,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<T, Error> {
    all.into_iter().find(|&one| name(one) == text).ok_or_else(|| Error {
        error: format!("unknown {what} `{text}` for a new graph"),
        known: Some(all.into_iter().map(|one| name(one).to_owned()).collect()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance: String,
}

fn clock(asked: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let ClockChange { advance } = asked.object()?;
    let mut state = instance.lock();
    let length = state.now().length_of(&advance).ok_or_else(|| {
        error(format!("`advance` must be an ISO 8601 duration that is not negative, such as `P7D`; found `{advance}`"))
    })?;
    state.advance(length);
    Ok(json(200, &json!({ "now": state.now() })))
}

fn reset(_: &ControlRequest<'_>, instance: &Instance) -> Handled {
    instance.reset(&mut instance.lock());
    Ok(json(200, &json!({})))
}

fn requests(asked: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let mut filter = Filter::default();
    for (name, value) in parameters(asked.query) {
        let value = value.ok_or_else(|| error(format!("the value of `{name}` is not percent-encoded UTF-8")))?;
        let number = |least: u32, most: u32| {
            let number = value.parse().ok().filter(|number| (least..=most).contains(number) && !value.starts_with('+'));
            number.ok_or_else(|| error(format!("{name} must be a number from {least} to {most}, found `{value}`")))
        };
        match &*name {
            "operation" => filter.operation = Some(Operation::named(&value).map_err(error)?),
            "graph_id" => filter.graph = Some(value.into_owned()),
            "status" => filter.status = Some(number(100, 599)?),
            "limit" => filter.most = Some(number(0, u32::MAX)?),
            _ => {
                let known = ["operation", "graph_id", "status", "limit"].map(str::to_owned).to_vec();
                return Err(Error { known: Some(known), ..error(format!("unknown filter `{name}`")) });
            }
        }
    }
    Ok(json(200, &json!({ "requests": instance.journal().show(&filter, &instance.authenticator) })))
}

fn faults(_: &ControlRequest<'_>, instance: &Instance) -> Handled {
    #[derive(Serialize)]
    struct Shown<F> {
        id: u64,
        #[serde(flatten)]
        fault: F,
        fired: u64,
    }
    let state = instance.lock();
    let rules = state.faults.rules().iter();
    let faults: Vec<_> =
        rules.map(|rule| Shown { id: rule.number, fault: rule.fault.to_json(), fired: rule.fired }).collect();
    Ok(json(200, &json!({ "faults": faults })))
}

fn add_fault(asked: &ControlRequest<'_>, instance: &Instance) -> Handled {
    let fault = Fault::from_json(asked.object()?).map_err(error)?;
    let id = instance.lock().faults.add(fault).map_err(error)?;
    Ok(json(200, &json!({ "id": id })))
}

fn clear_faults(_: &ControlRequest<'_>, instance: &Instance) -> Handled {
    instance.lock().faults.clear();
    Ok(json(200, &json!({})))
}

/// The OpenAPI document of this API.
const DESCRIPTION: &str = include_str!("../../control-api.yaml");

fn openapi(_: &ControlRequest<'_>, _: &Instance) -> Handled {
    let mut response = Response::new(Bytes::from_static(DESCRIPTION.as_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/yaml"));
    Ok(response)
}

fn no_such_route<'a>(methods: impl Iterator<Item = &'a Method>) -> Response<Bytes> {
    let mut methods = methods.peekable();
    let known = ROUTES.iter().map(|route| format!("{} {PREFIX}{}", route.method, route.path)).collect();
    let (status, problem) = match methods.peek() {
        None => (404, "the control API has no such path"),
        Some(_) => (405, "this path does not accept this method"),
    };
    let mut response = json(status, &Error { known: Some(known), ..error(problem) });
    if status == 405 {
        allow(&mut response, methods);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The addresses and methods in the document, by the indentation they have there.
    fn described() -> BTreeSet<String> {
        let mut address = "";
        let mut found = BTreeSet::new();
        let paths = DESCRIPTION.lines().skip_while(|line| *line != "paths:");
        for line in paths.take_while(|line| *line != "components:") {
            let name = line.trim().trim_end_matches(':');
            match line.len() - line.trim_start().len() {
                2 => address = name,
                4 if !name.is_empty() => drop(found.insert(format!("{} {address}", name.to_uppercase()))),
                _ => {}
            }
        }
        found
    }

    #[test]
    fn the_document_describes_every_route() {
        let there_is = ROUTES.iter().map(|route| format!("{} {PREFIX}{}", route.method, route.path));
        assert_eq!(described(), there_is.collect());
    }

    #[test]
    fn the_document_names_every_state_status_and_operation() {
        let states = ProviderState::ALL.iter().map(|state| state.name());
        let operations = Operation::ALL.iter().map(|operation| operation.name());
        let statuses = InitialState::ALL.map(|initial| initial.state().status());
        for name in states {
            assert!(DESCRIPTION.contains(&format!("- {name}\n")), "{name}");
        }
        for name in operations {
            // In the schemas `Operation` and `Fault`.
            let count = DESCRIPTION.matches(&format!("- {name}\n")).count();
            assert_eq!(count, 2, "control-api.yaml lists `{name}` in {count} of 2 enums");
        }
        for status in statuses {
            assert!(DESCRIPTION.contains(&format!("\"{status}\",")), "{status}");
        }
    }
}
