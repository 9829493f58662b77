//! `ges list`: lists graphs, jobs and backups, all pages of them.

use std::process::ExitCode;

use clap::ValueEnum;
use ges_client::Client;
use ges_client::types::{self, JobStatusFilter};
use serde::Serialize;
use specwright::Failure;

use crate::call::exit_status;
use crate::call::read::ReadFlags;
use crate::output::graph_status;
use crate::output::table::{self, Table};
use crate::value::identifier::graph_id;

/// List graphs, jobs or backups
#[derive(clap::Subcommand)]
pub(crate) enum List {
    Graphs(Graphs),
    Jobs(Jobs),
    Backups(Backups),
}

/// List the graphs of the project
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges list graphs
  ges list graphs --output json | jq -r '.graphs[].id'", "\n\n", exit_status!(call)))]
pub(crate) struct Graphs {
    #[command(flatten)]
    read: ReadFlags,
}

/// List the jobs of the project; the service keeps them for a month
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges list jobs --status failed
  ges list jobs --graph-name demo --since 2026-11-01", "\n\n", exit_status!(call)))]
pub(crate) struct Jobs {
    /// Only jobs of the graph with this name
    #[arg(long, value_name = "NAME")]
    graph_name: Option<String>,
    /// Only jobs with this status
    #[arg(long, value_enum, value_name = "STATUS")]
    status: Option<Status>,
    /// Only jobs from this day on (yyyy-mm-dd)
    #[arg(long, value_name = "DAY")]
    since: Option<types::Day>,
    /// Only jobs up to this day (yyyy-mm-dd)
    #[arg(long, value_name = "DAY")]
    until: Option<types::Day>,
    #[command(flatten)]
    read: ReadFlags,
}

/// List the backups of the project or of one graph
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges list backups
  ges list backups --graph-id G
  ges list backups --output json | jq -r '.backup_list[].id'", "\n\n", exit_status!(call)))]
pub(crate) struct Backups {
    /// Only backups of this graph
    #[arg(long, value_name = "ID", value_parser = graph_id)]
    graph_id: Option<String>,
    #[command(flatten)]
    read: ReadFlags,
}

/// The statuses of the service's filter; a `waiting` job is shown as `pending`.
#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Waiting,
    Running,
    Success,
    Failed,
    #[value(name = "partiallyFailed")]
    PartiallyFailed,
}

pub(crate) async fn run(list: &List) -> Result<ExitCode, Failure> {
    match list {
        List::Graphs(arguments) => graphs(arguments).await,
        List::Jobs(arguments) => jobs(arguments).await,
        List::Backups(arguments) => backups(arguments).await,
    }
}

async fn graphs(Graphs { read }: &Graphs) -> Result<ExitCode, Failure> {
    let ask = async |ges: &Client| ges.list_graphs().all().collect().await;
    let Some((graphs, _)) = read.send(None, ask).await? else { return Ok(ExitCode::SUCCESS) };
    let mut table = Table::new(&["id", "name", "status", "version"], "no graphs");
    for graph in &graphs {
        let status = graph.status.as_ref().map(graph_status::in_words);
        table.push([
            graph.id.as_deref(),
            graph.name.as_deref(),
            status.as_deref(),
            graph.data_store_version.as_deref(),
        ]);
    }
    #[derive(Serialize)]
    struct Found {
        graph_count: usize,
        graphs: Vec<types::Graph>,
    }
    table::write(read.output, &Found { graph_count: graphs.len(), graphs }, &table)?;
    Ok(ExitCode::SUCCESS)
}

async fn jobs(arguments: &Jobs) -> Result<ExitCode, Failure> {
    let Jobs { graph_name, status, since, until, read } = arguments;
    let ask = async |ges: &Client| {
        let mut request = ges.list_jobs();
        if let Some(graph_name) = graph_name {
            request = request.graph_name(graph_name.clone());
        }
        if let Some(status) = status {
            request = request.status(filter(*status));
        }
        if let Some(since) = since {
            request = request.start_time(since.clone());
        }
        if let Some(until) = until {
            request = request.end_time(until.clone());
        }
        request.all().collect().await
    };
    let Some((jobs, _)) = read.send(None, ask).await? else { return Ok(ExitCode::SUCCESS) };
    let mut table = Table::new(&["id", "name", "graph", "status", "began", "ended"], "no jobs");
    for job in &jobs {
        let status = job.status.as_ref().map(|status| status.to_string());
        table.push([
            job.job_id.as_deref(),
            job.job_name.as_deref(),
            job.related_graph.as_deref(),
            status.as_deref(),
            job.begin_time.as_deref(),
            job.end_time.as_deref(),
        ]);
    }
    #[derive(Serialize)]
    struct Found {
        job_count: usize,
        job_list: Vec<types::Job>,
    }
    table::write(read.output, &Found { job_count: jobs.len(), job_list: jobs }, &table)?;
    Ok(ExitCode::SUCCESS)
}

async fn backups(Backups { graph_id, read }: &Backups) -> Result<ExitCode, Failure> {
    let ask = async |ges: &Client| match graph_id {
        Some(graph_id) => ges.list_graph_backups(graph_id).all().collect().await,
        None => ges.list_backups().all().collect().await,
    };
    let Some((backups, _)) = read.send(graph_id.as_deref(), ask).await? else { return Ok(ExitCode::SUCCESS) };
    let mut table = Table::new(&["id", "graph", "version", "status", "size", "began"], "no backups");
    for backup in &backups {
        let status = backup.status.as_ref().map(|status| status.to_string());
        let size = backup.size.map(|size| format!("{size} MB"));
        table.push([
            backup.id.as_deref(),
            backup.graph_name.as_deref(),
            backup.data_store_version.as_deref(),
            status.as_deref(),
            size.as_deref(),
            backup.start_time.as_deref(),
        ]);
    }
    #[derive(Serialize)]
    struct Found {
        backup_count: usize,
        backup_list: Vec<types::Backup>,
    }
    table::write(read.output, &Found { backup_count: backups.len(), backup_list: backups }, &table)?;
    Ok(ExitCode::SUCCESS)
}

fn filter(status: Status) -> JobStatusFilter {
    match status {
        Status::Waiting => JobStatusFilter::Waiting,
        Status::Running => JobStatusFilter::Running,
        Status::Success => JobStatusFilter::Success,
        Status::Failed => JobStatusFilter::Failed,
        Status::PartiallyFailed => JobStatusFilter::PartiallyFailed,
    }
}
