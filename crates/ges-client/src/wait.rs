//! How does a job end?

use std::pin::Pin;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use http::Method;
use reqwest::Request;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{Reply, Response};
use crate::client::Client;
use crate::encode_path;
use crate::error::Error;

/// The job that carries out what a call asked for. It can be kept, as two texts, and waited for by another process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The graph whose job it is.
    pub graph_id: String,
    /// The job, by the ID that the call answered.
    pub job_id: String,
}

impl Job {
    /// The job `job_id` of the graph `graph_id`.
    pub fn new(graph_id: impl Into<String>, job_id: impl Into<String>) -> Job {
        Job { graph_id: graph_id.into(), job_id: job_id.into() }
    }
}

/// What can be waited for: a [`Job`], and the answer of a call, which names one.
pub trait NamesJob {
    /// The job, unless the answer does not say.
    fn job(&self) -> Option<Job>;
}

impl NamesJob for Job {
    fn job(&self) -> Option<Job> {
        Some(self.clone())
    }
}

impl<T> NamesJob for Response<T> {
    fn job(&self) -> Option<Job> {
        self.job()
    }
}

/// A wait for a job, see [`Client::wait_for`]. Nothing happens before it is awaited; dropping it ends the wait, not the job.
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing unless it is awaited"]
pub struct Wait<'a> {
    client: &'a Client,
    job: Option<Job>,
    deadline: Duration,
    pauses: [Duration; 2],
}

impl<'a> Wait<'a> {
    pub(crate) fn new(client: &'a Client, job: Option<Job>) -> Wait<'a> {
        // What real jobs take, by the tests of others: minutes, seldom more than half an hour (reference, section 5).
        let pauses = [Duration::from_secs(1), Duration::from_secs(30)];
        Wait { client, job, deadline: Duration::from_secs(60 * 60), pauses }
    }

    /// How long to wait at most; an hour unless told otherwise. Then the result is an error of which
    /// [`is_job_unfinished`](Error::is_job_unfinished) is true, and the job goes on.
    pub fn deadline(self, deadline: Duration) -> Wait<'a> {
        Wait { deadline, ..self }
    }

    /// The pause between looks at the job, which grows by half from one to the next; from 1 to 30 seconds unless told
    /// otherwise. A random part is added.
    pub fn pauses(self, shortest: Duration, longest: Duration) -> Wait<'a> {
        Wait { pauses: [shortest, longest], ..self }
    }

    async fn end(self) -> Result<(), Error> {
        let Some(job) = self.job else {
            return Err(Error::invalid("the answer names no job, so there is nothing to wait for").with_hint(
                "the documented answer of `restart_graph` is empty: ask `show_graph` until the status of the graph is 200, or \
                 restart with `restart_graph_v2`, whose answer names the job",
            ));
        };
        let [shortest, longest] = self.pauses;
        let pauses = ExponentialBuilder::new().with_factor(1.5).with_min_delay(shortest).with_max_delay(longest);
        let mut pauses = pauses.with_jitter().without_max_times().build();
        // A deadline further off than clocks go is none.
        let start = Instant::now();
        let deadline = start.checked_add(self.deadline).unwrap_or_else(|| start + Duration::from_secs(1 << 32));
        let (mut last_failure, mut last_status) = (None, None);
        loop {
            match timeout_at(deadline, look(self.client, &job)).await {
                Ok(Ok(answer)) => match answer.status.as_deref() {
                    Some("success") => return Ok(()),
                    Some("failed" | "partiallyFailed") => return Err(failed(&job, answer.into_inner())),
                    // Also one that nobody knew of when this was written: it may come to an end that we know.
                    _ => (last_failure, last_status) = (None, answer.into_inner().status),
                },
                Ok(Err(error)) if error.is_repeatable() => last_failure = Some(error),
                Ok(Err(error)) => return Err(error),
                Err(_) => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let Job { graph_id, job_id } = job;
                let seen = last_status.map(|status| format!("; its status was `{status}`")).unwrap_or_default();
                let message = format!("job {job_id} of graph {graph_id}, after {:?}{seen}", self.deadline);
                return Err(Error::job_unfinished(message, last_failure)
                    .with_hint("it goes on; wait for it again, with a longer deadline perhaps"));
            }
            sleep(pauses.next().unwrap_or(longest).min(left)).await;
        }
    }
}

impl<'a> IntoFuture for Wait<'a> {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.end())
    }
}

/// What matters of a job. The status is text: a value that was added later must not end the wait with an error.
#[derive(Deserialize)]
struct Progress {
    status: Option<String>,
    fail_reason: Option<String>,
}

impl Reply for Progress {
    fn lacks(&self) -> Option<&'static str> {
        self.status.is_none().then_some("status")
    }
}

/// Source: spec/ges-support.yaml, `show_job`. Jobs that a v1.0 call began are looked at there too.
async fn look(client: &Client, job: &Job) -> Result<Response<Progress>, Error> {
    let (http, inner) = client.parts();
    let [project_id, graph_id, job_id] =
        [client.project_id(), job.graph_id.as_str(), job.job_id.as_str()].map(encode_path);
    let url = inner.address(format_args!("/v2/{project_id}/graphs/{graph_id}/jobs/{job_id}/status"))?;
    inner.call(http, "show_job", |status| status == 200, Request::new(Method::GET, url)).await
}

fn failed(job: &Job, progress: Progress) -> Error {
    let Progress { status, fail_reason } = progress;
    let reason = fail_reason
        .filter(|reason| !reason.is_empty())
        .unwrap_or_else(|| format!("its status is {}, and no reason is given", status.as_deref().unwrap_or("failed")));
    let Job { graph_id, job_id } = job;
    Error::job_failed(reason).with_hint(format!("look at the graph {graph_id} before you go on; the job was {job_id}"))
}
