//! `ges show`: shows one graph or one job.

use std::process::ExitCode;
use std::time::Duration;

use ges_client::{Client, Error, Job, types};
use specwright::Failure;
use specwright::value::quantity::duration;

use crate::call::exit_status;
use crate::call::read::ReadFlags;
use crate::call::wait::{self, Waited};
use crate::error;
use crate::output::graph_status;
use crate::output::table::{self, Table};
use crate::value::identifier::{graph_id, job_id};

/// Show a graph or a job
#[derive(clap::Subcommand)]
pub(crate) enum Show {
    Graph(Graph),
    Job(ShowJob),
}

/// Show the state and the properties of a graph
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges show graph --graph-id G
  ges show graph --graph-id G --output json | jq -r .status", "\n\n", exit_status!(call)))]
pub(crate) struct Graph {
    /// Graph ID; see `ges list graphs`
    #[arg(long, value_name = "ID", value_parser = graph_id)]
    graph_id: String,
    #[command(flatten)]
    read: ReadFlags,
}

/// Show the status of a job and, if it failed, the reason
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges show job --graph-id G --job-id J
  ges show job --graph-id G --job-id J --wait", "\n\n", exit_status!(call)))]
pub(crate) struct ShowJob {
    /// Graph ID of the job
    #[arg(long, value_name = "ID", value_parser = graph_id)]
    graph_id: String,
    /// Job ID, as printed by `ges stop` and the other operations
    #[arg(long, value_name = "ID", value_parser = job_id)]
    job_id: String,
    /// Wait for the job to finish
    #[arg(long)]
    wait: bool,
    /// Maximum time to wait for a job to finish
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration, allow_negative_numbers = true,
          requires = "wait")]
    job_timeout: Duration,
    #[command(flatten)]
    read: ReadFlags,
}

pub(crate) async fn run(show: &Show) -> Result<ExitCode, Failure> {
    match show {
        Show::Graph(arguments) => graph(arguments).await,
        Show::Job(arguments) => job(arguments).await,
    }
}

async fn graph(Graph { graph_id, read }: &Graph) -> Result<ExitCode, Failure> {
    let answer = read.send(Some(graph_id), async |ges| Ok(ges.show_graph(graph_id).send().await?.into_inner())).await?;
    let Some((answer, _)) = answer else { return Ok(ExitCode::SUCCESS) };
    let graph = answer.graph.ok_or_else(|| error::unknown("the response contains no graph"))?;
    let text = |value: &Option<String>| value.clone();
    let table = Table::of_one(&[
        ("id", text(&graph.id)),
        ("name", text(&graph.name)),
        ("status", graph.status.as_ref().map(graph_status::in_words)),
        ("progress", graph.action_progress.as_ref().map(|percent| format!("{percent} %"))),
        ("version", text(&graph.data_store_version)),
        ("edition", graph.product_type.as_ref().map(|edition| edition.to_string())),
        ("size type", text(&graph.graph_size_type_index)),
        ("replicas", graph.replication.map(|count| count.to_string())),
        ("processors", text(&graph.arch)),
        ("private ip", text(&graph.private_ip)),
        ("public ip", text(&graph.public_ip)),
        ("created", text(&graph.created)),
        ("updated", text(&graph.updated)),
    ]);
    table::write(read.output, &graph, &table)?;
    Ok(ExitCode::SUCCESS)
}

async fn job(arguments: &ShowJob) -> Result<ExitCode, Failure> {
    let ShowJob { graph_id, job_id, read, .. } = arguments;
    let show = async |ges: &Client| Ok::<_, Error>(ges.show_job(graph_id, job_id).send().await?.into_inner());
    let Some((mut job, ges)) = read.send(Some(graph_id), show).await? else { return Ok(ExitCode::SUCCESS) };
    let mut waited = Waited::Done;
    if arguments.wait {
        waited = wait::for_job(&ges, &Job::new(graph_id, job_id), arguments.job_timeout).await;
        // If the job cannot be shown again, its earlier status is better than nothing.
        job = show(&ges).await.unwrap_or(job);
    }
    table::write(read.output, &job, &job_table(&job))?;
    match waited {
        Waited::Done => Ok(ExitCode::SUCCESS),
        Waited::Failed(failure) | Waited::Unknown(failure) => Err(failure),
    }
}

fn job_table(job: &types::Job) -> Table {
    let text = |value: &Option<String>| value.clone();
    Table::of_one(&[
        ("id", text(&job.job_id)),
        ("name", text(&job.job_name)),
        ("graph", text(&job.related_graph)),
        ("status", job.status.as_ref().map(|status| status.to_string())),
        ("began", text(&job.begin_time)),
        ("ended", text(&job.end_time)),
        ("reason", text(&job.fail_reason).filter(|reason| !reason.is_empty())),
    ])
}
