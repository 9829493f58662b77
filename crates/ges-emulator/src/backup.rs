//! What is a backup?

use crate::id::{BackupId, GraphId};
use crate::moment::Moment;
use crate::version::Version;

/// What a graph was when it was copied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backup {
    pub(crate) id: BackupId,
    /// The how-manieth of all backups this is.
    pub(crate) number: u64,
    pub(crate) graph: GraphId,
    pub(crate) version: Version,
    pub(crate) began: Moment,
    pub(crate) status: BackupStatus,
}

/// The words of the reference (backup management, `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackupStatus {
    BackingUp,
    Success { at: Moment },
    Failed { at: Moment },
}

impl BackupStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::BackingUp => "backing_up",
            Self::Success { .. } => "success",
            Self::Failed { .. } => "failed",
        }
    }

    pub(crate) fn ended(self) -> Option<Moment> {
        match self {
            Self::BackingUp => None,
            Self::Success { at } | Self::Failed { at } => Some(at),
        }
    }
}
