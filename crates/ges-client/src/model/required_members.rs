//! The members that each response must have.

use crate::generated::types;
use crate::response::Reply;

/// A successful response names its job. "This parameter is left blank when the request fails." (Each page, response
/// parameters.)
macro_rules! names_its_job {
    ($($(#[$cfg:meta])? $reply:ident),* $(,)?) => { $(
        $(#[$cfg])?
        impl Reply for types::$reply {
            fn job_id(&self) -> Option<&str> {
                self.job_id.as_deref()
            }

            fn lacks(&self) -> Option<&'static str> {
                self.job_id.as_ref().is_none_or(String::is_empty).then_some("job ID")
            }
        }
    )* };
}

names_its_job!(
    StartGraphResponse,
    UpgradeGraphResponse,
    StopGraphResponse,
    CreateBackupResponse, // but not `backup_id`: pages of 2024 show a response without it
    #[cfg(feature = "support")]
    StartGraphV2Response,
    #[cfg(feature = "support")]
    RestartGraphV2Response,
    #[cfg(feature = "support")]
    UpgradeGraphV2Response,
    #[cfg(feature = "support")]
    StopGraphV1Response,
    #[cfg(feature = "support")]
    CreateBackupV1Response,
);

/// The published example is `{}`, although the table of its members has a job ID.
impl Reply for types::RestartGraphResponse {
    fn job_id(&self) -> Option<&str> {
        self.job_id.as_deref()
    }

    fn lacks(&self) -> Option<&'static str> {
        None
    }
}

/// A response must have the object that was requested.
macro_rules! must_have {
    ($($(#[$cfg:meta])? $reply:ident: $what:literal, $is_there:expr;)*) => { $(
        $(#[$cfg])?
        impl Reply for types::$reply {
            fn lacks(&self) -> Option<&'static str> {
                let is_there: fn(&Self) -> bool = $is_there;
                (!is_there(self)).then_some($what)
            }
        }
    )* };
}

must_have!(
    Job: "status", |job| job.status.is_some();
    JobV1: "status", |job| job.status.is_some();
    ShowGraphResponse: "graph", |answer| answer.graph.is_some();
    ShowGraphV1Response: "graph", |answer| answer.graph.is_some();
);

// A missing list reads as an empty one; a count shows that it is empty.
#[cfg(feature = "support")]
must_have!(
    ListJobsResponse: "list of jobs", |answer| answer.job_count.is_some() || !answer.job_list.is_empty();
    ListJobsV1Response: "list of jobs", |answer| answer.job_count.is_some() || !answer.job_list.is_empty();
    ListGraphsResponse: "list of graphs", |answer| answer.graph_count.is_some() || !answer.graphs.is_empty();
    ListGraphsV1Response: "list of graphs", |answer| answer.graph_count.is_some() || !answer.graphs.is_empty();
    ListBackupsResponse: "list of backups", |answer| answer.backup_count.is_some() || !answer.backup_list.is_empty();
    ListBackupsV1Response: "list of backups", |answer| answer.backup_count.is_some() || !answer.backup_list.is_empty();
);

// The documented response has no members.
#[cfg(feature = "support")]
must_have!(
    DeleteBackupResponse: "", |_| true;
    DeleteBackupV1Response: "", |_| true;
);
