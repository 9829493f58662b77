//! Jobs, their progress and their end.

use crate::service::clock::{self, Timestamp};
use crate::service::id::{BackupId, GraphId, JobId};
use crate::service::transitions::Transitions;
use crate::service::version::Version;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The asynchronous part of an accepted call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    #[serde(rename = "graph_id")]
    pub(crate) graph: GraphId,
    pub(crate) task: Task,
    #[serde(with = "clock::as_millis")]
    pub(crate) accepted: Timestamp,
    #[serde(rename = "course")]
    pub(crate) progress: Progress,
    /// Whether it fails, because of a fault rule.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_to_fail: bool,
    /// Set once and never changed.
    pub(crate) end: Option<End>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Task {
    Start {
        restore: Option<Version>,
    },
    Restart,
    Stop,
    Upgrade {
        target: Version,
    },
    BackUp {
        #[serde(rename = "backup_id")]
        backup: BackupId,
    },
    Import,
    Export,
    Clear,
    RollBack,
}

/// The condition for the end of a job, and the progress towards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Progress {
    /// Another job of the graph must end first.
    Waiting,
    #[serde(rename = "looks")]
    Queries {
        seen: u32,
        needed: u32,
        #[serde(with = "clock::as_millis")]
        last: Timestamp,
    },
    Time {
        #[serde(with = "clock::as_millis")]
        from: Timestamp,
        #[serde(with = "clock::as_millis")]
        until: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    #[serde(with = "clock::as_millis")]
    pub(crate) at: Timestamp,
    pub(crate) failure: Option<Failure>,
}

/// Why a job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    Restart,
    Upgrade,
    /// A fault rule matched.
    OnPurpose,
}

impl Failure {
    /// The reason in a failed job.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Restart => "The graph was forcibly restarted.",
            Self::Upgrade => "The graph was forcibly upgraded.",
            Self::OnPurpose => "An internal error occurs in the underlying service of the graph engine.",
        }
    }
}

/// The words of the reference (job management, `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStatus {
    Pending,
    Running,
    Success,
    Failed,
    /// Since the end of 2025, and in version 2 only. No job of the emulator ends like this.
    PartiallyFailed,
}

impl Job {
    /// When the job ends, if that is known and it has not ended.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        match (self.end, self.progress) {
            (Some(_), _) | (None, Progress::Waiting) => None,
            (None, Progress::Queries { seen, needed, last }) => (seen >= needed).then_some(last),
            (None, Progress::Time { until, .. }) => Some(until),
        }
    }

    /// Whether another job of the graph must end first.
    pub(crate) fn is_waiting(&self) -> bool {
        self.progress == Progress::Waiting
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether queries advance the job.
    pub(crate) fn counts_queries(&self) -> bool {
        self.end.is_none() && matches!(self.progress, Progress::Queries { .. })
    }

    /// The job or its graph was shown or listed.
    pub(crate) fn count_query(&mut self, now: Timestamp) {
        if let (None, Progress::Queries { seen, last, .. }) = (self.end, &mut self.progress) {
            *seen = seen.saturating_add(1);
            *last = now;
        }
    }

    /// Whether `part` of `whole` of the job is done.
    pub(crate) fn has_done(&self, part: u32, whole: u32, now: Timestamp) -> bool {
        match self.progress {
            Progress::Waiting => false,
            Progress::Queries { seen, needed, .. } => {
                u64::from(seen) * u64::from(whole) >= u64::from(needed) * u64::from(part)
            }
            Progress::Time { from, until } => {
                now.since(from).as_millis() * u128::from(whole) >= until.since(from).as_millis() * u128::from(part)
            }
        }
    }

    /// The finished part of the job in percent; at most 99 before its end.
    pub(crate) fn percentage(&self, now: Timestamp) -> u32 {
        (0..100).rev().find(|&part| self.has_done(part, 100, now)).unwrap_or_default()
    }

    /// A job is pending while it waits and during its first tenth.
    pub(crate) fn status(&self, now: Timestamp) -> JobStatus {
        match self.end {
            Some(End { failure: None, .. }) => JobStatus::Success,
            Some(End { failure: Some(_), .. }) => JobStatus::Failed,
            None if self.has_done(1, 10, now) => JobStatus::Running,
            None => JobStatus::Pending,
        }
    }
}

impl Progress {
    pub(crate) fn beginning(now: Timestamp, transitions: Transitions) -> Self {
        match transitions {
            Transitions::Immediate => Self::lasting(Duration::ZERO, now),
            Transitions::Manual(needed) => Self::Queries { seen: 0, needed, last: now },
            Transitions::Time(duration) => Self::lasting(duration, now),
        }
    }

    pub(crate) fn lasting(duration: Duration, now: Timestamp) -> Self {
        Self::Time { from: now, until: now.plus(duration) }
    }
}

impl Task {
    /// `ImportGraph` is documented (reference: job management, `jobName`); the others follow it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "StartGraph",
            Self::Restart => "RestartGraph",
            Self::Stop => "StopGraph",
            Self::Upgrade { .. } => "UpgradeGraph",
            Self::BackUp { .. } => "BackupGraph",
            Self::Import => "ImportGraph",
            Self::Export => "ExportGraph",
            Self::Clear => "ClearGraph",
            Self::RollBack => "RollbackGraph",
        }
    }
}

impl JobStatus {
    /// The word in a job.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::PartiallyFailed => "partiallyFailed",
        }
    }

    /// The word that a list of jobs is filtered by: `waiting`, where a job says `pending`
    /// (reference: job management, query parameter `status`).
    pub(crate) fn filter_word(self) -> &'static str {
        match self {
            Self::Pending => "waiting",
            other => other.word(),
        }
    }

    pub(crate) const ALL: [Self; 5] =
        [Self::Pending, Self::Running, Self::Success, Self::Failed, Self::PartiallyFailed];
}
