//! What can a test ask of the emulator that nobody could ask of the service?

use crate::cloud::{Condition, NewGraph};
use crate::emulator::new_graph;
use crate::gateway::{allow, json};
use crate::graph::Edition;
use crate::version::Version;
use crate::{Config, Emulator, ProviderState};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the addresses of the control API begin with.
pub(crate) const PREFIX: &str = "/_emulator/";

/// Answers a request to the control API; `path` is what follows [`PREFIX`].
pub(crate) fn answer(path: &str, request: &Request<Bytes>, emulator: &Emulator) -> Response<Bytes> {
    let routes = ROUTES.iter().filter(|route| route.path == path);
    match routes.clone().find(|route| route.method == request.method()) {
        Some(route) => (route.handle)(request.body(), emulator).unwrap_or_else(|error| json(400, &error)),
        None => no_such_route(routes.map(|route| &route.method)),
    }
}

struct Route {
    method: Method,
    path: &'static str,
    handle: fn(&[u8], &Emulator) -> Handled,
}

type Handled = Result<Response<Bytes>, Error>;

const ROUTES: &[Route] = &[
    Route { method: Method::GET, path: "health", handle: health },
    Route { method: Method::POST, path: "provider-states", handle: provider_states },
    Route { method: Method::POST, path: "graphs", handle: graphs },
    Route { method: Method::POST, path: "clock", handle: clock },
    Route { method: Method::POST, path: "reset", handle: reset },
    Route { method: Method::GET, path: "requests", handle: requests },
];

/// What was wrong with a request to the control API.
#[derive(Serialize)]
struct Error {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Vec<String>>,
}

fn error(error: impl ToString) -> Error {
    Error { error: error.to_string(), known: None }
}

fn health(_: &[u8], emulator: &Emulator) -> Handled {
    let config = emulator.config();
    Ok(json(
        200,
        &json!({
            "status": "ok",
            "now": emulator.inside().now(),
            "transitions": config.transitions.to_string(),
            "seed": config.seed,
            "project_id": config.project_id,
        }),
    ))
}

/// The Pact protocol: https://docs.pact.io/getting_started/provider_states
///
/// Members that are not named here are tolerated, `consumer` for instance.
#[derive(Deserialize)]
struct StateChange {
    state: String,
    #[serde(default)]
    action: Action,
    params: Option<Wishes>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Setup,
    Teardown,
}

fn provider_states(body: &[u8], emulator: &Emulator) -> Handled {
    let change: StateChange = serde_json::from_slice(body).map_err(error)?;
    let state: ProviderState = change.state.parse().map_err(|unknown| Error {
        known: Some(ProviderState::ALL.iter().map(ToString::to_string).collect()),
        ..error(unknown)
    })?;
    match change.action {
        Action::Setup => {
            let new = change.params.unwrap_or_default().graph(emulator.config())?;
            let mut inside = emulator.inside();
            let now = inside.now();
            Ok(json(200, &state.set_up(new, &mut inside.cloud, now)))
        }
        // Every setup makes a graph of its own: what is left over disturbs nobody.
        Action::Teardown => Ok(json(200, &json!({}))),
    }
}

fn graphs(body: &[u8], emulator: &Emulator) -> Handled {
    let wishes: Wishes =
        if body.is_empty() { Wishes::default() } else { serde_json::from_slice(body).map_err(error)? };
    let new = wishes.graph(emulator.config())?;
    let project_id = new.project.clone();
    let mut inside = emulator.inside();
    let now = inside.now();
    let graph_id = inside.cloud.add_graph(new, now);
    Ok(json(200, &json!({ "project_id": project_id, "graph_id": graph_id })))
}

/// What a new graph should be like.
#[derive(Default, Deserialize)]
struct Wishes {
    project_id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    product_type: Option<String>,
    status: Option<String>,
}

impl Wishes {
    fn graph(self, config: &Config) -> Result<NewGraph, Error> {
        let usual = new_graph(config);
        Ok(NewGraph {
            project: self.project_id.unwrap_or(usual.project),
            name: self.name.unwrap_or(usual.name),
            version: match self.version {
                None => usual.version,
                Some(text) => {
                    Version::parse(&text).ok_or_else(|| error(format!("`{text}` is not numbers separated by dots")))?
                }
            },
            edition: match self.product_type {
                None => usual.edition,
                Some(text) => choice("product_type", &text, Edition::ALL, Edition::product_type)?,
            },
            condition: match self.status {
                None => usual.condition,
                Some(text) => choice("status", &text, Condition::ALL, |one| one.state().status())?,
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
        error: format!("`{text}` is no {what} that a new graph can have"),
        known: Some(all.into_iter().map(|one| name(one).to_owned()).collect()),
    })
}

#[derive(Deserialize)]
struct ClockChange {
    advance: String,
}

fn clock(body: &[u8], emulator: &Emulator) -> Handled {
    let ClockChange { advance } = serde_json::from_slice(body).map_err(error)?;
    let mut inside = emulator.inside();
    let length = inside.now().length_of(&advance).ok_or_else(|| {
        error(format!(
            "`{advance}` is not a span of time as in ISO 8601, forward and within the calendar, `P7D` for instance"
        ))
    })?;
    inside.advance(length);
    Ok(json(200, &json!({ "now": inside.now() })))
}

fn reset(_: &[u8], emulator: &Emulator) -> Handled {
    emulator.reset();
    Ok(json(200, &json!({})))
}

fn requests(_: &[u8], emulator: &Emulator) -> Handled {
    Ok(json(200, &json!({ "requests": emulator.journal().show(&emulator.config().tokens) })))
}

fn no_such_route<'a>(methods: impl Iterator<Item = &'a Method>) -> Response<Bytes> {
    let mut methods = methods.peekable();
    let known = ROUTES.iter().map(|route| format!("{} {PREFIX}{}", route.method, route.path)).collect();
    let (status, problem) = match methods.peek() {
        None => (404, "the control API has no such address"),
        Some(_) => (405, "this address takes another method"),
    };
    let mut response = json(status, &Error { known: Some(known), ..error(problem) });
    if status == 405 {
        allow(&mut response, methods);
    }
    response
}
