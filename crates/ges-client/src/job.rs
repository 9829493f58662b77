//! Names a job and its graph.

/// The job that a call started. Another process can wait for it by its two IDs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The ID of its graph.
    pub graph_id: String,
    /// The ID of the job, as the call returned it.
    pub job_id: String,
}

impl Job {
    /// The job `job_id` of the graph `graph_id`.
    pub fn new(graph_id: impl Into<String>, job_id: impl Into<String>) -> Job {
        Job { graph_id: graph_id.into(), job_id: job_id.into() }
    }
}

/// A [`Job`], or the response of a call that names one: an argument of [`Client::wait_for`](crate::Client::wait_for).
pub trait NamesJob {
    /// The job, or `None` if the response does not name it.
    fn job(&self) -> Option<Job>;
}

impl NamesJob for Job {
    fn job(&self) -> Option<Job> {
        Some(self.clone())
    }
}
