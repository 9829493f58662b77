//! Waits for a job or a graph, with a line on the terminal that shows for how long.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use ges_client::types::GraphStatus;
use ges_client::{Client, Error, Job};
use tokio::time::{Instant, interval, sleep};

use crate::Failure;
use crate::output::graph_status;

/// How often the line on the terminal is written anew.
const TICK: Duration = Duration::from_secs(1);
/// Pauses between looks at a graph.
const PAUSE: Duration = Duration::from_secs(5);
/// How often in a row a graph has to be seen running: right after a restart was accepted, it still is.
const LOOKS: u32 = 3;

/// How a wait ended.
pub(crate) enum Waited {
    Done,
    /// The work failed.
    Failed(Failure),
    /// It has not ended, or nobody can tell.
    Unknown(Failure),
}

/// Waits for a job.
pub(crate) async fn for_job(ges: &Client, job: &Job, deadline: Duration) -> Waited {
    let Job { graph_id, job_id } = job;
    let again = format!("ges show job --graph-id {graph_id} --job-id {job_id} --wait");
    let what = format!("job {job_id}");
    match or_interrupted(with_line(&what, ges.wait_for(job).deadline(deadline).into_future())).await {
        None => Waited::Unknown(Failure::interrupted(format!(
            "interrupted; the job goes on all the same\nhint: `{again}` goes on waiting for it"
        ))),
        Some(Ok(())) => Waited::Done,
        Some(Err(error)) if error.is_job_failed() => Waited::Failed(Failure::of_call(&error, Some(graph_id))),
        Some(Err(error)) => Waited::Unknown(Failure::unknown(format!(
            "{}\nhint: the job was accepted; `{again}` goes on waiting for it",
            Failure::without_hint(&error)
        ))),
    }
}

/// Waits until a graph runs: for the restart, whose documented answer names no job.
pub(crate) async fn for_running_graph(ges: &Client, graph_id: &str, deadline: Duration) -> Waited {
    let again = format!("ges show graph --graph-id {graph_id}");
    let what = format!("graph {graph_id}");
    let Some(seen) = or_interrupted(with_line(&what, look_until_running(ges, graph_id, deadline))).await else {
        return Waited::Unknown(Failure::interrupted(format!(
            "interrupted; the restart goes on all the same\nhint: `{again}` shows how far it is"
        )));
    };
    match seen {
        Ok(Seen::Running) => Waited::Done,
        Ok(Seen::Broken(status)) => Waited::Failed(Failure::job_failed(format!(
            "graph {graph_id} is {} after the restart",
            graph_status::in_words(&status)
        ))),
        Ok(Seen::NotYet) => Waited::Unknown(Failure::unknown(format!(
            "graph {graph_id} has not been seen running again within {}\nhint: `{again}` shows how far it is",
            in_words(deadline)
        ))),
        Err(error) => Waited::Unknown(Failure::unknown(format!(
            "{}\nhint: the restart was accepted; `{again}` shows how far it is",
            Failure::without_hint(&error)
        ))),
    }
}

/// What has become of a graph.
enum Seen {
    Running,
    /// With this status, from which it does not come back by itself.
    Broken(GraphStatus),
    NotYet,
}

async fn look_until_running(ges: &Client, graph_id: &str, deadline: Duration) -> Result<Seen, Error> {
    let end = Instant::now() + deadline;
    let mut in_a_row = 0;
    loop {
        let status = match ges.show_graph(graph_id).send().await {
            Ok(answer) => answer.into_inner().graph.and_then(|graph| graph.status),
            // The client has repeated it already. Another look may go better, but not after a refusal.
            Err(error) if error.status().is_some_and(|status| status < 500) => return Err(error),
            Err(_) => None,
        };
        match status {
            Some(status) if status.is_running() => in_a_row += 1,
            Some(status) if graph_status::is_broken(&status) => return Ok(Seen::Broken(status)),
            _ => in_a_row = 0,
        }
        if in_a_row == LOOKS {
            return Ok(Seen::Running);
        }
        if Instant::now() + PAUSE > end {
            return Ok(Seen::NotYet);
        }
        sleep(PAUSE).await;
    }
}

/// What the work comes to; nothing after Ctrl-C.
pub(crate) async fn or_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        outcome = work => Some(outcome),
        Ok(()) = tokio::signal::ctrl_c() => None,
    }
}

/// Says on a terminal that something is being waited for, and since when.
async fn with_line<T>(what: &str, work: impl Future<Output = T>) -> T {
    let line = Line::new();
    let start = Instant::now();
    let mut ticks = interval(TICK);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            _ = ticks.tick() => line.show(&format!("waiting {} for {what}", in_words(start.elapsed()))),
        }
    }
}

/// For people, to the second.
fn in_words(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

/// One line of a terminal, which is gone when the wait is over.
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
            let text: String = text.chars().filter(|c| !c.is_control()).take(columns.saturating_sub(1)).collect();
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
