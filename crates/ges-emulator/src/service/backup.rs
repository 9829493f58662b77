//! Backups.

use crate::service::clock::{self, Timestamp};
use crate::service::id::{BackupId, GraphId};
use crate::service::version::Version;
use serde::{Deserialize, Serialize};

/// A copy of a graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) id: BackupId,
    /// Backups are numbered from 1 in the order in which they began.
    pub(crate) number: u64,
    #[serde(rename = "graph_id")]
    pub(crate) graph: GraphId,
    pub(crate) version: Version,
    #[serde(with = "clock::as_millis")]
    pub(crate) began: Timestamp,
    pub(crate) status: BackupStatus,
}

/// The words of the reference (backup management, `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BackupStatus {
    BackingUp,
    Success {
        #[serde(with = "clock::as_millis")]
        at: Timestamp,
    },
    Failed {
        #[serde(with = "clock::as_millis")]
        at: Timestamp,
    },
}

impl BackupStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::BackingUp => "backing_up",
            Self::Success { .. } => "success",
            Self::Failed { .. } => "failed",
        }
    }

    pub(crate) fn ended(self) -> Option<Timestamp> {
        match self {
            Self::BackingUp => None,
            Self::Success { at } | Self::Failed { at } => Some(at),
        }
    }
}
