//! Carries out an operation on a graph: confirmation, the call, the wait, the result.

use std::process::ExitCode;
use std::time::Duration;

use ges_client::{Client, Error, Job, Response};
use serde::Serialize;
use specwright::Failure;
use specwright::value::quantity::duration;

use crate::call::confirm::{Question, confirm};
use crate::call::dry_run;
use crate::call::wait::{self, Waited};
use crate::connection::Connection;
use crate::error;
use crate::hint;
use crate::output::table::{self, Format, Table};
use crate::value::identifier::graph_id;

#[derive(clap::Args)]
pub(crate) struct Target {
    /// Graph ID; see `ges list graphs`
    #[arg(long, value_name = "ID", value_parser = graph_id)]
    pub(crate) graph_id: String,
}

#[derive(clap::Args)]
pub(crate) struct Consent {
    /// Do not ask for confirmation; required without a terminal
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// The flags of every operation on a graph.
#[derive(clap::Args)]
pub(crate) struct Call {
    /// Wait for the job to finish
    #[arg(long)]
    pub(crate) wait: bool,
    /// Maximum time to wait for a job to finish
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration, allow_negative_numbers = true,
          requires = "wait")]
    job_timeout: Duration,
    /// Print the request as a curl command and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output: Format,
    #[command(flatten)]
    connection: Connection,
}

/// What the service accepted.
pub(crate) struct Accepted {
    pub(crate) job_id: Option<String>,
    pub(crate) backup_id: Option<String>,
}

pub(crate) fn accepted<T>(answer: &Response<T>) -> Accepted {
    Accepted { job_id: answer.job().map(|job| job.job_id), backup_id: None }
}

/// The result as `--output json` prints it; these names are a promise.
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
    let sending = wait::or_interrupted(send(&ges)).await.ok_or_else(|| {
        error::interrupted(format!(
            "interrupted before a response arrived; the call may have taken effect\nhint: check with {}",
            hint::show_graph(graph_id)
        ))
    })?;
    let Accepted { job_id, backup_id } = sending.map_err(|error| error::of_call(&error, Some(graph_id)))?;

    let waited = match (call.wait, &job_id) {
        (false, _) => None,
        (true, Some(job_id)) => Some(wait::for_job(&ges, &Job::new(graph_id, job_id), call.job_timeout).await),
        (true, None) => Some(wait::for_running_graph(&ges, graph_id, call.job_timeout).await),
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
    // Also after a failure: this is the only time that the identifiers are printed.
    table::write(call.output, &Outcome { operation, graph_id, job_id, backup_id, status }, &table)?;
    match waited {
        None | Some(Waited::Done) => Ok(ExitCode::SUCCESS),
        Some(Waited::Failed(failure) | Waited::Unknown(failure)) => Err(failure),
    }
}
