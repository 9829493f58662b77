//! What changed and is not in the data file yet?

use crate::service::backup::Backup;
use crate::service::graph::Graph;
use crate::service::id::{BackupId, Ids, JobId};
use crate::service::job::Job;
use crate::service::records::Service;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The changes of a service are counted; a change is in the file when the file has its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChangeNumber(u64);

#[cfg(test)]
impl ChangeNumber {
    pub(crate) fn nth(number: u64) -> Self {
        Self(number)
    }
}

/// Which records a file has to be told about, however many calls changed them.
#[derive(Debug)]
pub(crate) struct PendingChanges {
    latest: ChangeNumber,
    /// All that is in the file is out of date.
    everything: bool,
    /// Something happened that no record tells.
    untold: bool,
    graphs: BTreeSet<usize>,
    backups: BTreeSet<BackupId>,
    jobs: BTreeSet<JobId>,
    /// As they are after the latest change.
    numbers: Numbers,
}

/// What is no record of its own.
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
    /// Whatever the file has is to be forgotten first.
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
    /// Nothing changed since the file had these numbers.
    pub(crate) fn none_since(numbers: Numbers) -> Self {
        Self {
            latest: ChangeNumber::default(),
            everything: false,
            untold: false,
            graphs: BTreeSet::new(),
            backups: BTreeSet::new(),
            jobs: BTreeSet::new(),
            numbers,
        }
    }

    pub(crate) fn latest(&self) -> ChangeNumber {
        self.latest
    }

    /// Adds what changed since the last time. `None` if nothing did.
    pub(crate) fn add(&mut self, service: &mut Service, clock_ahead_ms: i64) -> Option<ChangeNumber> {
        let numbers = Numbers::of(service, clock_ahead_ms);
        let changes = service.changes();
        let mut changed = numbers != self.numbers || std::mem::take(&mut self.untold);
        for graph in changes.graphs {
            changed = true;
            self.graphs.insert(graph);
        }
        for backup in changes.backups {
            changed = true;
            self.backups.insert(backup);
        }
        for job in changes.jobs {
            changed = true;
            self.jobs.insert(job);
        }
        self.numbers = numbers;
        changed.then(|| self.next())
    }

    /// The service is another one now.
    pub(crate) fn add_everything(&mut self) {
        self.everything = true;
        self.untold = true;
    }

    /// What the file has to be told to be as new as [`latest`](Self::latest).
    pub(crate) fn take(&mut self, service: &Service) -> Batch {
        let numbers = self.numbers.clone();
        let everything = std::mem::take(&mut self.everything);
        let graphs = std::mem::take(&mut self.graphs);
        let backups = std::mem::take(&mut self.backups);
        let jobs = std::mem::take(&mut self.jobs);
        if everything {
            return Batch::of_everything(service, numbers);
        }
        Batch {
            everything,
            numbers,
            graphs: graphs.into_iter().filter_map(|at| Some((at, service.graph(at)?.clone()))).collect(),
            backups: backups.into_iter().map(|id| (id, service.backup(id).cloned())).collect(),
            jobs: jobs.into_iter().map(|id| (id, service.job(id).cloned())).collect(),
        }
    }

    fn next(&mut self) -> ChangeNumber {
        self.latest.0 += 1;
        self.latest
    }
}
