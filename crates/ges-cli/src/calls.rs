//! `ges start`, `stop`, `restart`, `upgrade` and `backup`: let a graph do something, and perhaps wait until it has.

use std::process::ExitCode;
use std::time::Duration;

use ges_client::{Client, Error, Job, Response};
use serde::Serialize;

use crate::confirm::{Question, confirm};
use crate::connection::Connection;
use crate::output::{self, Format, Table};
use crate::quantity::seconds;
use crate::waiting::{self, Waited};
use crate::{Failure, dry_run, graph_id};

/// What the exit status of a call means; conform has its own 1 and 4.
macro_rules! exit_status {
    () => {
        "\n\nExit status:
  0    done; with --wait: the job succeeded
  1    refused by the service; nothing has changed
  2    bad usage, or not confirmed; nothing was sent
  3    not reached, or no valid credentials; nothing changed
  4    the job failed
  5    not known: no end within --deadline, or no answer
  130  Ctrl-C; a job that was accepted goes on"
    };
}
pub(crate) use exit_status;

/// Start a stopped graph, perhaps from a backup
///
/// From a backup, what is in the graph is overwritten.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges start --graph-id G --wait
  ges start --graph-id G --backup-id B --yes --wait", exit_status!()))]
pub(crate) struct Start {
    #[command(flatten)]
    target: Target,
    /// The backup to start from; `ges show backups` lists them
    #[arg(long, value_name = "ID")]
    backup_id: Option<String>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

/// Stop a running graph
///
/// A graph stays stopped for seven days at most; then it starts again by itself.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges stop --graph-id G --wait
  ges stop --graph-id G --yes --output json
  ges stop --graph-id G --dry-run", exit_status!()))]
pub(crate) struct Stop {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

/// Restart a graph that is running, importing, exporting or clearing
///
/// Its running tasks fail. With --wait, version 2 of the API is asked first: its answer names the job to wait for, which
/// that of version 1.0 need not do.
#[derive(clap::Args)]
#[command(after_help = concat!("Example:
  ges restart --graph-id G --yes --wait", exit_status!()))]
pub(crate) struct Restart {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

/// Upgrade a running graph to a later version
///
/// An upgrade that fails is rolled back by the service.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges upgrade --graph-id G --to-version 2.3.4 --wait --deadline 3h
  ges upgrade --graph-id G --to-version 2.3.4 --force --yes", exit_status!()))]
pub(crate) struct Upgrade {
    #[command(flatten)]
    target: Target,
    /// The version to upgrade to, later than that of the graph
    #[arg(long, value_name = "VERSION")]
    to_version: String,
    /// Interrupt running tasks instead of waiting for them
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

/// Back up a running graph
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges backup --graph-id G --wait
  ges backup --graph-id G --wait --output json | jq -r .backup_id", exit_status!()))]
pub(crate) struct Backup {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    call: Call,
}

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
struct Call {
    /// Wait until the job has ended
    #[arg(long)]
    wait: bool,
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

pub(crate) async fn start(arguments: &Start) -> Result<ExitCode, Failure> {
    let Start { target, backup_id, consent, call } = arguments;
    let backup_id = backup_id.as_ref().filter(|backup_id| !backup_id.is_empty());
    // A graph that only goes on from where it was needs nobody's consent.
    let question = backup_id.map(|backup_id| Question {
        what: format!("start graph {} from backup {backup_id}", target.graph_id),
        effect: "What is in the graph is overwritten.",
        is_answered: consent.yes,
    });
    carry_out("start_graph", target, call, question, async |ges| {
        let mut request = ges.start_graph(&target.graph_id);
        if let Some(backup_id) = backup_id {
            request = request.body_map(|body| body.graph_backup_id(backup_id.clone()));
        }
        Ok(accepted(&request.send().await?))
    })
    .await
}

pub(crate) async fn stop(arguments: &Stop) -> Result<ExitCode, Failure> {
    let Stop { target, consent, call } = arguments;
    let question = Question {
        what: format!("stop graph {}", target.graph_id),
        effect: "It answers no queries until it is started again.",
        is_answered: consent.yes,
    };
    let stop = async |ges: &Client| Ok(accepted(&ges.stop_graph(&target.graph_id).send().await?));
    carry_out("stop_graph", target, call, Some(question), stop).await
}

pub(crate) async fn restart(arguments: &Restart) -> Result<ExitCode, Failure> {
    let Restart { target, consent, call } = arguments;
    let question = Question {
        what: format!("restart graph {}", target.graph_id),
        effect: "Its running tasks fail, and it answers no queries for a while.",
        is_answered: consent.yes,
    };
    let restart = async |ges: &Client| {
        if call.wait {
            match ges.restart_graph_v2(&target.graph_id).send().await {
                Err(error) if is_unknown_address(&error) => {}
                answer => return Ok(accepted(&answer?)),
            }
        }
        Ok(accepted(&ges.restart_graph(&target.graph_id).send().await?))
    };
    carry_out("restart_graph", target, call, Some(question), restart).await
}

pub(crate) async fn upgrade(arguments: &Upgrade) -> Result<ExitCode, Failure> {
    let Upgrade { target, to_version, force, consent, call } = arguments;
    let question = Question {
        what: format!("upgrade graph {} to version {to_version}", target.graph_id),
        effect: match force {
            true => "Its running tasks are interrupted, and it answers no queries for a while.",
            false => "It answers no queries for a while.",
        },
        is_answered: consent.yes,
    };
    carry_out("upgrade_graph", target, call, Some(question), async |ges| {
        let request = ges.upgrade_graph(&target.graph_id).body_map(|body| {
            let body = body.upgrade_version(to_version.clone());
            if *force { body.force_upgrade(true) } else { body }
        });
        Ok(accepted(&request.send().await?))
    })
    .await
}

pub(crate) async fn backup(arguments: &Backup) -> Result<ExitCode, Failure> {
    let Backup { target, call } = arguments;
    carry_out("create_backup", target, call, None, async |ges| {
        let answer = ges.create_backup(&target.graph_id).send().await?;
        Ok(Accepted { backup_id: answer.backup_id.clone(), ..accepted(&answer) })
    })
    .await
}

/// Whether a service does not have an operation, in which case nothing has happened: one that has it and not the graph
/// has a code of its own for that.
fn is_unknown_address(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405)) && error.code().is_none_or(|code| !code.starts_with("GES."))
}

/// What the service took on.
struct Accepted {
    job_id: Option<String>,
    backup_id: Option<String>,
}

fn accepted<T>(answer: &Response<T>) -> Accepted {
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

async fn carry_out(
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
    let sending = waiting::or_interrupted(send(&ges)).await.ok_or_else(|| Failure::interrupted(format!(
        "interrupted before there was an answer, so the call may have taken effect\nhint: `ges show graph --graph-id {graph_id}` shows the state of the graph",
    )))?;
    let Accepted { job_id, backup_id } = sending.map_err(|error| Failure::of_call(&error, Some(graph_id)))?;

    let waited = match (call.wait, &job_id) {
        (false, _) => None,
        (true, Some(job_id)) => Some(waiting::for_job(&ges, &Job::new(graph_id, job_id), call.deadline).await),
        (true, None) => Some(waiting::for_running_graph(&ges, graph_id, call.deadline).await),
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
    output::write(call.output, &Outcome { operation, graph_id, job_id, backup_id, status }, &table)?;
    match waited {
        None | Some(Waited::Done) => Ok(ExitCode::SUCCESS),
        Some(Waited::Failed(failure) | Waited::Unknown(failure)) => Err(failure),
    }
}
