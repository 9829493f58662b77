//! Changes that are not in the data file yet.

use crate::service::backup::Backup;
use crate::service::graph::Graph;
use crate::service::id::{BackupId, Ids, JobId};
use crate::service::job::Job;
use crate::service::records::{RecordKey, Service};
use serde::{Deserialize, Serialize};

/// The changes of a service are counted; a change is in the file when the file has its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChangeNumber(u64);

#[cfg(test)]
impl ChangeNumber {
    pub(crate) fn nth(number: u64) -> Self {
        Self(number)
    }
}

/// Counts changes, and collects the records to write to the data file.
#[derive(Debug)]
pub(crate) struct PendingChanges {
    latest: ChangeNumber,
    /// Whether the whole file is out of date.
    everything: bool,
    /// As they were at the latest change; no revision if the service was replaced.
    revision: Option<u64>,
    numbers: Numbers,
}

/// The part of the state that is in no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    pub(crate) ids: Ids,
    pub(crate) backups_made: u64,
    /// How far the emulator's clock is ahead of the system's.
    pub(crate) clock_ahead_ms: i64,
}

/// Changed records as they are now; `None` where one is gone.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Whether the records in the file have to be deleted first.
    pub(crate) everything: bool,
    pub(crate) numbers: Numbers,
    pub(crate) graphs: Vec<(usize, Graph)>,
    pub(crate) backups: Vec<(BackupId, Option<Backup>)>,
    pub(crate) jobs: Vec<(JobId, Option<Job>)>,
}

impl Numbers {
    pub(crate) fn of(service: &Service, clock_ahead_ms: i64) -> Self {
        Self { ids: service.ids().clone(), backups_made: service.backups_made(), clock_ahead_ms }
    }
}

impl Batch {
    pub(crate) fn of_everything(service: &Service, numbers: Numbers) -> Self {
        let all = service.to_state();
        Self {
            everything: true,
            numbers,
            graphs: all.graphs.into_iter().enumerate().collect(),
            backups: all.backups.into_iter().map(|backup| (backup.id, Some(backup))).collect(),
            jobs: all.jobs.into_iter().map(|job| (job.id, Some(job))).collect(),
        }
    }
}

impl PendingChanges {
    /// Nothing has changed since the file had this service. From now on its changes are tracked.
    pub(crate) fn none_since(service: &mut Service, numbers: Numbers) -> Self {
        service.take_changed();
        Self { latest: ChangeNumber::default(), everything: false, revision: Some(service.revision()), numbers }
    }

    pub(crate) fn latest(&self) -> ChangeNumber {
        self.latest
    }

    /// Counts what changed since the last call as one change. `None` if nothing did.
    pub(crate) fn add(&mut self, service: &Service, clock_ahead_ms: i64) -> Option<ChangeNumber> {
        let numbers = Numbers::of(service, clock_ahead_ms);
        let revision = Some(service.revision());
        if revision == self.revision && numbers == self.numbers {
            return None;
        }
        self.revision = revision;
        self.numbers = numbers;
        self.latest.0 += 1;
        Some(self.latest)
    }

    /// The service was replaced by this one, which counts as a change.
    pub(crate) fn add_everything(&mut self, service: &mut Service) {
        service.take_changed();
        self.everything = true;
        self.revision = None;
    }

    /// The batch that brings the file up to [`latest`](Self::latest).
    pub(crate) fn take(&mut self, service: &mut Service) -> Batch {
        let numbers = self.numbers.clone();
        let changed = service.take_changed();
        if std::mem::take(&mut self.everything) {
            return Batch::of_everything(service, numbers);
        }
        let mut batch = Batch { everything: false, numbers, graphs: Vec::new(), backups: Vec::new(), jobs: Vec::new() };
        for key in changed {
            match key {
                RecordKey::Graph(at) => batch.graphs.push((at, service.graphs()[at].clone())),
                RecordKey::Backup(id) => batch.backups.push((id, service.backup(id).cloned())),
                RecordKey::Job(id) => batch.jobs.push((id, service.job(id).cloned())),
            }
        }
        batch
    }
}
