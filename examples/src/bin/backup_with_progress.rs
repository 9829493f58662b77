//! Backs up a graph and prints the status of the job until it has ended: `backup_with_progress ENDPOINT GRAPH_ID`.
//!
//! Credentials and project come from the environment, see `ClientBuilder::credentials`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use examples::backup_with_progress::backup_with_progress;
use ges_client::{Client, Error};

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

async fn run(endpoint: &str, graph_id: &str) -> Result<String, Error> {
    let ges = Client::builder().endpoint(endpoint).connect().await?;
    let start = Instant::now();
    let show = |status: &str| eprintln!("{:>4} s  {status}", start.elapsed().as_secs());
    backup_with_progress(&ges, graph_id, Duration::from_secs(5), show).await
}
