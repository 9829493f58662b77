//! Backs up a graph, and shows the status of the job until it has ended.

use std::pin::pin;
use std::time::Duration;

use ges_client::types::JobStatus;
use ges_client::{Client, Error};

/// Longer than any backup should take.
const DEADLINE: Duration = Duration::from_secs(2 * 60 * 60);

/// Returns the ID of the new backup. `show` gets the status of the job after each pause.
///
/// # Errors
/// The graph cannot be backed up, or the job fails or does not end in time.
pub async fn backup_with_progress(
    ges: &Client,
    graph_id: &str,
    pause: Duration,
    mut show: impl FnMut(&str),
) -> Result<String, Error> {
    let backup = ges.create_backup(graph_id).send().await?;
    let mut wait = pin!(ges.wait_for(&backup).deadline(DEADLINE).pauses(pause, pause).into_future());
    loop {
        if let Ok(outcome) = tokio::time::timeout(pause, wait.as_mut()).await {
            outcome?;
            return Ok(backup.into_inner().backup_id.unwrap_or_default());
        }
        // The wait goes on. A status that cannot be read now may be read after the next pause.
        if let Some(job) = backup.job()
            && let Ok(answer) = ges.show_job(&*job.graph_id, &*job.job_id).send().await
        {
            show(&answer.into_inner().status.as_ref().map_or("unknown".to_owned(), JobStatus::to_string));
        }
    }
}
