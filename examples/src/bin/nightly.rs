//! The nightly job as a program, for cron: `nightly evening|morning REGION|ENDPOINT GRAPH_ID LOADED NIGHT`.
//!
//! ```text
//! GES_TOKEN=… HUAWEICLOUD_SDK_PROJECT_ID=… nightly evening cn-north-4 GRAPH_ID loaded.csv night.json
//! GES_TOKEN=… HUAWEICLOUD_SDK_PROJECT_ID=… nightly morning cn-north-4 GRAPH_ID loaded.csv night.json
//! ```
//!
//! `night.json` is what the evening leaves for the morning: the backup and the checksum.

use std::process::ExitCode;
use std::time::Duration;

use examples::nightly::{Nightly, Problem};
use ges_client::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [when, place, graph_id, loaded, night] = arguments.as_slice() else {
        eprintln!("usage: nightly evening|morning REGION|ENDPOINT GRAPH_ID LOADED NIGHT");
        return ExitCode::from(2);
    };
    match run(when, place, graph_id, loaded, night).await {
        Ok(what) => {
            println!("{what}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(when: &str, place: &str, graph_id: &str, loaded: &str, night: &str) -> Result<String, Problem> {
    // Credentials and project come from the environment or from the official SDK's profile file.
    let builder = Client::builder();
    let builder = if place.contains("://") { builder.endpoint(place) } else { builder.region(place) };
    let nightly = Nightly {
        ges: builder.connect().await?,
        graph_id: graph_id.to_owned(),
        loaded: loaded.into(),
        night: night.into(),
        deadline: Duration::from_secs(2 * 60 * 60),
        pauses: [Duration::from_secs(1), Duration::from_secs(30)],
    };
    match when {
        "morning" => nightly.morning().await.map(|morning| format!("{morning:?}")),
        _ => nightly.evening().await.map(|evening| format!("{evening:?}")),
    }
}
