//! Waits for a job or a graph, and shows on the terminal for how long.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use conformance_engine::visible::escaped;
use ges_client::types::GraphStatus;
use ges_client::{Client, Error, Job};
use specwright::Failure;
use tokio::time::{Instant, interval, sleep};

use crate::error;
use crate::hint;
use crate::output::graph_status;

/// How often the line on the terminal is updated.
const TICK: Duration = Duration::from_secs(1);
/// The pause between two requests for the state of a graph.
const PAUSE: Duration = Duration::from_secs(5);
/// How often in a row a graph has to be running: right after a restart was accepted, it still is.
const CHECKS: u32 = 3;

/// How a wait ended.
pub(crate) enum Waited {
    Done,
    /// The job failed.
    Failed(Failure),
    /// The job did not finish, or its end is not known.
    Unknown(Failure),
}

/// Waits for a job.
pub(crate) async fn for_job(ges: &Client, job: &Job, deadline: Duration) -> Waited {
    let Job { graph_id, job_id } = job;
    let again = hint::command("ges show job", &[("--graph-id", graph_id), ("--job-id", job_id)], " --wait");
    let what = format!("job {job_id}");
    match or_interrupted(with_line(&what, ges.wait_for(job).deadline(deadline).into_future())).await {
        None => Waited::Unknown(error::interrupted(format!(
            "interrupted; the job continues\nhint: wait for it with {again}"
        ))),
        Some(Ok(())) => Waited::Done,
        Some(Err(error)) if error.is_job_failed() => Waited::Failed(error::of_call(&error, Some(graph_id))),
        Some(Err(error)) => Waited::Unknown(error::unknown(format!(
            "{}\nhint: the job was accepted; wait for it with {again}",
            error::without_hint(&error)
        ))),
    }
}

/// Waits until a graph runs: for the restart, whose documented response names no job.
pub(crate) async fn for_running_graph(ges: &Client, graph_id: &str, deadline: Duration) -> Waited {
    let again = hint::show_graph(graph_id);
    let what = format!("graph {graph_id}");
    let Some(seen) = or_interrupted(with_line(&what, look_until_running(ges, graph_id, deadline))).await else {
        return Waited::Unknown(error::interrupted(format!(
            "interrupted; the restart continues\nhint: check the graph with {again}"
        )));
    };
    match seen {
        Ok(Seen::Running) => Waited::Done,
        Ok(Seen::Broken(status)) => Waited::Failed(error::job_failed(format!(
            "graph {graph_id} is {} after the restart",
            graph_status::in_words(&status)
        ))),
        Ok(Seen::NotYet) => Waited::Unknown(error::unknown(format!(
            "graph {graph_id} was not running again within {}\nhint: check the graph with {again}",
            in_words(deadline)
        ))),
        Err(error) => Waited::Unknown(error::unknown(format!(
            "{}\nhint: the restart was accepted; check the graph with {again}",
            error::without_hint(&error)
        ))),
    }
}

/// The state of a graph after a restart.
enum Seen {
    Running,
    /// A status that does not change without help.
    Broken(GraphStatus),
    NotYet,
}

async fn look_until_running(ges: &Client, graph_id: &str, deadline: Duration) -> Result<Seen, Error> {
    let end = Instant::now() + deadline;
    let mut in_a_row = 0;
    loop {
        let status = match ges.show_graph(graph_id).send().await {
            Ok(answer) => answer.into_inner().graph.and_then(|graph| graph.status),
            // The client has retried it already. The next request may succeed, but not after a refusal.
            Err(error) if error.status().is_some_and(|status| status < 500) => return Err(error),
            Err(_) => None,
        };
        match status {
            Some(status) if status.is_running() => in_a_row += 1,
            Some(status) if graph_status::is_broken(&status) => return Ok(Seen::Broken(status)),
            _ => in_a_row = 0,
        }
        if in_a_row == CHECKS {
            return Ok(Seen::Running);
        }
        if Instant::now() + PAUSE > end {
            return Ok(Seen::NotYet);
        }
        sleep(PAUSE).await;
    }
}

/// The result of the work; `None` after Ctrl-C.
pub(crate) async fn or_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        outcome = work => Some(outcome),
        Ok(()) = tokio::signal::ctrl_c() => None,
    }
}

/// Shows on a terminal what the command waits for, and for how long.
async fn with_line<T>(what: &str, work: impl Future<Output = T>) -> T {
    let line = Line::new();
    let start = Instant::now();
    let mut ticks = interval(TICK);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            _ = ticks.tick() => line.show(&format!("waiting for {what} ({})", in_words(start.elapsed()))),
        }
    }
}

/// A duration to the second, such as `1m 5s`.
fn in_words(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

/// A line on the terminal that is removed when the wait is over.
struct Line {
    is_shown: bool,
}

impl Line {
    fn new() -> Line {
        Line { is_shown: std::io::stderr().is_terminal() }
    }

    fn show(&self, text: &str) {
        if self.is_shown {
            let size = terminal_size::terminal_size_of(std::io::stderr());
            let columns = size.map_or(80, |(terminal_size::Width(columns), _)| usize::from(columns));
            let text: String = escaped(text).chars().take(columns.saturating_sub(1)).collect();
            let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
