//! Backs up a graph and prints the status of the job until it has ended.
//!
//! Credentials and project come from the environment, see `ClientBuilder::credentials`:
//!
//! ```sh
//! cargo run -p ges-client --example backup_with_progress -- http://127.0.0.1:8080 GRAPH_ID
//! ```

use std::process::ExitCode;
use std::time::{Duration, Instant};

use ges_client::types::JobStatus;
use ges_client::{Client, Error};

/// Longer than any backup should take.
const DEADLINE: Duration = Duration::from_secs(2 * 60 * 60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, graph_id] = &arguments[..] else {
        eprintln!("usage: backup_with_progress ENDPOINT GRAPH_ID");
        return ExitCode::from(2);
    };
    match run(endpoint, graph_id).await {
        Ok(backup_id) => {
            println!("{backup_id}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The ID of the new backup.
async fn run(endpoint: &str, graph_id: &str) -> Result<String, Error> {
    let ges = Client::builder().endpoint(endpoint).connect().await?;
    let backup = ges.create_backup(graph_id).send().await?;
    let started = Instant::now();
    if let Some(job) = backup.job() {
        // `wait_for` returns an error if the job fails or does not end in time.
        let mut wait = std::pin::pin!(ges.wait_for(&job).deadline(DEADLINE).into_future());
        loop {
            match tokio::time::timeout(Duration::from_secs(5), wait.as_mut()).await {
                Ok(outcome) => break outcome?,
                // The wait goes on. A status that cannot be read now may be read five seconds later.
                Err(_) => {
                    if let Ok(answer) = ges.show_job(&*job.graph_id, &*job.job_id).send().await {
                        let status = answer.status.as_ref().map_or("unknown".to_owned(), JobStatus::to_string);
                        eprintln!("{:>4} s  {status}", started.elapsed().as_secs());
                    }
                }
            }
        }
    }
    Ok(backup.into_inner().backup_id.unwrap_or_default())
}
