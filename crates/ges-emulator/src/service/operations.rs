//! The operations that change something: start, restart, stop, upgrade, and making and deleting backups.
//!
//! A refused call leaves everything as it was.

use crate::service::backup::{Backup, BackupStatus};
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::{Edition, State};
use crate::service::id::{BackupId, JobId};
use crate::service::job::{Failure, Task};
use crate::service::records::Service;
use crate::service::version::Version;

impl Service {
    /// "Starting a Graph": "If this parameter is configured, the graph starts from the backup. If
    /// this parameter is left blank, the graph starts from the status when it was closed last time."
    pub(crate) fn start_graph(
        &mut self,
        project: &str,
        graph: &str,
        backup: Option<&str>,
        now: Timestamp,
    ) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        if self.state(at, now) != State::Stopped {
            return Err(ServiceError::graph_cannot_start());
        }
        let restore = match backup {
            Some(backup) => Some(self.restorable(at, backup)?),
            None => None,
        };
        Ok(self.begin(at, Task::Start { restore }, now))
    }

    /// "Forcibly Restarting a Graph": "a graph in the importing, exporting, running, or clearing
    /// state […] asynchronous tasks of the graph are failed state and the graph is stopped and started".
    pub(crate) fn restart_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        match self.state(at, now) {
            State::Running | State::Importing | State::Exporting | State::Clearing => {}
            _ => return Err(ServiceError::graph_cannot_restart()),
        }
        self.interrupt(at, Failure::Restart, now);
        Ok(self.begin(at, Task::Restart, now))
    }

    /// "Stopping a Graph".
    pub(crate) fn stop_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        if self.graphs()[at].edition == Edition::Persistence {
            return Err(ServiceError::edition_cannot_stop());
        }
        self.require_running(at, now)?;
        self.require_no_backup_in_progress(at)?;
        Ok(self.begin(at, Task::Stop, now))
    }

    /// "Upgrading a Graph": with `force` running tasks are interrupted, without it the upgrade
    /// "will wait for running services to complete".
    pub(crate) fn upgrade_graph(
        &mut self,
        project: &str,
        graph: &str,
        target: &Version,
        force: bool,
        now: Timestamp,
    ) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(|| ServiceError::graph_to_upgrade_unknown(graph))?;
        self.require_running(at, now)?;
        if !target.is_later_than(&self.graphs()[at].version) {
            return Err(ServiceError::version_not_later());
        }
        if force {
            self.interrupt(at, Failure::Upgrade, now);
        }
        Ok(self.begin(at, Task::Upgrade { target: target.clone() }, now))
    }

    /// "Adding a Backup".
    pub(crate) fn create_backup(
        &mut self,
        project: &str,
        graph: &str,
        now: Timestamp,
    ) -> Result<(JobId, BackupId), ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::cluster_unknown)?;
        self.require_running(at, now)?;
        self.require_no_backup_in_progress(at)?;
        if self.backups().len() >= self.max_backups {
            return Err(ServiceError::too_many_backups());
        }
        let backup = self.add_backup(at, BackupStatus::BackingUp, now);
        Ok((self.begin(at, Task::BackUp { backup }, now), backup))
    }

    /// "Deleting a Backup" (reference: backup management).
    pub(crate) fn delete_backup(
        &mut self,
        project: &str,
        graph: &str,
        backup: &str,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        let backup = self.backup_of(at, backup).ok_or_else(ServiceError::backup_unknown)?;
        if backup.status == BackupStatus::BackingUp {
            return Err(ServiceError::graph_being_backed_up());
        }
        let id = backup.id;
        self.remove_backup(at, id);
        Ok(())
    }
}

/// What operations require.
impl Service {
    fn require_running(&self, at: usize, now: Timestamp) -> Result<(), ServiceError> {
        match self.state(at, now) {
            State::Running => Ok(()),
            _ => Err(ServiceError::graph_not_running()),
        }
    }

    fn require_no_backup_in_progress(&self, at: usize) -> Result<(), ServiceError> {
        match self.graphs()[at].backup_job {
            None => Ok(()),
            Some(_) => Err(ServiceError::graph_being_backed_up()),
        }
    }

    fn backup_of(&self, at: usize, backup: &str) -> Option<&Backup> {
        let backup = self.backup(BackupId::parse(backup)?)?;
        (backup.graph == self.graphs()[at].id).then_some(backup)
    }

    /// The version that starting from this backup brings back.
    fn restorable(&self, at: usize, backup: &str) -> Result<Version, ServiceError> {
        let backup = self.backup_of(at, backup).ok_or_else(ServiceError::backup_unknown)?;
        match backup.status {
            BackupStatus::Success { .. } => Ok(backup.version.clone()),
            BackupStatus::BackingUp | BackupStatus::Failed { .. } => Err(ServiceError::backup_not_successful()),
        }
    }
}
