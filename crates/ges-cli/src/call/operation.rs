//! Carries out an operation on a graph: confirmation, the call, the wait, the result.

use std::process::ExitCode;
use std::time::Duration;

use ges_client::{Client, Error, Job, Response};
use serde::Serialize;

use crate::Failure;
use crate::call::confirm::{Question, confirm};
use crate::call::dry_run;
use crate::call::wait::{self, Waited};
use crate::connection::Connection;
use crate::output::table::{self, Format, Table};
use crate::value::identifier::graph_id;
use crate::value::quantity::seconds;

#[derive(clap::Args)]
pub(crate) struct Target {
    /// The graph; `ges list graphs` lists them
    #[arg(long, value_name = "ID", value_parser = graph_id)]
    pub(crate) graph_id: String,
}

#[derive(clap::Args)]
pub(crate) struct Consent {
    /// Do not ask; needed where there is no terminal to ask at
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What all of them take.
#[derive(clap::Args)]
pub(crate) struct Call {
    /// Wait until the job has ended
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long --wait waits at most: seconds, or a time such as 90m
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = seconds, allow_negative_numbers = true)]
    deadline: Duration,
    /// Print the request as a line of curl, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output: Format,
    #[command(flatten)]
    connection: Connection,
}

/// What the service took on.
pub(crate) struct Accepted {
    pub(crate) job_id: Option<String>,
    pub(crate) backup_id: Option<String>,
}

pub(crate) fn accepted<T>(answer: &Response<T>) -> Accepted {
    Accepted { job_id: answer.job().map(|job| job.job_id), backup_id: None }
}

/// What is printed. A program reads these names.
#[derive(Serialize)]
struct Outcome<'a> {
    operation: &'static str,
    graph_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_id: Option<String>,
    /// `accepted`, or after waiting `success`, `failed`, or `unknown`.
    status: &'static str,
}

pub(crate) async fn carry_out(
    operation: &'static str,
    Target { graph_id }: &Target,
    call: &Call,
    question: Option<Question>,
    send: impl AsyncFnOnce(&Client) -> Result<Accepted, Error>,
) -> Result<ExitCode, Failure> {
    let Call { connection, .. } = call;
    if call.dry_run {
        dry_run::print(connection, send).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let ges = connection.client().await?;
    if let Some(question) = question {
        confirm(&question, &connection.place())?;
    }
    let sending = wait::or_interrupted(send(&ges)).await.ok_or_else(|| Failure::interrupted(format!(
        "interrupted before there was an answer, so the call may have taken effect\nhint: `ges show graph --graph-id {graph_id}` shows the state of the graph",
    )))?;
    let Accepted { job_id, backup_id } = sending.map_err(|error| Failure::of_call(&error, Some(graph_id)))?;

    let waited = match (call.wait, &job_id) {
        (false, _) => None,
        (true, Some(job_id)) => Some(wait::for_job(&ges, &Job::new(graph_id, job_id), call.deadline).await),
        (true, None) => Some(wait::for_running_graph(&ges, graph_id, call.deadline).await),
    };
    let status = match &waited {
        None => "accepted",
        Some(Waited::Done) => "success",
        Some(Waited::Failed(_)) => "failed",
        Some(Waited::Unknown(_)) => "unknown",
    };
    let table = Table::of_one(&[
        ("graph", Some(graph_id.clone())),
        ("job", job_id.clone()),
        ("backup", backup_id.clone()),
        ("status", Some(status.to_owned())),
    ]);
    // Also after a failure: what was begun has identifiers, and nobody will tell them again.
    table::write(call.output, &Outcome { operation, graph_id, job_id, backup_id, status }, &table)?;
    match waited {
        None | Some(Waited::Done) => Ok(ExitCode::SUCCESS),
        Some(Waited::Failed(failure) | Waited::Unknown(failure)) => Err(failure),
    }
}
