//! Waits until a job has ended.

use std::pin::Pin;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::Client;
use crate::error::Error;
use crate::job::{Job, NamesJob};
use crate::types::{self, JobStatus};

impl Client {
    /// Waits until a job has ended: `ges.wait_for(&ges.stop_graph(graph_id).send().await?).await?`.
    ///
    /// `job` is the response of a call, of either API version, or a [`Job`]. Its status is polled at once and then with
    /// growing pauses, for an hour at most; [`Wait`] has settings. Failed connections and errors of the gateway do not end
    /// the wait. Dropping the future does.
    ///
    /// # Errors
    /// The job failed ([`Error::is_job_failed`], with its reason), has not ended before the deadline
    /// ([`Error::is_job_unfinished`]), or its status cannot be read. `job` is a response that names no job, such as the
    /// documented one of [`restart_graph`](Client::restart_graph).
    pub fn wait_for(&self, job: &impl NamesJob) -> Wait<'_> {
        Wait::new(self, job.job())
    }
}

/// Waits for a job, see [`Client::wait_for`]. Nothing happens before it is awaited; dropping it ends the wait, not the job.
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
        Wait { client, job, deadline: Duration::from_secs(60 * 60), pauses: client.pauses() }
    }

    /// The maximum time to wait; one hour by default. Then the result is an error of which
    /// [`is_job_unfinished`](Error::is_job_unfinished) is true, while the job is still running.
    pub fn deadline(self, deadline: Duration) -> Wait<'a> {
        Wait { deadline, ..self }
    }

    /// The shortest and longest pause between status requests; by default those of the
    /// [client](crate::ClientBuilder::wait_pauses), 1 and 30 seconds. Pauses grow by half from one to the next, and have a
    /// random part.
    pub fn pauses(self, shortest: Duration, longest: Duration) -> Wait<'a> {
        Wait { pauses: [shortest, longest], ..self }
    }

    async fn run(self) -> Result<(), Error> {
        let Some(job) = self.job else {
            return Err(Error::invalid("the response names no job to wait for").with_hint(
                "the documented response of `restart_graph` is empty: poll `show_graph` until the status of the graph is 200, or \
                 use `restart_graph_v2`, whose response names the job",
            ));
        };
        let [shortest, longest] = self.pauses;
        let pauses = ExponentialBuilder::new().with_factor(1.5).with_min_delay(shortest).with_max_delay(longest);
        let mut pauses = pauses.with_jitter().without_max_times().build();
        // An `Instant` cannot hold every deadline; 136 years stand for no deadline.
        let start = Instant::now();
        let deadline = start.checked_add(self.deadline).unwrap_or_else(|| start + Duration::from_secs(1 << 32));
        let (mut last_failure, mut last_status) = (None, None);
        loop {
            // Source: spec/ges-support.yaml. v2 also shows the jobs that v1.0 calls started.
            let poll = self.client.show_job(&*job.graph_id, &*job.job_id).send();
            match timeout_at(deadline, poll).await {
                Ok(Ok(answer)) => match answer.status {
                    Some(JobStatus::Success) => return Ok(()),
                    Some(JobStatus::Failed | JobStatus::PartiallyFailed) => {
                        return Err(failed(&job, answer.into_inner()));
                    }
                    // An undocumented status may still be followed by a documented one.
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
                    .with_hint("the job is still running; wait for it again"));
            }
            sleep(pauses.next().unwrap_or(longest).min(left)).await;
        }
    }
}

impl<'a> IntoFuture for Wait<'a> {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn failed(job: &Job, answer: types::Job) -> Error {
    let status = answer.status.map_or_else(|| "failed".to_owned(), |status| status.to_string());
    let reason = answer
        .fail_reason
        .filter(|reason| !reason.is_empty())
        .unwrap_or_else(|| format!("its status is {status}, and it gives no reason"));
    let Job { graph_id, job_id } = job;
    Error::job_failed(reason).with_hint(format!("check the graph {graph_id} before you continue; the job was {job_id}"))
}
