//! Polls a job or a resource until it settles.
//!
//! What to query is data ([`StatusQuery`]): the job that an answer names or, where jobs are not served, the resource
//! itself. Where neither is served, the run waits for a fixed time.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::client::{Client, SendError, seconds};
use crate::http::request::Values;
use crate::model::exchange::Reply;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::lifecycle::{Lifecycle, StatusQuery};
use crate::model::suite::{Case, Expected, Kind, Place, Request, Sending, absent_like};
use crate::plan::tour_search::is_success;
use crate::run::runner::Runner;
use crate::run::stop::Stop;

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WaitResult {
    Ended,
    /// The job has this status.
    Failed(String),
    /// No status is served.
    Unsure,
    /// The resource did not show the effect within the longest wait.
    TooLong,
    /// The job had not ended within the longest wait.
    JobTooLong,
}

impl WaitResult {
    /// What the operation began may still be under way.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, Self::TooLong | Self::JobTooLong)
    }

    /// Why what comes after `operation` cannot be judged, if so.
    pub(crate) fn trouble(&self, operation: &str, patience: Duration) -> Option<Trouble> {
        let reason = match self {
            Self::Ended | Self::Unsure => return None,
            Self::Failed(status) => format!("the job of {operation} ended with status `{status}`"),
            Self::JobTooLong => format!("the job of {operation} had not ended within {}", seconds(patience)),
            Self::TooLong => format!("{operation} had not taken effect within {}", seconds(patience)),
        };
        Some(Trouble { reason, is_under_way: *self == Self::JobTooLong })
    }
}

/// An operation that did not come to its documented end.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// In words.
    pub(crate) reason: String,
    /// Its job goes on, whatever state the resource shows.
    pub(crate) is_under_way: bool,
}

/// What one status request showed.
enum PollResult {
    Status(String),
    NotServed,
    /// Nothing that says anything: an error of the server, no answer.
    Nothing,
}

/// Not known yet; above it, one more than the position of the path that is served.
const UNKNOWN: usize = 0;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How late a status may be after the operation that changed it has ended.
const LATE: Duration = Duration::from_secs(2);

/// After so many waits for a late status that were in vain, there are no more in the same run.
const IN_VAIN: usize = 3;

impl<'a> Runner<'_, 'a> {
    /// Waits until what `case` began by this reply has ended.
    pub(crate) async fn wait(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        reply: &Reply,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
    ) -> WaitResult {
        if !is_success(case) {
            return WaitResult::Ended;
        }
        let known = self.plan.suite.lifecycle.as_ref();
        let known = known.and_then(|lifecycle| Some((lifecycle, lifecycle.operations.get(&case.operation)?)));
        let Some((lifecycle, transition)) = known else {
            // Source: RFC 9110, section 15.3.3: what was accepted has not been done yet.
            return if reply.status == 202 { WaitResult::Unsure } else { WaitResult::Ended };
        };
        let until = Instant::now() + self.options.patience;

        let job = lifecycle.job.as_ref().and_then(|look| Some((look, job_named(look, reply)?)));
        if let Some((look, name)) = job {
            self.served.last_job.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&name);
            let mut values = values.clone();
            values.insert(look.identifier.clone(), name);
            let ended = |status: &str| {
                if look.failed.iter().any(|failed| failed == status) {
                    return Some(WaitResult::Failed(status.to_owned()));
                }
                look.succeeded.iter().any(|succeeded| succeeded == status).then_some(WaitResult::Ended)
            };
            match self.poll(exchanges, case, look, &values, client, stop, until, ended).await {
                Some(WaitResult::TooLong) => return WaitResult::JobTooLong,
                Some(waited) => return waited,
                None => {}
            }
        }
        if let Some(look) = lifecycle.look.as_ref().filter(|_| !transition.removes()) {
            let ended = |status: &str| {
                let state = lifecycle.state_of(status);
                let is_on_the_way = state.is_some_and(|state| transition.through.iter().any(|it| it == state));
                let is_before = transition.from.iter().any(|from| Some(from.as_str()) == state);
                let is_there = state == Some(&transition.to);
                (is_there || !is_on_the_way && !is_before).then_some(WaitResult::Ended)
            };
            if let Some(waited) = self.poll(exchanges, case, look, values, client, stop, until, ended).await {
                return waited;
            }
        }
        stop.sleep(self.options.settle).await;
        WaitResult::Unsure
    }

    /// The state that the resource settles in, if its status is served; transitional states are waited out.
    pub(crate) async fn state_now(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
    ) -> ObservedState {
        let Some(lifecycle) = &self.plan.suite.lifecycle else { return ObservedState::NotServed };
        let Some(look) = &lifecycle.look else { return ObservedState::NotServed };
        let mut last = None;
        let ended = |status: &str| {
            last = Some(status.to_owned());
            lifecycle.state_of(status).is_none_or(|state| lifecycle.rests_in(state)).then_some(WaitResult::Ended)
        };
        let until = Instant::now() + self.options.patience;
        let waited = self.poll(exchanges, case, look, values, client, stop, until, ended).await;
        match (waited, last) {
            (None, _) => ObservedState::NotServed,
            (Some(_), Some(status)) => match lifecycle.state_of(&status) {
                Some(state) => ObservedState::State(state.to_owned()),
                None => ObservedState::Nothing(format!("status `{status}` is not in x-lifecycle")),
            },
            (Some(_), None) => ObservedState::Nothing("the status request got no answer".to_owned()),
        }
    }

    /// The state of the resource once what changed it has ended, if its status is served. A status may be late: one
    /// that is not `wanted` is queried again for a while.
    pub(crate) async fn state_after(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
        wanted: &str,
    ) -> ObservedState {
        let late = if self.served.in_vain.load(Ordering::Relaxed) < IN_VAIN { LATE } else { Duration::ZERO };
        let until = Instant::now() + late.min(self.options.patience);
        let before = exchanges.len();
        loop {
            exchanges.truncate(before);
            let seen = self.state_now(exchanges, case, values, client, stop).await;
            match &seen {
                ObservedState::State(state) if state != wanted => {}
                _ => return seen,
            }
            if Instant::now() >= until || !stop.sleep(FIRST_PAUSE * 4).await {
                self.served.in_vain.fetch_add(1, Ordering::Relaxed);
                return seen;
            }
        }
    }

    /// The status request for something that does not exist, of the kind that `case` looks up, and its values; the
    /// reason if no such status is served.
    pub(crate) fn absent(&self, case: &Case, values: &Values) -> Result<(Case, Values), String> {
        let is_job = case.kind.sending() == Sending::Job;
        let lifecycle = self.plan.suite.lifecycle.as_ref();
        let look = lifecycle.and_then(|it| if is_job { it.job.as_ref() } else { it.look.as_ref() });
        let (Some(lifecycle), Some(look)) = (lifecycle, look) else {
            return Err("nothing can be looked up".to_owned());
        };
        let (served, name) =
            if is_job { (&self.served.job, &look.identifier) } else { (&self.served.thing, &lifecycle.identifier) };
        let path = match served.load(Ordering::Relaxed) {
            UNKNOWN => None,
            known => look.paths.get(known - 1),
        };
        let Some(path) = path else { return Err(format!("no status of a {} is served", what(lifecycle, is_job))) };
        let present = if is_job {
            Some(self.served.last_job.lock().unwrap_or_else(PoisonError::into_inner).clone())
        } else {
            values.get(name).or_else(|| self.plan.values.get(name)).cloned()
        };
        let mut absent = request_for(case, look, path);
        let mut values = values.clone();
        // Without one that exists, the documented one is as well formed.
        let documented = case.request.parameters.iter().find(|it| it.name == *name).map(|it| it.value.clone());
        if let Some(present) = present.filter(|present| !present.is_empty()).or(documented) {
            values.insert(name.clone(), absent_like(&present));
        }
        absent.expected = case.expected.clone();
        Ok((absent, values))
    }

    /// Queries the status until `ended` says so; nothing if it is not served.
    #[allow(clippy::too_many_arguments)]
    async fn poll(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        look: &StatusQuery,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
        until: Instant,
        mut ended: impl FnMut(&str) -> Option<WaitResult>,
    ) -> Option<WaitResult> {
        let mut pause = FIRST_PAUSE;
        let (first, begun) = (exchanges.len(), Instant::now());
        let what = format!("what {} began", case.operation);
        loop {
            // Only the last status request is kept.
            exchanges.truncate(first);
            match self.look(exchanges, case, look, values, client).await {
                PollResult::NotServed => return None,
                PollResult::Nothing => {}
                PollResult::Status(status) => {
                    if let Some(waited) = ended(&status) {
                        return Some(waited);
                    }
                }
            }
            self.tell(&what, begun.elapsed(), self.options.patience);
            if Instant::now() + pause > until || !stop.sleep(pause).await {
                return Some(WaitResult::TooLong);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn look(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        look: &StatusQuery,
        values: &Values,
        client: &mut Client,
    ) -> PollResult {
        let served = if look.identifier.is_empty() { &self.served.thing } else { &self.served.job };
        let candidates = match served.load(Ordering::Relaxed) {
            UNKNOWN => 0..look.paths.len(),
            known => known - 1..known,
        };
        // That one is not there says nothing of the others.
        let subject = (look.identifier.clone(), self.subject(look, values));
        if served.load(Ordering::Relaxed) == UNKNOWN && self.served.is_nowhere(&subject) {
            return PollResult::NotServed;
        }
        for index in candidates {
            let Some(path) = look.paths.get(index) else { continue };
            let request = request_for(case, look, path);
            let reply = match self.send(exchanges, &request, Purpose::Wait, values, client).await {
                Ok(reply) if reply.status == 429 || reply.status >= 500 && reply.status != 501 => {
                    return PollResult::Nothing;
                }
                Ok(reply) => reply,
                Err(SendError::Request(_)) => continue,
                Err(SendError::Endpoint(_) | SendError::Unanswered(_)) => return PollResult::Nothing,
            };
            if reply.status == 200
                && let Some(status) = text_at(&reply, &look.status)
            {
                served.store(index + 1, Ordering::Relaxed);
                return PollResult::Status(status);
            }
        }
        self.served.nowhere.lock().unwrap_or_else(PoisonError::into_inner).insert(subject);
        PollResult::NotServed
    }

    /// What a status request is about: the value that names the job or the resource.
    fn subject(&self, look: &StatusQuery, values: &Values) -> String {
        let resource = self.plan.suite.lifecycle.as_ref().map_or("", |lifecycle| lifecycle.identifier.as_str());
        let name = if look.identifier.is_empty() { resource } else { &look.identifier };
        values.get(name).or_else(|| self.plan.values.get(name)).cloned().unwrap_or_default()
    }
}

/// What is known of the state of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObservedState {
    State(String),
    NotServed,
    /// The status says nothing, for this reason.
    Nothing(String),
}

/// The members by which an answer may name its job.
fn job_named(look: &StatusQuery, reply: &Reply) -> Option<String> {
    let value = reply.json().ok()?.value.as_ref()?;
    look.answered.iter().find_map(|name| value.get(name)?.as_str()).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn text_at(reply: &Reply, pointer: &str) -> Option<String> {
    match reply.json().ok()?.value.as_ref()?.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        number @ Value::Number(_) => Some(number.to_string()),
        _ => None,
    }
}

fn what(lifecycle: &Lifecycle, is_job: bool) -> &str {
    if is_job { "job" } else { &lifecycle.resource }
}

/// A status request, with the values of the case that it is for.
fn request_for(case: &Case, look: &StatusQuery, path: &str) -> Case {
    let parameters = case.request.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    Case {
        id: "look".to_owned(),
        operation: "look".to_owned(),
        kind: Kind::Documented,
        given: None,
        source: None,
        request: Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            parameters: parameters.filter(|parameter| !parameter.constant).cloned().collect(),
            credential: look.credential.clone(),
            body: None,
            aliases: case.request.aliases.clone(),
            unsent: Vec::new(),
            wire: None,
        },
        expected: Expected { status: 200, ..Expected::default() },
    }
}
