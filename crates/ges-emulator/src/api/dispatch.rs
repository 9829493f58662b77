//! Calls the operation of the service that a call names.

use crate::api::call::{Arguments, Call, JobFilter};
use crate::api::response::Answer;
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::records::Service;

pub(crate) fn dispatch(call: &Call<'_>, service: &mut Service, now: Timestamp) -> Result<Answer, ServiceError> {
    let (project, graph, item) = (&*call.project, &*call.graph, &*call.item);
    Ok(match &call.arguments {
        Arguments::StartGraph { backup } => Answer::Job(service.start_graph(project, graph, backup.as_deref(), now)?),
        Arguments::RestartGraph => Answer::Job(service.restart_graph(project, graph, now)?),
        Arguments::StopGraph => Answer::Job(service.stop_graph(project, graph, now)?),
        Arguments::UpgradeGraph { target, force } => {
            Answer::Job(service.upgrade_graph(project, graph, target, *force, now)?)
        }
        Arguments::CreateBackup => {
            let (job, backup) = service.create_backup(project, graph, now)?;
            Answer::JobAndBackup(job, backup)
        }
        Arguments::ShowJob => Answer::JobDetails(service.show_job(project, graph, item, now)?),
        Arguments::ListJobs { filter, page } if *filter == JobFilter::default() => {
            Answer::Jobs(service.list_all_jobs(project, *page, now))
        }
        Arguments::ListJobs { filter, page } => {
            let wanted = |job: &_, graph: &_| filter.admits(job, graph, now);
            Answer::Jobs(service.list_jobs(project, wanted, *page, now))
        }
        Arguments::ShowGraph => Answer::Graph(service.show_graph(project, graph, now)?),
        Arguments::ListGraphs { page } => Answer::Graphs(service.list_graphs(project, *page, now)),
        Arguments::ListBackups { page } => Answer::Backups(service.list_backups(project, *page, now)),
        Arguments::ListGraphBackups { page } => {
            Answer::Backups(service.list_graph_backups(project, graph, *page, now)?)
        }
        Arguments::DeleteBackup => {
            service.delete_backup(project, graph, item, now)?;
            Answer::Nothing
        }
    })
}
