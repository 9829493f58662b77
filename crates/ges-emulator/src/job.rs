//! What is a job, and has it ended?

use crate::Transitions;
use crate::id::{BackupId, GraphId, JobId};
use crate::moment::Moment;
use crate::version::Version;
use std::time::Duration;

/// What happens because a call was accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) graph: GraphId,
    pub(crate) task: Task,
    pub(crate) accepted: Moment,
    pub(crate) course: Course,
    /// Set once and never again.
    pub(crate) end: Option<End>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Task {
    Start { restore: Option<Version> },
    Restart,
    Stop,
    Upgrade { target: Version },
    BackUp { backup: BackupId },
    Import,
    Export,
    Clear,
    RollBack,
}

/// What has to come before a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// Another job of the graph has to end first.
    Waiting,
    Looks {
        seen: u32,
        needed: u32,
        last: Moment,
    },
    Time {
        from: Moment,
        until: Moment,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) at: Moment,
    pub(crate) failure: Option<&'static str>,
}

/// The words of the reference (job management, `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStatus {
    Pending,
    Running,
    Success,
    Failed,
}

impl Job {
    /// When the job ends by itself, if that is settled and has not happened yet.
    pub(crate) fn due(&self) -> Option<Moment> {
        match (self.end, self.course) {
            (Some(_), _) | (None, Course::Waiting) => None,
            (None, Course::Looks { seen, needed, last }) => (seen >= needed).then_some(last),
            (None, Course::Time { until, .. }) => Some(until),
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Somebody looked at the job or at its graph.
    pub(crate) fn was_seen(&mut self, now: Moment) {
        if let (None, Course::Looks { seen, last, .. }) = (self.end, &mut self.course) {
            *seen = seen.saturating_add(1);
            *last = now;
        }
    }

    /// Whether `part` of `whole` of the course is behind the job.
    pub(crate) fn has_done(&self, part: u32, whole: u32, now: Moment) -> bool {
        match self.course {
            Course::Waiting => false,
            Course::Looks { seen, needed, .. } => {
                u64::from(seen) * u64::from(whole) >= u64::from(needed) * u64::from(part)
            }
            Course::Time { from, until } => {
                now.since(from).as_millis() * u128::from(whole) >= until.since(from).as_millis() * u128::from(part)
            }
        }
    }

    /// A job is pending while it waits and during the first tenth of its course.
    pub(crate) fn status(&self, now: Moment) -> JobStatus {
        match self.end {
            Some(End { failure: None, .. }) => JobStatus::Success,
            Some(End { failure: Some(_), .. }) => JobStatus::Failed,
            None if self.has_done(1, 10, now) => JobStatus::Running,
            None => JobStatus::Pending,
        }
    }
}

impl Course {
    pub(crate) fn beginning(now: Moment, transitions: Transitions) -> Self {
        match transitions {
            Transitions::Immediate => Self::lasting(Duration::ZERO, now),
            Transitions::Manual(needed) => Self::Looks { seen: 0, needed, last: now },
            Transitions::Time(duration) => Self::lasting(duration, now),
        }
    }

    pub(crate) fn lasting(duration: Duration, now: Moment) -> Self {
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

    pub(crate) const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Success, Self::Failed];
}
